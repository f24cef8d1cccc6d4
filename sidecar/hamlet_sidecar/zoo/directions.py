"""Where a LoRA starts: along the gradient of the full weights, as in LoRA-GA (Wang et al. 2024).

B starts at zero and A at random, so in a short training A hardly moves and the right side of every LoRA
would be noise: two LoRAs of one style would have nothing in common there. The right
singular vectors of the gradient are what the style's pictures ask of the layer.
"""

import copy

import torch
from torch import Tensor, nn

from hamlet_sidecar.zoo.targets import targets_of

MOST_RANK = 16


def gradient_directions(base: nn.Module, losses) -> dict[str, Tensor]:
    """Layer name to (≤ 16, in) orthonormal rows. `losses`: functions of the UNet, summed over."""
    unet = copy.deepcopy(base).requires_grad_(False)
    wanted = set(targets_of(unet, convolutions=True))
    layers = {name: module for name, module in unet.named_modules() if name in wanted}
    for layer in layers.values():
        layer.weight.requires_grad_(True)
    for loss in losses:
        loss(unet).backward()
    return {name: _right_vectors(layer.weight.grad) for name, layer in layers.items()}


def _right_vectors(gradient: Tensor) -> Tensor:
    """By the Gram matrix of the shorter side: 70 small SVDs for each of 240 LoRAs add up."""
    matrix = gradient.flatten(1)
    if matrix.shape[0] < matrix.shape[1]:
        _, left = torch.linalg.eigh(matrix @ matrix.T)
        right = left.flip(1)[:, :MOST_RANK].T @ matrix
        return torch.linalg.qr(right.T)[0].T
    _, right = torch.linalg.eigh(matrix.T @ matrix)
    return right.flip(1)[:, :MOST_RANK].T
