"""Adapters of every kind in the plan, put into a copy of the UNet by peft."""

import copy

import torch
from peft import LoHaConfig, LoKrConfig, LoraConfig, inject_adapter_in_model
from torch import Tensor, nn

from hamlet_sidecar.zoo.targets import targets_of

# Convolutions are large: LoCon files in the wild give them a lower rank than attention.
MOST_CONVOLUTION_RANK = 4


def with_adapter(base: nn.Module, entry: dict, directions: dict[str, Tensor]) -> nn.Module:
    """A copy of `base` in which only the new adapter learns.

    Trained with alpha = rank, that is with scale 1; the alpha of the plan is folded in when the file is
    written. Otherwise alpha 1 at rank 16 would learn a sixteenth as fast as alpha 16.
    """
    unet = copy.deepcopy(base).requires_grad_(False)
    unet = inject_adapter_in_model(config_of(entry, unet), unet)
    for name, module in unet.named_modules():
        if name in directions and hasattr(module, 'lora_A'):
            _start_along(module.lora_A['default'].weight, directions[name])
    return unet.train()


def config_of(entry: dict, unet: nn.Module):
    kind, rank = entry['format'], entry['rank']
    names = targets_of(unet, convolutions=kind == 'locon')
    if kind == 'loha':
        return LoHaConfig(r=rank, alpha=rank, target_modules=names)
    if kind == 'lokr':
        return LoKrConfig(r=rank, alpha=rank, target_modules=names)
    lower = {name: min(rank, MOST_CONVOLUTION_RANK) for name in names if name.endswith(('conv1', 'conv2'))}
    return LoraConfig(
        r=rank,
        lora_alpha=rank,
        target_modules=names,
        rank_pattern=lower,
        alpha_pattern=lower,
        use_dora=kind == 'dora',
    )


@torch.no_grad()
def _start_along(weight: Tensor, directions: Tensor) -> None:
    """Rows of A are the first right singular vectors; what the gradient lacks in rank stays random."""
    known = min(len(weight), len(directions))
    weight[:known] = directions[:known].to(weight).reshape(known, *weight.shape[1:])
