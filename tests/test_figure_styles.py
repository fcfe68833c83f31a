"""The sheets of the live figures: what is of one figure can't change the looks of another."""

import re

import pytest

from course.figures import bundle
from live_figures import FIGURES, KINDS

SHEETS = sorted((FIGURES / "styles").glob("*.css"))
FOR_ALL = {"frame.css", "drawings.css", "controls.css"}


def rules(text):
    """Return (selector, body) of each rule on the outermost level; comments are left out."""
    text, found, depth, start = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL), [], 0, 0
    for at, sign in enumerate(text):
        if sign == "{":
            if depth == 0:
                head, begin = text[start:at].strip(), at + 1
            depth += 1
        elif sign == "}":
            depth -= 1
            if depth == 0:
                found.append((head, text[begin:at]))
                start = at + 1
    assert depth == 0
    return found


def scope(selector):
    """Return the kinds that a selector names, and nothing but names; None if it is another."""
    match = re.fullmatch(r"(?::is\()?(\.s2s-[\w-]+(?:, \.s2s-[\w-]+)*)\)?", selector)
    return match and {name.removeprefix(".s2s-") for name in match[1].split(", ")}


def test_a_rule_is_read_with_what_it_holds():
    text = "/* { */ .a { b { c: d } } @media (x) { .e { f: g } }"
    assert [head for head, _ in rules(text)] == [".a", "@media (x)"]
    assert scope(":is(.s2s-a, .s2s-b-c)") == {"a", "b-c"}
    assert scope(".s2s-a .s2s-b") is None


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.stem)
def test_a_sheet_is_of_its_figures(sheet):
    for selector, body in rules(sheet.read_text("utf-8")):
        if selector.startswith("@keyframes"):  # can't stand inside a rule
            assert selector.removeprefix("@keyframes ").startswith(f"s2s-{sheet.stem}-")
        elif sheet.name in FOR_ALL:
            inside = " ".join(head for head, _ in rules(body)) if selector[0] == "@" else selector
            assert ".s2s" in inside
        else:
            named = scope(selector)
            assert named and named <= set(KINDS)
            assert (named == {sheet.stem}) != (sheet.name in bundle.SHARED)


def test_every_sheet_is_shared_or_of_a_figure_and_none_is_lost():
    names = {sheet.name for sheet in SHEETS}
    assert set(bundle.SHARED) <= names
    assert {name.removesuffix(".css") for name in names - set(bundle.SHARED)} <= set(KINDS)
    assert all(sheet.read_text("utf-8") in bundle.figures_css() for sheet in SHEETS)
