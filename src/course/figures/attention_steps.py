"""One step of Bahdanau's and of Luong's decoder, with all its numbers (chapter 6).

The layers are the package's; their parameters are chosen by hand, so that the numbers can be read.
Every vector has two: how much it has to do with a noun, and with a colour. Nothing was trained.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from course.models.seq2seq import Decoder, Seq2SeqConfig
from course.nn.attention import Attention

SOURCE = ("the", "blue", "car")
OUTPUTS = ((-1.0, -1.0), (0.0, 1.0), (1.0, 0.0))
"""What the encoder made of each: "blue" is a colour, "car" a noun, "the" neither."""
TARGET = ("la", "voiture", "bleue", "⏎")
EMBEDDED = ((-1.0, -1.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0))
BIAS = (0.0, -1.0, -1.0, -3.0)
"""Added to the scores of the target words."""
STARTED = (-1.0, -1.0)
"""The state before the first word: it wants neither a noun nor a colour."""

_WEIGHTS = {
    # asks with h[t-1]; scores v · tanh(W h + U m + b): a unit is on where both want the same
    "bahdanau": {
        "reader.query.weight": ((2.0, 0.0), (0.0, 2.0)),
        "reader.key.weight": ((2.0, 0.0), (0.0, 2.0)),
        "reader.key.bias": (-2.0, -2.0),
        "reader.v": (3.0, 3.0),
    },
    # asks with h[t]; scores h · W m
    "luong": {"reader.key.weight": ((2.0, 0.0), (0.0, 2.0))},
}
# the new state of the GRU: from the word, then from the context, where one is fed; and a bias
_NEW = {
    "bahdanau": (((-0.5, 0.0, -3.0, -3.0), (0.5, 0.0, 3.0, 0.0)), (1.5, -1.5)),
    "luong": (((-1.5, 0.0), (1.5, 0.0)), (0.0, 0.0)),
}
_CONFIGS = {
    "bahdanau": Seq2SeqConfig(
        vocab_size=4, d_embed=2, d_model=2, d_attention=2, context="additive", query="previous"
    ),
    "luong": Seq2SeqConfig(
        vocab_size=4, d_embed=2, d_model=2, d_attention=2, context="general", query="current"
    ),
}


@dataclass(frozen=True, kw_only=True)
class Step:
    """The numbers of one step; all tensors in float64.

    Attributes:
        previous: h[t-1], (2,).
        word: the embedding of y[t-1], (2,).
        scores: of the source words, (3,).
        weights: their softmax, (3,).
        context: c[t], (2,).
        state: h[t], (2,).
        predicted: the probability of each target word, (4,).
    """

    previous: Tensor
    word: Tensor
    scores: Tensor
    weights: Tensor
    context: Tensor
    state: Tensor
    predicted: Tensor


def decoder(kind: str) -> Decoder:
    """Return the package's decoder with the parameters of the example.

    Args:
        kind: "bahdanau" or "luong".
    """
    made = Decoder(_CONFIGS[kind]).double().eval()
    weights, bias = _NEW[kind]
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.zero_()
        for name, numbers in _WEIGHTS[kind].items():
            made.get_parameter(name).copy_(torch.tensor(numbers))
        # the rows of a GRU: reset, update, new; an update gate of 0.1 lets little of the old stay
        made.get_parameter("rnn.bias_ih_l0").copy_(torch.tensor((2.0, 2.0, -2.0, -2.0, *bias)))
        made.get_parameter("rnn.weight_ih_l0")[4:].copy_(torch.tensor(weights))
        # what is predicted: the context above all, and what was just written not again
        two = torch.eye(2)
        made.readout.weight.copy_(torch.cat([0.5 * two, 4 * two, -0.5 * two], 1))
    return made


def steps(kind: str) -> list[Step]:
    """Return the steps that write the target, word by word, in the order of events of the paper.

    Bahdanau, Cho and Bengio (2015), appendix A.2; Luong, Pham and Manning (2015), section 3.

    Args:
        kind: "bahdanau" or "luong".
    """
    layers, found = decoder(kind), []
    outputs = torch.tensor([OUTPUTS], dtype=torch.float64)
    keys = layers.reader.keys(outputs)
    memory = (outputs, keys, torch.ones(1, len(SOURCE)).bool(), outputs[:, -1])
    embedded = torch.tensor(EMBEDDED, dtype=torch.float64)
    h = torch.tensor([[STARTED]], dtype=torch.float64)  # (1, 1, 2)
    with torch.no_grad():
        for y in embedded[[-1, *range(len(TARGET) - 1)]]:  # the end token starts, too
            previous, word = h, y[None, None]
            if layers.asks_first:
                scores, context, weights = _asked(layers, h, keys, memory)
                _, h = layers.rnn(torch.cat([word, context], -1), h)
            else:
                _, h = layers.rnn(word, h)
                scores, context, weights = _asked(layers, h, keys, memory)
            features = layers.readout(torch.cat([h, context, word], -1))[0, 0]
            predicted = (embedded @ features + torch.tensor(BIAS)).softmax(0)
            found.append(
                Step(
                    previous=previous.flatten(),
                    word=y,
                    scores=scores.flatten(),
                    weights=weights.flatten(),
                    context=context.flatten(),
                    state=h.flatten(),
                    predicted=predicted,
                )
            )
    return found


def _asked(layers: Decoder, query: Tensor, keys: Tensor, memory: tuple[Tensor, ...]):
    context, weights = layers.reader(query, memory, torch.ones(1, 1, dtype=torch.long))
    assert weights is not None and isinstance(layers.reader, Attention)
    return layers.reader.scores(query, keys), context, weights
