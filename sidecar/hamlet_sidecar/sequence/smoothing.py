"""Item vectors smoothed over who follows whom: an item of few histories takes part in what its neighbours learn.

After Zhu et al., "Graph-based Embedding Smoothing for Sequential Recommendation" (TKDE 2021), in one layer.
"""

import warnings

import numpy as np
import torch
from scipy import sparse
from torch import Tensor

# Steps between two items of a history that are still neighbours; each counts as one part of its distance.
REACH = 3


def neighbour_means(rows: list[np.ndarray], items: int, share: float) -> Tensor:
    """Sparse (items + 1, items + 1): times a table of vectors, (1 − share) of each and `share` of its neighbours' mean.

    rows: columns of each history, none twice in one. Item numbers are columns + 1; what nothing stands beside keeps its own vector.
    """
    pairs = sparse.coo_array((items + 1, items + 1), dtype=np.float32).tocsr()
    for step in range(1, REACH + 1):
        left = np.concatenate([row[:-step] for row in rows if len(row) > step] or [np.empty(0, int)]) + 1
        right = np.concatenate([row[step:] for row in rows if len(row) > step] or [np.empty(0, int)]) + 1
        weights = np.full(len(left), 1 / step, np.float32)
        pairs += sparse.coo_array((weights, (left, right)), pairs.shape).tocsr()
    pairs = pairs + pairs.T
    degree = np.asarray(pairs.sum(1)).ravel()
    own = np.where(degree > 0, 1 - share, 1).astype(np.float32)
    means = sparse.diags_array(share / np.maximum(degree, 1e-12)).astype(np.float32) @ pairs
    whole = (means + sparse.diags_array(own)).tocsr().astype(np.float32)
    with warnings.catch_warnings():
        # "Sparse CSR tensor support is in beta state."
        warnings.simplefilter('ignore')
        return torch.sparse_csr_tensor(whole.indptr, whole.indices, whole.data, whole.shape)


class _Smooth(torch.autograd.Function):
    """table → graph @ table; the gradient goes back through the transpose, which is made once."""

    @staticmethod
    def forward(ctx, table: Tensor, graph: Tensor, transposed: Tensor):
        ctx.transposed = transposed
        return graph @ table

    @staticmethod
    def backward(ctx, grad: Tensor):
        return ctx.transposed @ grad, None, None


class Smoothing:
    def __init__(self, graph: Tensor):
        self.graph = graph
        self.transposed = graph.to_sparse_coo().t().to_sparse_csr()

    def __call__(self, table: Tensor) -> Tensor:
        """(items + 1, d) to the same."""
        # There is no sparse product in bfloat16.
        with torch.autocast(table.device.type, enabled=False):
            return _Smooth.apply(table, self.graph, self.transposed)
