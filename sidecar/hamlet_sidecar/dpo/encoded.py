"""Latents of the pictures and hidden states of the prompts, made once: the VAE and the text encoder rest then."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from hamlet_sidecar.dpo.pair_set import PairSet

ENCODED_AT_ONCE = 16


@dataclass(frozen=True)
class Encoded:
    """`latents`: (2, pictures, channels, side, side), scaled, as they are and mirrored; `hidden`: (prompts, tokens, width)."""

    latents: Tensor
    hidden: Tensor
    winners: np.ndarray
    losers: np.ndarray
    prompts: np.ndarray

    def __len__(self) -> int:
        return len(self.winners)

    def batch(self, chosen: np.ndarray, mirrored: np.ndarray, device: str) -> tuple[Tensor, Tensor]:
        """Winners, then losers: (2n, channels, side, side) and their (2n, tokens, width). Both sides alike."""
        pictures = np.concatenate([self.winners[chosen], self.losers[chosen]])
        latents = self.latents[np.tile(mirrored.astype(int), 2), pictures]
        return latents.to(device), self.hidden[self.prompts[chosen]].repeat(2, 1, 1).to(device)


@torch.no_grad()
def encode(pairs: PairSet, pipeline, job) -> Encoded:
    words = list(dict.fromkeys(pair.prompt for pair in pairs.pairs))
    column = {prompt: place for place, prompt in enumerate(words)}
    latents = []
    for first in range(0, len(pairs.pixels), ENCODED_AT_ONCE):
        job.raise_if_cancelled()
        some = pairs.pixels[first : first + ENCODED_AT_ONCE]
        both = [latents_of(pipeline.vae, side).cpu() for side in (some, some[:, :, ::-1])]
        latents.append(torch.stack(both))
    hidden = [
        hidden_of(pipeline, words[first : first + ENCODED_AT_ONCE]).cpu()
        for first in range(0, len(words), ENCODED_AT_ONCE)
    ]
    return Encoded(
        torch.cat(latents, dim=1),
        torch.cat(hidden),
        np.array([pair.winner for pair in pairs.pairs]),
        np.array([pair.loser for pair in pairs.pairs]),
        np.array([column[pair.prompt] for pair in pairs.pairs]),
    )


def latents_of(vae, pixels: np.ndarray) -> Tensor:
    """The mode, not a draw: a pair is the same at every step."""
    planes = torch.from_numpy(np.array(pixels)).permute(0, 3, 1, 2).to(vae.device, vae.dtype) / 127.5 - 1
    return (vae.encode(planes).latent_dist.mode() * vae.config.scaling_factor).float()


def hidden_of(pipeline, prompts: list[str]) -> Tensor:
    """Padded to the model's full length, as diffusers' pipeline does."""
    tokenizer = pipeline.tokenizer
    words = tokenizer(
        prompts,
        padding='max_length',
        truncation=True,
        max_length=tokenizer.model_max_length,
        return_tensors='pt',
    )
    return pipeline.text_encoder(words.input_ids.to(pipeline.text_encoder.device)).last_hidden_state.float()
