"""A ΔW's strongest components: QR of both factors, then the SVD of the small product, never of the full matrix."""

from dataclasses import dataclass

import torch
from torch import Tensor

from hamlet_sidecar.w2w.delta import Delta, Shape
from hamlet_sidecar.w2w.signs import TIE

# Of an edit's layers, where none is asked for.
EDIT_RANK = 32


@dataclass(frozen=True)
class Components:
    """Rows of `u` (k, out) and `v` (k, in · kh · kw), each with √σ in it: ΔW ≈ Σ uⱼ vⱼᵀ.

    `energy`: the share of ‖ΔW‖² that each component keeps; `norm`: ‖ΔW‖.
    """

    u: Tensor
    v: Tensor
    energy: Tensor
    norm: float

    def delta(self, shape: Shape) -> Delta:
        return Delta(self.u.T.contiguous(), self.v, shape)


def compress(delta: Delta, k: int = 1) -> Components:
    """Fewer than k components are filled up with zeros, so that all LoRAs have as many."""
    left, inner = torch.linalg.qr(delta.up.double())
    right, outer = torch.linalg.qr(delta.down.double().T)
    u, sigma, vt = torch.linalg.svd(inner @ outer.T)
    total = sigma.square().sum()
    kept = min(k, len(sigma))
    root = sigma[:kept].sqrt()
    wide_u, wide_v = torch.zeros(k, left.shape[0]), torch.zeros(k, right.shape[0])
    wide_u[:kept] = ((left @ u[:, :kept]) * root).T.float()
    wide_v[:kept] = ((right @ vt[:kept].T) * root).T.float()
    energy = torch.zeros(k)
    energy[:kept] = (sigma[:kept].square() / total.clamp_min(1e-300)).float()
    return Components(wide_u, wide_v, energy, float(total.sqrt()))


def cut(delta: Delta, rank: int) -> Delta:
    """Its strongest components, no more than `rank`."""
    return delta if delta.rank <= rank else compress(delta, rank).delta(delta.shape)


def oriented(components: Components, u: Tensor, v: Tensor) -> Components:
    """Signs so that vⱼ goes along the reference's; where |cos| is under TIE, so that uⱼ does.

    The SVD's own signs are arbitrary, and so is the sign of the largest entry, which flips between LoRAs.
    """
    along_u = (components.u * u).sum(1)
    along_v = (components.v * v).sum(1)
    least = TIE * components.v.norm(dim=1) * v.norm(dim=1)
    deciding = torch.where(along_v.abs() > least, along_v, along_u)
    sign = torch.where(deciding < 0, -1.0, 1.0)[:, None]
    return Components(components.u * sign, components.v * sign, components.energy, components.norm)
