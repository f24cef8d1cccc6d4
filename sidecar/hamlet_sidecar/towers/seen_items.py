"""Items by what the trained blocks make of their pictures: their content while those are trained, and afterwards."""

import copy
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from hamlet_sidecar.towers.hidden_states import hidden_states
from hamlet_sidecar.towers.shown import Shown
from hamlet_sidecar.towers.vision import Above, Whole, open_vision

AT_ONCE = 256
# Pictures that an artifact is asked about when it is opened: all that `LARGEST_SIDE` leaves room for.
ASKED = 1


class SeenItems:
    """Pictures of items, kept as hidden states below the blocks that are trained. An item of several pictures (a
    model's showcases) is the mean of their vectors, at length 1; one without any is zeros."""

    def __init__(self, spec: dict, job, columns: dict[int, int], items: int):
        """columns: number in the snapshot to column, of so many items."""
        clip = job.path(spec.get('clip', ''))
        self.items, self.shown = items, Shown(spec, job, columns)
        self.below, self.above, self.side = open_vision(clip, spec, self.shown.mean, self.shown.std)
        self.hidden = hidden_states(self.shown, self.below, self.side, clip, job)
        order = np.argsort(self.shown.picture_columns, kind='stable')
        self.rows = self.shown.picture_rows[order]
        self.columns, starts = np.unique(self.shown.picture_columns[order], return_index=True)
        self.ends = np.append(starts, len(order))
        job.log(f'{len(self.columns)} of {items} items seen in {self.shown.count} pictures')

    def new_above(self) -> Above:
        """As the training begins."""
        return copy.deepcopy(self.above)

    def see(self, above: Above, some: np.ndarray) -> Tensor:
        """Vectors (some, length) of these places of `columns`."""
        rows = [self.rows[self.ends[n] : self.ends[n + 1]] for n in some]
        whose = torch.from_numpy(np.repeat(np.arange(len(some)), [len(row) for row in rows]))
        flat = np.concatenate(rows)
        vectors = above(torch.from_numpy(self.hidden[flat]))
        sums = torch.zeros(len(some), vectors.shape[1]).index_add(0, whose, vectors)
        return F.normalize(sums, dim=-1)

    @torch.no_grad()
    def see_all(self, above: Above) -> Tensor:
        """Content (items, length)."""
        parts = [
            self.see(above, np.arange(at, min(at + AT_ONCE, len(self.columns))))
            for at in range(0, len(self.columns), AT_ONCE)
        ]
        vectors = torch.cat(parts)
        content = torch.zeros(self.items, vectors.shape[1])
        content[torch.from_numpy(self.columns)] = vectors
        return content

    def looking(self, above: Above) -> 'Looking':
        """To be exported: from pixels to vectors, and the first picture to ask it about."""
        pixels = next(part for part in self.shown.pixels(self.side) if len(part))[:ASKED]
        making = {name: self.shown.making[name] for name in ('crop', 'kernel')} | {'side': self.side}
        return Looking(Whole(self.below, above).eval(), pixels, making)


@dataclass(frozen=True)
class Looking:
    """pixels: (n, side, side, RGB) of bytes; making: how a picture becomes such a square (`side`, `crop`, `kernel`)."""

    network: Whole
    pixels: np.ndarray
    making: dict[str, float]
