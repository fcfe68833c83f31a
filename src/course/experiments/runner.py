"""Runs an experiment arm by arm and seed by seed, and records what it measured."""

from __future__ import annotations

import platform
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import torch

from course.errors import CourseError
from course.experiments.rules import rule_sha256
from course.results import folder
from course.results.records import Record, Row, read, write
from course.runtime import default_device

TRIAL = "trial_loss"
TRIAL_SEED = 0


@dataclass(frozen=True, kw_only=True)
class Arm:
    """One variant of an experiment.

    Attributes:
        name: As it stands in the rows.
        seconds: About how long a run takes on one core, for the estimate printed first.
        max_seeds: Where to stop although more seeds are asked for; 0 for never.
        rates: The learning rates to choose among on validation data; empty if there is no choice.
        trial_seconds: About how long the trial of one rate takes.
    """

    name: str
    seconds: float
    max_seeds: int = 0
    rates: tuple[float, ...] = ()
    trial_seconds: float = 0.0

    def seeds(self, asked: int) -> range:
        """Returns the seeds to run, counted from 1.

        Args:
            asked: How many were asked for.
        """
        return range(1, min(asked, self.max_seeds or asked) + 1)


def run_module(
    module: ModuleType | Any,
    *,
    seeds: int,
    out: Path | None = None,
    say: Callable[[str], None] = print,
) -> Record:
    """Runs what is missing of an experiment; see `course.experiments.run`.

    Args:
        module: The experiment.
        seeds: How many seeds.
        out: The record's file.
        say: Where messages go.

    Raises:
        CourseError: As `course.experiments.run`.
    """
    name = module.__name__.rpartition(".")[2]
    path = out or folder() / f"{name}.json"
    record = _resume(module, name, seeds, path)
    jobs = _jobs(module.ARMS, seeds, record)
    say(_estimate(name, jobs))
    for count, (arm, seed, rate) in enumerate(jobs, start=1):
        started = time.perf_counter()
        if rate is None:
            rows = module.measure(arm.name, seed, chosen_rate(record.rows, arm.name))
        else:
            loss = module.trial(arm.name, rate)
            rows = [Row(arm.name, TRIAL_SEED, rate, TRIAL, float(loss), 1)]
        record = replace(record, rows=record.rows + tuple(rows))
        write(record, path)
        what = f"seed {seed}" if rate is None else f"trial of rate {rate:g}"
        seconds = time.perf_counter() - started
        say(f"[{count}/{len(jobs)}] {arm.name}, {what}: {seconds:.1f} s")
    say(f"{name}: {module.verdict(record.rows)}")
    return record


def chosen_rate(rows: tuple[Row, ...], arm: str) -> float:
    """Returns the learning rate whose trial had the lowest validation loss; 0 without trials.

    Args:
        rows: The rows of the record.
        arm: The arm.
    """
    trials = {float(row.x): row.value for row in rows if row.arm == arm and row.metric == TRIAL}
    return min(trials, key=lambda rate: trials[rate], default=0.0)


def _jobs(arms: tuple[Arm, ...], seeds: int, record: Record) -> list[tuple[Arm, int, float | None]]:
    """Lists what is missing: the trials of each arm, then its seeds; seed by seed over all arms."""
    done = {(row.arm, row.seed) for row in record.rows if row.metric != TRIAL}
    tried = {(row.arm, row.x) for row in record.rows if row.metric == TRIAL}
    trials: list[tuple[Arm, int, float | None]] = [
        (arm, TRIAL_SEED, rate)
        for arm in arms
        for rate in arm.rates
        if (arm.name, rate) not in tried
    ]
    runs: list[tuple[Arm, int, float | None]] = [
        (arm, seed, None)
        for seed in range(1, seeds + 1)
        for arm in arms
        if seed in arm.seeds(seeds) and (arm.name, seed) not in done
    ]
    return trials + runs


def _estimate(name: str, jobs: list[tuple[Arm, int, float | None]]) -> str:
    trials = [arm.trial_seconds for arm, _, rate in jobs if rate is not None]
    runs = [arm.seconds for arm, _, rate in jobs if rate is None]
    if not jobs:
        return f"{name}: nothing is missing."
    parts = [
        f"{len(times)} {what} × {sum(times) / len(times):.0f} s"
        for what, times in (("trials", trials), ("runs", runs))
        if times
    ]
    minutes = (sum(trials) + sum(runs)) / 60
    return f"{name}: {' + '.join(parts)}, about {minutes:.0f} min on one core"


def _resume(module: ModuleType | Any, name: str, seeds: int, path: Path) -> Record:
    """Returns the saved record if it can be continued, or an empty one."""
    fresh = Record(
        name=name,
        claim=module.CLAIM,
        command=f"course experiment {name} --seeds {seeds}",
        commit=commit(),
        rule_sha256=rule_sha256(module.RULE),
        config=module.CONFIG,
        env=environment(),
    )
    if not path.exists():
        return fresh
    saved = read(path)
    for what, old, new in (
        ("under another rule", saved.rule_sha256, fresh.rule_sha256),
        ("with another configuration", saved.config, fresh.config),
        ("on another kind of device", saved.env["device"], fresh.env["device"]),
    ):
        if old != new:
            raise CourseError(
                f"{path.name} was made {what} ({old} then, {new} now): "
                "move it away to measure afresh."
            )
    largest = max(fresh, saved, key=lambda record: int(record.command.split()[-1]))
    return replace(saved, command=largest.command)


def environment() -> dict[str, Any]:
    """Describes what could change a number: the kind of device, versions, threads."""
    device = default_device()
    kind = torch.cuda.get_device_name(device) if device.type == "cuda" else platform.machine()
    return {
        "device": device.type,
        "processor": kind,
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
        "python": platform.python_version(),
        "system": platform.system(),
    }


def commit() -> str:
    """Returns the commit of the code that runs, or "unknown" for an installed package."""
    here = Path(__file__).parent
    command = ["git", "-C", str(here), "rev-parse", "HEAD"]
    try:
        found = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return found.stdout.strip()
