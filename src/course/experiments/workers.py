"""Shares the jobs of an experiment among processes: `course experiment NAME --workers N`.

Small models on small batches can't keep sixteen cores or a GPU busy; many of them at once can.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from importlib import import_module
from multiprocessing import get_context

import torch

from course.errors import CourseError
from course.experiments.runner import Done, Job, chosen_rate, perform
from course.results.records import Row


def side_by_side(
    module: str, jobs: list[Job], before: tuple[Row, ...], workers: int
) -> Iterator[Done]:
    """Does jobs in processes of one thread each, and yields what came of each as it is done.

    The longest start first, an arm's runs when its trials are done. After a failure nothing new
    starts; what was under way is finished and yielded before the failure is raised.

    Args:
        module: The full name of the experiment's module.
        jobs: Trials and runs.
        before: Rows measured earlier, for the choice of rates.
        workers: How many processes.

    Raises:
        CourseError: If a process was killed; else whatever a job raised.
    """
    rows, waiting = list(before), sorted(jobs, key=lambda job: (job.rate is None, -job.seconds))
    running: dict[Future[Done], Job] = {}
    failure: BaseException | None = None
    # Spawned: a forked process can't use CUDA, and may copy a lock that some thread holds.
    context = get_context("spawn")
    with ProcessPoolExecutor(workers, context, torch.set_num_threads, (1,)) as pool:
        while running or (waiting and not failure):
            for job in [] if failure else _ready(waiting, running, workers - len(running)):
                waiting.remove(job)
                rate = chosen_rate(rows, job.arm.name)
                running[pool.submit(_perform, module, job, rate)] = job
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                del running[future]
                if error := future.exception():
                    failure = failure or error
                else:
                    rows += future.result().rows
                    yield future.result()
    if isinstance(failure, BrokenProcessPool):
        raise CourseError(
            "A process was killed, perhaps for want of memory: try fewer workers."
        ) from failure
    if failure:
        raise failure


def _ready(waiting: list[Job], running: dict[Future[Done], Job], free: int) -> list[Job]:
    """Returns as many jobs as there are free processes: trials, and runs of arms that are tried."""
    tried = [job.arm for job in (*waiting, *running.values()) if job.rate is not None]
    return [job for job in waiting if job.rate is not None or job.arm not in tried][:free]


def _perform(module: str, job: Job, rate: float) -> Done:
    return perform(import_module(module), job, rate)
