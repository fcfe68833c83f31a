"""Measurements that test no claim: numbers and texts that a chapter quotes (chapter 9).

Each is one JSON file beside the records, made by `python -m course.experiments.NAME`; marks in
prose name the keys that lead to a number, `<!--r:shakespeare/model/test_bits-->`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from course.experiments.machine import commit, environment
from course.training.checkpoints import replace_file


def measure(path: Path, run: Callable[[], dict[str, Any]]) -> None:
    """Measure, and write what was found with what it was made on: command, commit, machine.

    Args:
        path: the file, named after the module that measures.
        run: measures; the keys of its nested dictionaries are the marks.
    """
    content = {
        "schema": 1,
        "command": f"python -m course.experiments.{path.stem}",
        "commit": commit(),
        "env": environment(),
    }
    content |= run()
    text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    replace_file(path, lambda temporary: temporary.write_text(text, encoding="utf-8"))
