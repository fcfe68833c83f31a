"""The frontier of attention: what each kind costs here, beside what it can do once it is trained.

Time and memory are measured, kind by kind, as C18 does it, but on shorter sequences: it takes
minutes. Quality is what models trained with each kind reached in C19, right answers of associative
recall, from its record. A kind is on the frontier if no other one is better in all three.
"""

from collections import defaultdict
from typing import Any

import torch

from course import results
from course.errors import CourseError
from course.experiments.attention_costs import measure, summarise
from course.experiments.attention_variants import KINDS
from course.figures.attention_costs import Point, frontier
from course.results.records import Row

LENGTHS = (256, 512, 1024, 2048, 4096)
SHORTEST = 1024  # below, fixed costs hide how a kind grows
TURNS = 3
CONFIG = {"seconds_each": 0.05, "memory_limit": 9_000_000_000}
TRAINED = {
    "fused": "full",
    "window": "window",
    "bigbird": "global",
    "linear": "linear",
    "performer": "performer-256",
    "gated": "gated",
    "delta": "delta",
}
"""Which kind of C19's models reads as a kind of C18's does; the fused kernel computes the same."""


def attention() -> dict[str, Any]:
    """Return the part about attention, and print its exponents and the frontier."""
    rows: list[Row] = []
    for turn in range(1, TURNS + 1):
        for kind in KINDS:
            rows += measure(kind, turn, LENGTHS, torch.zeros(1), CONFIG)
    fitted = summarise(rows, SHORTEST)
    found: dict[str, Any] = {"longest": LENGTHS[-1], "turns": TURNS}
    print(f"exponents in training, {SHORTEST:,} to {LENGTHS[-1]:,} words (range of {TURNS} turns)")
    for kind in KINDS:
        name = kind.replace("-", "_")
        low, middle, high = (fitted[f"{kind}.time{end}"] for end in (".low", "", ".high"))
        memory = fitted[f"{kind}.memory"]
        print(f"  {kind:10} time {middle:.2f} ({low:.2f} to {high:.2f}), peak memory {memory:.2f}")
        found |= {
            f"{name}_time_exponent": round(middle, 2),
            f"{name}_time_exponent_low": round(low, 2),
            f"{name}_time_exponent_high": round(high, 2),
            f"{name}_memory_exponent": round(memory, 2),
        }
    return found | _beside_quality(rows)


def _beside_quality(rows: list[Row]) -> dict[str, Any]:
    taken: dict[tuple[str, str], list[float]] = defaultdict(list)
    for row in rows:
        if row.x == LENGTHS[-1]:
            taken[row.arm, row.metric].append(row.value)
    points = []
    for kind, trained in TRAINED.items():
        try:
            right = 1 - results.value(f"c19_recall/summary/{trained}")
        except CourseError as error:
            print(f"No frontier: {error}")
            return {}
        (peak,) = taken[kind, "training-bytes"]
        points.append(Point(kind, right, peak, min(taken[kind, "training"])))
    figure = frontier(points, caption="Quality, peak memory and time of training.")
    print(f"quality (C19's recall) × peak memory × time of training, {LENGTHS[-1]:,} words")
    found: dict[str, Any] = {}
    for kind, right, peak, seconds, on in figure["table"]["rows"]:
        mark = "  on the frontier" if on else ""
        print(f"  {kind:10} {right:.2f} right {peak / 2**20:8,.0f} MiB {seconds:8.3f} s{mark}")
        found |= {f"{kind}_right": right, f"{kind}_mib": round(peak / 2**20), f"{kind}_on": int(on)}
        found[f"{kind}_seconds"] = seconds
    return found
