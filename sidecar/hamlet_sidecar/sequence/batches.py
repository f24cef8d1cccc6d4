"""Histories as an epoch sees them: windows, long beside long so that little is filled up."""

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

# Batches whose histories are sorted by length among themselves; more would show lengths in the same order.
SORTED = 20


def epoch_of(rows: list[np.ndarray], spec: dict, epoch: int) -> list[list[np.ndarray]]:
    """Batches of windows of at most length + 1 item numbers, the same for the same seed and epoch."""
    random = np.random.default_rng([spec['seed'], epoch])
    share = spec['subsequence'] if epoch >= spec['subsequenceAfter'] else 0.0
    windows = [window(row, spec['length'], share, random) for row in rows if len(row) > 1]
    order = random.permutation(len(windows))
    size = spec['batch']
    batches = []
    for start in range(0, len(order), size * SORTED):
        block = sorted(order[start : start + size * SORTED], key=lambda u: len(windows[u]))
        batches += [[windows[u] for u in block[i : i + size]] for i in range(0, len(block), size)]
    return [batches[i] for i in random.permutation(len(batches))]


def window(row: np.ndarray, length: int, share: float, random: np.random.Generator) -> np.ndarray:
    """The newest part; at times (share) another one, or a beginning that has been forgotten."""
    most = length + 1
    if random.random() >= share:
        return row[-most:]
    if len(row) > most:
        start = random.integers(len(row) - most + 1)
        return row[start : start + most]
    return row[random.integers(len(row) - 1) :]


def tensors(batch: list[np.ndarray]) -> tuple[Tensor, Tensor]:
    """Inputs and what came next, (batch, length) int64, 0 where there is nothing."""
    numbers = padded([row + 1 for row in batch])
    inputs, targets = numbers[:, :-1].clone(), numbers[:, 1:]
    inputs[targets == 0] = 0
    return inputs, targets


def padded(rows: list[np.ndarray]) -> Tensor:
    """Item numbers, (rows, longest) int64, 0 behind the end of a row."""
    numbers = np.zeros((len(rows), max(map(len, rows))), np.int64)
    for u, row in enumerate(rows):
        numbers[u, : len(row)] = row
    return torch.from_numpy(numbers)


def by_length(rows: list[np.ndarray], size: int) -> Iterator[np.ndarray]:
    """Indices, so that those of about one length are asked about together."""
    order = np.argsort([len(row) for row in rows], kind='stable')
    yield from (order[start : start + size] for start in range(0, len(order), size))
