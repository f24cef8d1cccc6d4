"""Layers of a small UNet, weights of adapters in every spelling, and what they must come out as."""

import torch
from torch import Tensor

ATTENTION = 'down_blocks.1.attentions.0.transformer_blocks.0.attn1.to_q'
TO_OUT = 'up_blocks.0.attentions.1.transformer_blocks.0.attn2.to_out.0'
CONVOLUTION = 'mid_block.resnets.0.conv1'
LAYERS = {ATTENTION: (24, 16), TO_OUT: (12, 12), CONVOLUTION: (12, 8, 3, 3)}
RANK, ALPHA = 4, 2.0


def random(*shape: int, seed: int = 1) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def factors(layer: str, rank: int = RANK, seed: int = 1) -> tuple[Tensor, Tensor]:
    """up and down of a plain LoRA, as files have them."""
    out, inside, *kernel = LAYERS[layer]
    up = random(out, rank, *(1 for _ in kernel), seed=seed)
    return up, random(rank, inside, *kernel, seed=seed + 1)


def product(up: Tensor, down: Tensor, scale: float = 1.0) -> Tensor:
    return scale * (up.flatten(1) @ down.flatten(1))
