"""Descent of two towers, epoch by epoch."""

import math
import time

import numpy as np
import torch
from torch import Tensor

from hamlet_sidecar.epoch_training import EpochTraining
from hamlet_sidecar.towers.data import Interactions
from hamlet_sidecar.towers.examples import Batch, epoch_of
from hamlet_sidecar.towers.loss import Sampler, batch_loss
from hamlet_sidecar.towers.model import TwoTowers
from hamlet_sidecar.towers.spectral import spectral
from hamlet_sidecar.towers.validation import K


class Training(EpochTraining):
    def __init__(self, spec: dict, job, data: Interactions, rows: list[np.ndarray]):
        self.data, self.rows = data, rows
        super().__init__(spec, job, 'two-tower.pt', f'NDCG@{K}')
        counts = torch.from_numpy(np.bincount(np.concatenate(rows), minlength=len(data.items)))
        self.sampler = Sampler(counts, spec['negatives']) if spec['negatives'] else None

    def new_model(self) -> TwoTowers:
        return TwoTowers(torch.from_numpy(self.data.content), self.data.ordered, self.spec)

    def begin(self) -> None:
        """The vectors that a training starts from."""
        if self.spec['initial'] == 'spectral':
            began = time.perf_counter()
            history, weights, items = spectral(self.rows, len(self.data.items), self.spec)
            self.model.item.start(*(torch.from_numpy(table) for table in (history, weights, items)))
            self.seconds = time.perf_counter() - began
            self.job.log(f'singular vectors after {self.seconds:.0f} s')
        self.average = self.weights()

    def one_epoch(self) -> None:
        self.model.train()
        batches = epoch_of(self.rows, self.data.ordered, self.spec, self.epoch)
        steps, people = self.spec['epochs'] * len(batches), 0
        began = time.perf_counter()
        while self.batch < len(batches):
            self.job.raise_if_cancelled()
            batch = batches[self.batch]
            loss = self._one_step(batch, steps)
            people += len(batch.offsets)
            speed = round(people / (time.perf_counter() - began))
            self.after_batch(len(batches), loss, began, peoplePerSecond=speed)
        self.end_epoch(began)

    def _one_step(self, batch: Batch, steps: int) -> float:
        self.seed_step()
        item = self.model.item
        hidden = torch.rand(len(self.data.items)) < self.spec['idDropout'] if item.projections else None
        history, weights, items = self.tables(hidden)
        states = self.model.users(batch.bags, history, weights)
        loss = batch_loss(self.spec, batch, states, items, self.model.vectors, self.sampler)
        return self.descend(loss, self._share_of_rate(steps))

    def tables(self, without_id: Tensor | None) -> tuple[Tensor, Tensor, Tensor]:
        """What a step knows of the items."""
        return self.model.item.tables(without_id)

    def _share_of_rate(self, steps: int) -> float:
        rising = min(1, (self.step + 1) / self.spec['warmup'])
        return rising * (1 + math.cos(math.pi * self.step / steps)) / 2
