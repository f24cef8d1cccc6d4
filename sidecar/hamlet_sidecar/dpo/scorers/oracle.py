"""What was planted: a taste for styles, and the classifier that names them. It judges; nothing learns from it."""

from pathlib import Path

import numpy as np
import torch

from hamlet_sidecar.classifier.train import load_classifier
from hamlet_sidecar.diffusion.models import IMAGE_SIZE


class Oracle:
    """Expected liking of a picture: the taste for each style, by how sure the classifier is of it."""

    name = 'oracle'
    version = 'planted'
    within_prompt = False

    def __init__(self, classifier: Path, grammar: dict, taste: dict[str, float]):
        self.classifier = load_classifier(classifier, grammar)
        self.taste = torch.tensor([taste.get(style, 0.0) for style in grammar['style']])

    @torch.no_grad()
    def __call__(self, pixels: np.ndarray, prompts: list[str]) -> np.ndarray:
        planes = torch.from_numpy(np.array(pixels)).permute(0, 3, 1, 2).float() / 127.5 - 1
        assert planes.shape[-1] == IMAGE_SIZE, 'the classifier has seen pictures of one size'
        return (self.classifier(planes)[0].softmax(1) @ self.taste).numpy()
