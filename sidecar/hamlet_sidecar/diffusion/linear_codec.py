"""The best linear codec for the VAE's shape: principal components down, a fitted filter up."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

# Part of the spread that is taken out of each component: strong ones would drown in no noise and weak ones in
# any, and diffusers scales all channels by one number.
WHITENING = 0.5
LEARNING_RATE = 3e-3
EDGES = 0.5


@dataclass(frozen=True)
class Analysis:
    """Latents are `rows @ (block − mean)`, a block being 2 × 2 pixels as 12 numbers (RGB of each pixel)."""

    rows: Tensor
    mean: Tensor

    def encode(self, pixels: Tensor) -> Tensor:
        blocks = blocks_of(pixels) - self.mean[:, None, None]
        return torch.einsum('nchw,kc->nkhw', blocks, self.rows)


def blocks_of(pixels: Tensor) -> Tensor:
    """(n, 3, s, s) to (n, 12, s/2, s/2); channel 3·(2·dy + dx) + colour."""
    n, _, height, width = pixels.shape
    parts = pixels.reshape(n, 3, height // 2, 2, width // 2, 2).permute(0, 3, 5, 1, 2, 4)
    return parts.reshape(n, 12, height // 2, width // 2)


def principal_components(pixels: Tensor, channels: int) -> Analysis:
    flat = blocks_of(pixels).permute(1, 0, 2, 3).flatten(1)
    directions, variances, _ = torch.linalg.svd(torch.cov(flat))
    scale = variances[:channels].sqrt() ** -WHITENING
    return Analysis(directions[:, :channels].T * scale[:, None], flat.mean(1))


class Synthesis(nn.Module):
    """Latents to pixels by the convolutions that an AutoencoderKL's decoder has outside its residual blocks."""

    def __init__(self, channels: int, width: int, signals: int):
        super().__init__()
        self.enter = nn.Conv2d(channels, width, 3, padding=1)
        self.spread = nn.Conv2d(width, width, 3, padding=1)
        self.narrow = nn.Conv2d(width, signals, 1)
        self.leave = nn.Conv2d(signals, 3, 3, padding=1)

    def forward(self, latents: Tensor) -> Tensor:
        wide = F.interpolate(self.enter(latents), scale_factor=2.0, mode='nearest')
        return self.leave(self.narrow(self.spread(wide)))


def fit_synthesis(pixels: Tensor, analysis: Analysis, width: int, signals: int, steps: int, job) -> Synthesis:
    """By stochastic gradient on pixels and their differences: no closed form, two layers share the work."""
    model = Synthesis(len(analysis.rows), width, signals)
    optimiser = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, LEARNING_RATE, total_steps=steps)
    generator = torch.Generator().manual_seed(steps)
    for step in range(steps):
        job.raise_if_cancelled()
        some = pixels[torch.randint(len(pixels), (16,), generator=generator)]
        drawn = model(analysis.encode(some))
        edges = F.l1_loss(drawn.diff(dim=-1), some.diff(dim=-1)) + F.l1_loss(
            drawn.diff(dim=-2), some.diff(dim=-2)
        )
        loss = F.l1_loss(drawn, some) + EDGES * edges
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        job.log(f'VAE {step + 1}/{steps}: {loss.item():.4f}') if (step + 1) % 100 == 0 else None
    return model
