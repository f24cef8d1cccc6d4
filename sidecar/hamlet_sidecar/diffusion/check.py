"""Whether the tiny Stable Diffusion draws what a prompt says, judged by a classifier that saw renders only."""

import numpy as np
import torch

from hamlet_sidecar.classifier.train import load_classifier
from hamlet_sidecar.diffusion.sample import load_pipeline, sample


def check_diffusion(folder, classifier, grammar: dict, seed: int = 1) -> dict[str, float]:
    """One sample of each subject in each style, palettes drawn by lot: 192 with the full grammar."""
    prompts, wanted = check_prompts(grammar, seed)
    pixels = sample(load_pipeline(folder), prompts, seed)
    styles, subjects = load_classifier(classifier, grammar).name(pixels)
    return {
        'styleAccuracy': (styles == wanted[:, 0]).float().mean().item(),
        'subjectAccuracy': (subjects == wanted[:, 1]).float().mean().item(),
        'samples': len(prompts),
    }


def check_prompts(grammar: dict, seed: int) -> tuple[list[str], torch.Tensor]:
    """Prompts, and (n, 2) the index of the style and of the subject that each names."""
    random = np.random.default_rng(seed)
    prompts, wanted = [], []
    for s, style in enumerate(grammar['style'].values()):
        for o, subject in enumerate(grammar['subject'].values()):
            palette = random.choice([says[0] for says in grammar['palette'].values()])
            prompts.append(f'{random.choice(subject)}, {style[0]}, {palette}')
            wanted.append((s, o))
    return prompts, torch.tensor(wanted)
