"""PCA of a matrix that lies on disk: blocks of columns in memory, one at a time.

With n LoRAs of d numbers, n ≪ d, the n × n Gram matrix has all that is needed. Above LARGEST_GRAM rows it is
not formed: subspace iteration (Halko et al. 2011) finds its leading eigenvectors by products alone.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from hamlet_sidecar.errors import SidecarError
from hamlet_sidecar.w2w.layout import Layout
from hamlet_sidecar.w2w.signs import align

LARGEST_GRAM = 20_000
OVERSAMPLING, ROUNDS = 20, 4
# A column whose spread is rounding: all LoRAs agree there.
NO_SPREAD = 1e-6
MOST_HELDOUT = 500
CELLS = 1 << 25
# How much more the left vectors count: they carry what a short training learned, the right ones still much of where
# it began. Of 16 styles 14 are told apart with 2.5, 11 with 1 (LOG.md).
LEFT_WEIGHT = 2.5
STRIP = 512
# Of the largest eigenvalue: what a Gram matrix of float32 leaves behind where there is nothing.
ROUNDING = 2e-6
# Up to so many rows eigenvectors are of float64, and the PCA that judges held-out rows is exact too.
SMALL = 1500

Rows = np.ndarray
Product = Callable[[Tensor], Tensor]
Each = Callable[[float], None]


@dataclass(frozen=True)
class Fitted:
    """`components` (m, d) orthonormal rows, `variances` (m,) along them, `coordinates` (n, m) of the rows."""

    mean: Tensor
    scale: Tensor
    orientation: Tensor | None
    components: Tensor
    variances: Tensor
    coordinates: Tensor
    total_variance: float
    heldout: dict[str, float]


def fit(
    rows: Rows,
    layout: Layout,
    dimensions: int,
    *,
    canonical: bool = True,
    left_weight: float = LEFT_WEIGHT,
    seed: int = 0,
    largest_gram: int = LARGEST_GRAM,
    each: Each = lambda done: None,
) -> Fitted:
    """`rows` (n, d) float32, raw; their signs are changed in place. `each` is told how far it is, 0 to 1.

    Raises SidecarError `w2w-no-variance` where all rows are the same.
    """
    n, d = rows.shape
    orientation = _orient(rows, layout, each) if canonical else None
    mean, scale, varying = _standard(rows, each)
    for layer, _ in layout.layers:
        layout.sides(layer, scale[layout.span(layer)])[0].div_(left_weight)
    if not varying:
        raise SidecarError('w2w-no-variance', f'all {n} LoRAs are the same in the layers of this space')

    def standard(start: int, stop: int) -> Tensor:
        return (torch.from_numpy(np.array(rows[:, start:stop])) - mean[start:stop]) / scale[start:stop]

    blocks = lambda: _blocks(n, d)  # noqa: E731
    product = _product_with(standard, blocks, n, largest_gram, each)
    most = min(dimensions, n - 1)
    values, vectors = leading(product, n, most, seed, exact=n <= largest_gram)
    components, total = torch.empty(len(values), d), 0.0
    for start, stop in blocks():
        z = standard(start, stop)
        components[:, start:stop] = (vectors / values.sqrt()).T.float() @ z
        total += float(z.square().sum()) / (n - 1)
    each(1.0)
    return Fitted(
        mean,
        scale,
        orientation,
        components,
        (values / (n - 1)).float(),
        (vectors * values.sqrt()).float(),
        total,
        heldout_error(product, n, most, seed, exact=n <= min(SMALL, largest_gram)),
    )


def _orient(rows: Rows, layout: Layout, each: Each) -> Tensor:
    orientation = torch.zeros(layout.size)
    for i, (layer, _) in enumerate(layout.layers):
        span = layout.span(layer)
        block = torch.from_numpy(np.array(rows[:, span]))
        u, v = layout.sides(layer, block)
        toward_u, toward_v = layout.sides(layer, orientation[span])
        for j in range(layout.k):
            sign, toward_u[j], toward_v[j] = align(u[:, j], v[:, j])
            u[:, j] *= sign[:, None]
            v[:, j] *= sign[:, None]
        rows[:, span] = block.numpy()
        each(0.2 * i / len(layout.layers))
    return orientation


def _standard(rows: Rows, each: Each) -> tuple[Tensor, Tensor, int]:
    """Mean and standard deviation of each column, and how many columns vary at all; the others' scale is infinite."""
    n, d = rows.shape
    mean, scale = torch.empty(d), torch.empty(d)
    for start, stop in _blocks(n, d):
        block = torch.from_numpy(np.array(rows[:, start:stop]))
        mean[start:stop] = block.mean(0)
        spread = block.std(0)
        size = block.square().mean(0).sqrt()
        scale[start:stop] = torch.where(spread > NO_SPREAD * size, spread, torch.inf)
        each(0.2 + 0.1 * stop / d)
    varying = int(torch.isfinite(scale).sum())
    return mean, scale, varying


