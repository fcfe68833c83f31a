"""What a measurement leaves behind: rows of numbers, and the circumstances that made them.

A record holds what was measured and nothing derived from it. Summaries, intervals and verdicts are
computed from its rows by the pure functions of the experiment that made it.
"""

from __future__ import annotations

import json
import math
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from course.errors import CourseError

SCHEMA = 1
X = int | float | str


@dataclass(frozen=True)
class Row:
    """One number: what `arm` scored with `seed` at `x`.

    Attributes:
        arm: The variant that was measured, as its experiment names it.
        seed: The seed of the run; arms with the same seed saw the same data in the same order.
        x: What the number depends on (a length, a distance, a width, a bin), or a word.
        metric: The name of the quantity.
        value: The number itself, finite.
        n: How many items (sentences, symbols, sequences) it was averaged over.
    """

    arm: str
    seed: int
    x: X
    metric: str
    value: float
    n: int

    def __post_init__(self) -> None:
        """Refuses what a record must not hold: values that are not finite, names that hide a mark.

        Raises:
            CourseError: If the value is not finite or a name holds a slash.
        """
        if not math.isfinite(self.value):
            raise CourseError(
                f"{self.arm}, seed {self.seed}, {self.metric} at {x_text(self.x)} is {self.value}: "
                "a record holds finite numbers only, so find out why the run diverged."
            )
        if any("/" in part for part in (self.arm, x_text(self.x), self.metric)):
            raise CourseError(
                f"No slash in the names of a row: {self.arm}, {self.x}, {self.metric}"
            )


@dataclass(frozen=True, kw_only=True)
class Record:
    """A recorded experiment: its rows, and what is needed to judge and repeat it.

    Attributes:
        name: The experiment and the file, such as "c01_bottleneck".
        claim: The claim it tests, such as "C1".
        command: The command that makes it again.
        commit: The commit of the code that ran.
        rule_sha256: The hash of the decision rule that was fixed before the run.
        config: Sizes, rates and lengths of the experiment.
        env: The kind of device, the versions.
        rows: What was measured.
        schema: The version of this layout.
    """

    name: str
    claim: str
    command: str
    commit: str
    rule_sha256: str
    config: dict[str, Any]
    env: dict[str, Any]
    rows: tuple[Row, ...] = field(default=())
    schema: int = SCHEMA

    def select(self, *, arm: str | None = None, metric: str | None = None) -> list[Row]:
        """Returns the rows of one arm, of one metric, or of both, in the order they were measured.

        Args:
            arm: Keep this arm only.
            metric: Keep this metric only.
        """
        return [row for row in self.rows if arm in (None, row.arm) and metric in (None, row.metric)]


def x_text(x: X) -> str:
    """Writes an x as marks in prose write it: numbers as `%g` does, words as they are.

    Args:
        x: The x of a row.
    """
    return x if isinstance(x, str) else f"{x:g}"


def read(path: Path) -> Record:
    """Reads a record from its JSON file.

    Args:
        path: The file.

    Raises:
        CourseError: If the file is no record, or of a layout this version does not know.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        rows = tuple(Row(**row) for row in content.pop("rows"))
        record = Record(**content, rows=rows)
    except (
        ValueError,
        TypeError,
        KeyError,
        AttributeError,
        IsADirectoryError,
        RecursionError,
    ) as error:
        why = "it is no text" if isinstance(error, UnicodeDecodeError) else error
        raise CourseError(
            f"{path} is not a record of an experiment ({why}); name another file."
        ) from error
    if record.schema != SCHEMA:
        raise CourseError(f"{path} has schema {record.schema}; this version reads {SCHEMA}.")
    return record


def require_writable(path: Path) -> None:
    """Makes sure that a record can be written, before hours are spent on measuring it.

    Args:
        path: Where it is to be written.

    Raises:
        CourseError: If it can't be.
    """
    probe = path.with_suffix(f".{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise CourseError(
            f"{path} cannot be written ({error.strerror}); choose another place."
        ) from None


def write(record: Record, path: Path) -> None:
    """Writes a record atomically, one row a line, so that a diff shows what was added.

    Args:
        record: The record.
        path: Where to write it; a killed write leaves the file as it was.
    """
    content = asdict(record)
    rows = content.pop("rows")
    head = {key: content[key] for key in ("schema", "name", "claim", "command", "commit")}
    head |= {key: content[key] for key in ("rule_sha256", "config", "env")}
    text = json.dumps(head, indent=1, allow_nan=False)
    lines = ",\n".join("  " + json.dumps(row, allow_nan=False) for row in rows)
    text = text.removesuffix("\n}") + f',\n "rows": [\n{lines}\n ]\n}}\n'
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(f".{os.getpid()}.tmp")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(path)
