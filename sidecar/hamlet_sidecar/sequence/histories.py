"""Histories of people, oldest first: from a file of sequences or from a snapshot of the log."""

import hashlib
import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from hamlet_sidecar.contract import STRENGTHS
from hamlet_sidecar.errors import SidecarError
from hamlet_sidecar.snapshots import open_snapshot

LONGEST_ID = 256
LOOKED_AT = 100
# Takes an earlier dislike back, as in src/events/reducer.ts.
APPROVAL = 1


@dataclass(frozen=True)
class Histories:
    """Row u is columns[offsets[u]:offsets[u + 1]]; column c is items[c]; an item is in a row once, where it was last."""

    items: list[Any]
    offsets: np.ndarray
    columns: np.ndarray
    digest: str

    def rows(self) -> list[np.ndarray]:
        return np.split(self.columns, self.offsets[1:-1])


def read_histories(spec: dict[str, Any], job) -> Histories:
    """Raises SidecarError `dataset-empty` when nobody did two things."""
    found = read_sequences(job.path(spec['sequences'])) if 'sequences' in spec else from_snapshot(spec, job)
    if not found.items or np.diff(found.offsets).max() < 2:
        raise SidecarError('dataset-empty', 'nobody has a history of two items: there is nothing to learn')
    return found


def read_sequences(path: Path) -> Histories:
    """`user item` a line or `user item item …` a line. Lines that are neither are left out, as evaluation does."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SidecarError('sequences-unreadable', f'{path.name} cannot be read', 404) from error
    lines = [line.split() for line in content.decode(errors='replace').splitlines()]
    rows = any(len(words) > 2 for words in lines[:LOOKED_AT])
    columns: dict[str, int] = {}
    histories: dict[str, list[int]] = {}
    for words in lines:
        fits = len(words) > 1 if rows else len(words) == 2
        if fits and all(len(word) <= LONGEST_ID for word in words):
            history = histories.setdefault(words[0], [])
            history += (columns.setdefault(word, len(columns)) for word in words[1:])
    return pack(list(columns), histories.values(), hashlib.sha256(content).hexdigest())


def from_snapshot(spec: dict[str, Any], job) -> Histories:
    """The positive deeds of each person with items of one kind, in the order that a state has them."""
    found = from_snapshot_of_kinds(spec, job, (spec['items'],))
    return Histories([name for _, name in found.items], found.offsets, found.columns, found.digest)


def from_snapshot_of_kinds(spec: dict[str, Any], job, kinds: tuple[str, ...]) -> Histories:
    """The same with items of several kinds, which are named by (kind, id)."""
    import pyarrow.parquet as parquet

    folder = open_snapshot(job, spec['snapshot'])
    table = parquet.read_table(folder / 'items.parquet', columns=['item', 'kind', 'id']).to_pydict()
    ids = {
        item: (kind, name)
        for item, kind, name in zip(table['item'], table['kind'], table['id'], strict=True)
        if kind in kinds
    }
    events = parquet.read_table(folder / 'events.parquet', columns=['user', 'item', 'type', 'at'])
    deeds: dict[int, list[tuple[int, str, int]]] = {}
    until = spec.get('until', math.inf)
    at = events['at'].cast('int64').to_pylist()
    for user, item, what, when in zip(
        events['user'].to_pylist(), events['item'].to_pylist(), events['type'].to_pylist(), at, strict=True
    ):
        if item in ids and when < until:
            deeds.setdefault(user, []).append((item, what, when))
    columns: dict[int, int] = {}
    histories = [
        [columns.setdefault(item, len(columns)) for item in positive(done, spec['minStrength'])]
        for done in deeds.values()
    ]
    return pack([ids[item] for item in columns], histories, spec['snapshot'])


def positive(deeds: Iterable[tuple[int, str, int]], least: float) -> list[int]:
    """What the reducer of events leaves in `recent`: an item once, by its last time; what was disliked is out."""
    known: dict[int, tuple[int, float]] = {}
    disliked: set[int] = set()
    hidden: set[int] = set()
    for item, what, at in deeds:
        strength = STRENGTHS[what]
        if strength < 0:
            known.pop(item, None)
            disliked.add(item)
            if what == 'hide':
                hidden.add(item)
        elif item not in hidden and (item not in disliked or strength >= APPROVAL):
            disliked.discard(item)
            last, strongest = known.pop(item, (at, strength))
            known[item] = (max(at, last), max(strength, strongest))
    by_time = sorted(known, key=lambda item: known[item][0])
    return [item for item in by_time if known[item][1] >= least]


def pack(items: list[Any], histories: Iterable[list[int]], digest: str) -> Histories:
    """histories: columns of `items`, oldest first; of an item that comes again the last time is kept."""
    kept = [list(dict.fromkeys(reversed(history)))[::-1] for history in histories]
    offsets = np.zeros(len(kept) + 1, np.int64)
    np.cumsum([len(history) for history in kept], out=offsets[1:])
    columns = np.fromiter((column for history in kept for column in history), np.int32, offsets[-1])
    return Histories(items, offsets, columns, digest)
