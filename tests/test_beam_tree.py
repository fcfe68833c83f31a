"""The picture of a search: nothing overlaps, and what is drawn is what was searched."""

import matplotlib.pyplot as plt
import pytest

from course import plotting
from course.figures.beam_tree import Leaf, beam_tree


@pytest.fixture
def drawn():
    """A tree with the longest labels, drawn in the size that its docstring asks for."""
    statuses = ["kept", "kept", "finished", "pruned", "pruned", "pruned"]
    levels = [
        [
            Leaf("mmmmmmmmmmmm"[: 12 - i], "0.00034", i % 3 if depth else None, status)
            for i, status in enumerate(statuses)
        ]
        for depth in range(5)
    ]
    with plt.rc_context():
        plotting.use_style()
        fig, ax = plt.subplots(figsize=(0.72 * 6, 0.6 * 5 + 1))
        beam_tree(ax, levels, title="A finding")
        fig.draw_without_rendering()
        yield fig, ax, levels
        plt.close(fig)


def test_labels_do_not_overlap_and_stay_inside(drawn):
    fig, ax, _ = drawn
    boxes = [text.get_bbox_patch().get_window_extent() for text in ax.texts]
    for i, one in enumerate(boxes):
        assert fig.bbox.x0 <= one.x0 and one.x1 <= fig.bbox.x1, ax.texts[i].get_text()
        for j, other in enumerate(boxes[:i]):
            assert not one.overlaps(other), (ax.texts[i].get_text(), ax.texts[j].get_text())


def test_every_hypothesis_is_written_and_joined_to_its_parent(drawn):
    _, ax, levels = drawn
    leaves = sum(map(len, levels))
    assert len(ax.texts) == leaves + 1 and len(ax.lines) == leaves
    for line, leaf in zip(ax.lines, (leaf for level in levels for leaf in level), strict=True):
        start = line.get_xdata()[0]
        assert start == (2.5 if leaf.parent is None else leaf.parent)


def test_long_labels_are_cut_and_statuses_differ(drawn):
    _, ax, _ = drawn
    words = [text.get_text().split("\n")[0] for text in ax.texts[1:]]
    assert all(word.startswith("mm") and word.endswith("…") for word in words[:6])
    looks = {
        (text.get_color(), text.get_weight(), text.get_bbox_patch().get_linewidth())
        for text in ax.texts[2:7]
    }
    assert len(looks) == 3
