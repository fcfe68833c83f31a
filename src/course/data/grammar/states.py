"""To be something or somewhere, and the reasons people have."""

from collections.abc import Iterator

from course.data.grammar.adjectives import ADJP, PEOPLE, PRED
from course.data.grammar.auxiliaries import BE
from course.data.grammar.places import PLACE, whereabouts
from course.data.grammar.rules import Rule, Symbol, production, rule, rules, word

FEELINGS = {
    "hungry": "faim",
    "thirsty": "soif",
    "cold": "froid",
    "hot": "chaud",
    "afraid": "peur",
    "right": "raison",
}


@production
def FEELING() -> Iterator[Rule]:
    """What one "is" in English and "has" in French: hunger, thirst, ..."""
    for en, fr in FEELINGS.items():
        yield word(1, en, fr, tags=(("adjective", en),))


@production
def STATE(t: str, mode: str, p: int, n: str, g: str) -> Iterator[Rule]:
    """To be something."""
    for pols, weight in (("", 4), ("not", 1)):
        yield rule(2 * weight, "0 1", "0 1", BE("être", mode, pols, p, n), ADJP(t, g, n))
    if t in PEOPLE:
        for pols in "+-":
            yield rule(0.6, "0 1", "0 1", BE("avoir", mode, pols, p, n), FEELING())


@production
def BEING(t: str, mode: str, p: int, n: str) -> Iterator[Rule]:
    """To be somewhere."""
    for pols, weight in (("", 4), ("not", 1)):
        yield rule(weight, "0 1", "0 1", BE("être", mode, pols, p, n), PLACE(whereabouts(t)))


REASONS = {"tired", "ill", "late", "sad", "happy", "hungry", "thirsty", "cold", "afraid"}


@production
def REASON(mode: str, p: int, n: str, g: str) -> Iterator[Rule]:
    """To be in a state that explains what one does."""
    yield rule(2, "0 1", "0 1", BE("être", mode, "", p, n), MOOD(g, n))
    yield rule(1, "0 1", "0 1", BE("avoir", mode, "", p, n), NEED())


@production
def NEED() -> Iterator[Rule]:
    """Hungry, cold, afraid: reasons to do something."""
    yield from _reasons(FEELING())


@production
def MOOD(g: str, n: str) -> Iterator[Rule]:
    """Tired, happy, late: reasons to do something."""
    yield from _reasons(PRED("kin", g, n))


def _reasons(symbol: Symbol) -> Iterator[Rule]:
    for r in rules(symbol):
        if REASONS & set(dict(r.tags).values()):
            yield Rule(1, r.template, (), r.tags)
