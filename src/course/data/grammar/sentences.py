"""Clauses, lists of clauses, questions: everything above the verb phrase.

Tenses: ``pres``, ``past``, ``fut``; a sentence keeps one tense throughout, apart from relative
    clauses.
"""

from collections.abc import Iterator

from course.data.grammar.adjectives import AGREEMENT, MASS, PEOPLE, THINGS
from course.data.grammar.auxiliaries import MODES
from course.data.grammar.clauses import ACT, CL, RELATIVE, THIRD, WEATHER
from course.data.grammar.nouns import NP
from course.data.grammar.predicates import ANIMATE, PRO, SUBJECTS, VP, actor
from course.data.grammar.rules import Rule, production, rule, word
from course.data.grammar.states import BEING, REASON, STATE
from course.data.grammar.verb_group import group

TENSES = ("pres", "past", "fut")
TIMES = {
    "pres": {
        "today": "aujourd'hui",
        "now": "maintenant",
        "this morning": "ce~ matin",
        "this evening": "ce~ soir",
    },
    "past": {
        "yesterday": "hier",
        "last week": "la semaine dernière",
        "this morning": "ce~ matin",
        "last year": "l'année dernière",
    },
    "fut": {
        "tomorrow": "demain",
        "next week": "la semaine prochaine",
        "this evening": "ce~ soir",
        "next year": "l'année prochaine",
    },
}


@production
def WHEN(tense: str) -> Iterator[Rule]:
    """When ...: English keeps the present for the future, French does not."""
    yield rule(2, "when/a 0", "quand/a 0", WEATHER("w" + tense))
    mode = {"pres": "pres", "past": "past", "fut": "wfut"}[tense]
    for subject, p, n, g in SUBJECTS:
        yield rule(1, "when/a 0 1", "quand/a 0 1", subject, group("-", "h", mode, "", p, n, g))
    if tense == "fut":
        yield rule(2, "if/a 0", "si/a 0", WEATHER("if"))


@production
def BLOCK(tense: str, first: bool) -> Iterator[Rule]:
    """One clause, or a clause with its reason, its moment, or a thought."""
    yield rule(10, "0", "0", CL(tense, RELATIVE[tense], first))
    for mode, weight in MODES[tense]:
        for t in PEOPLE:
            for g, n in AGREEMENT:
                subject = NP(t, g, n, "d", "")
                yield rule(
                    0.05 * weight,
                    "0 1 2",
                    "0 1 2",
                    subject,
                    VP("h", mode, 3, n, g, "", False),
                    BECAUSE(tense, n, g),
                )
    yield rule(1, "0 1", "0 1", ACT(tense, "", first), WHEN(tense))
    yield rule(0.5, "0 because/a 1", "0 parce/a que/a 1", ACT(tense, "", first), WEATHER(tense))
    mode = "past" if tense == "past" else "pres"  # one thinks today that it will rain
    for subject, p, n, g in (*SUBJECTS, *(THIRD if first else ())):
        verb = group("THAT", "h", mode, "", p, n, g, "", "", False)
        yield rule(0.12, "0 1 that/a 2", "0 1 que/a 2", subject, verb, EMBEDDED(tense))


@production
def BECAUSE(tense: str, n: str, g: str) -> Iterator[Rule]:
    """Because he is tired: the pronoun stands for the subject of the main clause."""
    mode = MODES[tense][0][0]
    yield rule(1, "because/a 0 1", "parce/a que/a 0 1", PRO(3, n, g), REASON(mode, 3, n, g))


@production
def EMBEDDED(tense: str) -> Iterator[Rule]:
    """What one thinks or says; after a past tense it is a state or an action in progress."""
    if tense != "past":
        for inner in ("pres", "past") if tense == "pres" else ("fut",):
            yield rule(1, "0", "0", CL(inner, RELATIVE[inner], False))
        return
    for mode in ("past", "pastprog"):
        for t in (*ANIMATE, *THINGS, *MASS, "bldg", "site"):
            for g, n in AGREEMENT:
                if mode == "past":
                    yield rule(2, "0 1", "0 1", NP(t, g, n, "b", "past"), STATE(t, "past", 3, n, g))
                    if t not in MASS:
                        yield rule(
                            1, "0 1", "0 1", NP(t, g, n, "d", "past"), BEING(t, "past", 3, n)
                        )
                elif t in ANIMATE:
                    yield rule(
                        1,
                        "0 1",
                        "0 1",
                        NP(t, g, n, "d", "past"),
                        VP(actor(t), "pastprog", 3, n, g, "past", False),
                    )


@production
def LIST(tense: str, first: bool) -> Iterator[Rule]:
    """Two or more blocks."""
    yield rule(3, "0 and/a 1", "0 et/a 1", BLOCK(tense, first), BLOCK(tense, False))
    yield rule(1, "0 but/a 1", "0 mais/a 1", BLOCK(tense, first), BLOCK(tense, False))
    yield rule(2, "0 ,/c 1", "0 ,/c 1", BLOCK(tense, first), LIST(tense, False))


@production
def TIME(tense: str) -> Iterator[Rule]:
    """Yesterday, today, tomorrow."""
    for en, fr in TIMES[tense].items():
        yield word(1, en, fr.replace("l'", "la "))


@production
def TEXT(tense: str) -> Iterator[Rule]:
    """A statement without its mark."""
    yield rule(10, "0", "0", BLOCK(tense, True))
    yield rule(6, "0", "0", LIST(tense, True))
    yield rule(1, "0 ,/c 1", "0 ,/c 1", TIME(tense), ACT(tense, RELATIVE[tense], True))
    yield rule(0.7, "0 ,/c 1", "0 ,/c 1", TIME(tense), LIST(tense, True))
    yield rule(0.7, "0 ,/c 1", "0 ,/c 1", WHEN(tense), ACT(tense, RELATIVE[tense], False))
