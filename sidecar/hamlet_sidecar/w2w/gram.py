"""Principal components of whole ΔW by their Gram matrix: of two LoRAs ⟨ΔWᵢ, ΔWⱼ⟩ = Σ (BᵢᵀBⱼ) ∘ (AᵢAⱼᵀ).

No ΔW is formed. With n LoRAs of k components a layer it takes n²k² (out + in) multiplications a layer: at k = 8 2,000
LoRAs of SD 1.5's queries and values are minutes, 5,000 the better part of an hour (bench/w2w-spaces.md).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from hamlet_sidecar.errors import SidecarError
from hamlet_sidecar.w2w.layout import Layout
from hamlet_sidecar.w2w.pca import LARGEST_GRAM, SMALL, heldout_error, leading

# Cells of the products of components that are in memory at once.
CELLS = 1 << 24
# Of a layer's mean squared length: LoRAs that differ by less than so much of it agree there.
NO_SPREAD = 1e-5

Each = Callable[[float], None]


@dataclass(frozen=True)
class FittedWhole:
    """`scale` (layers,): mean squared distance from the mean, infinite where all agree; `means` (n,): of the rows of
    the Gram matrix; `variances` (m,) along the components, `coordinates` (n, m) of the rows.
    """

    scale: Tensor
    means: Tensor
    variances: Tensor
    coordinates: Tensor
    total_variance: float
    heldout: dict[str, float]


def fit_whole(
    rows: np.ndarray,
    layout: Layout,
    dimensions: int,
    *,
    seed: int = 0,
    each: Each = lambda done: None,
) -> FittedWhole:
    """`rows` (n, size): components as `layout` has them. Every layer weighs the same. `each` is told how far it is.

    Raises SidecarError `w2w-no-variance` where all rows are the same, `w2w-too-many` where the Gram matrix is no
    longer sensible.
    """
    n = len(rows)
    if n > LARGEST_GRAM:
        raise SidecarError(
            'w2w-too-many', f'{n} LoRAs; whole ΔW are compared up to {LARGEST_GRAM}: use method svd'
        )
    gram, scale = torch.zeros(n, n, dtype=torch.float64), torch.empty(len(layout.layers), dtype=torch.float64)
    for i, (layer, _) in enumerate(layout.layers):
        products = gram_of(*layout.sides(layer, torch.from_numpy(np.array(rows[:, layout.span(layer)]))))
        length = float(products.diagonal().mean())
        spread = length - float(products.mean())
        scale[i] = spread if spread > NO_SPREAD * length else torch.inf
        gram += products / scale[i]
        each(0.9 * (i + 1) / len(layout.layers))
    if not torch.isfinite(scale).any():
        raise SidecarError('w2w-no-variance', f'all {n} LoRAs are the same in the layers of this space')
    means = gram.mean(1)
    centred = gram - means[:, None] - means[None] + means.mean()

    def product(q: Tensor) -> Tensor:
        return centred @ q.double()

    most = min(dimensions, n - 1)
    values, vectors = leading(product, n, most, seed, exact=True)
    heldout = heldout_error(product, n, most, seed, exact=n <= SMALL)
    each(1.0)
    return FittedWhole(
        scale,
        means,
        (values / (n - 1)).float(),
        (vectors * values.sqrt()).float(),
        float(centred.diagonal().sum()) / (n - 1),
        heldout,
    )


def gram_of(u: Tensor, v: Tensor) -> Tensor:
    """u (n, k, out), v (n, k, in): inner products (n, n) of the ΔW = Σⱼ uⱼvⱼᵀ, a strip of rows at a time."""
    n, k = u.shape[:2]
    left, right = u.flatten(0, 1).float(), v.flatten(0, 1).float()
    height = max(1, CELLS // (n * k * k))
    gram = torch.empty(n, n, dtype=torch.float64)
    for first in range(0, n, height):
        last = min(n, first + height)
        # It is symmetric: each strip goes up to its own diagonal.
        mine, others = slice(first * k, last * k), slice(0, last * k)
        cells = (left[mine] @ left[others].T) * (right[mine] @ right[others].T)
        gram[first:last, :last] = cells.view(last - first, k, last, k).sum((1, 3))
        gram[:first, first:last] = gram[first:last, :first].T
    return gram
