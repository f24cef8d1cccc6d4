"""All that anyone knows of a scorer."""

from pathlib import Path
from typing import Protocol

import numpy as np

from hamlet_sidecar.errors import SidecarError

AT_ONCE = 64


class Scorer(Protocol):
    """`within_prompt`: scores of different prompts cannot be compared (HPSv2 says so of itself)."""

    name: str
    version: str
    within_prompt: bool

    def __call__(self, pixels: np.ndarray, prompts: list[str]) -> np.ndarray:
        """pixels: (n, side, side, RGB) uint8, one prompt each; (n,) float32, higher is better."""


def require_weights(path: Path | None, scorer: str, what: str) -> Path:
    """Raises SidecarError `scorer-without-weights` that says what to put where."""
    if path is None or not path.exists():
        where = 'a path of the scorer’s `weights` in the artifact folder' if path is None else str(path.name)
        raise SidecarError('scorer-without-weights', f'{scorer} needs {what}: put it at {where}')
    return path


def batched(score, pixels: np.ndarray, prompts: list[str]) -> np.ndarray:
    parts = [
        score(pixels[first : first + AT_ONCE], prompts[first : first + AT_ONCE])
        for first in range(0, len(pixels), AT_ONCE)
    ]
    return np.concatenate(parts).astype(np.float32)
