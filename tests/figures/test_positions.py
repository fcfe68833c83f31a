"""Figure "positional encodings": its numbers are the package's, and places can be moved."""

import pytest
import torch

from course.figures.positions import NAMES, Positions, pair_values
from course.ops.positions import alibi, alibi_slopes, rotate, sinusoidal
from course.runtime import generator
from live_figures import shown
from node_tests import run, write

KIND = "positions"


def example():
    return Positions()


def test_encodings_are_the_packages(tmp_path):
    g = generator(7, "encodings")
    cases = []
    for width in (2, 4, 16, 30):
        where = torch.rand(7, generator=g, dtype=torch.float64) * 60
        vectors = torch.randn(1, 1, 7, width, generator=g, dtype=torch.float64)
        given = {"positions": where, "vectors": vectors[0, 0]}
        given |= {"waves": sinusoidal(where, width), "turned": rotate(vectors, where)[0, 0]}
        given["prices"] = alibi(where, where, 4)
        cases.append({name: each.tolist() for name, each in given.items()})
    write(tmp_path, "encodings.json", {"cases": cases, "slopes": alibi_slopes(4)})
    run("encodings", tmp_path)


def said(figure):
    return figure.locator(".s2s-result").inner_text()


def value_said(figure):
    return float(said(figure).rstrip(".").rsplit(" ", 1)[1].replace("−", "-"))


@pytest.mark.parametrize("index", range(4))
def test_each_scheme_says_what_the_package_computes(browser, tmp_path, index):
    stored = example().data["data"]
    learned, query, key = (torch.tensor(stored[name]) for name in ("learned", "query", "key"))
    expected = pair_values(learned, query, key, len(stored["slopes"]))[index]
    with shown(browser, tmp_path, KIND) as (_, figure):
        figure.locator(".s2s-pills label", has_text=list(NAMES.values())[index]).click()
        for asks, read in ((0, 0), (8, 12), (23, 1)):
            figure.get_by_label("asks: place").fill(str(asks))
            figure.get_by_label("is read: place").fill(str(read))
            assert value_said(figure) == pytest.approx(expected[asks, read].item(), abs=0.0051)
        assert figure.get_by_text("Head", exact=True).is_visible() == (index == 3)


def test_places_move_by_arrow_keys_and_the_curve_of_waves_stays(browser, tmp_path):
    with shown(browser, tmp_path, KIND) as (page, figure):
        figure.get_by_label("asks: place").focus()
        page.keyboard.press("ArrowRight")
        figure.get_by_label("is read: place").focus()
        page.keyboard.press("ArrowRight")
        assert said(figure).startswith("Place 9 asks, place 13 is read, distance +4:")
        same = value_said(figure)
        page.keyboard.press("Home")
        assert "place 0 is read, distance −9" in said(figure)
        page.keyboard.press("End")
        assert "place 23 is read, distance +14" in said(figure)
        figure.get_by_label("asks: place").fill("19")
        assert value_said(figure) == same


def test_places_are_dragged_in_the_maps_and_on_the_curve(browser, tmp_path):
    with shown(browser, tmp_path, KIND) as (page, figure):
        maps = figure.locator("svg.s2s-drag")

        def pull(index, *places):
            box = maps.nth(index).bounding_box()
            where = [(box["x"] + x, box["y"] + y) for x, y in places]
            page.mouse.move(*where[0])
            page.mouse.down()
            for place in where[1:]:
                page.mouse.move(*place, steps=3)
            page.mouse.up()

        middle = lambda row, column: (40 + 11 * column + 5, 22 + 11 * row + 5)  # noqa: E731
        pull(1, middle(2, 3), middle(10, 20))
        assert said(figure).startswith("Place 10 asks, place 20 is read, distance +10:")
        pull(0, middle(10, 1), middle(4, 1))
        assert said(figure).startswith("Place 4 asks, place 20 is read")
        maps.nth(2).scroll_into_view_if_needed()
        box = maps.nth(2).bounding_box()
        pull(2, (box["width"] / 2, 100), (box["width"] - 2, 100))
        assert "place 23 is read, distance +19" in said(figure)


def test_places_are_moved_by_touch(browser, tmp_path):
    with shown(browser, tmp_path, KIND, width=375, has_touch=True) as (page, figure):
        pairs = figure.locator("svg.s2s-drag").nth(1)
        pairs.scroll_into_view_if_needed()
        box = pairs.bounding_box()
        page.touchscreen.tap(box["x"] + 40 + 5, box["y"] + 22 + 5)
        assert said(figure).startswith("Place 0 asks, place 0 is read")


def test_alibis_heads_have_prices_of_their_own(browser, tmp_path):
    with shown(browser, tmp_path, KIND) as (_, figure):
        figure.locator(".s2s-pills label", has_text="ALiBi").click()
        found = []
        for head in range(4):
            figure.locator(".s2s-pills label").filter(has_text=str(head)).click()
            found.append(value_said(figure))
        assert found == [round(-4 * slope, 2) + 0.0 for slope in alibi_slopes(4)]
