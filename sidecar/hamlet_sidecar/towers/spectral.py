"""Where the vectors begin: the smooth part of the graph of people and items."""

import numpy as np
import scipy.sparse as sparse
from sklearn.utils.extmath import randomized_svd

ROUNDS = 4


def spectral(rows: list[np.ndarray], items: int, spec: dict) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Leading right singular vectors of R̃ = D_people^-½ R D_items^-½: as part of a history, as asked about.

    The sum over a history of exp(weights) · history, times items, is a low-pass filter of the graph of people and
    items. With both degrees to the power ½ and `filter` 0 it is the ideal one of GF-CF (Shen et al., "How Powerful is
    Graph Convolution for Recommendation?", CIKM 2021). What the rank does not fill stays nearly 0.

    history: (items, d) float32 of mean length 1; weights: (items,) float32, logarithms; items: (items, d), likewise.
    """
    people = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
    columns = np.concatenate(rows)
    of_people = np.array([len(row) for row in rows], np.float64)
    of_items = np.bincount(columns, minlength=items).astype(np.float64)
    shares = 1 / np.sqrt(of_people[people] * of_items[columns])
    matrix = sparse.csr_matrix((shares.astype(np.float32), (people, columns)), (len(rows), items))
    d, seed = spec['d'], spec['seed']
    rank = min(d, min(matrix.shape) - 1)
    vectors = np.random.default_rng(seed).normal(scale=1e-3, size=(items, d)).astype(np.float32)
    if rank > 0:
        _, values, right = randomized_svd(matrix, rank, n_iter=ROUNDS, random_state=seed)
        vectors[:, :rank] = (right * (values[:, None] ** (spec['filter'] / 2))).T
    degrees = np.log(np.maximum(of_items, 1)).astype(np.float32)
    asked = vectors * np.exp(spec['itemDegree'] * degrees)[:, None]
    return unit_on_average(vectors), -spec['historyDegree'] * degrees, unit_on_average(asked)


def unit_on_average(vectors: np.ndarray) -> np.ndarray:
    return vectors / max(np.linalg.norm(vectors, axis=1).mean(), 1e-12)
