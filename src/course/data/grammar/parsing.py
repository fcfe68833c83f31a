"""Parsing: which texts does the grammar make, and from which tree?

The parser reads the rules of the generator, one side of them. It is a memoised top-down parser: for
a symbol and a place it finds every place where the symbol can end, once (so the time is
polynomial), and looks only at rules that can begin with the word at hand. Agreement needs no check
of its own: a rule that disagrees does not exist.
"""

from collections.abc import Sequence
from functools import cache

from course.data.grammar.derivations import inside
from course.data.grammar.questions import ROOT
from course.data.grammar.rules import Derivation, Rule, Symbol, rules
from course.data.grammar.sample import sentence
from course.data.grammar.surface import join, units, words

Ends = dict[int, Derivation]


@cache
def _first(symbol: Symbol, lang: str) -> frozenset[str]:
    """The words a symbol can begin with."""
    found: set[str] = set()
    for r in rules(symbol):
        found |= _rule_first(r, lang)
    return frozenset(found)


def _rule_first(r: Rule, lang: str) -> frozenset[str]:
    if any(not inside(c) for c in r.children):
        return frozenset()
    head = r.template.side(lang)[0]
    return frozenset({head}) if isinstance(head, str) else _first(r.children[head], lang)


@cache
def _index(symbol: Symbol, lang: str) -> dict[str, list[Rule]]:
    """The rules of a symbol by the words they can begin with."""
    found: dict[str, list[Rule]] = {}
    for r in rules(symbol):
        for word in _rule_first(r, lang):
            found.setdefault(word, []).append(r)
    return found


class _Parser:
    def __init__(self, tokens: Sequence[frozenset[str]], lang: str) -> None:
        self.tokens = tokens
        self.lang = lang
        self.known: dict[tuple[Symbol, int], Ends] = {}

    def ends(self, symbol: Symbol, start: int) -> Ends:
        """Each place where ``symbol`` from ``start`` can end, with one derivation."""
        key = (symbol, start)
        found = self.known.get(key)
        if found is None:
            found = self.known[key] = {}
            if start < len(self.tokens):
                index = _index(symbol, self.lang)
                for word in self.tokens[start]:
                    for r in index.get(word, ()):
                        self._apply(r, start, found)
        return found

    def _apply(self, r: Rule, start: int, found: Ends) -> None:
        items = r.template.side(self.lang)
        states: list[tuple[int, dict[int, Derivation]]] = [(start, {})]
        for item in items:
            states = self._advance(r, item, states)
            if not states:
                return
        for end, parts in states:
            if end not in found:
                if r.unary:
                    found[end] = parts[0]
                else:
                    found[end] = (
                        (r, [parts[k] for k in range(len(r.children))]) if r.children else r.node
                    )

    def _advance(self, r: Rule, item: int | str, states: list) -> list:
        if isinstance(item, str):
            last = len(self.tokens)
            return [
                (at + 1, parts) for at, parts in states if at < last and item in self.tokens[at]
            ]
        child = r.children[item]
        return [
            (end, {**parts, item: tree})
            for at, parts in states
            for end, tree in self.ends(child, at).items()
        ]


def parse(text: str, lang: str = "fr") -> Derivation | None:
    """Parse a sentence.

    Args:
        text: the sentence, as the grammar writes it (capital, final mark, one plain space before a
            French "?").
        lang: the language of the text, ``"fr"`` or ``"en"``.

    Returns:
        A derivation (the first found, if there are several), or None if the grammar does not make
        this text.
    """
    tokens = words(text, lang)
    if not tokens or join(tokens, lang) != text:
        return None
    found = units(tokens, lang)
    if found is None:
        return None
    return _Parser(found, lang).ends(ROOT(), 0).get(len(found))


def accepts(text: str, lang: str = "fr") -> bool:
    """Whether the grammar makes this text."""
    return parse(text, lang) is not None


def translate(text: str, *, src: str = "en") -> str | None:
    """Translate a sentence of the grammar by its tree; None if the grammar does not make it."""
    tree = parse(text, src)
    if tree is None:
        return None
    written = sentence(tree)
    return written.tgt if src == "en" else written.src
