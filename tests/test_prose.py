"""Numbers in prose are marked, and the marks agree with the records."""

import pytest

import prose
from course import results
from prose import Marked, agrees

PAGES = prose.pages()


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_numbers_are_true(page):
    text = page.read_text("utf-8")
    assert prose.problems(text, results.value, prose.papers()) == []


@pytest.mark.parametrize(
    "text",
    [
        "It reaches 93% of them.",
        "It reaches 93 per cent.",
        "An error of 0.25 remains.",
        "It rises by 1,234.5 tokens.",
        "Three times is 3 times as many.",
        "A speed-up of 2.5×, measured.",
        "A mix of 3:1 is common.",
        "Right in 27 out of 30 cases.",
        "| a | 0.5 |",
        "In *all* **12%** cases.",
        "- 0.5<!--exact--> and 0.7",
    ],
)
def test_an_unmarked_number_is_found(text):
    assert len(prose.unmarked(text)) == 1, prose.unmarked(text)


@pytest.mark.parametrize(
    "text",
    [
        "It reaches 93%<!--r:c01/attention/16/exact--> of them.",
        "It reaches **93%**<!--exact--> of them.",
        "A loss of 0.25<!--cite:cho2014-->.",
        "Three sentences, 24 symbols, 2,000 pairs, in 2014, chapter 02.",
        "Write `x = 0.5` or $p = 0.5$ and $$0.25$$ here.",
        "```python\nx = 0.5\n```\n",
        "Needs Python 3.11 and sacreBLEU 2.6.0 under CC-BY 2.0, see exercise 2.1.",
        "See [this](https://example.org/1.5/2) and section 3.1.",
        "<!-- 0.5 is a remark -->",
        "---\nversion: 0.5\n---\n\nWords.",
        "About −0.5<!--exact--> and 3×<!--exact-->.",
    ],
)
def test_what_is_marked_or_no_measurement_passes(text):
    assert prose.unmarked(text) == []


@pytest.mark.parametrize(
    ("shown", "unit", "value", "right"),
    [
        ("93", "%", 0.9349, True),
        ("93", "%", 0.936, False),
        ("93.4", "%", 0.9349, False),
        ("93.5", "%", 0.9349, True),
        ("0.25", "", 0.2549, True),
        ("0.25", "", 0.256, False),
        ("2,000", "", 2000.4, True),
        ("1.9", "M", 1_880_000, True),
        ("1.9", "M", 1_810_000, False),
        ("−0.5", "", -0.52, True),
        ("−0.5", "", 0.52, False),
        ("0.5", "", -0.52, True),
        ("+0.5", "", -0.52, False),
        ("3", "×", 3.2, True),
    ],
)
def test_agreement_to_the_digits_shown(shown, unit, value, right):
    assert agrees(Marked(shown, unit, "r:x", 1), value) is right


def test_problems_name_the_line_and_the_value():
    def value(mark):
        return {"c01/a/8/error": 0.5}[mark]

    good = "Words.\n\nIt is 0.5<!--r:c01/a/8/error-->, or 50%<!--r:c01/a/8/error-->.\n"
    assert prose.problems(good, value, set()) == []
    (wrong,) = prose.problems(good.replace("50%", "60%"), value, set())
    assert "line 3" in wrong
    assert "0.5" in wrong
    (missing,) = prose.problems("It is 0.5<!--r:c01/b/8/error-->.", value, set())
    assert "c01/b/8/error" in missing
    (paper,) = prose.problems("It is 0.5<!--cite:nobody1900-->.", value, {"cho2014"})
    assert "nobody1900" in paper
    (loose,) = prose.problems("Half<!--r:c01/a/8/error--> of it.", value, set())
    assert "does not stand" in loose


def test_cited_papers_are_known():
    assert {"bahdanau2015", "sutskever2014", "vaswani2017"} <= prose.papers()
