"""How far a LoRA is moved within a space, in its coordinates: α · unit · direction."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from hamlet_sidecar.errors import SidecarError
from hamlet_sidecar.w2w.delta import Lora
from hamlet_sidecar.w2w.direction import Direction, orthogonal, unit_of
from hamlet_sidecar.w2w.spaces import Space

MOST_ALPHA = 10.0
NEAREST = 3


@dataclass(frozen=True)
class Axis:
    """A direction made ready: `unit` is what α = 1 adds to the projection on `vector`."""

    name: str
    vector: Tensor
    unit: float


def axes_of(space: Space, digest: str, directions: Sequence[Direction], orthogonalise: bool) -> list[Axis]:
    """Orthogonalised, each moves without the others' moving.

    Raises SidecarError `direction-of-another-space`, `direction-dependent`.
    """
    for direction in directions:
        if direction.space != digest:
            raise SidecarError(
                'direction-of-another-space', f'{direction.name} was learned in {direction.space}'
            )
    axes = []
    for i, direction in enumerate(directions):
        others = [d.vector for j, d in enumerate(directions) if j != i] if orthogonalise else []
        vector = orthogonal(direction.vector, others)
        axes.append(Axis(direction.name, vector, unit_of(space, vector, direction.labels)))
    return axes


def step(axes: Sequence[Axis], alphas: Sequence[float]) -> Tensor:
    """In coordinates (m,). Raises SidecarError `alpha-out-of-range`."""
    for axis, alpha in zip(axes, alphas, strict=True):
        if not math.isfinite(alpha) or abs(alpha) > MOST_ALPHA:
            raise SidecarError(
                'alpha-out-of-range',
                f'α of {axis.name} is {alpha}; it lies between −{MOST_ALPHA:g} and {MOST_ALPHA:g}',
                400,
            )
    return sum(
        (axis.vector * axis.unit * alpha for axis, alpha in zip(axes, alphas, strict=True)),
        torch.zeros_like(axes[0].vector),
    )


def seen(space: Space, axis: Axis, at: Tensor) -> dict[str, float]:
    """α, from where the base stands, at the ends of what the space's LoRAs show, and at its own 0."""
    projections = space.coordinates @ axis.vector
    here = at @ axis.vector
    ends = [(float(value) - float(here)) / axis.unit for value in (projections.min(), projections.max())]
    return {'low': round(ends[0], 3), 'high': round(ends[1], 3)}


def nearest(space: Space, at: Tensor, without: Sequence[str] = ()) -> list[dict]:
    """Real LoRAs by the cosine of their coordinates, which are counted from the mean, with that of the place `at`."""
    cosines = torch.nn.functional.cosine_similarity(space.coordinates, at[None], dim=1)
    order = [i for i in cosines.argsort(descending=True).tolist() if space.members[i] not in without]
    return [{'lora': space.members[i], 'cosine': round(float(cosines[i]), 4)} for i in order[:NEAREST]]


def interpolated(space: Space, one: Lora | None, other: Lora, share: float) -> Tensor:
    """The step in coordinates from `one` (None: the mean) towards `other`; a `share` of 1 is all the way."""
    if not 0 <= share <= 1:
        raise SidecarError('share-out-of-range', f'{share} is no share from 0 to 1', 400)
    return share * (space.place(other) - (space.place(one) if one is not None else 0))
