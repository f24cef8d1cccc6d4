"""Base models: which layers a UNet has, in which shapes, and their weights where somebody needs them (DoRA)."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from safetensors import safe_open
from torch import Tensor

from hamlet_sidecar.artifacts import describe_file
from hamlet_sidecar.errors import SidecarError
from hamlet_sidecar.w2w.delta import Shape
from hamlet_sidecar.w2w.header import read_header

FILES = ('diffusion_pytorch_model.safetensors', 'diffusion_pytorch_model.fp16.safetensors')
HUB_ID = re.compile(r'[\w.-]{1,96}/[\w.-]{1,96}')


@dataclass(frozen=True)
class Base:
    """`layers`: module name to the shape of its weight, for whatever has one of two or more sides."""

    name: str
    layers: Mapping[str, Shape]
    file: Path | None = field(default=None, compare=False)

    def weight(self, layer: str) -> Tensor:
        if self.file is None:
            raise SidecarError(
                'lora-needs-base',
                f'{layer} is a DoRA: its change depends on the weights of {self.name}; name the model’s folder',
            )
        with safe_open(self.file, 'pt') as file:
            return file.get_tensor(f'{layer}.weight').float()

    @cached_property
    def digest(self) -> str | None:
        return None if self.file is None else str(describe_file(self.file)['sha256'])


def open_base(place: str | Path) -> Base:
    """`sd15` for its layers alone; else a diffusers folder, or the id of one on the hub.

    Raises SidecarError `base-missing`.
    """
    if str(place) == SD15.name:
        return SD15
    file = _unet_file(Path(place))
    if file is None and HUB_ID.fullmatch(str(place)):
        file = _from_hub(str(place))
    if file is None:
        raise SidecarError('base-missing', f'{str(place)[:200]} has no UNet in safetensors')
    entries, _ = read_header(file)
    layers = {
        name.removesuffix('.weight'): entry.shape
        for name, entry in entries.items()
        if name.endswith('.weight') and len(entry.shape) >= 2
    }
    folder = file.parent.parent if file.parent.name == 'unet' else file.parent
    return Base(folder.name if Path(place).exists() else str(place), layers, file)


def _unet_file(folder: Path) -> Path | None:
    places = [folder / part / name for part in ('unet', '.') for name in FILES]
    return next((path for path in places if path.is_file()), None)


def _from_hub(name: str) -> Path | None:
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    try:
        return Path(hf_hub_download(name, f'unet/{FILES[0]}'))
    except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, OSError) as error:
        raise SidecarError(
            'base-missing', f'{name} cannot be had from the hub: {str(error)[:200]}'
        ) from error


def _sd15_layers() -> dict[str, Shape]:
    """By the published config: 320, 640, 1280, 1280 channels, two blocks a level, text of 768 dimensions."""
    widths = (320, 640, 1280, 1280)
    layers: dict[str, Shape] = {
        'conv_in': (320, 4, 3, 3),
        'time_embedding.linear_1': (1280, 320),
        'time_embedding.linear_2': (1280, 1280),
    }
    skips, channels = [320], 320
    for level, width in enumerate(widths):
        for i in range(2):
            layers |= _resnet(f'down_blocks.{level}.resnets.{i}', channels, width)
            layers |= _transformer(f'down_blocks.{level}.attentions.{i}', width) if level < 3 else {}
            channels = width
            skips.append(width)
        if level < 3:
            layers[f'down_blocks.{level}.downsamplers.0.conv'] = (width, width, 3, 3)
            skips.append(width)
    for level, width in enumerate(reversed(widths)):
        for i in range(3):
            layers |= _resnet(f'up_blocks.{level}.resnets.{i}', channels + skips.pop(), width)
            layers |= _transformer(f'up_blocks.{level}.attentions.{i}', width) if level > 0 else {}
            channels = width
        if level < 3:
            layers[f'up_blocks.{level}.upsamplers.0.conv'] = (width, width, 3, 3)
    for i in range(2):
        layers |= _resnet(f'mid_block.resnets.{i}', 1280, 1280)
    layers |= _transformer('mid_block.attentions.0', 1280)
    return layers | {'conv_out': (4, 320, 3, 3)}


def _resnet(name: str, before: int, width: int) -> dict[str, Shape]:
    layers: dict[str, Shape] = {
        f'{name}.conv1': (width, before, 3, 3),
        f'{name}.time_emb_proj': (width, 1280),
        f'{name}.conv2': (width, width, 3, 3),
    }
    return layers if before == width else layers | {f'{name}.conv_shortcut': (width, before, 1, 1)}


def _transformer(name: str, width: int, text: int = 768) -> dict[str, Shape]:
    block = f'{name}.transformer_blocks.0'
    layers: dict[str, Shape] = {
        f'{name}.proj_in': (width, width, 1, 1),
        f'{name}.proj_out': (width, width, 1, 1),
    }
    for attention, seen in (('attn1', width), ('attn2', text)):
        layers |= {
            f'{block}.{attention}.to_q': (width, width),
            f'{block}.{attention}.to_k': (width, seen),
            f'{block}.{attention}.to_v': (width, seen),
            f'{block}.{attention}.to_out.0': (width, width),
        }
    return layers | {
        f'{block}.ff.net.0.proj': (8 * width, width),
        f'{block}.ff.net.2': (width, 4 * width),
    }


def positional_layers(layers: Mapping[str, Shape]) -> list[str]:
    """Linear layers of the transformers as cloneofsimo/lora counts them: `unet:0:up` is the first one's.

    It walked the modules of the diffusers of its day: down, up and only then the middle, and within a block
    first self-attention, then the way into the feed-forward, then cross-attention.
    """
    blocks = {m[1] for name in layers if (m := re.match(r'(.+\.transformer_blocks\.\d+)\.', name))}
    parts = [f'attn1.{side}' for side in ('to_q', 'to_k', 'to_v', 'to_out.0')]
    parts += ['ff.net.0.proj', *(part.replace('attn1', 'attn2') for part in parts)]
    return [f'{block}.{part}' for block in sorted(blocks, key=_walk) for part in parts]


def _walk(name: str) -> tuple:
    order = {'down_blocks': 0, 'up_blocks': 1, 'mid_block': 2}
    return tuple(order.get(part, int(part) if part.isdigit() else 0) for part in name.split('.'))


def same_weights(shape: Shape, sides: tuple[int, int]) -> bool:
    return (shape[0], math.prod(shape[1:])) == sides


SD15 = Base('sd15', _sd15_layers())
