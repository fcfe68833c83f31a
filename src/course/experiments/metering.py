"""How long a computation takes, and how much memory it needs at its peak, on a CPU or a GPU."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import torch
from torch.profiler import ProfilerActivity, profile

MOST = 9
"""Repetitions."""


def seconds(run: Callable[[], object], device: torch.device, budget: float) -> tuple[float, int]:
    """Returns how long a call takes, the median of so many, and how many that was.

    On a GPU the time between two events on it, so that launching isn't waited for twice.

    Args:
        run: What to time; called once more beforehand, which allocates and compiles.
        device: Where it computes.
        budget: Repeat for about so many seconds, at least once and at most nine times.
    """
    started = time.perf_counter()
    run()
    _wait(device)
    once = time.perf_counter() - started
    times = [_timed(run, device)]
    while len(times) < min(MOST, budget / max(min(once, times[0]), 1e-9)):
        times.append(_timed(run, device))
    return statistics.median(times), len(times)


def _timed(run: Callable[[], object], device: torch.device) -> float:
    if device.type != "cuda":
        started = time.perf_counter()
        run()
        return time.perf_counter() - started
    first, last = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    first.record()
    run()
    last.record()
    _wait(device)
    return first.elapsed_time(last) / 1000


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def peak_bytes(run: Callable[[], object], device: torch.device) -> int:
    """Returns how much more memory is held at once during a call than before it.

    Counted are all bytes of tensors: on a CPU every allocation and release that PyTorch's allocator
    notes, inside kernels too; on a GPU the most that its allocator had given out.

    Args:
        run: What to measure; its result counts, as it is held to the end.
        device: Where it computes.
    """
    if device.type == "cuda":
        _wait(device)
        torch.cuda.reset_peak_memory_stats(device)
        before = torch.cuda.memory_allocated(device)
        run()
        _wait(device)
        return torch.cuda.max_memory_allocated(device) - before
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as noted:
        result = run()
    del result
    results: Any = noted.profiler.kineto_results if noted.profiler else None
    events = [] if results is None else results.events()
    changes = [(e.start_ns(), e.nbytes()) for e in events if e.name() == "[memory]"]
    held = peak = 0
    for _, change in sorted(changes, key=lambda each: each[0]):
        held += change
        peak = max(peak, held)
    return peak
