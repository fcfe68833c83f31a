"""Tests of the browser's modules by Node's own runner, with what Python expects of them."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parent / "browser"


def node() -> str:
    """Return the path of Node; without it the test skips."""
    path = os.pathsep.join([os.environ["PATH"], str(Path(sys.executable).parent)])
    found = shutil.which("node", path=path)
    if found is None:
        pytest.skip("needs Node: make setup")
    return found


def run(test: str, fixtures: Path) -> str:
    """Run one of Node's test files; it must pass."""
    result = subprocess.run(
        [node(), "--test", "--test-reporter=spec", str(TESTS / f"{test}.test.mjs")],
        env=os.environ | {"COURSE_FIXTURES": str(fixtures)},
        capture_output=True,
        text=True,
        timeout=500,
    )
    assert result.returncode == 0, result.stdout[-20_000:] + result.stderr[-2000:]
    assert "# fail 0" in result.stdout or "fail 0" in result.stdout
    return result.stdout


def write(folder: Path, name: str, value) -> None:
    """Write what a test reads by `fixture(name)`."""
    # lone surrogates travel as escapes
    (folder / name).write_text(json.dumps(value, allow_nan=False), "utf-8")
