"""Figure "families": cards can be filtered, and every score is the records'."""

from functools import cache

import pytest

from course import experiments, results
from course.figures.families import ARTICLE, DEEP, FAMILIES, LABELS, TASKS, Families
from live_figures import shown

KIND = "families"


def example():
    return Families()


@cache
def summary(name):
    return experiments.get(name).summary(results.load(name).rows)


def key(family, each):
    """The record of a score on a card, and its key there."""
    if each["task"] in LABELS:
        own = f"head-{family}-large-3200" if each["task"] == "head" else LABELS[each["task"]][0]
        return "c17_labels", own
    arm = DEEP if each["deep"] else family
    if each["task"] == "summaries":
        return "c16_summaries", arm
    return "c16_families", f"{each['task']}.{arm}"


def test_scores_are_the_records():
    seen = set()
    for card in example().data["data"]["cards"]:
        for each in card["scores"]:
            name, own = key(card["family"], each)
            seen.add((name, own))
            ends = [summary(name)[own + end] for end in ("", ".low", ".high")]
            assert each["interval"] == pytest.approx(ends, abs=1e-4)
    assert len(seen) == 5 * 6 + 4


def test_masks_are_what_each_family_sees():
    masks = {card["family"]: card["mask"] for card in example().data["data"]["cards"]}
    assert masks["encoder"] == [[1] * 7] * 7
    assert masks["decoder"][2] == [1, 1, 1, 0, 0, 0, 0]
    assert masks["prefix"] == masks["encoder-decoder"] and masks["prefix"][0] == [1] * 4 + [0] * 3


NAMES = {"encoder": "encoder", "decoder": "decoder", "encoder-decoder": "encoder–decoder"}
WANTED = {"classify": "understand", "generate": "generate", "transduce": "transform"}


def said(figure):
    return figure.locator(".s2s-result").inner_text()


@pytest.mark.parametrize("kind", TASKS)
def test_a_kind_shows_its_tasks_alone_and_names_the_articles_choice(browser, tmp_path, kind):
    with shown(browser, tmp_path, KIND) as (_, figure):
        figure.get_by_label(WANTED[kind], exact=True).check()
        assert figure.locator(".s2s-family").count() == len(FAMILIES)
        named = figure.locator(".s2s-family", has_text="the article's choice")
        assert named.count() == 1
        assert named.get_attribute("aria-label") == NAMES[ARTICLE[kind]]
        cards = example().data["data"]["cards"]
        expected = sum(each["kind"] == kind for card in cards for each in card["scores"])
        assert figure.locator(".s2s-scores li").count() == expected
        assert f"the article names the {NAMES[ARTICLE[kind]]}" in said(figure)


def test_the_highest_is_said_with_whose_intervals_overlap(browser, tmp_path):
    with shown(browser, tmp_path, KIND) as (_, figure):
        figure.get_by_label("transform", exact=True).check()
        assert "at translation the encoder–decoder is highest with 0.89 (no other" in said(figure)
        figure.get_by_label("understand", exact=True).check()
        assert "at moods the decoder is highest with 0.95 (the intervals of prefix" in said(figure)


def test_cards_come_and_go_by_keyboard(browser, tmp_path):
    with shown(browser, tmp_path, KIND) as (page, figure):
        cards = figure.locator(".s2s-family")
        for left, name in enumerate(["encoder", "decoder", "encoder–decoder", "prefix"], start=1):
            figure.get_by_role("checkbox", name=name, exact=True).focus()
            page.keyboard.press("Space")
            assert cards.count() == 4 - left
        assert said(figure) == "No card is shown."
        page.keyboard.press("Space")
        assert cards.get_attribute("aria-label") == "prefix"
        figure.get_by_label("anything", exact=True).focus()
        page.keyboard.press("ArrowRight")
        assert said(figure).startswith("To understand")
