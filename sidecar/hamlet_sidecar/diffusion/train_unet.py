"""The second half of `train-diffusion`: the UNet and its text encoder, on cached latents."""

import copy
from pathlib import Path

import numpy as np
import torch
from diffusers import UNet2DConditionModel
from diffusers.models.attention_processor import AttnProcessor
from torch import Tensor, nn
from torch.optim import AdamW

from hamlet_sidecar.captions import write_telling_caption
from hamlet_sidecar.checkpoint import load_checkpoint, save_checkpoint
from hamlet_sidecar.device import device
from hamlet_sidecar.diffusion.conditioning import encode_prompts
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


def train_unet(pictures: Pictures, latents: Tensor, text_encoder, tokenizer, spec: dict, job, path: Path):
    """latents: (count, 2, channels, side, side), each picture and its mirror image.

    Returns the averaged UNet and text encoder.
    """
    torch.manual_seed(spec['seed'])
    both = nn.ModuleDict({'unet': _unet(spec, job), 'text': text_encoder.requires_grad_('clip' not in spec)})
    both.to(device().kind)
    unet = both['unet']
    if device().kind == 'cpu':
        # Fused attention's backward pass takes twice the time of the plain sum there, at these sizes.
        unet.set_attn_processor(AttnProcessor())
    averaged = copy.deepcopy(both).eval()
    learned = [parameter for parameter in both.parameters() if parameter.requires_grad]
    optimiser = AdamW(learned, lr=LEARNING_RATE, betas=(0.9, 0.99), weight_decay=0.01)
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
        batch = latents[chosen, random.integers(2, size=len(chosen))].to(device().kind)
        loss = noising.loss(unet, batch, encode_prompts(prompts, both['text'], tokenizer), noise)
        for group in optimiser.param_groups:
            group['lr'] = LEARNING_RATE * rate_at(step / steps)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(learned, 1.0)
        optimiser.step()
        _average(averaged, both, min(AVERAGING, (step + 1) / (step + 10)))
        smooth = loss.item() if smooth is None else 0.97 * smooth + 0.03 * loss.item()
        job.progress((step + 1) / steps, step=step + 1, loss=smooth)
        if (step + 1) % STEPS_A_CHECKPOINT == 0 or step + 1 == steps:
            kept = {'both': both.state_dict(), 'averaged': averaged.state_dict()}
            kept['optimiser'] = optimiser.state_dict()
            save_checkpoint(path, {'spec': spec, 'step': step + 1, **kept})
    return averaged['unet'], averaged['text']


def _unet(spec: dict, job) -> UNet2DConditionModel:
    if 'start' not in spec:
        return build_unet(spec['scale']).to(memory_format=torch.channels_last)
    folder = confine(job.artifacts, spec['start']) / 'unet'
    unet = UNet2DConditionModel.from_pretrained(folder, dtype=torch.float32)
    return unet.to(memory_format=torch.channels_last)


@torch.no_grad()
def _average(averaged, model, decay: float) -> None:
    for slow, fast in zip(averaged.parameters(), model.parameters(), strict=True):
        slow.lerp_(fast, 1 - decay)
