"""What trainings by epochs have in common: averaged weights, the best so far, checkpoints, early stopping."""

import math
import time

import torch
from torch import Tensor, nn
from torch.optim import AdamW

from hamlet_sidecar.checkpoint import load_checkpoint, save_checkpoint
from hamlet_sidecar.errors import SidecarError

SECONDS_A_CHECKPOINT = 60
STEEPEST = 5.0
KEPT = ('epoch', 'batch', 'step', 'seconds', 'average', 'best')


class EpochTraining:
    """Saves and brings back weights, their average, the optimiser, and the best by the figure `best_by`.

    spec: learningRate, weightDecay, average, epochs, patience, seed. `new_model` makes the model, `one_epoch` trains.
    """

    def __init__(self, spec: dict, job, file: str, best_by: str):
        self.spec, self.job, self.file, self.best_by = spec, job, file, best_by
        torch.manual_seed(spec['seed'])
        self.model = self.new_model()
        self.optimiser = AdamW(
            self.parameter_groups(),
            lr=spec['learningRate'],
            betas=(0.9, 0.98),
            weight_decay=spec['weightDecay'],
        )
        self.average = self.weights()
        self.epoch, self.batch, self.step, self.seconds = 0, 0, 0, 0.0
        self.best: dict = {'epoch': 0, 'figures': {}, 'weights': {}}
        self.saved = time.monotonic()

    def new_model(self) -> nn.Module:
        raise NotImplementedError

    def parameter_groups(self) -> list[dict]:
        """As the optimiser takes them; of the rate each gets its `share`, all of it where it names none."""
        return [{'params': list(self.model.parameters())}]

    def weights(self) -> dict[str, Tensor]:
        return {name: value.clone() for name, value in self.model.state_dict().items()}

    def over(self) -> bool:
        waited = self.epoch - self.best['epoch']
        return self.epoch >= self.spec['epochs'] or (self.epoch > 0 and waited >= self.spec['patience'])

    def seed_step(self) -> None:
        """Of the step and not of the run, so that a training that was stopped ends where one in one go does."""
        torch.manual_seed(self.spec['seed'] * 1_000_003 + self.step)

    def descend(self, loss: Tensor, share_of_rate: float) -> float:
        """One step of the optimiser; the loss. Raises SidecarError `loss-not-finite` before anything moves."""
        if not math.isfinite(loss.item()):
            raise SidecarError(
                'loss-not-finite',
                f'the loss became {loss.item()} in step {self.step} of epoch {self.epoch}; the checkpoint before '
                f'it is kept (best {self.best_by} so far {self.best["figures"].get(self.best_by, 0):.4f}); '
                'a smaller learningRate is a new training',
            )
        for group in self.optimiser.param_groups:
            group['lr'] = self.spec['learningRate'] * share_of_rate * group.get('share', 1)
        self.optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), STEEPEST)
        self.optimiser.step()
        self.step += 1
        self._follow()
        return loss.item()

    def _follow(self) -> None:
        """The average of the weights; at first it forgets faster, so that the random start is soon gone."""
        decay = min(self.spec['average'], self.step / (self.step + 10)) if self.spec['average'] else 0.0
        with torch.no_grad():
            now = self.model.state_dict()
            torch._foreach_lerp_([self.average[name] for name in now], list(now.values()), 1 - decay)

    def after_batch(self, batches: int, loss: float, began: float, **speed: int) -> None:
        """Tells how far it is; saves now and then. began: `time.perf_counter()` of when the epoch went on."""
        self.batch += 1
        self.job.progress(
            (self.epoch + self.batch / batches) / self.spec['epochs'],
            **{'step': self.step, 'epoch': self.epoch, 'loss': round(loss, 4)},
            **speed,
            **self.best['figures'],
        )
        if time.monotonic() - self.saved > SECONDS_A_CHECKPOINT:
            self.save(time.perf_counter() - began)

    def end_epoch(self, began: float) -> None:
        self.seconds += time.perf_counter() - began
        self.epoch, self.batch = self.epoch + 1, 0

    def averaged(self) -> nn.Module:
        return self._with(self.average)

    def best_model(self) -> nn.Module:
        return self._with(self.best['weights'])

    def _with(self, weights: dict[str, Tensor]) -> nn.Module:
        model = self.new_model()
        model.load_state_dict(weights)
        return model.eval()

    def judge(self, figures: dict[str, float]) -> None:
        """Keeps the best. Without anybody to be asked about (no figures) the last epoch is the best."""
        if not figures or figures[self.best_by] > self.best['figures'].get(self.best_by, -1):
            weights = {name: value.clone() for name, value in self.average.items()}
            self.best = {'epoch': self.epoch, 'figures': figures, 'weights': weights}
        told = ''.join(f'{name} {value:.4f} ' for name, value in figures.items())
        best = self.best['figures'].get(self.best_by, 0)
        self.job.log(
            f'epoch {self.epoch}: {told}best {best:.4f} of epoch {self.best["epoch"]}, {self.seconds:.0f} s'
        )
        self.save(0)

    def report(self) -> dict:
        """Validation figures of the best epoch, and what they took."""
        best = {'bestEpoch': self.best['epoch'], 'epochs': self.epoch, 'seconds': round(self.seconds)}
        return {'validation': self.best['figures'], **best}

    def save(self, since: float) -> None:
        """since: seconds of the epoch under way."""
        kept = {name: getattr(self, name) for name in KEPT} | {'seconds': self.seconds + since}
        state = {'model': self.model.state_dict(), 'optimiser': self.optimiser.state_dict()}
        save_checkpoint(self.job.checkpoint / self.file, {'spec': self.spec, **state, **kept})
        self.saved = time.monotonic()

    def resume(self) -> bool:
        """Whether there was a checkpoint to go on from."""
        state = load_checkpoint(self.job.checkpoint / self.file, self.spec)
        if state is None:
            return False
        self.model.load_state_dict(state['model'])
        self.optimiser.load_state_dict(state['optimiser'])
        for name in KEPT:
            setattr(self, name, state[name])
        return True
