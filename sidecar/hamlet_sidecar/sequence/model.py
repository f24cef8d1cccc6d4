"""SASRec (Kang & McAuley 2018): a causal transformer over a history, whose last state asks for the next item."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

DISTANCES = 32
LEAST = 60


class Sasrec(nn.Module):
    """Item numbers are columns + 1; 0 fills up a history on its right, where causality hides it."""

    def __init__(self, items: int, spec: dict):
        super().__init__()
        d, self.length = spec['d'], spec['length']
        self.items = nn.Embedding(items + 1, d, padding_idx=0)
        self.places = nn.Embedding(self.length, d) if spec['position'] == 'learned' else None
        self.dropout = nn.Dropout(spec['dropout'])
        self.blocks = nn.ModuleList(Block(spec) for _ in range(spec['blocks']))
        self.norm = nn.LayerNorm(d)
        # While it learns: what makes the table that is used of the one that is learned. See `settled`.
        self.smoothing: Callable[[Tensor], Tensor] | None = None
        self.cosine, self.temperature = spec['similarity'] == 'cosine', spec['temperature']
        nn.init.normal_(self.items.weight, std=d**-0.5)
        nn.init.zeros_(self.items.weight[0].data)

    def forward(self, items: Tensor) -> Tensor:
        """items: (batch, length) int64; states after each place: (batch, length, d)."""
        return self._states(items).view(*items.shape, -1)

    def users(self, items: Tensor) -> Tensor:
        """(batch, d): the state after the newest item, the only place that the last block is reckoned for."""
        return self._states(items, ((items != 0).sum(1) - 1).clamp(min=0))

    def _states(self, items: Tensor, newest: Tensor | None = None) -> Tensor:
        """One below the other, all places of a history after those of the one before, or the newest of each."""
        batch, n = items.shape
        states = F.embedding(items, self.table(), padding_idx=0)
        if self.places is not None:
            states = states + self.places(torch.arange(n, device=items.device))
        states = self.dropout(states).view(batch * n, -1)
        for block in self.blocks[:-1]:
            states = block(states, batch)
        states = self.norm(self.blocks[-1](states, batch, newest))
        return F.normalize(states, dim=-1) if self.cosine else states

    def table(self) -> Tensor:
        weight = self.items.weight
        return weight if self.smoothing is None else self.smoothing(weight)

    def settled(self) -> 'Sasrec':
        """Itself, with the table that it uses as its own: what is exported knows nothing of smoothing."""
        with torch.no_grad():
            self.items.weight.copy_(self.table())
        self.smoothing = None
        return self

    def vectors(self) -> Tensor:
        """(items, d), whose products with a state are the logits."""
        vectors = self.table()[1:]
        return (F.normalize(vectors, dim=-1) if self.cosine else vectors) / self.temperature


class Block(nn.Module):
    """Pre-norm attention and SwiGLU, each gated by what it reads where LiGR's gates are asked for."""

    def __init__(self, spec: dict):
        super().__init__()
        d = spec['d']
        self.before, self.between = nn.LayerNorm(d), nn.LayerNorm(d)
        self.attention = Attention(spec)
        self.into, self.out = nn.Linear(d, 4 * d), nn.Linear(2 * d, d)
        self.gates = nn.ModuleList(nn.Linear(d, d) for _ in range(2)) if spec['gated'] else None
        self.dropout = nn.Dropout(spec['dropout'])

    def forward(self, states: Tensor, batch: int, newest: Tensor | None = None) -> Tensor:
        """(batch · places, d) to the same, or to (batch, d) for the one place of each history in `newest`.

        Of two dimensions, so that the exported encoder multiplies and adds a bias in one step.
        """
        read = own = self.before(states)
        if newest is not None:
            rows = torch.arange(batch, device=states.device) * (states.shape[0] // batch) + newest
            states, own = states[rows], read[rows]
        states = states + self._gate(0, own, self.attention(read, own, batch, newest))
        read = self.between(states)
        gate, value = self.into(read).chunk(2, -1)
        return states + self._gate(1, read, self.out(F.silu(gate) * value))

    def _gate(self, which: int, read: Tensor, added: Tensor) -> Tensor:
        added = self.dropout(added)
        return added if self.gates is None else added * torch.sigmoid(self.gates[which](read))


class Attention(nn.Module):
    """Causal: what came before each place and the place itself, mixed."""

    def __init__(self, spec: dict):
        super().__init__()
        d, self.heads, length = spec['d'], spec['heads'], spec['length']
        self.project, self.out = nn.Linear(d, 3 * d), nn.Linear(d, d)
        self.turns = spec['position'] == 'rope'
        self.bias = nn.Parameter(torch.zeros(self.heads, DISTANCES)) if spec['distanceBias'] else None
        size = d // self.heads
        angles = torch.arange(length)[:, None] * 10_000 ** (-torch.arange(0, size, 2) / size)
        behind = torch.arange(length)[:, None] - torch.arange(length)
        self.register_buffer('cos', angles.cos(), persistent=False)
        self.register_buffer('sin', angles.sin(), persistent=False)
        self.register_buffer('bucket', buckets(behind), persistent=False)
        self.register_buffer(
            'hidden', torch.zeros(length, length).masked_fill(behind < 0, float('-inf')), False
        )

    def forward(self, read: Tensor, own: Tensor, batch: int, newest: Tensor | None) -> Tensor:
        """read: (batch · places, d); own: the rows of it that ask, all of them or the `newest` place of each history."""
        d, n = read.shape[1], read.shape[0] // batch
        cos, sin, mask = self.cos[:n], self.sin[:n], self._mask()
        if newest is None:
            asking, values = self._heads(self.project(own), batch).split([2, 1])
            queries, keys = self._turn(asking, cos, sin)
            mask = mask[..., :n, :n]
        else:
            weight, bias = self.project.weight, self.project.bias
            queries = self._heads(F.linear(own, weight[:d], bias[:d]), batch)
            queries = self._turn(queries, self.cos[newest][:, None, None], self.sin[newest][:, None, None])[0]
            keys, values = self._heads(F.linear(read, weight[d:], bias[d:]), batch).split(1)
            keys = self._turn(keys, cos, sin)[0]
            mask = mask.index_select(-2, newest)[..., :n].view(-1, batch, n).transpose(0, 1)[:, :, None]
        # Written out, a step back takes a third of what scaled_dot_product_attention's takes on a CPU.
        scores = (queries * queries.shape[-1] ** -0.5) @ keys.transpose(-1, -2) + mask.to(queries.dtype)
        if not self.training:
            # A chance of e^-60 adds nothing to a float32. Nothing at all comes out of onnxruntime's softmax as a
            # denormal, which takes its processor six times as long.
            scores = torch.maximum(scores, scores.amax(-1, keepdim=True) - LEAST)
        mixed = scores.softmax(-1).to(values.dtype) @ values[0]
        return self.out(mixed.transpose(1, 2).reshape(-1, d))

    def _heads(self, projected: Tensor, batch: int) -> Tensor:
        """(batch · n, parts · d) to (parts, batch, heads, n, d / heads)."""
        n, size = projected.shape[0] // batch, self.cos.shape[1] * 2
        return projected.view(batch, n, -1, self.heads, size).permute(2, 0, 3, 1, 4)

    def _turn(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        """Rotary positions: pairs of one half each are turned by an angle that grows with the place."""
        if not self.turns:
            return x
        cos, sin = cos.to(x.dtype), sin.to(x.dtype)
        left, right = x.chunk(2, -1)
        return torch.cat([left * cos - right * sin, left * sin + right * cos], -1)

    def _mask(self) -> Tensor:
        """Added to the scores, of all places: cut afterwards, it is a constant of the exported encoder."""
        return self.hidden if self.bias is None else self.hidden + self.bias[:, self.bucket]


def buckets(behind: Tensor) -> Tensor:
    """Distances one by one up to 16, then by their logarithm: what is far away need not be told apart."""
    exact = DISTANCES // 2
    far = exact + (behind.clamp(min=1) / exact).log2().clamp(min=0) * 3
    return torch.where(behind < exact, behind.clamp(min=0), far.long().clamp(max=DISTANCES - 1))
