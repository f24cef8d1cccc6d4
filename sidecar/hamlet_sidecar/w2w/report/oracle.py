"""Pictures and what a classifier sees in them that was trained on renders alone, never the CLIP that labelled."""

from collections.abc import Sequence

import numpy as np
import torch

from hamlet_sidecar.w2w.delta import Lora
from hamlet_sidecar.w2w.painter import Painter
from hamlet_sidecar.w2w.report.palette import PaletteMeter


class Oracle:
    """Prompts are of a subject in a palette, no style: what style there is comes from the weights."""

    def __init__(
        self,
        painter: Painter,
        classifier,
        grammar: dict,
        colours: dict[str, Sequence[str]],
        pictures: int,
        seed: int,
        steps: int,
    ):
        self.painter, self.classifier, self.seed, self.steps = painter, classifier, seed, steps
        self.palettes = PaletteMeter(colours)
        self.styles = list(grammar['style'])
        random = np.random.default_rng(seed)
        subjects = list(grammar['subject'].values())
        self.wanted = [i % len(subjects) for i in range(pictures)]
        palettes = list(grammar['palette'])
        drawn = [palettes[random.integers(len(palettes))] for _ in self.wanted]
        self.colours = [self.palettes.names.index(palette) for palette in drawn]
        self.prompts = [
            f'{subjects[i][0]}, {grammar["palette"][palette][0]}'
            for i, palette in zip(self.wanted, drawn, strict=True)
        ]

    def look(self, lora: Lora | None) -> dict[str, list]:
        """`styles`: a row of probabilities a picture; `subject`, `palette`: of the one that was asked for."""
        return self.seen(self.painter.paint(lora, self.prompts, self.seed, self.steps))

    @torch.no_grad()
    def seen(self, pixels: torch.Tensor) -> dict[str, list]:
        styles, subjects = (logits.softmax(1) for logits in self.classifier(pixels))
        asked = torch.tensor(self.wanted)
        return {
            'styles': rounded(styles),
            'subject': rounded(subjects[torch.arange(len(asked)), asked]),
            'palette': rounded(self.palettes.chances(pixels)[range(len(asked)), self.colours]),
            'recognised': (subjects.argmax(1) == asked).tolist(),
        }


def rounded(values: torch.Tensor | Sequence) -> list:
    return np.round(np.asarray(values, dtype=np.float64), 5).tolist()
