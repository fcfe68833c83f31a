"""Chapter 2: its solutions run, and its live comparison fails when the arms are swapped."""

import math
import re

import pytest
import torch

import notebooks as pairs

CHAPTER = pairs.CHAPTERS / "02_bottleneck.md"
TEXT = CHAPTER.read_text("utf-8")
SOLUTIONS = dict(re.findall(r"```python\n# solution: ([\d.]+)\n(.*?)```", TEXT, re.S))
CELLS = [cell.source for cell in pairs.read_chapter(CHAPTER).cells if cell.cell_type == "code"]


def cell(beginning):
    """Return the one cell that has a line with this beginning."""
    found = [source for source in CELLS if re.search(rf"(?m)^{re.escape(beginning)}", source)]
    assert len(found) == 1, beginning
    return found[0]


@pytest.fixture
def chapter():
    """What the solutions need of the chapter, without its training and its pictures."""
    names = {"math": math, "torch": torch, "lengths": [2, 4]}
    exec("from course.runtime import generator\n", names)
    exec("from course.models.seq2seq import Seq2Seq, Seq2SeqConfig\n", names)
    for beginning in ("def digits", "def learn", "def influence", "def lstm", "def context_of"):
        exec(cell(beginning), names)
    return names


def test_there_are_exercises_with_stub_and_solution():
    assert len(SOLUTIONS) >= 6
    stubs = "\n".join(CELLS)
    for number in SOLUTIONS:
        assert re.search(rf"(?m)^(answer|prediction)_{number.replace('.', '_')} = ", stubs), number


@pytest.mark.parametrize("number", sorted(SOLUTIONS))
def test_solution_runs(number, chapter, capsys):
    source = SOLUTIONS[number]
    if number == "2.5":  # what it asserts needs the chapter's training
        source = source.replace("updates=1600", "updates=2")
        source = "\n".join(line for line in source.splitlines() if "assert" not in line)
    exec(source.replace("updates=400", "updates=2"), chapter)
    assert chapter.get(f"answer_{number.replace('.', '_')}", "0.05") is not ...


def test_gradient_answer_is_near_the_direct_path(chapter):
    exec(SOLUTIONS["2.6"], chapter)
    gate = 1 / (1 + math.exp(-chapter["answer_2_6"]))
    assert gate**40 == pytest.approx(0.1, rel=2.0)


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
