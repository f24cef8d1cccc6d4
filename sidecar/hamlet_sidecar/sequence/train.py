"""Job `train-sasrec`: histories to an artifact `sasrec-image` or `sasrec-model` that the api serves."""

import math
import time

import numpy as np
import torch
from torch.optim import AdamW

from hamlet_sidecar.checkpoint import load_checkpoint, save_checkpoint
from hamlet_sidecar.device import device
from hamlet_sidecar.errors import SidecarError
from hamlet_sidecar.sequence.batches import epoch_of, tensors
from hamlet_sidecar.sequence.export import export_sasrec, start_from
from hamlet_sidecar.sequence.histories import read_histories
from hamlet_sidecar.sequence.loss import Sampler, next_item_loss
from hamlet_sidecar.sequence.model import Sasrec
from hamlet_sidecar.sequence.spec import complete
from hamlet_sidecar.sequence.validation import K, catalogue_scores, figures_of, ranks_of

SECONDS_A_CHECKPOINT = 60
STEEPEST = 5.0


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
        training.average = {name: value.clone() for name, value in training.model.state_dict().items()}
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


class Training:
    """What is saved and comes back: weights, their average, the optimiser, and the best so far."""

    def __init__(self, spec: dict, job, rows: list[np.ndarray], items: int):
        self.spec, self.job, self.rows, self.items = spec, job, rows, items
        torch.manual_seed(spec['seed'])
        self.model = Sasrec(items, spec).to(device().kind)
        self.average = {name: value.clone() for name, value in self.model.state_dict().items()}
        self.optimiser = AdamW(
            self.model.parameters(),
            lr=spec['learningRate'],
            betas=(0.9, 0.98),
            weight_decay=spec['weightDecay'],
        )
        self.sampler = Sampler(torch.from_numpy(np.bincount(np.concatenate(rows), minlength=items)))
        self.epoch, self.batch, self.step, self.seconds = 0, 0, 0, 0.0
        self.best: dict = {'epoch': 0, 'figures': {}, 'weights': {}}
        self.saved = time.monotonic()

    def over(self) -> bool:
        waited = self.epoch - self.best['epoch']
        return self.epoch >= self.spec['epochs'] or (self.epoch > 0 and waited >= self.spec['patience'])

    def one_epoch(self) -> None:
        self.model.train()
        batches = epoch_of(self.rows, self.spec, self.epoch)
        places = 0
        began = time.perf_counter()
        while self.batch < len(batches):
            self.job.raise_if_cancelled()
            inputs, targets = (part.to(device().kind) for part in tensors(batches[self.batch]))
            loss = self._one_step(inputs, targets)
            self.batch += 1
            places += int((targets != 0).sum())
            self.job.progress(
                (self.epoch + self.batch / len(batches)) / self.spec['epochs'],
                **{'step': self.step, 'epoch': self.epoch, 'loss': round(loss, 4)},
                **{'deedsPerSecond': round(places / (time.perf_counter() - began))},
                **self.best['figures'],
            )
            if time.monotonic() - self.saved > SECONDS_A_CHECKPOINT:
                self.save(time.perf_counter() - began)
        self.seconds += time.perf_counter() - began
        self.epoch, self.batch = self.epoch + 1, 0

    def _one_step(self, inputs: torch.Tensor, targets: torch.Tensor) -> float:
        spec = self.spec
        # Of the step and not of the run, so that a training that was stopped ends where one in one go does.
        torch.manual_seed(spec['seed'] * 1_000_003 + self.step)
        low = spec['precision'] == 'bf16'
        with torch.autocast(inputs.device.type, torch.bfloat16, enabled=low):
            states = self.model(inputs)
        real = targets != 0
        loss = next_item_loss(spec, states[real], self.model.vectors(), targets[real] - 1, self.sampler)
        if not math.isfinite(loss.item()):
            raise SidecarError(
                'loss-not-finite',
                f'the loss became {loss.item()} in step {self.step} of epoch {self.epoch}; the checkpoint before '
                f'it is kept (best NDCG@{K} so far {self.best["figures"].get(f"NDCG@{K}", 0):.4f}); '
                'a smaller learningRate is a new training',
            )
        for group in self.optimiser.param_groups:
            group['lr'] = spec['learningRate'] * self._share_of_rate()
        self.optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), STEEPEST)
        self.optimiser.step()
        self.step += 1
        self._follow()
        return loss.item()

    def _share_of_rate(self) -> float:
        risen = min(1, (self.step + 1) / self.spec['warmup'])
        if self.spec['schedule'] == 'constant':
            return risen
        batches = math.ceil(sum(len(row) > 1 for row in self.rows) / self.spec['batch'])
        return risen * max(0.0, 1 - self.step / (batches * self.spec['epochs']))

    def _follow(self) -> None:
        """The average of the weights; at first it forgets faster, so that the random start is soon gone."""
        decay = min(self.spec['average'], self.step / (self.step + 10)) if self.spec['average'] else 0.0
        with torch.no_grad():
            now = self.model.state_dict()
            torch._foreach_lerp_([self.average[name] for name in now], list(now.values()), 1 - decay)

    def averaged(self) -> Sasrec:
        return self._with(self.average)

    def best_model(self) -> Sasrec:
        return self._with(self.best['weights'])

    def _with(self, weights: dict) -> Sasrec:
        model = Sasrec(self.items, self.spec)
        model.load_state_dict(weights)
        return model.to(device().kind).eval()

    def judge(self, figures: dict[str, float]) -> None:
        name = f'NDCG@{K}'
        if figures[name] > self.best['figures'].get(name, -1):
            weights = {key: value.clone() for key, value in self.average.items()}
            self.best = {'epoch': self.epoch, 'figures': figures, 'weights': weights}
        self.job.log(
            f'epoch {self.epoch}: {name} {figures[name]:.4f} HR@{K} {figures[f"HR@{K}"]:.4f}, '
            f'best {self.best["figures"][name]:.4f} of epoch {self.best["epoch"]}, {self.seconds:.0f} s'
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
        save_checkpoint(self.job.checkpoint / 'sasrec.pt', whole)
        self.saved = time.monotonic()

    def resume(self) -> None:
        state = load_checkpoint(self.job.checkpoint / 'sasrec.pt', self.spec)
        if state is None:
            return
        self.model.load_state_dict(state['model'])
        self.optimiser.load_state_dict(state['optimiser'])
        for name in ('epoch', 'batch', 'step', 'seconds', 'average', 'best'):
            setattr(self, name, state[name])
