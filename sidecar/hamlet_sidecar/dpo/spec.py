"""What a training by preference may be told, and what it does where it is told nothing."""

from typing import Any

# LoRA recipe of diffusers' Diffusion-DPO example: rank 8 on attention, constant 1e-5, beta 2500 (the paper
# has 2,000 to 5,000), batch 16 × 2. For a Stable Diffusion of full size.
PUBLISHED: dict[str, Any] = {
    **{'beta': 2500.0, 'learningRate': 1e-5, 'steps': 2000, 'batch': 16, 'accumulate': 2},
    **{'evaluateEvery': 200, 'side': 512, 'samplerSteps': 25, 'guidance': 7.5},
}
# Found on the tiny Stable Diffusion of the demo world, which a minute of one core has to move (bench/dpo.md).
TINY: dict[str, Any] = {
    **{
        'beta': 1000.0,
        'learningRate': 3e-4,
        'steps': 40,
        'batch': 8,
        'accumulate': 1,
        'warmup': 4,
        'anchor': 2.0,
    },
    **{'evaluateEvery': 20, 'side': 64, 'samplerSteps': 8, 'guidance': 3.0, 'precision': 'bf16'},
}
DEFAULTS: dict[str, Any] = {
    # `tiny` or `published`: what the fields above are where they are not given.
    'recipe': 'tiny',
    'rank': 8,
    # `attention` or `attention+feedforward`.
    'layers': 'attention',
    # Steps over which the learning rate rises.
    'warmup': 20,
    # Whether pairs are mirrored by lot, both sides alike; with a pool every other noise sees them mirrored.
    'flips': False,
    # How much the winners' own error counts beside the preference, whose gradient is 1 at first; it does not saturate.
    'anchor': 0.0,
    # Weight decay of AdamW.
    'decay': 0.0,
    # Noises and times that are drawn once; the reference's errors on them are remembered. 0: fresh at each step.
    'pool': 0,
    # `f32`, `bf16`, or on a GPU `fp16`.
    'precision': 'f32',
    # On a GPU: half the memory for a third more time.
    'checkpointing': False,
    # From these, in order, the first is kept whose CLIP score is non-inferior by so many pairs of pictures; of one
    # alone nothing is drawn.
    'strengths': [1.0, 0.7, 0.5, 0.35, 0.25],
    'strengthLooks': 48,
    # Prompts that are drawn at each look, and pairs of pictures of the verdict.
    'looks': 16,
    'verdict': 300,
    'seed': 1,
}


def complete(spec: dict[str, Any]) -> dict[str, Any]:
    recipe = {'tiny': TINY, 'published': PUBLISHED}[spec.get('recipe', DEFAULTS['recipe'])]
    return {**DEFAULTS, **recipe, **spec}
