"""Fits a ranker and the attention that biased its log, together, by maximum likelihood.

P(acted on) = P(looked at | place) × P(acted on | features, looked at), as in PAL (Guo et al., RecSys 2019), and only
the second factor is served. Weighing each row by one over its place's attention would do the same in the mean, but
rows far down a list would then outweigh all others, and the attention would have to be known beforehand.
"""

import copy
import math
from dataclasses import dataclass

import numpy as np
import torch

from hamlet_sidecar.errors import SidecarError
from hamlet_sidecar.ranker.impressions import Impressions
from hamlet_sidecar.ranker.model import Attention, Ranker

ROWS_A_STEP = 8192
LEARNING_RATE = 0.02
EPOCHS = 60
PATIENCE = 4
# Against weights of features that say nothing.
DECAY = 1e-3


@dataclass(frozen=True)
class Fitted:
    """attention: by place; losses: of each later list, in nats a row."""

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
    best, since, kept = math.inf, 0, None
    for epoch in range(EPOCHS):
        for rows in np.array_split(
            random.permutation(len(earlier.lists)), math.ceil(len(earlier.lists) / ROWS_A_STEP)
        ):
            job.raise_if_cancelled()
            loss = losses_of(ranker, attention, earlier.of(rows)).mean()
            if not math.isfinite(loss.item()):
                raise SidecarError(
                    'loss-not-finite', f'the loss of {model} became {loss.item()} in epoch {epoch}'
                )
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
        with torch.inference_mode():
            judged = losses_of(ranker, attention, later).numpy()
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
    counts = np.bincount(later.lists - later.lists.min())
    by_list = np.bincount(later.lists - later.lists.min(), judged) / np.maximum(1, counts)
    return Fitted(model, ranker, chances, by_list[counts > 0], epochs)


def losses_of(ranker: Ranker, attention: Attention, rows: Impressions) -> torch.Tensor:
    """Cross-entropy of each row; a weak deed counts as a part of a strong one."""
    looked = attention()[torch.from_numpy(rows.positions)]
    chance = looked * torch.sigmoid(ranker(torch.from_numpy(rows.features)))
    return torch.nn.functional.binary_cross_entropy(
        chance.clamp(1e-6, 1 - 1e-6), torch.from_numpy(rows.outcomes), reduction='none'
    )


def simplest_of(fits: list[Fitted]) -> Fitted:
    """The simplest one that a more complex one does not beat by a standard error of the paired difference."""
    chosen = fits[0]
    for other in fits[1:]:
        gains = chosen.losses - other.losses
        if gains.mean() > gains.std() / math.sqrt(len(gains)):
            chosen = other
    return chosen
