"""When a training by preference should stop by itself.

Diffusion-DPO has ways to win its loss and lose its pictures: it may get worse at both sides, as long as the
loser's error rises faster (the likelihood displacement known of DPO), or be sure of every pair.
"""

from dataclasses import dataclass

import numpy as np

WINDOW = 20
# Rise of both errors, as a part of the reference's.
RISE = 0.15
COLLAPSED = 0.01
# Of the base's own spread of pixels, and share of pixels at black or white.
CONTRAST, CLIPPED = 1.5, 0.25
# CLIP score non-inferior: the difference, in parts of the base's score.
INFERIOR = -0.01


@dataclass(frozen=True)
class Stop:
    code: str
    message: str


def judge_steps(curve: list[dict[str, float]]) -> Stop | None:
    """Of the last steps' means. `curve` has loss, reference errors, and each side's error against them."""
    if len(curve) < 2 * WINDOW:
        return None
    before, last = (
        {name: float(np.mean([step[name] for step in part])) for name in part[0]}
        for part in (curve[-2 * WINDOW : -WINDOW], curve[-WINDOW:])
    )
    sides = ('winnerGain', 'loserGain')
    if all(last[side] > RISE * last['referenceError'] and last[side] > before[side] for side in sides):
        return Stop('both-errors-rise', f'the errors of both sides have risen by more than {RISE:.0%}')
    if last['loss'] < COLLAPSED:
        return Stop('loss-collapsed', f'the loss is {last["loss"]:.4f}: every pair is decided')
    return None


def judge_look(look: dict[str, float]) -> Stop | None:
    """Of pictures just drawn with the adapter, against the same seeds without it."""
    if look['contrast'] > CONTRAST * look['baseContrast'] or look['clipped'] > look['baseClipped'] + CLIPPED:
        return Stop(
            'contrast-saturates', f'contrast is {look["contrast"]:.2f}, the base’s {look["baseContrast"]:.2f}'
        )
    if look['clipHigh'] < INFERIOR * abs(look['baseClip']):
        return Stop('clip-inferior', f'CLIP score has fallen by {-look["clipDifference"]:.3f}')
    return None
