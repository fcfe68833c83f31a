"""Questions, and the root of the grammar.

French asks with "est-ce que" throughout, and with "où est" for places.
"""

from collections.abc import Iterator

from course.data.grammar.adjectives import ADJP, AGREEMENT, N
from course.data.grammar.auxiliaries import MODES, be, english_auxiliary
from course.data.grammar.clauses import THIRD
from course.data.grammar.morphology import SLOT, conjugate
from course.data.grammar.nouns import NAME, NP
from course.data.grammar.places import PLACE, whereabouts
from course.data.grammar.predicates import SHORT, SUBJECTS, VP
from course.data.grammar.rules import Rule, Symbol, production, rule
from course.data.grammar.sentences import BLOCK, LIST, TENSES, TEXT
from course.data.grammar.states import STATE
from course.data.grammar.verb_group import group

# whom one asks about: not oneself
ASKED = (*(s for s in SUBJECTS if s[1] != 1), *THIRD)


@production
def QUESTION() -> Iterator[Rule]:
    """A question without its mark."""
    for tense in TENSES:
        for mode, weight in MODES[tense]:
            for subject, p, n, g in ASKED:
                yield from _asked(subject, mode, weight, p, n, g)
        for t in (
            "per",
            "kin",
            "name",
            "veh",
            "obj",
            "text",
            "food",
            "bldg",
            "site",
            "at",
            "room",
            "ani",
        ):
            for g, n in AGREEMENT:
                yield from _about(NP(t, g, n, "b", ""), t, MODES[tense][0][0], n, g)
    yield rule(20, "do/e you/u think/v that/t 0", "est-ce/e que/e tu/u penses/v que/t 0", THOUGHT())
    yield rule(10, "0 and/a 1", "0 et/a 1", ASKED_SHORT(), ASKED_SHORT())


@production
def ASKED_SHORT() -> Iterator[Rule]:
    """A question short enough to be joined with another."""
    for mode, weight in MODES["pres"] + MODES["past"]:
        for subject, p, n, g in ASKED:
            auxiliary = english_auxiliary(mode, p, n)
            verb = VP("h", mode, p, n, g, "", True)
            yield rule(weight, f"{auxiliary}/e 0 1", "est-ce/e que/e 0 1", subject, verb)


@production
def THOUGHT() -> Iterator[Rule]:
    """What is asked about after "do you think that"."""
    for tense in TENSES:
        yield rule(1, "0", "0", BLOCK(tense, True))
        yield rule(1, "0", "0", LIST(tense, True))


def _asked(subject: Symbol, mode: str, weight: float, p: int, n: str, g: str) -> Iterator[Rule]:
    auxiliary = english_auxiliary(mode, p, n)
    verb = VP("h", mode, p, n, g, "", True)

    def asked(frame: str, before: str = "") -> Symbol:
        return group(frame, "h", mode, "", p, n, g, "", before, True)

    yield rule(3 * weight, f"{auxiliary}/e 0 1", "est-ce/e que/e 0 1", subject, verb)
    yield rule(weight, f"why/w {auxiliary}/e 0 1", "pourquoi/w est-ce/e que/e 0 1", subject, verb)
    yield rule(
        0.5 * weight, f"when/w {auxiliary}/e 0 1", "quand/w est-ce/e que/e 0 1", subject, verb
    )
    yield rule(
        0.5 * weight, f"where/w {auxiliary}/e 0 1", "où/w est-ce/e que/e 0 1", subject, asked("@")
    )
    for t in ("obj", "text", "food"):
        yield rule(
            0.5 * weight, f"what/w {auxiliary}/e 0 1", "que/w est-ce/e que/e 0 1", subject, asked(t)
        )
        for gender in "mf":
            counted = N(t, gender, "p")
            yield rule(
                0.2 * weight,
                f"how/w many/w 0 {auxiliary}/e 1 2",
                "combien/w de/w 0 est-ce/e que/e 1 2",
                counted,
                subject,
                asked(t, gender + "p"),
            )
    yield rule(
        0.5 * weight, f"who/w {auxiliary}/e 0 1", "qui/w est-ce/e que/e 0 1", subject, asked("per")
    )


def _about(subject: Symbol, t: str, mode: str, n: str, g: str) -> Iterator[Rule]:
    etre = conjugate("être")
    if mode == "fut":
        fr = etre.future[SLOT[3, n]]
        yield rule(1, "will/v 0 be/v 1", f"est-ce/v que/v 0 {fr}/v 1", subject, ADJP(t, g, n))
        return
    fr = (etre.present if mode == "pres" else etre.imperfect)[SLOT[3, n]]
    en = be(mode, 3, n)
    yield rule(1, f"{en}/v 0 1", f"est-ce/v que/v 0 {fr}/v 1", subject, ADJP(t, g, n))
    if t not in ("at", "room"):
        place = PLACE(whereabouts(t))
        yield rule(1, f"{en}/v 0 1", f"est-ce/v que/v 0 {fr}/v 1", subject, place)
    yield rule(2, f"where/w {en}/v 0", f"où/w {fr}/v 0", NP(t, g, n, "d", ""))


@production
def WHO(mode: str) -> Iterator[Rule]:
    """Who did it."""
    yield rule(3, "who/w 0", "qui/w 0", VP("h", mode, 3, "s", "m", "", False))
    yield rule(1, "who/w 0", "qui/w 0", STATE("per", mode, 3, "s", "m"))


@production
def DEED() -> Iterator[Rule]:
    """What somebody does, for summaries; not part of ROOT."""
    for name in (NAME("m"), NAME("f")):
        yield rule(1, "0 1", "0 1", name, SHORT("h", "pres", 3, "s", "m"))


@production
def ROOT() -> Iterator[Rule]:
    """A whole sentence."""
    for tense, weight in (("pres", 5), ("past", 4), ("fut", 2)):
        yield rule(
            weight, "0 ./p", "0 ./p", TEXT(tense), tags=(("tense", tense), ("kind", "statement"))
        )
        for mode, share in MODES[tense]:
            yield rule(0.008 * share, "0 ?/p", "0 ?/p", WHO(mode), tags=(("kind", "question"),))
    yield rule(0.8, "0 ?/p", "0 ?/p", QUESTION(), tags=(("kind", "question"),))
