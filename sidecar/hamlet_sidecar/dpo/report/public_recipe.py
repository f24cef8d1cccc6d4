"""The public recipe of diffusers' Diffusion-DPO example, written from its description, as the report's baseline.

Each step reads the pictures' files, resizes and flips them, encodes them by the VAE and the prompts by the text
encoder, and draws times uniformly; LoRA on attention, AdamW with weight decay .01, a constant learning rate.
"""

import io
import time

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from hamlet_sidecar.device import device
from hamlet_sidecar.dpo.adapter import add_adapter, reference
from hamlet_sidecar.dpo.encoded import hidden_of
from hamlet_sidecar.dpo.objective import Noising, preference_logits, preference_loss, squared_errors
from hamlet_sidecar.dpo.pair_set import PairSet


class PublicRecipe:
    """`seconds` by part, summed over the steps."""

    def __init__(self, pairs: PairSet, pipeline, spec: dict):
        self.pairs, self.pipeline, self.spec = pairs, pipeline, spec
        self.files = [_png(picture) for picture in pairs.pixels]
        torch.manual_seed(spec['seed'])
        self.learned = add_adapter(pipeline.unet, spec['rank'], 'attention')
        self.optimiser = torch.optim.AdamW(self.learned, lr=spec['learningRate'], weight_decay=1e-2)
        self.noising = Noising(pipeline.scheduler)
        self.random = np.random.default_rng(spec['seed'])
        self.seconds = dict.fromkeys(('read', 'latents', 'text', 'reference', 'policy', 'descend'), 0.0)

    def train(self, job) -> None:
        for step in range(self.spec['steps']):
            job.raise_if_cancelled()
            self._step()
            job.progress((step + 1) / self.spec['steps'] * 0.9, step=step + 1)

    def _step(self) -> None:
        unet, spec = self.pipeline.unet, self.spec
        chosen = self.random.choice(len(self.pairs.pairs), spec['batch'], replace=False)
        some = [self.pairs.pairs[i] for i in chosen]
        clock = Clock(self.seconds)
        planes = self._read([pair.winner for pair in some] + [pair.loser for pair in some])
        clock.mark('read')
        with torch.no_grad():
            scale = self.pipeline.vae.config.scaling_factor
            latents = self.pipeline.vae.encode(planes).latent_dist.sample() * scale
            clock.mark('latents')
            hidden = hidden_of(self.pipeline, [pair.prompt for pair in some]).repeat(2, 1, 1)
            clock.mark('text')
        at = torch.randint(self.noising.steps, (spec['batch'],)).repeat(2)
        noise = torch.randn_like(latents[: spec['batch']]).repeat(2, 1, 1, 1)
        noised, wanted = self.noising.apply(latents, noise, at)
        with torch.no_grad(), reference(unet), self._autocast():
            baseline = squared_errors(unet, noised, at, hidden, wanted).view(2, -1)
        clock.mark('reference')
        with self._autocast():
            policy = squared_errors(unet, noised, at, hidden, wanted).view(2, -1)
        loss = preference_loss(preference_logits(policy, baseline, spec['beta'])).mean()
        self.optimiser.zero_grad()
        loss.backward()
        clock.mark('policy')
        torch.nn.utils.clip_grad_norm_(self.learned, 1.0)
        self.optimiser.step()
        clock.mark('descend')

    def _autocast(self):
        return torch.autocast(device().kind, torch.bfloat16, enabled=self.spec['precision'] == 'bf16')

    def _read(self, places: list[int]) -> Tensor:
        side = self.spec['side']
        pictures = [Image.open(io.BytesIO(self.files[place])).convert('RGB') for place in places]
        resized = [np.array(picture.resize((side, side), Image.Resampling.BILINEAR)) for picture in pictures]
        flips = self.random.random(len(places) // 2) < 0.5
        flipped = [p[:, ::-1] if flip else p for p, flip in zip(resized, np.tile(flips, 2), strict=True)]
        return torch.from_numpy(np.stack(flipped)).permute(0, 3, 1, 2).float() / 127.5 - 1


class Clock:
    def __init__(self, seconds: dict[str, float]):
        self.seconds, self.last = seconds, time.perf_counter()

    def mark(self, part: str) -> None:
        now = time.perf_counter()
        self.seconds[part] += now - self.last
        self.last = now


def _png(picture: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, 'PNG')
    return file.getvalue()
