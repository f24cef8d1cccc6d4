"""Contrastive loss in which a caption that says little may fit several pictures."""

import torch.nn.functional as F
from torch import Tensor, nn


def fits(mentioned: Tensor, labels: Tensor) -> Tensor:
    """(texts, pictures) bool: the picture has every attribute that the caption mentions.

    mentioned: (n, 5) bool; labels: (n, 5). A short caption ("mosaic") is true of other pictures of the batch
    too; to count those as negatives would teach that it is not.
    """
    same = labels[:, None] == labels[None]
    return (same | ~mentioned[:, None]).all(-1)


def contrastive_loss(images: Tensor, texts: Tensor, scale: Tensor, positives: Tensor) -> Tensor:
    """Mean over the positives of each row (SupCon's L_out, Khosla et al. 2020), both ways as in CLIP."""
    logits = scale * F.normalize(texts, dim=-1) @ F.normalize(images, dim=-1).T
    weights = positives.float()
    of_texts = -(logits.log_softmax(1) * weights).sum(1) / weights.sum(1)
    of_images = -(logits.log_softmax(0) * weights).sum(0) / weights.sum(0)
    return (of_texts.mean() + of_images.mean()) / 2


class NamingHeads(nn.ModuleList):
    """Names each attribute from the embedding; thrown away after training."""

    def __init__(self, sizes: list[int], embedding: int = 64):
        super().__init__(nn.Linear(embedding, size) for size in sizes)

    def forward(self, images: Tensor, labels: Tensor) -> Tensor:
        return sum(F.cross_entropy(head(images), labels[:, i]) for i, head in enumerate(self)) / len(self)
