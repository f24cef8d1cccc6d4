"""The zoo as spaces: each LoRA is read once, whatever is made of it."""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import torch
from torch import Tensor

from hamlet_sidecar.w2w.bases import open_base
from hamlet_sidecar.w2w.delta import Lora
from hamlet_sidecar.w2w.layout import Layout, layers_of_method
from hamlet_sidecar.w2w.pca import LEFT_WEIGHT, fit
from hamlet_sidecar.w2w.read import read_lora
from hamlet_sidecar.w2w.spaces import Space
from hamlet_sidecar.w2w.theta_space import ThetaSpace
from hamlet_sidecar.w2w.whole import COMPONENTS, whole_space


@dataclass(frozen=True)
class Zoo:
    """`cards` say what each LoRA was trained on: the planted truth."""

    cards: list[dict]
    loras: list[Lora]
    layers: list[str]

    def space(self, method: str = 'svd', canonical: bool = True, left_weight: float = LEFT_WEIGHT) -> Space:
        names, whole = layers_of_method(method, self.layers), method == 'whole'
        shapes = tuple((name, self.loras[0].deltas[name].shape) for name in names)
        layout = Layout(shapes, COMPONENTS if whole else 1)
        rows = torch.stack([layout.theta(lora.deltas.get) for lora in self.loras]).numpy()
        members = tuple(card['id'] for card in self.cards)
        if whole:
            return whole_space(rows, layout, len(rows) - 1, members, {'method': method})
        fitted = fit(rows, layout, len(rows) - 1, canonical=canonical, left_weight=left_weight)
        return ThetaSpace(layout, fitted, members, {'method': method})

    @cached_property
    def styles(self) -> list[str]:
        return sorted({card['styles'][0]['style'] for card in self.cards})

    def planted(self, style: str) -> dict[str, bool]:
        """By the main style. One that has it as its second style is neither."""
        return {
            card['id']: card['styles'][0]['style'] == style
            for card in self.cards
            if style not in [second['style'] for second in card['styles'][1:]]
        }


def read_zoo(weights: Path) -> Zoo:
    folder = weights / 'loras'
    base = open_base(weights / 'diffusion')
    cards = [json.loads(path.read_text()) for path in sorted((folder / 'cards').glob('*.json'))]
    loras = [read_lora(folder / card['file'], base.layers, base.weight) for card in cards]
    common = [name for name in loras[0].deltas if all(name in lora.deltas for lora in loras)]
    return Zoo(cards, loras, sorted(common))


def rows_of(space: Space, labels: dict[str, bool]) -> tuple[Tensor, Tensor, list[str]]:
    """Coordinates and labels of the members that have one, and who they are."""
    members = [member for member in space.members if member in labels]
    rows = [space.members.index(member) for member in members]
    return space.coordinates[rows], torch.tensor([labels[m] for m in members]), members
