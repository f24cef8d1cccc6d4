"""Diffusion-DPO (Wallace et al. 2023, equation 14): the loss, and what a UNet's errors are measured on."""

import torch
import torch.nn.functional as F
from torch import Tensor

from hamlet_sidecar.errors import SidecarError


class Noising:
    """Noised latents, and what the network should say of them, as the model's own scheduler defines it."""

    def __init__(self, scheduler):
        self.predicts = scheduler.config.prediction_type
        if self.predicts not in ('epsilon', 'v_prediction'):
            raise SidecarError('model-unsupported', f'a model that predicts {self.predicts!r} is not trained')
        kept = scheduler.alphas_cumprod.float()
        self.signal, self.noise = kept.sqrt(), (1 - kept).sqrt()
        self.steps = len(kept)

    def apply(self, latents: Tensor, noise: Tensor, at: Tensor) -> tuple[Tensor, Tensor]:
        """latents, noise: (n, channels, side, side); at: (n,). The noised latents and the wanted answer."""
        signal, spread = (part.to(latents)[at][:, None, None, None] for part in (self.signal, self.noise))
        wanted = noise if self.predicts == 'epsilon' else signal * noise - spread * latents
        return signal * latents + spread * noise, wanted


def squared_errors(unet, noised: Tensor, at: Tensor, hidden: Tensor, wanted: Tensor) -> Tensor:
    """(n,): mean over a picture's latent, in float32 whatever the network computes in."""
    said = unet(noised, at, encoder_hidden_states=hidden).sample
    return (said.float() - wanted.float()).pow(2).mean((1, 2, 3))


def preference_logits(policy: Tensor, reference: Tensor, beta: float) -> Tensor:
    """policy, reference: (2, pairs), errors of winners and of losers under the same noise at the same time.

    Positive where the policy has got better at the winner than at the loser, each against the reference. The
    factor T·ω(λ) of the paper is part of beta, as in its published code.
    """
    gained = policy - reference
    return -0.5 * beta * (gained[0] - gained[1])


def preference_loss(logits: Tensor) -> Tensor:
    """(pairs,): ln 2 where policy and reference are one."""
    return -F.logsigmoid(logits)


def draw_noise(shape: torch.Size, count: int, steps: int, seed: int) -> tuple[Tensor, Tensor]:
    """`count` noises and times, each time from a layer of its own: a batch sees all noise levels alike.

    Drawn on the processor, so that a seed means the same on a GPU.
    """
    random = torch.Generator().manual_seed(seed)
    layers = (torch.randperm(count, generator=random) + torch.rand(count, generator=random)) / count
    at = (layers * steps).long().clamp(max=steps - 1)
    return torch.randn((count, *shape), generator=random), at
