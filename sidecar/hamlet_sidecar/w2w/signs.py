"""One sign for all: an SVD's is arbitrary, and PCA over mixed signs learns nothing (DESIGN.md, section 8)."""

import torch
from torch import Tensor

ROUNDS = 60
TURNS = 20
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

    Each v goes along the principal v, then along the mean of those, until none turns; where it is as good as
    orthogonal to that, its u along the others' mean u. By u, as DESIGN.md has it, fewer LoRAs of one style agree:
    trainings share what they read more than what they write (LOG.md).
    """
    toward_v = principal(v)
    for _ in range(TURNS):
        along_v = v @ toward_v
        sign = torch.where(along_v < 0, -1.0, 1.0)
        toward_v = (v * sign[:, None]).mean(0)
        if torch.equal(torch.where(v @ toward_v < 0, -1.0, 1.0), sign):
            break
    along_v = v @ toward_v
    clear = along_v.abs() > TIE * v.norm(dim=1) * toward_v.norm()
    sign = torch.where(along_v < 0, -1.0, 1.0)
    toward_u = (u * (sign * clear)[:, None]).mean(0)
    along_u = u @ toward_u
    return torch.where(clear, sign, torch.where(along_u < 0, -1.0, 1.0)), toward_u, toward_v