def _blocks(n: int, d: int) -> Iterator[tuple[int, int]]:
    width = max(1, CELLS // n)
    return ((start, min(d, start + width)) for start in range(0, d, width))


def _product_with(
    standard, blocks: Callable[[], Iterable[tuple[int, int]]], n: int, largest_gram: int, each: Each
) -> Product:
    """Q ↦ ZZᵀQ."""
    places = list(blocks())
    if n <= largest_gram:
        gram = torch.zeros(n, n)
        # It is symmetric: strips of rows up to their own diagonal are little more than half of it.
        strips = [(first, min(n, first + STRIP)) for first in range(0, n, STRIP)]
        for i, place in enumerate(places):
            z = standard(*place)
            for first, last in strips:
                gram[first:last, :last].addmm_(z[first:last], z[:last].T)
            each(0.3 + 0.4 * i / len(places))
        gram = (gram.tril() + gram.tril(-1).T).to(_exactness(n))
        return lambda q: (gram @ q.to(gram.dtype)).double()

    def product(q: Tensor) -> Tensor:
        result = torch.zeros(n, q.shape[1])
        for place in places:
            z = standard(*place)
            result += z @ (z.T @ q.float())
        return result.double()

    return product


def _exactness(n: int) -> torch.dtype:
    """float32 is right to 4e-7 of the largest eigenvalue (2,500 rows), takes half the time and half the memory."""
    return torch.float64 if n <= SMALL else torch.float32


def leading(product: Product, n: int, most: int, seed: int, exact: bool) -> tuple[Tensor, Tensor]:
    """Largest eigenvalues (≤ most) and their vectors (n, m), in descending order; what is rounding is left out."""
    if exact:
        values, vectors = torch.linalg.eigh(product(torch.eye(n)).to(_exactness(n)))
        values, vectors = values.double(), vectors[:, -most:].double()
        values = values[-most:]
    else:
        random = torch.Generator().manual_seed(seed)
        q = torch.randn(n, min(n, most + OVERSAMPLING), dtype=torch.float64, generator=random)
        for _ in range(ROUNDS):
            q = torch.linalg.qr(product(q))[0]
        values, inner = torch.linalg.eigh(q.T @ product(q))
        vectors = q @ inner
    values, vectors = values.flip(0)[:most], vectors.flip(1)[:, :most]
    real = values > values[0] * ROUNDING
    return values[real], vectors[:, real]


def heldout_error(product: Product, n: int, most: int, seed: int, exact: bool) -> dict[str, float]:
    """A tenth of the rows is left out of the PCA and reconstructed by it: the share of their variance that is lost,
    by the number of dimensions. (Their part in the z-score stays.) Needs ZZᵀ alone, no second pass over θ.
    """
    held = torch.randperm(n, generator=torch.Generator().manual_seed(seed))[: min(MOST_HELDOUT, n // 10)]
    if len(held) == 0:
        return {}
    kept = torch.ones(n, dtype=torch.float64)
    kept[held] = 0
    weights = kept / kept.sum()

    def centred(q: Tensor) -> Tensor:
        """Z less the mean of the rows that are kept."""
        result = product(q - weights[:, None] * q.sum(0))
        return result - (weights @ result)[None]

    def among_kept(q: Tensor) -> Tensor:
        return kept[:, None] * centred(kept[:, None] * q)

    values, vectors = leading(among_kept, n, min(most, n - len(held) - 1), seed, exact)
    along = centred(vectors)[held] / values.sqrt()
    whole = centred(torch.eye(n, dtype=torch.float64)[:, held])[held].diagonal().sum()
    lost = 1 - along.square().sum(0).cumsum(0) / whole
    counts = sorted({m for m in (1, 2, 5, 10, 20, 50, 100, 200, 500, len(values)) if m <= len(values)})
    return {str(m): round(float(lost[m - 1]), 4) for m in counts}
