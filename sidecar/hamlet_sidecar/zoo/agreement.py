"""Whether LoRAs of one style have something in common: cosines between their strongest directions.

After a short training the right side of a LoRA can be its random start. If it were, |cos|
of v would be the same within a style as between styles.
"""

import itertools
import json
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor

PLAIN = ('kohya', 'diffusers', 'peft', 'locon')


def agreement(folder: Path) -> dict[str, float]:
    """Mean |cos| over layers and pairs of LoRAs of one style alone; `same` and `other` main style."""
    cards = [json.loads(path.read_text()) for path in sorted((folder / 'cards').glob('*.json'))]
    plain = [card for card in cards if card['format'] in PLAIN and len(card['styles']) == 1]
    directions = [strongest_directions(load_file(folder / card['file'])) for card in plain]
    styles = [card['styles'][0]['style'] for card in plain]
    figures: dict[str, list[float]] = {'uSame': [], 'uOther': [], 'vSame': [], 'vOther': []}
    for i, j in itertools.combinations(range(len(plain)), 2):
        which = 'Same' if styles[i] == styles[j] else 'Other'
        shared = directions[i].keys() & directions[j].keys()
        for side, name in enumerate('uv'):
            cosines = [abs(float(directions[i][k][side] @ directions[j][k][side])) for k in shared]
            figures[name + which].append(float(np.mean(cosines)))
    return {name: round(float(np.mean(values)), 3) for name, values in figures.items() if values}


def strongest_directions(weights: dict[str, Tensor]) -> dict[str, tuple[Tensor, Tensor]]:
    """Plain layer name to the first left and right singular vector of up · down (by QR of both sides)."""
    found = {}
    for key, down in weights.items():
        if down.ndim != 2 or not key.endswith(('lora_down.weight', 'lora_A.weight')):
            continue
        up = weights[key.replace('lora_down', 'lora_up').replace('lora_A', 'lora_B')]
        left, inner = torch.linalg.qr(up.float())
        right, outer = torch.linalg.qr(down.float().T)
        u, _, vt = torch.linalg.svd(inner @ outer.T)
        name = key.rsplit('.', 2)[0].removeprefix('lora_unet_').removeprefix('unet.')
        found[name.removeprefix('base_model.model.').replace('.', '_')] = (left @ u[:, 0], right @ vt[0])
    return found
