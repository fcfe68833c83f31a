"""How the families of C16 write, and the settings among which validation chooses (chapter 9)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import torch
from jaxtyping import Int
from torch import Tensor, nn

from course.data.batching import source_batch
from course.data.tokenizer import BOS, EOS, PAD, UNK
from course.decoding import greedy, sample
from course.experiments.family_models import class_logits, guesses
from course.experiments.family_tasks import LABELS, Pairs, Task
from course.models.families import MaskedLanguageModel, SentenceClassifier, TokenClassifier
from course.models.interface import SequenceModel
from course.runtime import generator


class Setting(NamedTuple):
    """How a model writes: see `unmask`, and `course.decoding.sample` for the temperature."""

    temperature: float = 0.0
    iterations: int = 0
    surest: bool = True


LONGEST_STORY = 16
UNMASKED = tuple(Setting(0.0, n) for n in (1, 2, 4, 10))
SAMPLED = tuple(Setting(t) for t in (0.1, 0.2, 0.35, 0.5, 0.7, 1.0))
SAMPLED_UNMASKED = tuple(
    Setting(t, n, s)
    for n, s in ((5, True), (LONGEST_STORY, True), (LONGEST_STORY, False))
    for t in (0.35, 0.7)
)


def settings(name: str, family: str) -> tuple[Setting, ...]:
    """Returns the ways of writing among which validation chooses.

    Args:
        name: Of the task.
        family: See `FAMILIES`.
    """
    if name == "stories":
        return SAMPLED_UNMASKED if family == "encoder" else SAMPLED
    return UNMASKED if family == "encoder" and name not in LABELS else (Setting(),)


def write(model: nn.Module, known: Task, pairs: Pairs, way: Setting, seed: int) -> list[list[int]]:
    """Returns the ids that a model writes for each pair's source.

    Args:
        model: A trained model.
        known: Its task.
        pairs: What to do it for.
        way: How.
        seed: Of samples.
    """
    source = generator(seed, "c16", "write")
    written: dict[int, list[int]] = {}
    for rows in pairs.by_length():
        src, mask = source_batch([pairs.src[row] for row in rows])
        sizes = [len(pairs.tgt[row]) for row in rows]
        if known.labels:
            found = label(model, known, src, max(sizes))
        elif isinstance(model, MaskedLanguageModel):
            if way.temperature:  # nobody tells how long a story is to be
                stories = known.splits["train"].tgt
                drawn = torch.randint(len(stories), (len(rows),), generator=source).tolist()
                sizes = [len(stories[i]) for i in drawn]
            found = unmask(model, known, src, sizes, **way._asdict(), source=source)
        else:
            assert isinstance(model, SequenceModel)
            if way.temperature:
                most, heat = 2 * LONGEST_STORY, way.temperature
                drafts = sample(
                    model, src, mask, generator=source, max_length=most, temperature=heat
                )
            else:
                most = [size * 3 // 2 + 5 for size in sizes]
                drafts = greedy(model, src, mask, max_length=most)
            found = [list(draft.tokens) for draft in drafts]
        written |= dict(zip(rows, found, strict=True))
    return [written[row] for row in range(len(pairs.src))]


@torch.no_grad()
def unmask(
    model: MaskedLanguageModel,
    task: Task,
    src: Int[Tensor, "B S"],
    lengths: list[int],
    *,
    iterations: int,
    temperature: float = 0.0,
    surest: bool = True,
    source: torch.Generator | None = None,
) -> list[list[int]]:
    """Writes by iterative unmasking: Ghazvininejad et al. (2019), section 3.2 and equation 2.

    After iteration t of N, a share (N - t) / N of the words is masked again.

    Args:
        model: A trained model.
        task: What it has learnt.
        src: Equally long sources with their end token.
        lengths: How many words to write for each.
        iterations: N; with as many as there are words, one is written at a time.
        temperature: Of the draw of each word; 0 takes the most probable one.
        surest: Whether the words that the model was surest of are kept; else chance has an order.
        source: Of randomness, if there is any.
    """
    wanted = torch.tensor(lengths)
    real = torch.arange(max(lengths)) < wanted[:, None]
    words = torch.full(real.shape, task.mask).masked_fill(~real, PAD)
    hidden, sure = real, torch.rand(real.shape, generator=source)
    for turn in range(1, iterations + 1):
        logits = guesses(model, src, words, real)
        logits[..., [PAD, BOS, EOS, UNK, task.mask]] = -torch.inf
        log_probs = logits.log_softmax(-1)
        chosen = log_probs.argmax(-1)
        if temperature:
            probs = (log_probs / temperature).softmax(-1).flatten(0, 1)
            chosen = torch.multinomial(probs, 1, generator=source).view_as(words)
        words = torch.where(hidden, chosen, words)
        if surest:
            sure = torch.where(hidden, log_probs.gather(2, chosen[..., None])[..., 0], sure)
        left = wanted * (iterations - turn) // iterations
        line = sure.masked_fill(~real, torch.inf).argsort(1).argsort(1)
        hidden = line < left[:, None]
        words = words.masked_fill(hidden, task.mask)
    return [row[:length].tolist() for row, length in zip(words, lengths, strict=True)]


@torch.no_grad()
def label(model: nn.Module, task: Task, src: Int[Tensor, "B S"], count: int) -> list[list[int]]:
    """Returns the ids of the labels that a model gives.

    Args:
        model: Of any family.
        task: What it has learnt.
        src: Equally long sources with their end token.
        count: How many labels.
    """
    labels = torch.tensor(task.labels)
    if isinstance(model, (SentenceClassifier, TokenClassifier)):
        return labels[class_logits(model, src).argmax(-1)].tolist()
    return torch.stack(list(_labels(model, labels, src, count)), 1).tolist()


def _labels(model: nn.Module, labels: Tensor, src: Tensor, count: int) -> Iterator[Tensor]:
    assert isinstance(model, SequenceModel)
    memory = model.encode(src, torch.ones_like(src, dtype=torch.bool))
    token = torch.full_like(src[:, 0], BOS)
    state = model.start(memory, src[:, :0])
    for _ in range(count):
        log_probs, state, _ = model.step(token, memory, state)
        token = labels[log_probs[:, labels].argmax(-1)]
        yield token
