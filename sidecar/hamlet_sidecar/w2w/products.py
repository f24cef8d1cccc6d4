"""Tensors of one layer's adapter to its ΔW as a product, for each way of writing an adapter.

The formulas are those of LyCORIS (github.com/KohakuBlueleaf/LyCORIS) and peft; tests hold them against peft's
own layers. LoHa and LoKr become products without the full matrix: (A₁B₁)∘(A₂B₂) is the row-wise Kronecker product of
the As times the column-wise one of the Bs, and (A₁B₁)⊗(A₂B₂) = (A₁⊗A₂)(B₁⊗B₂).
"""

import math
from collections.abc import Mapping

import torch
from torch import Tensor

from hamlet_sidecar.errors import SidecarError
from hamlet_sidecar.w2w.delta import Delta, Shape, product_of, thin

Pieces = Mapping[str, Tensor]
KINDS = {
    'lora': [{'up', 'down'}, {'up', 'down', 'mid'}],
    'loha': [
        {'hada_w1_a', 'hada_w1_b', 'hada_w2_a', 'hada_w2_b'},
        {'hada_w1_a', 'hada_w1_b', 'hada_w2_a', 'hada_w2_b', 'hada_t1', 'hada_t2'},
    ],
    'lokr': [
        {*first, *second}
        for first in (['lokr_w1'], ['lokr_w1_a', 'lokr_w1_b'])
        for second in (['lokr_w2'], ['lokr_w2_a', 'lokr_w2_b'], ['lokr_w2_a', 'lokr_w2_b', 'lokr_t2'])
    ],
}
# Where a piece's sides are the adapter's rank; all of a layer's must agree.
RANK_AXES = {
    **{'up': 1, 'down': 0},
    **{'hada_w1_a': 1, 'hada_w1_b': 0, 'hada_w2_a': 1, 'hada_w2_b': 0},
    **{'lokr_w1_a': 1, 'lokr_w1_b': 0, 'lokr_w2_a': 1, 'lokr_w2_b': 0},
}


def kind_of(pieces: set[str]) -> str | None:
    """lora, loha or lokr; None for pieces that do not make an adapter."""
    bare = pieces - {'alpha', 'magnitude'}
    return next((kind for kind, sets in KINDS.items() if bare in sets), None)


def sides_of(shapes: Mapping[str, Shape]) -> tuple[int, int, int | None]:
    """(out, in · kh · kw, rank) by shapes alone; the rank of LoKr's whole matrices is None.

    Raises ValueError for pieces that do not fit each other.
    """
    kind = kind_of(set(shapes))
    if kind == 'lora':
        (out, rank), (rank_in, wide) = _flat(shapes['up']), _flat(shapes['down'])
        if 'mid' in shapes:
            wide *= math.prod(shapes['mid'][2:])
            _agree(rank, shapes['mid'][0])
            _agree(rank_in, shapes['mid'][1])
        else:
            _agree(rank, rank_in)
        return out, wide, rank_in
    if kind == 'loha':
        sides = [_factor(shapes, f'hada_w{i}', f'hada_t{i}') for i in (1, 2)]
        if sides[0][:2] != sides[1][:2]:
            raise ValueError(f'its two products are {sides[0][:2]} and {sides[1][:2]}')
        return sides[0]
    if kind == 'lokr':
        (a, b, first), (c, d, second) = (_factor(shapes, f'lokr_w{i}', f'lokr_t{i}') for i in (1, 2))
        return a * c, b * d, second or first
    raise ValueError(f'{sorted(shapes)} do not make an adapter')


def _factor(shapes: Mapping[str, Shape], name: str, core: str) -> tuple[int, int, int | None]:
    if name in shapes:
        return *_flat(shapes[name]), None
    left, right = _flat(shapes[f'{name}_a']), _flat(shapes[f'{name}_b'])
    if core in shapes:
        # Tucker: the core (r, r, kh, kw) stands between factors that both begin with the rank.
        _agree(left[0], shapes[core][0])
        _agree(right[0], shapes[core][1])
        return left[1], right[1] * math.prod(shapes[core][2:]), right[0]
    _agree(left[1], right[0])
    return left[0], right[1], right[0]


