"""Job `train-two-tower`: interactions to an artifact `two-tower-image` or `two-tower-model` that the api serves."""

import math
import time

import numpy as np
import torch

from hamlet_sidecar.epoch_training import EpochTraining
from hamlet_sidecar.errors import SidecarError
from hamlet_sidecar.towers.data import Interactions, read_interactions, split
from hamlet_sidecar.towers.examples import Batch, epoch_of
from hamlet_sidecar.towers.export import export_towers
from hamlet_sidecar.towers.fit_content import fit_content
from hamlet_sidecar.towers.loss import Sampler, batch_loss
from hamlet_sidecar.towers.model import TwoTowers
from hamlet_sidecar.towers.spec import complete
from hamlet_sidecar.towers.spectral import spectral
from hamlet_sidecar.towers.validation import K, asked_people, judge


def run(spec: dict, job) -> dict:
    """Trains until validation gets no better, exports the best weights; the spec's fields are in `spec.py`."""
    spec = complete(spec)
    data = read_interactions(spec, job)
    learned, kept = split(data, spec)
    if max(map(len, learned)) < 2:
        raise SidecarError(
            'dataset-empty', 'without what is kept for validation nothing is left to learn from'
        )
    people = asked_people(kept, learned, spec['judged'])
    if spec['of'] == 'content':
        return of_content(spec, job, data, learned, kept, people)
    training = Training(spec, job, data, learned)
    if not training.resume():
        training.begin()
    deeds = sum(map(len, learned))
    job.log(
        f'{len(learned)} people, {len(data.items)} items, {deeds} deeds to learn from, {len(people)} judged'
    )

    def look() -> None:
        training.judge(
            judge(training.averaged(), people, learned, kept, spec['length']) if len(people) else {}
        )

    if training.step == 0:
        look()
    while not training.over():
        training.one_epoch()
        look()
    asked = [data.rows[u] for u in (people if len(people) else range(len(data.rows))) if len(data.rows[u])]
    artifact = export_towers(job.artifacts, training.best_model(), data, spec, training.report(), asked)
    return {'artifact': artifact, **training.report(), 'spec': spec}


def of_content(spec: dict, job, data: Interactions, learned: list, kept: list, people: np.ndarray) -> dict:
    """Judged without the last item of each history, then fitted with it. Raises SidecarError `content-missing`."""
    looks = data.content.shape[1] - len(data.tags)
    if not data.content.any():
        raise SidecarError(
            'content-missing', 'no item has a vector or tags: there is nothing to learn taste by'
        )
    began = time.perf_counter()
    figures = {}
    if len(people):
        judged = fit_content(learned, data.content, looks, spec)
        figures = judge(judged, people, learned, kept, spec['length'], data.others)
    model = fit_content(data.rows, data.content, looks, spec)
    seconds = time.perf_counter() - began
    job.log(
        f'{len(data.rows)} people, {len(data.items)} items, {looks} numbers and {len(data.tags)} tags of each: '
        f'{figures}, {seconds:.0f} s'
    )
    report = {'validation': figures, 'seconds': round(seconds)}
    asked = [row for row in data.rows if len(row)]
    artifact = export_towers(job.artifacts, model, data, spec, report, asked)
    return {'artifact': artifact, **report, 'spec': spec}


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
        history, weights, items = item.tables(hidden)
        states = self.model.users(batch.bags, history, weights)
        loss = batch_loss(self.spec, batch, states, items, self.model.vectors, self.sampler)
        return self.descend(loss, self._share_of_rate(steps))

    def _share_of_rate(self, steps: int) -> float:
        rising = min(1, (self.step + 1) / self.spec['warmup'])
        return rising * (1 + math.cos(math.pi * self.step / steps)) / 2
