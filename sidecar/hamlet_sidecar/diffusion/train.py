"""Job `train-diffusion`: a Stable Diffusion of the seed world, in diffusers' own pipeline format."""

import time
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL, StableDiffusionPipeline
from transformers import CLIPTextModel, CLIPTokenizer

from hamlet_sidecar.checkpoint import load_checkpoint, save_checkpoint
from hamlet_sidecar.clip.tokenizer import tokenizer_for
from hamlet_sidecar.device import device
from hamlet_sidecar.diffusion.conditioning import build_text_encoder, text_encoder_of
from hamlet_sidecar.diffusion.fit_vae import encode_all, fit_vae
from hamlet_sidecar.diffusion.models import CONTEXT, build_scheduler
from hamlet_sidecar.diffusion.train_unet import train_unet
from hamlet_sidecar.files import confine
from hamlet_sidecar.pictures import Pictures, read_pictures

DEFAULTS = {'scale': 'tiny', 'seed': 1, 'vaeSteps': 400, 'unetSteps': 2400, 'batch': 16}


def run(spec: dict, job) -> dict:
    """spec: {renders, clip?, start?, scale?, seed?, vaeSteps?, unetSteps?, batch?} → folder `diffusion`.

    `clip` is a CLIP folder whose text tower reads the prompts and learns nothing more, as in SD 1.5; without it
    a text encoder learns with the UNet. `start` is an earlier `diffusion` folder to go on from.
    """
    spec = {**DEFAULTS, **spec}
    began = time.perf_counter()
    pictures = read_pictures(confine(job.artifacts, spec['renders']))
    if 'start' in spec:
        start = confine(job.artifacts, spec['start'])
        vae = AutoencoderKL.from_pretrained(start / 'vae', dtype=torch.float32)
    else:
        vae = fit_vae(pictures, spec['scale'], spec['vaeSteps'], spec['seed'], job)
    latents = latents_of(vae.to(device().kind), pictures, job.checkpoint / 'latents.pt')
    text_encoder, tokenizer = _reader(pictures, spec, job)
    path = job.checkpoint / 'unet.pt'
    unet, text_encoder = train_unet(pictures, latents, text_encoder, tokenizer, spec, job, path)
    folder = Path(job.artifacts) / 'diffusion'
    save_pipeline(unet.cpu(), vae.cpu(), text_encoder.cpu(), tokenizer, folder)
    return {'folder': 'diffusion', 'seconds': round(time.perf_counter() - began), 'spec': spec}


def _reader(pictures: Pictures, spec: dict, job):
    """The text encoder to begin with, and its tokenizer."""
    if 'start' in spec:
        start = confine(job.artifacts, spec['start'])
        text_encoder = CLIPTextModel.from_pretrained(start / 'text_encoder', dtype=torch.float32)
        return text_encoder, CLIPTokenizer.from_pretrained(start / 'tokenizer')
    if 'clip' in spec:
        return text_encoder_of(confine(job.artifacts, spec['clip']))
    tokenizer = tokenizer_for(pictures, CONTEXT)
    return build_text_encoder(tokenizer, spec['scale']), tokenizer


def latents_of(vae, pictures: Pictures, cache: Path) -> torch.Tensor:
    """(count, 2, channels, side, side) of deviation 1: each picture and its mirror image.

    Encoding takes minutes, so they are kept, with what they are of.
    """
    of = {'pictures': pictures.sha256, 'scalingFactor': vae.config.scaling_factor}
    kept = load_checkpoint(cache, of)
    if kept is None:
        everything = np.arange(len(pictures))
        both = [encode_all(vae, pictures, everything, mirrored=mirrored) for mirrored in (False, True)]
        kept = {'spec': of, 'latents': torch.stack(both, dim=1)}
        save_checkpoint(cache, kept)
    return kept['latents'] * vae.config.scaling_factor


def save_pipeline(unet, vae, text_encoder, tokenizer, folder: Path) -> None:
    """float16 on disk: half the bytes, and no sample changes that an eye or a classifier can tell."""
    pipeline = StableDiffusionPipeline(
        vae=vae,
        text_encoder=text_encoder,
        tokenizer=tokenizer,
        unet=unet,
        scheduler=build_scheduler(),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    for part in (vae, unet):
        # Where it was read from is a path of this machine.
        part.register_to_config(_name_or_path='')
    pipeline.to(torch.float16).save_pretrained(folder)
    pipeline.to(torch.float32)
