"""LoRA files as people publish them: the same weights under the names of kohya, LyCORIS, diffusers or PEFT."""

import json
import math
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from hamlet_sidecar.zoo.adapters import config_of

PIECES = (
    *('lora_A', 'lora_B', 'lora_magnitude_vector'),
    *('hada_w1_a', 'hada_w1_b', 'hada_w2_a', 'hada_w2_b'),
    *('lokr_w1', 'lokr_w1_a', 'lokr_w1_b', 'lokr_w2', 'lokr_w2_a', 'lokr_w2_b'),
)
KOHYA = {'lora_A': 'lora_down.weight', 'lora_B': 'lora_up.weight', 'lora_magnitude_vector': 'dora_scale'}
ALGORITHM = {'locon': 'locon', 'loha': 'loha', 'lokr': 'lokr'}


def adapter_weights(unet: nn.Module) -> dict[str, dict[str, Tensor]]:
    """Layer name to the adapter's own tensors, under peft's names for them."""
    found = {}
    for name, module in unet.named_modules():
        pieces = {}
        for piece in PIECES:
            holder = getattr(module, piece, None)
            if isinstance(holder, (nn.ModuleDict, nn.ParameterDict)) and 'default' in holder:
                held = holder['default']
                pieces[piece] = (held.weight if isinstance(held, nn.Module) else held).detach()
        if pieces:
            found[name] = pieces
    return found


def write_lora(unet: nn.Module, entry: dict, metadata: dict[str, str], folder: Path) -> str:
    """Writes the file that the plan asks for, in float16; its path within `folder`."""
    kind, alpha = entry['format'], float(entry['alpha'])
    weights = {name: _folded(pieces, alpha) for name, pieces in adapter_weights(unet).items()}
    if kind == 'peft':
        return _write_peft(weights, unet, entry, metadata, folder)
    if kind == 'diffusers':
        # diffusers reads no alpha from its own keys: it belongs into the header.
        config = {'unet.r': entry['rank'], 'unet.lora_alpha': alpha, 'unet.target_modules': sorted(weights)}
        named = {
            f'unet.{name}.{part}.weight': value
            for name, parts in weights.items()
            for part, value in parts.items()
        }
        metadata = {**metadata, 'lora_adapter_metadata': json.dumps(config)}
    else:
        named = _kohya_names(weights, alpha)
        metadata = {**metadata, **_kohya_metadata(entry)}
    file = f'{entry["id"]}.safetensors'
    _save(named, folder / file, metadata)
    return file


def _folded(pieces: dict[str, Tensor], alpha: float) -> dict[str, Tensor]:
    """Scale 1 in training becomes alpha/rank in the file: what multiplies the product grows by rank/alpha.

    Both factors take a part of it, so that float16 keeps small numbers apart.
    """
    if 'lokr_w1' in pieces and 'lokr_w2' in pieces:
        return pieces  # Whole matrices: LyCORIS reads no alpha then.
    rank = next(
        value.shape[_rank_axis(piece)] for piece, value in pieces.items() if _rank_axis(piece) is not None
    )
    part = math.sqrt(rank / alpha)
    scaled = {'lora_A': part, 'lora_B': part, 'hada_w1_a': part * part, 'lokr_w1': part * part}
    return {piece: value * scaled.get(piece, 1.0) for piece, value in pieces.items()}


def _rank_axis(piece: str) -> int | None:
    if piece in ('lora_A', 'hada_w1_b', 'lokr_w2_b', 'lokr_w1_b'):
        return 0
    return None


def _kohya_names(weights: dict[str, dict[str, Tensor]], alpha: float) -> dict[str, Tensor]:
    named = {}
    for name, pieces in weights.items():
        layer = f'lora_unet_{name.replace(".", "_")}'
        for piece, value in pieces.items():
            named[f'{layer}.{KOHYA.get(piece, piece)}'] = (
                value[:, None] if piece.endswith('vector') else value
            )
        named[f'{layer}.alpha'] = torch.tensor(alpha)
    return named


def _kohya_metadata(entry: dict) -> dict[str, str]:
    algorithm = ALGORITHM.get(entry['format'])
    extra = {'algo': algorithm} if algorithm else {}
    return {
        'ss_network_module': 'lycoris.kohya' if algorithm or entry['format'] == 'dora' else 'networks.lora',
        'ss_network_dim': str(entry['rank']),
        'ss_network_alpha': str(float(entry['alpha'])),
        'ss_network_args': json.dumps({**extra, 'dora_wd': True} if entry['format'] == 'dora' else extra),
    }


def _write_peft(weights, unet, entry: dict, metadata: dict[str, str], folder: Path) -> str:
    config = config_of(entry, unet)
    config.lora_alpha, config.inference_mode = entry['alpha'], True
    config.target_modules = sorted(weights)
    config.save_pretrained(folder / entry['id'])
    named = {
        f'base_model.model.{name}.{piece}.weight': value
        for name, pieces in weights.items()
        for piece, value in pieces.items()
    }
    file = f'{entry["id"]}/adapter_model.safetensors'
    _save(named, folder / file, metadata)
    return file


def _save(named: dict[str, Tensor], path: Path, metadata: dict[str, str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    half = {name: value.to(torch.float16).contiguous() for name, value in named.items()}
    save_file(half, path, {'format': 'pt', **metadata})
    path.chmod(0o644)
