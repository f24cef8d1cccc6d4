"""Two towers whose content is learned with them: gradients go on into the last blocks of CLIP's vision transformer."""

import dataclasses

import numpy as np
import torch
from torch import Tensor

from hamlet_sidecar.towers.data import Interactions
from hamlet_sidecar.towers.model import TwoTowers
from hamlet_sidecar.towers.seen_items import SeenItems
from hamlet_sidecar.towers.training import Training
from hamlet_sidecar.towers.vision import Above

NO_TAGS: list[str] = []


class SeeingTowers(TwoTowers):
    """`above` is part of the weights; the content that its last whole look brought is kept with them."""

    def __init__(self, content: Tensor, ordered: bool, spec: dict, above: Above):
        super().__init__(content, ordered, spec)
        self.item.register_buffer('content', content.clone())
        self.above = above


class SeeingTraining(Training):
    """Each step sees `visionSample` items anew and takes the others as they were seen after the last epoch."""

    def __init__(self, spec: dict, job, data: Interactions, rows: list[np.ndarray], seen: SeenItems):
        self.seen = seen
        super().__init__(spec, job, data, rows)

    def new_model(self) -> SeeingTowers:
        content = torch.from_numpy(self.data.content)
        return SeeingTowers(content, self.data.ordered, self.spec, self.seen.new_above())

    def parameter_groups(self) -> list[dict]:
        """A transformer that has learned already is moved by less than towers that begin."""
        seeing = list(self.model.above.parameters())
        known = {id(one) for one in seeing}
        others = [one for one in self.model.parameters() if id(one) not in known]
        return [{'params': others}, {'params': seeing, 'share': self.spec['visionRate']}]

    def averaged(self) -> SeeingTowers:
        """With all items seen by it, which the next epoch takes them as."""
        model = super().averaged()
        content = self.seen.see_all(model.above)
        model.item.content.copy_(content)
        self.model.item.content.copy_(content)
        self.average['item.content'] = content
        return model

    def tables(self, without_id: Tensor | None) -> tuple[Tensor, Tensor, Tensor]:
        some = torch.randperm(len(self.seen.columns))[: self.spec['visionSample']].numpy()
        columns = torch.from_numpy(self.seen.columns[some])
        fresh = self.seen.see(self.model.above, some)
        content = self.model.item.content.index_put((columns,), fresh)
        return self.model.item.tables(without_id, content)


def seen_data(data: Interactions, looks: Tensor, tags: list[str] = NO_TAGS) -> Interactions:
    """With looks (items, length) in place of the snapshot's vectors, and of what is behind them these tags alone."""
    hot = data.content[:, data.content.shape[1] - len(tags) :] if tags else data.content[:, :0]
    return dataclasses.replace(data, content=np.concatenate([looks.numpy(), hot], 1), tags=tags)
