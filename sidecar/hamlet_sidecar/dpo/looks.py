"""Pictures of held-out prompts with the adapter on and off, from the same seeds."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from hamlet_sidecar.diffusion.sample import sample
from hamlet_sidecar.dpo.adapter import reference
from hamlet_sidecar.dpo.grid import bytes_of
from hamlet_sidecar.dpo.intervals import bootstrap, wins
from hamlet_sidecar.dpo.scorers.port import Scorer

BLACK, WHITE = 3, 252


@dataclass
class Easel:
    """What is drawn, and how. A prompt that comes again gets another seed."""

    pipeline: object
    spec: dict

    def draw(self, prompts: list[str], job) -> np.ndarray:
        """(n, side, side, RGB) bytes."""
        drawn = []
        at_once = 32 if self.spec['side'] <= 64 else 4
        for first in range(0, len(prompts), at_once):
            job.raise_if_cancelled()
            part = prompts[first : first + at_once]
            seed = self.spec['seed'] * 100_000 + first
            pixels = sample(
                self.pipeline,
                part,
                seed,
                steps=self.spec['samplerSteps'],
                guidance=self.spec['guidance'],
                side=self.spec['side'],
            )
            drawn.append(bytes_of(pixels))
        return np.concatenate(drawn)

    def draw_base(self, prompts: list[str], job) -> np.ndarray:
        with reference(self.pipeline.unet):
            return self.draw(prompts, job)


def prompts_for(held_out: list[str], count: int) -> list[str]:
    return [held_out[place % len(held_out)] for place in range(count)]


def compare(
    scorers: Sequence[Scorer], base: np.ndarray, tuned: np.ndarray, prompts: list[str], each: bool = False
) -> dict[str, dict]:
    """For each scorer both means, their difference and the tuned model's win rate, with 95 % intervals.

    `each` adds both scores of every pair of pictures, so that sets of them can be pooled.
    """
    found = {}
    for scorer in scorers:
        # Rounded before they are compared: `each` would else tie where a win was counted.
        before, after = (np.round(np.asarray(scorer(side, prompts), np.float64), 6) for side in (base, tuned))
        found[scorer.name] = {
            'version': scorer.version,
            'base': round(float(before.mean()), 4),
            'tuned': round(float(after.mean()), 4),
            'difference': bootstrap(after - before),
            'winRate': bootstrap(wins(after, before)),
        }
        if each:
            found[scorer.name]['each'] = [side.tolist() for side in (before, after)]
    return found


def tone_of(pixels: np.ndarray) -> tuple[float, float]:
    """Contrast (mean standard deviation of a picture, of 1) and share of bytes at black or white."""
    contrast = (pixels / 255).std(axis=(1, 2, 3)).mean()
    clipped = ((pixels <= BLACK) | (pixels >= WHITE)).mean()
    return float(contrast), float(clipped)


@torch.no_grad()
def look(easel: Easel, scorer: Scorer, clip: Scorer, prompts: list[str], base: np.ndarray, job) -> dict:
    """Figures of a look in the middle of a training, and what was drawn."""
    tuned = easel.draw(prompts, job)
    clip_gain = clip(tuned, prompts) - (before := clip(base, prompts))
    (contrast, clipped), (base_contrast, base_clipped) = tone_of(tuned), tone_of(base)
    figures = {
        'winRate': float(wins(scorer(tuned, prompts), scorer(base, prompts)).mean()),
        'clipDifference': float(clip_gain.mean()),
        'clipHigh': bootstrap(clip_gain)[2],
        'baseClip': float(before.mean()),
        **{'contrast': contrast, 'clipped': clipped},
        **{'baseContrast': base_contrast, 'baseClipped': base_clipped},
    }
    return {'figures': figures, 'drawn': tuned}
