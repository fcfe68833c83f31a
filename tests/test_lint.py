"""Format, style and types, so that one run of pytest says all."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent


@pytest.mark.parametrize(
    "command",
    [
        (BIN / "ruff", "format", "--check", "."),
        (BIN / "ruff", "check", "."),
        (ROOT / "node_modules" / ".bin" / "pyright",),
        ("npm", "run", "--silent", "lint"),
    ],
    ids=["ruff format", "ruff check", "pyright", "prettier"],
)
def test_lint(command):
    # two of them are Node scripts, and Node may be the one inside .venv
    environment = os.environ | {"PATH": os.environ["PATH"] + os.pathsep + str(BIN)}
    result = subprocess.run(
        [str(part) for part in command], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert result.returncode == 0, result.stdout + result.stderr
