"""Runs an experiment arm by arm and seed by seed, and records what it measured."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from course.errors import CourseError
from course.experiments.machine import commit, environment
from course.experiments.rules import rule_sha256
from course.results import folder, records
from course.results.records import Record, Row, read, require_writable, write

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


class Job(NamedTuple):
    """One thing to do: the trial of a learning rate of an arm, or its run with a seed.

    Attributes:
        arm: The arm.
        seed: The seed; `TRIAL_SEED` for a trial.
        rate: The learning rate to try; None for a run, which takes the best of the trials.
    """

    arm: Arm
    seed: int
    rate: float | None

    @property
    def seconds(self) -> float:
        """About how long it takes."""
        return self.arm.seconds if self.rate is None else self.arm.trial_seconds

    def __str__(self) -> str:
        """Says what it is, for messages."""
        what = f"seed {self.seed}" if self.rate is None else f"trial of rate {self.rate:g}"
        return f"{self.arm.name}, {what}"


class Done(NamedTuple):
    """What came of a job.

    Attributes:
        job: The job.
        rows: What it measured.
        seconds: How long it took.
    """

    job: Job
    rows: tuple[records.Row, ...]  # by its full name, which the site's pages can tell apart
    seconds: float


def perform(module: ModuleType | Any, job: Job, rate: float) -> Done:
    """Does one job.

    Args:
        module: The experiment.
        job: The job.
        rate: The learning rate chosen for its arm; a trial brings its own.
    """
    started = time.perf_counter()
    if job.rate is None:
        rows = module.measure(job.arm.name, job.seed, rate)
    else:
        loss = module.trial(job.arm.name, job.rate)
        rows = [Row(job.arm.name, TRIAL_SEED, job.rate, TRIAL, float(loss), 1)]
    return Done(job, tuple(rows), time.perf_counter() - started)


def run_module(
    module: ModuleType | Any,
    *,
    seeds: int,
    out: Path | None = None,
    workers: int = 1,
    say: Callable[[str], None] = print,
) -> Record:
    """Runs what is missing of an experiment; see `course.experiments.run`.

    Args:
        module: The experiment.
        seeds: How many seeds.
        out: The record's file.
        workers: How many processes share the work.
        say: Where messages go.

    Raises:
        CourseError: As `course.experiments.run`.
    """
    name = module.__name__.rpartition(".")[2]
    path = out or folder() / f"{name}.json"
    record = _resume(module, name, seeds, workers, path)
    jobs = _jobs(module.ARMS, seeds, record)
    say(_estimate(name, jobs, workers))
    if jobs:
        require_writable(path)
    found: dict[Job, tuple[Row, ...]] = {}
    before = record.rows
    for done in _work(module, jobs, before, workers):
        found[done.job] = done.rows
        # In the order of the jobs, whichever was done first: a record doesn't depend on workers.
        rows = (row for job in jobs for row in found.get(job, ()))
        record = replace(record, rows=(*before, *rows))
        write(record, path)
        say(f"[{len(found)}/{len(jobs)}] {done.job}: {done.seconds:.1f} s")
    say(f"{name}: {module.verdict(record.rows)}")
    return record


def _work(
    module: ModuleType | Any, jobs: list[Job], before: tuple[Row, ...], workers: int
) -> Iterator[Done]:
    """Does the jobs, here one after the other, or several at a time in processes of their own."""
    if workers > 1:
        from course.experiments.workers import side_by_side

        if why := getattr(module, "ONE_AT_A_TIME", None):
            raise CourseError(f"This experiment runs without --workers: {why}")
        yield from side_by_side(module.__name__, jobs, before, workers)
        return
    rows = list(before)
    for job in jobs:
        done = perform(module, job, chosen_rate(rows, job.arm.name))
        rows += done.rows
        yield done


def chosen_rate(rows: Iterable[Row], arm: str) -> float:
    """Returns the learning rate whose trial had the lowest validation loss; 0 without trials.

    Args:
        rows: The rows of the record.
        arm: The arm.
    """
    trials = {float(row.x): row.value for row in rows if row.arm == arm and row.metric == TRIAL}
    return min(trials, key=lambda rate: trials[rate], default=0.0)


def _jobs(arms: tuple[Arm, ...], seeds: int, record: Record) -> list[Job]:
    """Lists what is missing: the trials of each arm, then its seeds; seed by seed over all arms."""
    done = {(row.arm, row.seed) for row in record.rows if row.metric != TRIAL}
    tried = {(row.arm, row.x) for row in record.rows if row.metric == TRIAL}
    trials = [
        Job(arm, TRIAL_SEED, rate)
        for arm in arms
        for rate in arm.rates
        if (arm.name, rate) not in tried
    ]
    runs = [
        Job(arm, seed, None)
        for seed in range(1, seeds + 1)
        for arm in arms
        if seed in arm.seeds(seeds) and (arm.name, seed) not in done
    ]
    return trials + runs


def _estimate(name: str, jobs: list[Job], workers: int) -> str:
    trials = [job.seconds for job in jobs if job.rate is not None]
    runs = [job.seconds for job in jobs if job.rate is None]
    if not jobs:
        return f"{name}: nothing is missing."
    parts = [
        f"{len(times)} {what} × {sum(times) / len(times):.0f} s"
        for what, times in (("trials", trials), ("runs", runs))
        if times
    ]
    minutes = (sum(trials) + sum(runs)) / 60
    shared = f", shared by {workers} processes" if workers > 1 else ""
    return f"{name}: {' + '.join(parts)}, about {minutes:.0f} min on one core{shared}"


def _resume(module: ModuleType | Any, name: str, seeds: int, workers: int, path: Path) -> Record:
    """Returns the saved record if it can be continued, or an empty one."""
    fresh = Record(
        name=name,
        claim=module.CLAIM,
        command=f"course experiment {name} --seeds {seeds}",
        commit=commit(),
        rule_sha256=rule_sha256(module.RULE),
        config=module.CONFIG,
        env=environment() | ({"threads": 1, "workers": workers} if workers > 1 else {}),
    )
    if not path.exists():
        return fresh
    saved = read(path)
    try:
        device, _ = saved.env["device"], _seeds(saved)
    except (ValueError, IndexError, TypeError, KeyError, AttributeError):
        raise CourseError(
            f"{path} is damaged: it doesn't say on what device and with how many seeds it was "
            "made. Move it away to measure afresh."
        ) from None
    for what, old, new in (
        ("under another rule", saved.rule_sha256, fresh.rule_sha256),
        ("with another configuration", saved.config, fresh.config),
        ("on another kind of device", device, fresh.env["device"]),
    ):
        if old != new:
            raise CourseError(
                f"{path.name} was made {what} ({old} then, {new} now): "
                "move it away to measure afresh."
            )
    largest = max(fresh, saved, key=_seeds)
    return replace(saved, command=largest.command)


def _seeds(record: Record) -> int:
    """Returns the number of seeds that a record's command asks for."""
    return int(record.command.split()[-1])
