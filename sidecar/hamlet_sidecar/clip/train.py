"""Job `train-clip`: the tiny CLIP from renders and their prompts."""

import math
import time
from pathlib import Path

import torch
from torch import nn
from torch.optim import AdamW
from transformers import CLIPModel, CLIPTokenizer

from hamlet_sidecar.checkpoint import load_checkpoint, save_checkpoint
from hamlet_sidecar.clip.batches import make_batch
from hamlet_sidecar.clip.export import export_clip
from hamlet_sidecar.clip.loss import NamingHeads, contrastive_loss, fits
from hamlet_sidecar.clip.model import build_clip
from hamlet_sidecar.clip.tokenizer import tokenizer_for
from hamlet_sidecar.device import device
from hamlet_sidecar.files import confine
from hamlet_sidecar.pictures import ATTRIBUTES, read_pictures
from hamlet_sidecar.schedule import rate_at

DEFAULTS = {
    'scale': 'tiny',
    'steps': 2200,
    'batch': 128,
    'learningRate': 1.5e-3,
    'naming': 0.5,
    'blur': 0.3,
    'seed': 1,
}
WEIGHT_DECAY = 0.05
MOST_SCALE = math.log(100)
STEPS_A_CHECKPOINT = 50


def run(spec: dict, job) -> dict:
    """spec: {renders, start?, scale?, steps?, batch?, learningRate?, naming?, blur?, seed?} → folder `clip`.

    `start` is an exported folder to go on from; `naming` weighs the heads against contrast: they find the
    subjects long before contrast alone does.
    """
    spec = {**DEFAULTS, **spec}
    began = time.perf_counter()
    torch.manual_seed(spec['seed'])
    pictures = read_pictures(confine(job.artifacts, spec['renders']))
    labels = pictures.labels()
    # One that goes on keeps its vocabulary, whatever pictures it goes on with.
    start = confine(job.artifacts, spec['start']) if 'start' in spec else None
    tokenizer = CLIPTokenizer.from_pretrained(start) if start else tokenizer_for(pictures)
    clip = build_clip(tokenizer, spec['scale'])
    if start:
        clip.load_state_dict(CLIPModel.from_pretrained(start).state_dict())
    heads = NamingHeads([len(pictures.grammar[a]) for a in ATTRIBUTES])
    both = nn.ModuleDict({'clip': clip, 'heads': heads}).to(device().kind)
    optimiser = AdamW(_groups(both), lr=spec['learningRate'], betas=(0.9, 0.98))
    first = _resume(job.checkpoint / 'clip.pt', spec, both, optimiser)

    clip.train()
    average = None
    for step in range(first, spec['steps']):
        job.raise_if_cancelled()
        for group in optimiser.param_groups:
            group['lr'] = spec['learningRate'] * rate_at(step / spec['steps'])
        batch = make_batch(pictures, labels, tokenizer, spec['batch'], spec['seed'], step, spec['blur'])
        loss = _loss(clip, heads, batch.to(device().kind), spec['naming'])
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(clip.parameters(), 1.0)
        optimiser.step()
        clip.logit_scale.data.clamp_(max=MOST_SCALE)
        average = loss.item() if average is None else 0.95 * average + 0.05 * loss.item()
        job.progress((step + 1) / spec['steps'], step=step + 1, loss=round(average, 4))
        if (step + 1) % STEPS_A_CHECKPOINT == 0:
            state = {'model': both.state_dict(), 'optimiser': optimiser.state_dict()}
            save_checkpoint(job.checkpoint / 'clip.pt', {'spec': spec, 'step': step + 1, **state})

    folder = Path(job.artifacts) / 'clip'
    export_clip(clip.cpu(), tokenizer, folder)
    return {'folder': 'clip', 'loss': average, 'seconds': round(time.perf_counter() - began), 'spec': spec}


def _loss(clip, heads, batch, naming: float):
    images = clip.get_image_features(pixel_values=batch.pixels).pooler_output
    texts = clip.get_text_features(input_ids=batch.input_ids).pooler_output
    positives = fits(batch.mentioned, batch.labels)
    contrast = contrastive_loss(images, texts, clip.logit_scale.exp(), positives)
    return contrast + heads(images, batch.labels) * naming


def _groups(model) -> list[dict]:
    """Decay for matrices; none for biases, norms and the temperature."""
    matrices = [p for p in model.parameters() if p.ndim > 1]
    others = [p for p in model.parameters() if p.ndim <= 1]
    return [{'params': matrices, 'weight_decay': WEIGHT_DECAY}, {'params': others, 'weight_decay': 0.0}]


def _resume(path: Path, spec: dict, model, optimiser) -> int:
    state = load_checkpoint(path, spec)
    if state is None:
        return 0
    model.load_state_dict(state['model'])
    optimiser.load_state_dict(state['optimiser'])
    return state['step']
