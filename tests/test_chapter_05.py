"""Chapter 5: what its cells assert can fail, and its live claims hold on the shipped translator."""

import re

import pytest

import notebooks as pairs

CHAPTER = pairs.CHAPTERS / "05_attention.md"
CELLS = [cell.source for cell in pairs.read_chapter(CHAPTER).cells if cell.cell_type == "code"]


def cell(beginning):
    """Return the one cell that has a line with this beginning."""
    found = [source for source in CELLS if re.search(rf"(?m)^{re.escape(beginning)}", source)]
    assert len(found) == 1, beginning
    return found[0]


OFF = {"right": 1e-7, "no mask": 0.05, "mask after softmax": 0.04, "mask on the wrong axis": 0.05}


def test_the_gallery_of_masks_fails_when_a_bug_is_taken_for_right():
    point = cell('assert off["right"]')
    exec(point, {"off": OFF, "WAYS": OFF})
    for bug in ("no mask", "mask after softmax"):
        swapped = OFF | {"right": OFF[bug], bug: OFF["right"]}
        with pytest.raises(AssertionError):
            exec(point, {"off": swapped, "WAYS": swapped})


def test_the_leak_fails_when_no_neighbour_knows():
    import torch

    point = cell("place = names.index")
    names = ["I", "see", "a", "black", "car", "."]
    exec(point, {"names": names, "changed": torch.tensor([0.1, 0.2, 0.3, 0.9, 0.4, 0.1])})
    for changed in ([0.0, 0.0, 0.0, 0.9, 0.0, 0.0], [0.9, 0.2, 0.3, 0.5, 0.4, 0.1]):
        with pytest.raises(AssertionError):
            exec(point, {"names": names, "changed": torch.tensor(changed)})


def test_the_swap_of_noun_and_adjective_can_fail():
    import torch

    point = cell("voiture, bleue = ")
    crossed = torch.eye(5)[[0, 1, 2, 4, 3]]
    names = {"PAIR": ("", ""), "show_alignment": lambda *texts: crossed}
    exec(point, dict(names))
    with pytest.raises(AssertionError):
        exec(point, names | {"show_alignment": lambda *texts: torch.eye(5)})
