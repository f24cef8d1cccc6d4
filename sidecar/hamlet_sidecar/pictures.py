"""Rendered pictures as `npx hamlet world render` writes them."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hamlet_sidecar.artifacts import describe_file
from hamlet_sidecar.errors import SidecarError

ATTRIBUTES = ('subject', 'style', 'palette', 'composition', 'medium')


@dataclass(frozen=True)
class Pictures:
    """`pixels` is (count, size, size, RGB) uint8 and stays on disk; `records` are in the same order."""

    pixels: np.ndarray
    records: list[dict]
    grammar: dict[str, dict[str, list[str]]]
    sha256: str

    def __len__(self) -> int:
        return len(self.records)

    def labels(self) -> np.ndarray:
        """(count, 5) int64: the index of each attribute's word in the grammar."""
        index = {a: {word: i for i, word in enumerate(self.grammar[a])} for a in ATTRIBUTES}
        return np.array([[index[a][record[a]] for a in ATTRIBUTES] for record in self.records])


def read_pictures(folder: str | Path) -> Pictures:
    """Raises ValueError where counts differ, SidecarError `digest-mismatch` for other pixels than the manifest's."""
    folder = Path(folder)
    manifest = json.loads((folder / 'manifest.json').read_text())
    lines = (folder / 'pictures.jsonl').read_text().splitlines()
    side = manifest['size']
    pixels = np.memmap(folder / 'pixels.u8', np.uint8, 'r').reshape(-1, side, side, 3)
    if not len(lines) == len(pixels) == manifest['count']:
        raise ValueError(f'{folder}: the manifest names {manifest["count"]} pictures, the files hold others')
    if describe_file(folder / 'pixels.u8')['sha256'] != manifest['sha256']:
        raise SidecarError('digest-mismatch', f'{folder.name}/pixels.u8 is not what its manifest says')
    return Pictures(pixels, [json.loads(line) for line in lines], manifest['grammar'], manifest['sha256'])
