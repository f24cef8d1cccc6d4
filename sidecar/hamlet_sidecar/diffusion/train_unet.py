"""The second half of `train-diffusion`: the UNet and its text encoder, on cached latents."""

import copy
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim import AdamW

from hamlet_sidecar.captions import write_telling_caption
from hamlet_sidecar.checkpoint import load_checkpoint, save_checkpoint
from hamlet_sidecar.diffusion.conditioning import build_text_encoder, encode_prompts
from hamlet_sidecar.diffusion.models import build_scheduler, build_unet
from hamlet_sidecar.diffusion.objective import Noising
from hamlet_sidecar.files import confine
from hamlet_sidecar.pictures import Pictures
from hamlet_sidecar.schedule import rate_at

LEARNING_RATE = 1e-3
# Classifier-free guidance needs to know pictures without a prompt (Ho and Salimans 2022).
UNPROMPTED = 0.1
AVERAGING = 0.998
STEPS_A_CHECKPOINT = 50


def train_unet(pictures: Pictures, latents: Tensor, tokenizer, spec: dict, job, path: Path):
    """latents: (count, 2, channels, side, side), each picture and its mirror image.

    Returns the averaged UNet and text encoder.
    """
    torch.manual_seed(spec['seed'])
    unet = build_unet(spec['scale']).to(memory_format=torch.channels_last)
    both = nn.ModuleDict({'unet': unet, 'text': build_text_encoder(tokenizer, spec['scale'])})
    if 'start' in spec:
        start_from(confine(job.artifacts, spec['start']), both)
    averaged = copy.deepcopy(both).eval()
    optimiser = AdamW(both.parameters(), lr=LEARNING_RATE, betas=(0.9, 0.99), weight_decay=0.01)
    state = load_checkpoint(path, spec)
    if state:
        both.load_state_dict(state['both'])
        averaged.load_state_dict(state['averaged'])
        optimiser.load_state_dict(state['optimiser'])
    noising, smooth = Noising(build_scheduler()), None
    steps = spec['unetSteps']
    for step in range(state['step'] if state else 0, steps):
        job.raise_if_cancelled()
        random = np.random.default_rng([spec['seed'], step])
        chosen = random.choice(len(pictures), min(spec['batch'], len(pictures)), replace=False)
        captions = [write_telling_caption(pictures.records[i], pictures.grammar, random) for i in chosen]
        prompts = ['' if random.random() < UNPROMPTED else caption for caption in captions]
        noise = torch.Generator().manual_seed(int(random.integers(2**62)))
        batch = latents[chosen, random.integers(2, size=len(chosen))]
        loss = noising.loss(unet, batch, encode_prompts(prompts, both['text'], tokenizer), noise)
        for group in optimiser.param_groups:
            group['lr'] = LEARNING_RATE * rate_at(step / steps)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(both.parameters(), 1.0)
        optimiser.step()
        _average(averaged, both, min(AVERAGING, (step + 1) / (step + 10)))
        smooth = loss.item() if smooth is None else 0.97 * smooth + 0.03 * loss.item()
        job.progress((step + 1) / steps, step=step + 1, loss=smooth)
        if (step + 1) % STEPS_A_CHECKPOINT == 0 or step + 1 == steps:
            kept = {'both': both.state_dict(), 'averaged': averaged.state_dict()}
            kept['optimiser'] = optimiser.state_dict()
            save_checkpoint(path, {'spec': spec, 'step': step + 1, **kept})
    return averaged['unet'], averaged['text']


def start_from(folder: Path, both: nn.ModuleDict) -> None:
    """Goes on from the UNet and text encoder of an earlier training's pipeline."""
    from diffusers import UNet2DConditionModel
    from transformers import CLIPTextModel

    unet = UNet2DConditionModel.from_pretrained(folder / 'unet', dtype=torch.float32)
    text = CLIPTextModel.from_pretrained(folder / 'text_encoder', dtype=torch.float32)
    both['unet'].load_state_dict(unet.state_dict())
    both['text'].load_state_dict(text.state_dict())


@torch.no_grad()
def _average(averaged, model, decay: float) -> None:
    for slow, fast in zip(averaged.parameters(), model.parameters(), strict=True):
        slow.lerp_(fast, 1 - decay)
