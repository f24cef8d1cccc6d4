"""One sign for all: an SVD's is arbitrary, and PCA over mixed signs learns nothing (DESIGN.md, section 8)."""

import torch
from torch import Tensor

ROUNDS = 60
TIE = 1e-4


def principal(rows: Tensor) -> Tensor:
    """First right singular vector of (n, side): the direction along which most of the rows lie, up to sign.

    By power iteration from the longest row, so that the same rows give the same vector. Where the first two
    singular values are as good as equal any vector between theirs will do.
    """
    vector = rows[rows.square().sum(1).argmax()].clone()
    for _ in range(ROUNDS):
        after = rows.T @ (rows @ vector)
        length = after.norm()
        if length < 1e-30:
            return torch.zeros_like(vector)
        after /= length
        moved, vector = (after - vector).norm(), after
        if moved < 1e-6:
            break
    return vector


def align(u: Tensor, v: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Signs (n,) of the components u (n, out) and v (n, in), and the two vectors they were chosen along.

    Each u goes along the principal u; where it is as good as orthogonal to that, its v along the others' mean v.
    """
    toward_u = principal(u)
    along_u = u @ toward_u
    clear = along_u.abs() > TIE * u.norm(dim=1) * toward_u.norm()
    sign = torch.where(along_u < 0, -1.0, 1.0)
    mean_v = (v * (sign * clear)[:, None]).mean(0)
    toward_v = mean_v / mean_v.norm().clamp_min(1e-30)
    along_v = v @ toward_v
    return torch.where(clear, sign, torch.where(along_v < 0, -1.0, 1.0)), toward_u, toward_v
