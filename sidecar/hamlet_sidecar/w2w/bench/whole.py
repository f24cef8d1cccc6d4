"""What a space of whole ΔW costs at size: `python -m hamlet_sidecar w2w-bench whole`."""

import resource
import tempfile
import time
from pathlib import Path

import numpy as np
import torch

from hamlet_sidecar.w2w.bases import SD15
from hamlet_sidecar.w2w.gram import fit_whole
from hamlet_sidecar.w2w.layout import Layout, layers_of_method
from hamlet_sidecar.w2w.whole import COMPONENTS

NOISE, DIMENSIONS = 0.1, 100


def whole(loras: int, threads: int) -> dict:
    """From components of SD 1.5's queries and values on disk to coordinates and held-out error.

    As many dimensions are planted as LoRAs have components; they have to be found.
    """
    torch.set_num_threads(threads)
    names = sorted(layers_of_method('attn_qv', list(SD15.layers)))
    layout = Layout(tuple((name, SD15.layers[name]) for name in names), COMPONENTS)
    with tempfile.TemporaryDirectory() as folder:
        rows = np.memmap(Path(folder) / 'theta.f32', np.float32, 'w+', shape=(loras, layout.size))
        plant(rows, layout)
        began, worked = time.monotonic(), time.process_time()
        fitted = fit_whole(rows, layout, DIMENSIONS, seed=1)
        seconds, worked = time.monotonic() - began, time.process_time() - worked
    products = loras**2 * COMPONENTS * layout.size
    return {
        **{'loras': loras, 'components': COMPONENTS, 'numbers': layout.size, 'threads': threads},
        'seconds': round(seconds, 1),
        'processorSeconds': round(worked, 1),
        # Half of all multiplications and additions, since the Gram matrix is symmetric.
        'gigaflopsAProcessorSecond': round(products / worked / 1e9, 1),
        'peakMB': resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        'artifactMB': 2 * loras * layout.size >> 20,
        'heldoutError': fitted.heldout,
    }


def plant(rows: np.ndarray, layout: Layout) -> None:
    """Component j of every LoRA is one product, by a number of its own; noise on both sides."""
    random = torch.Generator().manual_seed(1)
    numbers = torch.randn(len(rows), layout.k, 1, generator=random)
    for layer, _ in layout.layers:
        block = torch.empty(len(rows), layout.span(layer).stop - layout.span(layer).start)
        for side, weigh in zip(layout.sides(layer, block), (numbers, 1.0), strict=True):
            common = torch.randn(side.shape[1:], generator=random)
            side.copy_(common * weigh + NOISE * torch.randn(side.shape, generator=random))
        rows[:, layout.span(layer)] = block.numpy()
    rows.flush()
