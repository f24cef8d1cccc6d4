"""Job `train-two-tower`: interactions to an artifact `two-tower-image` or `two-tower-model` that the api serves."""

import math
import time

import numpy as np
import torch
from torch.optim import AdamW

from hamlet_sidecar.checkpoint import load_checkpoint, save_checkpoint
from hamlet_sidecar.errors import SidecarError
from hamlet_sidecar.towers.data import Interactions, read_interactions, split
from hamlet_sidecar.towers.examples import Batch, epoch_of
from hamlet_sidecar.towers.export import export_towers
from hamlet_sidecar.towers.loss import Sampler, batch_loss
from hamlet_sidecar.towers.model import TwoTowers
from hamlet_sidecar.towers.spec import complete
from hamlet_sidecar.towers.spectral import spectral
from hamlet_sidecar.towers.validation import K, asked_people, judge

SECONDS_A_CHECKPOINT = 60
STEEPEST = 5.0
BEST_BY = f'NDCG@{K}'


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


class Training:
    """What is saved and comes back: weights, their average, the optimiser, and the best so far."""

    def __init__(self, spec: dict, job, data: Interactions, rows: list[np.ndarray]):
        self.spec, self.job, self.data, self.rows = spec, job, data, rows
        torch.manual_seed(spec['seed'])
        self.model = self._new()
        self.optimiser = AdamW(
            self.model.parameters(),
            lr=spec['learningRate'],
            betas=(0.9, 0.98),
            weight_decay=spec['weightDecay'],
        )
        counts = torch.from_numpy(np.bincount(np.concatenate(rows), minlength=len(data.items)))
        self.sampler = Sampler(counts, spec['negatives']) if spec['negatives'] else None
        self.epoch, self.batch, self.step, self.seconds = 0, 0, 0, 0.0
        self.average: dict = {}
        self.best: dict = {'epoch': 0, 'figures': {}, 'weights': {}}
        self.saved = time.monotonic()

    def _new(self) -> TwoTowers:
        return TwoTowers(torch.from_numpy(self.data.content), self.data.ordered, self.spec)

    def begin(self) -> None:
        """The vectors that a training starts from."""
        item = self.model.item
        if self.spec['initial'] == 'spectral':
            began = time.perf_counter()
            history, weights, items = spectral(self.rows, len(self.data.items), self.spec)
            item.start(*(torch.from_numpy(table) for table in (history, weights, items)))
            self.seconds = time.perf_counter() - began
            self.job.log(f'singular vectors after {self.seconds:.0f} s')
        self.average = self._weights()

    def over(self) -> bool:
        waited = self.epoch - self.best['epoch']
        return self.epoch >= self.spec['epochs'] or (self.epoch > 0 and waited >= self.spec['patience'])

    def one_epoch(self) -> None:
        self.model.train()
        batches = epoch_of(self.rows, self.data.ordered, self.spec, self.epoch)
        steps, people = self.spec['epochs'] * len(batches), 0
        began = time.perf_counter()
        while self.batch < len(batches):
            self.job.raise_if_cancelled()
            loss = self._one_step(batches[self.batch], steps)
            people += len(batches[self.batch].offsets)
            self.batch += 1
            self.job.progress(
                (self.epoch + self.batch / len(batches)) / self.spec['epochs'],
                **{'step': self.step, 'epoch': self.epoch, 'loss': round(loss, 4)},
                **{'peoplePerSecond': round(people / (time.perf_counter() - began))},
                **self.best['figures'],
            )
            if time.monotonic() - self.saved > SECONDS_A_CHECKPOINT:
                self.save(time.perf_counter() - began)
        self.seconds += time.perf_counter() - began
        self.epoch, self.batch = self.epoch + 1, 0

    def _one_step(self, batch: Batch, steps: int) -> float:
        spec, model = self.spec, self.model
        # Of the step and not of the run, so that a training that was stopped ends where one in one go does.
        torch.manual_seed(spec['seed'] * 1_000_003 + self.step)
        hidden = torch.rand(len(self.data.items)) < spec['idDropout'] if model.item.projections else None
        history, weights, items = model.item.tables(hidden)
        states = model.users(batch.bags, history, weights)
        loss = batch_loss(spec, batch, states, items, model.vectors, self.sampler)
        if not math.isfinite(loss.item()):
            raise SidecarError(
                'loss-not-finite',
                f'the loss became {loss.item()} in step {self.step} of epoch {self.epoch}; the checkpoint before '
                f'it is kept (best {BEST_BY} so far {self.best["figures"].get(BEST_BY, 0):.4f}); '
                'a smaller learningRate is a new training',
            )
        for group in self.optimiser.param_groups:
            group['lr'] = spec['learningRate'] * self._part_of_rate(steps)
        self.optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), STEEPEST)
        self.optimiser.step()
        self.step += 1
        self._follow()
        return loss.item()

    def _part_of_rate(self, steps: int) -> float:
        rising = min(1, (self.step + 1) / self.spec['warmup'])
        return rising * (1 + math.cos(math.pi * self.step / steps)) / 2

    def _follow(self) -> None:
        """The average of the weights; at first it forgets faster, so that the random start is soon gone."""
        decay = min(self.spec['average'], self.step / (self.step + 10)) if self.spec['average'] else 0.0
        with torch.no_grad():
            now = self.model.state_dict()
            torch._foreach_lerp_([self.average[name] for name in now], list(now.values()), 1 - decay)

    def _weights(self) -> dict:
        return {name: value.clone() for name, value in self.model.state_dict().items()}

    def averaged(self) -> TwoTowers:
        return self._with(self.average)

    def best_model(self) -> TwoTowers:
        return self._with(self.best['weights'])

    def _with(self, weights: dict) -> TwoTowers:
        model = self._new()
        model.load_state_dict(weights)
        return model.eval()

    def judge(self, figures: dict[str, float]) -> None:
        """Without anybody to be asked about, the last epoch is the best."""
        if not figures or figures[BEST_BY] > self.best['figures'].get(BEST_BY, -1):
            weights = {name: value.clone() for name, value in self.average.items()}
            self.best = {'epoch': self.epoch, 'figures': figures, 'weights': weights}
        told = ' '.join(f'{name} {value:.4f}' for name, value in figures.items())
        self.job.log(
            f'epoch {self.epoch}: {told} best {self.best["figures"].get(BEST_BY, 0):.4f} '
            f'of epoch {self.best["epoch"]}, {self.seconds:.0f} s'
        )
        self.save(0)

    def report(self) -> dict:
        """Validation figures of the best epoch, and what they took."""
        best = {'bestEpoch': self.best['epoch'], 'epochs': self.epoch, 'seconds': round(self.seconds)}
        return {'validation': self.best['figures'], **best}

    def save(self, since: float) -> None:
        state = {'model': self.model.state_dict(), 'optimiser': self.optimiser.state_dict()}
        counts = {
            'epoch': self.epoch,
            'batch': self.batch,
            'step': self.step,
            'seconds': self.seconds + since,
        }
        whole = {'spec': self.spec, **state, **counts, 'average': self.average, 'best': self.best}
        save_checkpoint(self.job.checkpoint / 'two-tower.pt', whole)
        self.saved = time.monotonic()

    def resume(self) -> bool:
        state = load_checkpoint(self.job.checkpoint / 'two-tower.pt', self.spec)
        if state is None:
            return False
        self.model.load_state_dict(state['model'])
        self.optimiser.load_state_dict(state['optimiser'])
        for name in ('epoch', 'batch', 'step', 'seconds', 'average', 'best'):
            setattr(self, name, state[name])
        return True
