"""Verb phrases, and the clauses inside noun phrases.

Features: ``s`` who acts (h people, a animals), ``mode`` (see verb_group), person, number and gender
    of the subject, ``rel`` the tense of relative clauses allowed inside ("" for none), ``q``
    whether the English auxiliary stands before the subject.
"""

from collections.abc import Iterator

from course.data.grammar.adjectives import AGREEMENT, MASS, PEOPLE, SITES, THINGS
from course.data.grammar.auxiliaries import DATIVE, DIRECT, MODES, OWN
from course.data.grammar.morphology import SLOT, conjugate
from course.data.grammar.nouns import NP, NPO
from course.data.grammar.places import CITY, COUNTRY, PLACE, SITE
from course.data.grammar.rules import Rule, Symbol, production, rule, word
from course.data.grammar.states import BEING
from course.data.grammar.verb_group import group

OBJECTS = {"h": (*THINGS, *MASS, *PEOPLE, "ani", *SITES), "a": ("ani", "per", "kin", "food")}
ANIMATE = ("ani", *PEOPLE)
GIVEN = ("obj", "text", "food", "mail")


def actor(t: str) -> str:
    """The actor class of a noun type."""
    return "a" if t == "ani" else "h"


def object_roles(t: str) -> tuple[tuple[str, float], ...]:
    """Determiners that suit an object of this type."""
    return (("d", 3), ("o", 1)) if t in ("per", "ani") else (("o", 1),)


def thing(t: str, role: str, rel: str) -> Symbol:
    """An object: places are definite and mostly one."""
    return SITE(t) if t in SITES else NPO(t, role, rel)


@production
def VP(s: str, mode: str, p: int, n: str, g: str, rel: str, q: bool) -> Iterator[Rule]:
    """A verb phrase."""

    def verb(frame: str, pols: str = "+", clitic: str = "") -> tuple:
        return group(frame, s, mode, pols, p, n, g, clitic, "", q)

    yield from _intransitive(verb, s, mode)
    yield from _transitive(verb, s, rel)
    for clitic in DIRECT:
        if clitic not in OWN[p, n]:
            for pols, weight in (("+", 0.5), ("-", 0.3)):
                yield rule(weight, "0", "0", verb("per", pols, clitic))
    if s == "h":
        yield from _giving(verb, rel, OWN[p, n])
        if mode != "inf":
            yield from _modal(verb, mode, p, n, g, q)
    if not q:
        yield from _taken_up(verb, s, mode, p, n, g)
        yield rule(1, "0 and/a 1", "0 et/a 1", SHORT(s, mode, p, n, g), SHORT(s, mode, p, n, g))


def _intransitive(verb, s: str, mode: str) -> Iterator[Rule]:
    for pols, weight in (("+", 3), ("-", 1)):
        yield rule(weight, "0", "0", verb("-", pols))
        yield rule(0.3 * weight, "0 1", "0 1", verb("GO", pols), TO())
    yield rule(1, "0 1", "0 1", verb("~"), MANNER())
    yield rule(3, "0 1", "0 1", verb("@"), PLACE(s))
    yield rule(2, "0 1", "0 1", verb("GO"), TO())
    yield rule(1, "0 1", "0 1", verb("STAY"), PLACE(s))
    yield rule(1, "0 1", "0 1", verb("CITY"), CITY())
    yield rule(1, "0 1", "0 dans/0! 1", verb("ENTER"), SITE("room" if s == "h" else "out"))
    yield rule(1, "0 1", "0 1", verb("ARRIVE"), AT())


def _transitive(verb, s: str, rel: str) -> Iterator[Rule]:
    for t in OBJECTS[s]:
        share = 1.5 if t in THINGS else 0.7
        for role, weight in object_roles(t):
            yield rule(share * weight, "0 1", "0 1", verb(t), thing(t, role, rel))
        yield rule(0.3 * share, "0 1", "0 1", verb(t, "-"), thing(t, "d", ""))
        if t in THINGS + MASS:
            yield rule(0.3 * share, "0 1", "0 1", verb(t, "-"), NPO(t, "n", ""))


def _giving(verb, rel: str, own: set[str]) -> Iterator[Rule]:
    for t in PEOPLE:
        yield rule(0.7, "0 to/a 1", "0 à/a 1", verb(f"to:{t}"), NPO(t, "d", ""))
        yield rule(0.4, "0 1", "0 à/0! 1", verb(f"direct-to:{t}"), NPO(t, "d", ""))
        yield rule(0.2, "0 1", "0 à/0! 1", verb(f"direct-to:{t}", "-"), NPO(t, "d", ""))
        for thing in GIVEN:
            frame = f"give:{thing}"
            yield rule(
                0.5, "0 1 to/a 2", "0 1 à/a 2", verb(frame), NPO(thing, "o", ""), NPO(t, "d", "")
            )
    for clitic in DATIVE:
        if clitic.removeprefix("to ") in own:
            continue
        yield rule(0.3, "0", "0", verb("direct-to:per", "+", clitic))
        yield rule(0.1, "0", "0", verb("direct-to:per", "-", clitic))
        for thing in GIVEN:
            frame = f"give:{thing}"
            yield rule(0.2, "0 1", "0 1", verb(frame, "+", clitic), NPO(thing, "o", rel))
            yield rule(0.1, "0 1", "0 1", verb(frame, "-", clitic), NPO(thing, "n", ""))


def _modal(verb, mode: str, p: int, n: str, g: str, q: bool) -> Iterator[Rule]:
    infinitive = VPI(p, n, g)
    yield rule(2, "0 1", "0 1", verb("INF"), infinitive)
    yield rule(1, "0 1", "0 1", verb("INF", "-"), infinitive)
    if mode in ("pres", "past") and not q:
        yield rule(2, "0 1", "0 1", MODAL(mode, p, n), infinitive)


