"""Figure "bottleneck": its curve is the record's, its texts are what the zoo's models write."""

from functools import cache

import pytest

from course import results, zoo
from course.data import grammar
from course.data.pairs import Pair
from course.errors import CourseError
from course.experiments.rules import by_seed, interval
from course.figures.bottleneck import BINS, WORDS, Bottleneck, real_sentences, seeds, text
from live_figures import shown
from node_tests import run

KIND = "bottleneck"
SENTENCES = [
    Pair("The lemonade was good.", "La limonade était bonne."),
    Pair("Where was this umbrella?", "Où était ce parapluie ?"),
    Pair("This woman was right.", "Cette femme avait raison."),
    Pair("That princess was polite.", "Cette princesse était polie."),
    Pair("The apple was good.", "La pomme était bonne."),
    Pair("The forest is pretty.", "La forêt est jolie."),
    Pair("His novels were funny.", "Ses romans étaient drôles."),
]


@cache
def example():
    return Bottleneck(zoo.load("tatoeba-en-fr-gru"), zoo.load("tatoeba-en-fr-bahdanau"), SENTENCES)


def test_arithmetic(tmp_path):
    run("measured", tmp_path)


def test_the_curves_are_the_records():
    for point, name in zip(real_sentences(), BINS, strict=True):
        key = f"{name}/token_error_rate"
        assert point.vector[0] == results.value(f"c01_tatoeba/gru/{key}")
        assert point.attention[0] == results.value(f"c01_tatoeba/bahdanau/{key}")
        low, high = (results.value(f"c01_tatoeba/difference/{key}_{e}") for e in ("low", "high"))
        assert point.attention[1] - point.vector[0] == pytest.approx(low)
        assert point.attention[2] - point.vector[0] == pytest.approx(high)
    found = seeds("c01_grammar", "grammar")
    assert [point.words[0] for point in found] == [4, 8, 12, 16, 20, 24]
    rows = results.load("c01_grammar").rows
    values = by_seed(rows, arm="grammar.attention", metric="token_error_rate", x=[20])
    assert len(values) == 5
    assert found[4].attention == interval(values.values())[:3]


def test_the_text_is_of_our_grammar_and_grows_by_four_words():
    found = text()
    assert len(found) == 10
    for src, tgt in found:
        assert len(src.split()) == WORDS
        assert grammar.accepts(src, "en") and grammar.accepts(tgt, "fr")


def test_what_is_written_is_what_the_translators_write():
    passes = example().data["data"]["passes"]
    for name, model in (
        ("tatoeba-en-fr-gru", "vector"),
        ("tatoeba-en-fr-bahdanau", "attention"),
    ):
        texts = [" ".join(each["source"]) for each in passes]
        written = zoo.load(name).translate(texts, beam=5)
        assert [" ".join(each[model]["words"]) for each in passes] == written
    for each in passes:
        weights = each["attention"]["weights"]
        assert len(weights) == len(each["attention"]["words"])
        assert all(len(row) == len(each["source"]) and 0 <= sum(row) <= 105 for row in weights)


def test_two_models_without_attention_are_refused():
    gru = zoo.load("tatoeba-en-fr-gru")
    with pytest.raises(CourseError, match="has no attention"):
        Bottleneck(gru, gru, SENTENCES[:1])


def answer(figure):
    return figure.locator(".s2s-result").nth(1).inner_text()


def moment(figure):
    return figure.locator(".s2s-result").nth(0).inner_text()


def said(name, words):
    """The measured numbers as the figure has to say them."""
    point = next(p for p in real_sentences() if p.words[0] <= words <= p.words[1])
    return f"one vector {point.vector[0]:.2f} errors per word, attention {point.attention[0]:.2f}"


