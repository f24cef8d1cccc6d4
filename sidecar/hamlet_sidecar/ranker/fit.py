"""Fits a ranker and the attention that biased its log, together, by maximum likelihood.

Of the places of a list on which something was done, each is as likely as attention(place) × liking(features): a
conditional logit (McFadden 1974) with the logarithm of the attention as an offset, of which only the liking is served.
Within a list it does not matter how active its person is, nor by what the list's features were divided. Weighing
each deed by one over its place's attention would do the same in the mean, but what was done far down would outweigh
all else, and the attention would have to be known beforehand.
"""

import math
from dataclasses import dataclass

import numpy as np
import torch

from hamlet_sidecar.errors import SidecarError
from hamlet_sidecar.ranker.impressions import Impressions
from hamlet_sidecar.ranker.model import LEAST, MODELS, Attention, Ranker

STEPS = 40
FOLDS = 3
# Before anything is known each number is drawn from a normal distribution about where it begins, with this deviation:
# few lists move little. Of a feature it is nats, from 0 to 1.
DEVIATION = 1.0
# Rows at a time: products of features of more would need a gigabyte.
ROWS = 1 << 17


@dataclass(frozen=True)
class Fitted:
    """attention: by place."""

    model: str
    ranker: Ranker
    attention: np.ndarray

    def scores(self, features: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            return torch.sigmoid(self.ranker(torch.from_numpy(features))).numpy()

    def losses(self, rows: Impressions) -> np.ndarray:
        """Of each list on which something was done, in nats."""
        attention = torch.from_numpy(self.attention).log()
        with torch.inference_mode():
            return losses_of(self.ranker, attention, acted_on(rows)).numpy()


def fit(model: str, rows: Impressions, places: int, seed: int, job) -> Fitted:
    """The likeliest ranker, beginning at the blend. Raises SidecarError `loss-not-finite`.

    The whole log at every step (L-BFGS): it is small, and nothing then depends on when one stops.
    """
    torch.manual_seed(seed)
    learned = acted_on(rows)
    weights = torch.from_numpy(learned.blend)
    unit = float((learned.features**2 @ learned.blend).mean())
    ranker, attention = Ranker(model, weights, unit if unit > 0 else 1.0), Attention(max(2, places))
    count = int(learned.lists[-1]) + 1
    optimiser = torch.optim.LBFGS(
        [*ranker.parameters(), *attention.parameters()], max_iter=STEPS, line_search_fn='strong_wolfe'
    )
    parts = parts_of(learned)

    def loss() -> float:
        job.raise_if_cancelled()
        optimiser.zero_grad()
        total = ranker.learned() / (2 * DEVIATION**2 * count)
        total.backward()
        for part in parts:
            share = losses_of(ranker, attention(), part).sum() / count
            share.backward()
            total = total + share.detach()
        if not math.isfinite(total.item()):
            raise SidecarError('loss-not-finite', f'the loss of {model} became {total.item()}')
        return total

    optimiser.step(loss)
    chances = attention().detach().exp().clamp(min=LEAST).numpy()
    set_level(ranker, chances, rows)
    return Fitted(model, ranker, chances)


def parts_of(rows: Impressions) -> list[Impressions]:
    """Whole lists, some ROWS rows a part."""
    starts = np.flatnonzero(np.diff(rows.lists, prepend=-1))
    part = starts // ROWS
    ends = [*starts[np.flatnonzero(np.diff(part)) + 1], len(rows.lists)]
    cut = [rows.of(np.arange(start, end)) for start, end in zip([0, *ends[:-1]], ends, strict=True)]
    return [part.numbered(part.lists - part.lists[0]) for part in cut]


def acted_on(rows: Impressions) -> Impressions:
    """Lists on which something was done, numbered from 0: the others do not tell places apart."""
    done = np.bincount(rows.lists, rows.outcomes) > 0
    kept = rows.of(done[rows.lists])
    return kept.numbered(np.unique(kept.lists, return_inverse=True)[1])


def losses_of(ranker: Ranker, attention: torch.Tensor, rows: Impressions) -> torch.Tensor:
    """Cross-entropy of each list; of several deeds in one list a weak one counts as a part of a strong one.

    rows: lists numbered from 0, none left out. attention: logarithms, by place.
    """
    numbers, outcomes = torch.from_numpy(rows.lists), torch.from_numpy(rows.outcomes)
    count = int(rows.lists[-1]) + 1
    logits = ranker(torch.from_numpy(rows.features)) + attention[torch.from_numpy(rows.positions)]
    highest = torch.zeros(count).scatter_reduce(0, numbers, logits.detach(), 'amax', include_self=False)
    sums = torch.zeros(count).index_add(0, numbers, (logits - highest[numbers]).exp())
    whole = sums.log() + highest
    deeds = torch.zeros(count).index_add(0, numbers, outcomes)
    return torch.zeros(count).index_add(0, numbers, outcomes * (whole[numbers] - logits)) / deeds


def set_level(ranker: Ranker, attention: np.ndarray, rows: Impressions) -> None:
    """Lists do not say how likely a deed is at all; the log does: the bias at which its mean comes out right."""
    looked = torch.from_numpy(attention)[torch.from_numpy(rows.positions)]
    bias = ranker.belief[2]
    with torch.inference_mode():
        logits = ranker(torch.from_numpy(rows.features)) - bias
        low, high = -30.0, 30.0
        for _ in range(40):
            middle = (low + high) / 2
            many = (looked * torch.sigmoid(logits + middle)).mean().item() > rows.outcomes.mean()
            low, high = (low, middle) if many else (middle, high)
        ranker.belief[2] = low


def losses_apart(model: str, rows: Impressions, places: int, seed: int, job) -> np.ndarray:
    """Of each list on which something was done, by a fit that has not seen it: every FOLDS-th list in turn."""
    rows = acted_on(rows)
    losses = np.empty(rows.lists[-1] + 1)
    for fold in range(FOLDS):
        apart = rows.lists % FOLDS == fold
        fitted = fit(model, rows.of(~apart), places, seed, job)
        losses[fold::FOLDS] = fitted.losses(rows.of(apart))
        job.progress(
            (MODELS.index(model) + fold / FOLDS) / len(MODELS), loss=float(losses[fold::FOLDS].mean())
        )
    return losses


def simplest_of(losses: dict[str, np.ndarray]) -> str:
    """The simplest model that a more complex one does not beat by a standard error of the paired difference."""
    chosen, *others = losses
    for other in others:
        gains = losses[chosen] - losses[other]
        if gains.mean() > gains.std() / math.sqrt(len(gains)):
            chosen = other
    return chosen
