"""SASRec (Kang & McAuley 2018): a causal transformer over a history, whose last state asks for the next item."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

DISTANCES = 32


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
        self.cosine, self.temperature = spec['similarity'] == 'cosine', spec['temperature']
        nn.init.normal_(self.items.weight, std=d**-0.5)
        nn.init.zeros_(self.items.weight[0].data)

    def forward(self, items: Tensor) -> Tensor:
        """items: (batch, length) int64; states after each place: (batch, length, d)."""
        states = self.items(items)
        if self.places is not None:
            states = states + self.places(torch.arange(items.shape[1], device=items.device))
        states = self.dropout(states)
        for block in self.blocks:
            states = block(states)
        states = self.norm(states)
        return F.normalize(states, dim=-1) if self.cosine else states

    def users(self, items: Tensor) -> Tensor:
        """(batch, d): the state after the newest item."""
        newest = ((items != 0).sum(1) - 1).clamp(min=0)
        states = self(items)
        return states.gather(1, newest[:, None, None].expand(-1, 1, states.shape[2])).squeeze(1)

    def vectors(self) -> Tensor:
        """(items, d), whose products with a state are the logits."""
        vectors = self.items.weight[1:]
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

    def forward(self, states: Tensor) -> Tensor:
        read = self.before(states)
        states = states + self._gate(0, read, self.attention(read))
        read = self.between(states)
        gate, value = self.into(read).chunk(2, -1)
        return states + self._gate(1, read, self.out(F.silu(gate) * value))

    def _gate(self, which: int, read: Tensor, added: Tensor) -> Tensor:
        added = self.dropout(added)
        return added if self.gates is None else added * torch.sigmoid(self.gates[which](read))


class Attention(nn.Module):
    """Causal: (batch, places, d) to the same, by what came before each place and itself."""

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

    def forward(self, states: Tensor) -> Tensor:
        batch, n, d = states.shape
        queries, keys, values = self.project(states).view(batch, n, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        if self.turns:
            queries, keys = self._turn(queries, n), self._turn(keys, n)
        mask = self.hidden
        if self.bias is not None:
            # Of all places and cut afterwards: in the exported encoder it is a constant, not a lookup a question.
            mask = mask + self.bias[:, self.bucket]
        mask = mask[..., :n, :n]
        # Written out, a step back takes a third of what scaled_dot_product_attention's takes on a CPU.
        scores = (queries * queries.shape[-1] ** -0.5) @ keys.transpose(-1, -2) + mask.to(queries.dtype)
        mixed = scores.softmax(-1).to(values.dtype) @ values
        return self.out(mixed.transpose(1, 2).reshape(batch, n, d))

    def _turn(self, x: Tensor, n: int) -> Tensor:
        """Rotary positions: pairs of one half each are turned by an angle that grows with the place."""
        cos, sin = self.cos[:n].to(x.dtype), self.sin[:n].to(x.dtype)
        left, right = x.chunk(2, -1)
        return torch.cat([left * cos - right * sin, left * sin + right * cos], -1)


def buckets(behind: Tensor) -> Tensor:
    """Distances one by one up to 16, then by their logarithm: what is far away need not be told apart."""
    exact = DISTANCES // 2
    far = exact + (behind.clamp(min=1) / exact).log2().clamp(min=0) * 3
    return torch.where(behind < exact, behind.clamp(min=0), far.long().clamp(max=DISTANCES - 1))
