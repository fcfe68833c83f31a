"""Figure "query, key, value": its numbers are the package's, and it does what the reader asks."""

import pytest
import torch

from course.errors import CourseError
from course.figures.query_key_value import QueryKeyValue
from course.ops.attention import scaled_dot_product_attention
from course.ops.masks import causal_mask
from course.runtime import generator
from live_figures import shown
from node_tests import run, write

KIND = "query-key-value"
WORDS = ("old", "cats", "sleep")
QUERY = torch.tensor([[3.0, 0], [0, 3], [3, 0]])
KEY = torch.tensor([[0.0, 1], [1, 0], [0, 0]])
VALUE = torch.tensor([[0.0, 9], [2, 0], [0, 0]])


def example():
    return QueryKeyValue(WORDS, QUERY, KEY, VALUE)


def cases():
    """Random vectors and masks, some rows of which hide everything."""
    g = generator(7, "figure")
    for i in range(60):
        width = int(torch.randint(1, 5, (1,), generator=g))
        q, k, v = torch.randn(3, 3, width, generator=g, dtype=torch.float64) * 3
        mask = torch.rand(3, 3, generator=g) < 0.7
        if i % 3 == 0:
            mask[i % 2] = False
        if i % 5 == 0:
            mask = causal_mask(3)
        scale = 1.0 if i % 2 else width**-0.5
        read, weights = scaled_dot_product_attention(
            *(each[None, None] for each in (q, k, v, mask)), scale=scale, return_weights=True
        )
        given = {"query": q, "key": k, "value": v, "mask": mask, "read": read[0, 0]}
        given["weights"] = weights[0, 0]
        yield {"scale": scale, **{name: each.tolist() for name, each in given.items()}}


def test_attention_is_the_packages(tmp_path):
    made = list(cases())
    assert any(not any(row) for case in made for row in case["mask"])
    write(tmp_path, "attention.json", made)
    run("attention", tmp_path)


def numbers(figure, title):
    """The cells of a matrix, as they are shown."""
    rows = figure.locator("table.s2s-matrix", has_text=title).first.locator("tbody tr").all()
    return [row.locator("td").all_inner_texts() for row in rows]


def test_begins_with_the_numbers_of_the_chapter(browser, tmp_path):
    with shown(browser, tmp_path, KIND) as (_, figure):
        assert numbers(figure, "Scores")[2] == ["0", "3", "0"]
        assert numbers(figure, "Exponentials")[2] == ["1", "20.09", "1", "22.09"]
        assert numbers(figure, "Weights")[2] == ["0.05", "0.91", "0.05"]
        assert numbers(figure, "Reads")[2] == ["1.82", "0.41"]
        worked = figure.locator(".s2s-worked").inner_text()
        assert "cats: 3·1 + 0·0 = 3; exponential 20.09; ÷ 22.09 = 0.91" in worked
        assert "0.05·(0, 9) + 0.91·(2, 0) + 0.05·(0, 0) = (1.82, 0.41)" in worked


def test_a_typed_number_changes_every_step_and_nonsense_none(browser, tmp_path):
    with shown(browser, tmp_path, KIND) as (page, figure):
        box = figure.get_by_label("query of sleep, seeks adj.")
        box.fill("3")
        assert numbers(figure, "Scores")[2] == ["3", "3", "0"]
        assert numbers(figure, "Weights")[2] == ["0.49", "0.49", "0.02"]
        for nonsense in ("99", "", "-10"):
            box.fill(nonsense)
            assert box.get_attribute("aria-invalid") == "true"
            assert numbers(figure, "Scores")[2] == ["3", "3", "0"]
        box.blur()
        assert box.input_value() == "3" and box.get_attribute("aria-invalid") is None
        page.wait_for_function(
            "document.querySelector('[aria-live]').textContent.includes('old and cats (0.49)')"
        )


def test_scale_masks_and_heads_by_keyboard(browser, tmp_path):
    with shown(browser, tmp_path, KIND) as (page, figure):
        scale = figure.get_by_label("divide by √d")
        scale.focus()
        page.keyboard.press("Space")
        assert numbers(figure, "Scaled")[2] == ["0", "2.12", "0"]
        figure.get_by_label("none").focus()
        page.keyboard.press("ArrowRight")
        assert numbers(figure, "Scaled")[0] == ["0", "hidden", "hidden"]
        assert numbers(figure, "Weights")[0] == ["1", "0", "0"]
        page.keyboard.press("ArrowRight")
        assert numbers(figure, "Weights")[2] == ["0.11", "0.89", "0"]
        figure.get_by_label("1", exact=True).focus()
        page.keyboard.press("ArrowRight")
        heads = figure.locator(".s2s-head")
        assert heads.count() == 2
        # a head of width one: its root is one, and nothing is divided
        assert numbers(heads.nth(0), "Weights")[2] == ["0.05", "0.95", "0"]
        assert numbers(heads.nth(1), "Weights")[1] == ["0.95", "0.05", "0"]
        figure.get_by_role("button", name="Reset").press("Enter")
        assert heads.count() == 1 and not scale.is_checked()
        assert numbers(figure, "Weights")[2] == ["0.05", "0.91", "0.05"]


def test_any_token_may_ask(browser, tmp_path):
    with shown(browser, tmp_path, KIND) as (_, figure):
        figure.locator(".s2s-pills label", has_text="cats").click()
        assert figure.locator(".s2s-worked .s2s-title").inner_text() == "cats asks with (0, 3)"
        assert figure.locator(".s2s-result").inner_text().startswith("“cats” looks most at old")
        assert figure.locator("table.s2s-matrix tr.s2s-chosen").count() == 5


def test_a_token_that_is_not_there_is_refused():
    for words, asks in (((), -1), (("a", "b"), 2), (("a", "b"), -3)):
        vectors = torch.ones(len(words), 2)
        with pytest.raises(CourseError, match=f"{len(words)} tokens; none .* place {asks}"):
            QueryKeyValue(words, vectors, vectors, vectors, asks=asks)


def test_narrow_cards_stand_side_by_side_and_keep_their_boxes_apart(browser, tmp_path):
    with shown(browser, tmp_path, KIND, width=375) as (_, figure):
        cards = [card.bounding_box() for card in figure.locator(".s2s-card").all()]
        assert max(card["y"] for card in cards) < min(card["y"] + card["height"] for card in cards)
        row = figure.locator(".s2s-card tbody tr:first-child input").all()
        boxes = sorted((each.bounding_box() for each in row), key=lambda box: box["x"])
        assert len(boxes) == 6 and all(box["width"] >= 36 for box in boxes)
        for left, right in zip(boxes, boxes[1:], strict=False):
            assert left["x"] + left["width"] <= right["x"]
