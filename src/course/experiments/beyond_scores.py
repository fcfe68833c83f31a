"""What is measured of a model that reads pictures, sounds or reports (chapter 11, C20)."""

from __future__ import annotations

import torch
from torch import nn

from course.data import grammar, signals
from course.data.batching import Encoded, collate, source_batch
from course.decoding import beam_search, force_decode, greedy
from course.decoding.preparation import device_of
from course.experiments import beyond
from course.experiments.beyond import Items, Task
from course.experiments.fitting import Written
from course.runtime import generator

SHOWN, SHOWN_AT = "sandwich", 10
"""The word whose weights are kept, and its signal-to-noise ratio in decibels."""


def write(model: nn.Module, data: Encoded, *, beam: int = 1) -> Written:
    """Lets a model write, greedily or by beam search.

    Args:
        model: Any model of `beyond`.
        data: What to read, and what should be written.
        beam: The width of the search.
    """
    device = device_of(model)  # pyright: ignore[reportArgumentType]
    hypotheses: list[list[int]] = []
    for start in range(0, len(data.src), 100):
        src, mask = (part.to(device) for part in source_batch(data.src[start : start + 100]))
        limits = [len(tgt) * 3 // 2 + 5 for tgt in data.tgt[start : start + 100]]
        if beam == 1:
            best = greedy(model, src, mask, max_length=limits)  # pyright: ignore
        else:
            found = beam_search(model, src, mask, max_length=limits, beam=beam)  # pyright: ignore
            best = [each[0] for each in found]
        hypotheses += [list(hypothesis.tokens) for hypothesis in best]
    return Written(hypotheses, data.tgt)


def accepted(wrote: Written) -> float:
    """Returns the share of summaries that the grammar's parser accepts.

    Args:
        wrote: Summaries that a model wrote.
    """
    texts = [beyond.text("summaries", ids) for ids in wrote.hypotheses]
    return sum(grammar.accepts(text, "en") for text in texts) / len(texts)


def by_length(task: Task, wrote: Written) -> list[tuple[str, str, float, int]]:
    """Returns rows of errors a token by the number of letters, or of facts.

    Args:
        task: As in `beyond.TASKS`.
        wrote: What a model wrote.
    """
    groups: dict[int, list[int]] = {}
    comma = beyond.vocabulary().encode("the key, the hat")[2] if task == "summaries" else None
    for i, reference in enumerate(wrote.references):
        length = len(reference) if comma is None else reference.count(comma) + 2
        groups.setdefault(length, []).append(i)
    return [
        (f"length {length}", "error_length", _part(wrote, rows).token_error_rate, len(rows))
        for length, rows in sorted(groups.items())
    ]


def _part(wrote: Written, rows: list[int]) -> Written:
    return Written([wrote.hypotheses[i] for i in rows], [wrote.references[i] for i in rows])


def words(task: Task, n: int) -> Items:
    """Returns pictures or sounds of the grammar's words, with the least noise.

    Args:
        task: "pictures" or "sounds".
        n: How many.
    """
    source = generator(0, "c20", "words", task)
    known = signals.grammar_words((3, beyond.LETTERS[1]))
    chosen = torch.randint(len(known), (n,), generator=source).tolist()
    return beyond.written(task, [known[i] for i in chosen], beyond.LEVELS[task][0], source)


def shown(model: nn.Module, task: Task) -> list[tuple[int, str, float, int]]:
    """Returns rows `weight.s` at x = t: the weight on piece s of `SHOWN` while letter t is written.

    The model is made to write the word, and then the end; weights are means over layers and heads.

    Args:
        model: A trained Transformer.
        task: "pictures" or "sounds".
    """
    piece = beyond.pieces(task, SHOWN, SHOWN_AT, generator(0, "c20", "shown", task))
    batch = collate([piece], [signals.tokens(SHOWN)]).to(device_of(model))  # pyright: ignore
    forced = force_decode(
        model,  # pyright: ignore[reportArgumentType]
        batch.src,
        batch.src_mask,
        batch.tgt_in,
        return_weights=True,
    )
    assert forced.weights is not None
    mean = forced.weights[0].mean((1, 2)).tolist()  # (T, S)
    return [
        (step, f"weight.{s}", round(weight, 4), 1)
        for step, row in enumerate(mean)
        for s, weight in enumerate(row)
    ]
