"""How likely an item is acted on once it is looked at, and how likely a place of a list is looked at."""

import torch
from torch import Tensor, nn

HIDDEN = 16
MODELS = ('linear', 'crossed', 'network')


class Ranker(nn.Module):
    """features (rows, names) in [0, 1] to logits (rows). Simplest first: a sum, a sum with products, a network."""

    def __init__(self, names: int, model: str):
        super().__init__()
        self.model = model
        first, second = torch.triu_indices(names, names)
        self.register_buffer('first', first, persistent=False)
        self.register_buffer('second', second, persistent=False)
        width = names + (len(first) if model == 'crossed' else 0)
        if model == 'network':
            layers = [nn.Linear(names, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, HIDDEN), nn.ReLU()]
            self.layers = nn.Sequential(*layers, nn.Linear(HIDDEN, 1))
        else:
            self.layers = nn.Linear(width, 1)
            nn.init.zeros_(self.layers.weight)

    @property
    def last(self) -> nn.Linear:
        return self.layers[-1] if isinstance(self.layers, nn.Sequential) else self.layers

    def forward(self, features: Tensor) -> Tensor:
        if self.model == 'crossed':
            products = features[:, self.first] * features[:, self.second]
            features = torch.cat([features, products], 1)
        return self.layers(features).squeeze(1)


class Attention(nn.Module):
    """Chance that a place is looked at, beside the first one's: it never rises down a list."""

    def __init__(self, places: int):
        super().__init__()
        self.steps = nn.Parameter(torch.full((places - 1,), -2.0))

    def forward(self) -> Tensor:
        falls = nn.functional.softplus(self.steps).cumsum(0)
        return torch.cat([torch.ones(1), torch.exp(-falls)])
