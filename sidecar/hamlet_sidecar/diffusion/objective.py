"""What the UNet learns: v of a noised latent (Salimans and Ho 2022), every noise level with the same weight.

Min-SNR weighting takes the noisy half out of the loss, where it is decided what stands where: after 2,000 steps
of it there were styles and no subjects (LOG.md).
"""

import torch
import torch.nn.functional as F
from torch import Tensor

# Exponent on a uniform draw of the time: below one leans towards noise, where the layout is.
TOWARDS_NOISE = 0.7


class Noising:
    """Shared by base training and LoRA training, so that both minimise the same thing."""

    def __init__(self, scheduler):
        kept = scheduler.alphas_cumprod.float()
        self.signal, self.noise = kept.sqrt(), (1 - kept).sqrt()
        self.steps = len(kept)

    def loss(self, unet, latents: Tensor, hidden: Tensor, random: torch.Generator) -> Tensor:
        """Mean over a batch. latents: (n, channels, side, side) of deviation 1; hidden: (n, tokens, width)."""
        drawn = torch.rand(len(latents), generator=random) ** TOWARDS_NOISE
        at = (drawn * self.steps).long().clamp(max=self.steps - 1)
        # Drawn on the processor, so that a seed means the same on a GPU.
        noise = torch.randn(latents.shape, generator=random).to(latents)
        signal, spread = (part[at][:, None, None, None].to(latents) for part in (self.signal, self.noise))
        noised, wanted = signal * latents + spread * noise, signal * noise - spread * latents
        with torch.autocast(latents.device.type, torch.bfloat16):
            guessed = unet(noised, at.to(latents.device), encoder_hidden_states=hidden).sample
        return F.mse_loss(guessed.float(), wanted)
