"""Where each layer's components lie in θ, the vector that a LoRA becomes."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from hamlet_sidecar.errors import SidecarError
from hamlet_sidecar.w2w.compress import Components, compress, oriented
from hamlet_sidecar.w2w.delta import Delta, Shape

# whole and svd differ in what is made of all layers. The others are the paper's ablation, and the layers of weights2weights (Dravid et al. 2024).
METHODS = {
    'whole': re.compile(r'.*'),
    'svd': re.compile(r'.*'),
    'attn_v': re.compile(r'.*\.attn[12]\.to_v'),
    'attn_qv': re.compile(r'.*\.attn[12]\.to_[qv]'),
    'ff': re.compile(r'.*\.ff\.net\..*'),
}


@dataclass(frozen=True)
class Layout:
    """For each layer in turn k left vectors, then k right ones."""

    layers: tuple[tuple[str, Shape], ...]
    k: int = 1

    @cached_property
    def places(self) -> dict[str, tuple[int, int, int]]:
        """Layer to where it begins, its out, its in · kh · kw."""
        found, start = {}, 0
        for name, shape in self.layers:
            out, wide = shape[0], math.prod(shape[1:])
            found[name] = (start, out, wide)
            start += self.k * (out + wide)
        return found

    @property
    def size(self) -> int:
        return sum(self.k * (out + wide) for _, out, wide in self.places.values())

    def span(self, layer: str) -> slice:
        start, out, wide = self.places[layer]
        return slice(start, start + self.k * (out + wide))

    def sides(self, layer: str, block: Tensor) -> tuple[Tensor, Tensor]:
        """Of one layer's numbers (…, k · (out + in)): views (…, k, out) and (…, k, in)."""
        _, out, wide = self.places[layer]
        u, v = block.split([self.k * out, self.k * wide], dim=-1)
        return u.unflatten(-1, (self.k, out)), v.unflatten(-1, (self.k, wide))

    def theta(
        self,
        delta_of: Callable[[str], Delta | None],
        orientation: Tensor | None = None,
        tell: Callable[[str, Components], None] = lambda layer, components: None,
    ) -> Tensor:
        """A layer that the LoRA does not change is zeros. `orientation`: vectors along which signs are chosen."""
        theta = torch.zeros(self.size)
        for name, _ in self.layers:
            delta = delta_of(name)
            if delta is None:
                continue
            components = compress(delta, self.k)
            if orientation is not None:
                components = oriented(components, *self.sides(name, orientation[self.span(name)]))
            tell(name, components)
            self.put(theta, name, components)
        return theta

    def put(self, theta: Tensor, layer: str, components: Components) -> None:
        theta[self.span(layer)] = torch.cat([components.u.flatten(), components.v.flatten()])

    def deltas(self, theta: Tensor) -> dict[str, Delta]:
        """The other way: what a place in weight space changes in each layer."""
        found = {}
        for name, shape in self.layers:
            u, v = self.sides(name, theta[self.span(name)].float())
            found[name] = Delta(u.T.contiguous(), v.contiguous(), shape)
        return found


def layers_of_method(method: str, layers: list[str]) -> list[str]:
    """Raises SidecarError `method-unknown`."""
    if method not in METHODS:
        raise SidecarError('method-unknown', f'{method[:50]!r} is none of {", ".join(METHODS)}', 400)
    return [layer for layer in layers if METHODS[method].fullmatch(layer)]
