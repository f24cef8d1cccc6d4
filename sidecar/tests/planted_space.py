"""A small space whose answer is known: LoRAs of two families lie apart along one vector in each layer."""

import hashlib
from pathlib import Path

import numpy as np
import torch

from hamlet_sidecar.artifacts import write_artifact
from hamlet_sidecar.w2w.delta import Delta, Lora
from hamlet_sidecar.w2w.layout import Layout
from hamlet_sidecar.w2w.pca import fit
from hamlet_sidecar.w2w.spaces import KIND, Space
from hamlet_sidecar.w2w.theta_space import ThetaSpace
from hamlet_sidecar.w2w.whole import WholeSpace, whole_space

LAYERS = {
    'down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q': (24, 16),
    'down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_v': (16, 16),
}
COUNT = 40
NAMES = tuple(f'lora-{i}' for i in range(COUNT))
# Even ones have it.
PLANTED = {name: i % 2 == 0 for i, name in enumerate(NAMES)}
LINEAGES = {name: f'maker-{i // 2}' for i, name in enumerate(NAMES)}


def planted_lora(index: int, rank: int = 1, strength: float = 1.5, layers=LAYERS) -> Lora:
    """u is common to all, plus or minus the attribute, plus noise of its own; further ranks are noise."""
    random = torch.Generator().manual_seed(1000 + index)
    plan = torch.Generator().manual_seed(7)
    deltas = {}
    for layer, (out, wide) in layers.items():
        common, attribute, reads = (torch.randn(n, generator=plan) for n in (out, out, wide))
        sign = strength if index % 2 == 0 else -strength
        up = 4 * common + sign * attribute + 0.7 * torch.randn(out, generator=random)
        ups = [up[:, None], 0.1 * torch.randn(out, rank - 1, generator=random)]
        downs = [(4 * reads + 0.7 * torch.randn(wide, generator=random))[None]]
        downs.append(torch.randn(rank - 1, wide, generator=random))
        deltas[layer] = Delta(torch.cat(ups, 1), torch.cat(downs, 0), (out, wide))
    return Lora(deltas, base_model='planted')


def planted_space(strength: float = 1.5, layers=LAYERS) -> ThetaSpace:
    rows, layout = planted_rows(1, strength, layers)
    about = {'method': 'svd', 'base': 'planted', 'lineage': LINEAGES}
    return ThetaSpace(layout, fit(rows, layout, COUNT - 1), NAMES, about)


def planted_whole() -> WholeSpace:
    rows, layout = planted_rows(2)
    about = {'method': 'whole', 'base': 'planted', 'lineage': LINEAGES}
    return whole_space(rows, layout, COUNT - 1, NAMES, about)


def planted_rows(k: int, strength: float = 1.5, layers=LAYERS) -> tuple[np.ndarray, Layout]:
    layout = Layout(tuple(layers.items()), k)
    loras = [planted_lora(i, strength=strength, layers=layers) for i in range(COUNT)]
    return torch.stack([layout.theta(lora.deltas.get) for lora in loras]).numpy(), layout


def write_space(artifacts: Path, space: Space) -> str:
    files = space.files()
    digest = hashlib.sha256(b''.join(files.values())).hexdigest()
    about = {'dataset': {'digest': digest}, 'parameters': {}, 'metrics': {}, 'seeds': [1]}
    return write_artifact(artifacts, KIND, digest[:16], files, contract=space.contract, **about).name
