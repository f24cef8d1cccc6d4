"""LoRA files of every spelling to one thing: layer name → ΔW as a product (delta.py)."""

import math
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from hamlet_sidecar.errors import SidecarError
from hamlet_sidecar.w2w.bases import SD15, positional_layers, same_weights
from hamlet_sidecar.w2w.delta import Delta, Lora, Shape
from hamlet_sidecar.w2w.header import read_header
from hamlet_sidecar.w2w.names import EMBEDDING, TEXT_LAYER, Key, parse_key, text_place, underscored
from hamlet_sidecar.w2w.products import delta_of, kind_of, sides_of, with_magnitude
from hamlet_sidecar.w2w.scale import Scaling, read_scaling

MOST_RANK = 1024
# The largest layer of SDXL has 13 million weights; 64 million in float32 are 256 MB.
MOST_WEIGHTS = 1 << 26
NAMES = ('adapter_model.safetensors', 'pytorch_lora_weights.safetensors')
Layers = Mapping[str, Shape]


def read_lora(
    path: Path | str, layers: Layers | None = None, weight: Callable[[str], Tensor] | None = None
) -> Lora:
    """`layers`: the base model's (bases.py), to which every name and shape is held; without them names are
    only decoded. `weight`: the base's weights by layer name, for DoRA. Refusals are SidecarErrors `lora-…`.
    """
    file = LoraFile(Path(path), layers, weight)
    return Lora(
        {layer: file.delta(layer) for layer in file.layers()},
        file.format,
        file.base_model,
        file.metadata,
        {layer: file.delta(layer, 'text_encoder') for layer in file.layers('text_encoder')},
    )


