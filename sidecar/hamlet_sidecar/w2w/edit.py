"""A LoRA moved within a space: θ + α · unit · direction, what of the LoRA lies outside of the space kept."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from hamlet_sidecar.errors import SidecarError
from hamlet_sidecar.w2w.delta import Delta, Lora
from hamlet_sidecar.w2w.direction import Direction, orthogonal, unit_of
from hamlet_sidecar.w2w.space import Space

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


def edited(space: Space, base: Lora | None, moved: Tensor) -> Lora:
    """`moved`: the step in coordinates; a `base` of None is the mean of the space.

    A real LoRA keeps every component that θ leaves out: the change is added to its own ΔW.
    """
    if base is None:
        return space.lora(space.fitted.mean + space.moved(moved))
    theta = space.theta(base)
    before, after = space.layout.deltas(theta), space.layout.deltas(theta + space.moved(moved))
    deltas = dict(base.deltas)
    if moved.abs().max() > 0:
        for layer, there in after.items():
            deltas[layer] = _plus(deltas.get(layer), there, before[layer])
    return Lora(deltas, base_model=base.base_model, text_encoder=base.text_encoder)


def _plus(base: Delta | None, after: Delta, before: Delta) -> Delta:
    """base + after − before, by putting the factors side by side."""
    parts = [part for part in (base, after, before) if part is not None]
    ups = [part.up for part in parts[:-1]] + [-before.up]
    return Delta(torch.cat(ups, 1), torch.cat([part.down for part in parts], 0), after.shape)


def seen(space: Space, axis: Axis, at: Tensor) -> dict[str, float]:
    """α, from where the base stands, at the ends of what the space's LoRAs show, and at its own 0."""
    projections = space.fitted.coordinates @ axis.vector
    here = at @ axis.vector
    ends = [(float(value) - float(here)) / axis.unit for value in (projections.min(), projections.max())]
    return {'low': round(ends[0], 3), 'high': round(ends[1], 3)}


def nearest(space: Space, at: Tensor, without: Sequence[str] = ()) -> list[dict]:
    """Real LoRAs by the cosine of their coordinates, which are counted from the mean, with that of the place `at`."""
    cosines = torch.nn.functional.cosine_similarity(space.fitted.coordinates, at[None], dim=1)
    order = [i for i in cosines.argsort(descending=True).tolist() if space.members[i] not in without]
    return [{'lora': space.members[i], 'cosine': round(float(cosines[i]), 4)} for i in order[:NEAREST]]


def interpolated(space: Space, one: Lora, other: Lora, share: float) -> Tensor:
    """The step in coordinates from `one` towards `other`; a `share` of 1 is all the way."""
    if not 0 <= share <= 1:
        raise SidecarError('share-out-of-range', f'{share} is no share from 0 to 1', 400)
    ends: Mapping[str, Tensor] = {'one': space.theta(one), 'other': space.theta(other)}
    return share * (space.project(ends['other']) - space.project(ends['one']))
