"""The first half of `train-diffusion`: an AutoencoderKL that starts, and stays, at the best linear codec.

Trained from scratch on two cores it blurs what tells the styles apart, because each GroupNorm takes the
picture's own brightness and colour away and the net first has to learn to smuggle them through (LOG.md). So its
weights are written down instead: residual blocks add nothing, convolutions carry the codec, and
- SiLU is made linear by pairs: silu(x) − silu(−x) = x;
- GroupNorm is made a constant by channels that hold ±LOUD, beside which no signal moves mean or variance.
"""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from hamlet_sidecar.diffusion.linear_codec import Analysis, Synthesis, fit_synthesis, principal_components
from hamlet_sidecar.diffusion.models import IMAGE_SIZE, LATENT_CHANNELS, SIZES, build_vae
from hamlet_sidecar.pictures import Pictures

LOUD = 60.0
# Deviation of the posterior, as a logarithm of variance: all but a point.
LOG_VARIANCE = -12.0
FITTED_ON = 512
ENCODED_AT_ONCE = 64


def fit_vae(pictures: Pictures, scale: str, steps: int, seed: int, job):
    """The VAE, its scaling factor set so that latents have deviation 1."""
    torch.manual_seed(seed)
    some = np.random.default_rng(seed).permutation(len(pictures))[:FITTED_ON]
    pixels = small_pixels(pictures, some)
    narrow, wide = SIZES[scale]['vae']
    analysis = principal_components(pixels, LATENT_CHANNELS)
    synthesis = fit_synthesis(pixels, analysis, wide, (narrow - 4) // 2, steps, job)
    vae = build_vae(scale).eval()
    with torch.no_grad():
        for name, module in vae.named_modules():
            if name.endswith('conv2'):
                nn.init.zeros_(module.weight)
                nn.init.zeros_(module.bias)
        write_encoder(vae, analysis)
        write_decoder(vae, synthesis)
    vae.register_to_config(scaling_factor=round(1 / analysis.encode(pixels).std().item(), 4))
    return vae


def write_encoder(vae, analysis: Analysis) -> None:
    encoder, channels = vae.encoder, len(analysis.rows)
    carry(encoder.conv_in, 3)
    gather = encoder.down_blocks[0].downsamplers[0].conv
    clear(gather)
    for place in range(12):
        gather.weight[place, place % 3, place // 6, place // 3 % 2] = 1
    project = encoder.down_blocks[1].resnets[0].conv_shortcut
    offset = analysis.rows @ analysis.mean
    pair_up(project, analysis.rows[:, :, None, None], -offset)
    make_constant(encoder.conv_norm_out, channels)
    clear(encoder.conv_out)
    unpair(encoder.conv_out, F.pad(torch.eye(channels)[:, :, None, None], (1, 1, 1, 1)))
    encoder.conv_out.bias[channels:] = LOG_VARIANCE
    carry(vae.quant_conv, 2 * channels)


def write_decoder(vae, synthesis: Synthesis) -> None:
    decoder, signals = vae.decoder, synthesis.narrow.out_channels
    carry(vae.post_quant_conv, vae.config.latent_channels)
    decoder.conv_in.load_state_dict(synthesis.enter.state_dict())
    decoder.up_blocks[0].upsamplers[0].conv.load_state_dict(synthesis.spread.state_dict())
    pair_up(decoder.up_blocks[1].resnets[0].conv_shortcut, synthesis.narrow.weight, synthesis.narrow.bias)
    make_constant(decoder.conv_norm_out, signals)
    clear(decoder.conv_out)
    unpair(decoder.conv_out, synthesis.leave.weight)
    decoder.conv_out.bias.copy_(synthesis.leave.bias)


def clear(conv: nn.Conv2d) -> None:
    nn.init.zeros_(conv.weight)
    nn.init.zeros_(conv.bias)


def carry(conv: nn.Conv2d, channels: int) -> None:
    """Output channel i is input channel i."""
    clear(conv)
    middle = conv.kernel_size[0] // 2
    for i in range(channels):
        conv.weight[i, i, middle, middle] = 1


def pair_up(conv: nn.Conv2d, weight: Tensor, bias: Tensor) -> None:
    """Channels 2i and 2i + 1 are signal i and its negative; the rest are loud constants of both signs."""
    clear(conv)
    signals, inputs = weight.shape[:2]
    for sign, first in ((1, 0), (-1, 1)):
        conv.weight[first : 2 * signals : 2, :inputs] = sign * weight
        conv.bias[first : 2 * signals : 2] = sign * bias
    conv.bias[2 * signals :: 2], conv.bias[2 * signals + 1 :: 2] = LOUD, -LOUD


def make_constant(norm: nn.GroupNorm, signals: int) -> None:
    """The norm divides by the deviation of the loud channels; its weight multiplies by the same."""
    share = (norm.num_channels - 2 * signals) / norm.num_channels
    nn.init.constant_(norm.weight, LOUD * share**0.5)
    nn.init.zeros_(norm.bias)


def unpair(conv: nn.Conv2d, weight: Tensor) -> None:
    outputs, signals = weight.shape[:2]
    conv.weight[:outputs, 0 : 2 * signals : 2] = weight
    conv.weight[:outputs, 1 : 2 * signals : 2] = -weight


def small_pixels(pictures: Pictures, indices: np.ndarray) -> Tensor:
    """(n, RGB, 64, 64) in −1…1, reduced without aliases as any viewer would."""
    pixels = torch.from_numpy(np.stack([pictures.pixels[i] for i in indices])).permute(0, 3, 1, 2).float()
    if pixels.shape[-1] != IMAGE_SIZE:
        pixels = F.interpolate(pixels, size=(IMAGE_SIZE,) * 2, mode='bicubic', antialias=True).clamp(0, 255)
    return pixels / 127.5 - 1


@torch.no_grad()
def encode_all(vae, pictures: Pictures, indices: np.ndarray, mirrored: bool = False) -> Tensor:
    """Unscaled latents (n, channels, 32, 32): the mode, since the posterior is all but a point."""
    latents = []
    for first in range(0, len(indices), ENCODED_AT_ONCE):
        pixels = small_pixels(pictures, indices[first : first + ENCODED_AT_ONCE])
        pixels = (pixels.flip(-1) if mirrored else pixels).to(vae.device)
        latents.append(vae.encode(pixels).latent_dist.mode().cpu())
    return torch.cat(latents)
