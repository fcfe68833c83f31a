"""Figure "beam tree": the browser's search is the package's, and the exact best is exact."""

import itertools
import math
from functools import cache

import pytest
import torch

from course.data.tokenizer import BOS, EOS
from course.decoding import LengthPenalty, beam_search, exact_search, greedy
from course.errors import CourseError
from course.figures.beam_explorer import EIGHT_WORDS, BeamTree, said_by
from course.models.interface import Step
from live_figures import shown
from node_tests import run, write

KIND = "beam-tree"
FOUR_WORDS = {
    "start": {"un": 0.55, "le": 0.45},
    "un": {"chat": 0.4, "dort": 0.3, "end": 0.3},
    "le": {"chat": 0.9, "end": 0.1},
    "chat": {"dort": 0.8, "end": 0.2},
    "dort": {"end": 1.0},
}
TABLES = {"Four words": FOUR_WORDS, "Eight words": EIGHT_WORDS}
LONGEST = 6
SOURCE = torch.zeros(1, 1, dtype=torch.long), torch.ones(1, 1, dtype=torch.bool)


@cache
def example():
    return BeamTree(TABLES)


class Language:
    """A table as a model that the package can search."""

    def __init__(self, table):
        self.table = table
        others = sorted({w for row in table.values() for w in row} - {"end"})
        self.ids = {"start": BOS, "end": EOS} | {word: i for i, word in enumerate(others, 4)}
        self.words = {index: word for word, index in self.ids.items()}

    def __call__(self, src, src_mask, tgt_in):
        raise NotImplementedError("it is searched only")

    def encode(self, src, src_mask):
        return (src,)

    def start(self, memory, prefix):
        return ()

    def step(self, token, memory, state, *, return_weights=False):
        log_probs = torch.full((len(token), max(self.words) + 1), -math.inf)
        for row, last in enumerate(token.tolist()):
            for word, p in self.table.get(self.words.get(last), {"end": 1.0}).items():
                log_probs[row, self.ids[word]] = math.log(p)
        return Step(log_probs, state)

    def text(self, hypothesis):
        return " ".join(self.words[token] for token in hypothesis.tokens)


def expected(table, beam, alpha):
    language, penalty = Language(table), LengthPenalty(alpha=alpha)
    ((found,),) = beam_search(
        language, *SOURCE, beam=beam, max_length=LONGEST, length_penalty=penalty
    )
    (exact,) = exact_search(language, *SOURCE, max_length=LONGEST, length_penalty=penalty)
    assert exact.proved
    (first,) = greedy(language, *SOURCE, max_length=LONGEST)
    return {
        "beam": beam,
        "alpha": alpha,
        "output": language.text(found),
        "score": found.score,
        "exact": language.text(exact.best),
        "best": exact.best.score,
        "greedy": language.text(first),
    }


def test_the_browser_searches_as_the_package_does(tmp_path):
    settings = list(itertools.product(range(1, 6), (0.0, 0.1, 0.5, 1.0, 2.0)))
    cases = [
        {"language": language, **expected(TABLES[language["name"]], beam, alpha)}
        for language in example().data["data"]["languages"]
        for beam, alpha in settings
    ]
    write(tmp_path, "beam-tree.json", cases)
    run("beam-tree", tmp_path)


def test_what_the_chapter_says_of_eight_words():
    without = [expected(EIGHT_WORDS, beam, 0.0) for beam in range(1, 6)]
    assert [each["output"] == each["exact"] for each in without] == [False] * 2 + [True] * 3
    with_it = [expected(EIGHT_WORDS, beam, 1.0) for beam in range(1, 6)]
    assert [each["output"] == each["exact"] for each in with_it] == [False] * 3 + [True] * 2
    assert without[0]["exact"] != with_it[0]["exact"]


def test_a_language_that_cannot_be_listed_is_refused():
    assert sum(said_by(FOUR_WORDS).values()) == pytest.approx(1)
    with pytest.raises(CourseError, match="don't sum to 1"):
        said_by({"start": {"end": 0.5}})
    with pytest.raises(CourseError, match="isn't above 0"):
        said_by({"start": {"a": 1.0, "b": 0.0}, "a": {"end": 1.0}, "b": {"end": 1.0}})
    with pytest.raises(CourseError, match="doesn't say what follows 'a'"):
        said_by({"start": {"a": 1.0}})
    for tables, more in (({}, {}), ({"one": EIGHT_WORDS}, {"beam": 0})):
        with pytest.raises(CourseError, match="needs a language, and a beam"):
            BeamTree(tables, **more)
    with pytest.raises(CourseError, match="alpha"):
        BeamTree({"one": EIGHT_WORDS}, alpha=-1)
    with pytest.raises(CourseError, match="can come twice"):
        said_by({"start": {"a": 1.0}, "a": {"a": 0.5, "end": 0.5}})


def said(figure):
    return figure.locator(".s2s-result").inner_text()


def test_widening_and_the_penalty_by_mouse(browser, tmp_path):
    with shown(browser, tmp_path, KIND) as (_, figure):
        figure.get_by_text("“un chat dort”", exact=False).first.wait_for()
        assert said(figure).startswith("Beam 1 says “un chat dort”")
        assert "lost it at step 1" in said(figure)
        figure.get_by_label("2", exact=True).check()
        figure.get_by_text("Beam 2 finds").first.wait_for()
        best = figure.locator(".s2s-tree button", has_text="the exact best")
        assert best.count() == 4
        assert figure.locator(".s2s-tree button", has_text="greedy’s path").count() == 4
        figure.get_by_label("Eight words").check()
        figure.get_by_text("Beam 2 says").first.wait_for()
        rows = figure.locator(".s2s-sentences tbody tr")
        assert rows.count() == len(said_by(EIGHT_WORDS))
        assert rows.first.locator("th").inner_text() == "non"
        figure.get_by_label("Length penalty").fill("1")
        figure.get_by_text("“le chat dort”", exact=False).first.wait_for()
        assert rows.first.locator("th").inner_text() == "le chat dort"


def test_stepping_and_widening_by_keyboard(browser, tmp_path):
    with shown(browser, tmp_path, KIND) as (page, figure):
        figure.locator(".s2s-tree button").first.wait_for()
        back = figure.get_by_role("button", name="Back")
        back.press("Enter")
        assert "step 3 of 4" in figure.locator(".s2s-beam .s2s-slider").inner_text()
        figure.get_by_role("radio", name="1", exact=True).focus()
        page.keyboard.press("ArrowRight")
        figure.get_by_text("Beam 2 finds").first.wait_for()
        figure.locator(".s2s-tree button").first.focus()
        page.keyboard.press("ArrowRight")
        assert page.evaluate("document.activeElement.dataset.node").startswith("1,")
