"""What a step sees: histories, and what is asked of each."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor


@dataclass(frozen=True)
class Batch:
    """Histories one after the other with their beginnings and ages; targets with the row each belongs to."""

    columns: Tensor
    offsets: Tensor
    ages: Tensor
    rows: Tensor
    target_rows: Tensor
    targets: Tensor

    @property
    def bags(self) -> tuple[Tensor, Tensor, Tensor]:
        return self.columns, self.offsets, self.ages


def epoch_of(rows: list[np.ndarray], ordered: bool, spec: dict, epoch: int) -> list[Batch]:
    """Batches of an epoch, the same for the same seed: everybody with two items is in one of them."""
    random = np.random.default_rng([spec['seed'], epoch])
    people = [u for u in random.permutation(len(rows)) if len(rows[u]) > 1]
    cut = after_a_moment if ordered else hide_some
    batches = []
    for start in range(0, len(people), spec['batch']):
        pairs = [cut(rows[u], spec, random) for u in people[start : start + spec['batch']]]
        batches.append(batch_of([seen for seen, _ in pairs], [asked for _, asked in pairs], spec['length']))
    return batches


def hide_some(row: np.ndarray, spec: dict, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Each item is hidden with the same chance; at least one is, and one is not."""
    drawn = random.random(len(row))
    count = min(max(int((drawn < spec['hidden']).sum()), 1), len(row) - 1)
    order = np.argsort(drawn)
    return row[order[count:]], row[order[:count]]


def after_a_moment(row: np.ndarray, spec: dict, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """What was there before a moment, and what came next."""
    moment = random.integers(1, len(row))
    return row[:moment], row[moment : moment + spec['targets']]


def batch_of(seen: list[np.ndarray], asked: list[np.ndarray], length: int) -> Batch:
    newest = [row[-length:] for row in seen]
    sizes = np.array([len(row) for row in newest])
    ages = np.concatenate([np.arange(size - 1, -1, -1) for size in sizes])
    wanted = [len(row) for row in asked]
    return Batch(
        columns=whole(np.concatenate(newest)),
        offsets=whole(np.concatenate([[0], np.cumsum(sizes)[:-1]])),
        ages=torch.from_numpy(ages.astype(np.float32)),
        rows=whole(np.repeat(np.arange(len(seen)), sizes)),
        target_rows=whole(np.repeat(np.arange(len(asked)), wanted)),
        targets=whole(np.concatenate(asked)),
    )


def whole(values: np.ndarray) -> Tensor:
    return torch.from_numpy(values.astype(np.int64))
