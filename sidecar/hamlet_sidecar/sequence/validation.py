"""NDCG@10 and HR@10 over the whole catalogue: the seen left out, ties against the model."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from hamlet_sidecar.sequence.batches import by_length, padded

USERS = 256
K = 10

Score = Callable[[Tensor], Tensor]


@torch.inference_mode()
def ranks_of(score: Score, histories: list[np.ndarray], targets: np.ndarray, length: int) -> np.ndarray:
    """Place of each target, 1 = best, among what is not in the history.

    score: item numbers (batch, length) to (batch, items). Whatever does not score less than the target stands
    before it: a constant ranks it last, and so does what is no number.
    """
    ranks = np.zeros(len(histories), np.int64)
    for users in by_length(histories, USERS):
        scores = score(padded([histories[u][-length:] + 1 for u in users]))
        own = scores.gather(1, torch.from_numpy(targets[users]).long().to(scores.device)[:, None])
        before = ~(scores < own)
        for place, u in enumerate(users):
            before[place, torch.from_numpy(histories[u]).long()] = False
        # The target itself was counted.
        ranks[users] = before.sum(1).cpu().numpy()
    return ranks


def figures_of(ranks: np.ndarray) -> dict[str, float]:
    """Means over people; with one target NDCG is 1 / log2(rank + 1)."""
    gains = np.where(ranks <= K, 1 / np.log2(ranks + 1), 0)
    return {f'HR@{K}': float((ranks <= K).mean()), f'NDCG@{K}': float(gains.mean())}


def catalogue_scores(model) -> Score:
    """float32 throughout, as the exported encoder and the api reckon."""
    vectors = model.vectors().detach().float()
    return lambda items: model.users(items.to(vectors.device)) @ vectors.T
