"""Figure "attention explorer": recorded weights are the models', and gold links are counted."""

import re
from functools import cache

import pytest

from course import zoo
from course.figures import attention_readings
from course.figures.attention_explorer import (
    MODELS,
    AttentionExplorer,
    mean_weights,
    recorded,
    right,
)
from live_figures import shown
from node_tests import run, write

KIND = "attention-explorer"


@cache
def example():
    return AttentionExplorer()


def hits(sentence):
    return {name: right(sentence, mean_weights(sentence, name)) for name in MODELS}


@pytest.mark.timeout(600)
def test_the_recording_is_what_the_models_look_at():
    opened = {name: zoo.load(model) for name, model in MODELS.items()}
    tokenizer = opened["Bahdanau"].tokenizer
    found = attention_readings.record([(n, t.model) for n, t in opened.items()], tokenizer)
    assert len(found) == len(recorded()) == attention_readings.SENTENCES
    for ours, stored in zip(found, recorded(), strict=True):
        for key in ("source", "target", "gold"):
            assert ours[key] == stored[key]
        for name in MODELS:
            mine, theirs = ours["weights"][name], stored["weights"][name]
            for key in ("layers", "heads", "source"):
                assert mine[key] == theirs[key]
            for a, b in zip(mine["data"], theirs["data"], strict=True):
                assert len(a) == len(b)
                assert all(abs(x - y) <= 1 for x, y in zip(a, b, strict=True))


def test_the_browser_counts_as_python_does(tmp_path):
    counts = [hits(sentence) for sentence in recorded()]
    tables = [
        {name: mean_weights(sentence, name).tolist() for name in MODELS} for sentence in recorded()
    ]
    value = {"sentences": recorded(), "counts": counts, "tables": tables}
    write(tmp_path, "attention-explorer.json", value)
    run("attention-explorer", tmp_path)


def said(figure):
    return figure.locator(".s2s-result").inner_text()


def test_models_sentences_and_gold_are_switched_by_mouse(browser, tmp_path):
    first, second = recorded()[:2]
    with shown(browser, tmp_path, KIND) as (_, figure):
        assert f" for {hits(first)['Bahdanau']} of " in said(figure)
        assert figure.locator("td.s2s-gold").count() == len(first["gold"])
        figure.get_by_label("Transformer", exact=True).check()
        assert said(figure).startswith("Transformer, the mean of all its heads")
        assert f" for {hits(first)['Transformer']} of " in said(figure)
        figure.get_by_label("Head").select_option(index=2)
        assert "head 2, the mean of its layers" in said(figure)
        figure.get_by_label("Sentence").select_option(index=1)
        assert figure.locator("td.s2s-gold").count() == len(second["gold"])
        figure.get_by_label("Arcs").check()
        assert figure.locator("path.s2s-gold").count() == len(second["gold"])
        figure.get_by_label("Show gold links").uncheck()
        assert figure.locator("path.s2s-gold").count() == 0


def test_cells_are_walked_by_keyboard(browser, tmp_path):
    first = recorded()[0]
    source, target = min(first["gold"], key=lambda link: link[1])
    words = first["source"]["text"].split(), first["target"]["text"].split()
    with shown(browser, tmp_path, KIND) as (page, figure):
        figure.locator("tbody td").first.focus()
        for key in ["ArrowDown"] * target + ["ArrowRight"] * source:
            page.keyboard.press(key)
        label = page.evaluate("document.activeElement.getAttribute('aria-label')")
        assert label.startswith(f"{words[1][target]} looks at {words[0][source]}: ")
        assert label.endswith("a gold link")
        readout = figure.locator(".s2s-readout").inner_text()
        assert readout.startswith(f"“{words[1][target]}” looks at") and "Gold: " in readout
        figure.get_by_label("Bahdanau", exact=True).focus()
        page.keyboard.press("ArrowRight")
        assert said(figure).startswith("Luong")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_frame_of_a_gold_link_is_seen(browser, tmp_path, theme):
    with shown(browser, tmp_path, KIND, theme=theme) as (_, figure):
        frame = figure.locator("td.s2s-gold").first.evaluate(
            "e => getComputedStyle(e).outlineColor"
        )
        page = figure.locator(".s2s-stage").evaluate("e => getComputedStyle(e).backgroundColor")
        low, high = sorted(map(luminance, (frame, page)))
        assert (high + 0.05) / (low + 0.05) >= 3  # WCAG 2.2, 1.4.11


def luminance(colour):
    """Return the relative luminance of a colour `rgb(r, g, b)`."""
    shares = (int(each) / 255 for each in re.findall(r"\d+", colour)[:3])
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in shares]
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
