"""The course as a reader on Colab gets it: a bare environment, whose first cell installs a wheel.

The environment has a kernel, pip, and what the wheel says it needs, linked from `.venv` so that
nothing is downloaded: what the course imports without asking for it is missing there.
"""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterable
from email.parser import Parser
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from notebooks import KERNEL_ENV, ROOT

KERNEL = "course-wheel"
BESIDE = ("ipykernel", "pip")
"""What runs a notebook, and what its first cell calls."""


def build(folder: Path) -> Path:
    """Build the wheel from a copy of the sources, below a folder; return the wheel."""
    source, wheels = folder / "source", folder / "wheels"
    ignore = shutil.ignore_patterns("__pycache__", "*.egg-info")
    shutil.copytree(ROOT / "src", source / "src", ignore=ignore)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy2(ROOT / name, source / name)
    command = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    command += ["wheel", "--no-deps", "--no-build-isolation", "-w", str(wheels), str(source)]
    run(command)
    return next(wheels.glob("seq2seq_course-*.whl"))


def bare(folder: Path, wheel: Path) -> Path:
    """Make an environment that lacks nothing but the wheel; return its Python."""
    run([sys.executable, "-m", "venv", "--without-pip", str(folder / "bare")])
    python = folder / "bare" / "bin" / "python"
    purelib = "import sysconfig; print(sysconfig.get_paths()['purelib'])"
    packages = Path(run([str(python), "-c", purelib]).strip())
    for needed in closure([*BESIDE, *requirements(wheel)]):
        link(needed, packages)
    return python


def requirements(wheel: Path) -> list[str]:
    """Return what a wheel asks for."""
    with zipfile.ZipFile(wheel) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        metadata = Parser().parsestr(archive.read(name).decode())
    return metadata.get_all("Requires-Dist") or []


def closure(asked: Iterable[str]) -> list[Distribution]:
    """Return the installed distributions that are asked for, and those that these ask for."""
    found: dict[str, Distribution] = {}
    waiting = [(text, "") for text in asked]
    seen = set(waiting)
    while waiting:
        text, extra = waiting.pop()
        requirement = Requirement(text)
        if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
            continue
        installed = distribution(requirement.name)
        found[canonicalize_name(requirement.name)] = installed
        extras = ("", *sorted(requirement.extras))
        more = {(needed, extra) for needed in installed.requires or () for extra in extras} - seen
        seen |= more
        waiting += more
    return list(found.values())


def link(installed: Distribution, packages: Path) -> None:
    """Link what a distribution has installed into another folder of packages."""
    for name in sorted({file.parts[0] for file in installed.files or () if file.parts[0] != ".."}):
        if name != "__pycache__" and not (packages / name).exists():
            (packages / name).symlink_to(Path(str(installed.locate_file(name))))


def environment(folder: Path, python: Path, wheel: Path) -> dict[str, str]:
    """Register the kernel below `folder` and return the environment in which Jupyter finds it.

    There pip finds the wheel and no index.
    """
    ours = KERNEL_ENV | {"COURSE_CACHE": str(folder / "cache"), "PYTHONNOUSERSITE": "1"}
    ours |= {"COURSE_PROGRESS": str(folder / "progress"), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    ours |= {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(wheel.parent)}
    spec = {
        "argv": [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": KERNEL,
        "language": "python",
        "env": ours,
    }
    place = folder / "jupyter" / "kernels" / KERNEL
    place.mkdir(parents=True)
    (place / "kernel.json").write_text(json.dumps(spec), "utf-8")
    hidden = ("COURSE_", "PYTHONPATH")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(hidden)}
    return clean | {"JUPYTER_PATH": str(folder / "jupyter")} | KERNEL_ENV


def run(command: list[str], env: dict[str, str] | None = None) -> str:
    """Run a command and return what it prints; what it says if it fails is in the error."""
    result = subprocess.run(command, capture_output=True, text=True, cwd="/", env=env)
    if result.returncode:
        raise RuntimeError(f"{' '.join(command)}\n{result.stdout}{result.stderr}")
    return result.stdout
