"""Two towers of content alone: an item is what it looks like and is tagged, a person what those they chose have in common."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from hamlet_sidecar.onnx_file import LARGE


class ContentItems(nn.Module):
    """content (n, looks + tags) to features (n, d) of mean 0 and variance 1 among what is chosen.

    Likeness to landmarks, exp((cosine − 1) / width), sees what occurs together (a style in certain colours), which
    the cosine alone does not; a projection makes features of it.
    """

    def __init__(self, looks: int, tags: int, landmarks: int, d: int, width: float, share: float):
        super().__init__()
        self.looks, self.width, self.share = looks, width, share
        self.register_buffer('mean', torch.zeros(looks))
        self.register_buffer('whiten', torch.zeros(looks, looks))
        self.register_buffer('rarity', torch.zeros(tags))
        self.register_buffer('landmarks', torch.zeros(landmarks, looks + tags))
        self.register_buffer('project', torch.zeros(landmarks, d))
        self.register_buffer('offset', torch.zeros(d))

    def round(self) -> None:
        """Large tables to what float16 holds, as which they are exported: features move by a hundredth of their deviation."""
        for table in (self.whiten, self.landmarks, self.project):
            if table.numel() >= LARGE:
                table.copy_(table.half().float())

    def compared(self, content: Tensor) -> Tensor:
        """What a landmark is: (n, looks + tags) of length 1 where an item has both, looks without what all share."""
        looks = content[:, : self.looks] - self.mean
        looks = F.normalize(looks @ self.whiten, dim=1)
        tags = F.normalize(content[:, self.looks :] * self.rarity, dim=1)
        return torch.cat([(1 - self.share) ** 0.5 * looks, self.share**0.5 * tags], 1)

    def likeness(self, compared: Tensor) -> Tensor:
        return ((compared @ self.landmarks.T - 1) / self.width).exp()

    def forward(self, content: Tensor) -> Tensor:
        return self.likeness(self.compared(content)) @ self.project - self.offset


class TasteTower(nn.Module):
    """A person's taste z ~ N(0, 1) in each feature, of which what they chose is √ρ z + N(0, 1 − ρ) (two-covariance
    PLDA: Ioffe, "Probabilistic Linear Discriminant Analysis", ECCV 2006). A person's vector times [f, f²] of an item
    is, but for a constant, the log of how much likelier this person chooses it than anybody."""

    def __init__(self, d: int, decay: float):
        super().__init__()
        self.register_buffer('kept', torch.zeros(d))
        self.decay = decay

    def forward(self, vectors: Tensor, weights: Tensor, ages: Tensor) -> Tensor:
        """vectors (batch, length, d), weights (logarithms) and ages (batch, length), an age below 0 is no item."""
        shares = self.shares(weights, ages) * (ages >= 0)
        return self.taste((vectors * shares[:, :, None]).sum(1), shares.sum(1, keepdim=True))

    def shares(self, weights: Tensor, ages: Tensor) -> Tensor:
        """An item counts half as much for every `decay` that came after it."""
        return (weights - ages.clamp(min=0) * (0.6931472 / self.decay)).exp()

    def taste(self, sums: Tensor, counts: Tensor) -> Tensor:
        """sums (batch, d) of features, counts (batch, 1) of what they are sums of; (batch, 2 d)."""
        rest = 1 - self.kept
        known = rest + counts * self.kept
        mean = self.kept * sums / known
        variance = rest + self.kept * rest / known
        return torch.cat([mean / variance, 0.5 - 0.5 / variance], 1)


class ContentTowers(nn.Module):
    """The members that validation and export ask of any two towers."""

    def __init__(self, item: ContentItems, user: TasteTower, content: Tensor):
        super().__init__()
        self.item, self.user = item, user
        # What the tables are made of; not part of what was learned.
        self.content = content

    def by_content(self, content: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """history (n, d), weights (n,), items (n, 2 d)."""
        features = self.item(content)
        return features, features[:, 0] * 0, torch.cat([features, features**2], 1)

    def tables(self) -> tuple[Tensor, Tensor, Tensor]:
        return self.by_content(self.content)

    def vectors(self, items: Tensor) -> Tensor:
        return items

    def users(self, bags: tuple[Tensor, Tensor, Tensor], history: Tensor, weights: Tensor) -> Tensor:
        columns, offsets, ages = bags
        shares = self.user.shares(weights[columns], ages)
        sums, counts = (
            F.embedding_bag(columns, table, offsets, mode='sum', per_sample_weights=shares)
            for table in (history, torch.ones(len(history), 1))
        )
        return self.user.taste(sums, counts)
