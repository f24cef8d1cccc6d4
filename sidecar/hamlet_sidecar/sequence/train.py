"""Job `train-sasrec`: histories to an artifact `sasrec-image` or `sasrec-model` that the api serves."""

import math
import time

import numpy as np
import torch

from hamlet_sidecar.device import device
from hamlet_sidecar.epoch_training import EpochTraining
from hamlet_sidecar.errors import SidecarError
from hamlet_sidecar.sequence.batches import epoch_of, tensors
from hamlet_sidecar.sequence.export import export_sasrec, start_from
from hamlet_sidecar.sequence.histories import read_histories
from hamlet_sidecar.sequence.loss import Sampler, next_item_loss
from hamlet_sidecar.sequence.model import Sasrec
from hamlet_sidecar.sequence.smoothing import Smoothing, neighbour_means
from hamlet_sidecar.sequence.spec import complete
from hamlet_sidecar.sequence.validation import K, catalogue_scores, figures_of, ranks_of


def run(spec: dict, job) -> dict:
    """Trains until validation gets no better, exports the best weights; the spec's fields are in `spec.py`."""
    spec = complete(spec)
    histories = read_histories(spec, job)
    rows, withheld = histories.rows(), spec['withheld']
    learned = [row[:-withheld] for row in rows]
    asked = [row for row in rows if len(row) > withheld]
    if not asked or max(map(len, learned)) < 2:
        raise SidecarError(
            'dataset-empty',
            f'without the last {withheld} items of each history nothing is left to learn from',
        )
    before = [row[:-withheld] for row in asked]
    targets = np.array([row[-withheld] for row in asked])
    training = Training(spec, job, learned, len(histories.items))
    if 'start' in spec:
        start_from(job.path(spec['start']), training.model, histories.items)
        training.average = training.weights()
    training.resume()
    job.log(
        f'{len(rows)} histories, {len(histories.items)} items, {sum(map(len, learned))} deeds to learn from'
    )
    while not training.over():
        training.one_epoch()
        ranks = ranks_of(catalogue_scores(training.averaged()), before, targets, spec['length'])
        training.judge(figures_of(ranks))
    artifact = export_sasrec(job.artifacts, training.best_model(), histories, spec, training.report(), before)
    return {'artifact': artifact, **training.report(), 'spec': spec}


class Training(EpochTraining):
    """rows: columns of each history that is learned from, oldest first."""

    def __init__(self, spec: dict, job, rows: list[np.ndarray], items: int):
        self.rows, self.items = rows, items
        share = spec['smoothing']
        self.smoothing = Smoothing(neighbour_means(rows, items, share).to(device().kind)) if share else None
        super().__init__(spec, job, 'sasrec.pt', f'NDCG@{K}')
        self.sampler = Sampler(torch.from_numpy(np.bincount(np.concatenate(rows), minlength=items)))

    def new_model(self) -> Sasrec:
        model = Sasrec(self.items, self.spec).to(device().kind)
        model.smoothing = self.smoothing
        return model

    def _with(self, weights: dict[str, torch.Tensor]) -> Sasrec:
        return super()._with(weights).settled()

    def one_epoch(self) -> None:
        self.model.train()
        batches = epoch_of(self.rows, self.spec, self.epoch)
        places = 0
        began = time.perf_counter()
        while self.batch < len(batches):
            self.job.raise_if_cancelled()
            inputs, targets = (part.to(device().kind) for part in tensors(batches[self.batch]))
            loss = self._one_step(inputs, targets)
            places += int((targets != 0).sum())
            speed = round(places / (time.perf_counter() - began))
            self.after_batch(len(batches), loss, began, deedsPerSecond=speed)
        self.end_epoch(began)

    def _one_step(self, inputs: torch.Tensor, targets: torch.Tensor) -> float:
        self.seed_step()
        low = self.spec['precision'] == 'bf16'
        with torch.autocast(inputs.device.type, torch.bfloat16, enabled=low):
            states = self.model(inputs)
        real = targets != 0
        wanted = targets[real] - 1
        loss = next_item_loss(self.spec, states[real], self.model.vectors(), wanted, self.sampler)
        return self.descend(loss, self._share_of_rate())

    def _share_of_rate(self) -> float:
        risen = min(1, (self.step + 1) / self.spec['warmup'])
        if self.spec['schedule'] == 'constant':
            return risen
        batches = math.ceil(sum(len(row) > 1 for row in self.rows) / self.spec['batch'])
        return risen * max(0.0, 1 - self.step / (batches * self.spec['epochs']))
