"""Summaries with one right answer: what several sentences say of one person, as one (chapter 11).

A report has statements such as "Paul buys the hat." Its first one is about the person who matters;
that person does one thing only, to several things. Other people do other things, in between. The
summary leaves these out and says the rest once: "Paul buys the hat, the key and the box."

Both are trees of the grammar: the summary's list has the very noun phrases of the statements, so
nothing is matched by words, and the parser can judge any summary that a model writes.
"""

import random
from typing import NamedTuple

import torch

from course.data.grammar import lexicon
from course.data.grammar.adjectives import AGREEMENT
from course.data.grammar.clauses import ITEMS
from course.data.grammar.nouns import NAME, NP
from course.data.grammar.rules import Derivation, rules
from course.data.grammar.sample import sentence
from course.data.grammar.structures import STATEMENT, exact, joined, statement
from course.data.grammar.verb_group import group


class Report(NamedTuple):
    """Sentences, and what they say of one person.

    Attributes:
        text: the sentences.
        summary: one sentence.
        about: the person's name.
    """

    text: str
    summary: str
    about: str


def reports(
    n: int, *, facts: tuple[int, int], others: int, generator: torch.Generator
) -> list[Report]:
    """Draw reports with their summaries, in English.

    Args:
        n: how many.
        facts: the fewest and the most statements about the person who matters, both included.
        others: statements about others, as many different people; at most 19.
        generator: source of randomness; one number is drawn from it.
    """
    rng = random.Random(int(torch.randint(2**62, (), generator=generator)))
    return [_report(rng.randint(*facts), others, rng) for _ in range(n)]


def _report(facts: int, others: int, rng: random.Random) -> Report:
    names = rng.sample(lexicon.MALE + lexicon.FEMALE, 1 + others)
    verb, things = _verb(rng), _things(facts, rng)
    mine = [_statement(names[0], verb, thing) for thing in things]
    theirs = [_statement(name, _verb(rng), _things(1, rng)[0]) for name in names[1:]]
    rest = _shuffled(mine[1:], theirs, rng)
    summary = _statement(names[0], verb, joined(things, ITEMS("obj")))
    return Report(" ".join([mine[0], *rest]), summary, names[0])


def _shuffled(mine: list[str], theirs: list[str], rng: random.Random) -> list[str]:
    """Both in random places, each in its own order."""
    places = sorted(rng.sample(range(len(mine) + len(theirs)), len(mine)))
    rest = list(theirs)
    for place, text in zip(places, mine, strict=True):
        rest.insert(place, text)
    return rest


def _verb(rng: random.Random) -> Derivation:
    return exact(group("obj", "h", "pres", "", 3, "s", "m"), 1, rng)


def _things(n: int, rng: random.Random) -> list[Derivation]:
    """So many different things, each with its determiner."""
    found: dict[str, Derivation] = {}
    while len(found) < n:
        gender, number = rng.choice(AGREEMENT)
        thing = exact(NP("obj", gender, number, "b", ""), 2, rng)
        found.setdefault(repr(thing), thing)
    return list(found.values())


def _statement(name: str, verb: Derivation, thing: Derivation) -> str:
    gender = "m" if name in lexicon.MALE else "f"
    who = next(r.node for r in rules(NAME(gender)) if ("person", name) in r.tags)
    return sentence(statement((STATEMENT, [who, verb, thing]))).src
