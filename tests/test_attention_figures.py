"""What the figures of chapter 10 hold says what was put in, and nothing else."""

import json

import numpy as np
import torch

from course.figures.attention_costs import Point, frontier, mask_shapes
from course.ops.efficient.patterns import sliding_window_mask, strided_mask

CAPTION = "What is drawn here."


def test_masks_can_be_drawn_again_from_their_runs():
    masks = {
        "window": sliding_window_mask(11, window=3, causal=True),
        "dilated": sliding_window_mask(11, window=2, causal=False, dilation=3),
        "strided": strided_mask(13, stride=3, causal=True),
        "blind": np.zeros((3, 3), dtype=bool),
    }
    stored = json.loads(json.dumps(mask_shapes(masks, caption=CAPTION)))
    assert stored["kind"] == "mask-shapes"
    for shape, (name, mask) in zip(stored["data"], masks.items(), strict=True):
        drawn = np.zeros((shape["size"], shape["size"]), dtype=bool)
        for row, runs in zip(drawn, shape["rows"], strict=True):
            for start, stop in runs:
                assert start < stop
                row[start:stop] = True
        assert shape["name"] == name
        np.testing.assert_array_equal(drawn, np.asarray(mask))
    pairs = {row[0]: row[1] for row in stored["table"]["rows"]}
    assert pairs == {"window": 30, "dilated": 27, "strided": 58, "blind": 0}
    assert "window 30 pairs, 25% of all" in stored["alt"]


def test_the_frontier_is_what_nobody_beats():
    points = [
        Point("full", 0.95, 100, 4.0),
        Point("state", 0.5, 10, 1.0),
        Point("worse state", 0.5, 10, 2.0),  # beaten by time alone
        Point("large state", 0.4, 50, 1.0),
        Point("slow and good", 0.95, 99, 5.0),
        Point("twin", 0.5, 10, 1.0),  # equal to another one, not beaten by it
    ]
    stored = frontier(points, caption=CAPTION)
    on = [row[0] for row in stored["table"]["rows"] if row[-1]]
    assert on == ["full", "state", "slow and good", "twin"]
    assert [point["on"] for point in stored["data"]] == [True, True, False, False, True, True]
    assert "Not beaten in all three: full, state, slow and good, twin." in stored["alt"]
    assert stored["data"][0] == {
        "kind": "full",
        "quality": 0.95,
        "kept": 100,
        "seconds": 4,
        "on": True,
    }


def test_tensors_are_taken():
    assert (
        mask_shapes({"all": torch.ones(2, 2)}, caption=CAPTION)["data"][0]["rows"] == [[[0, 2]]] * 2
    )
