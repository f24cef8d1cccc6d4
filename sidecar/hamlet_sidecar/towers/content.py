"""What items look like and are tagged, as far as the snapshot has it."""

import json
from collections import Counter

import numpy as np

from hamlet_sidecar.snapshots import open_snapshot

# (kind, id): ids of different kinds may be the same.
Name = tuple[str, str]


def columns_of(job, digest: str, items: list[Name]) -> dict[int, int]:
    """Number in the snapshot to column of `items`."""
    import pyarrow.parquet as parquet

    file = open_snapshot(job, digest) / 'items.parquet'
    names = parquet.read_table(file, columns=['item', 'kind', 'id']).to_pydict()
    column = {name: c for c, name in enumerate(items)}
    return {
        item: column[kind, name]
        for item, kind, name in zip(names['item'], names['kind'], names['id'], strict=True)
        if (kind, name) in column
    }


def content_of(job, digest: str, items: list[Name]) -> np.ndarray:
    """Unit vectors (items, c) of the snapshot's `vectors.parquet`, zeros where an item has none."""
    import pyarrow.parquet as parquet

    folder = open_snapshot(job, digest)
    file = folder / 'vectors.parquet'
    if not file.exists():
        return np.zeros((len(items), 0), np.float32)
    of_item = columns_of(job, digest, items)
    table = parquet.read_table(file).to_pydict()
    vectors: dict[int, np.ndarray] = {
        of_item[item]: np.frombuffer(data, '<f4')
        for item, data in zip(table['item'], table['vector'], strict=True)
        if item in of_item
    }
    width = max((len(vector) for vector in vectors.values()), default=0)
    content = np.zeros((len(items), width), np.float32)
    for c, vector in vectors.items():
        if len(vector) == width:
            content[c] = vector / max(np.linalg.norm(vector), 1e-12)
    return content


# Tags of fewer items tell nobody's taste; beyond so many the rarer ones are left out.
FEWEST, MOST_TAGS = 5, 1024


def tags_of(job, digest: str, items: list[Name]) -> tuple[list[str], np.ndarray]:
    """The words that tag enough of these items, the most frequent first, and 1 where an item (row) has one."""
    import pyarrow.parquet as parquet

    file = open_snapshot(job, digest) / 'items.parquet'
    if 'tags' not in parquet.read_schema(file).names:
        return [], np.zeros((len(items), 0), np.float32)
    table = parquet.read_table(file, columns=['kind', 'id', 'tags']).to_pydict()
    of_item = {
        (kind, name): set(json.loads(tags or '[]'))
        for kind, name, tags in zip(table['kind'], table['id'], table['tags'], strict=True)
    }
    counts = Counter(tag for name in items for tag in of_item.get(name, ()))
    words = [tag for tag, n in sorted(counts.items(), key=lambda one: (-one[1], one[0])) if n >= FEWEST]
    column = {tag: c for c, tag in enumerate(words[:MOST_TAGS])}
    hot = np.zeros((len(items), len(column)), np.float32)
    for row, name in enumerate(items):
        for tag in of_item.get(name, ()):
            if tag in column:
                hot[row, column[tag]] = 1
    return list(column), hot
