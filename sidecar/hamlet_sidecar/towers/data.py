"""Who had to do with what: from a sparse matrix or from a snapshot of the log."""

import hashlib
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sparse

from hamlet_sidecar.errors import SidecarError
from hamlet_sidecar.sequence.histories import from_snapshot_of_kinds
from hamlet_sidecar.towers.content import columns_of, content_of, tags_of

# The same people and items are kept for validation whatever the seed of a training is.
SPLIT = 0
KINDS = ('image', 'model')


@dataclass(frozen=True)
class Interactions:
    """rows[u]: columns of a person, oldest first where `ordered`, each once; column c is items[c].

    content: (items, c) float32, unit vectors, zeros where an item has none; c is 0 without any. Behind them, where
    the towers are of content, 1 for each of `tags` that an item has. asked: (items,), whether an item is of the kind
    that the towers name; the others are only part of histories. numbers: those of a snapshot, to columns.
    """

    items: list[str]
    rows: list[np.ndarray]
    ordered: bool
    digest: str
    content: np.ndarray
    tags: list[str] = field(default_factory=list)
    asked: np.ndarray | None = None
    numbers: dict[int, int] = field(default_factory=dict)

    @property
    def others(self) -> np.ndarray:
        """Columns that are not asked about."""
        return np.zeros(0, np.int64) if self.asked is None else np.flatnonzero(~self.asked)


def read_interactions(spec: dict[str, Any], job) -> Interactions:
    """Raises SidecarError `dataset-empty` when nobody had to do with two things."""
    if 'interactions' in spec:
        found = read_matrix(job.path(spec['interactions']))
    else:
        kinds = KINDS if spec['histories'] == 'all' else (spec['items'],)
        log = from_snapshot_of_kinds(spec, job, kinds)
        numbers = columns_of(job, spec['snapshot'], log.items)
        content, tags = content_of(job, spec['snapshot'], log.items), []
        if spec['of'] == 'content':
            tags, hot = tags_of(job, spec['snapshot'], log.items)
            content = np.concatenate([content, hot], 1)
        rows = log.rows() if log.items else []
        names = [name for _, name in log.items]
        asked = np.array([kind == spec['items'] for kind, _ in log.items], bool)
        found = Interactions(names, rows, True, log.digest, content, tags, asked, numbers)
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
        cuts = [last_asked(row, data.asked) for row in data.rows]
        return [row[:cut] for row, cut in zip(data.rows, cuts, strict=True)], [
            row[cut : cut + 1] for row, cut in zip(data.rows, cuts, strict=True)
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


def last_asked(row: np.ndarray, asked: np.ndarray | None) -> int:
    """Place of the last item that can be asked about with a history before it; the end where there is none."""
    places = np.arange(len(row)) if asked is None else np.flatnonzero(asked[row])
    return int(places[-1]) if len(places) and places[-1] > 0 else len(row)
