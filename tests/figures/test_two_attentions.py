"""Figure "Bahdanau and Luong": its steps are the package's, and it shows them one by one."""

import re

import pytest
import torch

from course.figures.attention_steps import EMBEDDED, OUTPUTS, STARTED, decoder, steps
from course.figures.two_attentions import TwoAttentions
from course.nn.attention import READERS
from course.nn.windows import WINDOWS
from course.runtime import generator
from live_figures import shown
from node_tests import run, write

KIND = "two-attentions"
KINDS = ("bahdanau", "luong")


def example():
    return TwoAttentions()


@pytest.mark.parametrize("kind", KINDS)
def test_steps_are_those_of_the_decoder(kind):
    layers, found = decoder(kind), steps(kind)
    outputs = torch.tensor([OUTPUTS], dtype=torch.float64)
    memory = (outputs, layers.reader.keys(outputs), torch.ones(1, 3).bool(), outputs[:, -1])
    embedded = torch.tensor([[EMBEDDED[-1], *EMBEDDED[:-1]]], dtype=torch.float64)
    first = (torch.tensor([[STARTED]], dtype=torch.float64),)
    with torch.no_grad():
        features, last, weights = layers(embedded, memory, first)
    torch.testing.assert_close(torch.stack([step.weights for step in found]), weights[0])
    torch.testing.assert_close(found[-1].state, last[0].flatten())
    logits = features[0] @ embedded[0].roll(-1, 0).mT + torch.tensor([0.0, -1, -1, -3]).double()
    torch.testing.assert_close(torch.stack([s.predicted for s in found]), logits.softmax(-1))


@pytest.mark.parametrize("kind", KINDS)
def test_both_look_at_the_word_that_they_translate(kind):
    for t, looked_at in ((1, 2), (2, 1)):  # voiture: car, bleue: blue
        step = steps(kind)[t]
        assert step.weights.argmax() == looked_at and step.weights.max() > 0.7
        assert step.predicted.argmax() == t


def test_scores_are_the_packages(tmp_path):
    g, cases = generator(7, "scores"), []
    for width in (1, 2, 5):
        readers = {
            name: READERS[name](width, width, 3, WINDOWS["global"](width, 3, 1)).double()
            for name in ("additive", "general")
        }
        for reader in readers.values():
            for parameter in reader.parameters():
                torch.nn.init.normal_(parameter, generator=g)
        q, m = torch.randn(2, 1, 4, width, generator=g, dtype=torch.float64)
        both = {name: reader.scores(q, reader.keys(m))[0] for name, reader in readers.items()}
        dear, cheap = readers["additive"], readers["general"]
        learnt = {"W": dear.query.weight, "U": dear.key.weight, "b": dear.key.bias, "v": dear.v}
        case = {"queries": q[0], "outputs": m[0]}
        case |= {"bahdanau": both["additive"], "luong": both["general"]}
        case = {name: each.tolist() for name, each in case.items()}
        case["learnt"] = {
            "bahdanau": {name: each.tolist() for name, each in learnt.items()},
            "luong": {"W": cheap.key.weight.tolist()},
        }
        cases.append(case)
    write(tmp_path, "scores.json", cases)
    run(KIND, tmp_path)


def box(figure, panel, symbol):
    """A box of one of the drawings, by its symbol as it is read out."""
    boxes = figure.locator(".s2s-flow").nth(panel).get_by_role("button")
    return boxes.filter(has_text=re.compile(re.escape(symbol)))


def said(figure):
    return figure.locator(".s2s-result").inner_text()


def test_the_steps_come_one_by_one_in_either_order(browser, tmp_path):
    with shown(browser, tmp_path, KIND) as (page, figure):
        step, back = (figure.get_by_role("button", name=n) for n in ("Next step", "Back"))
        assert back.is_disabled() and figure.get_by_text("not yet").count() == 10
        step.click()
        assert "−0.58" in box(figure, 0, "scores").inner_text()
        assert "not yet" in box(figure, 1, "scores").inner_text()
        assert "(−0.72, 0.71)" in box(figure, 1, "state ht").last.inner_text()
        for _ in range(4):
            step.click()
        assert step.is_disabled() and figure.get_by_text("not yet").count() == 0
        assert said(figure).startswith("Step 6 of 6. Bahdanau writes “bleue”")
        back.click()
        assert said(figure).startswith("Step 5 of 6.")
        page.wait_for_function(
            "document.querySelector('[aria-live]').textContent.startsWith('Step 5')"
        )


def test_by_keyboard_and_any_box_tells_where_its_numbers_come_from(browser, tmp_path):
    with shown(browser, tmp_path, KIND) as (page, figure):
        figure.get_by_role("button", name="Next step").focus()
        for _ in range(5):
            page.keyboard.press("Enter")
        details = figure.locator(".s2s-details")
        box(figure, 1, "scores").focus()
        assert "blue: W m = (0, 2); h · W m = (−0.72, 0.71) · (0, 2) = 1.42" in (
            details.nth(1).inner_text()
        )
        box(figure, 0, "scores").focus()
        assert "blue: W h + U m + b = " in details.nth(0).inner_text()
        assert details.nth(0).inner_text().endswith("= −4.64")
        box(figure, 0, "context").focus()
        assert "0.98·(0, 1)" in details.nth(0).inner_text()
        figure.get_by_label("bleue").focus()
        page.keyboard.press("ArrowLeft")
        assert "writes “voiture”" in said(figure)


def test_play_goes_to_the_end_and_is_not_offered_where_nothing_may_move(browser, tmp_path):
    with shown(browser, tmp_path, KIND, motion="reduce") as (_, figure):
        assert figure.get_by_role("button", name="Play").count() == 0
    with shown(browser, tmp_path, KIND, motion="no-preference") as (page, figure):
        page.clock.install()
        page.reload()
        play = figure.get_by_role("button", name="Play")
        play.press("Enter")
        pause = figure.get_by_role("button", name="Pause")
        page.clock.run_for(5300)
        assert said(figure).startswith("Step 3")
        pause.press("Enter")
        page.clock.run_for(9000)
        assert said(figure).startswith("Step 3")
        play.click()
        page.clock.run_for(30_000)
        assert said(figure).startswith("Step 6") and play.count() == 1
        play.click()
        assert said(figure).startswith("Step 1")


def test_on_a_narrow_page_the_buttons_stay_in_sight(browser, tmp_path):
    with shown(browser, tmp_path, KIND, width=375) as (page, figure):
        figure.locator(".s2s-flow").last.evaluate("each => each.scrollIntoView()")
        assert page.evaluate("scrollY") > 500
        assert figure.locator(".s2s-bar").bounding_box()["y"] == pytest.approx(0, abs=1)
