"""One layer of each kind to be timed side by side: GRU, minGRU by scan, attention (chapter 8)."""

from __future__ import annotations

from torch import Tensor, nn

from course.nn.layer_config import LayerConfig
from course.nn.rnn import MinGRU
from course.nn.stack import Stack

WIDTHS = {"gru": 256, "scan": 444, "transformer": 180}
"""Of each kind, for equally many parameters."""
NUM_HEADS = 4


class Recurrence(nn.Module):
    """PyTorch's GRU or our minGRU, read or continued."""

    def __init__(self, kind: str):
        super().__init__()
        width = WIDTHS[kind]
        self.layer = (
            nn.GRU(width, width, batch_first=True) if kind == "gru" else MinGRU(width, width)
        )

    def forward(self, x: Tensor) -> Tensor:
        """All outputs, (B, T, D)."""
        outputs = self.layer(x)
        return outputs[0] if isinstance(outputs, tuple) else outputs

    def generate(self, x: Tensor, length: int) -> None:
        """Continues after `length` tokens: as many steps as x has, from a state."""
        state = x.new_zeros(1, x.shape[2])
        for token in x.unbind(1):
            if isinstance(self.layer, MinGRU):
                state = self.layer.step(token, state)
            else:
                state = self.layer(token[:, None], state[None])[1][0]


class Attending(nn.Module):
    """A causal Transformer layer, read or continued."""

    def __init__(self) -> None:
        super().__init__()
        width = WIDTHS["transformer"]
        self.stack = Stack(
            LayerConfig(d_model=width, d_ff=4 * width, num_heads=NUM_HEADS, dropout=0.0),
            num_layers=1,
            causal=True,
        )

    def forward(self, x: Tensor) -> Tensor:
        """All outputs, (B, T, D)."""
        return self.stack(x)[0]

    def generate(self, x: Tensor, length: int) -> None:
        """Continues after `length` tokens, whose keys and values are in the cache."""
        config = self.stack.config
        shape = (1, config.num_heads, length, config.head_width)
        cache = tuple(x.new_zeros(shape) for _ in range(2))
        for token in x.unbind(1):
            _, cache, _ = self.stack(token[:, None], past=cache)


def build(kind: str) -> Recurrence | Attending:
    """Returns the layer of an arm.

    Args:
        kind: "gru", "scan" or "transformer".
    """
    return Attending() if kind == "transformer" else Recurrence(kind)
