"""A space of LoRA weights (weights2weights, Dravid et al. 2024): θ → z-score → principal components."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save
from torch import Tensor

from hamlet_sidecar.artifacts import read_manifest, verify_files
from hamlet_sidecar.errors import SidecarError
from hamlet_sidecar.w2w.delta import Lora
from hamlet_sidecar.w2w.layout import Layout
from hamlet_sidecar.w2w.pca import Fitted

KIND, CONTRACT = 'w2w-space', 'w2w-space/1'
WEIGHTS, ABOUT = 'space.safetensors', 'space.json'


@dataclass(frozen=True)
class Space:
    """`fitted.coordinates` are those of `members`, row by row. `about`: method, base, layers left out, figures."""

    layout: Layout
    fitted: Fitted
    members: tuple[str, ...]
    about: Mapping[str, Any]

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
        """What an artifact of this space holds."""
        tensors = {name: getattr(self.fitted, name) for name in _TENSORS}
        told = {
            'members': list(self.members),
            'layers': [[name, list(shape)] for name, shape in self.layout.layers],
            'k': self.layout.k,
            'totalVariance': self.fitted.total_variance,
            'heldout': self.fitted.heldout,
            'about': dict(self.about),
        }
        present = {name: value.contiguous() for name, value in tensors.items() if value is not None}
        return {WEIGHTS: save(present), ABOUT: json.dumps(told).encode()}


_TENSORS = ('mean', 'scale', 'orientation', 'components', 'variances', 'coordinates')


def load_space(folder: Path) -> Space:
    """Raises SidecarError `artifact-invalid`, `digest-mismatch`."""
    manifest = read_manifest(folder)
    if manifest.get('contract') != CONTRACT:
        raise SidecarError('artifact-invalid', f'{folder.name} is no {CONTRACT}')
    verify_files(folder, manifest)
    tensors = load_file(folder / WEIGHTS)
    told = json.loads((folder / ABOUT).read_text())
    layers = tuple((name, tuple(shape)) for name, shape in told['layers'])
    fitted = Fitted(
        **{name: tensors.get(name) for name in _TENSORS},
        total_variance=told['totalVariance'],
        heldout=told['heldout'],
    )
    return Space(Layout(layers, told['k']), fitted, tuple(told['members']), told['about'])
