"""The formalism: synchronous context-free rules whose symbols carry features.

A *symbol* is a tuple ``(name, feature, ...)``, for example ``("NP", "veh", "f", "s", "d")``. A
*rule* rewrites a symbol in both languages at once: it has children (symbols), and for each language
a sequence of words and children. Rules are written by *productions*, functions from features to
rules, and are made when first asked for. The same rules drive generation, both parsers and
translation; there is no second description of the language anywhere.

Templates: `"does/0 not/n 0"` is the word *does*, the word *not*, then child 0. After the slash
stand links: a digit links the word with all words of that child in the other language, a letter
with the words of the other side that carry the same letter. A French word may end its links with
"!": then it is linked with the last word only of its child ("did not answer X" is "n'a pas répondu
à X", where "à" belongs to "answer").
"""

from collections.abc import Callable, Iterator
from functools import cache
from typing import NamedTuple

from course.data.grammar.surface import UNCOUNTED

Symbol = tuple  # (name, feature, ...)
Item = int | str  # a child's index, or a word


class Template(NamedTuple):
    """The two sides of a rule, shared by all rules of the same wording."""

    en: tuple[Item, ...]
    fr: tuple[Item, ...]
    # (index into en, index into fr); a child's index stands for all its words
    links: tuple[tuple[int, int], ...]
    length: int  # counted English words of the rule itself
    kind: int  # LEAF, PLAIN, MONOTONE or CROSSING

    def side(self, lang: str) -> tuple[Item, ...]:
        """The words and children of one language."""
        return self.en if lang == "en" else self.fr


# How a rule is written: words only; children in the same order and no words; the same order;
# different orders.
LEAF, PLAIN, MONOTONE, CROSSING = range(4)


class Rule:
    """One synchronous rule.

    ``tags`` are facts for the labels, for example ``(("person", "f"),)``.
    """

    __slots__ = ("symbol", "weight", "template", "children", "tags", "node")

    def __init__(
        self, weight: float, template: Template, children: tuple[Symbol, ...], tags: tuple
    ) -> None:
        self.symbol: Symbol = ()
        self.weight = weight
        self.template = template
        self.children = children
        self.tags = tags
        self.node = (self, ())

    @property
    def unary(self) -> bool:
        """Whether it only renames: such rules leave no trace in a tree."""
        return len(self.children) == 1 and self.template.kind == PLAIN and not self.tags

    def __repr__(self) -> str:
        sides = (" ".join(map(str, side)) for side in (self.template.en, self.template.fr))
        return f"{'.'.join(map(str, self.symbol))} -> {' | '.join(sides)}"


Derivation = tuple  # (rule, (derivation of each child, ...))


def _side(text: str) -> tuple[tuple[Item, ...], list[str]]:
    items: list[Item] = []
    labels = []
    for piece in text.split():
        word, _, label = piece.partition("/")
        items.append(int(word) if word.isdigit() else word)
        labels.append(label)
    return tuple(items), labels


@cache
def template(en: str, fr: str) -> Template:
    """Read a pair of template strings."""
    en_items, en_labels = _side(en)
    fr_items, fr_labels = _side(fr)
    links = set()
    for i, label in enumerate(en_labels):
        for mark in label:
            for j, other in enumerate(fr_labels):
                if (fr_items[j] == int(mark)) if mark.isdigit() else (mark in other):
                    links.add((i, j))
    for j, label in enumerate(fr_labels):
        place = ~j if label.endswith("!") else j
        for mark in label:
            if mark.isdigit():
                links.update((i, place) for i, item in enumerate(en_items) if item == int(mark))
    length = sum(isinstance(w, str) and w not in UNCOUNTED for w in en_items)
    order_en = [w for w in en_items if isinstance(w, int)]
    order_fr = [w for w in fr_items if isinstance(w, int)]
    words = len(en_items) + len(fr_items) > 2 * len(order_en)
    kind = (
        LEAF if not order_en else CROSSING if order_en != order_fr else MONOTONE if words else PLAIN
    )
    return Template(en_items, fr_items, tuple(sorted(links)), length, kind)


def rule(weight: float, en: str, fr: str, *children: Symbol, tags: tuple = ()) -> Rule:
    """A rule from its weight, its two templates and its children."""
    return Rule(weight, template(en, fr), children, tags)


def word(weight: float, en: str, fr: str, tags: tuple = ()) -> Rule:
    """A lexical rule: every word of one side is linked with every word of the other."""
    both = (" ".join(f"{w}/a" for w in side.split()) for side in (en, fr))
    return Rule(weight, template(*both), (), tags)


PRODUCTIONS: dict[str, Callable[..., Iterator[Rule]]] = {}


def production(function: Callable[..., Iterator[Rule]]) -> Callable[..., Symbol]:
    """Register the productions of one symbol name; calling the result makes the symbol."""
    name = function.__name__
    PRODUCTIONS[name] = function

    def symbol(*features: object) -> Symbol:
        return (name, *features)

    symbol.__doc__ = function.__doc__
    symbol.__name__ = name
    return symbol


@cache
def rules(symbol: Symbol) -> tuple[Rule, ...]:
    """All rules of a symbol; weights are scaled to sum to 1."""
    made = tuple(PRODUCTIONS[symbol[0]](*symbol[1:]))
    total = sum(r.weight for r in made)
    for r in made:
        r.symbol = symbol
        r.weight /= total
    return made
