"""A ranker against what served the lists it is judged by: DCG@10 without the position's share, of the best there is."""

import numpy as np

from hamlet_sidecar.errors import SidecarError
from hamlet_sidecar.ranker.impressions import Impressions

K = 10
RESAMPLES = 1000
# Places that are looked at more seldom are left out on both sides: a deed there would speak for all others.
LEAST_ATTENTION = 0.05


def compare(later: Impressions, scores: np.ndarray, attention: np.ndarray, seed: int) -> dict:
    """Both, and the 95 % interval of their difference (paired bootstrap over people).

    Deeds weigh one over the attention of their place (Joachims et al., WSDM 2017), so that neither order gains by
    being the one that was shown. Sums over all lists are divided, not each list's: a list with one deed would come to
    the same whatever that weighs, and the order that was shown would win by having been shown. Lists with which
    nothing was done say nothing of either. Raises SidecarError `dataset-empty`.
    """
    seen = attention[later.positions] >= LEAST_ATTENTION
    later, scores = later.of(seen), scores[seen]
    gains = later.outcomes / attention[later.positions]
    if not gains.any():
        raise SidecarError(
            'dataset-empty', 'with the latest lists something was done only where hardly anybody looks'
        )
    return told(*sum_by_person(later, gains, (scores, later.scores)), seed)


def sum_by_person(later: Impressions, gains: np.ndarray, orders: tuple[np.ndarray, np.ndarray]) -> tuple:
    """DCG of both orders and the greatest there is, each (people), and of how many lists that is."""
    people, sums = [], []
    for rows in np.split(np.arange(len(later.lists)), np.flatnonzero(np.diff(later.lists)) + 1):
        if gains[rows].max(initial=0) > 0:
            people.append(later.people[rows[0]])
            sums.append([dcg(gains[rows], order[rows]) for order in (*orders, gains)])
    _, numbers = np.unique(people, return_inverse=True)
    return *(np.bincount(numbers, column) for column in np.array(sums).T), len(sums)


def told(mine: np.ndarray, served: np.ndarray, best: np.ndarray, lists: int, seed: int) -> dict:
    count = len(mine)
    drawn = np.random.default_rng(seed).integers(count, size=(RESAMPLES, count))
    low, high = np.quantile((mine - served)[drawn].sum(1) / best[drawn].sum(1), [0.025, 0.975])
    return {
        'metric': f'NDCG@{K}',
        'challenger': float(mine.sum() / best.sum()),
        'champion': float(served.sum() / best.sum()),
        'difference': float((mine - served).sum() / best.sum()),
        'ci95': [float(low), float(high)],
        'people': count,
        'lists': lists,
    }


def dcg(gains: np.ndarray, scores: np.ndarray) -> float:
    """The mean over the orders of equals, so that neither side gains by what it cannot tell apart."""
    discounts = 1 / np.log2(np.arange(len(gains)) + 2)
    discounts[K:] = 0
    _, groups, sizes = np.unique(-scores, return_inverse=True, return_counts=True)
    shared = np.add.reduceat(discounts, np.cumsum(sizes) - sizes) / sizes
    return float((gains * shared[groups]).sum())
