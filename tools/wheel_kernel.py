"""The course as a reader gets it: a wheel, installed apart from its source, and a kernel on it.

The kernel shares the installed packages of `.venv`, but finds `course` in the wheel: PYTHONPATH
comes before the editable install.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from notebooks import KERNEL_ENV, ROOT

KERNEL = "course-wheel"


def install(folder: Path) -> Path:
    """Build the wheel from a copy of the sources and install it alone into `folder`.

    Returns:
        The folder to put on PYTHONPATH.
    """
    source, wheels, target = folder / "source", folder / "wheels", folder / "site"
    ignore = shutil.ignore_patterns("__pycache__", "*.egg-info")
    shutil.copytree(ROOT / "src", source / "src", ignore=ignore)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy2(ROOT / name, source / name)
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    _run([*pip, "wheel", "--no-deps", "--no-build-isolation", "-w", str(wheels), str(source)])
    wheel = next(wheels.glob("seq2seq_course-*.whl"))
    _run([*pip, "install", "--no-deps", "--no-compile", "--target", str(target), str(wheel)])
    return target


def environment(folder: Path, target: Path) -> dict[str, str]:
    """Register the kernel below `folder` and return the environment in which Jupyter finds it."""
    ours = KERNEL_ENV | {"PYTHONPATH": str(target), "COURSE_CACHE": str(folder / "cache")}
    ours["COURSE_PROGRESS"] = str(folder / "progress")
    spec = {
        "argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": KERNEL,
        "language": "python",
        "env": ours,
    }
    place = folder / "jupyter" / "kernels" / KERNEL
    place.mkdir(parents=True)
    (place / "kernel.json").write_text(json.dumps(spec), "utf-8")
    clean = {name: value for name, value in os.environ.items() if not name.startswith("COURSE_")}
    return clean | {"JUPYTER_PATH": str(folder / "jupyter")} | KERNEL_ENV


def location(target: Path) -> Path:
    """Return the file from which a kernel of this kind imports `course`."""
    code = "import course; print(course.__file__)"
    found = _run([sys.executable, "-c", code], env=os.environ | {"PYTHONPATH": str(target)})
    return Path(found.strip())


def _run(command: list[str], env: dict[str, str] | None = None) -> str:
    result = subprocess.run(command, capture_output=True, text=True, cwd="/", env=env)
    if result.returncode:
        raise RuntimeError(f"{' '.join(command)}\n{result.stdout}{result.stderr}")
    return result.stdout
