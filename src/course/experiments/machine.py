"""What was measured on which machine with which code: what each record says about itself."""

from __future__ import annotations

import platform
import subprocess
from pathlib import Path
from typing import Any

import torch

from course.runtime import default_device


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
