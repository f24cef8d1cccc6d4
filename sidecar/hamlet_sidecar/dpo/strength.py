"""How much of an adapter is kept: the most of it whose pictures fit their prompts no worse than the base's."""

from typing import Any

import numpy as np
from torch import Tensor

from hamlet_sidecar.dpo.adapter import load_weights
from hamlet_sidecar.dpo.guards import INFERIOR
from hamlet_sidecar.dpo.looks import Easel, prompts_for
from hamlet_sidecar.dpo.scorers.port import Scorer

# Other noise than the verdict's and the looks', which begin with the first prompts where this begins with the last.
OTHER_SEED = 7919
SURE = 1.96


def choose_strength(
    easel: Easel, clip: Scorer, held_out: list[str], weights: dict[str, Tensor], spec: dict, job
) -> dict[str, Any]:
    """Leaves the chosen strength on the UNet: the first of `spec.strengths` whose CLIP score is non-inferior.

    Pictures drawn with half an adapter lie between the base's and the tuned ones: what it changes shrinks sooner
    than how often the change is for the better. The lower bound looked at is the one that a verdict of
    `spec.verdict` pairs would have, by mean and spread of `spec.strengthLooks` of them. If none passes, the last
    stays and `passed` is false. It is an estimate, of few pictures: what was reached the verdict says.
    """
    strengths = spec['strengths']
    if len(strengths) == 1:
        load_weights(easel.pipeline.unet, scaled(weights, strengths[0]))
        return {'chosen': strengths[0], 'passed': True, 'tried': []}
    other = Easel(easel.pipeline, {**spec, 'seed': spec['seed'] + OTHER_SEED})
    prompts = prompts_for(held_out[::-1], spec['strengthLooks'])
    before = np.asarray(clip(other.draw_base(prompts, job), prompts), np.float64)
    tried: list[dict[str, float]] = []
    for strength in strengths:
        load_weights(easel.pipeline.unet, scaled(weights, strength))
        gains = np.asarray(clip(other.draw(prompts, job), prompts), np.float64) - before
        lowest = gains.mean() - SURE * gains.std(ddof=1) / spec['verdict'] ** 0.5
        share = float(lowest / abs(before.mean()))
        tried.append({'strength': strength, 'clipDifference': float(gains.mean()), 'lowestOfBase': share})
        job.log(
            f'strength {strength}: CLIP score by {gains.mean():+.4f}, at worst {share:+.1%} of the base’s'
        )
        if share >= INFERIOR:
            break
    passed = tried[-1]['lowestOfBase'] >= INFERIOR
    return {'chosen': strengths[len(tried) - 1], 'passed': passed, 'tried': tried}


def scaled(weights: dict[str, Tensor], strength: float) -> dict[str, Tensor]:
    """ΔW = B·A times the strength; on one side, and in the file itself, so that every tool loads it as it is."""
    return {name: weight * strength if 'lora_B' in name else weight for name, weight in weights.items()}
