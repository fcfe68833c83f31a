"""C10 on a GPU, for which the claim is made (chapter 8).

As `c10_parallel`, with its layers, lengths, rows and rule, but for the batch: 65,536 tokens in
place of 4,096, since a small batch leaves a GPU idle, the GRU's most of all: it can use no other
parallelism than that over sentences. The GRU's loop runs in cuDNN.
"""

from __future__ import annotations

from course.errors import CourseError
from course.experiments.c10_parallel import (
    ARMS,
    CLAIM,
    HYPOTHESIS,
    RULE,
    SMALLEST_EFFECT,
    side_by_side,
    summary,
    verdict,
)
from course.experiments.c10_parallel import CONFIG as ON_A_CPU
from course.results.records import Row
from course.runtime import default_device

__all__ = ["ARMS", "CLAIM", "CONFIG", "HYPOTHESIS", "RULE", "SMALLEST_EFFECT", "measure", "summary"]
__all__ += ["verdict"]

CONFIG = {**ON_A_CPU, "tokens_a_batch": 65_536}


def measure(arm: str, seed: int, rate: float) -> list[Row]:
    """Times all arms side by side, once.

    Args:
        arm: "transformer"; the other kinds are measured beside it.
        seed: The repetition.
        rate: Not used: nothing is trained.

    Raises:
        CourseError: Without a GPU.
    """
    if default_device().type != "cuda":
        raise CourseError("c10_gpu times a GPU, and there is none; c10_parallel times the CPU.")
    return side_by_side(seed, CONFIG["tokens_a_batch"])
