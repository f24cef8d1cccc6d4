"""Fits a ranker and the attention that biased its log, together, by maximum likelihood.

Of the places of a list on which something was done, each is as likely as attention(place) × liking(features): a
conditional logit (McFadden 1974) with the logarithm of the attention as an offset, of which only the liking is served.
Within a list it does not matter how active its person is, nor by what the list's features were divided. Weighing
each deed by one over its place's attention would do the same in the mean, but what was done far down would outweigh
all else, and the attention would have to be known beforehand.
"""

import copy
import math
from dataclasses import dataclass

import numpy as np
import torch

from hamlet_sidecar.errors import SidecarError
from hamlet_sidecar.ranker.impressions import Impressions
from hamlet_sidecar.ranker.model import Attention, Ranker

LISTS_A_STEP = 128
LEARNING_RATE = 0.02
EPOCHS = 200
PATIENCE = 10
# Against weights of features that say nothing.
DECAY = 1e-2


@dataclass(frozen=True)
class Fitted:
    """attention: by place; losses: of each later list on which something was done, in nats."""

    model: str
    ranker: Ranker
    attention: np.ndarray
    losses: np.ndarray
    epochs: int

    def scores(self, features: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            return torch.sigmoid(self.ranker(torch.from_numpy(features))).numpy()


def fit(model: str, earlier: Impressions, later: Impressions, seed: int, job) -> Fitted:
    """Ends when later lists get no likelier. Raises SidecarError `loss-not-finite`."""
    torch.manual_seed(seed)
    random = np.random.default_rng(seed)
    places = int(max(earlier.positions.max(), later.positions.max())) + 1
    ranker, attention = Ranker(len(earlier.names), model), Attention(max(2, places))
    groups = [
        {'params': ranker.parameters(), 'weight_decay': DECAY},
        {'params': attention.parameters(), 'weight_decay': 0.0},
    ]
    optimiser = torch.optim.AdamW(groups, lr=LEARNING_RATE)
    learned, judged_by = acted_on(earlier), acted_on(later)
    count = learned.lists[-1] + 1
    best, since, kept = math.inf, 0, None
    for epoch in range(EPOCHS):
        for some in np.array_split(random.permutation(count), math.ceil(count / LISTS_A_STEP)):
            job.raise_if_cancelled()
            loss = losses_of(ranker, attention, learned.of(np.isin(learned.lists, some))).mean()
            if not math.isfinite(loss.item()):
                raise SidecarError(
                    'loss-not-finite', f'the loss of {model} became {loss.item()} in epoch {epoch}'
                )
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
        with torch.inference_mode():
            judged = losses_of(ranker, attention, judged_by).numpy()
        job.progress(epoch / EPOCHS, epoch=epoch, loss=float(judged.mean()))
        since = 0 if judged.mean() < best else since + 1
        if since == 0:
            best, kept = (
                judged.mean(),
                (copy.deepcopy(ranker), attention().detach().numpy(), judged, epoch + 1),
            )
        if since >= PATIENCE:
            break
    ranker, chances, judged, epochs = kept
    set_level(ranker, chances, earlier)
    return Fitted(model, ranker, chances, judged, epochs)


def acted_on(rows: Impressions) -> Impressions:
    """Lists on which something was done, numbered from 0: the others do not tell places apart."""
    done = np.bincount(rows.lists, rows.outcomes) > 0
    kept = rows.of(done[rows.lists])
    return kept.numbered(np.unique(kept.lists, return_inverse=True)[1])


def losses_of(ranker: Ranker, attention: Attention, rows: Impressions) -> torch.Tensor:
    """Cross-entropy of each list; of several deeds in one list a weak one counts as a part of a strong one."""
    _, lists = np.unique(rows.lists, return_inverse=True)
    numbers, outcomes = torch.from_numpy(lists), torch.from_numpy(rows.outcomes)
    count = int(lists.max()) + 1
    logits = ranker(torch.from_numpy(rows.features)) + attention().log()[torch.from_numpy(rows.positions)]
    # The highest of all is as good as each list's own: no list is further from it than floats reach.
    whole = torch.zeros(count).index_add(0, numbers, (logits - logits.max()).exp()).log() + logits.max()
    deeds = torch.zeros(count).index_add(0, numbers, outcomes)
    return torch.zeros(count).index_add(0, numbers, outcomes * (whole[numbers] - logits)) / deeds


def set_level(ranker: Ranker, attention: np.ndarray, rows: Impressions) -> None:
    """Lists do not say how likely a deed is at all; the log does: the bias at which its mean comes out right."""
    looked = torch.from_numpy(attention)[torch.from_numpy(rows.positions)]
    bias = ranker.last.bias
    with torch.inference_mode():
        logits = ranker(torch.from_numpy(rows.features)) - bias
        low, high = -30.0, 30.0
        for _ in range(40):
            middle = (low + high) / 2
            many = (looked * torch.sigmoid(logits + middle)).mean().item() > rows.outcomes.mean()
            low, high = (low, middle) if many else (middle, high)
        bias.fill_(low)


def simplest_of(fits: list[Fitted]) -> Fitted:
    """The simplest one that a more complex one does not beat by a standard error of the paired difference."""
    chosen = fits[0]
    for other in fits[1:]:
        gains = chosen.losses - other.losses
        if gains.mean() > gains.std() / math.sqrt(len(gains)):
            chosen = other
    return chosen
