"""Small changes that a picture meets on its way: none of them changes what it shows."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

ZOOM, JITTER, BLUR, UNTOUCHED = 0.12, 0.06, 0.3, 0.5


def normalise(pixels: Tensor) -> Tensor:
    """(n, side, side, RGB) uint8 to (n, RGB, side, side) in −1…1, as the exported processor does."""
    return pixels.permute(0, 3, 1, 2).float() / 127.5 - 1


def augment(pixels: Tensor, random: np.random.Generator, blur: float = BLUR) -> Tensor:
    """A little zoom, shift, light and softness: pictures arrive resized, recompressed and rendered elsewhere."""
    n = len(pixels)

    def draw(low: float, high: float) -> Tensor:
        return torch.from_numpy(random.uniform(low, high, n)).float()

    zoom = 1 - draw(0, ZOOM)
    theta = torch.zeros(n, 2, 3)
    theta[:, 0, 0] = theta[:, 1, 1] = zoom
    theta[:, 0, 2], theta[:, 1, 2] = draw(-1, 1) * (1 - zoom), draw(-1, 1) * (1 - zoom)
    grid = F.affine_grid(theta, list(pixels.shape), align_corners=False)
    moved = F.grid_sample(pixels, grid, padding_mode='border', align_corners=False)
    soft = F.avg_pool2d(F.pad(moved, (1, 1, 1, 1), 'replicate'), 3, 1)
    share = draw(-blur, 2 * blur)[:, None, None, None]
    moved = moved + share * (soft - moved)
    gain, offset = 1 + draw(-JITTER, JITTER), draw(-JITTER, JITTER)
    changed = (moved * gain[:, None, None, None] + offset[:, None, None, None]).clamp(-1, 1)
    # Resampling softens all it moves; some stay sharp, as they will be when they are asked about.
    sharp = torch.from_numpy(random.random(n) < UNTOUCHED)
    return torch.where(sharp[:, None, None, None], pixels, changed)
