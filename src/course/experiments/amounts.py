"""Translating our grammar from few pairs or many: data, models and training of C23 (chapter 8).

Sentences of 4 to 8 English words from all of the grammar, one token a word. The vocabulary holds
the words of all sentences; so a model that learns from few pairs is tested on words that it never
met, whatever its architecture (`unseen` says how many).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, Literal, NamedTuple

import torch
from torch.utils.flop_counter import FlopCounterMode

from course.data.batching import Encoded, collate
from course.data.pairs import Pair
from course.data.tokenizer import Tokenizer
from course.experiments.fitting import number_of_parameters, widest_within
from course.inspection import capture_attention
from course.models.seq2seq import Seq2Seq, Seq2SeqConfig
from course.models.transformer import Transformer, TransformerConfig
from course.runtime import generator
from course.training import History, TrainingConfig, train

Kind = Literal["rnn", "transformer"]

POOLS = {"train": 32_000, "valid": 300, "test": 500}
WORDS = (4, 8)
DRAWN = 8000
"""Sentences drawn at a time, until enough differ."""
TRANSFORMER: dict[str, Any] = {"d_model": 64, "d_ff": 128, "num_heads": 4, "num_layers": 2}
RNN: dict[str, Any] = {
    "d_embed": 64,
    "d_attention": 64,
    "bidirectional": True,
    "context": "additive",
    "query": "current",
    "input_feeding": True,
}
MAX_TOKENS = 280
"""Of a batch, rows × longest side: about 32 pairs."""
WARMUP = 100
VALIDATIONS = 10
"""How often in a run the weights are validated; those that validate best are kept."""
PATIENCE = 3
"""A run stops after so many validations without a better one."""


class Pools(NamedTuple):
    """Pairs by split, in ids, and the vocabulary of their words."""

    pairs: dict[str, Encoded]
    tokenizer: Tokenizer


@cache
def pools() -> Pools:
    """Returns the pairs, always the same; no text stands in two of them, on either side."""
    from course.data import grammar  # its word lists take a while to build

    seen: set[str] = set()
    found: list[Pair] = []
    turn = 0
    while len(found) < sum(POOLS.values()):
        drawn = grammar.sample(DRAWN, generator=generator(0, "amounts", turn), words=WORDS)
        for sentence in drawn:
            if sentence.src not in seen and sentence.tgt not in seen:
                seen |= {sentence.src, sentence.tgt}
                found.append(Pair(sentence.src, sentence.tgt))
        turn += 1
    found = found[: sum(POOLS.values())]
    tokenizer = Tokenizer.words(text for pair in found for text in pair)
    ids = Encoded(
        tokenizer.encode_batch([pair.src for pair in found]),
        tokenizer.encode_batch([pair.tgt for pair in found]),
    )
    pairs, first = {}, 0
    for split, size in POOLS.items():
        pairs[split] = chosen(ids, range(first, first + size))
        first += size
    return Pools(pairs, tokenizer)


def chosen(pairs: Encoded, rows: Sequence[int]) -> Encoded:
    """Returns some of the pairs.

    Args:
        pairs: To choose from.
        rows: Which ones.
    """
    return Encoded([pairs.src[i] for i in rows], [pairs.tgt[i] for i in rows])


def learnt(amount: int, seed: int) -> Encoded:
    """Returns the pairs to learn from; of one seed, the smaller amounts are part of the larger.

    Args:
        amount: How many.
        seed: Of the choice.
    """
    pool = pools().pairs["train"]
    order = torch.randperm(len(pool.src), generator=generator(seed, "amounts", "pairs"))
    return chosen(pool, order[:amount].tolist())


def unseen(pairs: Encoded) -> float:
    """Returns the share of the test references' words that no pair has on its French side.

    Args:
        pairs: What a model learns from.
    """
    known = {token for row in pairs.tgt for token in row}
    words = [token for row in pools().pairs["test"].tgt for token in row]
    return sum(word not in known for word in words) / len(words)


def build(kind: Kind, dropout: float) -> Seq2Seq | Transformer:
    """Returns an untrained model; both kinds have equally many parameters, within 2%.

    Args:
        kind: A Transformer, or a bidirectional GRU with additive attention.
        dropout: The share dropped in training.
    """
    if kind == "rnn":
        return _rnn(width(), dropout)
    vocab_size = len(pools().tokenizer)
    return Transformer(TransformerConfig(vocab_size=vocab_size, dropout=dropout, **TRANSFORMER))


def _rnn(d_model: int, dropout: float = 0.0) -> Seq2Seq:
    vocab_size = len(pools().tokenizer)
    return Seq2Seq(Seq2SeqConfig(vocab_size=vocab_size, d_model=d_model, dropout=dropout, **RNN))


@cache
def width() -> int:
    """Returns the width at which the RNN has as many parameters as the Transformer."""
    with torch.random.fork_rng(devices=[]):  # whoever asks first draws no other numbers for it
        return widest_within(number_of_parameters(build("transformer", 0.0)), _rnn, multiple=2)


def trained(
    kind: Kind, pairs: Encoded, *, seed: int, rate: float, dropout: float, updates: int
) -> tuple[Seq2Seq | Transformer, History]:
    """Trains one model; it has the weights that validated best.

    Args:
        kind: See `build`.
        pairs: What it learns from.
        seed: Of weights, order and dropout; both kinds see the same batches in the same order.
        rate: The highest learning rate.
        dropout: The share dropped in training.
        updates: How many batches.
    """
    torch.manual_seed(seed)
    model = build(kind, dropout)
    config = TrainingConfig(
        max_updates=updates,
        max_tokens=MAX_TOKENS,
        learning_rate=rate,
        warmup=WARMUP,
        schedule="linear",
        eval_every=max(updates // VALIDATIONS, 1),
        patience=PATIENCE,
        seed=seed,
    )
    history = train(model, pairs, pools().pairs["valid"], config, progress=False)
    model.eval()
    return model, history


def operations(kind: Kind, length: int = 10) -> float:
    """Returns the multiplications of a forward pass for each target token, matrix products alone.

    Args:
        kind: See `build`.
        length: Tokens of either side, the end token apart.
    """
    model, counter = build(kind, 0.0).eval(), FlopCounterMode(display=False)
    batch = collate([[4] * length], [[4] * length])
    # Asked for its weights, the work of the attention kernel is seen too.
    with torch.no_grad(), capture_attention(model), counter:
        model(batch.src, batch.src_mask, batch.tgt_in)
    counted = counter.get_total_flops() / 2 / (length + 1)
    # The counter skips the last product of additive scores, which is with a single vector.
    return counted + (RNN["d_attention"] * (length + 1) if kind == "rnn" else 0)
