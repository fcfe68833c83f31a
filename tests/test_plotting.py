"""Pictures: what is drawn, what is stored."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import same_color, to_hex

from course import plotting
from course.errors import CourseError
from course.figures.palette import contrast, mark, palette, text
from course.plotting import Series


@pytest.fixture(autouse=True)
def figure():
    plotting.use_style()
    yield
    plt.close("all")


def draw_lines(series, **options):
    fig, ax = plt.subplots()
    plotting.lines(ax, series, x="length (words)", y="errors", title="It rises", **options)
    return fig, ax


def test_lines_have_the_colours_of_their_roles():
    _, ax = draw_lines([Series("a", [1, 2], [3, 5], role="none", style="dashed")])
    line = ax.lines[0]
    assert same_color(line.get_color(), mark("none"))
    assert line.get_linestyle() == "--"
    label = ax.texts[0]
    assert label.get_text() == "a"
    assert same_color(label.get_color(), text("none"))


def test_intervals_are_shaded():
    series = [Series("a", [1, 2, 3], [3, 5, 7], low=[2, 4, 6], high=[4, 6, 11])]
    _, ax = draw_lines(series)
    corners = ax.collections[0].get_paths()[0].vertices
    assert corners[:, 1].min() == 2
    assert corners[:, 1].max() == 11


def test_axes_and_title_are_said():
    _, ax = draw_lines([Series("a", [1, 2], [0.25, 0.5])], percent=True)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("length (words)", "errors")
    assert ax.get_title(loc="left") == "It rises"
    assert ax.yaxis.get_major_formatter()(0.25, 0) == "25%"


@pytest.mark.parametrize("scale", ["linear", "log"])
def test_labels_at_line_ends_do_not_overlap(scale):
    fig, ax = plt.subplots()
    ax.set_yscale(scale)
    names = ["one", "two", "three", "four", "five"]
    series = [Series(n, [1, 2], [1, 3 + 0.01 * i]) for i, n in enumerate(names)]
    plotting.lines(ax, series, x="x", y="y", title="t")
    fig.draw_without_rendering()
    boxes = sorted((label.get_window_extent() for label in ax.texts), key=lambda box: box.y0)
    for below, above in zip(boxes, boxes[1:], strict=False):
        assert above.y0 >= below.y1 - 1
    assert [label.get_text() for label in ax.texts] == names


def test_a_lone_label_stands_at_its_line():
    fig, ax = draw_lines([Series("a", [1, 2], [3, 5])])
    fig.draw_without_rendering()
    box = ax.texts[0].get_window_extent()
    end = ax.transData.transform((2, 5))
    assert box.x0 > end[0]
    assert abs((box.y0 + box.y1) / 2 - end[1]) < 4


def test_heatmap_prints_every_number_readably():
    fig, ax = plt.subplots()
    weights = np.linspace(0, 1, 6).reshape(3, 2)
    plotting.heatmap(ax, weights, rows=["la", "voiture", "bleue"], columns=["the", "car"])
    shown = [t.get_text() for t in ax.texts]
    assert shown == [".00", ".20", ".40", ".60", ".80", "1.00"]
    image = ax.images[0]
    for label, weight in zip(ax.texts, weights.ravel(), strict=True):
        cell = to_hex(image.cmap(weight))
        assert contrast(to_hex(label.get_color()), cell) >= 4
    assert [t.get_text() for t in ax.get_yticklabels()] == ["la", "voiture", "bleue"]


def test_heatmap_starts_at_the_background_and_keeps_its_scale():
    fig, ax = plt.subplots()
    plotting.heatmap(ax, [[0.1, 0.3]], rows=["a"], columns=["b", "c"])
    image = ax.images[0]
    assert same_color(image.cmap(0.0), palette()["theme"]["light"]["background"])
    assert image.get_clim() == (0, 1)


def test_heatmap_of_small_cells_prints_nothing():
    fig, ax = plt.subplots(figsize=(3, 3))
    names = [str(i) for i in range(31)]
    plotting.heatmap(ax, np.eye(31), rows=names, columns=names)
    assert not ax.texts


def test_heatmap_refuses_names_that_do_not_fit():
    _, ax = plt.subplots()
    with pytest.raises(CourseError, match="2 rows"):
        plotting.heatmap(ax, np.zeros((3, 2)), rows=["a", "b"], columns=["c", "d"])


def test_show_stores_picture_and_words_apart(monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda *a, **k: shown.append((a[0], k)))
    fig, _ = draw_lines([Series("a", [1, 2], [3, 5])])
    plotting.show(
        fig,
        alt="A line from 3 to 5.",
        caption="A line, drawn to try.",
        table={"columns": ["x", "y"], "rows": [[1, 3], [2, 5]]},
    )
    (picture, options), (words, _) = shown
    assert set(picture) == {"image/png", "text/plain"}
    assert picture["text/plain"] == "Picture: A line from 3 to 5."
    assert options["metadata"]["image/png"]["alt"] == "A line from 3 to 5."
    assert len(picture["image/png"]) < 140_000
    assert "A line, drawn to try." in words.data
    assert "png" not in words.data
    assert not plt.fignum_exists(fig.number)


def test_a_picture_too_large_says_so():
    fig, ax = plt.subplots(figsize=(9, 9))
    ax.imshow(np.random.default_rng(1).random((997, 991)))
    with pytest.raises(CourseError, match="100 kB"):
        plotting.to_png(fig)
