"""What the tests of every claim's rule share: made-up rows, and what must hold of each rule."""

from types import ModuleType

import pytest

from course.experiments.rules import VERDICTS
from course.results.records import Row

Cases = dict[str, tuple[list[Row], str]]


def parameters(claims: dict[str, tuple[ModuleType, Cases]]) -> list:
    """One parameter set (module, rows, verdict) for each case of each claim."""
    return [
        pytest.param(module, rows, verdict, id=f"{claim}: {case}")
        for claim, (module, cases) in claims.items()
        for case, (rows, verdict) in cases.items()
    ]


def rows_lead_to(module: ModuleType, rows: list[Row], expected: str) -> None:
    """The rule gives the verdict, and reads its rows only once."""
    assert module.verdict(rows) == expected
    assert module.verdict(iter(rows)) == expected, "a rule reads its rows once"


def every_verdict_is_reached(cases: Cases) -> None:
    """The cases reach all four verdicts."""
    assert {verdict for _, verdict in cases.values()} == set(VERDICTS)


def intervals_hold_their_numbers(module: ModuleType, rows: list[Row]) -> None:
    """Each number of a summary lies within its interval."""
    summary = module.summary(rows)
    for key, value in summary.items():
        if f"{key}.low" in summary:
            assert summary[f"{key}.low"] <= value <= summary[f"{key}.high"]
