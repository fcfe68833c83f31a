"""Figure "image and sound attention": letters, strips and moments can be chosen, both ways."""

import pytest
import torch

from course.errors import CourseError
from course.experiments import beyond
from course.figures.signal_attention import SignalAttention, digits, most_read, moved_on, told
from course.runtime import generator
from live_figures import shown
from node_tests import run

KIND = "signal-attention"
WORD = "sandwich"


def diagonal(letters, pieces):
    """Made-up weights, (T, S): a hill that walks from left to right."""
    middles = torch.linspace(0, pieces - 1, letters)
    far = torch.arange(float(pieces)) - middles[:, None]
    return (-far.square()).softmax(1)


def example():
    picture = beyond.picture(WORD, 10, generator(0, "c20", "shown", "pictures"))
    loudness = beyond.loudness(WORD, 10, generator(0, "c20", "shown", "sounds"))
    counts = (-(-picture.shape[1] // beyond.STRIP), -(-loudness.shape[0] // beyond.STACK))
    strips, moments = (diagonal(len(WORD) + 1, count) for count in counts)
    return SignalAttention(
        WORD,
        picture=picture,
        strips=strips,
        strip=beyond.STRIP,
        loudness=loudness,
        moments=moments,
        stack=beyond.STACK,
    )


def weights():
    return [torch.tensor(view["weights"]) for view in example().data["data"]["views"]]


def said(figure):
    return figure.locator(".s2s-result").inner_text()


def letter(figure, index):
    return figure.locator(".s2s-pills label").nth(index)


def slider(figure, view):
    """The slider of the picture (0) or of the sound (1)."""
    return figure.locator("input[type=range]").nth(view)


def plural(told):
    return "s" if "," in told else ""


def expected(index):
    strips, moments = (told(each[index]) for each in weights())
    name = [*WORD, "end"][index]
    return (
        f"Writing “{name}”, the model read strip{plural(strips)} {strips} of the picture and "
        f"moment{plural(moments)} {moments} of the sound."
    )


def test_arithmetic_in_the_browser(tmp_path):
    run("signal", tmp_path)


def test_a_picture_becomes_digits():
    assert digits(torch.tensor([[0.0, 1.0], [0.2, 0.6]])) == ["0f", "39"]
    assert digits(torch.zeros(1, 3)) == ["000"]


def test_moves_to_the_right_are_counted():
    assert moved_on(torch.eye(4)) == 3
    assert moved_on(torch.eye(4)[[0, 2, 1, 3]]) == 2
    alt = example().data["alt"]
    assert "8 times" not in alt and "7 times, the moment 7 times" in alt
    # a letter that reads what the one before it read is no move
    assert moved_on(torch.eye(4)[[0, 1, 1, 2]]) == 2
    assert most_read(torch.eye(4)[[0, 2, 2]]) == "1, 3, 3"


def test_weights_must_fit():
    good = {"picture": torch.zeros(16, 13), "strip": 6, "loudness": torch.zeros(8, 5), "stack": 4}
    with pytest.raises(CourseError, match="picture"):
        SignalAttention("ab", strips=torch.ones(3, 2), moments=torch.ones(3, 2), **good)
    SignalAttention("ab", strips=torch.ones(3, 3), moments=torch.ones(3, 2), **good)


def test_the_payload_is_small():
    assert len(str(example().data)) < 15_000


def test_letters_are_chosen_by_mouse(browser, tmp_path):
    with shown(browser, tmp_path, KIND) as (page, figure):
        assert said(figure) == expected(0)
        letter(figure, 3).hover()
        assert said(figure) == expected(3)
        figure.locator("figcaption").hover()
        assert said(figure) == expected(0)
        letter(figure, 8).click()
        figure.locator("figcaption").hover()
        assert said(figure) == expected(8)
        numbers = figure.locator("svg").first.locator(".s2s-signal-number").all_text_contents()
        row = [int(100 * round(w, 3) + 0.5) for w in weights()[0][8].tolist()]
        assert [n for n in numbers if n] == [str(w) for w in row if w]


def test_letters_and_pieces_are_chosen_by_keyboard(browser, tmp_path):
    with shown(browser, tmp_path, KIND) as (page, figure):
        figure.locator(".s2s-pills input").first.focus()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")
        assert said(figure) == expected(2)
        for view, name in enumerate(("Strip", "Moment")):
            slider(figure, view).focus()
            page.keyboard.press("End")
            page.keyboard.press("Home")  # none: back to the letter
            assert said(figure) == expected(2)
            assert slider(figure, view).get_attribute("aria-valuetext") == "none chosen"
            for _ in range(3):
                page.keyboard.press("ArrowRight")
            column = weights()[view][:, 2]
            first = [*WORD, "end"][int(column.argmax())]
            assert said(figure).startswith(f"{name} 3 of the")
            assert f"while writing {first} ({column.max():.0%})" in said(figure)
            marks = figure.locator(".s2s-mark-column")
            assert [marks.nth(i).is_visible() for i in (0, 1)] == [view == 0, view == 1]
            assert marks.nth(view).evaluate("(el) => getComputedStyle(el).fill") == "none"


def middle_of(figure, view, piece):
    drawing = figure.locator("svg.s2s-drag").nth(view)
    drawing.scroll_into_view_if_needed()
    box = drawing.bounding_box()
    cell = (box["width"] - 40) / weights()[view].shape[1]
    return box["x"] + 38 + (piece + 0.5) * cell, box["y"] + 30


def test_pieces_are_chosen_in_the_drawing(browser, tmp_path):
    with shown(browser, tmp_path, KIND) as (page, figure):
        page.mouse.click(*middle_of(figure, 0, 4))
        assert said(figure).startswith("Strip 5 of the picture was read while writing")
        assert slider(figure, 0).input_value() == "5"
        page.mouse.click(*middle_of(figure, 1, 9))
        assert said(figure).startswith("Moment 10 of the sound")
        letter(figure, 0).click()  # chosen already, and shown again
        assert said(figure) == expected(0)


def test_by_touch(browser, tmp_path):
    with shown(browser, tmp_path, KIND, width=375, has_touch=True) as (page, figure):
        page.touchscreen.tap(*middle_of(figure, 1, 2))
        assert said(figure).startswith("Moment 3 of the sound")
        letter(figure, 5).tap()
        assert said(figure) == expected(5)


def test_it_plays_and_stops(browser, tmp_path):
    with shown(browser, tmp_path, KIND, motion="no-preference") as (page, figure):
        page.clock.install()
        figure.get_by_role("button").click()
        assert figure.get_by_role("button").inner_text() == "Stop"
        page.clock.run_for(2300)
        assert said(figure) == expected(2)
        figure.get_by_role("button").click()
        page.clock.run_for(5000)
        assert said(figure) == expected(2)
        figure.get_by_role("button").click()
        page.clock.run_for(15_000)
        assert said(figure) == expected(8)
        assert figure.get_by_role("button").inner_text() == "Play letter by letter"


def test_with_reduced_motion_each_press_is_a_step(browser, tmp_path):
    with shown(browser, tmp_path, KIND, motion="reduce") as (_, figure):
        for index in (1, 2, 3):
            figure.get_by_role("button", name="Next letter").click()
            assert said(figure) == expected(index)