def test_length_is_dragged_by_arrow_keys_and_the_curve_answers(browser, tmp_path):
    with shown(browser, tmp_path, KIND) as (page, figure):
        length = figure.get_by_role("slider", name="Length")
        assert length.get_attribute("aria-valuetext") == "16 words"
        assert answer(figure).startswith("At 13 to 16 words, measured: " + said("real", 16))
        length.focus()
        page.keyboard.press("Home")
        assert length.get_attribute("aria-valuetext") == "4 words"
        assert answer(figure).startswith("At 1 to 4 words, measured: " + said("real", 4))
        assert figure.locator(".s2s-place-read").count() == 8  # four in each drawing
        assert figure.get_by_text("4 words in, 268 numbers kept").is_visible()
        page.keyboard.press("ArrowRight")
        assert "8 words" in length.get_attribute("aria-valuetext")
        page.keyboard.press("End")
        assert answer(figure).startswith("At 25 to 40 words, measured: " + said("real", 28))
        assert figure.locator(".s2s-place-read").count() == 56
        assert figure.get_by_text("28 words in, 268 numbers kept").is_visible()


def test_words_are_written_one_by_one(browser, tmp_path):
    shows = example().data["data"]["passes"][1]
    with shown(browser, tmp_path, KIND) as (page, figure):
        figure.get_by_role("slider", name="Length").fill("1")
        word = figure.get_by_role("slider", name="Writes word")
        word.focus()
        page.keyboard.press("Home")
        for at in range(3):
            row = shows["attention"]["weights"][at]
            assert moment(figure) == (
                f"Word {at + 1}: one vector writes “{shows['vector']['words'][at]}”; attention "
                f"writes “{shows['attention']['words'][at]}” and looks most at "
                f"“{shows['source'][row.index(max(row))]}” ({max(row)}%)."
            )
            assert figure.locator(".s2s-now").all_inner_texts() == [
                shows[model]["words"][at] for model in ("vector", "attention")
            ]
            page.keyboard.press("ArrowRight")
        page.keyboard.press("End")
        longest = max(len(shows[model]["words"]) for model in ("vector", "attention"))
        assert moment(figure).startswith(f"Word {longest}: ")


def test_play_writes_to_the_end_and_stops(browser, tmp_path):
    with shown(browser, tmp_path, KIND) as (page, figure):
        figure.get_by_role("slider", name="Length").fill("0")
        play = figure.get_by_role("button", name="Play")
        figure.get_by_role("slider", name="Writes word").fill("1")
        play.press("Enter")
        assert figure.get_by_role("button", name="Pause").count() == 1
        page.wait_for_function(
            "document.querySelector('.s2s-result').textContent.startsWith('Word 2')"
        )
        figure.get_by_role("button", name="Play").wait_for(timeout=10_000)
        assert moment(figure).startswith("Word 4: ")


def test_length_is_dragged_on_the_curve(browser, tmp_path):
    with shown(browser, tmp_path, KIND) as (page, figure):
        curve = figure.locator("svg.s2s-chart")
        curve.scroll_into_view_if_needed()
        box = curve.bounding_box()
        page.mouse.move(box["x"] + 60, box["y"] + 120)
        page.mouse.down()
        assert answer(figure).startswith("At 1 to 4 words")
        at_20 = 44 + (box["width"] - 132) * 20 / 42  # between the margins of the chart
        page.mouse.move(box["x"] + at_20, box["y"] + 120, steps=4)
        page.mouse.up()
        assert answer(figure).startswith("At 17 to 24 words")
        length = figure.get_by_role("slider", name="Length")
        assert length.get_attribute("aria-valuetext") == "20 words"


def test_other_measurements_say_where_they_end(browser, tmp_path):
    with shown(browser, tmp_path, KIND, width=375) as (page, figure):
        figure.get_by_label("real sentences").focus()
        page.keyboard.press("ArrowRight")
        point = seeds("c01_grammar", "grammar")[3]
        numbers = [f"{value:.2f}" for value in (*point.vector, *point.attention)]
        assert answer(figure) == (
            "At 16 words, measured: one vector {} errors per word ({} to {}), attention {} "
            "({} to {}).".format(*numbers)
        )
        figure.get_by_role("slider", name="Length").fill("4")
        assert answer(figure).endswith("Such lengths did not occur in training.")
        figure.get_by_role("slider", name="Length").fill("6")
        assert answer(figure) == "At 28 words this was not measured; it ends at 24."
        assert figure.locator(".s2s-at-vector").is_hidden()
        figure.get_by_label("rows of symbols").check(force=True)
        assert "symbols" in answer(figure)
