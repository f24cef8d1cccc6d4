"""One training batch: augmented pictures, fresh captions; the same for the same seed and step."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from hamlet_sidecar.augment import augment, normalise
from hamlet_sidecar.captions import write_caption
from hamlet_sidecar.pictures import Pictures


@dataclass(frozen=True)
class Batch:
    """pixels: (n, RGB, side, side) in −1…1; input_ids: (n, tokens); mentioned, labels: (n, 5), an attribute a column."""

    pixels: Tensor
    input_ids: Tensor
    mentioned: Tensor
    labels: Tensor

    def to(self, device: str) -> 'Batch':
        return Batch(*(part.to(device) for part in vars(self).values()))


def make_batch(
    pictures: Pictures, labels: np.ndarray, tokenizer, size: int, seed: int, step: int, blur: float
) -> Batch:
    """labels: (pictures, 5); `size` of the pictures, or all where there are fewer."""
    random = np.random.default_rng([seed, step])
    chosen = _this_steps_share(len(pictures), size, seed, step)
    pairs = [write_caption(pictures.records[i], pictures.grammar, random) for i in chosen]
    texts, mentioned = zip(*pairs, strict=True)
    words = tokenizer(list(texts), padding=True, truncation=True, return_tensors='pt')
    pixels = torch.from_numpy(pictures.pixels[np.sort(chosen)][np.argsort(np.argsort(chosen))])
    return Batch(
        augment(normalise(pixels), random, blur),
        words.input_ids,
        torch.from_numpy(np.stack(mentioned)),
        torch.from_numpy(labels[chosen]),
    )


def _this_steps_share(count: int, size: int, seed: int, step: int) -> np.ndarray:
    """Every picture once an epoch, in an order that depends on seed and epoch alone."""
    size = min(size, count)
    epoch, position = divmod(step, count // size)
    order = np.random.default_rng([seed, 1_000_003, epoch]).permutation(count)
    return order[position * size : (position + 1) * size]
