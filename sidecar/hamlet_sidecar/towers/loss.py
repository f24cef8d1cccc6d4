"""Cross-entropy of all that a person was asked for, over the catalogue or a corrected sample of it."""

import torch
from torch import Tensor

from hamlet_sidecar.towers.examples import Batch


class SoftmaxOfMany(torch.autograd.Function):
    """Weighted sum over targets of −log softmax(states @ vectors.T − expected), and its gradients in one go.

    states: (batch, d); vectors: (columns, d); expected: (columns,), not taken off a person's own targets. What
    was seen is no negative. Matrix products are in `dtype`, the softmax in float32. Logits are made in place.
    """

    @staticmethod
    def forward(ctx, states, vectors, expected, seen, wanted, weights, dtype):
        rows, columns = wanted
        low_states, low_vectors = states.detach().to(dtype), vectors.detach().to(dtype)
        logits = (low_states @ low_vectors.T).float()
        own = logits[rows, columns]
        if expected is not None:
            logits -= expected
            logits[rows, columns] = own
        logits[seen] = float('-inf')
        # A target is asked for although it may stand in the history twice named.
        logits[rows, columns] = own
        most = logits.max(1, keepdim=True).values
        shares = logits.sub_(most).exp_()
        whole = shares.sum(1, keepdim=True)
        normaliser = (whole.log() + most).squeeze(1)
        loss = (weights * (normaliser[rows] - own)).sum()
        a_row = torch.zeros_like(normaliser).index_add_(0, rows, weights)
        shares *= a_row[:, None] / whole
        shares.index_put_((rows, columns), -weights, accumulate=True)
        shares = shares.to(dtype)
        ctx.save_for_backward((shares @ low_vectors).float(), (shares.T @ low_states).float())
        return loss

    @staticmethod
    def backward(ctx, grad):
        of_states, of_vectors = ctx.saved_tensors
        return grad * of_states, grad * of_vectors, None, None, None, None, None


class Sampler:
    """Mixed negatives (Yang et al. 2020): what the batch asks for, and draws half by popularity, half alike."""

    def __init__(self, counts: Tensor, draws: int):
        self.shares = counts.double() / counts.sum()
        self.drawn = (self.shares + 1 / len(counts)) / 2
        self.draws = draws

    def columns(self, targets: Tensor) -> tuple[Tensor, Tensor]:
        """Columns, each once, and the log of how likely each was to be among them."""
        drawn = torch.multinomial(self.drawn, self.draws, replacement=True)
        columns = torch.cat([targets, drawn]).unique()
        absent = torch.log1p(-self.shares[columns].clamp(max=1 - 1e-9)) * len(targets)
        absent += torch.log1p(-self.drawn[columns].clamp(max=1 - 1e-9)) * self.draws
        return columns, torch.log(-torch.expm1(absent)).float()


def batch_loss(
    spec: dict, batch: Batch, states: Tensor, items: Tensor, vectors_of, sampler: Sampler | None
) -> Tensor:
    """Mean over people of the loss of what each was asked for. items: (items, d), before `vectors_of` scales them."""
    dtype = torch.bfloat16 if spec['precision'] == 'bf16' else torch.float32
    people = len(states)
    asked = torch.bincount(batch.target_rows, minlength=people).float()
    a_person = asked ** (spec['weightOfMany'] - 1)
    weights = a_person[batch.target_rows] / (asked * a_person).sum()
    seen, wanted = (batch.rows, batch.columns), (batch.target_rows, batch.targets)
    if sampler is None:
        return SoftmaxOfMany.apply(states, vectors_of(items), None, seen, wanted, weights, dtype)
    columns, expected = sampler.columns(batch.targets)
    place = torch.full((len(items),), -1)
    place[columns] = torch.arange(len(columns))
    there = place[seen[1]] >= 0
    seen = (seen[0][there], place[seen[1][there]])
    wanted = (wanted[0], place[wanted[1]])
    return SoftmaxOfMany.apply(states, vectors_of(items[columns]), expected, seen, wanted, weights, dtype)
