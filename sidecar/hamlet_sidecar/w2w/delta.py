"""What every LoRA file becomes: layer name to its change of weights, as a product of two thin matrices."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Delta:
    """ΔW = up @ down, float32, with alpha and rank folded in.

    `up` (out, r), `down` (r, in · kh · kw); `shape` is the layer's own: (out, in) or (out, in, kh, kw).
    """

    up: Tensor
    down: Tensor
    shape: Shape

    @property
    def rank(self) -> int:
        return self.up.shape[1]

    def weight(self) -> Tensor:
        return (self.up @ self.down).reshape(self.shape)


@dataclass(frozen=True)
class Lora:
    """`deltas` by the UNet's module names. What moves a text encoder is kept apart, by the encoder's names."""

    deltas: dict[str, Delta]
    format: str = 'diffusers'
    base_model: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    text_encoder: dict[str, Delta] = field(default_factory=dict)


def product_of(matrix: Tensor, shape: Shape) -> Delta:
    """Of a whole matrix (out, in · kh · kw): the identity stands on its shorter side."""
    rows, columns = matrix.shape
    if columns <= rows:
        return Delta(matrix, torch.eye(columns), shape)
    return Delta(torch.eye(rows), matrix, shape)


def thin(up: Tensor, down: Tensor, shape: Shape) -> Delta:
    """A product whose inner side is longer than a side of the matrix is kept as that matrix."""
    if up.shape[1] > min(up.shape[0], down.shape[1]):
        return product_of(up @ down, shape)
    return Delta(up.contiguous(), down.contiguous(), shape)


def beside(one: Delta, other: Delta) -> Delta:
    """Their sum, by putting the factors side by side."""
    return thin(torch.cat([one.up, other.up], 1), torch.cat([one.down, other.down], 0), one.shape)
