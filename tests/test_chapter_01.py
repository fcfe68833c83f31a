"""Chapter 1: each assertion fails when its arms are swapped."""

import re
from pathlib import Path
from types import SimpleNamespace

import jupytext
import pytest
import torch

from exercises.reading import exercises_in

CHAPTER = Path(__file__).parents[1] / "book" / "chapters" / "01_sequence_transduction.md"
TEXT = CHAPTER.read_text("utf-8")
CELLS = [
    cell.source
    for cell in jupytext.reads(TEXT, fmt="md:myst").cells
    if cell.cell_type == "code" and "%pip" not in cell.source
]

# code below a solution that goes on from it; the solutions themselves are tried with the exercises
FOLLOWING = [
    pytest.param(exercise.solutions[0], code, id=exercise.number)
    for exercise in exercises_in(CHAPTER).values()
    for code in exercise.following
]


def cell_with(*words):
    (found,) = [source for source in CELLS if all(word in source for word in words)]
    return found


@pytest.fixture(scope="module")
def names():
    """What the cells import and define for the code below solutions, without training."""
    imports = [line for source in CELLS for line in source.splitlines()]
    needed = [
        *(line for line in imports if re.match(r"(import|from) ", line)),
        cell_with("sentences = sample").replace("10_000", "5_000"),
        cell_with("both = "),
        cell_with("def new_model"),
        cell_with("def learn").replace("updates=200", "updates=5"),
    ]
    found = {}
    for source in needed:
        exec(source, found)
    return found


@pytest.mark.parametrize(("solution", "following"), FOLLOWING)
def test_what_follows_a_solution_runs(solution, following, names, capsys):
    here = dict(names)
    exec(solution, here)
    exec(following, here)
    assert capsys.readouterr().out


def test_position_assertion_fails_when_swapped():
    check = cell_with("slots, bag, recurrent =")
    shares = {"slots": [1.0, 0.1], "bag": [0.36, 0.26], "recurrent": [1.0, 1.0]}
    exec(check, {"share_right": shares})
    for order in (("recurrent", "bag", "slots"), ("bag", "slots", "recurrent")):
        with pytest.raises(AssertionError):
            exec(check, {"share_right": {name: shares[name] for name in order}})


def test_control_assertion_fails_when_swapped():
    check = cell_with("own < 0.5 * another")
    exec(check, {"errors": {"dates": (0.01, 0.6)}})
    with pytest.raises(AssertionError):
        exec(check, {"errors": {"dates": (0.6, 0.01)}})


def test_false_alarm_assertion_fails_when_swapped():
    check = cell_with('rates["peeking"]')

    def habits(mean, whole, peeking):
        shares = {"better mean": mean, "whole interval": whole, "peeking": peeking}
        return {"habits": {k: torch.arange(100) < 100 * v for k, v in shares.items()}}

    exec(check, habits(0.51, 0.02, 0.06))
    for swapped in ((0.51, 0.06, 0.02), (0.02, 0.51, 0.06), (0.06, 0.02, 0.51)):
        with pytest.raises(AssertionError):
            exec(check, habits(*swapped))


def test_alignment_assertion_fails_when_links_do_not_cross():
    check = cell_with('links["voiture"] ==')
    rows, columns = ["Une", "voiture", "bleue."], ["A", "blue", "car."]
    crossed = torch.tensor([[1.0, 0, 0], [0, 0, 1], [0, 1, 0]])
    exec(check, vars(SimpleNamespace(rows=rows, columns=columns, weights=crossed)))
    with pytest.raises(AssertionError):
        exec(check, vars(SimpleNamespace(rows=rows, columns=columns, weights=torch.eye(3))))
