"""The network of C21: an encoder and a decoder with one vector between them (chapter 2)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from course.experiments import symbols

CONFIG = {
    "hidden": 64,
    "d_embed": 32,
    "widths": [4, 16, 64],
    "updates": 600,
    "other_updates": [150, 2400],
    "data": [1000],
    "batch": 64,
    "shortest": 2,
    "longest": 24,
    "lengths": [2, 4, 8, 12, 16, 20, 24],
    "probe_length": 12,
    "test_sequences": 500,
    "trial_share": 0.3,
}


class Channel(nn.Module):
    """An encoder and a decoder that share nothing but one vector."""

    def __init__(self, width: int):
        super().__init__()
        hidden, d_embed = CONFIG["hidden"], CONFIG["d_embed"]
        self.embedding = nn.Embedding(symbols.VOCABULARY, d_embed)
        self.encoder = nn.GRU(d_embed, hidden, batch_first=True)
        self.narrow = nn.Linear(hidden, width)
        self.widen = nn.Linear(width, hidden)
        self.decoder = nn.GRU(d_embed + width, hidden, batch_first=True)
        self.out = nn.Linear(hidden, symbols.VOCABULARY)

    def vector(self, src: Tensor) -> Tensor:
        """Returns the one vector (B, width) for sources (B, S)."""
        outputs, _ = self.encoder(self.embedding(src))
        return torch.tanh(self.narrow(outputs[:, -1]))

    def forward(self, src: Tensor, tgt_in: Tensor) -> Tensor:
        """Returns teacher-forced logits (B, T, V)."""
        vector = self.vector(src)
        state = torch.tanh(self.widen(vector))[None]
        context = vector[:, None].expand(-1, tgt_in.shape[1], -1)
        inputs = torch.cat([self.embedding(tgt_in), context], -1)
        return self.out(self.decoder(inputs, state)[0])
