"""Which palette a picture is in, by its pixels alone: how likely they are under each palette's planted colours."""

from collections.abc import Sequence

import numpy as np
from torch import Tensor

# Of 400 renders it names the palette of 63 %, by chance 8 %. Both numbers are the likeliest on them (bench/w2w.md).
SPREAD = 8.0
TEMPERATURE = 1.2
STRIDE = 4


class PaletteMeter:
    """`colours`: palette → '#rrggbb' of all that is drawn in it."""

    def __init__(self, colours: dict[str, Sequence[str]]):
        self.names = list(colours)
        self.colours = [
            np.array([list(bytes.fromhex(colour[1:])) for colour in some], float) for some in colours.values()
        ]

    def chances(self, pixels: Tensor) -> np.ndarray:
        """pixels: (n, RGB, side, side) in −1…1 → (n, palettes), each row of sum 1."""
        some = ((pixels[:, :, ::STRIDE, ::STRIDE].clamp(-1, 1) + 1) * 127.5).flatten(2).mT.double().numpy()
        likely = np.stack([self._likelihood(some, colours) for colours in self.colours], 1) / TEMPERATURE
        odds = np.exp(likely - likely.max(1, keepdims=True))
        return odds / odds.sum(1, keepdims=True)

    @staticmethod
    def _likelihood(some: np.ndarray, colours: np.ndarray) -> np.ndarray:
        """(n,): a mixture of as many Gaussians as colours, its logarithm's mean over the pixels."""
        apart = np.square(some[:, :, None] - colours).sum(-1)
        return np.log(np.exp(-apart / (2 * SPREAD**2)).mean(-1) + 1e-6).mean(1)
