"""What the tiny CLIP can do on pictures it has not seen."""

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor
from transformers import CLIPModel, CLIPTokenizer

from hamlet_sidecar.augment import normalise
from hamlet_sidecar.pictures import ATTRIBUTES, Pictures

AT_ONCE = 128


class Clip:
    """Unit vectors of pictures and texts."""

    def __init__(self, folder: str | Path):
        self.model = CLIPModel.from_pretrained(folder).float().eval()
        self.tokenizer = CLIPTokenizer.from_pretrained(folder)

    @torch.no_grad()
    def of_pictures(self, pixels: np.ndarray) -> Tensor:
        """pixels: (n, side, side, RGB) uint8 of the model's own size."""
        parts = [np.array(pixels[i : i + AT_ONCE]) for i in range(0, len(pixels), AT_ONCE)]
        inputs = (normalise(torch.from_numpy(part)) for part in parts)
        vectors = [self.model.get_image_features(pixel_values=part).pooler_output for part in inputs]
        return F.normalize(torch.cat(vectors), dim=-1)

    @torch.no_grad()
    def of_texts(self, texts: list[str]) -> Tensor:
        vectors = []
        for i in range(0, len(texts), AT_ONCE):
            words = self.tokenizer(texts[i : i + AT_ONCE], padding=True, truncation=True, return_tensors='pt')
            vectors.append(self.model.get_text_features(input_ids=words.input_ids).pooler_output)
        return F.normalize(torch.cat(vectors), dim=-1)


def check_clip(folder: str | Path, heldout: Pictures) -> dict[str, float]:
    """Zero-shot accuracy with the grammar's own words for the classes; Recall@10 of the whole prompts.

    A prompt says the recipe and not the seed, so the pictures must be of as many recipes: then each prompt
    has one right picture.
    """
    recipes = {tuple(record[a] for a in ATTRIBUTES) for record in heldout.records}
    if len(recipes) != len(heldout):
        raise ValueError('held-out pictures repeat a recipe: their prompts have more than one right picture')
    clip = Clip(folder)
    images = clip.of_pictures(heldout.pixels)
    found = clip.of_texts([record['prompt'] for record in heldout.records]) @ images.T
    better = (found > found.diagonal()[:, None]).sum(1)
    figures = {f'{a}Accuracy': _zero_shot(clip, images, heldout, a) for a in ATTRIBUTES}
    return {**figures, 'textToImageRecallAt10': (better < 10).float().mean().item(), 'among': len(heldout)}


def _zero_shot(clip: Clip, images: Tensor, heldout: Pictures, attribute: str) -> float:
    """A class that prompts put in several ways is the mean of them."""
    words = heldout.grammar[attribute]
    classes = torch.stack([F.normalize(clip.of_texts(says).mean(0), dim=0) for says in words.values()])
    wanted = torch.from_numpy(heldout.labels()[:, ATTRIBUTES.index(attribute)])
    return ((images @ classes.T).argmax(1) == wanted).float().mean().item()
