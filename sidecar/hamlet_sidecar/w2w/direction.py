"""A direction of a space: the unit normal of a hyperplane between LoRAs, and how far one unit of α goes."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from hamlet_sidecar.artifacts import read_manifest, verify_files
from hamlet_sidecar.errors import SidecarError
from hamlet_sidecar.w2w.cross_validation import cross_validate, fold_count, permuted
from hamlet_sidecar.w2w.hyperplane import class_weights, fit_hyperplane
from hamlet_sidecar.w2w.spaces import Space

KIND, CONTRACT = 'w2w-direction', 'w2w-direction/1'
FILE = 'direction.json'
LEAST = 5


@dataclass(frozen=True)
class Direction:
    """`vector` (m,) has length 1. `labels`: member → positive or not, what the unit is measured on."""

    name: str
    vector: Tensor
    labels: Mapping[str, bool]
    space: str
    figures: Mapping[str, Any]

    def told(self) -> dict[str, Any]:
        return {
            'name': self.name,
            'space': self.space,
            'vector': self.vector.tolist(),
            'labels': dict(self.labels),
            'figures': dict(self.figures),
        }


def learn_direction(
    space: Space, digest: str, name: str, labels: Mapping[str, bool], lineages: Mapping[str, str]
) -> Direction:
    """Labels of LoRAs that are not in the space are left out.

    Raises SidecarError `labels-one-class`, `labels-too-few`, `direction-not-found`.
    """
    rows = [i for i, member in enumerate(space.members) if member in labels]
    members = [space.members[i] for i in rows]
    wanted = torch.tensor([bool(labels[member]) for member in members], dtype=torch.bool)
    families = [lineages.get(member, member) for member in members]
    check_labels(wanted, families)
    coordinates = space.coordinates[rows]
    found = cross_validate(coordinates, wanted, families)
    chance = permuted(coordinates, wanted, families)
    highest = chance[math.ceil(0.95 * (len(chance) + 1)) - 1]
    if not found.balanced_accuracy > highest:
        raise SidecarError(
            'direction-not-found',
            f'labels in any order do as well: balanced accuracy {found.balanced_accuracy:.3f}, '
            f'95 % of {len(chance)} permuted runs are below {highest:.3f}',
        )
    normal = fit_hyperplane(coordinates, wanted).normal
    figures = {
        **found.told(),
        'permuted': {
            'runs': len(chance),
            'mean': round(sum(chance) / len(chance), 4),
            'p95': round(highest, 4),
        },
        'positives': int(wanted.sum()),
        'negatives': int((~wanted).sum()),
        'leftOut': len(labels) - len(members),
    }
    vector = (normal / normal.norm()).float()
    return Direction(name, vector, dict(zip(members, wanted.tolist(), strict=True)), digest, figures)


def check_labels(wanted: Tensor, lineages: list[str]) -> None:
    """Raises SidecarError `labels-one-class`, `labels-too-few`."""
    positives, negatives = int(wanted.sum()), int((~wanted).sum())
    if positives == 0 or negatives == 0:
        raise SidecarError('labels-one-class', 'labels of one class only say nothing about the other')
    if min(positives, negatives) < LEAST or fold_count(wanted, lineages) < 2:
        raise SidecarError(
            'labels-too-few',
            f'{positives} LoRAs with it and {negatives} without; {LEAST} of each are needed, of two lineages each',
        )


def unit_of(space: Space, vector: Tensor, labels: Mapping[str, bool]) -> float:
    """How far α = 1 goes: one standard deviation of the labelled LoRAs' projections, both classes weighing the same.

    Unweighted it would be the spread of those without the attribute where these are many more.
    """
    rows = [i for i, member in enumerate(space.members) if member in labels]
    wanted = torch.tensor([labels[space.members[i]] for i in rows], dtype=torch.bool)
    weights = class_weights(wanted) / len(rows)
    projections = (space.coordinates[rows] @ vector).double()
    mean = (weights * projections).sum()
    return float((weights * (projections - mean).square()).sum().sqrt())


def orthogonal(vector: Tensor, others: list[Tensor]) -> Tensor:
    """What of it none of the others has, of length 1. Raises SidecarError `direction-dependent`."""
    if not others:
        return vector
    basis = torch.linalg.qr(torch.stack(others, 1).double())[0]
    rest = vector.double() - basis @ (basis.T @ vector.double())
    if rest.norm() < 0.05:
        raise SidecarError('direction-dependent', 'the other directions say all that this one does')
    return (rest / rest.norm()).float()


def direction_of(told: Mapping[str, Any]) -> Direction:
    return Direction(
        told['name'], torch.tensor(told['vector']), told['labels'], told['space'], told['figures']
    )


def load_direction(folder: Path) -> Direction:
    """Raises SidecarError `artifact-invalid`, `digest-mismatch`."""
    manifest = read_manifest(folder)
    if manifest.get('contract') != CONTRACT:
        raise SidecarError('artifact-invalid', f'{folder.name} is no {CONTRACT}')
    verify_files(folder, manifest)
    return direction_of(json.loads((folder / FILE).read_text()))
