"""A ranker against what served the lists it is judged by: NDCG@10 without the position's share, person by person."""

import numpy as np

from hamlet_sidecar.ranker.impressions import Impressions

K = 10
RESAMPLES = 1000
# A deed at a place that is hardly ever looked at counts at most so many times.
HEAVIEST = 10.0


def compare(later: Impressions, scores: np.ndarray, attention: np.ndarray, seed: int) -> dict:
    """Both in mean over people, and the 95 % interval of their difference (paired bootstrap over people).

    Deeds weigh one over the attention of their place (Joachims et al., WSDM 2017), so that neither order gains by
    being the one that was shown. Lists with which nothing was done say nothing of either.
    """
    weights = later.outcomes * np.minimum(HEAVIEST, 1 / attention[later.positions])
    people, figures = [], []
    for rows in np.split(np.arange(len(later.lists)), np.flatnonzero(np.diff(later.lists)) + 1):
        if weights[rows].max() > 0:
            people.append(later.people[rows[0]])
            figures.append([ndcg(weights[rows], order[rows]) for order in (scores, later.scores)])
    _, numbers = np.unique(people, return_inverse=True)
    counts = np.bincount(numbers)
    mine, served = (np.bincount(numbers, column) / counts for column in np.array(figures).T)
    differences = mine - served
    random = np.random.default_rng(seed)
    drawn = random.integers(len(counts), size=(RESAMPLES, len(counts)))
    low, high = np.quantile(differences[drawn].mean(1), [0.025, 0.975])
    return {
        'metric': f'NDCG@{K}',
        'challenger': float(mine.mean()),
        'champion': float(served.mean()),
        'difference': float(differences.mean()),
        'ci95': [float(low), float(high)],
        'people': len(counts),
        'lists': len(figures),
    }


def ndcg(gains: np.ndarray, scores: np.ndarray) -> float:
    """Ties count against: of equals the one with the least gain stands first."""
    discounts = 1 / np.log2(np.arange(min(K, len(gains))) + 2)
    order = np.lexsort((gains, -scores))[:K]
    best = np.sort(gains)[::-1][:K]
    return float((gains[order] * discounts).sum() / (best * discounts).sum())
