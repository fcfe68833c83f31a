"""Chapter 2: its live comparison fails when the arms are swapped."""

import math
import re

import pytest
import torch

import notebooks as pairs
from exercises.reading import exercises_in

CHAPTER = pairs.CHAPTERS / "02_bottleneck.md"
TEXT = CHAPTER.read_text("utf-8")
SOLUTIONS = dict(re.findall(r"```python\n# solution: ([\d.]+)\n(.*?)```", TEXT, re.S))
# code below a solution that goes on from it; the solutions themselves are tried with the exercises
FOLLOWING = [
    pytest.param(exercise.solutions[0], code, id=exercise.number)
    for exercise in exercises_in(CHAPTER).values()
    for code in exercise.following
]
CELLS = [cell.source for cell in pairs.read_chapter(CHAPTER).cells if cell.cell_type == "code"]


def cell(beginning):
    """Return the one cell that has a line with this beginning."""
    found = [source for source in CELLS if re.search(rf"(?m)^{re.escape(beginning)}", source)]
    assert len(found) == 1, beginning
    return found[0]


@pytest.fixture
def lstm():
    """The chapter's measurement of an untrained LSTM's gradient."""
    names = {"math": math, "torch": torch}
    for beginning in ("def influence", "def lstm"):
        exec(cell(beginning), names)
    return names["lstm"]


def test_least_bias_is_near_the_direct_path(lstm, capsys):
    exec(SOLUTIONS["2.6"], names := {})
    bias = names["least_bias"](lstm)
    assert (1 / (1 + math.exp(-bias))) ** 40 == pytest.approx(0.1, rel=2.0)


@pytest.mark.parametrize(("solution", "following"), FOLLOWING)
def test_what_follows_a_solution_runs(solution, following, capsys):
    names = {"lengths": [2, 4]}
    exec(next(source for source in CELLS if "from course.exercises import" in source), names)
    exec("from course.runtime import generator\n", names)
    for beginning in ("def digits", "def learn"):
        exec(cell(beginning), names)
    exec(solution, names)
    short = re.sub(r"updates=\d+", "updates=2", following).replace("(400, 1600)", "(1, 2)")
    exec(short, names)
    assert capsys.readouterr().out


ERRORS = {"one vector": [0.0, 0.0, 0.1, 0.3, 0.4, 0.5], "attention": [0.0, 0.0, 0.0, 0.0, 0.0, 0.1]}


def test_live_comparison_holds_and_fails_when_the_arms_are_swapped():
    point = cell("rise = ")
    exec(point, {"errors": ERRORS})
    swapped = dict(zip(ERRORS, reversed(ERRORS.values()), strict=True))
    with pytest.raises(AssertionError):
        exec(point, {"errors": swapped})


def test_probe_comparison_fails_when_trained_and_untrained_are_swapped():
    point = cell("before, after = ")
    read = {"untrained": [0.3, 0.4, 0.4, 0.5, 0.9, 1.0], "trained": [0.6, 0.4, 0.4, 0.5, 0.5, 1.0]}
    names = {"error": lambda model, n: 0.08, "classic": None}
    exec(point, {"read": read, **names})
    swapped = dict(zip(read, reversed(read.values()), strict=True))
    with pytest.raises(AssertionError):
        exec(point, {"read": swapped, **names})
