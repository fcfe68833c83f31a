"""The task and the networks of C2: remembering the first symbol past distractors (chapter 2)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from course.experiments.fitting import widest_within
from course.nn.rnn import FAST

CONFIG = {
    "symbols": 8,
    "d_embed": 16,
    "parameters": 9500,
    "longest": 80,
    "batch": 64,
    "updates": 600,
    "trial_updates": 200,
    "test_sequences": 500,
    "distances": [0, 1, 2, 5, 10, 20, 40, 60, 80],
}
CELLS = {
    "tanh": "tanh",
    "tanh-orthogonal": "tanh",
    "gru": "gru",
    "lstm": "lstm",
    "lstm-forget1": "lstm",
}


class Recaller(nn.Module):
    """Reads a sequence and says which symbol came first."""

    def __init__(self, cell: str, width: int):
        super().__init__()
        symbols, d_embed = CONFIG["symbols"], CONFIG["d_embed"]
        self.embedding = nn.Embedding(2 * symbols, d_embed)
        self.rnn = FAST[cell](d_embed, width, batch_first=True)
        self.out = nn.Linear(width, symbols)

    def forward(self, embedded: Tensor) -> Tensor:
        """Returns the scores of the symbols (B, symbols) from embeddings (B, T, d_embed)."""
        outputs, _ = self.rnn(embedded)
        return self.out(outputs[:, -1])


def build(arm: str, seed: int) -> Recaller:
    """Makes an untrained network, as wide as its number of parameters allows.

    Args:
        arm: One of `CELLS`.
        seed: Of the initial weights.
    """
    cell = CELLS[arm]
    width = widest_within(CONFIG["parameters"], lambda width: Recaller(cell, width))
    torch.manual_seed(seed)
    model = Recaller(cell, width)
    if arm == "tanh-orthogonal":
        nn.init.orthogonal_(model.rnn.get_parameter("weight_hh_l0"))
    if arm == "lstm-forget1":  # gates are stacked input, forget, cell, output; two biases add up
        with torch.no_grad():
            for name, value in (("bias_ih_l0", 1.0), ("bias_hh_l0", 0.0)):
                model.rnn.get_parameter(name)[width : 2 * width] = value
    return model


def sequences(rows: int, distractors: int, source: torch.Generator) -> tuple[Tensor, Tensor]:
    """Makes sequences (rows, 1 + distractors) and the first symbols asked for (rows).

    Args:
        rows: How many.
        distractors: How many symbols of another alphabet follow the first one.
        source: The generator of randomness.
    """
    symbols = CONFIG["symbols"]
    first = torch.randint(symbols, (rows, 1), generator=source)
    rest = torch.randint(symbols, 2 * symbols, (rows, distractors), generator=source)
    return torch.cat([first, rest], 1), first[:, 0]
