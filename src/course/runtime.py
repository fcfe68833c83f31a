"""Where the course meets the machine: seeds, the device, and the `COURSE_*` environment variables.

This is the only module that reads those variables:

`COURSE_DEVICE`
    the device to compute on (`cpu`, `cuda`, `cuda:1`, `mps`); by default the best one present.
`COURSE_CACHE`
    the folder for downloaded corpora; by default the operating system's cache folder.
`COURSE_DATA_MIRROR`
    a folder with local copies of the corpora, looked at before anything is downloaded.
`COURSE_PROGRESS`
    the folder in which the exercises note what is solved; by default the user's data folder.
"""

import hashlib
import os
import random
from pathlib import Path
from typing import TypeVar

import numpy as np
import platformdirs
import pooch
import torch

from course.errors import CourseError

T = TypeVar("T")


def set_seed(seed: int) -> torch.Generator:
    """Seed Python, NumPy and PyTorch, and return a CPU generator with the same seed.

    Prefer passing the returned generator on: a function that takes its generator gives the same
    result wherever it is called from.
    """
    random.seed(seed)
    np.random.seed(seed % 2**32)
    torch.manual_seed(seed)
    return torch.Generator().manual_seed(seed)


def generator(seed: int, *scope: str | int) -> torch.Generator:
    """A CPU generator whose stream depends on the seed and on what it is for.

    `generator(1, "batches", 3)` and `generator(1, "dropout")` are independent streams, and each is
    the same on every machine, whichever was asked for first.
    """
    digest = hashlib.sha256(repr((seed, *scope)).encode()).digest()
    return torch.Generator().manual_seed(int.from_bytes(digest[:8], "big") >> 1)


def default_device() -> torch.device:
    """The device named by `COURSE_DEVICE`, else CUDA, Apple's MPS, or the CPU.

    Raises:
        CourseError: if `COURSE_DEVICE` is not a device, or not one that this machine has.
    """
    wanted = os.environ.get("COURSE_DEVICE")
    if wanted:
        return _checked_device(wanted)
    if torch.cuda.is_available():
        return torch.device("cuda")
    if torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")


def _checked_device(name: str) -> torch.device:
    try:
        device = torch.device(name)
        torch.zeros(1, device=device).item()  # the device "meta" makes tensors without numbers
    except (RuntimeError, AssertionError) as error:
        raise CourseError(
            f"This machine cannot compute on the device {name!r}; use cpu, cuda or mps, or leave "
            "the choice to the course (COURSE_DEVICE unset)."
        ) from error
    return device


def use_device(name: str) -> torch.device:
    """Compute on the named device from here on, as if `COURSE_DEVICE` had named it.

    Raises:
        CourseError: if this machine has no such device.
    """
    device = _checked_device(name)
    os.environ["COURSE_DEVICE"] = name
    return device


def autocast_dtype(device: torch.device) -> torch.dtype | None:
    """The type for mixed precision on a device, or None where float32 serves best.

    bfloat16 on GPUs that have it (no loss scaling needed), float16 on older ones; on the CPU and
    on MPS the course's small models gain nothing from it.
    """
    if device.type != "cuda":
        return None
    return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16


def cache_dir() -> Path:
    """The folder for downloads; it need not exist yet."""
    return Path(os.environ.get("COURSE_CACHE") or pooch.os_cache("seq2seq-course")).expanduser()


def progress_dir() -> Path:
    """The folder in which the exercises note what is solved; it need not exist yet."""
    chosen = os.environ.get("COURSE_PROGRESS")
    return Path(
        chosen or platformdirs.user_data_dir("seq2seq-course", appauthor=False)
    ).expanduser()


def data_mirror() -> Path | None:
    """The folder of local copies of the corpora, or None.

    Raises:
        CourseError: if `COURSE_DATA_MIRROR` names something that is not a folder.
    """
    value = os.environ.get("COURSE_DATA_MIRROR")
    if not value:
        return None
    path = Path(value).expanduser()
    if not path.is_dir():
        raise CourseError(
            f"COURSE_DATA_MIRROR is {value!r}, which is not a folder; unset it or correct it."
        )
    return path


def budget(*, cpu: T, gpu: T) -> T:
    """The amount of work for this machine: notebooks train more where there is a GPU."""
    return gpu if default_device().type == "cuda" else cpu
