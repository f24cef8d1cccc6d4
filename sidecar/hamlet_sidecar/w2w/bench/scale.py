"""Figures of size: `python -m hamlet_sidecar w2w-bench`, run by bench/w2w.ts."""

import resource
import tempfile
import time
from pathlib import Path

import numpy as np
import torch

from hamlet_sidecar.w2w.bases import SD15
from hamlet_sidecar.w2w.layout import Layout, layers_of_method
from hamlet_sidecar.w2w.pca import fit

PLANTED, NOISE, DIMENSIONS = 40, 1.0, 100
ROWS_A_TIME = 500


def scale(loras: int, threads: int) -> dict:
    """A space of planted θ of SD 1.5's queries and values at rank 1, from θ on disk to components and held-out error.

    Each layer of each LoRA has its own sign, as an SVD leaves them; the planted dimensions have to be found.
    """
    torch.set_num_threads(threads)
    names = sorted(layers_of_method('attn_qv', list(SD15.layers)))
    layout = Layout(tuple((name, SD15.layers[name]) for name in names))
    with tempfile.TemporaryDirectory() as folder:
        rows = np.memmap(Path(folder) / 'theta.f32', np.float32, 'w+', shape=(loras, layout.size))
        plant(rows, layout)
        began, worked = time.monotonic(), time.process_time()
        fitted = fit(rows, layout, DIMENSIONS, seed=1)
        seconds, worked = time.monotonic() - began, time.process_time() - worked
    return {
        **{'loras': loras, 'numbers': layout.size, 'dimensions': DIMENSIONS, 'threads': threads},
        **{
            'seconds': round(seconds, 1),
            # What its threads computed, whoever else was on the cores: two free ones need little more than half.
            'processorSeconds': round(worked, 1),
            'peakMB': resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        },
        # Of the planted directions nothing is lost when it is as large as the noise is.
        **{'heldoutError': fitted.heldout, 'noiseShare': round(NOISE**2 / (PLANTED + NOISE**2), 4)},
    }


def plant(rows: np.ndarray, layout: Layout) -> None:
    """PLANTED directions, noise, and a common part along which signs can be told; signs by lot."""
    random = torch.Generator().manual_seed(1)
    directions = torch.randn(PLANTED, layout.size, generator=random)
    common = 3 * torch.randn(layout.size, generator=random)
    for first in range(0, len(rows), ROWS_A_TIME):
        count = len(rows[first : first + ROWS_A_TIME])
        block = common + torch.randn(count, PLANTED, generator=random) @ directions
        block += NOISE * torch.randn(count, layout.size, generator=random)
        for layer, _ in layout.layers:
            block[:, layout.span(layer)] *= torch.randint(0, 2, (count, 1), generator=random) * 2 - 1
        rows[first : first + count] = block.numpy()
    rows.flush()
