"""Two towers: a person is the pooled history, an item its id and its content; their cosine is the score."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

# Of unit vectors: as much as one item weighs.
RIDGE = 1.0


class ItemTower(nn.Module):
    """An id embedding plus a projection of the content. An item has two vectors, a table for each: one for when
    it is part of a history, one for when it is asked about; and how much it counts in a history."""

    def __init__(self, content: Tensor, d: int):
        super().__init__()
        items, width = content.shape
        self.register_buffer('content', content, persistent=False)
        self.history, self.items = nn.Embedding(items, d), nn.Embedding(items, d)
        self.weights = nn.Parameter(torch.zeros(items))
        self.projections = nn.ModuleDict()
        if width:
            for name, size in (('of_history', d), ('of_items', d), ('of_weights', 1)):
                self.projections[name] = nn.Linear(width, size)
        for table in (self.history, self.items):
            nn.init.normal_(table.weight, std=d**-0.5)

    def tables(
        self, without_id: Tensor | None = None, content: Tensor | None = None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """history (items, d), weights (items,), items (items, d); `without_id` are seen by content alone, which is
        the items' own where none is given."""
        history, weights, items = self.history.weight, self.weights, self.items.weight
        if not self.projections:
            return history, weights, items
        if without_id is not None:
            kept = (~without_id).float()[:, None]
            history, items, weights = history * kept, items * kept, weights * kept[:, 0]
        by_content = self.by_content(self.content if content is None else content)
        return history + by_content[0], weights + by_content[1], items + by_content[2]

    @torch.no_grad()
    def start(self, history: Tensor, weights: Tensor, items: Tensor) -> None:
        """Begins with these vectors: as much of them as content explains goes to the projections, so that a new
        item begins where its looks put it."""
        for name, wanted in (('history', history), ('weights', weights[:, None]), ('items', items)):
            mine = getattr(self, name) if name == 'weights' else getattr(self, name).weight
            rest = wanted
            if self.projections:
                projection = self.projections[f'of_{name}']
                slope, offset = ridge(self.content, wanted)
                projection.weight.copy_(slope.T)
                projection.bias.copy_(offset)
                rest = wanted - (self.content @ slope + offset)
            mine.copy_(rest.view_as(mine))

    def by_content(self, content: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """What content (n, c) alone says of an item: history (n, d), weights (n,), items (n, d)."""
        return (
            self.projections['of_history'](content),
            self.projections['of_weights'](content).squeeze(1),
            self.projections['of_items'](content),
        )


def ridge(content: Tensor, wanted: Tensor) -> tuple[Tensor, Tensor]:
    """Slope (c, k) and offset (k,) of wanted (n, k) on content (n, c), by the items that have any."""
    has = content.any(1)
    content, wanted = content[has].double(), wanted[has].double()
    if len(content) == 0:
        return torch.zeros(content.shape[1], wanted.shape[1]), torch.zeros(wanted.shape[1])
    middle, mean = content.mean(0), wanted.mean(0)
    centred = content - middle
    gram = centred.T @ centred + RIDGE * torch.eye(content.shape[1], dtype=torch.float64)
    slope = torch.linalg.solve(gram, centred.T @ (wanted - mean))
    return slope.float(), (mean - middle @ slope).float()


class UserTower(nn.Module):
    """Pools a history by what each item counts and, where there is an order, by how long ago it was."""

    def __init__(self, d: int, layer: int, ordered: bool):
        super().__init__()
        # exp(−decay · log(1 + age)): age 0 is the newest. Learned; without an order it stays 0.
        self.decay = nn.Parameter(torch.tensor(0.5 if ordered else 0.0), requires_grad=ordered)
        self.layer = nn.Sequential(nn.Linear(d, layer), nn.SiLU(), nn.Linear(layer, d)) if layer else None
        if self.layer is not None:
            nn.init.zeros_(self.layer[2].weight)
            nn.init.zeros_(self.layer[2].bias)

    def forward(self, vectors: Tensor, weights: Tensor, ages: Tensor) -> Tensor:
        """vectors: (batch, length, d); weights, ages: (batch, length), an age below 0 is no item; (batch, d)."""
        shares = self.shares(weights, ages) * (ages >= 0)
        return self.finish((vectors * shares[:, :, None]).sum(1))

    def shares(self, weights: Tensor, ages: Tensor) -> Tensor:
        return (weights - self.decay * (1 + ages.clamp(min=0)).log()).exp()

    def finish(self, pooled: Tensor) -> Tensor:
        pooled = F.normalize(pooled, dim=-1)
        return pooled if self.layer is None else F.normalize(pooled + self.layer(pooled), dim=-1)


class TwoTowers(nn.Module):
    def __init__(self, content: Tensor, ordered: bool, spec: dict):
        super().__init__()
        self.item, self.user = ItemTower(content, spec['d']), UserTower(spec['d'], spec['layer'], ordered)
        self.cosine, self.temperature = spec['similarity'] == 'cosine', spec['temperature']

    def tables(self) -> tuple[Tensor, Tensor, Tensor]:
        return self.item.tables()

    def by_content(self, content: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """What content (n, c) alone says of an item: history (n, d), weights (n,), vectors (n, d)."""
        history, weights, items = self.item.by_content(content)
        return history, weights, self.vectors(items)

    def users(self, bags: tuple[Tensor, Tensor, Tensor], history: Tensor, weights: Tensor) -> Tensor:
        """bags: columns of all histories, where each begins, and each deed's age; (batch, d)."""
        columns, offsets, ages = bags
        shares = self.user.shares(weights[columns], ages)
        return self.user.finish(
            F.embedding_bag(columns, history, offsets, mode='sum', per_sample_weights=shares)
        )

    def vectors(self, items: Tensor) -> Tensor:
        """What a person's vector is multiplied with: (items, d)."""
        return (F.normalize(items, dim=-1) if self.cosine else items) / self.temperature
