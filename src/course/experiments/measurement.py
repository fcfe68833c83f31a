"""Measurements that test no claim: numbers and texts that a chapter quotes (chapter 9).

Each is one JSON file beside the records, made by `python -m course.experiments.NAME`; marks in
prose name the keys that lead to a number, `<!--r:shakespeare/model/test_bits-->`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from course.experiments.runner import commit, environment
from course.training.checkpoints import replace_file


def store(path: Path, content: dict[str, Any]) -> None:
    """Write a measurement with what it was made on: the command, the commit, the machine.

    Args:
        path: the file, named after the module that measured.
        content: nested dictionaries; their keys are the marks.
    """
    head = {
        "schema": 1,
        "command": f"python -m course.experiments.{path.stem}",
        "commit": commit(),
        "env": environment(),
    }
    text = json.dumps(head | content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    replace_file(path, lambda temporary: temporary.write_text(text, encoding="utf-8"))
