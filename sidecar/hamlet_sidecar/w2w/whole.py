"""A space of whole ΔW: principal components of all that LoRAs change, not of each layer's strongest component.

ΔW is linear in what a LoRA writes and reads together, so that signs need no aligning and a mean of LoRAs is one. The
components are never formed: each is a weighted sum of the LoRAs' own ΔW, whose factors the artifact keeps.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from hamlet_sidecar.w2w.compress import EDIT_RANK, cut
from hamlet_sidecar.w2w.delta import Delta, Lora, beside, thin
from hamlet_sidecar.w2w.gram import Each, FittedWhole, fit_whole
from hamlet_sidecar.w2w.layout import Layout
from hamlet_sidecar.w2w.space_file import Placed, read_written

# Of each layer that are kept of a LoRA, where a space asks for none: .98 of ‖ΔW‖² on the zoo (bench/w2w-spaces.md).
COMPONENTS = 8
_TENSORS = ('scale', 'means', 'variances', 'coordinates')


@dataclass(frozen=True)
class WholeSpace(Placed):
    """`factors` (n, size) float16: the members' components, row by row as `layout` has them."""

    layout: Layout
    factors: Tensor
    fitted: FittedWhole
    members: tuple[str, ...]
    about: Mapping[str, Any]
    contract = 'w2w-whole-space/1'

    @cached_property
    def _basis(self) -> Tensor:
        """(n, m): eigenvectors of the Gram matrix by the root of their eigenvalue."""
        return self.coordinates.double() / (self.fitted.variances.double() * (len(self.members) - 1))

    def place(self, lora: Lora) -> Tensor:
        """Coordinates (m,) of any LoRA; what lies outside of the space is left out."""
        along = torch.zeros(len(self.members), dtype=torch.float64)
        for number, (layer, _) in enumerate(self.layout.layers):
            delta = lora.deltas.get(layer)
            if delta is not None:
                u, v = self._sides(layer)
                products = ((u @ delta.up.float()) * (v @ delta.down.float().T)).double()
                along += products.sum((1, 2)) / self.fitted.scale[number]
        return ((along - self.fitted.means) @ self._basis).float()

    def edited(self, base: Lora | None, moved: Tensor, rank: int = EDIT_RANK) -> Lora:
        """`moved`: the step in coordinates; a `base` of None is the mean of the space.

        A real LoRA keeps its own ΔW whole, the change is put beside it. `rank`: of the change in each layer at most.
        """
        shares = self._basis @ moved.double()
        if base is None:
            shares = shares + 1 / len(self.members)
            return Lora(self._mixed(shares, rank), base_model=self.about.get('base'))
        deltas = dict(base.deltas)
        if moved.abs().max() > 0:
            for layer, change in self._mixed(shares, rank).items():
                deltas[layer] = beside(deltas[layer], change) if layer in deltas else change
        return Lora(deltas, base_model=base.base_model, text_encoder=base.text_encoder)

    def _mixed(self, shares: Tensor, rank: int) -> dict[str, Delta]:
        """The members' ΔW, each with its share (n,), as one product a layer."""
        found = {}
        for layer, shape in self.layout.layers:
            u, v = self._sides(layer)
            weighted = u * shares.float()[:, None, None]
            found[layer] = cut(thin(weighted.flatten(0, 1).T, v.flatten(0, 1), shape), rank)
        return found

    def _sides(self, layer: str) -> tuple[Tensor, Tensor]:
        return self.layout.sides(layer, self.factors[:, self.layout.span(layer)].float())

    def files(self) -> dict[str, bytes]:
        tensors = {name: getattr(self.fitted, name) for name in _TENSORS}
        return self.written({**tensors, 'factors': self.factors})


def whole_space(
    rows: np.ndarray,
    layout: Layout,
    dimensions: int,
    members: tuple[str, ...],
    about: Mapping[str, Any],
    *,
    seed: int = 0,
    each: Each = lambda done: None,
) -> WholeSpace:
    """`rows` (n, size) float32. Raises what `fit_whole` raises."""
    fitted = fit_whole(rows, layout, dimensions, seed=seed, each=each)
    return WholeSpace(layout, torch.from_numpy(rows.astype(np.float16)), fitted, members, about)


def read_whole(folder: Path) -> WholeSpace:
    tensors, layout, told = read_written(folder)
    fitted = FittedWhole(
        **{name: tensors[name] for name in _TENSORS},
        total_variance=told['totalVariance'],
        heldout=told['heldout'],
    )
    return WholeSpace(layout, tensors['factors'], fitted, tuple(told['members']), told['about'])
