"""Steps of Diffusion-DPO on encoded pairs: resumable to the bit, and sparing of memory when it has to be."""

import math
import time
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor
from torch.optim import AdamW

from hamlet_sidecar.device import device
from hamlet_sidecar.dpo.adapter import add_adapter, load_weights, reference, weights_of
from hamlet_sidecar.dpo.encoded import Encoded
from hamlet_sidecar.dpo.objective import (
    Noising,
    draw_noise,
    preference_logits,
    preference_loss,
    squared_errors,
)
from hamlet_sidecar.dpo.reference_errors import ReferenceErrors
from hamlet_sidecar.errors import SidecarError

STEEPEST = 1.0
MOST_SKIPPED = 8
PRECISIONS = {'f32': None, 'bf16': torch.bfloat16, 'fp16': torch.float16}
MEMORY_WORDS = ('out of memory', "can't allocate memory", 'cannot allocate memory')


@dataclass
class Training:
    """`curve` has a dict a step; `events` what happened beside: a halved batch, a skipped step."""

    unet: torch.nn.Module
    encoded: Encoded
    noising: Noising
    spec: dict
    job: object
    step: int = 0
    skipped: int = 0
    curve: list[dict[str, float]] = field(default_factory=list)
    events: list[dict] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=lambda: {'reference': 0.0, 'policy': 0.0})

    def __post_init__(self) -> None:
        spec = self.spec
        kind = device().kind
        if spec['precision'] == 'fp16' and kind == 'cpu':
            raise SidecarError('spec-invalid', '/spec/precision fp16 needs a GPU: take bf16 or f32', 400)
        torch.manual_seed(spec['seed'])
        self.learned = add_adapter(self.unet, spec['rank'], spec['layers'])
        self.optimiser = AdamW(
            self.learned, lr=spec['learningRate'], betas=(0.9, 0.999), weight_decay=spec['decay']
        )
        self.scaler = torch.amp.GradScaler(kind, enabled=spec['precision'] == 'fp16')
        self.at_once = spec['batch']
        self.pool = None
        shape = self.encoded.latents.shape[2:]
        if spec['pool']:
            self.pool = draw_noise(shape, spec['pool'], self.noising.steps, spec['seed'])
        self.known = ReferenceErrors(len(self.encoded), spec['pool'])
        if spec['checkpointing'] and kind == 'cuda':
            self.unet.enable_gradient_checkpointing()

    def one_step(self) -> dict[str, float]:
        """A batch of batch × accumulate pairs, in as large parts as memory allows."""
        spec = self.spec
        for group in self.optimiser.param_groups:
            group['lr'] = spec['learningRate'] * min(1.0, (self.step + 1) / max(1, spec['warmup']))
        random = np.random.default_rng([spec['seed'], self.step])
        count = min(spec['batch'] * spec['accumulate'], len(self.encoded))
        chosen = random.choice(len(self.encoded), count, replace=False)
        slots, noise, at = self._draw(random, count)
        mirrored = self._mirrored(random, slots)
        figures = self._in_parts(chosen, mirrored, slots, noise, at)
        self._descend(figures)
        self.step += 1
        self.curve.append({'step': self.step, **{name: round(x, 6) for name, x in figures.items()}})
        return figures

    def _draw(self, random, count: int) -> tuple[np.ndarray, Tensor, Tensor]:
        """Of the pool, or fresh ones that depend on seed and step alone."""
        if self.pool is not None:
            slots = random.integers(self.spec['pool'], size=count)
            return slots, self.pool[0][slots], self.pool[1][slots]
        shape = self.encoded.latents.shape[2:]
        noise, at = draw_noise(shape, count, self.noising.steps, int(random.integers(2**62)))
        return np.full(count, -1), noise, at

    def _mirrored(self, random, slots: np.ndarray) -> np.ndarray:
        """By lot; with a pool each noise has its side, so that what is remembered of it stays true."""
        if not self.spec['flips']:
            return np.zeros(len(slots), bool)
        return slots % 2 == 1 if self.pool is not None else random.random(len(slots)) < 0.5

    def _in_parts(self, chosen, mirrored, slots, noise, at) -> dict[str, float]:
        while True:
            self.optimiser.zero_grad(set_to_none=True)
            try:
                parts = [
                    self._part(
                        chosen[some],
                        mirrored[some],
                        slots[some],
                        noise[some],
                        at[some],
                        (some.stop - some.start) / len(chosen),
                    )
                    for some in slices(len(chosen), self.at_once)
                ]
            except (RuntimeError, MemoryError) as error:
                self._halve(error)
                continue
            weights = [len(chosen[some]) for some in slices(len(chosen), self.at_once)]
            return {name: float(np.average([p[name] for p in parts], weights=weights)) for name in parts[0]}

    def _halve(self, error: Exception) -> None:
        """Out of memory: smaller parts of the same batch, so that the training stays what it was."""
        text = str(error).lower()
        lack = isinstance(error, MemoryError | torch.OutOfMemoryError) or any(w in text for w in MEMORY_WORDS)
        if not lack:
            raise error
        if self.at_once == 1:
            raise SidecarError('out-of-memory', 'not even one pair fits into memory') from error
        self.at_once = max(1, self.at_once // 2)
        self.events.append({'step': self.step, 'what': 'batch-halved', 'pairsAtOnce': self.at_once})
        self.job.log(f'out of memory in step {self.step + 1}: {self.at_once} pairs at once from here')
        if torch.cuda.is_available():
            torch.cuda.empty_cache()

    def _part(self, chosen, mirrored, slots, noise: Tensor, at: Tensor, share: float) -> dict[str, float]:
        """Adds this part's gradient; what it measured."""
        self.job.raise_if_cancelled()
        kind = device().kind
        latents, hidden = self.encoded.batch(chosen, mirrored, kind)
        both = at.repeat(2).to(kind)
        noised, wanted = self.noising.apply(latents, noise.repeat(2, 1, 1, 1).to(kind), both)
        began = time.perf_counter()
        with self._autocast():
            baseline = self.known.get(
                chosen, slots, lambda some: self._baseline(some, noised, both, hidden, wanted)
            ).to(kind)
            between = time.perf_counter()
            policy = squared_errors(self.unet, noised, both, hidden, wanted).view(2, -1)
        logits = preference_logits(policy, baseline, self.spec['beta'])
        gained = policy - baseline
        loss = preference_loss(logits).mean()
        pulled = self.spec['anchor'] * self.spec['beta'] / 4 * gained[0].mean()
        self.scaler.scale((loss + pulled) * share).backward()
        ended = time.perf_counter()
        self.seconds['reference'] += between - began
        self.seconds['policy'] += ended - between
        gains = gained.detach().mean(1)
        return {
            'loss': loss.item(),
            'accuracy': (logits.detach() > 0).float().mean().item(),
            'margin': logits.detach().mean().item(),
            'winnerGain': gains[0].item(),
            'loserGain': gains[1].item(),
            'referenceError': baseline.mean().item(),
        }

    def _baseline(self, some: np.ndarray, *tensors: Tensor) -> Tensor:
        """(2, n) of the pairs at these places of the batch, by the network with its adapters off."""
        count = len(tensors[0]) // 2
        rows = torch.as_tensor(np.concatenate([some, some + count]), device=tensors[0].device)
        with torch.no_grad(), reference(self.unet):
            return squared_errors(self.unet, *(tensor[rows] for tensor in tensors)).view(2, -1)

    def _autocast(self):
        low = PRECISIONS[self.spec['precision']]
        return torch.autocast(device().kind, low or torch.bfloat16, enabled=low is not None)

    def _descend(self, figures: dict[str, float]) -> None:
        """A step whose loss or gradient is no number changes nothing; too many of them end the training."""
        self.scaler.unscale_(self.optimiser)
        steepness = torch.nn.utils.clip_grad_norm_(self.learned, STEEPEST).item()
        if math.isfinite(figures['loss']) and math.isfinite(steepness):
            self.skipped = 0
            self.scaler.step(self.optimiser)
        else:
            self.skipped += 1
            self.events.append({'step': self.step, 'what': 'step-skipped', 'loss': repr(figures['loss'])})
            for name, value in figures.items():
                figures[name] = value if math.isfinite(value) else 0.0
        if self.skipped > MOST_SKIPPED:
            raise SidecarError(
                'loss-not-finite',
                f'{self.skipped} steps in a row had a loss or gradient that is no number, the last of them step '
                f'{self.step + 1}; a smaller learningRate, or precision bf16 or f32, is a new training',
            )
        self.scaler.update()

    def state(self) -> dict:
        return {
            'adapter': weights_of(self.unet),
            'optimiser': self.optimiser.state_dict(),
            'scaler': self.scaler.state_dict(),
            'step': self.step,
            'skipped': self.skipped,
            'curve': self.curve,
            'events': self.events,
            'seconds': self.seconds,
        }

    def resume(self, state: dict) -> None:
        load_weights(self.unet, state['adapter'])
        self.optimiser.load_state_dict(state['optimiser'])
        self.scaler.load_state_dict(state['scaler'])
        for name in ('step', 'skipped', 'curve', 'events', 'seconds'):
            setattr(self, name, state[name])


def slices(length: int, at_once: int) -> list[slice]:
    return [slice(first, min(first + at_once, length)) for first in range(0, length, at_once)]
