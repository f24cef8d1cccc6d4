"""Which layers a LoRA of the zoo moves; the names are those of SD 1.5."""

import re

from torch import nn

# All of attention and the way out of the feed-forward. Its way in (ff.net.0.proj) is as large as four of
# these together, and a zoo of 240 has to ship with the project.
LINEAR = re.compile(r'.*transformer_blocks\.\d+\.(attn[12]\.(to_[qkv]|to_out\.0)|ff\.net\.2)')
# What LoCon has beyond: the convolutions of the residual blocks.
CONVOLUTION = re.compile(r'.*resnets\.\d+\.conv[12]')


def targets_of(unet: nn.Module, convolutions: bool = False) -> list[str]:
    wanted = [LINEAR, CONVOLUTION] if convolutions else [LINEAR]
    return [name for name, _ in unet.named_modules() if any(pattern.fullmatch(name) for pattern in wanted)]
