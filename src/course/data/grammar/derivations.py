"""Drawing derivations of an exact length, and writing them in both languages.

A derivation is drawn from the grammar *given* its English length: for each symbol and length we know the total weight of
all derivations of that length (the inside weights, Lari & Young 1990), so each choice is made with the right
probability and none is ever thrown away.
"""

import random
from bisect import bisect
from functools import cache
from itertools import accumulate

import numpy as np

from course.data.grammar.rules import Derivation, Rule, Symbol, Template, rules

MAX_WORDS = 60


@cache
def inside(symbol: Symbol) -> np.ndarray:
    """Total weight of the derivations of each length 0..MAX_WORDS. A symbol may call itself, but only directly."""
    total = np.zeros(MAX_WORDS + 1)
    recursive = []
    for r in rules(symbol):
        if symbol in r.children:
            recursive.append(r)
        else:
            total += r.weight * _combined(r, {})
    if not recursive:
        return total
    fixed = total
    while True:
        longer = fixed + sum(r.weight * _combined(r, {symbol: total}) for r in recursive)
        if np.array_equal(longer, total):
            return total
        total = longer


def _combined(r: Rule, known: dict[Symbol, np.ndarray]) -> np.ndarray:
    """Weights by length of what a rule makes: the convolution of its children's."""
    vector = np.zeros(MAX_WORDS + 1)
    if r.template.length > MAX_WORDS:
        return vector
    vector[r.template.length] = 1.0
    for child in r.children:
        weights = known[child] if child in known else inside(child)
        vector = _convolve(vector, weights)
    return vector


def _convolve(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    used_a, used_b = np.flatnonzero(a), np.flatnonzero(b)
    if len(used_a) == 0 or len(used_b) == 0:
        return np.zeros(MAX_WORDS + 1)
    if len(used_a) == 1:
        out = np.zeros(MAX_WORDS + 1)
        shift = used_a[0]
        out[shift:] = a[shift] * b[: MAX_WORDS + 1 - shift]
        return out
    return np.convolve(a, b)[: MAX_WORDS + 1]


def _splits(children: tuple[Symbol, ...], length: int) -> list[tuple[tuple[int, ...], float]]:
    """Ways to share a length among children, with their weights."""
    if not children:
        return [((), 1.0)] if length == 0 else []
    weights = inside(children[0])
    if len(children) == 1:
        return [((length,), float(weights[length]))] if 0 <= length <= MAX_WORDS and weights[length] > 0 else []
    found = []
    for here in np.flatnonzero(weights[: length + 1]).tolist():
        for rest, weight in _splits(children[1:], length - here):
            found.append(((here, *rest), weight * float(weights[here])))
    return found


Choice = tuple[Rule, tuple[tuple[Symbol, int], ...]]


@cache
def _table(symbol: Symbol, length: int) -> tuple[list[float], list[Choice], float]:
    """Cumulative weights and choices (rule, length of each child) for a symbol of a length."""
    weights, choices = [], []
    for r in rules(symbol):
        for split, weight in _splits(r.children, length - r.template.length):
            if weight > 0:
                weights.append(weight * r.weight)
                choices.append((r, tuple(zip(r.children, split, strict=True))))
    cumulative = list(accumulate(weights))
    return cumulative, choices, cumulative[-1] if cumulative else 0.0


def draw(symbol: Symbol, length: int, rng: random.Random) -> Derivation:
    """Draw a derivation of a symbol with exactly ``length`` counted English words."""
    uniform = rng.random

    def grow(symbol: Symbol, length: int) -> Derivation:
        cumulative, choices, total = tables(symbol, length)
        r, parts = choices[bisect(cumulative, uniform() * total)]
        if not parts:
            return r.node
        return (r, [grow(child, size) for child, size in parts])

    tables = _table
    return grow(symbol, length)


def write(derivation: Derivation) -> tuple[list[str], list[str], list[tuple[int, int]]]:
    """Write a derivation: underlying English words, underlying French words, links."""
    en: list[str] = []
    fr: list[str] = []
    links: list[tuple[int, int]] = []
    _write(derivation, en, fr, links)
    return en, fr, links


def _write(derivation: Derivation, en: list[str], fr: list[str], links: list[tuple[int, int]]) -> None:
    r, children = derivation
    t: Template = r.template
    if t.leaf:
        i, j = len(en), len(fr)
        en += t.en
        fr += t.fr
        for a, b in t.links:
            links.append((i + a, j + b))
        return
    if not t.monotone:
        _write_crossing(t, children, en, fr, links)
        return
    if not t.links:
        for child in children:
            _write(child, en, fr, links)
        return
    spans_en, spans_fr = [0] * len(t.en), [0] * len(t.fr)
    ends_en, ends_fr = spans_en[:], spans_fr[:]
    j = 0
    for i, item in enumerate(t.en):
        spans_en[i] = len(en)
        if item.__class__ is int:
            while t.fr[j] != item:
                spans_fr[j] = len(fr)
                fr.append(t.fr[j])
                j += 1
            spans_fr[j] = len(fr)
            _write(children[item], en, fr, links)
            ends_en[i], ends_fr[j] = len(en), len(fr)
            j += 1
        else:
            en.append(item)
    for j in range(j, len(t.fr)):
        spans_fr[j] = len(fr)
        fr.append(t.fr[j])
    _link(t, spans_en, ends_en, spans_fr, ends_fr, links)


def _write_crossing(t: Template, children: list[Derivation], en: list[str], fr: list[str], links: list) -> None:
    parts = [write(child) for child in children]
    spans_en, ends_en, at_en = _lay(t.en, [p[0] for p in parts], en)
    spans_fr, ends_fr, at_fr = _lay(t.fr, [p[1] for p in parts], fr)
    for k, part in enumerate(parts):
        i, j = at_en[k], at_fr[k]
        for a, b in part[2]:
            links.append((i + a, j + b))
    _link(t, spans_en, ends_en, spans_fr, ends_fr, links)


def _lay(items: tuple, parts: list[list[str]], out: list[str]) -> tuple[list[int], list[int], dict[int, int]]:
    starts, ends, at = [], [], {}
    for item in items:
        starts.append(len(out))
        if isinstance(item, int):
            at[item] = len(out)
            out += parts[item]
            ends.append(len(out))
        else:
            out.append(item)
            ends.append(0)
    return starts, ends, at


def _link(t: Template, starts_en, ends_en, starts_fr, ends_fr, links: list[tuple[int, int]]) -> None:
    """Add the links of a rule's own words; a child stands for all its words."""
    for i, j in t.links:
        if ends_en[i]:
            links += [(k, starts_fr[j]) for k in range(starts_en[i], ends_en[i])]
        elif ends_fr[j]:
            links += [(starts_en[i], k) for k in range(starts_fr[j], ends_fr[j])]
        else:
            links.append((starts_en[i], starts_fr[j]))
