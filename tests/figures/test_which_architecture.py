"""Figure "which architecture?": every path ends with the margins of the records."""

from functools import cache

import pytest

from course import experiments, results
from course.figures.families import KIND_OF, TASKS, WhichArchitecture
from live_figures import shown

KIND = "which-architecture"
FIRST = {"classify": "to understand or label", "generate": "to write", "transduce": "to turn one"}
SECOND = {
    "sentiment": "the whole text",
    "entities": "each word",
    "stories": "a short story",
    "translation": "a translation",
    "answers": "an answer",
    "summaries": "a summary",
}


def example():
    return WhichArchitecture()


@cache
def summary(name):
    return experiments.get(name).summary(results.load(name).rows)


def margin(task, equal):
    """A margin of the records, and its ends."""
    name = "c16_summaries" if task == "summaries" else "c16_families"
    key = equal if task == "summaries" else f"{task}.{equal}"
    return [summary(name)[f"{key}{end}"] for end in ("", ".low", ".high")]


def in_words(interval):
    mean, low, high = (f"{value:+.3f}".replace("-", "−") for value in interval)
    judged = "ahead" if interval[1] > 0 else "behind" if interval[2] < 0 else "undecided"
    return f"{mean} ({low} to {high})", judged


def test_margins_are_the_records():
    ends = example().data["data"]["ends"]
    assert list(ends) == list(KIND_OF)
    for task, end in ends.items():
        for equal, interval in end["margins"].items():
            assert interval == pytest.approx(margin(task, equal), abs=1e-4)
    assert ends["summaries"]["verdict"] == results.verdict("c16_summaries")
    assert ends["stories"]["verdict"] == results.verdict("c16_families")


def test_every_path_ends_with_its_evidence(browser, tmp_path):
    with shown(browser, tmp_path, KIND) as (_, figure):
        for task, kind in KIND_OF.items():
            figure.get_by_label(FIRST[kind]).check()
            figure.get_by_label(SECOND[task]).check()
            rows = figure.locator(".s2s-margins li").all_inner_texts()
            said = figure.locator(".s2s-result").inner_text()
            for row, equal in zip(rows, ("parameters", "operations"), strict=True):
                numbers, judged = in_words(margin(task, equal))
                assert f"equal {equal}" in row and numbers in row and judged in row
                assert f"At equal parameters {in_words(margin(task, 'parameters'))[0]}" in said
            assert figure.locator(".s2s-taken").count() == 2


def test_by_arrow_keys(browser, tmp_path):
    with shown(browser, tmp_path, KIND) as (page, figure):
        figure.get_by_label(FIRST["classify"]).focus()
        page.keyboard.press("ArrowDown")
        assert figure.locator(".s2s-choice-named").inner_text() == "The article says decoder-only"
        page.keyboard.press("ArrowDown")
        assert figure.get_by_label("a translation").is_checked()
        page.keyboard.press("Tab")
        page.keyboard.press("ArrowDown")
        assert figure.get_by_label("an answer").is_checked()
        assert figure.locator(".s2s-result").inner_text().startswith("An answer")


def test_there_is_a_path_for_each_task():
    assert set(SECOND) == {task for tasks in TASKS.values() for task in tasks}


@pytest.mark.parametrize("width", [375, 800, 1280])
def test_names_of_margins_stay_on_a_line_at_any_width(browser, tmp_path, width):
    # 800: as wide as a chapter of the site is in a wide window
    with shown(browser, tmp_path, KIND, width=width) as (_, figure):
        names = figure.locator(".s2s-margins li > span:first-child").all()
        assert len(names) == 2
        assert all(name.bounding_box()["height"] < 24 for name in names)
