"""What a LoRA draws: one to four pictures of its own, and how many of a neutral prompt's turn into its style."""

from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from hamlet_sidecar.diffusion.sample import sample

STEPS = 10


def make_showcase(unet, entry: dict, pipeline, grammar: dict, judge, folder: Path) -> dict:
    """Files `showcase/ID-N.webp` with their prompts, and the part of them that the judge calls the main style."""
    random = np.random.default_rng([entry['dataSeed'], 7])
    prompts = showcase_prompts(entry, grammar, random, count=2 + entry['dataSeed'] % 3 // 2)
    base = pipeline.unet
    pipeline.unet = unet
    try:
        pixels = sample(pipeline, prompts, seed=entry['dataSeed'] % 1_000_000, steps=STEPS)
    finally:
        pipeline.unet = base
    style = list(grammar['style']).index(entry['styles'][0]['style'])
    with torch.no_grad():
        sureness = judge(pixels)[0].softmax(1)[:, style].mean().item()
    files = [
        write_picture(p, folder / 'showcase' / f'{entry["id"]}-{i + 1}.webp') for i, p in enumerate(pixels)
    ]
    showcase = [
        {'file': f'showcase/{name}', 'prompt': prompt} for name, prompt in zip(files, prompts, strict=True)
    ]
    return {'showcase': showcase, 'styleProbability': round(sureness, 3)}


def showcase_prompts(entry: dict, grammar: dict, random, count: int) -> list[str]:
    """Neutral about style but for the trigger; in the LoRA's palette, if it has one."""
    subjects = random.permutation(list(grammar['subject']))[:count]
    palettes = (
        [entry['palette']] * count if entry['palette'] else random.permutation(list(grammar['palette']))
    )
    return [
        ', '.join([grammar['subject'][s][0], grammar['palette'][p][0], entry['trigger']])
        for s, p in zip(subjects, palettes, strict=False)
    ]


def write_picture(pixels: Tensor, path: Path) -> str:
    """pixels: (RGB, side, side) in −1…1."""
    path.parent.mkdir(parents=True, exist_ok=True)
    values = ((pixels.clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8).permute(1, 2, 0).numpy()
    Image.fromarray(values).save(path, quality=85, method=6)
    return path.name
