"""A small CNN that names style and subject of a 64 px picture: the judge of what the diffusion model draws."""

import torch
from torch import Tensor, nn

WIDTHS = (32, 64, 96, 128)
NAMED = ('style', 'subject')


class Classifier(nn.Module):
    def __init__(self, styles: int, subjects: int, widths: tuple[int, ...] = WIDTHS):
        super().__init__()
        blocks = []
        for before, width in zip((3, *widths), widths, strict=False):
            blocks += [nn.Conv2d(before, width, 3, 2, 1), nn.BatchNorm2d(width), nn.ReLU()]
            blocks += [nn.Conv2d(width, width, 3, 1, 1), nn.BatchNorm2d(width), nn.ReLU()]
        self.trunk = nn.Sequential(*blocks)
        self.style = nn.Linear(widths[-1], styles)
        # A style is a texture and the same everywhere; a subject is shapes and where they stand.
        self.subject = nn.Sequential(nn.Flatten(), nn.Dropout(0.3), nn.Linear(widths[-1] * 16, subjects))

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """pixels: (n, 3, 64, 64) in −1…1; logits of style and of subject."""
        features = self.trunk(pixels)
        return self.style(features.mean((2, 3))), self.subject(features)

    @torch.no_grad()
    def name(self, pixels: Tensor, batch: int = 256) -> tuple[Tensor, Tensor]:
        """The likeliest style and subject of each."""
        self.eval()
        logits = [self(pixels[i : i + batch]) for i in range(0, len(pixels), batch)]
        return tuple(torch.cat(part).argmax(1) for part in zip(*logits, strict=True))
