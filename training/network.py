"""The network in PyTorch: a decoder-only transformer over bytes. `helpers.model` runs the same weights in NumPy alone."""

from dataclasses import asdict, dataclass

import torch
from torch import nn
from torch.nn import functional as F

from helpers import encodings, rope


@dataclass(frozen=True)
class Shape:
    """Sizes of a network. position: "rope", "learned" or "sinusoidal"."""

    position: str = "rope"
    dim: int = 128
    layers: int = 4
    heads: int = 4
    train_len: int = 128
    base: float = 500.0
    tokens: int = 256

    as_dict = asdict


def norm(x, gain):
    return F.rms_norm(x, x.shape[-1:], gain, eps=1e-5)


def rotate(x, cos, sin):
    """Interleaved pairs, as `helpers.rope.rotate`."""
    a, b = x[..., 0::2], x[..., 1::2]
    return torch.stack([a * cos - b * sin, a * sin + b * cos], dim=-1).flatten(-2)


class Layer(nn.Module):
    def __init__(self, shape):
        super().__init__()
        dim = shape.dim
        self.heads = shape.heads
        self.norm1, self.norm2 = nn.Parameter(torch.ones(dim)), nn.Parameter(torch.ones(dim))
        self.qkv = nn.Linear(dim, 3 * dim, bias=False)
        self.out = nn.Linear(dim, dim, bias=False)
        self.up = nn.Linear(dim, 4 * dim, bias=False)
        self.down = nn.Linear(4 * dim, dim, bias=False)

    def forward(self, x, turn, mask):
        rows, n, dim = x.shape
        q, k, v = self.qkv(norm(x, self.norm1)).view(rows, n, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        if turn is not None:
            q, k = rotate(q, *turn), rotate(k, *turn)
        mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=mask is None)
        x = x + self.out(mixed.transpose(1, 2).reshape(rows, n, dim))
        return x + self.down(F.relu(self.up(norm(x, self.norm2))).square())


class Network(nn.Module):
    """Tied embeddings, RMSNorm before each part, squared ReLU; no biases."""

    def __init__(self, shape):
        super().__init__()
        self.shape = shape
        self.embed = nn.Embedding(shape.tokens, shape.dim)
        self.layer = nn.ModuleList(Layer(shape) for _ in range(shape.layers))
        self.norm = nn.Parameter(torch.ones(shape.dim))
        if shape.position == "learned":
            self.table = nn.Parameter(torch.empty(shape.train_len, shape.dim))
            nn.init.normal_(self.table, std=0.02)
        for name, weight in self.named_parameters():
            if weight.dim() == 2 and name != "table":
                nn.init.normal_(weight, std=0.02)
            if name.endswith(("out.weight", "down.weight")):  # as many additions to the stream as there are parts
                nn.init.normal_(weight, std=0.02 / (2 * shape.layers) ** 0.5)

    def forward(self, tokens, theta=None, factor=1.0, mask=None):
        """tokens (rows, n) -> logits (rows, n, 256). theta: (head_dim/2,), by default the trained frequencies.

        factor: on q and k each, so logits of attention are multiplied by its square (YaRN's temperature).
        """
        n = tokens.shape[1]
        x = self.embed(tokens)
        turn = None
        if self.shape.position == "rope":
            if theta is None:
                theta = rope.frequencies(self.shape.dim // self.shape.heads, self.shape.base)
            angle = torch.from_numpy(rope.angles(range(n), theta))  # float64
            turn = ((factor * angle.cos()).float(), (factor * angle.sin()).float())
        elif self.shape.position == "learned":
            x = x + self.table[:n]
        else:  # the table is as long as an untrained embedding times sqrt(dim): both are scaled alike
            x = x + 0.02 * torch.from_numpy(encodings.sinusoidal(range(n), self.shape.dim)).float()
        for layer in self.layer:
            x = layer(x, turn, mask)
        return norm(x, self.norm) @ self.embed.weight.T