@production
def MODAL(mode: str, p: int, n: str) -> Iterator[Rule]:
    """Can and must."""
    for en, fr in (("can", "pouvoir"), ("must", "devoir")):
        verb = conjugate(fr)
        if mode == "pres":
            form = verb.present[SLOT[p, n]]
            yield word(3, en, form)
            negative = "cannot/mn" if en == "can" else "must/m not/n"
            yield rule(1, negative, f"ne/n {form}/m pas/n")
        else:
            form = verb.imperfect[SLOT[p, n]]
            yield word(3, "could" if en == "can" else "had to", form)
            if en == "can":
                yield rule(1, "could/m not/n", f"ne/n {form}/m pas/n")


@production
def VPI(p: int, n: str, g: str) -> Iterator[Rule]:
    """An infinitive with its objects."""

    def verb(frame: str, clitic: str = "") -> tuple:
        return group(frame, "h", "inf", "", p, n, g, clitic, "", False)

    yield rule(2, "0", "0", verb("-"))
    yield rule(2, "0 1", "0 1", verb("GO"), TO())
    yield rule(1, "0 1", "0 1", verb("@"), PLACE("h"))
    for t in OBJECTS["h"]:
        role = object_roles(t)[0][0]
        yield rule(0.7, "0 1", "0 1", verb(t), thing(t, role, ""))
    for clitic in DIRECT:
        if clitic not in OWN[p, n]:
            yield rule(0.4, "0", "0", verb("per", clitic))


def _taken_up(verb, s: str, mode: str, p: int, n: str, g: str) -> Iterator[Rule]:
    """Two verbs, one object: "takes the car and washes it"."""
    for t in THINGS if s == "h" else ():
        for og, on in AGREEMENT:
            again = group(f"second:{t}", s, mode, "", p, n, g, f"it.{og}{on}")
            thing = NP(t, og, on, "o", "")
            yield rule(0.2, "0 1 and/a 2", "0 1 et/a 2", verb(f"first:{t}", ""), thing, again)


@production
def SHORT(s: str, mode: str, p: int, n: str, g: str) -> Iterator[Rule]:
    """A short verb phrase, for coordination."""

    def verb(frame: str) -> tuple:
        return group(frame, s, mode, "+", p, n, g, "", "", False)

    yield rule(2, "0", "0", verb("-"))
    yield rule(1, "0 1", "0 1", verb("@"), PLACE(s))
    yield rule(1, "0 1", "0 1", verb("GO"), TO())
    for t in OBJECTS[s]:
        yield rule(0.4, "0 1", "0 1", verb(t), thing(t, object_roles(t)[0][0], ""))


@production
def TO() -> Iterator[Rule]:
    """Where one goes."""
    yield rule(4, "to/a 0", "à/a 0", SITE("at"))
    yield rule(1.5, "to/a 0", "à/a 0", CITY())
    yield rule(1, "0", "0", COUNTRY("to"))


@production
def AT() -> Iterator[Rule]:
    """Where one arrives."""
    yield rule(4, "at/a 0", "à/a 0", SITE("at"))
    yield rule(1.5, "in/a 0", "à/a 0", CITY())


@production
def MANNER() -> Iterator[Rule]:
    """How."""
    for en, fr in (
        ("slowly", "lentement"),
        ("quietly", "tranquillement"),
        ("together", "ensemble"),
        ("a lot", "beaucoup"),
    ):
        if en not in ("together", "a lot"):
            yield word(1, en, fr)


@production
def REL(t: str, g: str, n: str, tense: str) -> Iterator[Rule]:
    """A relative clause; the participle agrees with the noun when "que" is its object."""
    who = "who" if t in PEOPLE else "that"
    for mode, weight in MODES[tense]:
        yield rule(weight, f"{who}/a 0", "qui/a 0", BEING(t, mode, 3, n))
        if t in ANIMATE:
            yield rule(2 * weight, f"{who}/a 0", "qui/a 0", VP(actor(t), mode, 3, n, g, "", False))
        for subject, p, sn, sg in SUBJECTS:
            verb = group(t, "h", mode, "+", p, sn, sg, "", g + n, False)
            yield rule(0.5 * weight, "that/a 0 1", "que/a 0 1", subject, verb)
            if t in ("room", "at"):
                inner = group("@", "h", mode, "+", p, sn, sg, "", "", False)
                yield rule(0.5 * weight, "where/a 0 1", "où/a 0 1", subject, inner)


@production
def PRO(p: int, n: str, g: str) -> Iterator[Rule]:
    """A subject pronoun."""
    en, fr = {
        (1, "s", "m"): ("I", "je"),
        (2, "s", "m"): ("you", "tu"),
        (3, "s", "m"): ("he", "il"),
        (3, "s", "f"): ("she", "elle"),
        (1, "p", "m"): ("we", "nous"),
        (2, "p", "m"): ("you all", "vous"),
        (3, "p", "m"): ("they", "ils"),
        (3, "p", "f"): ("they", "elles"),
    }[p, n, g]
    yield word(1, en, fr)


SPEAKERS = tuple((PRO(p, n, "m"), p, n, "m") for p, n in ((1, "s"), (2, "s"), (1, "p")))
SUBJECTS = (
    *SPEAKERS,
    *((NP("name", g, "s", "d", ""), 3, "s", g) for g in "mf"),
    *((NP("kin", g, n, "d", ""), 3, n, g) for g, n in AGREEMENT),
    *((NP("per", g, n, "d", ""), 3, n, g) for g, n in AGREEMENT),
)
