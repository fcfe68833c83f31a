"""The task and the networks of C11: a marked symbol among others, any distance back (chapter 8)."""

from __future__ import annotations

import copy
from typing import NamedTuple

import torch
from torch import Tensor, nn

from course.experiments.fitting import widest_within
from course.nn.layer_config import LayerConfig
from course.nn.rnn import MinGRU
from course.nn.stack import Stack, initialise

SYMBOLS = 8
MARK, QUESTION = SYMBOLS, SYMBOLS + 1
PARAMETERS = 60_000
LAYERS = 2
LONGEST_START = 8
"""At most so many symbols stand before the mark."""
ARMS = ("gru", "scan", "transformer")


class Needles(NamedTuple):
    """Sequences with one marked symbol each.

    Attributes:
        tokens: symbols, the mark, the symbol asked for, `distance` − 1 more, and the question.
        answers: the marked symbol, (B,).
        place: where it stands.
    """

    tokens: Tensor
    answers: Tensor
    place: int


def draw(rows: int, distance: int, source: torch.Generator) -> Needles:
    """Makes sequences whose question stands `distance` places behind the symbol asked for.

    All symbols come from one alphabet, so only the mark in front tells which of them counts.

    Args:
        rows: How many.
        distance: At least 1.
        source: The generator of randomness.
    """
    start = int(torch.randint(LONGEST_START + 1, (1,), generator=source))
    symbols = torch.randint(SYMBOLS, (rows, start + 1 + distance), generator=source)
    place = start + 1
    tokens = torch.cat(
        [
            symbols[:, :start],
            symbols.new_full((rows, 1), MARK),
            symbols[:, start:-1],
            symbols.new_full((rows, 1), QUESTION),
        ],
        1,
    )
    return Needles(tokens, tokens[:, place], place)


class Recurrences(nn.Module):
    """Layers of minGRU with residual connections: a layer alone doesn't see two tokens together."""

    def __init__(self, width: int):
        super().__init__()
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(LAYERS))
        self.layers = nn.ModuleList(MinGRU(width, width) for _ in range(LAYERS))

    def forward(self, x: Tensor) -> Tensor:
        """All outputs (B, T, D)."""
        for norm, layer in zip(self.norms, self.layers, strict=True):
            x = x + layer(norm(x))
        return x


class Finder(nn.Module):
    """Reads a sequence and says which symbol was marked."""

    def __init__(self, arm: str, width: int):
        super().__init__()
        self.embedding = nn.Embedding(SYMBOLS + 2, width)
        if arm == "gru":
            self.layers = nn.GRU(width, width, num_layers=LAYERS, batch_first=True)
        elif arm == "scan":
            self.layers = Recurrences(width)
        else:
            config = LayerConfig(d_model=width, d_ff=2 * width, num_heads=4, dropout=0.0)
            self.layers = Stack(config, LAYERS, causal=True)
            initialise(self)
        self.scale = width**0.5 if arm == "transformer" else 1.0
        self.out = nn.Linear(width, SYMBOLS)

    def forward(self, embedded: Tensor) -> Tensor:
        """Returns the scores of the symbols (B, SYMBOLS) from embeddings (B, T, D)."""
        outputs = self.layers(self.scale * embedded)
        outputs = outputs[0] if isinstance(outputs, tuple) else outputs
        return self.out(outputs[:, -1])


def build(arm: str, seed: int) -> Finder:
    """Makes an untrained network, as wide as its number of parameters allows.

    Args:
        arm: One of `ARMS`.
        seed: Of the initial weights.
    """
    heads = 4 if arm == "transformer" else 1  # they share the width
    width = widest_within(PARAMETERS, lambda width: Finder(arm, width), multiple=heads)
    torch.manual_seed(seed)
    return Finder(arm, width)


def influence(model: nn.Module, needles: Needles) -> float:
    """Returns the needed symbol's share of the influence that all tokens have on the answer.

    A token's influence is the length of the gradient of the right answer's log-probability with
    respect to its embedding; the shares of one sequence sum to 1.

    Args:
        model: The network, trained or not.
        needles: Sequences.
    """
    double = copy.deepcopy(model).double()  # single precision ends where a GRU's gradients go on
    embedded = double.embedding(needles.tokens).detach().requires_grad_()
    log_probs = double(embedded).log_softmax(-1)
    found = log_probs.gather(1, needles.answers[:, None]).sum()
    (gradient,) = torch.autograd.grad(found, embedded)
    lengths = gradient.norm(dim=-1)  # (B, T)
    return float((lengths[:, needles.place] / lengths.sum(1)).mean())
