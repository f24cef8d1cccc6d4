"""Preference pairs on disk: `pairs.json`, and the pictures in `pixels.safetensors`, each once."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from hamlet_sidecar.clip.embed_job import read_pixels
from hamlet_sidecar.errors import SidecarError

FEWEST = 20


@dataclass(frozen=True)
class Pair:
    """`winner` and `loser` count in the pictures of the set; `prompt` is what the prompts of both say."""

    winner: int
    loser: int
    prompt: str
    cluster: int
    margin: float


@dataclass(frozen=True)
class PairSet:
    """`pixels`: (pictures, side, side, RGB) uint8. `held_out`: prompts that no pair has."""

    source: str
    score: dict[str, str]
    pixels: np.ndarray
    ids: list[str]
    pairs: list[Pair]
    held_out: list[str]
    statistics: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> bytes:
        about = {'source': self.source, 'score': self.score, 'pictures': self.ids}
        pairs = [vars(pair) for pair in self.pairs]
        whole = {**about, 'pairs': pairs, 'heldOut': self.held_out, 'statistics': self.statistics}
        return json.dumps(whole, ensure_ascii=False, allow_nan=False).encode()


def read_pair_set(folder: Path) -> PairSet:
    """Raises SidecarError `pairs-unknown`, `artifact-invalid` or `pairs-too-few`."""
    try:
        told = json.loads((folder / 'pairs.json').read_text())
    except OSError as error:
        raise SidecarError('pairs-unknown', f'there are no pairs in {folder.name}', 404) from error
    except ValueError as error:
        raise SidecarError('artifact-invalid', f'{folder.name}/pairs.json is no JSON') from error
    pixels = read_pixels(folder / 'pixels.safetensors')
    pairs = [Pair(**pair) for pair in told['pairs']]
    if any(not 0 <= place < len(pixels) for pair in pairs for place in (pair.winner, pair.loser)):
        raise SidecarError('artifact-invalid', f'{folder.name} has a pair of pictures that it lacks')
    require_enough(len(pairs))
    return PairSet(
        told['source'],
        told['score'],
        pixels,
        told['pictures'],
        pairs,
        told['heldOut'],
        told['statistics'],
    )


def require_enough(pairs: int, why: str = '') -> None:
    if pairs < FEWEST:
        reason = f': {why}' if why else ''
        raise SidecarError('pairs-too-few', f'{pairs} pairs are too few, {FEWEST} are the least{reason}')
