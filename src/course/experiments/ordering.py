"""Two tasks that differ in whether order matters, and two ways to see the past (chapter 7, C14).

Sequences hold *different* symbols in random order. Copying them needs their order; sorting them
needs only which symbols there are. Both tasks have the same sources, lengths and vocabulary.

The directions:

- `bidirectional`: an encoder–decoder. Its encoder sees the whole source at once; its decoder is
  causal, as every decoder is, and learns no order from a source that has none.
- `causal`: one decoder-only stack reads source, end token, target, each position its past alone;
  it learns from the target.

A scheme of positions goes to every stack of a model. The encoder–decoder reads its source through
attention that rotary and ALiBi positions don't touch (as the papers have it: they belong to
self-attention), so there the encoder has to write into its outputs where a symbol stands.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from course.data.batching import Batch, collate
from course.data.tokenizer import BOS, EOS, PAD
from course.decoding import greedy
from course.decoding.preparation import OURS
from course.experiments.fitting import Written
from course.models.families import LanguageModel, LanguageModelConfig
from course.models.interface import SpecialTokens
from course.models.transformer import Transformer, TransformerConfig
from course.nn.layer_config import Positions
from course.runtime import generator

Task = Literal["copy", "sort"]
Direction = Literal["bidirectional", "causal"]

FIRST = EOS + 2
SYMBOLS = 16
VOCABULARY = FIRST + SYMBOLS
LAYERS = 2
"""Of the encoder and of the decoder; the decoder-only model has as many in all."""
SIZES = {"d_model": 64, "num_heads": 4, "d_ff": 128, "dropout": 0.0, "max_length": 64}

UNENDING = SpecialTokens(start=BOS, end=EOS, never=(*OURS.never, EOS))
"""The end token is ruled out: what is written then has exactly the length asked for."""


def draw(task: Task, rows: int, length: int, source: torch.Generator) -> Batch:
    """Makes a batch of sequences of one length.

    Args:
        task: Whether the target is the source or the source sorted.
        rows: How many.
        length: How many symbols each, all different.
        source: Of randomness.
    """
    symbols = torch.rand(rows, SYMBOLS, generator=source).argsort(1)[:, :length] + FIRST
    target = symbols if task == "copy" else symbols.sort(1).values
    return collate(symbols.tolist(), target.tolist())


def stream(task: Task, rows: int, lengths: tuple[int, int], seed: int) -> Iterator[Batch]:
    """Yields training batches without end, each of one length; all arms of a seed see the same.

    Args:
        task: As in `draw`.
        rows: How many sequences a batch has.
        lengths: The shortest and the longest.
        seed: Of lengths and symbols.
    """
    source = generator(seed, "c14", "train")
    shortest, longest = lengths
    while True:
        length = int(torch.randint(shortest, longest + 1, (1,), generator=source))
        yield draw(task, rows, length, source)


def build(direction: Direction, scheme: Positions) -> nn.Module:
    """Returns an untrained model.

    Args:
        direction: See the module.
        scheme: How it knows positions.
    """
    if direction == "bidirectional":
        return Transformer(
            TransformerConfig(vocab_size=VOCABULARY, num_layers=LAYERS, positions=scheme, **SIZES)
        )
    return LanguageModel(
        LanguageModelConfig(vocab_size=VOCABULARY, num_layers=2 * LAYERS, positions=scheme, **SIZES)
    )


def loss(model: nn.Module, batch: Batch) -> Tensor:
    """Returns the teacher-forced cross-entropy in nats per target token, the end token counted.

    Args:
        model: One that `build` made.
        batch: Of sequences of one length.
    """
    read = batch.tgt_in
    if isinstance(model, LanguageModel):  # the end token of the source says: now write
        read = torch.cat([prompt(batch.src), batch.tgt_in[:, 1:]], 1)
    logits = model(batch.src, batch.src_mask, read)[:, -batch.tgt_out.shape[1] :]
    return cross_entropy(logits.flatten(0, 1), batch.tgt_out.flatten(), ignore_index=PAD)


def prompt(src: Tensor) -> Tensor:
    """Returns what a decoder-only model reads before it writes, (B, 1 + S): start, source, end.

    Args:
        src: The source with its end token, (B, S).
    """
    return torch.cat([src.new_full((len(src), 1), BOS), src], 1)


def write(model: nn.Module, batch: Batch, *, forced: bool) -> Written:
    """Lets a model write greedily.

    Args:
        model: One that `build` made.
        batch: What to read, and what should be written.
        forced: Whether it has to write exactly as many symbols as it should; if not, it ends when
            it likes, or after half as many again and five more.
    """
    references = batch.tgt_out[:, :-1].tolist()
    length = len(references[0])
    found = greedy(
        model,  # pyright: ignore[reportArgumentType]
        batch.src,
        batch.src_mask,
        max_length=length if forced else length * 3 // 2 + 5,
        prefix=prompt(batch.src) if isinstance(model, LanguageModel) else None,
        special=UNENDING if forced else OURS,
    )
    return Written([list(hypothesis.tokens) for hypothesis in found], references)


def blind(batch: Batch, source: torch.Generator) -> Written:
    """Writes what a reader could who sees which symbols there are, but not their order.

    All orders are equally probable to it, so it is right in one of n! cases, whatever order it
    picks.

    Args:
        batch: What it reads and should write.
        source: Of the order that it picks.
    """
    references = batch.tgt_out[:, :-1]
    order = torch.rand(references.shape, generator=source).argsort(1)
    return Written(references.gather(1, order).tolist(), references.tolist())