class LoraFile:
    """A file whose header was checked; `delta` reads one layer, so that a whole zoo takes little memory."""

    def __init__(
        self, path: Path, layers: Layers | None = None, weight: Callable[[str], Tensor] | None = None
    ):
        self.path = next((path / name for name in NAMES if (path / name).is_file()), path)
        self._base, self._weight = layers, weight
        self._entries, self.metadata = read_header(self.path)
        self._places = {name: layer for layer in layers or {} for name in (layer, underscored(layer))}
        self._spellings: set[str] = set()
        self._keys: dict[str, dict[str, dict[str, str]]] = {'unet': {}, 'text_encoder': {}}
        self._collect()
        self._shapes = {
            part: {layer: self._check(part, layer) for layer in self._keys[part]} for part in self._keys
        }
        self._refuse_strangers()
        self._scalings: dict[str, Scaling] = {
            part: read_scaling(self.path, self.metadata, part) for part in self._keys
        }

    @property
    def format(self) -> str:
        kinds = {kind_of(set(pieces)) for part in self._keys.values() for pieces in part.values()}
        pieces = {piece for part in self._keys.values() for layer in part.values() for piece in layer}
        if 'magnitude' in pieces:
            return 'dora'
        for kind in ('loha', 'lokr'):
            if kind in kinds:
                return kind
        spelling = next(
            (name for name in ('positional', 'kohya', 'diffusers') if name in self._spellings), 'peft'
        )
        wide = any(len(shape) == 4 and shape[2:] != (1, 1) for shape in self._shapes['unet'].values())
        return 'locon' if spelling == 'kohya' and wide else spelling

    @property
    def base_model(self) -> str | None:
        """As the metadata say it; else by the width of the text that cross-attention reads."""
        for name in ('base_model', 'ss_base_model_version', 'modelspec.architecture'):
            if self.metadata.get(name):
                return self.metadata[name][:200]
        widths = {shape[1] for layer, shape in self._shapes['unet'].items() if layer.endswith('attn2.to_k')}
        known = {768: 'sd15', 1024: 'sd2', 2048: 'sdxl'}
        return known.get(widths.pop()) if len(widths) == 1 else None

    def layers(self, part: str = 'unet') -> list[str]:
        return list(self._shapes[part])

    def shape(self, layer: str, part: str = 'unet') -> Shape:
        return self._shapes[part][layer]

    def rank(self, layer: str, part: str = 'unet') -> int:
        """As the file has it; the shorter side for LoKr's whole matrices."""
        out, wide, rank = sides_of(self._adapter_shapes(part, layer))
        return rank or min(out, wide)

    @property
    def parameters(self) -> int:
        """Numbers in the file that make up adapters, alphas not counted."""
        return sum(
            self._entries[key].count
            for part in self._keys.values()
            for pieces in part.values()
            for piece, key in pieces.items()
            if piece != 'alpha'
        )

    def delta(self, layer: str, part: str = 'unet') -> Delta:
        """Raises SidecarError `lora-not-finite`, `lora-needs-base`."""
        pieces = {piece: self._tensor(key) for piece, key in self._keys[part][layer].items()}
        alpha, magnitude = pieces.pop('alpha', None), pieces.pop('magnitude', None)
        delta = delta_of(pieces, self._scale(part, layer, pieces, alpha), self._shapes[part][layer])
        if magnitude is None:
            return delta
        if self._weight is None or part != 'unet':
            raise SidecarError(
                'lora-needs-base', f'{layer} is a DoRA: its change depends on the weights of the base model'
            )
        named = self._keys[part][layer]['magnitude'].endswith('dora_scale')
        return with_magnitude(delta, magnitude if named else magnitude.flatten(), self._weight(layer))

    def delta_or_none(self, layer: str) -> Delta | None:
        return self.delta(layer) if layer in self._shapes['unet'] else None

    def _scale(self, part: str, layer: str, pieces: dict[str, Tensor], alpha: Tensor | None) -> float:
        rank = sides_of({name: tuple(value.shape) for name, value in pieces.items()})[2]
        given = None if alpha is None else float(alpha.flatten()[0])
        return self._scalings[part].of(layer, rank, given)

    @cached_property
    def _opened(self):
        return safe_open(self.path, 'pt')

    def _tensor(self, key: str) -> Tensor:
        try:
            value = self._opened.get_tensor(key).float()
        except (OSError, SafetensorError) as error:
            raise SidecarError('lora-invalid', f'{self.path.name}: {str(error)[:200]}') from error
        if not torch.isfinite(value).all():
            raise SidecarError('lora-not-finite', f'{key[:200]} of {self.path.name} has NaN or infinity')
        return value

    def _collect(self) -> None:
        for key in self._entries:
            told = parse_key(key)
            if told is None:
                if EMBEDDING.fullmatch(key):
                    continue
                raise SidecarError(
                    'lora-key-unknown', f'{self.path.name} has {key[:200]!r}, which is nothing of a LoRA'
                )
            self._spellings.add(told.spelling)
            pieces = self._keys[told.part].setdefault(self._layer(told), {})
            if told.piece in pieces:
                raise SidecarError('lora-invalid', f'{self.path.name} names {told.layer[:200]} in two ways')
            pieces[told.piece] = key
        if not self._keys['unet']:
            raise SidecarError('lora-empty', f'{self.path.name} changes no layer of a UNet')

    def _layer(self, key: Key) -> str:
        if key.part != 'unet':
            layer = text_place(int(key.layer)) if key.spelling == 'positional' else key.layer
            if not TEXT_LAYER.fullmatch(layer):
                raise SidecarError(
                    'lora-layer-unknown',
                    f'{self.path.name} changes {layer[:200]!r}, which no text encoder of CLIP has',
                )
            return layer
        if key.spelling == 'positional':
            places = positional_layers(self._base or SD15.layers)
            return places[int(key.layer)] if int(key.layer) < len(places) else f'unet:{key.layer}'
        return self._places.get(key.layer) or self._places.get(underscored(key.layer)) or key.layer

    def _refuse_strangers(self) -> None:
        if self._base is None:
            return
        named = self._keys['unet']
        strange = [layer for layer in named if layer not in self._base]
        if len(strange) * 2 > len(named):
            raise SidecarError(
                'lora-base-mismatch',
                f'{self.path.name} is of another base model: {len(strange)} of its {len(named)} layers are not there, '
                f'such as {strange[0][:200]}',
            )
        if strange:
            raise SidecarError(
                'lora-layer-unknown', f'{self.path.name} changes {strange[0][:200]}, which the base has not'
            )

    def _adapter_shapes(self, part: str, layer: str) -> dict[str, Shape]:
        keys = self._keys[part][layer]
        return {
            piece: self._entries[key].shape
            for piece, key in keys.items()
            if piece not in ('alpha', 'magnitude')
        }

    def _check(self, part: str, layer: str) -> Shape:
        """The layer's shape. Everything that later takes memory is bounded here, by the header alone."""
        shapes = self._adapter_shapes(part, layer)
        try:
            out, wide, rank = sides_of(shapes)
        except ValueError as error:
            raise SidecarError('lora-invalid', f'{layer[:200]} of {self.path.name}: {error}') from error
        if out * wide > MOST_WEIGHTS or (rank or 0) > min(MOST_RANK, max(out, wide)):
            raise SidecarError(
                'lora-shape-absurd',
                f'{layer[:200]} of {self.path.name} would be {out} × {wide} of rank {rank}',
            )
        if part == 'unet' and layer in (self._base or {}):
            shape = tuple(self._base[layer])
            if not same_weights(shape, (out, wide)):
                raise SidecarError(
                    'lora-base-mismatch',
                    f'{self.path.name} is of another base model: {layer} has the shape {shape}, not {(out, wide)}',
                )
            return shape
        return _shape_told(shapes, out, wide)


def _shape_told(shapes: dict[str, Shape], out: int, wide: int) -> Shape:
    kernels = [
        shapes[name][2:] for name in ('mid', 'down', 'hada_t1', 'lokr_t2', 'lokr_w2') if name in shapes
    ]
    kernel = next((sides for sides in kernels if len(sides) == 2), ())
    return (out, wide // math.prod(kernel), *kernel)
