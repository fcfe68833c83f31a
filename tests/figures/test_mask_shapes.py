"""Figure "mask shapes": its masks are the package's, and so is how far news travels."""

import random
import re

import pytest
import torch

from course.figures.mask_shapes import NAMES, PATTERNS, MaskShapes, mask, spread
from course.ops.efficient.patterns import (
    bigbird_layout,
    block_mask,
    sliding_window_mask,
    strided_mask,
)
from course.ops.masks import causal_mask
from live_figures import shown
from node_tests import run, write

KIND = "mask-shapes"
# a setting's values, its edges among them; a window may be empty, and longer than the text
VALUES = {
    "window": range(60),
    "dilation": range(1, 8),
    "stride": range(1, 20),
    "block": range(1, 10),
    "num_global": range(6),
    "num_random": range(6),
}


def example():
    return MaskShapes()


def digits(seen):
    return ["".join(str(int(each)) for each in row) for row in seen]


def case(name, length, settings, rng):
    seed, layers = rng.randrange(2**32), rng.randrange(1, 7)
    seen = mask(name, length, seed, **settings)
    heard = seen
    for _ in range(layers - 1):
        heard = (heard.float() @ seen.float()) > 0
    last = None
    if bool(seen.diagonal().all()):  # else news can be forgotten, and never settles
        count, end = spread(seen)
        last = {"layers": count, "heard": digits(end)}
    return {
        "pattern": {"name": name, **settings},
        "length": length,
        "seed": seed,
        "mask": digits(seen),
        "pairs": int(seen.sum()),
        "word": rng.randrange(length),
        "layers": layers,
        "heard": digits(heard),
        "last": last,
    }


def cases():
    rng = random.Random(5)
    found = []
    for name, settings in PATTERNS.items():
        for length in [1, 2, 5, 48, *(rng.randrange(1, 50) for _ in range(26))]:
            own = {key: rng.choice(VALUES[key]) for key in settings if key != "causal"}
            found.append(case(name, length, own | {"causal": rng.random() < 0.5}, rng))
        for causal in (True, False):
            for window in (0, 1, 100) if "window" in settings else ():
                edge = {**settings, "window": window, "causal": causal}
                found.append(case(name, 13, edge, rng))
    return found


def permutations():
    for seed in (0, 10, 2**32 - 1):
        g = torch.Generator().manual_seed(seed)
        # more than 624 numbers, after which the twister turns
        orders = [torch.randperm(n, generator=g).tolist() for n in (0, 1, 2, 7, 48, 600, 48)]
        yield {"seed": seed, "orders": orders}


def test_masks_are_the_packages(tmp_path):
    write(tmp_path, "masks.json", {"cases": cases(), "permutations": list(permutations())})
    run("masks", tmp_path)


