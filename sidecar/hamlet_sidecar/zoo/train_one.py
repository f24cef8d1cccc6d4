"""One LoRA: where the gradient points, then a few steps."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim import AdamW

from hamlet_sidecar.diffusion.conditioning import encode_prompts
from hamlet_sidecar.diffusion.objective import Noising
from hamlet_sidecar.pictures import Pictures
from hamlet_sidecar.zoo.adapters import with_adapter
from hamlet_sidecar.zoo.data import choose_pictures, neutral_caption
from hamlet_sidecar.zoo.directions import gradient_directions

BATCH, GRADIENT_BATCH, GRADIENT_BATCHES = 4, 12, 2
# Adam moves each entry of B by about this much a step.
LEARNING_RATE = 1e-2


@dataclass(frozen=True)
class Studio:
    """What all LoRAs of a zoo share."""

    unet: nn.Module
    text_encoder: nn.Module
    tokenizer: object
    noising: Noising
    pictures: Pictures
    latents: Tensor


def train_lora(entry: dict, studio: Studio, job) -> tuple[nn.Module, float]:
    """The UNet with its trained adapter, and the loss over the last steps."""
    torch.manual_seed(entry['dataSeed'])
    chosen = choose_pictures(entry, studio.pictures)
    gradients = [_loss_of(entry, studio, chosen, GRADIENT_BATCH, -1 - i) for i in range(GRADIENT_BATCHES)]
    unet = with_adapter(studio.unet, entry, gradient_directions(studio.unet, gradients))
    learned = [p for p in unet.parameters() if p.requires_grad]
    optimiser = AdamW(learned, lr=LEARNING_RATE, betas=(0.9, 0.99), weight_decay=0.0)
    losses = []
    for step in range(entry['steps']):
        job.raise_if_cancelled()
        for group in optimiser.param_groups:
            group['lr'] = LEARNING_RATE * min(1.0, 2 * (1 - step / entry['steps']))
        loss = _loss_of(entry, studio, chosen, BATCH, step)(unet)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(learned, 1.0)
        optimiser.step()
        losses.append(loss.item())
    return unet.eval(), float(np.mean(losses[-8:]))


def _loss_of(entry: dict, studio: Studio, chosen: np.ndarray, size: int, step: int):
    """The loss as a function of the UNet. Noise depends on the step alone: it is the same for every LoRA."""
    random = np.random.default_rng([entry['dataSeed'], step + 1000])
    some = random.choice(chosen, size, replace=size > len(chosen))
    records = [studio.pictures.records[i] for i in some]
    captions = [neutral_caption(record, entry, studio.pictures.grammar, random) for record in records]
    with torch.no_grad():
        hidden = encode_prompts(captions, studio.text_encoder, studio.tokenizer)
    latents = studio.latents[some, random.integers(2, size=size)].to(hidden.device)
    noise = torch.Generator().manual_seed(step + 1000)
    return lambda unet: studio.noising.loss(unet, latents, hidden, noise)
