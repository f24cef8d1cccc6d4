"""Pictures and what a classifier sees in them that was trained on renders alone, never the CLIP that labelled."""

from collections.abc import Sequence

import numpy as np
import torch

from hamlet_sidecar.w2w.delta import Lora
from hamlet_sidecar.w2w.painter import Painter


class Oracle:
    """Prompts are of a subject in a palette, no style: what style there is comes from the weights."""

    def __init__(self, painter: Painter, classifier, grammar: dict, pictures: int, seed: int, steps: int):
        self.painter, self.classifier, self.seed, self.steps = painter, classifier, seed, steps
        self.styles = list(grammar['style'])
        random = np.random.default_rng(seed)
        subjects = list(grammar['subject'].values())
        palettes = list(grammar['palette'].values())
        self.wanted = [i % len(subjects) for i in range(pictures)]
        self.prompts = [
            f'{subjects[i][0]}, {palettes[random.integers(len(palettes))][0]}' for i in self.wanted
        ]

    def look(self, lora: Lora | None) -> dict[str, list]:
        """`styles`: a row of probabilities a picture; `subject`: the probability of the one that was asked for."""
        return self.seen(self.painter.paint(lora, self.prompts, self.seed, self.steps))

    @torch.no_grad()
    def seen(self, pixels: torch.Tensor) -> dict[str, list]:
        styles, subjects = (logits.softmax(1) for logits in self.classifier(pixels))
        asked = torch.tensor(self.wanted)
        return {
            'styles': rounded(styles),
            'subject': rounded(subjects[torch.arange(len(asked)), asked]),
            'recognised': (subjects.argmax(1) == asked).tolist(),
        }


def rounded(values: torch.Tensor | Sequence) -> list:
    return np.round(np.asarray(values, dtype=np.float64), 5).tolist()
