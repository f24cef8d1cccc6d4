"""What the frozen blocks make of each picture, once: rows of a file that is mapped into memory."""

import hashlib
import json
from pathlib import Path

import numpy as np
import torch

from hamlet_sidecar.artifacts import digest_of
from hamlet_sidecar.files import atomic_write_json
from hamlet_sidecar.towers.shown import Shown
from hamlet_sidecar.towers.vision import Below

AT_ONCE = 128


def hidden_states(shown: Shown, below: Below | None, side: int, clip: Path, job) -> np.ndarray:
    """(pictures, tokens, width) float32: 33 KB a picture for the shipped CLIP, 150 KB for a ViT-B/32; or, without
    anything below, pixels (pictures, side, side, RGB) of bytes. An attempt goes on after the last whole part."""
    count = 0 if below is None else len(below.blocks)
    named = json.dumps([shown.digest_of, count, digest_of(clip), str(shown.making)])
    key = hashlib.sha256(named.encode()).hexdigest()[:16]
    file, told = job.checkpoint / f'hidden-{key}.npy', job.checkpoint / f'hidden-{key}.json'
    job.checkpoint.mkdir(parents=True, exist_ok=True)
    done = json.loads(told.read_text()) if told.exists() and file.exists() else 0
    kept = np.lib.format.open_memmap(file, mode='r+') if done else None
    start = 0
    for part in shown.pixels(side):
        end = start + len(part)
        if end > done and len(part):
            made = (
                part
                if below is None
                else np.concatenate(
                    [below_of(below, part[at : at + AT_ONCE], job) for at in range(0, len(part), AT_ONCE)]
                )
            )
            if kept is None:
                shape = (shown.count, *made.shape[1:])
                kept = np.lib.format.open_memmap(file, mode='w+', dtype=made.dtype, shape=shape)
            kept[start:end] = made
            kept.flush()
            atomic_write_json(told, end)
            job.log(f'{end} of {shown.count} pictures seen by {count} blocks that stay as they are')
        start = end
    return np.load(file, mmap_mode='r', allow_pickle=False)


@torch.inference_mode()
def below_of(below: Below, pixels: np.ndarray, job) -> np.ndarray:
    job.raise_if_cancelled()
    return below(torch.from_numpy(pixels)).numpy()
