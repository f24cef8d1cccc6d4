"""How well a hyperplane tells LoRAs apart that it was not fitted to."""

from dataclasses import dataclass

import numpy as np
import torch
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedGroupKFold
from torch import Tensor

from hamlet_sidecar.w2w.hyperplane import fit_hyperplane

FOLDS, REPEATS, PERMUTATIONS = 5, 5, 39
Z = 1.959964


@dataclass(frozen=True)
class CrossValidation:
    """Means over the folds; `interval` is of the balanced accuracy, 95 %, by LoRA: folds share their LoRAs."""

    balanced_accuracy: float
    interval: tuple[float, float]
    auc: float
    folds: int
    repeats: int

    def told(self) -> dict:
        return {
            'balancedAccuracy': round(self.balanced_accuracy, 4),
            'interval': [round(side, 4) for side in self.interval],
            'auc': round(self.auc, 4),
            'folds': self.folds,
            'repeats': self.repeats,
        }


def cross_validate(
    coordinates: Tensor, labels: Tensor, lineages: list[str], repeats: int = REPEATS, seed: int = 0
) -> CrossValidation:
    """Folds keep a lineage together: versions of one LoRA on both sides would be found again, not recognised."""
    folds = fold_count(labels, lineages)
    right = torch.zeros(repeats, len(labels), dtype=torch.float64)
    aucs = []
    for repeat in range(repeats):
        for train, test in splits(labels, lineages, folds, seed + repeat):
            plane = fit_hyperplane(coordinates[train], labels[train])
            scores = plane.scores(coordinates[test])
            right[repeat, test] = ((scores > plane.threshold) == labels[test]).double()
            if labels[test].any() and not labels[test].all():
                aucs.append(roc_auc_score(labels[test].numpy(), scores.numpy()))
    rates = right.mean(0)
    parts = [rates[labels], rates[~labels]]
    mean = float(sum(part.mean() for part in parts) / 2)
    error = float(sum(part.var(correction=0) / len(part) for part in parts) ** 0.5 / 2)
    interval = (max(0.0, mean - Z * error), min(1.0, mean + Z * error))
    return CrossValidation(mean, interval, float(np.mean(aucs)) if aucs else float('nan'), folds, repeats)


def permuted(
    coordinates: Tensor, labels: Tensor, lineages: list[str], runs: int = PERMUTATIONS, seed: int = 0
) -> list[float]:
    """Balanced accuracies, ascending, where the labels say nothing."""
    random = torch.Generator().manual_seed(seed)
    shuffled = (labels[torch.randperm(len(labels), generator=random)] for _ in range(runs))
    found = (cross_validate(coordinates, some, lineages, repeats=1, seed=seed) for some in shuffled)
    return sorted(each.balanced_accuracy for each in found)


def fold_count(labels: Tensor, lineages: list[str]) -> int:
    """Five, or fewer where a class has fewer lineages than that."""
    each = [{lineages[i] for i in torch.where(labels == value)[0].tolist()} for value in (True, False)]
    return min(FOLDS, *(len(found) for found in each))


def splits(labels: Tensor, lineages: list[str], folds: int, seed: int):
    """Pairs of index tensors. A split whose training part lacks a class is left out."""
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    for train, test in splitter.split(np.zeros(len(labels)), labels.numpy(), lineages):
        if labels[train].any() and not labels[train].all():
            yield torch.from_numpy(train), torch.from_numpy(test)
