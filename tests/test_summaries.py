"""Reports and their summaries: exact, judged by the parser, and not to be had without reading."""

import re

import pytest

from course.data import grammar
from course.data.grammar.summaries import reports
from course.runtime import generator


def drawn(n=101, facts=(2, 4), others=3):
    return reports(n, facts=facts, others=others, generator=generator(5, "reports"))


def things(text):
    """Who, what they do, and to what, of one sentence."""
    name, verb, rest = text.removesuffix(".").split(" ", 2)
    return name, verb, re.split(", | and ", rest)


def sentences(report):
    return [each + "." for each in report.text.removesuffix(".").split(". ")]


def test_a_summary_says_what_the_report_says_of_the_first_person_and_nothing_else():
    for report in drawn():
        told = [things(sentence) for sentence in sentences(report)]
        name, verb, found = things(report.summary)
        assert name == report.about == told[0][0]
        assert found == [thing for who, _, (thing,) in told if who == name]
        assert {did for who, did, _ in told if who == name} == {verb}
        assert len(told) == len(found) + 3 == 3 + len(set(found))


def test_the_parser_accepts_both_sides():
    for report in drawn(7):
        assert grammar.accepts(report.summary, "en")
        assert all(grammar.accepts(sentence, "en") for sentence in sentences(report))


@pytest.mark.parametrize("others", [0, 4])
def test_numbers_of_facts_and_of_others_are_as_asked_for(others):
    found = drawn(others=others)
    counts = {len(things(report.summary)[2]) for report in found}
    assert counts == {2, 3, 4}
    for report in found:
        names = [things(sentence)[0] for sentence in sentences(report)]
        assert len(set(names)) == 1 + others
        assert names.count(report.about) == len(names) - others


def test_others_come_anywhere_behind_the_first():
    last = {things(sentences(report)[-1])[0] == report.about for report in drawn()}
    second = {things(sentences(report)[1])[0] == report.about for report in drawn()}
    assert last == second == {True, False}


def test_the_same_generator_gives_the_same_reports():
    assert drawn(7) == drawn(7)
    assert len({report.text for report in drawn()}) == 101
