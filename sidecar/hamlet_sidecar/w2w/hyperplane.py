"""A regularised linear classifier of LoRAs by their coordinates in a space.

Ridge regression on ±1, both classes weighing the same. LoRAs are fewer than numbers in θ, so that every training
set is separable and scores of what was trained on say nothing: the threshold comes from leave-one-out scores,
which ridge has in closed form.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

# In parts of the mean squared length of the coordinates. From .003 to 10 the AUC is the same within .005 (LOG.md).
RIDGE = 0.1


@dataclass(frozen=True)
class Hyperplane:
    """Scores are `coordinates @ normal`; above `threshold` is the positive class."""

    normal: Tensor
    threshold: float

    def scores(self, coordinates: Tensor) -> Tensor:
        return coordinates.double() @ self.normal


def fit_hyperplane(coordinates: Tensor, labels: Tensor, ridge: float = RIDGE) -> Hyperplane:
    """coordinates: (n, m); labels: (n,) bool, with both classes."""
    rows = coordinates.double()
    length = rows.square().sum(1).mean().sqrt().clamp_min(1e-12)
    x = torch.cat([rows / length, torch.ones(len(rows), 1, dtype=torch.float64)], 1)
    wanted = labels.double() * 2 - 1
    weights = class_weights(labels)
    weighted = x * weights[:, None]
    gram = weighted.T @ x + ridge * torch.eye(x.shape[1], dtype=torch.float64)
    inverse = torch.linalg.inv(gram)
    solution = inverse @ (weighted.T @ wanted)
    leverage = (weighted @ inverse * x).sum(1)
    left_out = wanted - (wanted - x @ solution) / (1 - leverage).clamp_min(1e-9)
    return Hyperplane(solution[:-1] / length, between(left_out, labels) - float(solution[-1]))


def class_weights(labels: Tensor) -> Tensor:
    """(n,), of mean 1."""
    positive = labels.double()
    n, count = len(labels), positive.sum()
    return positive * n / (2 * count) + (1 - positive) * n / (2 * (n - count))


def between(scores: Tensor, labels: Tensor) -> float:
    """As many standard deviations from one class as from the other."""
    yes, no = scores[labels], scores[~labels]
    wide_yes, wide_no = yes.std(correction=0), no.std(correction=0)
    if wide_yes + wide_no < 1e-12:
        return float((yes.mean() + no.mean()) / 2)
    return float((no.mean() * wide_yes + yes.mean() * wide_no) / (wide_yes + wide_no))
