"""Who had to do with what: from a sparse matrix or from a snapshot of the log."""

import hashlib
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sparse

from hamlet_sidecar.errors import SidecarError
from hamlet_sidecar.sequence.histories import from_snapshot
from hamlet_sidecar.towers.content import content_of, tags_of

# The same people and items are kept for validation whatever the seed of a training is.
SPLIT = 0


@dataclass(frozen=True)
class Interactions:
    """rows[u]: columns of a person, oldest first where `ordered`, each once; column c is items[c].

    content: (items, c) float32, unit vectors, zeros where an item has none; c is 0 without any. Behind them, where
    the towers are of content, 1 for each of `tags` that an item has.
    """

    items: list[str]
    rows: list[np.ndarray]
    ordered: bool
    digest: str
    content: np.ndarray
    tags: list[str] = field(default_factory=list)


def read_interactions(spec: dict[str, Any], job) -> Interactions:
    """Raises SidecarError `dataset-empty` when nobody had to do with two things."""
    if 'interactions' in spec:
        found = read_matrix(job.path(spec['interactions']))
    else:
        log = from_snapshot(spec, job)
        asked = (job, spec['snapshot'], log.items, spec['items'])
        content, tags = content_of(*asked), []
        if spec['of'] == 'content':
            tags, hot = tags_of(*asked)
            content = np.concatenate([content, hot], 1)
        found = Interactions(log.items, log.rows() if log.items else [], True, log.digest, content, tags)
    if not any(len(row) > 1 for row in found.rows):
        raise SidecarError('dataset-empty', 'nobody had to do with two items: there is nothing to learn')
    return found


def read_matrix(path: Path) -> Interactions:
    """People × items in scipy's own format (.npz); whatever is not 0 counts once. Items are named by their column."""
    try:
        content = path.read_bytes()
        matrix = sparse.load_npz(path).tocsr()
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise SidecarError(
            'interactions-unreadable', f'{path.name} is no sparse matrix of scipy', 404
        ) from error
    matrix.sum_duplicates()
    matrix.eliminate_zeros()
    people, items = matrix.shape
    rows = np.split(matrix.indices.astype(np.int32), matrix.indptr[1:-1]) if people else []
    names = [str(column) for column in range(items)]
    none = np.zeros((items, 0), np.float32)
    return Interactions(names, rows, False, hashlib.sha256(content).hexdigest(), none)


def split(data: Interactions, spec: dict[str, Any]) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """What is learned from, and what is kept for validation, a row a person: both oldest first."""
    if spec['validation'] == 0:
        return data.rows, [row[:0] for row in data.rows]
    if data.ordered:
        cuts = [len(row) - (len(row) > 1) for row in data.rows]
        return [row[:cut] for row, cut in zip(data.rows, cuts, strict=True)], [
            row[cut:] for row, cut in zip(data.rows, cuts, strict=True)
        ]
    random = np.random.default_rng(SPLIT)
    learned, kept = [], []
    for row in data.rows:
        out = np.zeros(len(row), bool)
        count = max(1, round(spec['validation'] * len(row))) if len(row) > 1 else 0
        out[random.choice(len(row), count, replace=False)] = True
        learned.append(row[~out])
        kept.append(row[out])
    return learned, kept
