"""LoRA files that any tool loads: kohya's spelling, or diffusers' (which is peft's with a prefix)."""

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors.torch import save
from torch import Tensor

from hamlet_sidecar.errors import SidecarError
from hamlet_sidecar.files import atomic_write_bytes, disk_errors
from hamlet_sidecar.w2w.delta import Delta, Lora
from hamlet_sidecar.w2w.names import underscored
from hamlet_sidecar.w2w.read import read_lora

FORMATS = ('kohya', 'diffusers')
KOHYA = {'unet': 'lora_unet_', 'text_encoder': 'lora_te_'}
# How far the file may be from what was asked, relative to the layer's largest weight.
TOLERANCE = {torch.float32: 1e-5, torch.float16: 5e-3}


def write_lora(
    path: Path,
    lora: Lora,
    format: str = 'diffusers',
    metadata: Mapping[str, str] | None = None,
    dtype: torch.dtype = torch.float32,
) -> Path:
    """Writes beside `path`, reads that back, and only then renames: nobody sees half a file or a wrong one.

    Raises SidecarError `format-unknown`, `lora-empty`, `lora-not-finite`, `write-failed`, `disk-full`.
    """
    if format not in FORMATS:
        raise SidecarError(
            'format-unknown', f'LoRAs are written as {" or ".join(FORMATS)}, not {format[:50]!r}', 400
        )
    if not lora.deltas:
        raise SidecarError('lora-empty', 'a LoRA without layers is not written')
    tensors = _kohya(lora) if format == 'kohya' else _diffusers(lora)
    cast = {name: value.to(dtype).contiguous().clone() for name, value in tensors.items()}
    strange = next((name for name, value in cast.items() if not torch.isfinite(value).all()), None)
    if strange is not None:
        raise SidecarError('lora-not-finite', f'{strange} has NaN or infinity as {str(dtype).split(".")[-1]}')
    told = {'format': 'pt', **lora.metadata, **(metadata or {})}
    partial = path.with_name(f'{path.stem}.partial-{os.getpid()}.safetensors')
    try:
        with disk_errors(path.name):
            atomic_write_bytes(partial, save(cast, {**_without_old_config(told), **_config(lora, format)}))
            _verify(partial, lora, TOLERANCE.get(dtype, 5e-3))
            partial.chmod(0o644)
            os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
    return path


def _kohya(lora: Lora) -> dict[str, Tensor]:
    """One alpha for all layers, their products scaled to it: diffusers 0.42 loses the alphas of attention where
    they differ, and loads such a file at other strengths without a word (LOG.md).
    """
    alpha = float(_commonest([delta.rank for _, deltas in _parts(lora) for delta in deltas.values()]))
    tensors = {}
    for part, deltas in _parts(lora):
        for layer, delta in deltas.items():
            name = KOHYA[part] + underscored(layer)
            up, down = _factors(delta)
            tensors[f'{name}.lora_up.weight'] = up * (delta.rank / alpha)
            tensors[f'{name}.lora_down.weight'] = down
            tensors[f'{name}.alpha'] = torch.tensor(alpha)
    return tensors


def _diffusers(lora: Lora) -> dict[str, Tensor]:
    tensors = {}
    for part, deltas in _parts(lora):
        for layer, delta in deltas.items():
            name = f'{part}.{layer}'
            tensors[f'{name}.lora_B.weight'], tensors[f'{name}.lora_A.weight'] = _factors(delta)
    return tensors


def _parts(lora: Lora) -> list[tuple[str, dict[str, Delta]]]:
    return [('unet', lora.deltas), ('text_encoder', lora.text_encoder)]


def _factors(delta: Delta) -> tuple[Tensor, Tensor]:
    """Convolutions: down is one with the layer's kernel, up a pointwise one."""
    kernel = delta.shape[2:]
    down = delta.down.reshape(delta.rank, delta.shape[1], *kernel)
    return delta.up.reshape(delta.shape[0], delta.rank, *(1 for _ in kernel)), down


def _commonest(ranks: list[int]) -> int:
    return max(sorted(set(ranks)), key=ranks.count)


def _config(lora: Lora, format: str) -> dict[str, str]:
    """Diffusers asks for ranks and alphas in the header where layers differ, else it scales them wrongly."""
    if format == 'kohya':
        return {'ss_network_module': 'networks.lora'}
    config = {}
    for part, deltas in _parts(lora):
        ranks = {layer: delta.rank for layer, delta in deltas.items()}
        if not ranks:
            continue
        most = _commonest(list(ranks.values()))
        others = {layer: rank for layer, rank in ranks.items() if rank != most}
        config |= {
            f'{part}.r': most,
            f'{part}.lora_alpha': most,
            f'{part}.rank_pattern': others,
            f'{part}.alpha_pattern': others,
            f'{part}.target_modules': sorted(ranks),
        }
    return {'lora_adapter_metadata': json.dumps(config)}


def _without_old_config(metadata: Mapping[str, str]) -> dict[str, str]:
    """What said how the file that was read is scaled would be wrong of the one that is written."""
    old = re.compile(
        r'ss_network_\w+|lora_adapter_metadata|alpha|(unet|text_encoder)(:\d+:rank)?|sshs_\w+|<.*>'
    )
    return {name: str(value) for name, value in metadata.items() if not old.fullmatch(name)}


def _verify(partial: Path, lora: Lora, tolerance: float) -> None:
    found = read_lora(partial)
    for wanted, got in ((lora.deltas, found.deltas), (lora.text_encoder, found.text_encoder)):
        if wanted.keys() != got.keys():
            raise SidecarError('write-failed', f'{partial.name} does not name the layers it was given')
        for layer, delta in wanted.items():
            weight = delta.weight()
            if (got[layer].weight() - weight).abs().max() > tolerance * weight.abs().max():
                raise SidecarError('write-failed', f'{layer} is not in {partial.name} as it was given')
