"""Teaches the models of C17 and scores them (chapter 9).

All arms with a seed see the same labelled sentences and the same others in the same order.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import cross_entropy

from course.data.tokenizer import EOS
from course.experiments.fitting import Spent, fit
from course.experiments.instructions import (
    LABELS,
    SINGLE,
    Level,
    Task,
    Template,
    learnt,
    tested,
)
from course.experiments.labellers import Bag, DecoderHead, EncoderHead, Writer
from course.experiments.labelling import Labelled, data, label_words, prompts
from course.runtime import generator

ROWS, MORE, UNLABELLED = 32, 32, 16
"""Sentences that a batch has, with the sentiment, of other tasks in a mixture, without labels."""
LM_WEIGHT = 0.5
"""Of the loss on sentences without labels, against that of a label."""
CONTENT_FREE = ("", ".")
"""What stands in place of the sentence when a model is calibrated."""
Model = Bag | DecoderHead | EncoderHead | Writer
Head = Bag | DecoderHead | EncoderHead


def build(arm: str) -> Model:
    """Returns an untrained model.

    Args:
        arm: Of C17.
    """
    if arm.startswith("bag"):
        return Bag()
    kind, size, _ = arm.rsplit("-", 2)
    heads = {"head-decoder": DecoderHead, "head-encoder": EncoderHead}
    return heads.get(kind, Writer)(size)


def teach(arm: str, seed: int, rate: float, updates: int) -> tuple[Model, Spent]:
    """Trains a model; returns it and what that took.

    Args:
        arm: Of C17.
        seed: Of weights and data.
        rate: The highest learning rate.
        updates: How many batches.
    """
    torch.manual_seed(seed)
    model = build(arm)
    count = int(arm.rpartition("-")[2])
    return model, fit(model, _losses(model, arm, count, seed), updates=updates, rate=rate)


def _losses(model: Model, arm: str, count: int, seed: int) -> Iterator[tuple[Tensor, int]]:
    known, others = data().tasks["sentiment"], data().unlabelled
    rows, more, hidden = (generator(seed, "c17", what) for what in ("rows", "more", "hidden"))
    while True:
        picked = _some(ROWS, count, rows)
        ids, labels = [known.ids[i] for i in picked], [known.labels[i] for i in picked]
        unlabelled = [others[i] for i in _some(UNLABELLED, len(others), rows)]
        if isinstance(model, Writer):
            loss, tokens = _writing(model, ids, labels, arm, count, more)
        else:
            loss = cross_entropy(model.logits(ids), torch.tensor(labels))
            tokens = sum(map(len, ids))
        if not isinstance(model, Bag):
            loss = loss + LM_WEIGHT * model.unlabelled(unlabelled, hidden)
            tokens += sum(map(len, unlabelled))
        yield loss, tokens


def _writing(
    model: Writer,
    ids: list[list[int]],
    labels: list[int],
    arm: str,
    count: int,
    source: torch.Generator,
) -> tuple[Tensor, int]:
    """The loss of label words; a sentence weighs the same with one task and with many."""
    if not arm.startswith("words-mixture"):
        asked = prompts(ids, labels, [SINGLE] * len(ids))
        return model.loss(asked), asked.batch.num_tokens
    known = learnt("sentiment")
    templates = [known[i] for i in _some(ROWS, len(known), source)]
    other: list[Task] = [task for task in LABELS if task != "sentiment"]
    for which in _some(MORE, len(other), source):
        task, known = other[which], learnt(other[which])
        row = int(torch.randint(count, (), generator=source))
        ids, labels = [*ids, data().tasks[task].ids[row]], [*labels, data().tasks[task].labels[row]]
        templates.append(known[int(torch.randint(len(known), (), generator=source))])
    asked = prompts(ids, labels, templates)
    return model.loss(asked) * (len(ids) / ROWS), asked.batch.num_tokens


def _some(rows: int, size: int, source: torch.Generator) -> list[int]:
    return torch.randint(size, (rows,), generator=source).tolist()


def asked(arm: str, level: Level) -> tuple[Template, ...]:
    """Returns the templates of a level that a writer is asked with.

    Args:
        arm: Of C17; a model that learnt one template has seen no other.
        level: Which.
    """
    return (SINGLE,) if level == "seen" and arm.startswith("words-single") else tested(level)


class Scores(NamedTuple):
    """What a writer gets right: a row for each template, a column for each sentence.

    Attributes:
        restricted: The likelier label word is right.
        free: Greedy search writes the right label word and ends.
        calibrated: As `restricted`, after calibration.
        off: The likeliest of all words is no label word.
    """

    restricted: Float[Tensor, "T N"]
    free: Float[Tensor, "T N"]
    calibrated: Float[Tensor, "T N"]
    off: Float[Tensor, "T N"]

    def means(self) -> dict[str, float]:
        """Returns the share of each, and the lowest `restricted` of a template as `worst`."""
        shares = {name: float(value.mean()) for name, value in self._asdict().items()}
        return shares | {"worst": float(self.restricted.mean(1).min())}


@torch.no_grad()
def written(model: Writer, templates: Sequence[Template], split: str) -> Scores:
    """Asks a writer for the sentiment of each sentence with each template.

    The end token is looked for behind the right label word: greedy search comes there only if that
    word is the likeliest of all.

    Args:
        model: In evaluation mode.
        templates: That ask for the sentiment.
        split: "test" or "valid".
    """
    sentences = data().held[split]
    found = [_written(model, template, sentences) for template in templates]
    return Scores(*(torch.stack(part).float() for part in zip(*found, strict=True)))


def _written(model: Writer, template: Template, sentences: Labelled) -> tuple[Tensor, ...]:
    gold, words = torch.tensor(sentences.labels), torch.tensor(label_words(template))
    parts = []
    for start in range(0, len(gold), 250):
        ids = sentences.ids[start : start + 250]
        labels = sentences.labels[start : start + 250]
        parts.append(model.answers(prompts(ids, labels, [template] * len(ids))).log_softmax(-1))
    first, second = torch.cat(parts).unbind(1)
    wanted, best = words[gold], first.argmax(-1)
    return (
        first[:, words].argmax(-1) == gold,
        (best == wanted) & (second.argmax(-1) == EOS),
        (first[:, words] - _without_content(model, template)).argmax(-1) == gold,
        ~torch.isin(best, words),
    )


def _without_content(model: Writer, template: Template) -> Float[Tensor, " C"]:
    """The log-probability of each label word, mean probability over prompts without content.

    Zhao et al. (2021); here the prompts without content are `CONTENT_FREE`.
    """
    ids = data().tokenizer.encode_batch(CONTENT_FREE)
    answers = model.answers(prompts(ids, [0] * len(ids), [template] * len(ids)))[:, 0]
    return answers[:, label_words(template)].softmax(-1).mean(0).log()


@torch.no_grad()
def told(model: Head, split: str) -> Float[Tensor, " N"]:
    """Returns 1 for each sentence that a head labels rightly.

    Args:
        model: In evaluation mode.
        split: "test" or "valid".
    """
    sentences = data().held[split]
    chosen = model.logits(sentences.ids).argmax(-1)
    return (chosen == torch.tensor(sentences.labels)).float()


def validated(model: Model, arm: str) -> float:
    """Returns the share of validation sentences labelled rightly, by templates that were learnt.

    Args:
        model: In evaluation mode.
        arm: Of C17.
    """
    if isinstance(model, Writer):
        return float(written(model, asked(arm, "seen"), "valid").restricted.mean())
    return float(told(model, "valid").mean())
