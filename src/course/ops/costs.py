"""What attention scores cost, counted exactly (chapter 6).

A count is of multiplications, each with its addition (half the "FLOPs" that profilers print), and
of tanh evaluations, for one sentence of S source and T target positions.

Axes: D width of an encoder output, H width of a decoder state, A width of a hidden layer.
"""

from dataclasses import dataclass
from typing import Literal

from course.errors import CourseError

Score = Literal["dot", "scaled_dot", "general", "additive", "concat", "location"]


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What it takes to score every source position for every target position.

    Attributes:
        once: multiplications that are made once per sentence, whatever the target: the keys.
        per_step: multiplications for each target position.
        tanh_per_step: tanh evaluations for each target position.
        parameters: how many numbers the score learns.
    """

    once: int
    per_step: int
    tanh_per_step: int
    parameters: int

    def multiplications(self, steps: int) -> int:
        """All multiplications of a target of so many positions."""
        return self.once + steps * self.per_step


def score_cost(
    score: Score,
    *,
    source: int,
    d_memory: int,
    d_state: int,
    d_attention: int = 0,
    longest: int = 0,
) -> Cost:
    r"""What one of the scores of `course.nn.attention` costs.

    $q^\top m$ takes H products for each of S positions; "general" adds, once, D·H for each key
    (its query is free: the matrix stands on the keys' side); additive scores take D·A for each key
    once, and at every step H·A for the query and A products and A tanhs for each position.

    Args:
        score: as `Seq2SeqConfig.context` names it.
        source: S.
        d_memory: D.
        d_state: H.
        d_attention: A, of additive scores.
        longest: how many positions the location score knows.

    Raises:
        CourseError: if a size is missing, below 0, or a dot product is asked for between vectors
            of different width.
    """
    sizes = (source, d_memory, d_state, d_attention, longest)
    if min(sizes) < 0:
        raise CourseError(f"Sizes can't be negative: {sizes}.")
    if score in ("additive", "concat"):
        if d_attention < 1:
            raise CourseError("Additive scores have a hidden layer: give d_attention.")
        return Cost(
            once=source * d_memory * d_attention,
            per_step=d_state * d_attention + source * d_attention,
            tanh_per_step=source * d_attention,
            parameters=(d_state + d_memory + 2) * d_attention,  # with the keys' bias
        )
    if score == "location":
        if longest < 1:
            raise CourseError("Location scores know so many positions: give longest.")
        return Cost(
            once=0, per_step=d_state * longest, tanh_per_step=0, parameters=d_state * longest
        )
    if score == "general":
        weights = d_memory * d_state
        return Cost(
            once=source * weights,
            per_step=source * d_state,
            tanh_per_step=0,
            parameters=weights,
        )
    if d_memory != d_state:
        raise CourseError(
            f"A dot product needs vectors of one width, not {d_state} and {d_memory}; use "
            '"general", which has a matrix between.'
        )
    return Cost(once=0, per_step=source * d_state, tanh_per_step=0, parameters=0)
