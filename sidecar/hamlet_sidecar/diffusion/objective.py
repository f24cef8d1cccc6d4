"""What the UNet learns: v of a noised latent, weighted by min-SNR."""

import torch
from torch import Tensor

# Hang et al. 2023, "Efficient Diffusion Training via Min-SNR Weighting Strategy".
MOST_SNR = 5.0


class Noising:
    """Shared by base training and LoRA training, so that both minimise the same thing."""

    def __init__(self, scheduler):
        kept = scheduler.alphas_cumprod.float()
        self.signal, self.noise = kept.sqrt(), (1 - kept).sqrt()
        self.steps = len(kept)

    def loss(self, unet, latents: Tensor, hidden: Tensor, random: torch.Generator) -> Tensor:
        """Mean over a batch. latents: (n, channels, side, side) of deviation 1; hidden: (n, tokens, width)."""
        at = torch.randint(0, self.steps, (len(latents),), generator=random)
        noise = torch.randn(latents.shape, generator=random)
        signal, spread = self.signal[at][:, None, None, None], self.noise[at][:, None, None, None]
        noised, wanted = signal * latents + spread * noise, signal * noise - spread * latents
        with torch.autocast('cpu', torch.bfloat16):
            guessed = unet(noised, at, encoder_hidden_states=hidden).sample
        ratio = (self.signal[at] / self.noise[at]) ** 2
        # For v-prediction the unweighted loss already carries 1/(SNR + 1).
        weight = ratio.clamp(max=MOST_SNR) / (ratio + 1) * 2
        return ((guessed.float() - wanted) ** 2).mean((1, 2, 3)).mul(weight).mean()
