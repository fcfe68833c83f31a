"""Exercises as they stand in the chapters, and trying an answer in place of a stub."""

import ast
import contextlib
import io
import itertools
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import course.exercises
import notebooks
from course.exercises import checking
from stale import plain_python

HEADING = re.compile(r"(?m)^#{1,3} .*$")
EXERCISE = re.compile(r"^### Exercise (\d+\.\d+): (\S.*)$")
SOLUTION = re.compile(r"```python\n# solution: ([\d.]+)\n(.*?)```", re.S)
LINES = {"check", "predict", "compare"}


@dataclass
class Exercise:
    """One exercise of a chapter: its words, the code of its cells, and its solution."""

    number: str
    title: str
    path: Path
    text: str = ""
    cells: list[str] = field(default_factory=list)

    @property
    def chapter(self) -> int:
        return int(self.number.partition(".")[0])

    @property
    def solutions(self) -> list[str]:
        return [code for number, code in SOLUTION.findall(self.text) if number == self.number]

    @property
    def following(self) -> list[str]:
        """Code that goes on from the solution, such as training with it."""
        fences = re.findall(r"(?ms)^```python\n(.*?)^```", self.text)
        return [code for code in fences if not code.startswith("# solution")]

    @property
    def lines(self) -> list[tuple[str, ast.Expr]]:
        """The top-level check, predict and compare lines of the cells, with their functions."""
        found = []
        for node in itertools.chain(*(ast.parse(cell).body for cell in self.cells)):
            match node:
                case ast.Expr(value=ast.Call(func=ast.Name(id=name))) if name in LINES:
                    found.append((name, node))
        return found

    @property
    def is_prediction(self) -> bool:
        return any(name == "predict" for name, _ in self.lines)


@cache
def chapter_of(number: int) -> Path:
    """The text of a chapter."""
    (path,) = notebooks.CHAPTERS.glob(f"{number:02}_*.md")
    return path


@cache
def exercises_in(path: Path) -> dict[str, Exercise]:
    """The exercises of a chapter, by number."""
    found: dict[str, Exercise] = {}
    here: Exercise | None = None
    for cell in notebooks.read_chapter(path).cells:
        if cell.cell_type == "code":
            if here:
                here.cells.append(plain_python(cell.source))
            continue
        hidden = re.sub(r"(?ms)^```.*?^```", lambda m: "`" * len(m[0]), cell.source)
        starts = [match.start() for match in HEADING.finditer(hidden)]
        for start, end in itertools.pairwise([0, *starts, len(cell.source)]):
            part = cell.source[start:end]
            if start in starts:
                matched = EXERCISE.match(part.partition("\n")[0])
                here = Exercise(matched[1], matched[2], path) if matched else None
                if here:
                    assert here.number not in found, f"two exercises {here.number}"
                    found[here.number] = here
            if here:
                here.text += part
    return found


@cache
def setup(path: Path) -> dict[str, Any]:
    """The names that the cells tagged `exercise-setup` give."""
    names: dict[str, Any] = {"__name__": "__main__"}
    for cell in notebooks.read_chapter(path).cells:
        if cell.cell_type == "code" and "exercise-setup" in cell.metadata.get("tags", []):
            exec(compile(plain_python(cell.source), f"<setup of {path.stem}>", "exec"), names)
    return names


def run(code: Any, names: dict[str, Any]) -> str:
    """Run code and return what it prints."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(code if not isinstance(code, str) else compile(code, "<answer>", "exec"), names)
    return out.getvalue()


def stub_names(exercise: Exercise) -> tuple[dict[str, Any], str]:
    """Run the cells as they stand; return their names, and what they printed."""
    course.exercises._predicted.clear()
    course.exercises._counted.clear()
    names = dict(setup(exercise.path))
    return names, "".join(run(cell, names) for cell in exercise.cells)


def attempt(exercise: Exercise, code: Any, names: dict[str, Any], **functions: Any) -> str:
    """Run an answer and then the check lines; return what those print."""
    course.exercises._counted.clear()  # every attempt is a first one
    names = names | functions
    run(code, names)
    lines = [node for _, node in exercise.lines]
    return run(compile(ast.Module(body=lines, type_ignores=[]), "<check>", "exec"), names)


def answer_of(exercise: Exercise, code: Any, names: dict[str, Any]) -> Any:
    """What an answer hands to check."""
    handed: list[Any] = []
    attempt(exercise, code, names, check=lambda number, answer: handed.append(answer))
    assert len(handed) == 1, f"{exercise.number} has one check line"
    return handed[0]


@contextlib.contextmanager
def seeds_from(first: int):
    """Make the fresh random inputs of the checks the same each time."""
    counting = itertools.count(first * 1000)
    before = checking.fresh_seed
    checking.fresh_seed = lambda: next(counting)
    try:
        yield
    finally:
        checking.fresh_seed = before
