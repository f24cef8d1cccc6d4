"""Cross-entropy of what came next, over the whole catalogue or over a sample of it."""

import torch
from torch import Tensor

# Places whose logits are in memory at a time: 256 × 3,416 of two bytes stay in a core's own cache.
CHUNK = 256
POPULARITY = 0.75


class FullCrossEntropy(torch.autograd.Function):
    """Mean cross-entropy of `states @ vectors.T`, with its gradients made chunk by chunk on the way.

    Logits of all places at once would be gigabytes and are needed three times; here each is made once. Logits,
    their exponentials and matrix products are in `dtype`, sums in float32. What is the same for every place (the
    item that came, and smoothing's even share) is taken from the gradients afterwards, without the catalogue.
    """

    @staticmethod
    def forward(ctx, states: Tensor, vectors: Tensor, targets: Tensor, smoothing: float, dtype: torch.dtype):
        count, catalogue = states.shape[0], vectors.shape[0]
        parts, items = states.detach().to(dtype), vectors.detach().to(dtype)
        of_states, of_vectors = torch.empty_like(states), torch.zeros_like(vectors)
        logs = torch.zeros((), device=states.device)
        for start in range(0, count, CHUNK):
            rows = slice(start, start + CHUNK)
            logits = parts[rows] @ items.T
            most = logits.amax(1, keepdim=True)
            shares = logits.sub_(most).exp_()
            whole = shares.sum(1, keepdim=True, dtype=torch.float32)
            logs += (whole.log() + most).sum()
            of_states[rows] = (shares @ items).float() / whole
            of_vectors += shares.T @ (parts[rows].float() / whole).to(dtype)
        wanted = (1 - smoothing) * items[targets].float() + smoothing * items.float().mean(0)
        total = logs - (parts.float() * wanted).sum()
        of_states -= wanted
        of_vectors.index_add_(0, targets, parts.float(), alpha=smoothing - 1)
        of_vectors -= smoothing / catalogue * parts.float().sum(0)
        ctx.save_for_backward(of_states / count, of_vectors / count)
        return total / count

    @staticmethod
    def backward(ctx, grad: Tensor):
        of_states, of_vectors = ctx.saved_tensors
        return grad * of_states, grad * of_vectors, None, None, None


def full_loss(
    states: Tensor, vectors: Tensor, targets: Tensor, smoothing: float, dtype: torch.dtype
) -> Tensor:
    """states: (places, d); vectors: (items, d); targets: (places,) columns."""
    return FullCrossEntropy.apply(states.float(), vectors, targets, smoothing, dtype)


class Sampler:
    """Draws items by a power of their popularity, and knows how likely each was."""

    def __init__(self, counts: Tensor):
        weights = (counts.double() + 1) ** POPULARITY
        self.shares = weights / weights.sum()

    def draw(self, count: int) -> tuple[Tensor, Tensor]:
        """Columns, and log(count × probability), which is what a logit is corrected by."""
        drawn = torch.multinomial(self.shares, count, replacement=True)
        return drawn, (self.shares[drawn] * count).log().float()


class SampledCrossEntropy(torch.autograd.Function):
    """Mean cross-entropy of each place's own item against the same sample of others, chunk by chunk as above.

    states, own: (places, d); others: (count, d). Uncorrected, popular items would be pushed down too often:
    `expected` is the log of how often each was to be drawn. An item is not its own negative.
    """

    @staticmethod
    def forward(ctx, states, own, others, targets, drawn, expected, dtype: torch.dtype):
        count = states.shape[0]
        small = others.detach().to(dtype)
        of_states, of_own = torch.empty_like(states), torch.empty_like(own)
        of_others = torch.zeros_like(others)
        total = torch.zeros((), device=states.device)
        for start in range(0, count, CHUNK):
            rows = slice(start, start + CHUNK)
            part, wanted = states[rows].detach(), own[rows].detach()
            logit = (part * wanted).sum(1, keepdim=True)
            logits = (part.to(dtype) @ small.T).float().sub_(expected)
            logits.masked_fill_(drawn == targets[rows, None], float('-inf'))
            most = torch.maximum(logits.max(1, keepdim=True).values, logit)
            shares = logits.sub_(most).exp_()
            own_share = (logit - most).exp()
            whole = shares.sum(1, keepdim=True) + own_share
            total += (whole.log() + most - logit).sum()
            missing = own_share / whole - 1
            shares = (shares / whole).to(dtype)
            of_states[rows] = (shares @ small).float() + missing * wanted
            of_own[rows] = missing * part
            of_others += (shares.T @ part.to(dtype)).float()
        ctx.save_for_backward(of_states / count, of_own / count, of_others / count)
        return total / count

    @staticmethod
    def backward(ctx, grad: Tensor):
        return *(grad * of for of in ctx.saved_tensors), None, None, None, None


def sampled_loss(
    states: Tensor, vectors: Tensor, targets: Tensor, drawn: Tensor, expected: Tensor, dtype: torch.dtype
) -> Tensor:
    """states: (places, d); vectors: (items, d); targets and drawn: columns."""
    return SampledCrossEntropy.apply(
        states.float(), vectors[targets], vectors[drawn], targets, drawn, expected, dtype
    )


def next_item_loss(spec: dict, states: Tensor, vectors: Tensor, targets: Tensor, sampler: Sampler) -> Tensor:
    """The mean loss that the spec's `loss` names. states: (places, d); vectors: (items, d); targets: columns."""
    dtype = torch.bfloat16 if spec['precision'] == 'bf16' else torch.float32
    if spec['loss'] == 'full':
        return full_loss(states, vectors, targets, spec['labelSmoothing'], dtype)
    drawn, expected = (part.to(states.device) for part in sampler.draw(spec['negatives']))
    return sampled_loss(states, vectors, targets, drawn, expected, dtype)
