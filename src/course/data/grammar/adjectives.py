"""Nouns with their adjectives, and what kinds of nouns there are.

Features: `t` type (see `lexicon`), `g` gender, `n` number.
"""

from collections.abc import Iterator

from course.data.grammar import lexicon
from course.data.grammar.rules import Rule, production, rule, word

PEOPLE = ("per", "kin", "name")
MASS = ("meal", "dish", "drink")
THINGS = ("obj", "wear", "frail", "furn", "veh", "text", "work", "mail", "food")
SITES = ("room", "at", "bldg", "site", "sight", "home", "out")
AGREEMENT = tuple((g, n) for g in "mf" for n in "sp")
# narrower types, and the type whose adjectives they share
WIDER = {
    "wear": "obj",
    "frail": "obj",
    "work": "text",
    "mail": "text",
    "dish": "meal",
    "warm": "drink",
    "pro": "per",
    "sight": "bldg",
    "home": "room",
    "out": "room",
    "wild": "ani",
}
NARROWER = {wide: [t for t in WIDER if WIDER[t] == wide] for wide in WIDER.values()}
OWNED = {"obj", "wear", "frail", "furn", "veh", "text", "work", "mail", "home", "pro"}


@production
def N(t: str, g: str, n: str) -> Iterator[Rule]:
    """A noun."""
    for noun in lexicon.ALL_NOUNS:
        if t in noun.types and noun.gender == g and not (n == "p" and "one" in noun.types):
            yield word(1, noun.en[n == "p"], noun.fr[n == "p"], tags=(("noun", noun.en[0]),))


@production
def A(t: str, g: str, n: str, before: bool) -> Iterator[Rule]:
    """An adjective beside its noun.

    Before the noun its form may depend on the next word (bel, vieil, nouvel).
    """
    for adjective in lexicon.ALL_ADJECTIVES:
        if _suits(adjective, t) and adjective.before == before:
            form = adjective.fr[g, n]
            mark = (
                "~"
                if before and form in ("beau", "nouveau") or form == "vieux" and n == "s" and before
                else ""
            )
            yield word(1, adjective.en, form + mark, tags=_adjective_tags(adjective))


def _suits(adjective: lexicon.Adjective, t: str) -> bool:
    return t in adjective.types or WIDER.get(t) in adjective.types


def _adjective_tags(adjective: lexicon.Adjective) -> tuple:
    return (("adjective", adjective.en), ("sentiment", adjective.sentiment))


@production
def PRED(t: str, g: str, n: str) -> Iterator[Rule]:
    """An adjective after "to be"."""
    for adjective in lexicon.ALL_ADJECTIVES + lexicon.ALL_PREDICATES:
        if _suits(adjective, t) and adjective.en not in ("new", "young"):
            yield word(1, adjective.en, adjective.fr[g, n], tags=_adjective_tags(adjective))


@production
def ADJP(t: str, g: str, n: str) -> Iterator[Rule]:
    """An adjective after "to be", perhaps with "very", perhaps two."""
    yield rule(6, "0", "0", PRED(t, g, n))
    yield rule(1, "very/a 0", "très/a 0", DEGREE(t, g, n))


@production
def DEGREE(t: str, g: str, n: str) -> Iterator[Rule]:
    """An adjective that has degrees ("very big", not "very blue" or "very empty")."""
    fixed = {
        "new",
        "young",
        "late",
        "alone",
        "ready",
        "empty",
        "broken",
        "round",
        "delicious",
        "original",
        "ripe",
    }
    for adjective in lexicon.ALL_ADJECTIVES + lexicon.ALL_PREDICATES:
        if _suits(adjective, t) and adjective.en not in fixed | lexicon.COLOURS:
            yield word(1, adjective.en, adjective.fr[g, n], tags=_adjective_tags(adjective))


@production
def NBAR(t: str, g: str, n: str, before: bool) -> Iterator[Rule]:
    """A noun with its adjectives; ``before``: it begins with an adjective in French."""
    if before:
        yield rule(3, "0 1", "0 1", A(t, g, n, True), N(t, g, n))
        yield rule(1, "0 1 2", "0 2 1", A(t, g, n, True), A(t, g, n, False), N(t, g, n))
    else:
        yield rule(6, "0", "0", N(t, g, n))
        yield rule(4, "0 1", "1 0", A(t, g, n, False), N(t, g, n))
    for narrow in NARROWER.get(t, ()):
        yield rule(2, "0 1", "0 1" if before else "1 0", A(narrow, g, n, before), N(narrow, g, n))
