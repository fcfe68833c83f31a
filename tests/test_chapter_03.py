"""Chapter 3: its live comparisons fail when the arms are swapped."""

import re

import pytest

import notebooks as pairs

CHAPTER = pairs.CHAPTERS / "03_teacher_forcing.md"
CELLS = [cell.source for cell in pairs.read_chapter(CHAPTER).cells if cell.cell_type == "code"]


def cell(beginning):
    """Return the one cell that has a line with this beginning."""
    found = [source for source in CELLS if re.search(rf"(?m)^{re.escape(beginning)}", source)]
    assert len(found) == 1, beginning
    return found[0]


def live(forced, free):
    looks = dict.fromkeys(range(75, 251, 25), 0.0)
    errors = {"forced": looks | forced, "free": looks | free}
    return {
        "live": {diet: (None, diet) for diet in errors},
        "looks": lambda diet, metric: errors[diet],
        "UPDATES": 250,
    }


SLOW, QUICK = dict.fromkeys(range(75, 201, 25), 0.6), dict.fromkeys(range(75, 201, 25), 0.2)


def test_the_live_comparison_fails_when_the_diets_are_swapped():
    point = cell("forced, free = ")
    exec(point, live(QUICK, SLOW))
    with pytest.raises(AssertionError):
        exec(point, live(SLOW, QUICK))
    with pytest.raises(AssertionError):
        exec(point, live(QUICK | {250: 0.4}, SLOW))


def test_words_before_sentences():
    point = cell("updates, losses, hits, sentences = ")
    as_it_was = [(0, 3.5, 0.0, 0), (10, 1.5, 0.6, 0), (20, 0.05, 1.0, 6)]
    exec(point, {"table": as_it_was})
    for broken in (
        [(0, 3.5, 0.0, 0), (10, 0.05, 0.6, 0), (20, 0.01, 1.0, 0)],  # a fault in use
        [(0, 3.5, 0.0, 0), (10, 1.5, 0.6, 6), (20, 0.05, 1.0, 6)],
    ):
        with pytest.raises(AssertionError):
            exec(point, {"table": broken})
