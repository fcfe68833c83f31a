"""What a sentence is about: labels read off its tree (chapter 9)."""

from dataclasses import dataclass

from course.data.grammar import lexicon
from course.data.grammar.rules import Derivation

_PEOPLE = frozenset(lexicon.MALE + lexicon.FEMALE)
_PLACES = frozenset(lexicon.CITIES) | frozenset(lexicon.COUNTRIES)
_NEGATIONS = frozenset({"not", "never", "no"})


@dataclass(frozen=True)
class Entity:
    """A name: its kind ("person" or "place") and where it stands in ``src_words``, end excluded."""

    kind: str
    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Labels:
    """Facts about a sentence.

    Attributes:
        kind: "statement" or "question".
        tense: "pres", "past" or "fut" of a statement, None for a question.
        sentiment: "positive", "negative" or "neutral": the balance of its adjectives and verbs
            ("love", "happy" against "hate", "sad"); a negated verb counts the other way round.
        entities: the names of people and places, in order.
    """

    kind: str
    tense: str | None
    sentiment: str
    entities: tuple[Entity, ...]


def labels(tree: Derivation, src_words: tuple[str, ...]) -> Labels:
    """Read the labels off a tree."""
    tags = dict(tree[0].tags)
    balance = _sentiment(tree)
    sentiment = "positive" if balance > 0 else "negative" if balance < 0 else "neutral"
    found = tuple(
        Entity("person" if word in _PEOPLE else "place", i, i + 1, word)
        for i, word in enumerate(src_words)
        if word in _PEOPLE or word in _PLACES
    )
    return Labels(tags.get("kind", "statement"), tags.get("tense"), sentiment, found)


def _sentiment(tree: Derivation) -> int:
    rule, children = tree
    own = sum(value for name, value in rule.tags if name == "sentiment")
    total = own + sum(_sentiment(child) for child in children)
    if rule.symbol[0] == "VG" and _NEGATIONS.intersection(map(str, rule.template.en)):
        return -total
    if children and children[0][0].symbol[0] == "BE":
        return -total if _NEGATIONS.intersection(map(str, children[0][0].template.en)) else total
    return total


def pairs(tree: Derivation) -> set[tuple[str, str]]:
    """Each (adjective, noun) that belong together: "blue car" or "the car is blue"."""
    found: set[tuple[str, str]] = set()
    _pairs(tree, found)
    return found


def _pairs(tree: Derivation, found: set[tuple[str, str]]) -> None:
    rule, children = tree
    if rule.symbol[0] == "NBAR":
        noun = heads(tree, "noun")
        found.update((adjective, noun[0]) for adjective in heads(tree, "adjective"))
        return
    subject: list[str] = []
    for child in children:
        if child[0].symbol[0] in ("CORE", "NP", "NBAR"):
            subject = heads(child, "noun")[:1]
        elif child[0].symbol[0] in ("STATE", "ADJP", "PRED", "DEGREE") and subject:
            found.update((adjective, subject[0]) for adjective in heads(child, "adjective"))
        _pairs(child, found)


def heads(tree: Derivation, kind: str) -> list[str]:
    """The English base forms of all words of a kind ("noun", "adjective", "verb"), in order."""
    rule, children = tree
    found = [value for name, value in rule.tags if name == kind]
    for child in children:
        found += heads(child, kind)
    return found
