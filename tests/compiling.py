"""Run in a process of its own, without the type-checking hook, which torch.compile can't see into.

Compiles every model as one graph and compares forward, gradient and a decoding step with eager.
"""

import torch

from course.models.families import (
    LanguageModel,
    LanguageModelConfig,
    MaskedLanguageModel,
    SentenceClassifier,
    TextEncoderConfig,
    TokenClassifier,
)
from course.models.transformer import Transformer, TransformerConfig
from redrawing import redraw

torch.set_num_threads(1)
SIZES = {"vocab_size": 23, "d_model": 12, "num_heads": 3, "d_ff": 17, "num_layers": 2}
POSITIONS = ("sinusoidal", "learned", "rotary", "alibi", "relative")

src = torch.randint(4, 23, (3, 7), generator=torch.Generator().manual_seed(1))
mask = torch.arange(7) < torch.tensor([7, 3, 1])[:, None]
tgt_in = torch.randint(4, 23, (3, 5), generator=torch.Generator().manual_seed(2))


def models():
    for positions in POSITIONS:
        yield Transformer(TransformerConfig(**SIZES, positions=positions)), (src, mask, tgt_in)
    config = LanguageModelConfig(**SIZES, norm="rms", gated=True, activation="silu")
    yield LanguageModel(config), (src, mask, tgt_in)
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
    if isinstance(model, (Transformer, LanguageModel)):
        with torch.no_grad():  # as a search does
            memory = model.encode(*inputs[:2])
            state = model.start(memory, tgt_in[:, :3])
            same(
                compiled(model.step)(tgt_in[:, 3], memory, state)[:2],
                model.step(tgt_in[:, 3], memory, state)[:2],
            )


if __name__ == "__main__":
    for model, inputs in models():
        compare(model, inputs)
        print(type(model).__name__)