def _flat(shape: Shape) -> tuple[int, int]:
    if len(shape) < 2:
        raise ValueError(f'a factor has the shape {shape}')
    return shape[0], math.prod(shape[1:])


def _agree(one: int, other: int) -> None:
    if one != other:
        raise ValueError(f'its factors have ranks {one} and {other}')


def delta_of(pieces: Pieces, scale: float, shape: Shape) -> Delta:
    """`shape` is the layer's; `scale` what multiplies the product. DoRA's magnitude is applied elsewhere."""
    kind = kind_of(set(pieces))
    if kind == 'lora':
        up, down = pieces['up'].flatten(1), pieces['down']
        if 'mid' in pieces:
            down = torch.einsum('p q ..., q i -> p i ...', pieces['mid'], down.flatten(1))
        return thin(up * scale, down.flatten(1), shape)
    if kind == 'loha':
        return _hadamard(pieces, scale, shape)
    left, right = (_kronecker_factor(pieces, f'lokr_w{i}') for i in (1, 2))
    return thin(torch.kron(left[0], right[0]) * scale, torch.kron(left[1], right[1]), shape)


def _hadamard(pieces: Pieces, scale: float, shape: Shape) -> Delta:
    if 'hada_t1' in pieces:
        first, second = (_tucker(pieces, f'hada_w{i}', f'hada_t{i}') for i in (1, 2))
        return product_of(first * second * scale, shape)
    (a, b), (c, d) = ((pieces[f'hada_w{i}_a'], pieces[f'hada_w{i}_b'].flatten(1)) for i in (1, 2))
    if a.shape[1] * c.shape[1] > min(a.shape[0], b.shape[1]):
        return product_of((a @ b) * (c @ d) * scale, shape)
    up = torch.einsum('o p, o q -> o p q', a, c).flatten(1)
    down = torch.einsum('p i, q i -> p q i', b, d).flatten(0, 1)
    return Delta(up * scale, down, shape)


def _kronecker_factor(pieces: Pieces, name: str) -> tuple[Tensor, Tensor]:
    if name in pieces or ('lokr_t2' in pieces and name == 'lokr_w2'):
        whole = pieces[name].flatten(1) if name in pieces else _tucker(pieces, name, name.replace('w', 't'))
        halves = product_of(whole, tuple(whole.shape))
        return halves.up, halves.down
    return pieces[f'{name}_a'], pieces[f'{name}_b'].flatten(1)


def _tucker(pieces: Pieces, name: str, core: str) -> Tensor:
    a, b = pieces[f'{name}_a'].flatten(1), pieces[f'{name}_b'].flatten(1)
    return torch.einsum('i j ..., i p, j r -> p r ...', pieces[core], a, b).flatten(1)


def with_magnitude(delta: Delta, magnitude: Tensor, weight: Tensor) -> Delta:
    """DoRA (Liu et al. 2024): W′ = m · (W + ΔW)/‖W + ΔW‖, so that ΔW′ = W′ − W needs the base's W and is of full rank.

    `magnitude` has one number for each output, or, in older LyCORIS files (1, in, …), one for each input.
    """
    whole = weight.float() + delta.weight()
    flat = magnitude.flatten()
    by_input = magnitude.ndim >= 2 and magnitude.shape[0] == 1 and magnitude.shape[1] == whole.shape[1] != 1
    axis = 1 if by_input else 0
    if len(flat) != whole.shape[axis]:
        raise SidecarError('lora-invalid', f'{len(flat)} magnitudes for a layer of {tuple(whole.shape)}')
    others = [i for i in range(whole.ndim) if i != axis]
    norm = torch.linalg.vector_norm(whole, dim=others, keepdim=True).clamp_min(1e-12)
    moved = whole * (flat.reshape([-1 if i == axis else 1 for i in range(whole.ndim)]) / norm)
    return product_of((moved - weight.float()).flatten(1), delta.shape)