def test_each_pattern_is_what_the_package_calls_so():
    layout = bigbird_layout(
        8,
        window=2,
        num_global=1,
        num_random=1,
        causal=False,
        generator=torch.Generator().manual_seed(10),
    )
    expected = {
        "all": causal_mask(32),
        "window": sliding_window_mask(32, window=6, causal=True),
        "dilated": sliding_window_mask(32, window=6, causal=True, dilation=3),
        "strided": strided_mask(32, stride=6, causal=True),
        "bigbird": block_mask(layout, 32, block=4, causal=False),
    }
    found = example().masks
    assert list(found) == list(PATTERNS) == list(NAMES)
    for name, seen in expected.items():
        assert torch.equal(found[name], seen), name
    near = (torch.arange(32)[:, None] - torch.arange(32)).abs()
    window = near < 3
    window[0], window[:, 0] = True, True
    assert torch.equal(found["global"], window)
    blocks = (torch.arange(32)[:, None] // 4 - torch.arange(32) // 4).abs() < 2
    assert torch.equal(found["blocks"], blocks)


def test_the_table_says_what_chapter_10_counts():
    rows = {row[0]: row[1:] for row in example().data["table"]["rows"]}
    assert rows["window"] == ["yes", 177, 0.173, 7, 1]  # 6 · 32 less 5 + 4 + 3 + 2 + 1
    assert rows["all"] == ["yes", 528, 0.516, 1, 1]
    assert rows["dilated window"][3] == 2 and rows["dilated window"][4] < 0.5
    assert rows["strided"][3:] == rows["global words"][3:] == rows["BigBird"][3:] == [2, 1]


def test_news_that_settles_at_once_needs_one_layer():
    assert spread(torch.eye(3, dtype=torch.bool))[0] == 1
    layers, heard = spread(sliding_window_mask(9, window=2, causal=False))
    assert layers == 8 and bool(heard.all())


def said(figure):
    return figure.locator(".s2s-result").inner_text()


def facts(figure):
    return figure.locator("dd").all_inner_texts()


def choose(figure, name):
    figure.locator(".s2s-pills label", has_text=re.compile(f"^{name}$")).click()


@pytest.mark.parametrize("name", NAMES)
def test_each_pattern_says_what_the_package_counts(browser, tmp_path, name):
    row = next(row for row in example().data["table"]["rows"] if row[0] == NAMES[name])
    with shown(browser, tmp_path, KIND) as (_, figure):
        choose(figure, NAMES[name])
        pairs, layers, reached = facts(figure)
        assert pairs == f"{row[2]:,} of 1,024 ({row[3]:.0%})"
        assert layers == f"{row[4]} layer{'s' if row[4] > 1 else ''}"
        assert reached.startswith("all" if row[5] == 1 else f"{row[5]:.0%} of all")
        assert figure.locator("svg.s2s-mask-map .s2s-mask-seen").get_attribute("d")


def test_by_the_sliders_and_arrow_keys(browser, tmp_path):
    with shown(browser, tmp_path, KIND) as (page, figure):
        assert said(figure) == (
            "Word 20 sees 15 to 20. After 3 layers it has heard of 16 of the 21 words up to "
            "itself: 5 to 20."
        )
        figure.get_by_label("asks: word").focus()
        page.keyboard.press("ArrowLeft")
        assert said(figure).startswith("Word 19 sees 14 to 19.")
        page.keyboard.press("End")
        assert said(figure).startswith("Word 31 sees 26 to 31.")
        figure.get_by_label("layers").focus()
        page.keyboard.press("Home")
        assert said(figure) == "Word 31 sees 26 to 31."
        assert figure.get_by_text("heard of after").is_hidden()
        page.keyboard.press("End")
        assert "After 8 layers it has heard of all 32 words up to itself." in said(figure)
        figure.get_by_label("window: words").fill("48")
        assert facts(figure) == ["528 of 1,024 (52%)", "1 layer", "all up to itself"]
        figure.get_by_label("looks back only").uncheck()
        assert facts(figure) == ["1,024 of 1,024 (100%)", "1 layer", "all words"]


def test_a_short_text_takes_the_asking_word_along(browser, tmp_path):
    with shown(browser, tmp_path, KIND) as (_, figure):
        figure.get_by_label("words in the text").fill("8")
        assert said(figure).startswith("Word 7 sees 2 to 7.")
        figure.get_by_label("window: words").fill("3")
        assert facts(figure)[0] == "21 of 64 (33%)"  # as the chapter counts by hand
        assert figure.get_by_label("asks: word").get_attribute("max") == "7"


def test_each_pattern_keeps_its_settings(browser, tmp_path):
    with shown(browser, tmp_path, KIND) as (_, figure):
        figure.get_by_label("window: words").fill("9")
        choose(figure, "global words")
        assert figure.get_by_label("window: words").input_value() == "3"
        assert not figure.get_by_label("looks back only").is_checked()
        choose(figure, "window")
        assert figure.get_by_label("window: words").input_value() == "9"
        assert figure.get_by_label("looks back only").is_checked()


def test_random_blocks_are_drawn_anew_as_the_package_draws_them(browser, tmp_path):
    with shown(browser, tmp_path, KIND) as (_, figure):
        choose(figure, "BigBird")
        for seed in (10, 11, 12):
            assert f"with the seed {seed}." in figure.locator(".s2s-note").inner_text()
            seen = mask("bigbird", 32, seed, **PATTERNS["bigbird"])
            assert said(figure).startswith(f"Word 20 sees {spoken(seen[20])}.")
            figure.get_by_role("button", name="Draw other random blocks").click()
        choose(figure, "blocks")
        assert figure.get_by_role("button").count() == 0


def test_what_chapter_10_says_of_bigbird(browser, tmp_path):
    with shown(browser, tmp_path, KIND) as (_, figure):
        choose(figure, "BigBird")
        for slider, layers in (("random blocks", 2), ("global blocks", 7)):
            figure.get_by_label(slider).fill("0")
            assert facts(figure)[1] == f"{layers} layers"
        figure.get_by_label("random blocks").fill("1")
        assert facts(figure)[1] == "3 layers"


def spoken(row):
    places, stretches = row.nonzero().flatten().tolist(), []
    for place in places:
        if stretches and place == stretches[-1][-1] + 1:
            stretches[-1].append(place)
        else:
            stretches.append([place])
    return ", ".join(
        f"{s[0]} to {s[-1]}" if len(s) > 2 else ", ".join(map(str, s)) for s in stretches
    )


def test_a_row_is_looked_at_by_hovering_and_chosen_by_pressing(browser, tmp_path):
    with shown(browser, tmp_path, KIND) as (page, figure):
        row = place_of(figure, ".s2s-mask-map .s2s-mask-edge")
        page.mouse.move(*row(0.5, 3.5 / 32))
        assert said(figure).startswith("Word 3 sees 0 to 3.")
        page.mouse.move(1, 1)
        assert said(figure).startswith("Word 20 sees")
        page.mouse.move(*row(0.9, 5.5 / 32))
        page.mouse.down()
        page.mouse.move(*row(0.9, 9.5 / 32), steps=3)
        page.mouse.up()
        page.mouse.move(1, 1)
        assert said(figure).startswith("Word 9 sees 4 to 9.")
        assert figure.get_by_label("asks: word").input_value() == "9"
        line = place_of(figure, ".s2s-mask-news .s2s-mask-line")
        page.mouse.click(*line(30.5 / 32, 0.5))
        assert said(figure).startswith("Word 30 sees")


def place_of(figure, selector):
    found = figure.locator(selector).first
    found.scroll_into_view_if_needed()
    box = found.bounding_box()
    return lambda x, y: (box["x"] + x * box["width"], box["y"] + y * box["height"])


def test_a_row_is_chosen_by_touch(browser, tmp_path):
    with shown(browser, tmp_path, KIND, width=375, has_touch=True) as (page, figure):
        page.touchscreen.tap(*place_of(figure, ".s2s-mask-map .s2s-mask-edge")(0.5, 12.5 / 32))
        assert said(figure).startswith("Word 12 sees")


def test_on_a_narrow_page_the_sliders_stay_inside(browser, tmp_path):
    right = "each => each.getBoundingClientRect().right"
    with shown(browser, tmp_path, KIND, width=360) as (_, figure):
        edge = figure.locator(".s2s-stage").evaluate(right) - 8
        for name in NAMES.values():
            choose(figure, name)
            for output in figure.locator("output").all():
                assert output.evaluate(right) <= edge


def test_the_layers_are_drawn_from_the_asking_word_down(browser, tmp_path):
    with shown(browser, tmp_path, KIND) as (_, figure):
        counts = figure.locator(".s2s-mask-count")
        assert counts.all_text_contents() == ["1", "6", "11", "16"]
        assert (
            figure.locator(".s2s-mask-news")
            .get_attribute("aria-label")
            .endswith(": 1, 6, 11, 16 words.")
        )
        figure.get_by_label("layers").fill("5")
        assert counts.all_text_contents() == ["1", "6", "11", "16", "21", "21"]
