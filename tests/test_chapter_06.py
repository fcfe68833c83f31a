"""Chapter 6: what its cells assert can fail."""

import re

import pytest
import torch

import notebooks as pairs

CHAPTER = pairs.CHAPTERS / "06_bahdanau_vs_luong.md"
CELLS = [cell.source for cell in pairs.read_chapter(CHAPTER).cells if cell.cell_type == "code"]


def line(beginning):
    """Return the one line of the cells with this beginning."""
    found = re.findall(rf"(?m)^ *({re.escape(beginning)}.*)$", "\n".join(CELLS))
    assert len(found) == 1, beginning
    return found[0]


@pytest.mark.parametrize(
    ("beginning", "right", "wrong"),
    [
        (
            'assert took["additive"]',
            {"took": {"additive": 3.0, "dot": 1.0}},
            {"took": {"additive": 1.0, "dot": 1.0}},
        ),
        (
            'assert whole["additive"]',
            {"took": {"additive": 9.0, "dot": 1.0}, "whole": {"additive": 3.0, "dot": 2.0}},
            {"took": {"additive": 1.2, "dot": 1.0}, "whole": {"additive": 3.0, "dot": 2.0}},
        ),
        (
            'assert took["previous"]',
            {"took": {"previous": 2.0, "current": 1.0}},
            {"took": {"previous": 1.0, "current": 1.1}},
        ),
        (
            'assert kept["local-p, at its best"]',
            {"kept": {"local-p, at its best": 0.6, "local-m": 0.5}},
            {"kept": {"local-p, at its best": 0.5, "local-m": 0.6}},
        ),
        (
            "assert scores[0, :2].min()",
            {"scores": torch.tensor([[1.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 1.0]])},
            {"scores": torch.tensor([[1.0, 1.0, 0.0, 0.0], [1.0, 1.0, 0.0, 0.0]])},
        ),
        (
            "assert scores.argmax(1)",
            {"scores": torch.tensor([[1.0, 0.0], [0.0, 1.0]])},
            {"scores": torch.tensor([[1.0, 0.0], [1.0, 0.0]])},
        ),
    ],
)
def test_what_is_asserted_can_fail(beginning, right, wrong):
    point = line(beginning)
    exec(point, dict(right))
    with pytest.raises(AssertionError):
        exec(point, dict(wrong))


def cell(part):
    found = [source for source in CELLS if part in source]
    assert len(found) == 1, part
    return found[0]


def test_the_loops_would_notice_another_score():
    """The cell that compares each score with the package fails when two loops change places."""
    names: dict = {}
    for part in ("from course.runtime import generator", "from itertools import product"):
        exec(cell(part), names)
    for part in ("readers = {", "loops = {"):
        exec(cell(part), names)
    names["loops"]["dot"], names["loops"]["general"] = (
        names["loops"]["general"],
        names["loops"]["dot"],
    )
    with pytest.raises(AssertionError, match="not close"):
        exec(cell("def one_by_one"), names)


def test_a_spoilt_context_reaches_nothing_later_unless_it_is_fed():
    """What the prose says of the three decoders holds for every seed, not for one."""
    names: dict = {}
    for part in ("from course.runtime import generator", "from itertools import product"):
        exec(cell(part), names)
    exec("from course.models.seq2seq import Seq2Seq, Seq2SeqConfig", names)
    exec(cell("small = {").partition("\nfor ")[0], names)
    exec(cell("def reached"), names)
    assert names["reached"](query="previous") == [False, True, True, True, True]
    assert names["reached"](query="current") == [False, True, False, False, False]
    fed = names["reached"](query="current", input_feeding=True)
    assert fed == [False, True, True, True, True]
