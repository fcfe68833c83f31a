"""Sentences whose structure is held fixed while one device makes them longer.

For curves of quality against length: if longer sentences also had rarer constructions, the curve
would mix two causes.
"""

import random
from collections.abc import Callable, Sequence

from course.data.grammar.adjectives import AGREEMENT
from course.data.grammar.clauses import CHAIN, ITEMS
from course.data.grammar.derivations import chart, draw, inside
from course.data.grammar.nouns import NAME, NP
from course.data.grammar.questions import ROOT
from course.data.grammar.rules import Derivation, Symbol, rule, rules
from course.data.grammar.sentences import LIST
from course.data.grammar.verb_group import group

PEOPLE, THINGS = "per", ("obj", "veh", "text", "frail", "wear")


def statement(tree: Derivation) -> Derivation:
    """A clause in the present made a whole sentence."""
    root = next(r for r in rules(ROOT()) if ("tense", "pres") in r.tags)
    return (root, [tree])


def exact(symbol: Symbol, length: int, rng: random.Random) -> Derivation:
    """A derivation of a symbol with exactly `length` counted English words."""
    return draw(chart(symbol), length, rng)


def _clause(rng: random.Random) -> Derivation:
    """Five words: determiner, noun, verb, determiner, noun."""
    t = rng.choice(THINGS)
    (g, n), (og, on) = rng.choice(AGREEMENT), rng.choice(AGREEMENT)
    parts = (
        (NP(PEOPLE, g, n, "b", ""), 2),
        (group(t, "h", "pres", "", 3, n, g), 1),
        (NP(t, og, on, "b", ""), 2),
    )
    return (STATEMENT, [exact(symbol, length, rng) for symbol, length in parts])


# Who, does, what. No production makes it, but labels are read off its trees too.
STATEMENT = rule(1, "0 1 2", "0 1 2", *(() for _ in range(3)))
STATEMENT.symbol = ("CLAUSE",)


def joined(parts: Sequence[Derivation], symbol: Symbol) -> Derivation:
    """Parts as "a, b, c and d", with the rules of a list."""
    if len(parts) == 1:
        return parts[0]
    made = list(rules(symbol))
    comma = next(r for r in made if "," in r.template.en)
    last = next(r for r in made if "and" in r.template.en)
    tree: Derivation = (last, list(parts[-2:]))
    for part in reversed(parts[:-2]):
        tree = (comma, [part, tree])
    return tree


def _clauses(length: int, rng: random.Random) -> Derivation:
    return joined([_clause(rng) for _ in range(max(1, length // 5))], LIST("pres", True))


def _objects(length: int, rng: random.Random) -> Derivation:
    g = rng.choice("mf")
    verb = exact(group("obj", "h", "pres", "", 3, "s", "m"), 1, rng)
    items = []
    for _ in range(max(1, (length - 3) // 2)):
        og, on = rng.choice(AGREEMENT)
        items.append(exact(NP("obj", og, on, "b", ""), 2, rng))
    return (STATEMENT, [exact(NAME(g), 1, rng), verb, joined(items, ITEMS("obj"))])


def _relatives(length: int, rng: random.Random) -> Derivation:
    g, n = rng.choice(AGREEMENT)
    tree = exact(NP("ani", g, n, "b", ""), 2, rng)
    links = [r for r in rules(CHAIN("pres")) if CHAIN("pres") in r.children]
    for _ in range((length - 5) // 4):
        link = rng.choice(links)
        tree = (link, [exact(link.children[0], 2, rng), exact(link.children[1], 1, rng), tree])
    g, n = rng.choice(AGREEMENT)
    verb = exact(group("ani", "a", "pres", "", 3, n, g), 1, rng)
    return (STATEMENT, [exact(NP("ani", g, n, "b", ""), 2, rng), verb, tree])


# name: maker, and which lengths it can make
STRUCTURES: dict[str, tuple[Callable[[int, random.Random], Derivation], Callable[[int], bool]]] = {
    "clauses": (_clauses, lambda k: k == 5 or (k > 5 and k % 5 == 1 and k > 6)),
    "objects": (_objects, lambda k: k == 4 or (k >= 7 and k % 2 == 1)),
    "relatives": (_relatives, lambda k: k >= 5 and k % 4 == 1),
}


def lengths(structure: str | None) -> list[int]:
    """The source lengths that can be made, in general or with a structure held fixed."""
    if structure is None:
        return sorted(inside(ROOT()))
    return [k for k in range(61) if STRUCTURES[structure][1](k)]


def build(structure: str, length: int, rng: random.Random) -> Derivation:
    """A tree of a fixed structure and an exact length."""
    return statement(STRUCTURES[structure][0](length, rng))
