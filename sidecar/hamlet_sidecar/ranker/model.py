"""How likely an item is acted on once it is looked at, and how likely a place of a list is looked at."""

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

HIDDEN = 16
# Of slope and floor: what has no blend at all has a logarithm all the same.
LEAST = 1e-4
# Slope and floor before they are made positive, and the level.
AT_FIRST = (0.5, -2.0, 0.0)


class Ranker(nn.Module):
    """features (rows, names) in [0, 1] to logits (rows): the hand-set blend's, and what was learned beside it.

    slope × log(blend + floor) has the order of the blend whatever slope and floor are; what is added to it, a sum, a
    sum with products, or a small network, is 0 before anything is learned.

    weights: of the blend, (names). A feature is logged as its root, so they weigh squares.
    unit: what the blend comes to in the mean, so that a floor means the same on any platform.
    """

    def __init__(self, model: str, weights: Tensor, unit: float = 1.0):
        super().__init__()
        self.model = model
        names = len(weights)
        self.register_buffer('weights', weights / unit, persistent=False)
        self.belief = nn.Parameter(torch.tensor(AT_FIRST))
        self.added = ADDED[model](names)

    def forward(self, features: Tensor) -> Tensor:
        slope, floor = softplus(self.belief[:2]) + LEAST
        believed = slope * torch.log(features.square() @ self.weights + floor) + self.belief[2]
        return believed + self.added(features)

    def learned(self) -> Tensor:
        """Sum of the squares of what was learned: how far it has come from where it began."""
        moved = self.belief - torch.tensor(AT_FIRST)
        return sum((part.square().sum() for part in self.added.parameters()), moved[:2].square().sum())


class Nothing(nn.Module):
    def __init__(self, names: int):
        super().__init__()

    def forward(self, features: Tensor) -> float:
        return 0.0


class Linear(nn.Module):
    def __init__(self, names: int):
        super().__init__()
        self.each = nn.Parameter(torch.zeros(names))

    def forward(self, features: Tensor) -> Tensor:
        return features @ self.each


class Crossed(Linear):
    def __init__(self, names: int):
        super().__init__(names)
        self.both = nn.Parameter(torch.zeros(names, names))

    def forward(self, features: Tensor) -> Tensor:
        return super().forward(features) + ((features @ self.both) * features).sum(1)


class Network(nn.Module):
    def __init__(self, names: int):
        super().__init__()
        hidden = [nn.Linear(names, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, HIDDEN), nn.ReLU()]
        last = nn.Linear(HIDDEN, 1, bias=False)
        nn.init.zeros_(last.weight)
        self.layers = nn.Sequential(*hidden, last)

    def forward(self, features: Tensor) -> Tensor:
        return self.layers(features).squeeze(1)


# Simplest first. `blend`: its order, of which only how far it is to be believed was learned.
ADDED = {'blend': Nothing, 'linear': Linear, 'crossed': Crossed, 'network': Network}
MODELS = tuple(ADDED)


class Attention(nn.Module):
    """Logarithm of the chance that a place is looked at, beside the first one's: it never rises down a list."""

    def __init__(self, places: int):
        super().__init__()
        self.steps = nn.Parameter(torch.full((places - 1,), -2.0))

    def forward(self) -> Tensor:
        return torch.cat([torch.zeros(1), -softplus(self.steps).cumsum(0)])
