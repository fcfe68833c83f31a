"""C18: is full self-attention O(n²) in time and in memory? On a GPU (chapter 10).

`attention_variants` lists what is measured, `attention_costs` what rows there are. All in bfloat16,
on sequences of 128 to 131,072; plain attention stops where its scores would not fit.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch

from course.errors import CourseError
from course.experiments import attention_costs
from course.experiments.attention_costs import crossover, exponents, judge, summarise
from course.experiments.attention_variants import BLOCK, CHUNK, D_FF, HEADS, KINDS, REACH, WIDTH
from course.experiments.rules import Verdict
from course.experiments.runner import Arm
from course.results.records import Row
from course.runtime import default_device

CLAIM = "C18"
HYPOTHESIS = (
    "On a GPU, from 4,096 positions on, the time of causal self-attention, plain and fused, and "
    "the peak memory of both in training grow like n², with exponents of at least 1.8."
)
SMALLEST_EFFECT = 0.2
"""In the exponent."""
SHORTEST = 4096
LENGTHS = (128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768, 65536, 131072)
CONFIG = {
    "heads": HEADS,
    "width": WIDTH,
    "d_ff": D_FF,
    "reach": REACH,
    "block": BLOCK,
    "chunk": CHUNK,
    "dtype": "bfloat16",
    "seconds_each": 0.05,
    "memory_limit": 70_000_000_000,
}
ARMS = tuple(Arm(name=kind, seconds=20) for kind in KINDS)
ONE_AT_A_TIME = "it measures time."


def measure(arm: str, seed: int, rate: float) -> list[Row]:
    """Counts (once) and measures one kind of attention.

    Args:
        arm: One of `KINDS`.
        seed: The repetition.
        rate: Not used: nothing is trained.

    Raises:
        CourseError: Without a GPU that PyTorch reaches by CUDA.
    """
    device = default_device()
    if device.type != "cuda":
        raise CourseError("This record is of a GPU, by CUDA; c18_cost is that of the CPU.")
    like = torch.zeros(1, device=device, dtype=torch.bfloat16)
    found = attention_costs.counts(arm, LENGTHS, like.element_size()) if seed == 1 else []
    return found + attention_costs.measure(arm, seed, LENGTHS, like, CONFIG)


def summary(rows: Iterable[Row]) -> dict[str, float]:
    """Returns exponents and crossovers; see `attention_costs.summarise`.

    Args:
        rows: The rows of the record.
    """
    return summarise(rows, SHORTEST)


def verdict(rows: Iterable[Row]) -> Verdict:
    """Judges the claim; see `attention_costs.judge`.

    Args:
        rows: The rows of the record.
    """
    return judge(summary(rows), SMALLEST_EFFECT)


RULE = (
    HYPOTHESIS,
    SMALLEST_EFFECT,
    SHORTEST,
    summary,
    verdict,
    summarise,
    exponents,
    crossover,
    judge,
)
