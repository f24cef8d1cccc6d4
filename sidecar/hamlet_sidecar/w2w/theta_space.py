"""A space of LoRA weights (weights2weights, Dravid et al. 2024): θ → z-score → principal components."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from hamlet_sidecar.w2w.compress import EDIT_RANK, cut
from hamlet_sidecar.w2w.delta import Delta, Lora, beside
from hamlet_sidecar.w2w.layout import Layout
from hamlet_sidecar.w2w.pca import Fitted
from hamlet_sidecar.w2w.space_file import Placed, read_written


@dataclass(frozen=True)
class ThetaSpace(Placed):
    layout: Layout
    fitted: Fitted
    members: tuple[str, ...]
    about: Mapping[str, Any]
    contract = 'w2w-space/1'

    def place(self, lora: Lora) -> Tensor:
        """Coordinates (m,) of any LoRA; what lies outside of the space is left out."""
        return self.project(self.theta(lora))

    def edited(self, base: Lora | None, moved: Tensor, rank: int = EDIT_RANK) -> Lora:
        """`moved`: the step in coordinates; a `base` of None is the mean of the space.

        A real LoRA keeps every component that θ leaves out: the change is added to its own ΔW. `rank`: of the change
        in each layer at most.
        """
        if base is None:
            lora = self.lora(self.fitted.mean + self.moved(moved))
            return replace(lora, deltas={layer: cut(delta, rank) for layer, delta in lora.deltas.items()})
        theta = self.theta(base)
        before, after = self.layout.deltas(theta), self.layout.deltas(theta + self.moved(moved))
        deltas = dict(base.deltas)
        if moved.abs().max() > 0:
            for layer, there in after.items():
                change = cut(beside(there, Delta(-before[layer].up, before[layer].down, there.shape)), rank)
                deltas[layer] = beside(deltas[layer], change) if layer in deltas else change
        return Lora(deltas, base_model=base.base_model, text_encoder=base.text_encoder)

    def theta(self, lora: Lora) -> Tensor:
        """(d,), with the signs of this space; LoRAs that came after it was built are no different."""
        return self.layout.theta(lora.deltas.get, self.fitted.orientation)

    def lora(self, theta: Tensor) -> Lora:
        return Lora(self.layout.deltas(theta), base_model=self.about.get('base'))

    def project(self, theta: Tensor) -> Tensor:
        """(…, d) to coordinates (…, m)."""
        return ((theta - self.fitted.mean) / self.fitted.scale) @ self.fitted.components.T

    def reconstruct(self, coordinates: Tensor) -> Tensor:
        """(…, m) to the nearest θ (…, d) that has them."""
        return self.fitted.mean + self.moved(coordinates)

    def moved(self, coordinates: Tensor) -> Tensor:
        """A step in coordinates as a step in θ: the z-score's scale times Wᵀ."""
        finite = torch.where(torch.isfinite(self.fitted.scale), self.fitted.scale, 0.0)
        return (coordinates @ self.fitted.components) * finite

    def files(self) -> dict[str, bytes]:
        tensors = {name: getattr(self.fitted, name) for name in _TENSORS}
        return self.written({name: value for name, value in tensors.items() if value is not None})


_TENSORS = ('mean', 'scale', 'orientation', 'components', 'variances', 'coordinates')


def read_theta(folder: Path) -> ThetaSpace:
    tensors, layout, told = read_written(folder)
    fitted = Fitted(
        **{name: tensors.get(name) for name in _TENSORS},
        total_variance=told['totalVariance'],
        heldout=told['heldout'],
    )
    return ThetaSpace(layout, fitted, tuple(told['members']), told['about'])
