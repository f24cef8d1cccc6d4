"""Pictures that pairs may be made of, and who was shown which, as the api wrote them."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hamlet_sidecar.artifacts import read_manifest, verify_files
from hamlet_sidecar.clip.embed_job import read_pixels
from hamlet_sidecar.contract import STRENGTHS
from hamlet_sidecar.errors import SidecarError

LIKES = {kind for kind, strength in STRENGTHS.items() if strength > STRENGTHS['click']}
DISLIKES = {kind for kind, strength in STRENGTHS.items() if strength < 0}


@dataclass(frozen=True)
class Showings:
    """One entry for each person and picture: aligned arrays. `position` −1 and `propensity` NaN are unknown.

    `seen`: something says that the person looked (a view, a click); else only the list says that it was shown.
    """

    user: np.ndarray
    picture: np.ndarray
    position: np.ndarray
    propensity: np.ndarray
    seen: np.ndarray
    liked: np.ndarray

    def of(self, chosen: np.ndarray) -> 'Showings':
        return Showings(*(getattr(self, name)[chosen] for name in self.__dataclass_fields__))


@dataclass(frozen=True)
class Pool:
    """`pixels`: (n, side, side, RGB) uint8. `left_out`: why pictures and deeds are not here, with counts."""

    pixels: np.ndarray
    ids: list[str]
    prompts: list[str]
    showings: Showings
    left_out: dict[str, int]

    def only(self, chosen: np.ndarray) -> 'Pool':
        place = np.full(len(self.ids), -1)
        place[chosen] = np.arange(len(chosen))
        kept = self.showings.of(place[self.showings.picture] >= 0)
        showings = Showings(**{**vars(kept), 'picture': place[kept.picture]})
        ids, prompts = ([column[i] for i in chosen] for column in (self.ids, self.prompts))
        return Pool(self.pixels[chosen], ids, prompts, showings, self.left_out)


def read_pool(folder: Path) -> Pool:
    """Raises SidecarError `digest-mismatch` or `artifact-invalid`; what is there twice is in it once."""
    import pyarrow.parquet as parquet

    verify_files(folder, read_manifest(folder))
    told = json.loads((folder / 'pool.json').read_text())
    pixels = read_pixels(folder / 'pixels.safetensors')
    if len(told['pictures']) != len(pixels):
        raise SidecarError('artifact-invalid', f'{folder.name} has not as many pictures as it says')
    rows = parquet.read_table(folder / 'showings.parquet').to_pydict()
    column = {picture['item']: place for place, picture in enumerate(told['pictures'])}
    pool = Pool(
        pixels,
        [picture['id'] for picture in told['pictures']],
        [picture['prompt'] for picture in told['pictures']],
        gather(rows, column),
        told['leftOut'],
    )
    return without_duplicates(pool)


def gather(rows: dict[str, list], column: dict[int, int]) -> Showings:
    """rows: columns user, item, type, position, propensity; a type is an event's, or `shown` of a list."""
    known: dict[tuple[int, int], list] = {}
    names = ('user', 'item', 'type', 'position', 'propensity')
    for user, item, kind, position, propensity in zip(*(rows[name] for name in names), strict=True):
        if item not in column:
            continue
        one = known.setdefault((user, column[item]), [-1, float('nan'), False, False, False])
        if position is not None and one[0] < 0:
            one[0] = position
        if propensity is not None:
            one[1] = propensity
        one[2] |= kind != 'shown'
        one[3] |= kind in LIKES
        one[4] |= kind in DISLIKES
    keys = np.array(list(known), dtype=np.int64).reshape(-1, 2)
    values = list(known.values())
    return Showings(
        keys[:, 0],
        keys[:, 1],
        np.array([v[0] for v in values], np.int64),
        np.array([v[1] for v in values], float),
        np.array([v[2] for v in values], bool),
        np.array([v[3] and not v[4] for v in values], bool),
    )


def without_duplicates(pool: Pool) -> Pool:
    """Of pictures that are equal to the byte the first."""
    digests = [hashlib.sha256(picture.tobytes()).digest() for picture in pool.pixels]
    first = np.array(sorted({digest: i for i, digest in reversed(list(enumerate(digests)))}.values()))
    pool.left_out['duplicates'] = len(digests) - len(first)
    return pool.only(first)
