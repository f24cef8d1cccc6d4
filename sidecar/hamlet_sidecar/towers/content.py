"""What items look like, as far as the snapshot has it."""

import numpy as np

from hamlet_sidecar.snapshots import open_snapshot


def content_of(job, digest: str, items: list[str], kind: str) -> np.ndarray:
    """Unit vectors (items, c) of the snapshot's `vectors.parquet`, zeros where an item has none."""
    import pyarrow.parquet as parquet

    folder = open_snapshot(job, digest)
    file = folder / 'vectors.parquet'
    if not file.exists():
        return np.zeros((len(items), 0), np.float32)
    names = parquet.read_table(folder / 'items.parquet', columns=['item', 'kind', 'id']).to_pydict()
    column = {name: c for c, name in enumerate(items)}
    of_item = {
        item: column[name]
        for item, its, name in zip(names['item'], names['kind'], names['id'], strict=True)
        if its == kind and name in column
    }
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
