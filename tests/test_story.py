"""The page that tells the whole story: its verdicts are those of the records it quotes."""

import re
from pathlib import Path

from course import results

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "book" / "story.md").read_text("utf-8")
ROWS = [line for line in PAGE.splitlines() if re.match(r"\| \[", line)]
VERDICTS = ("supported with a caveat", "not supported here", "inconclusive", "supported")


def test_every_chapter_but_the_first_has_its_row():
    """The first chapter sets the task: nothing is measured there."""
    told = {int(found) for row in ROWS for found in re.findall(r"notebooks/(\d\d)_", row)}
    assert told == set(range(2, 12))


def test_each_verdict_is_that_of_a_record_which_the_row_quotes():
    for row in ROWS:
        *_, measured, verdict = (cell.strip() for cell in row.strip("| ").split(" | "))
        quoted = set(re.findall(r"<!--r:(\w+)/", measured))
        assert quoted, f"nothing is measured: {row}"
        said = re.findall("|".join(VERDICTS), verdict.replace("with a caveat", VERDICTS[0]))
        assert {results.verdict(name) for name in quoted} == set(said), row


def test_no_row_names_another_claim_than_it_quotes():
    for row in ROWS:
        claims = {results.load(name).claim for name in re.findall(r"<!--r:(\w+)/", row)}
        assert set(re.findall(r"\bC\d+\b", row)) == claims, row
