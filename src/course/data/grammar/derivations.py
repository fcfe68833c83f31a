"""Drawing derivations of an exact length.

A derivation is drawn from the grammar *given* its English length: for each symbol and length we
know the total weight of all derivations of that length (the inside weights of Lari & Young, 1990),
so each choice is made with the right probability and nothing is ever thrown away.
"""

import gc
import random
from bisect import bisect
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import accumulate, pairwise

from course.data.grammar.rules import Derivation, Rule, Symbol, rules

MAX_WORDS = 60
INLINE = 400  # longest table copied into the one above
Weights = dict[int, float]  # by length


def _combine(r: Rule, children: list[Weights]) -> Weights:
    """Weights by length of what a rule makes: the convolution of its children's."""
    made: Weights = {r.template.length: r.weight}
    for theirs in children:
        longer: Weights = {}
        for a, x in made.items():
            for b, y in theirs.items():
                if a + b <= MAX_WORDS:
                    longer[a + b] = longer.get(a + b, 0.0) + x * y
        made = longer
    return made


def _sum(many: list[Weights]) -> Weights:
    total: Weights = {}
    for weights in many:
        for length, weight in weights.items():
            total[length] = total.get(length, 0.0) + weight
    return total


@cache
def inside(symbol: Symbol) -> Weights:
    """Total weight of the derivations of each length up to MAX_WORDS.

    A symbol may call itself, but only directly.
    """
    recursive = [r for r in rules(symbol) if symbol in r.children]
    fixed = [_weights(r) for r in rules(symbol) if symbol not in r.children]
    total = _sum(fixed)
    while recursive:
        longer = [
            _combine(r, [total if c == symbol else inside(c) for c in r.children])
            for r in recursive
        ]
        previous, total = total, _sum(fixed + longer)
        if total == previous:
            break
    return total


@cache
def _weights(r: Rule) -> Weights:
    """Weights by length of what a rule makes, once `inside` of its children is known."""
    return _combine(r, [inside(c) for c in r.children])


@contextmanager
def no_collection() -> Iterator[None]:
    """Switch the cyclic garbage collector off.

    Trees hold no cycles, and scanning them costs more than making them. So that they are not
    scanned afterwards either, what was made goes straight to the oldest generation, which is where
    freezing and thawing leaves it (unless somebody else has frozen objects that must stay so).
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            if not gc.get_freeze_count():
                gc.freeze()
                gc.unfreeze()
            gc.enable()


class Chart:
    """All choices for one symbol, by length; built when first needed."""

    __slots__ = ("symbol", "tables", "weighted")

    def __init__(self, symbol: Symbol) -> None:
        self.symbol = symbol
        self.tables: dict[int, tuple[list[float], list, int]] = {}
        self.weighted: list[tuple[Rule, Weights]] | None = None

    def table(self, length: int) -> tuple[list[float], list, int]:
        """Cumulative weights, expansions, and the last index, for derivations of one length."""
        if self.weighted is None:
            self.weighted = [(r, _weights(r)) for r in rules(self.symbol)]
        weights: list[float] = []
        expansions: list = []
        for r, by_length in self.weighted:
            if length not in by_length:
                continue
            if r.unary:
                self._inline(r, length, by_length[length], weights, expansions)
            else:
                weights.append(by_length[length])
                expansions.append(Expansion(r, length) if r.children else r.node)
        made = (list(accumulate(weights)), expansions, len(weights) - 1)
        self.tables[length] = made
        return made

    def _inline(
        self, r: Rule, length: int, weight: float, weights: list[float], expansions: list
    ) -> None:
        """Put what a renaming rule leads to straight into the table, unless that is long."""
        below = chart(r.children[0])
        cumulative, choices, last = below.tables.get(length) or below.table(length)
        if last > INLINE:
            weights.append(weight)
            expansions.append(Expansion(r, length))
            return
        scale = weight / cumulative[-1]
        weights += [(b - a) * scale for a, b in pairwise([0.0, *cumulative])]
        expansions += choices


class Expansion:
    """One rule at one length: the ways to share the length among the children."""

    __slots__ = ("rule", "length", "cumulative", "splits", "last", "unary")

    def __init__(self, r: Rule, length: int) -> None:
        self.rule = r
        self.length = length
        self.splits: list[tuple[tuple[Chart, int], ...]] = []
        self.cumulative: list[float] = []
        self.last = -1
        self.unary = r.unary

    def prepare(self) -> None:
        """List the splits."""
        found = _shares(self.rule.children, self.length - self.rule.template.length)
        self.cumulative = list(accumulate(w for _, w in found))
        charts = [chart(c) for c in self.rule.children]
        self.splits = [tuple(zip(charts, split, strict=True)) for split, _ in found]
        self.last = len(found) - 1


def _shares(children: tuple[Symbol, ...], length: int) -> list[tuple[tuple[int, ...], float]]:
    weights = inside(children[0])
    if len(children) == 1:
        return [((length,), weights[length])] if length in weights else []
    return [
        ((here, *rest), weight * w)
        for here, w in weights.items()
        if here <= length
        for rest, weight in _shares(children[1:], length - here)
    ]


@cache
def chart(symbol: Symbol) -> Chart:
    """The chart of a symbol."""
    return Chart(symbol)


def draw(top: Chart, length: int, rng: random.Random) -> Derivation:
    """Draw a derivation of a symbol with exactly `length` counted English words."""
    uniform = rng.random

    def expand(chosen: Expansion) -> Derivation:
        if chosen.last < 0:
            chosen.prepare()
        split = chosen.splits[0]
        if chosen.last:
            drawn = uniform() * chosen.cumulative[-1]
            split = chosen.splits[bisect(chosen.cumulative, drawn, 0, chosen.last)]
        made = []
        for child, size in split:
            cumulative, expansions, last = child.tables.get(size) or child.table(size)
            picked = expansions[0]
            if last:
                picked = expansions[bisect(cumulative, uniform() * cumulative[-1], 0, last)]
            made.append(picked if picked.__class__ is tuple else expand(picked))
        return made[0] if chosen.unary else (chosen.rule, made)

    cumulative, expansions, last = top.tables.get(length) or top.table(length)
    picked = expansions[bisect(cumulative, uniform() * cumulative[-1], 0, last)]
    return picked if isinstance(picked, tuple) else expand(picked)
