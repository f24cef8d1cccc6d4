"""Pairs of two places in the pool, by each source; what is left out is counted by its reason."""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from hamlet_sidecar.dpo.pairs.examination import Examination
from hamlet_sidecar.dpo.pairs.pool import Showings
from hamlet_sidecar.dpo.pairs.rates import Rates

# In standard deviations of a cluster's scores.
TIE = 0.25
# How sure it has to be that more people like the winner.
SURE = 0.95
TRIES = 60
HEAVIEST = 10.0


@dataclass
class Candidates:
    """`found`: (winner, loser, cluster, margin)."""

    found: list[tuple[int, int, int, float]] = field(default_factory=list)
    left_out: Counter = field(default_factory=Counter)


def standardised(scores: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Within each cluster mean 0 and deviation 1, since HPSv2 compares only what one prompt asked for."""
    out = np.zeros(len(scores))
    for cluster in range(labels.max() + 1):
        inside = labels == cluster
        spread = scores[inside].std()
        out[inside] = (scores[inside] - scores[inside].mean()) / spread if spread > 1e-9 else 0.0
    return out


def min_max(scores: np.ndarray, labels: np.ndarray, tie: float = TIE) -> Candidates:
    """The best of a cluster against its worst (the paper), then the second against the last but one, …"""
    out = Candidates()
    clusters = [
        np.flatnonzero(labels == c)[np.argsort(-scores[labels == c], kind='stable')]
        for c in range(labels.max() + 1)
    ]
    for depth in range(max(len(order) // 2 for order in clusters)):
        for cluster, order in enumerate(clusters):
            if depth < len(order) // 2:
                best, worst = order[depth], order[-1 - depth]
                margin = float(scores[best] - scores[worst])
                if margin < tie:
                    out.left_out['ties'] += 1
                else:
                    out.found.append((int(best), int(worst), cluster, margin))
    return out


def by_rates(rates: Rates, labels: np.ndarray, count: int, random, sure: float | None) -> Candidates:
    """Random pairs of a cluster, the one that more like first. `sure`: None takes any that differ (a crowd)."""
    out = Candidates()
    for i, j, cluster in random_pairs(labels, count * TRIES, random):
        better, worse = (i, j) if rates.mean[i] >= rates.mean[j] else (j, i)
        gap = float(rates.mean[better] - rates.mean[worse])
        deviation = float(np.sqrt(rates.variance[better] + rates.variance[worse]))
        if rates.exposure[better] == 0 or rates.exposure[worse] == 0:
            out.left_out['unseen'] += 1
        elif gap < 1e-9 or (sure is not None and _normal_cdf(gap / deviation) < sure):
            out.left_out['ties'] += 1
        else:
            out.found.append((better, worse, cluster, gap / deviation))
    return out


def of_one_person(
    showings: Showings, examination: Examination, labels: np.ndarray, count: int, random
) -> Candidates:
    """What a person liked against what the same person passed over, in one cluster.

    A like further down stands for others that nobody scrolled to, so it is drawn oftener; what was passed over
    there was perhaps not seen, so it is drawn more seldom.
    """
    out = Candidates()
    looked = np.where(showings.seen, 1.0, examination.at(showings.position))
    cluster = labels[showings.picture]
    liked, passed = showings.liked & (cluster >= 0), ~showings.liked & (cluster >= 0)
    both = [c for c in np.unique(cluster[liked]) if (passed & (cluster == c)).any()]
    if not both:
        return out
    chance = np.minimum(1 / examination.at(showings.position), HEAVIEST)
    mass = np.array([chance[liked & (cluster == c)].sum() for c in both])
    for c in random.choice(both, count * TRIES, p=mass / mass.sum()):
        winner = _draw(np.flatnonzero(liked & (cluster == c)), chance, random)
        loser = _draw(np.flatnonzero(passed & (cluster == c)), looked, random)
        out.found.append(
            (
                int(showings.picture[winner]),
                int(showings.picture[loser]),
                int(c),
                float(looked[loser]),
            )
        )
    return out


def random_pairs(labels: np.ndarray, count: int, random):
    """Two different places of one cluster; a cluster comes as often as it is large."""
    members = [np.flatnonzero(labels == c) for c in range(labels.max() + 1)]
    members = [(c, inside) for c, inside in enumerate(members) if len(inside) > 1]
    if not members:
        return
    sizes = np.array([len(inside) for _, inside in members], float)
    for which in random.choice(len(members), count, p=sizes / sizes.sum()):
        cluster, inside = members[which]
        i, j = random.choice(inside, 2, replace=False)
        yield int(i), int(j), cluster


def _draw(places: np.ndarray, weights: np.ndarray, random) -> int:
    chances = weights[places]
    return int(random.choice(places, p=chances / chances.sum()))


def _normal_cdf(x: float) -> float:
    from math import erf

    return (1 + erf(x / 2**0.5)) / 2
