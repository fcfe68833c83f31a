"""Exported models for the tests: made once below `_build`, as `make book` does."""

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MODELS = ROOT / "_build" / "models"
SCRIPT = """
import sys
from pathlib import Path
from course import zoo
from course.export import export_cached
for name in zoo.names():
    print(export_cached(name, Path(sys.argv[1])))
"""


@cache
def exported() -> dict[str, Path]:
    """The folder of each of the zoo's models.

    In a process of its own: what checks shapes at run time would be exported with the model.
    """
    for package in ("onnx", "onnxscript", "onnxruntime"):
        pytest.importorskip(package, reason="needs the extra `export`: make setup")
    environment = os.environ | {"PYTHONWARNINGS": "ignore"}
    result = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(MODELS)],
        env=environment,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    folders = [Path(line) for line in result.stdout.splitlines() if line.startswith("/")]
    return {folder.name.rsplit("-", 2)[0]: folder for folder in folders}
