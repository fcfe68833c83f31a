"""Run in a process of its own, without the type-checking hook, which torch.compile can't see into.

Compiles every model as one graph and compares forward, gradient and a decoding step with eager.
"""

import sys
from dataclasses import replace

import torch
import torch._dynamo

from course.models.families import (
    LanguageModel,
    LanguageModelConfig,
    MaskedLanguageModel,
    SentenceClassifier,
    TextEncoderConfig,
    TokenClassifier,
)
from course.models.prefix import PrefixLanguageModel, PrefixLanguageModelConfig
from course.models.seq2seq import Seq2Seq, Seq2SeqConfig
from course.models.transformer import Transformer, TransformerConfig
from redrawing import redraw

torch.set_num_threads(1)
torch._dynamo.config.allow_rnn = True  # else PyTorch's own recurrent layers break the graph
STEPPING = (Seq2Seq, Transformer, LanguageModel)
SIZES = {"vocab_size": 23, "d_model": 12, "num_heads": 3, "d_ff": 17, "num_layers": 2}
POSITIONS = ("sinusoidal", "learned", "rotary", "alibi", "relative")
RECURRENT = Seq2SeqConfig(vocab_size=23, d_embed=7, d_model=10, d_attention=3, radius=2)
# every cell, direction, number of layers, score, window, asking state and feeding, at least once
KINDS = [
    replace(RECURRENT, cell="tanh"),
    replace(RECURRENT, context="every_step", bidirectional=True, num_layers=2),
    replace(RECURRENT, context="additive", cell="lstm", bidirectional=True),
    replace(RECURRENT, context="dot", query="current", input_feeding=True),
    replace(RECURRENT, context="scaled_dot", window="local_m"),
    replace(RECURRENT, context="general", cell="lstm", num_layers=2, query="current"),
    replace(RECURRENT, context="concat", window="local_p", input_feeding=True),
    replace(RECURRENT, context="location", query="current", window="local_p"),
]

src = torch.randint(4, 23, (3, 4), generator=torch.Generator().manual_seed(1))
mask = torch.arange(4) < torch.tensor([4, 3, 1])[:, None]
tgt_in = torch.randint(4, 23, (3, 3), generator=torch.Generator().manual_seed(2))


def models():
    # Always the same weights: a predicted window ("local_p") has an edge, and now and then bfloat16
    # puts a source token on the other side of it.
    torch.manual_seed(0)
    for kind in KINDS:
        yield Seq2Seq(kind), (src, mask, tgt_in)
    for positions in POSITIONS:
        yield Transformer(TransformerConfig(**SIZES, positions=positions)), (src, mask, tgt_in)
    config = LanguageModelConfig(**SIZES, norm="rms", gated=True, activation="silu")
    yield LanguageModel(config), (src, mask, tgt_in)
    prefix = PrefixLanguageModelConfig(**SIZES)
    yield PrefixLanguageModel(prefix), (src, torch.ones_like(mask), tgt_in)
    config = TextEncoderConfig(
        **SIZES, num_segments=2, num_labels=5, norm_embeddings=True, norm_first=False
    )
    yield MaskedLanguageModel(config), (src, mask)
    yield SentenceClassifier(config), (src, mask)
    yield TokenClassifier(config), (src, mask)


def compiled(function):
    torch._dynamo.reset()
    return torch.compile(function, fullgraph=True, backend="aot_eager")


def same(fast, slow):
    torch.testing.assert_close(fast, slow, rtol=1e-9, atol=1e-9)


def compare(model, inputs):
    model.double().eval()
    redraw(model)
    eager, graph = model(*inputs), compiled(model)(*inputs)
    same(graph, eager)
    parameters = [*model.parameters()]
    gradients = [
        torch.autograd.grad(out.square().mean(), parameters, allow_unused=True)
        for out in (graph, eager)
    ]
    for fast, slow in zip(*gradients, strict=True):
        assert (fast is None) == (slow is None)
        if fast is not None and slow is not None:
            same(fast, slow)
    if isinstance(model, STEPPING):
        with torch.no_grad():  # as a search does
            memory = model.encode(*inputs[:2])
            state = model.start(memory, tgt_in[:, :2])
            same(
                compiled(model.step)(tgt_in[:, 2], memory, state)[:2],
                model.step(tgt_in[:, 2], memory, state)[:2],
            )


if __name__ == "__main__":
    for model, inputs in models():
        if isinstance(model, Seq2Seq) == (sys.argv[1] == "recurrent"):
            compare(model, inputs)
            print(type(model).__name__)
