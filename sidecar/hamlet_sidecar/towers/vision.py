"""CLIP's vision transformer cut in two: what stays as it is, and the last blocks, which learn with the towers."""

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from hamlet_sidecar.errors import SidecarError

# Pixels: the numbers of one such picture are at most the 2^20 that serving reads as a stored question
# (src/models/answers.ts); src/models/towers/artifact.ts has the same limit.
LARGEST_SIDE = 591


class Below(nn.Module):
    """Bytes of pixels (n, side, side, RGB) to hidden states (n, tokens, width) of the blocks that are not trained."""

    def __init__(self, vit: nn.Module, blocks: list[nn.Module], mean: np.ndarray, std: np.ndarray):
        super().__init__()
        self.embeddings, self.norm, self.blocks = vit.embeddings, vit.pre_layrnorm, nn.ModuleList(blocks)
        self.register_buffer('mean', torch.from_numpy(mean).float())
        self.register_buffer('std', torch.from_numpy(std).float())

    def forward(self, pixels: Tensor) -> Tensor:
        planes = ((pixels.float() / 255 - self.mean) / self.std).permute(0, 3, 1, 2)
        return through(self.blocks, self.norm(self.embeddings(planes)))


class Above(nn.Module):
    """What comes after, to vectors (n, length) of length 1. Where all blocks are trained, `first` is all below them."""

    def __init__(self, vit: nn.Module, projection: nn.Module, blocks: list[nn.Module], first: Below | None):
        super().__init__()
        self.first, self.blocks = first, nn.ModuleList(blocks)
        self.norm, self.projection = vit.post_layernorm, projection

    def forward(self, below: Tensor) -> Tensor:
        """below: hidden states, or bytes of pixels where nothing is left as it is."""
        hidden = below if self.first is None else self.first(below)
        return F.normalize(self.projection(self.norm(through(self.blocks, hidden)[:, 0])), dim=-1)


class Whole(nn.Module):
    """From pixels to vectors, as it is exported."""

    def __init__(self, below: Below | None, above: Above):
        super().__init__()
        self.below, self.above = below, above

    def forward(self, pixels: Tensor) -> Tensor:
        return self.above(pixels if self.below is None else self.below(pixels))


def through(blocks: nn.ModuleList, hidden: Tensor) -> Tensor:
    for block in blocks:
        hidden = block(hidden, attention_mask=None)
    return hidden


def open_vision(
    folder: Path, spec: dict, mean: np.ndarray, std: np.ndarray
) -> tuple[Below | None, Above, int]:
    """The parts, and the side of its pictures; `below` is None where all blocks are trained.

    Raises SidecarError `clip-model-missing`, `spec-invalid` where it has not as many blocks, or
    `pictures-too-large` where it looks at larger ones than serving takes. Pickles are not read.
    """
    from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection

    if not (folder / 'config.json').is_file() or not (folder / 'model.safetensors').is_file():
        raise SidecarError('clip-model-missing', f'{folder.name} has no safetensors of a CLIP to begin from')
    side = CLIPVisionConfig.from_pretrained(folder, local_files_only=True).image_size
    if side > LARGEST_SIDE:
        raise SidecarError(
            'pictures-too-large', f'{folder.name} sees {side} px, serving takes {LARGEST_SIDE}', 400
        )
    model = CLIPVisionModelWithProjection.from_pretrained(
        folder, local_files_only=True, use_safetensors=True, dtype=torch.float32
    )
    if spec['visionInitial'] == 'random':
        torch.manual_seed(spec['seed'])
        model = CLIPVisionModelWithProjection(model.config)
    vit, blocks = model.vision_model, list(model.vision_model.encoder.layers)
    kept = len(blocks) - spec['visionBlocks']
    if kept < 0:
        raise SidecarError('spec-invalid', f'/spec/visionBlocks: {folder.name} has {len(blocks)}', 400)
    below = Below(vit, blocks[:kept], mean, std)
    above = Above(vit, model.visual_projection, blocks[kept:], below if kept == 0 else None)
    return (below.eval().requires_grad_(False) if kept else None), above, side


def plain_attention(model: nn.Module) -> nn.Module:
    """The same sums, which the exporter can write for any number of pictures."""
    for part in model.modules():
        if hasattr(getattr(part, 'config', None), '_attn_implementation'):
            part.config._attn_implementation = 'eager'
    return model
