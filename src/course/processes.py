"""Several processes, one run: who speaks and writes, and how the others learn what came of it.

`torchrun` starts the same program several times and tells each copy its number. Everything here
works in a program that runs alone as well, where nothing has to be exchanged.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, TypeVar

import torch
import torch.distributed as dist
from accelerate import Accelerator, PartialState
from accelerate.state import AcceleratorState
from torch import Tensor

from course.errors import CourseError
from course.runtime import default_device

A = TypeVar("A")
B = TypeVar("B")


def _together() -> bool:
    return dist.is_available() and dist.is_initialized()


def count() -> int:
    """How many processes this run has."""
    return dist.get_world_size() if _together() else 1


def number() -> int:
    """Which of them this is, from 0."""
    return dist.get_rank() if _together() else 0


def is_main() -> bool:
    """Whether this is the process that prints and writes."""
    return number() == 0


def join() -> None:
    """Meet the other processes, if the launcher started any.

    Raises:
        CourseError: if there are more processes than GPUs, or all were sent to one.
    """
    here = int(os.environ.get("LOCAL_WORLD_SIZE", 1))
    if "LOCAL_RANK" not in os.environ or _together():
        return
    device = default_device()
    if device.type == "cuda" and here > 1 and device.index is not None:
        raise CourseError(
            f"Several processes cannot share {device}; with the device cuda each takes its own GPU."
        )
    if device.type == "cuda" and here > torch.cuda.device_count():
        raise CourseError(
            f"There are {here} processes here and only {torch.cuda.device_count()} GPUs; start as "
            "many processes as there are GPUs, or choose the device cpu."
        )
    with others_alive():
        PartialState(cpu=device.type == "cpu")


def leave() -> None:
    """Part from the other processes, at the end of a program that has joined them."""
    if _together():
        dist.destroy_process_group()


def device() -> torch.device:
    """The device of this process: among several, each has its own GPU."""
    own = PartialState().device if _together() else None
    return default_device() if own is None else own


@contextmanager
def accelerator(precision: str) -> Iterator[Accelerator]:
    """Accelerate, set up for one training and put away after it.

    It keeps its state for as long as Python runs and then refuses another precision or device, and
    `notebook_launcher` after any use. Hence the second part, for which it has no public name.
    """
    join()
    try:
        yield Accelerator(
            mixed_precision=precision, cpu=device().type == "cpu", device_placement=False
        )
    finally:
        AcceleratorState._reset_state(reset_partial_state=not _together())


@contextmanager
def others_alive() -> Iterator[None]:
    """Turn the many ways in which libraries report that another process is gone into one sentence.

    Raises:
        CourseError: if it is.
    """
    try:
        yield
    except RuntimeError as error:
        # Gloo has no exception of its own, only messages.
        signs = ("gloo", "connection", "nccl", "timed out")
        if "LOCAL_RANK" not in os.environ or not any(sign in str(error).lower() for sign in signs):
            raise
        raise CourseError(
            "Another process of this run has ended or cannot be reached; what it said, if "
            "anything, is the reason. The same command goes on from the last checkpoint."
        ) from error


def on_main(task: Callable[[], A]) -> A:
    """Let the main process do something; all get its result, or its mistake.

    Raises:
        CourseError: what the task raised.
    """
    if count() == 1:
        return task()
    outcome: list[Any] = [None, None]
    if is_main():
        try:
            outcome[0] = task()
        except (CourseError, OSError) as error:  # else the others would wait for ever
            outcome[1] = error
    with others_alive():
        dist.broadcast_object_list(outcome, src=0, device=device())
    if outcome[1] is not None:
        raise outcome[1]
    return outcome[0]


def share(items: Sequence[A], work: Callable[[Sequence[A]], list[B]]) -> list[B]:
    """Let each process work on every n-th item; all get all results, in the order of the items."""
    n = count()
    if n == 1:
        return work(items)
    mine = items[number() :: n]
    parts: list[Any] = [None] * n
    with others_alive():
        dist.all_gather_object(parts, work(mine) if mine else [])
    return [parts[i % n][i // n] for i in range(len(items))]


def total(*numbers: float) -> tuple[float, ...]:
    """The sums over all processes of some numbers."""
    if count() == 1:
        return numbers
    sums = torch.tensor(numbers, dtype=torch.float64, device=device())
    with others_alive():
        dist.all_reduce(sums)
    return tuple(sums.tolist())


def spread(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """Copies, on the CPU, of the tensors that the main process has; the others' are ignored.

    One after the other, so that a GPU has to hold no more than one of them.
    """
    if count() == 1:
        return tensors
    kinds = on_main(lambda: [(name, each.shape, each.dtype) for name, each in tensors.items()])
    found = {}
    for name, shape, dtype in kinds:
        each = tensors[name] if is_main() else torch.empty(shape, dtype=dtype)
        each = each.to(device()).contiguous()
        with others_alive():
            dist.broadcast(each, src=0)
        found[name] = each.cpu()
    return found


def first_to_say(sentence: str) -> bool:
    """Whether none of the processes that `torchrun` started has said the sentence yet.

    They need not have joined: `torchrun` itself keeps a small store for them.
    """
    address = os.environ["MASTER_ADDR"], int(os.environ["MASTER_PORT"])
    try:
        store = dist.TCPStore(  # pyright: ignore[reportPrivateImportUsage]
            *address, is_master=False, timeout=timedelta(seconds=5)
        )
        return store.add(f"course/said/{sentence}", 1) == 1
    except RuntimeError:  # better twice than never
        return True
