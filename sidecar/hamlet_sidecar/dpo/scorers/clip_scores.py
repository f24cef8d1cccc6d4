"""Scores by a CLIP of transformers' format: CLIP score (Hessel et al. 2021) and PickScore (Kirstain et al. 2023).

PickScore is a fine-tuned CLIP ViT-H/14 whose score is its logit: exp(logit scale) · cosine.
"""

from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from hamlet_sidecar.artifacts import describe_file
from hamlet_sidecar.device import device
from hamlet_sidecar.dpo.scorers.port import batched, require_weights
from hamlet_sidecar.errors import SidecarError


class ClipScorer:
    within_prompt = False

    def __init__(self, folder: Path, name: str, version: str | None, times_scale: bool):
        from transformers import CLIPImageProcessorPil, CLIPModel, CLIPTokenizer

        self.name = name
        self.version = version or describe_file(folder / 'model.safetensors')['sha256'][:12]
        self.times_scale = times_scale
        self.model = CLIPModel.from_pretrained(folder, local_files_only=True, use_safetensors=True)
        self.model = self.model.float().to(device().kind).eval()
        self.tokenizer = CLIPTokenizer.from_pretrained(folder, local_files_only=True)
        self.preprocess = CLIPImageProcessorPil.from_pretrained(folder, local_files_only=True)

    def __call__(self, pixels: np.ndarray, prompts: list[str]) -> np.ndarray:
        return batched(self._score, pixels, prompts)

    @torch.no_grad()
    def _score(self, pixels: np.ndarray, prompts: list[str]) -> np.ndarray:
        cosines = (self.of_pictures(pixels) * self.of_texts(prompts)).sum(-1)
        scale = self.model.logit_scale.exp() if self.times_scale else 1.0
        return (scale * cosines).float().cpu().numpy()

    @torch.no_grad()
    def of_pictures(self, pixels: np.ndarray) -> Tensor:
        pictures = [Image.fromarray(picture) for picture in pixels]
        planes = self.preprocess(images=pictures, return_tensors='pt').pixel_values
        vectors = self.model.get_image_features(pixel_values=planes.to(self.model.device)).pooler_output
        return torch.nn.functional.normalize(vectors, dim=-1)

    @torch.no_grad()
    def of_texts(self, texts: list[str]) -> Tensor:
        words = self.tokenizer(texts, padding=True, truncation=True, return_tensors='pt')
        vectors = self.model.get_text_features(**words.to(self.model.device)).pooler_output
        return torch.nn.functional.normalize(vectors, dim=-1)


def clip_score(weights: Path | None) -> ClipScorer:
    return _open(weights, 'clip-score', 'a CLIP folder of transformers', None, times_scale=False)


def pick_score(weights: Path | None) -> ClipScorer:
    return _open(weights, 'pickscore', 'the folder of yuvalkirstain/PickScore_v1', 'v1', times_scale=True)


def _open(
    weights: Path | None, name: str, what: str, version: str | None, *, times_scale: bool
) -> ClipScorer:
    folder = require_weights(weights, name, f'{what}, with model.safetensors')
    if not (folder / 'model.safetensors').is_file():
        raise SidecarError(
            'scorer-without-weights', f'{name}: {folder.name} lacks model.safetensors; pickles are not read'
        )
    return ClipScorer(folder, name, version, times_scale)
