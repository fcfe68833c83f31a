"""Exact search: the most probable output of all, found depth first with a bound (chapter 4).

Stahlberg and Byrne (2019), section 2. A prefix whose log-probability is already below that of some
finished output can be given up with all its continuations, since no further token makes it more
probable. So the search ends although there are infinitely many outputs, and what it returns is the
model's global best, which shows what beam search has missed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import torch
from jaxtyping import Bool, Int
from torch import Tensor

from course.data.tokenizer import EOS
from course.decoding.hypothesis import Hypothesis, LengthPenalty
from course.decoding.preparation import (
    evaluating,
    limits,
    prefix_or_start,
    select,
    without_special,
)
from course.errors import CourseError
from course.models.interface import Memory, SequenceModel, Sources, State

NEVER = float("-inf")


class Exact(NamedTuple):
    """The result of one sentence's exact search.

    Attributes:
        best: the finished output of the highest score; None if nothing was found.
        proved: True if the whole space was searched or ruled out by the bound, so that `best` is
            the best there is; False if the search gave up after `max_steps`.
        steps: how many prefixes were extended.
    """

    best: Hypothesis | None
    proved: bool
    steps: int


class _Prefix(NamedTuple):
    """An unfinished output that may still be extended; its state is a row of a batch of states."""

    tokens: tuple[int, ...]
    log_prob: float
    state: State


@dataclass
class _Search:
    """One sentence's search: what is the best so far, and what remains to be tried."""

    limit: int
    shortest: int
    penalty: LengthPenalty
    best: Hypothesis | None = None
    stack: list[_Prefix] = field(default_factory=list)

    def floor(self) -> float:
        """The log-probability above which a prefix could still beat the best so far."""
        if self.best is None:
            return NEVER
        return self.best.score / self.penalty.bound(1.0, self.limit)  # the bound is linear

    def finish(self, tokens: tuple[int, ...], log_prob: float) -> None:
        """Note a finished output if it is allowed and better than the best so far."""
        length = len(tokens) + 1
        score = self.penalty.score(log_prob, length)
        if length < self.shortest or score == NEVER:
            return
        if self.best is None or score > self.best.score:
            self.best = Hypothesis(tokens=tokens, log_prob=log_prob, score=score, finished=True)


def exact_search(
    model: SequenceModel,
    src: Sources,
    src_mask: Bool[Tensor, "B S"],
    *,
    max_length: int | Sequence[int],
    min_length: int | Sequence[int] = 1,
    length_penalty: LengthPenalty | None = None,
    known: Sequence[Hypothesis | None] | None = None,
    max_steps: int = 20_000,
    batch: int = 64,
    prefix: Int[Tensor, "B P"] | None = None,
) -> list[Exact]:
    """Find each sentence's output of the highest score among all that are short enough.

    Depth first: the most probable prefix is followed to its end, then the next, and every prefix
    that can't beat the best output found so far is dropped (`LengthPenalty.bound`). To keep the
    processor busy, up to `batch` prefixes from the top of the stack are extended at once.

    The prefixes of one length have a total probability of at most 1. So without normalisation at
    most exp(-log p) of each length can be more probable than an output of log-probability log p:
    a sure model is searched in a few steps, an unsure one needs a number that grows exponentially.
    With length normalisation the bound is much looser.

    Args:
        model: anything that offers `encode`, `start` and `step`.
        src: source token ids, or what else the model reads.
        src_mask: True at real tokens.
        max_length: the most tokens of an output, the end token included; one number, or one for
            each sentence.
        min_length: the fewest tokens, the end token included; shorter outputs don't count.
        length_penalty: how log-probability becomes score; by default no normalisation.
        known: for each sentence a finished output to begin with, such as beam search's, or None.
            A good one saves most of the work; it counts only if it is long enough.
        max_steps: how many prefixes to extend before giving up on a sentence.
        batch: how many prefixes to extend at once.
        prefix: tokens that the output begins with, not returned; by default the start token.

    Returns:
        One result a sentence.

    Raises:
        CourseError: if an argument is out of its range.
    """
    longest, shortest = limits(max_length, len(src)), limits(min_length, len(src))
    if max_steps < 1 or batch < 1:
        raise CourseError(f"max_steps and batch must be at least 1, not {max_steps} and {batch}.")
    known = [None] * len(src) if known is None else known
    if len(known) != len(src):
        raise CourseError(f"known has {len(known)} outputs for {len(src)} sentences.")
    penalty = length_penalty or LengthPenalty(alpha=0.0)
    prefix = prefix_or_start(src, prefix)
    results = []
    with evaluating(model):
        for i, (limit, least, given) in enumerate(zip(longest, shortest, known, strict=True)):
            search = _Search(limit=limit, shortest=least, penalty=penalty)
            if given is not None and given.finished and given.length <= limit:
                search.finish(given.tokens, given.log_prob)
            row = slice(i, i + 1)
            memory = model.encode(src[row], src_mask[row])
            state = model.start(memory, prefix[row, :-1])
            search.stack.append(_Prefix((), 0.0, state))
            results.append(_run(model, search, memory, prefix[i], max_steps, batch))
    return results


def _run(
    model: SequenceModel,
    search: _Search,
    memory: Memory,
    prefix: Int[Tensor, " P"],
    max_steps: int,
    batch: int,
) -> Exact:
    steps = 0
    while search.stack:
        if steps >= max_steps:
            return Exact(search.best, False, steps)
        open_ones = _take(search, min(batch, max_steps - steps))
        if not open_ones:
            break
        steps += len(open_ones)
        last = [each.tokens[-1] if each.tokens else int(prefix[-1]) for each in open_ones]
        token = prefix.new_tensor(last)
        columns = zip(*(each.state for each in open_ones), strict=True)
        states = tuple(torch.cat(parts) for parts in columns)
        step = model.step(token, select(memory, torch.zeros_like(token)), states)
        before = step.log_probs.new_tensor([each.log_prob for each in open_ones])
        _extend(search, open_ones, without_special(step.log_probs) + before[:, None], step.state)
    return Exact(search.best, True, steps)


def _take(search: _Search, count: int) -> list[_Prefix]:
    """The next prefixes from the top of the stack, leaving out those that can no longer win."""
    found: list[_Prefix] = []
    while search.stack and len(found) < count:
        each = search.stack.pop()
        if each.log_prob > search.floor():
            found.append(each)
    return found


def _extend(search: _Search, prefixes: list[_Prefix], log_probs: Tensor, state: State) -> None:
    """Finish each prefix, and put its promising extensions on the stack, the best on top."""
    for each, log_prob in zip(prefixes, log_probs[:, EOS].tolist(), strict=True):
        search.finish(each.tokens, log_prob)
    log_probs[:, EOS] = NEVER
    found: list[tuple[float, int, int]] = []
    for i, token in (log_probs > search.floor()).nonzero().tolist():
        if len(prefixes[i].tokens) + 1 < search.limit:  # there must be room for the end token
            found.append((float(log_probs[i, token]), i, token))
    for log_prob, i, token in sorted(found):
        rows = tuple(part[i : i + 1] for part in state)
        search.stack.append(_Prefix((*prefixes[i].tokens, token), log_prob, rows))
