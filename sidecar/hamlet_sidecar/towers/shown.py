"""The pictures that the api offered with a training, and the items that each shows."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from hamlet_sidecar.artifacts import read_manifest, verify_files
from hamlet_sidecar.clip.embed_job import normalisation, read_pixels
from hamlet_sidecar.errors import SidecarError


class Shown:
    """Parts of `spec['pixels']`, each read once: rows are the pictures that show one of `columns`.

    picture_rows, picture_columns: (pairs,), which row shows which column. mean, std: (RGB,) by which pixels are
    normalised; `making`: how a picture becomes pixels, for whoever looks at further ones.
    """

    def __init__(self, spec: dict[str, Any], job, columns: dict[int, int]):
        """columns: number in the snapshot to column. Raises SidecarError `pictures-missing`, `artifact-invalid`."""
        if not spec.get('pixels'):
            raise SidecarError(
                'pictures-missing', '/spec/pixels: the trained blocks have no pictures to see', 400
            )
        self.parts: list[tuple[Path, np.ndarray]] = []
        rows, shown_columns, count, self.making, self.side = [], [], 0, {}, 0
        for name in spec['pixels']:
            folder = job.path(name)
            manifest = read_manifest(folder)
            verify_files(folder, manifest)
            mean, std = normalisation(manifest)
            making = dict(manifest['parameters'])
            if not all(isinstance(making.get(one), int | float) for one in ('crop', 'kernel')):
                raise SidecarError('artifact-invalid', f'{name} does not say how its pictures were made')
            if self.parts and making != self.making:
                raise SidecarError(
                    'artifact-invalid', f'{name} was made in another way than the parts before'
                )
            self.making, self.mean, self.std = making, mean, std
            wanted = []
            for place, items in enumerate(read_shown(folder / 'shown.json')):
                known = [columns[item] for item in items if item in columns]
                if known:
                    rows += [count + len(wanted)] * len(known)
                    shown_columns += known
                    wanted.append(place)
            self.parts.append((folder, np.array(wanted, np.int64)))
            count += len(wanted)
        if count == 0:
            raise SidecarError('pictures-missing', 'no item that people had to do with has a picture')
        self.count, self.digest_of = count, tuple(spec['pixels'])
        self.picture_rows, self.picture_columns = np.array(rows), np.array(shown_columns)

    def pixels(self, side: int) -> Iterator[np.ndarray]:
        """Parts (n, side, side, RGB) of bytes. Raises SidecarError `pictures-wrong-size`, `artifact-invalid`."""
        for folder, wanted in self.parts:
            pixels = read_pixels(folder / 'pixels.safetensors')
            if pixels.shape[1] != side:
                raise SidecarError(
                    'pictures-wrong-size', f'{folder.name}: {pixels.shape[1]} px, the model sees {side}'
                )
            if len(wanted) and wanted[-1] >= len(pixels):
                raise SidecarError('artifact-invalid', f'{folder.name} names more pictures than it has')
            yield pixels[wanted]


def read_shown(file: Path) -> list[list[int]]:
    """For each picture the numbers of its items. Raises SidecarError `artifact-invalid`."""
    try:
        shown = json.loads(file.read_text())
    except (OSError, ValueError) as error:
        raise SidecarError('artifact-invalid', 'shown.json cannot be read') from error
    plain = isinstance(shown, list) and all(
        isinstance(items, list) and all(type(item) is int for item in items) for items in shown
    )
    if not plain:
        raise SidecarError('artifact-invalid', 'shown.json does not name the items of each picture')
    return shown
