"""What C18 measures and how it is judged, on a CPU (`c18_cost`) and on a GPU (`c18_gpu`).

Rows of the arm KIND (see `attention_variants`) at x = length, for one sequence of four heads of
width 64: exact counts `operations` (multiplications of matrix products), `held` (bytes of scores
and of what else is made on the way) and `cache` (bytes kept to generate on); and measured, of the
attention alone and, `layer-…`, of a whole layer: `forward` and `training` (forward and backward) in
seconds, `forward-bytes` and `training-bytes`, the peak of memory beyond inputs and weights.
`left-out` stands where a measurement would have taken more memory than is allowed: its bytes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from course.experiments.attention_variants import HEADS, KINDS, WIDTH, Layer, cost, operation
from course.experiments.metering import peak_bytes, seconds
from course.experiments.rules import (
    CAVEAT,
    INCONCLUSIVE,
    NOT_SUPPORTED,
    SUPPORTED,
    Interval,
    Verdict,
    by_seed,
    flat,
    interval,
)
from course.results.records import Row

COPIES = {"forward": 5, "training": 6}
"""At most how many arrays as large as all scores plain attention holds at once."""
QUADRATIC, LINEAR = 2.0, 1.0


def counts(kind: str, lengths: Iterable[int], bytes_per_number: int) -> list[Row]:
    """Returns the exact counts of a kind, as rows of seed 1.

    Args:
        kind: One of `KINDS`.
        lengths: Of the sequences.
        bytes_per_number: Of the type that is measured.
    """
    rows = []
    for length in lengths:
        found = cost(kind, length)
        rows += [
            Row(kind, 1, length, "operations", float(found.multiplications), 1),
            Row(kind, 1, length, "held", float(found.bytes_held(bytes_per_number)), 1),
            Row(kind, 1, length, "cache", float(found.cache_bytes(bytes_per_number)), 1),
        ]
    return rows


def tasks(kind: str, length: int, like: Tensor) -> dict[str, Callable[[], object]]:
    """Returns what is to be measured, by the name of the metric.

    Args:
        kind: One of `KINDS`.
        length: Of the sequence.
        like: Has the device and the type to compute with.
    """
    read = operation(kind, length, like)
    layer = Layer(read).to(like)
    q, k, v = (torch.randn(1, HEADS, length, WIDTH).to(like) for _ in range(3))
    gates = tuple(torch.rand(1, HEADS, length).to(like) for _ in range(2))
    x = torch.randn(1, length, HEADS * WIDTH).to(like)
    k = torch.nn.functional.normalize(k, dim=-1)

    def alone(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        return read(query, key, value, -gates[0], gates[1])

    def trained(run: Callable[..., Tensor], inputs: list[Tensor], weights: list[Tensor]) -> object:
        inputs = [part.detach().requires_grad_() for part in inputs]
        output = run(*inputs)
        # Gates that only some kinds read get no gradient from the others.
        return torch.autograd.grad(
            output, [*inputs, *weights], torch.ones_like(output), allow_unused=True
        )

    weights: list[Tensor] = list(layer.parameters())
    return {
        "forward": torch.no_grad()(lambda: alone(q, k, v)),
        "training": lambda: trained(alone, [q, k, v], []),
        "layer-forward": torch.no_grad()(lambda: layer(x)),
        "layer-training": lambda: trained(layer, [x], weights),
    }


def measure(kind: str, seed: int, lengths: Iterable[int], like: Tensor, config: Any) -> list[Row]:
    """Measures one kind, from the shortest length on; memory, which is always the same, once.

    Args:
        kind: One of `KINDS`.
        seed: The repetition.
        lengths: Of the sequences.
        like: Has the device and the type to compute with.
        config: `seconds_each`, how long to repeat; `memory_limit` in bytes.
    """
    torch.manual_seed(seed)
    rows: list[Row] = []
    for length in lengths:
        stored = 0 if kind == "fused" else cost(kind, length).bytes_held(like.element_size())
        for name, run in tasks(kind, length, like).items():
            needed = stored * COPIES[name.removeprefix("layer-")]
            found = None
            if needed <= config["memory_limit"]:
                found = _metered(run, like.device, config["seconds_each"], peak=seed == 1)
            if found is None:
                rows.append(Row(kind, seed, length, f"{name}-left-out", float(needed), 1))
                continue
            taken, times, peak = found
            rows.append(Row(kind, seed, length, name, taken, times))
            if peak:
                rows.append(Row(kind, seed, length, f"{name}-bytes", float(peak), 1))
    return rows


def _metered(
    run: Callable[[], object], device: torch.device, budget: float, *, peak: bool
) -> tuple[float, int, int] | None:
    """Seconds, how often timed, and bytes if asked for; None if there was not enough memory."""
    try:
        return *seconds(run, device, budget), peak_bytes(run, device) if peak else 0
    except torch.cuda.OutOfMemoryError:
        torch.cuda.empty_cache()
        return None


def exponents(rows: Iterable[Row], kind: str, metric: str, shortest: int) -> list[float]:
    """Returns for each seed by which power of the length a quantity grows: a line through logs.

    Args:
        rows: The rows of the record.
        kind: One of `KINDS`.
        metric: The quantity.
        shortest: Lengths below it don't count: fixed costs hide there how it grows.
    """
    points: dict[int, list[tuple[float, float]]] = {}
    for row in rows:
        if (row.arm, row.metric) == (kind, metric) and float(row.x) >= shortest:
            points.setdefault(row.seed, []).append((math.log(float(row.x)), math.log(row.value)))
    return [
        float(np.polyfit(*zip(*of_seed, strict=True), 1)[0])  # pyright: ignore[reportCallIssue]
        for of_seed in points.values()
        if len(of_seed) > 1
    ]


def crossover(rows: list[Row], kind: str, other: str, metric: str) -> int | None:
    """Returns the length from which on a kind takes less time than another, where both ran.

    Args:
        rows: The rows of the record.
        kind: One of `KINDS`.
        other: Likewise.
        metric: A time; its mean over seeds counts.

    Returns:
        None if the other is at least as fast at the longest length that both have.
    """

    def times(arm: str) -> Mapping[int, float]:
        known = {int(row.x) for row in rows if (row.arm, row.metric) == (arm, metric)}
        values = {n: by_seed(rows, arm=arm, metric=metric, x=[n]).values() for n in known}
        return {n: sum(found) / len(found) for n, found in values.items()}

    mine, others = times(kind), times(other)
    faster = None
    for length in sorted(mine.keys() & others.keys(), reverse=True):
        if mine[length] >= others[length]:
            break
        faster = length
    return faster


def summarise(rows: Iterable[Row], shortest: int) -> dict[str, float]:
    """Returns exponents with intervals, and crossovers.

    Keys: KIND.time and KIND.memory, the exponents of `training` and of `training-bytes`;
    KIND.layer-time and KIND.layer-memory; KIND.operations and KIND.held, of the counts; each with
    `.low` and `.high`. And KIND.crossover, KIND.crossover-fused, the length from which on training
    a whole layer takes less time than with plain and with fused attention, if there is one.

    Args:
        rows: The rows of the record.
        shortest: See `exponents`.
    """
    rows, found = list(rows), {}
    for kind in KINDS:
        for name, metric in (
            ("time", "training"),
            ("memory", "training-bytes"),
            ("layer-time", "layer-training"),
            ("layer-memory", "layer-training-bytes"),
            ("operations", "operations"),
            ("held", "held"),
        ):
            values = exponents(rows, kind, metric, shortest)
            if values:
                found |= flat(**{f"{kind}__{name}": interval(values)})
        for other, suffix in (("plain", ""), ("fused", "-fused")):
            at = crossover(rows, kind, other, "layer-training") if kind != other else None
            if at is not None:
                found[f"{kind}.crossover{suffix}"] = float(at)
    return found


def judge(summary: Mapping[str, float], effect: float) -> Verdict:
    """Judges the claim by the exponents, over their whole intervals.

    Not supported: time of plain or fused, or memory of plain attention, surely grows more slowly
    than n². Supported: all three, and memory of fused attention, grow at least like n², within the
    effect. With a caveat: the three do, and memory of fused attention grows like n, within the
    effect. Else inconclusive.

    Args:
        summary: See `summarise`.
        effect: By how much an exponent may differ.
    """

    def of(name: str) -> Interval:
        return Interval(summary[name], summary[f"{name}.low"], summary[f"{name}.high"], 0)

    claimed = [of("plain.time"), of("fused.time"), of("plain.memory")]
    least = QUADRATIC - effect
    if any(exponent.high < least for exponent in claimed):
        return NOT_SUPPORTED
    if all(exponent.low >= least for exponent in claimed):
        if of("fused.memory").low >= least:
            return SUPPORTED
        if of("fused.memory").high <= LINEAR + effect:
            return CAVEAT
    return INCONCLUSIVE
