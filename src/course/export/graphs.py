"""What is exported of a model: its encoder and one step of its decoder, as functions of tensors.

ONNX knows neither tuples nor optional results. So each half becomes a module that takes and returns
tensors with names: those of Memory and State, in their order (`course.models.interface`).

Axes: B sentences, S source positions, P target positions so far, V vocabulary.
"""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from course.models.interface import Memory
from course.models.seq2seq import Seq2Seq
from course.models.transformer import Transformer

Axis = str | int


@dataclass(frozen=True, kw_only=True)
class Port:
    """One tensor that goes in or out.

    Attributes:
        name: its name.
        dtype: its type.
        axes: the name of each axis whose size varies, the size of each that is fixed.
    """

    name: str
    dtype: torch.dtype
    axes: tuple[Axis, ...]


@dataclass(frozen=True, kw_only=True)
class Interface:
    """The tensors that a model's two halves exchange.

    Attributes:
        memory: what the encoder leaves; tensors that hold nothing are left out.
        state: what a step takes and returns.
        weights: layers and heads of the attention over the source, if there is any.
    """

    memory: tuple[Port, ...]
    state: tuple[Port, ...]
    weights: tuple[int, int] | None

    @property
    def growing(self) -> bool:
        """Whether the state grows with the target, and is empty at the start."""
        return any("P" in port.axes for port in self.state)


FLOAT, BOOL, LONG = torch.float32, torch.bool, torch.int64


def interface(model: Seq2Seq | Transformer) -> Interface:
    """The names and axes of a model's Memory and State."""
    return _recurrent(model) if isinstance(model, Seq2Seq) else _transformer(model)


def _recurrent(model: Seq2Seq) -> Interface:
    config, decoder = model.config, model.decoder
    width = decoder.reader.keys(torch.zeros(1, 1, config.d_model)).shape[-1]
    memory = [
        Port(name="outputs", dtype=FLOAT, axes=("B", "S", config.d_model)),
        Port(name="keys", dtype=FLOAT, axes=("B", "S", width)),
        Port(name="mask", dtype=BOOL, axes=("B", "S")),
        Port(name="summary", dtype=FLOAT, axes=("B", config.d_model)),
    ]
    state = [
        Port(name=name, dtype=FLOAT, axes=("B", config.num_layers, config.d_model))
        for name in ("hidden", "cell")[: decoder.parts]
    ]
    if decoder.feeds:
        state.append(Port(name="fed", dtype=FLOAT, axes=("B", config.d_embed)))
    if decoder.counts:
        state.append(Port(name="count", dtype=LONG, axes=("B",)))
    return Interface(
        memory=tuple(port for port in memory if port.axes[-1] != 0),
        state=tuple(state),
        weights=(1, 1) if decoder.reader.attends else None,
    )


def _transformer(model: Transformer) -> Interface:
    config = model.config
    layers = range(1, config.decoder_layers + 1)
    names = [f"{what}_{layer}" for layer in layers for what in ("keys", "values")]
    heads, width = config.num_heads, config.head_width
    source = [Port(name=name, dtype=FLOAT, axes=("B", heads, "S", width)) for name in names]
    written = [Port(name=name, dtype=FLOAT, axes=("B", heads, "P", width)) for name in names]
    return Interface(
        memory=(
            Port(name="mask", dtype=BOOL, axes=("B", "S")),
            Port(name="outputs", dtype=FLOAT, axes=("B", "S", config.d_model)),
            *source,
        ),
        state=tuple(written),
        weights=(config.decoder_layers, heads),
    )


class EncoderHalf(nn.Module):
    """`encode` and, where the state doesn't begin empty, `start` of an empty prefix."""

    def __init__(self, model: Seq2Seq | Transformer):
        super().__init__()
        self.model, self.growing = model, interface(model).growing

    def forward(self, src: Tensor, src_mask: Tensor) -> tuple[Tensor, ...]:
        """The memory's tensors, then the first state's."""
        memory = self.model.encode(src, src_mask)
        kept = tuple(part for part in memory if part.shape[-1] != 0 or part.dtype != FLOAT)
        return kept if self.growing else (*kept, *self.model.start(memory, src[:, :0]))


class StepHalf(nn.Module):
    """One `step` that always returns its weights."""

    def __init__(self, model: Seq2Seq | Transformer):
        super().__init__()
        self.model, self.interface = model, interface(model)

    def forward(self, token: Tensor, tensors: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        """Log-probabilities, the next state's tensors and, if there are any, the weights."""
        count = len(self.interface.memory)
        memory, state = self._memory(tensors[:count]), tensors[count:]
        step = self.model.step(token, memory, state, return_weights=True)
        weights = () if step.weights is None else (step.weights,)
        return (step.log_probs, *step.state, *weights)

    def _memory(self, tensors: tuple[Tensor, ...]) -> Memory:
        """The model's own memory: a reader without keys never looks at what stands for them."""
        if isinstance(self.model, Seq2Seq) and len(tensors) == 3:
            outputs, mask, summary = tensors
            return outputs, outputs, mask, summary
        return tensors


def example(port: Port, sizes: dict[str, int]) -> Tensor:
    """A tensor of a port's type, with the given sizes of the axes that vary."""
    shape = [axis if isinstance(axis, int) else sizes[axis] for axis in port.axes]
    return torch.ones(shape, dtype=port.dtype)


def dynamic(port: Port) -> dict[int, Any]:
    """Which axes of a port may vary, as `torch.export` wants to be told."""
    free = torch.export.Dim.DYNAMIC
    return {place: free for place, axis in enumerate(port.axes) if isinstance(axis, str)}
