"""Greedy search, and the one loop that it shares with sampling (chapters 3 and 4)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from course.decoding.hypothesis import Hypothesis, LengthPenalty
from course.decoding.preparation import (
    OURS,
    evaluating,
    limits,
    prefix_or_start,
    select,
    without_padding,
    without_special,
)
from course.models.interface import SequenceModel, Sources, SpecialTokens

Choose = Callable[[Tensor, Tensor], Tensor]
"""Picks each row's next token: (log_probs (R, V), sentence of each row (R,)) -> tokens (R,)."""


def greedy(
    model: SequenceModel,
    src: Sources,
    src_mask: Bool[Tensor, "B S"],
    *,
    max_length: int | Sequence[int],
    prefix: Int[Tensor, "B P"] | None = None,
    special: SpecialTokens = OURS,
    return_weights: bool = False,
) -> list[Hypothesis]:
    """Take the most probable next token until the end token comes.

    Args:
        model: anything that offers `encode`, `start` and `step`.
        src: source token ids, or what else the model reads.
        src_mask: True at real tokens.
        max_length: the most tokens to generate, the end token included; one number, or one for
            each sentence.
        prefix: tokens that the output begins with, not returned; by default the start token.
        special: the vocabulary's start and end token; a published model has others than ours.
        return_weights: keep the attention weights.

    Returns:
        One hypothesis a sentence; its score is the mean log-probability of a token. A sequence
        without its end token is returned with `finished=False`.

    Raises:
        CourseError: if `max_length` is below 1 or does not fit the batch.
    """
    return generate(
        model,
        src,
        src_mask,
        lambda log_probs, rows: log_probs.argmax(-1),
        max_length=max_length,
        prefix=prefix,
        special=special,
        return_weights=return_weights,
    )


def generate(
    model: SequenceModel,
    src: Sources,
    src_mask: Bool[Tensor, "B S"],
    choose: Choose,
    *,
    max_length: int | Sequence[int],
    prefix: Int[Tensor, "B P"] | None = None,
    special: SpecialTokens = OURS,
    return_weights: bool = False,
) -> list[Hypothesis]:
    """Generate token after token, each picked by `choose`; a finished row leaves the batch."""
    prefix = prefix_or_start(src, prefix, special)
    drafts = [_Draft(limit=limit, end=special.end) for limit in limits(max_length, len(src))]
    with evaluating(model):
        memory = model.encode(src, src_mask)
        state = model.start(memory, prefix[:, :-1])
        token, rows = prefix[:, -1], torch.arange(len(src), device=src.device)
        while len(rows):
            step = model.step(token, memory, state, return_weights=return_weights)
            log_probs = without_special(step.log_probs, special)
            token = choose(log_probs, rows)
            chosen = log_probs.gather(1, token[:, None])[:, 0]
            going = _extend(drafts, rows, token, chosen, step.weights)
            memory, state = select(memory, going), select(step.state, going)
            token, rows = token[going], rows[going]
    return [draft.hypothesis(mask) for draft, mask in zip(drafts, src_mask, strict=True)]


@dataclass
class _Draft:
    """One sequence while it is written."""

    limit: int
    end: int
    tokens: list[int] = field(default_factory=list)
    log_prob: float = 0.0
    finished: bool = False
    weights: list[Tensor] = field(default_factory=list)

    def append(self, token: int, log_prob: float, weights: Tensor | None) -> bool:
        """Add a token; True if the sequence goes on."""
        if log_prob == float("-inf"):  # nothing can follow: the sequence stays unfinished
            return False
        self.log_prob += log_prob
        if weights is not None:
            self.weights.append(weights)
        if token == self.end:
            self.finished = True
            return False
        self.tokens.append(token)
        return len(self.tokens) < self.limit

    def hypothesis(self, src_mask: Bool[Tensor, " S"]) -> Hypothesis:
        return Hypothesis(
            tokens=tuple(self.tokens),
            log_prob=self.log_prob,
            score=LengthPenalty().score(self.log_prob, len(self.tokens) + self.finished),
            finished=self.finished,
            weights=without_padding(self.weights, src_mask),
        )


def _extend(
    drafts: list[_Draft],
    rows: Int[Tensor, " R"],
    tokens: Int[Tensor, " R"],
    log_probs: Float[Tensor, " R"],
    weights: Float[Tensor, "R L H S"] | None,
) -> Int[Tensor, " G"]:
    """Append one token to each row's draft; return the positions of the rows that go on."""
    going = []
    columns = zip(rows.tolist(), tokens.tolist(), log_probs.tolist(), strict=True)
    for i, (row, token, log_prob) in enumerate(columns):
        if drafts[row].append(token, log_prob, None if weights is None else weights[i]):
            going.append(i)
    return rows.new_tensor(going)
