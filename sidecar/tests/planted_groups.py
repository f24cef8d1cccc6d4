"""People who keep to one of four groups of items: what they have not seen of their group is wanted next."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet
import scipy.sparse as sparse

GROUPS, SIZE, EACH = 4, 25, 10
# Enough to learn groups in seconds.
SMALL = {
    'interactions': 'groups.npz',
    **{'d': 16, 'epochs': 6, 'patience': 3, 'batch': 32, 'learningRate': 0.01, 'warmup': 5, 'judged': 100},
}


def members(user: int) -> np.ndarray:
    """Ten different items of the person's group, in an order that says nothing."""
    picked = np.random.default_rng(user).permutation(SIZE)[:EACH]
    return picked + SIZE * (user % GROUPS)


def write_groups(file: Path, users: int = 160) -> None:
    rows = [members(user) for user in range(users)]
    indptr = np.arange(0, EACH * users + 1, EACH)
    matrix = sparse.csr_matrix((np.ones(EACH * users), np.concatenate(rows), indptr), (users, GROUPS * SIZE))
    sparse.save_npz(file, matrix)


def look_of(item: int, seed: int = 0) -> np.ndarray:
    """Content says which group an item is of, and a little of its own."""
    look = np.random.default_rng([item, seed]).normal(scale=0.1, size=8)
    look[item // SIZE] += 1
    return (look / np.linalg.norm(look)).astype('<f4')


def write_likes(folder: Path, histories: list[np.ndarray]) -> None:
    """Events of a snapshot: person u + 1 liked these items (counted from 0), one a millisecond."""
    deeds = [(user + 1, int(item) + 1) for user, row in enumerate(histories) for item in row]
    people, seen = zip(*deeds, strict=True) if deeds else ((), ())
    parquet.write_table(
        pa.table(
            {
                'user': pa.array(people, pa.int32()),
                'item': pa.array(seen, pa.int32()),
                'type': pa.array(['like'] * len(deeds), pa.string()),
                'at': pa.array(range(len(deeds)), pa.timestamp('ms')),
            }
        ),
        folder / 'events.parquet',
    )


def write_snapshot(folder: Path, users: int = 160, vectors: bool = True) -> None:
    """Items 1…100 of the groups, and one more of each that nobody has seen."""
    folder.mkdir(parents=True, exist_ok=True)
    items = list(range(1, GROUPS * SIZE + 1))
    parquet.write_table(
        pa.table({'item': items, 'kind': ['image'] * len(items), 'id': [f'i{n}' for n in items]}),
        folder / 'items.parquet',
    )
    write_likes(folder, [members(user) for user in range(users)])
    if vectors:
        parquet.write_table(
            pa.table({'item': items, 'vector': [look_of(n - 1).tobytes() for n in items]}),
            folder / 'vectors.parquet',
        )
