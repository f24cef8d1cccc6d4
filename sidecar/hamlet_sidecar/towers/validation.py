"""Recall@20 and NDCG@20 over the whole catalogue: the seen left out, ties against the model."""

import numpy as np
import torch
from torch import Tensor

from hamlet_sidecar.towers.examples import batch_of

K = 20
PEOPLE = 256
# Who is asked about does not depend on a training's seed.
ASKED_SEED = 20
NONE = np.zeros(0, np.int64)


def asked_people(kept: list[np.ndarray], learned: list[np.ndarray], most: int) -> np.ndarray:
    """At most so many of those who have something to be asked and a history to ask with."""
    people = np.array([u for u in range(len(kept)) if len(kept[u]) and len(learned[u])], np.int64)
    return np.sort(np.random.default_rng(ASKED_SEED).permutation(people)[:most])


@torch.inference_mode()
def judge(
    model,
    people: np.ndarray,
    learned: list[np.ndarray],
    kept: list[np.ndarray],
    length: int,
    others: np.ndarray = NONE,
) -> dict:
    """Means over people; `others`: columns that are not asked about. Recall@20 is hits by targets, uncapped; the ideal of NDCG@20 has all targets first."""
    history, weights, items = model.tables()
    vectors = model.vectors(items)
    recalls, gains = [], []
    for start in range(0, len(people), PEOPLE):
        some = people[start : start + PEOPLE]
        batch = batch_of([learned[u] for u in some], [kept[u] for u in some], length)
        scores = model.users(batch.bags, history, weights) @ vectors.T
        for row, u in enumerate(some):
            recall, gain = figures_of(scores[row], np.concatenate([learned[u], others]), kept[u])
            recalls.append(recall)
            gains.append(gain)
    return {f'Recall@{K}': float(np.mean(recalls)), f'NDCG@{K}': float(np.mean(gains))}


def figures_of(scores: Tensor, seen: np.ndarray, targets: np.ndarray) -> tuple[float, float]:
    """A target's rank is how many unseen items do not score less: a constant and NaN rank it last."""
    own = scores[torch.from_numpy(targets).long()]
    scores = scores.clone()
    scores[torch.from_numpy(seen).long()] = float('-inf')
    best = scores.nan_to_num(nan=float('inf')).topk(min(K + len(targets), len(scores))).values
    # Itself is among them; so is each other target, where it stands.
    ranks = (~(best[None, :] < own[:, None])).sum(1).clamp(min=1)
    hit = ranks <= K
    ideal = (1 / torch.arange(2, min(len(targets), K) + 2).log2()).sum()
    gain = torch.where(hit, 1 / (ranks + 1).log2(), torch.zeros(())).sum() / ideal
    return float(hit.float().mean()), float(gain)
