"""Pictures from prompts, many at a time."""

import torch
from diffusers import StableDiffusionPipeline
from torch import Tensor

from hamlet_sidecar.device import device
from hamlet_sidecar.diffusion.models import IMAGE_SIZE

STEPS, GUIDANCE = 15, 3.0
AT_ONCE = 32


def load_pipeline(folder) -> StableDiffusionPipeline:
    pipeline = StableDiffusionPipeline.from_pretrained(folder, dtype=torch.float32).to(device().kind)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


@torch.no_grad()
def sample(
    pipeline,
    prompts: list[str],
    seed: int,
    steps: int = STEPS,
    guidance: float = GUIDANCE,
    side: int = IMAGE_SIZE,
) -> Tensor:
    """(n, RGB, side, side) in −1…1; the same for the same prompts and seed."""
    drawn = []
    for first in range(0, len(prompts), AT_ONCE):
        part = prompts[first : first + AT_ONCE]
        images = pipeline(
            part,
            height=side,
            width=side,
            num_inference_steps=steps,
            guidance_scale=guidance,
            generator=[torch.Generator().manual_seed(seed + first + i) for i in range(len(part))],
            output_type='pt',
        ).images
        drawn.append(images.cpu() * 2 - 1)
    return torch.cat(drawn)
