"""What every space of LoRA weights has, and the two files that an artifact of one holds."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from safetensors.torch import load_file, save
from torch import Tensor

from hamlet_sidecar.w2w.layout import Layout

WEIGHTS, ABOUT = 'space.safetensors', 'space.json'


class Placed:
    """`fitted.coordinates` are those of `members`, row by row. `about`: method, base, layers left out, figures."""

    layout: Layout
    fitted: Any
    members: tuple[str, ...]
    about: Mapping[str, Any]

    @property
    def coordinates(self) -> Tensor:
        """(n, m), from the mean."""
        return self.fitted.coordinates

    @property
    def dimensions(self) -> int:
        return self.coordinates.shape[1]

    def written(self, tensors: Mapping[str, Tensor]) -> dict[str, bytes]:
        """What an artifact of this space holds; `tensors` are what its kind of space is made of."""
        told = {
            'members': list(self.members),
            'layers': [[name, list(shape)] for name, shape in self.layout.layers],
            'k': self.layout.k,
            'totalVariance': self.fitted.total_variance,
            'heldout': self.fitted.heldout,
            'about': dict(self.about),
        }
        contiguous = {name: value.contiguous() for name, value in tensors.items()}
        return {WEIGHTS: save(contiguous), ABOUT: json.dumps(told).encode()}


def read_written(folder: Path) -> tuple[dict[str, Tensor], Layout, dict[str, Any]]:
    """Tensors, layout, and the rest as `space.json` has it; of an artifact whose files are known to be whole."""
    told = json.loads((folder / ABOUT).read_text())
    layers = tuple((name, tuple(shape)) for name, shape in told['layers'])
    return load_file(folder / WEIGHTS), Layout(layers, told['k']), told
