"""Single clauses."""

from collections.abc import Iterator

from course.data.grammar.adjectives import AGREEMENT, MASS, THINGS
from course.data.grammar.auxiliaries import MODES
from course.data.grammar.nouns import NAMES, NP, NPO
from course.data.grammar.places import PLACE
from course.data.grammar.predicates import ANIMATE, PRO, SPEAKERS, SUBJECTS, VP, actor
from course.data.grammar.rules import Rule, production, rule
from course.data.grammar.states import BEING, STATE
from course.data.grammar.verb_group import group

THIRD = tuple((PRO(3, n, g), 3, n, g) for n, g in (("s", "m"), ("s", "f"), ("p", "m")))
YOU_ALL = (PRO(2, "p", "m"), 2, "p", "m")
RELATIVE = {"pres": "pres", "past": "past", "fut": "pres"}


@production
def ACT(tense: str, rel: str, pronouns: bool) -> Iterator[Rule]:
    """A clause in which people or animals do something.

    ``pronouns``: he, she and they may be its subject without an antecedent.
    """
    for mode, weight in MODES[tense]:
        for t in ANIMATE:
            for g, n in AGREEMENT:
                share = 3 * weight * (2 if n == "s" else 1) * (0.4 if t == "kin" else 1)
                verb = VP(actor(t), mode, 3, n, g, rel, False)
                yield rule(share, "0 1", "0 1", NP(t, g, n, "s", rel), verb)
        for g in "mf":
            verb = VP("h", mode, 3, "p", g, "", False)
            yield rule((2 if g == "m" else 0.7) * weight, "0 1", "0 1", NAMES(g), verb)
        for subject, p, n, g in SPEAKERS + (THIRD + (YOU_ALL,) if pronouns else ()):
            yield rule(weight, "0 1", "0 1", subject, VP("h", mode, p, n, g, rel, False))


@production
def CL(tense: str, rel: str, pronouns: bool) -> Iterator[Rule]:
    """A clause: somebody does something, or is something, or is somewhere."""
    yield rule(7, "0", "0", ACT(tense, rel, pronouns))
    mode = MODES[tense][0][0]
    for t in ANIMATE:
        for g, n in AGREEMENT:
            share = 0.04 if n == "s" else 0.02
            yield rule(share, "0 1", "0 1", NP(t, g, n, "s", rel), BEING(t, mode, 3, n))
            yield rule(share, "0 1", "0 1", NP(t, g, n, "b", ""), STATE(t, mode, 3, n, g))
    for subject, p, n, g in SPEAKERS + (THIRD if pronouns else ()):
        yield rule(0.03, "0 1", "0 1", subject, STATE("per", mode, p, n, g))
    yield from _things(mode, rel)
    yield from _long(mode)
    yield from _there(mode)
    yield rule(0.05, "0", "0", WEATHER(tense))


def _long(mode: str) -> Iterator[Rule]:
    """Clauses that one device lengthens without end.

    A list of objects, a chain of relative clauses.
    """
    for subject, p, n, g in SUBJECTS:
        if subject[1] == "name":
            buy = group("obj", "h", mode, "", p, n, g)
            yield rule(0.02, "0 1 2", "0 1 2", subject, buy, ITEMS("obj"))
    for g, n in AGREEMENT:
        follow = group("ani", "a", mode, "", 3, n, g)
        yield rule(0.02, "0 1 2", "0 1 2", NP("ani", g, n, "b", ""), follow, CHAIN(mode))


@production
def ITEMS(t: str) -> Iterator[Rule]:
    """A list of objects."""
    for one in (NPO(t, "o", ""), NPO("frail", "o", "")):
        for other in (NPO(t, "o", ""), NPO("wear", "o", "")):
            yield rule(1, "0 and/a 1", "0 et/a 1", one, other)
        yield rule(4, "0 ,/c 1", "0 ,/c 1", one, ITEMS(t))


@production
def CHAIN(mode: str) -> Iterator[Rule]:
    """An animal that watches an animal that watches ..."""
    for g, n in AGREEMENT:
        animal, verb = NP("ani", g, n, "b", ""), group("ani", "a", mode, "", 3, n, g)
        yield rule(1, "0 that/a 1 2", "0 qui/a 1 2", animal, verb, CHAIN(mode))
        yield rule(1, "0 that/a 1 2", "0 qui/a 1 2", animal, verb, NPO("ani", "b", ""))


def _things(mode: str, rel: str) -> Iterator[Rule]:
    for t in (*THINGS, *MASS, "room", "at", "bldg", "site"):
        for g, n in AGREEMENT:
            share = 0.03 if n == "s" else 0.015
            yield rule(share, "0 1", "0 1", NP(t, g, n, "b", ""), STATE(t, mode, 3, n, g))
            if t not in (*MASS, "room", "at", "wear"):
                yield rule(share, "0 1", "0 1", NP(t, g, n, "s", rel), BEING(t, mode, 3, n))


def _there(mode: str) -> Iterator[Rule]:
    for t, where in (("veh", "veh"), ("ani", "a"), ("per", "h"), ("obj", "obj"), ("food", "obj")):
        for g, n in AGREEMENT:
            there = THERE(mode, n, False)
            yield rule(0.03, "0 1 2", "0 1 2", there, NP(t, g, n, "indef", ""), PLACE(where))
            yield rule(
                0.01, "0 1 2", "0 1 2", THERE(mode, n, True), NP(t, g, n, "none", ""), PLACE(where)
            )


@production
def THERE(mode: str, n: str, negative: bool) -> Iterator[Rule]:
    """There is: il y a."""
    is_, a = {
        "pres": ("is" if n == "s" else "are", "a"),
        "past": ("was" if n == "s" else "were", "avait"),
    }.get(mode, ("will be", "aura"))
    verb = " ".join(f"{w}/a" for w in is_.split())
    if negative:
        if mode != "fut":
            yield rule(1, f"there/a {verb} no/n", f"il/a ne/n y/a {a}/a pas/n de/n")
    else:
        yield rule(1, f"there/a {verb}", f"il/a y/a {a}/a")


@production
def WEATHER(tense: str) -> Iterator[Rule]:
    """It is raining."""
    pairs = {
        "pres": (
            ("it is raining", "il pleut"),
            ("it is snowing", "il neige"),
            ("it is cold", "il fait froid"),
        ),
        "past": (
            ("it was raining", "il pleuvait"),
            ("it was snowing", "il neigeait"),
            ("it was cold", "il faisait froid"),
        ),
        "fut": (
            ("it will rain", "il pleuvra"),
            ("it will snow", "il neigera"),
            ("it will be cold", "il fera froid"),
        ),
        "if": (("it rains", "il pleut"), ("it snows", "il neige"), ("it is cold", "il fait froid")),
        "wpres": (("it rains", "il pleut"), ("it snows", "il neige")),
        "wpast": (("it rained", "il pleuvait"), ("it was cold", "il faisait froid")),
        "wfut": (("it rains", "il pleuvra"), ("it snows", "il neigera")),
    }
    for en, fr in pairs[tense]:
        it, *verb = en.split()
        il, *verbe = fr.split()
        yield rule(
            1,
            f"{it}/i " + " ".join(f"{w}/v" for w in verb),
            f"{il}/i " + " ".join(f"{w}/v" for w in verbe),
        )
