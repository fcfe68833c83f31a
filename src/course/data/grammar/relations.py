"""Which word belongs to which: relations between English words, read off the tree (chapter 7).

What two words have to do with each other does not follow from how far apart they stand: "the dog
that the man with the hat sees sleeps". So these relations can tell a head of attention that knows
grammar from one that knows distances.
"""

from collections.abc import Iterator
from typing import NamedTuple

from course.data.grammar.rules import Derivation

RELATIONS = {
    "determiner": "a determiner and its noun",
    "adjective": "an adjective and the noun that it stands before",
    "owner": "a name before 's and the noun that it owns",
    "predicate": 'an adjective after "to be" and the noun or pronoun that it is said of',
    "subject": "the subject and its verb",
    "object": "the object and its verb",
    "auxiliary": "an auxiliary and its verb",
    "preposition": "a preposition and the noun that follows it",
    "pronoun": "a pronoun and the noun before it that it stands for",
}
_DETERMINERS = {"D", "POSS", "SOME"}
_NOMINAL = {"NP", "CORE", "NBAR", "N", "NAME", "NAMES", "PRO", "CITY", "ITEMS", "CHAIN"}
_VERB = {"VG", "V"}
_VERBAL = _VERB | {"VP", "SHORT", "STATE", "BEING", "REASON"}
_QUALITIES = {"ADJP", "PRED", "DEGREE", "MOOD"}
_HEAD_LAST = {"NBAR", "CORE", "ADJP", "N"}
_BE = {"be", "is", "are", "am", "was", "were"}
_AUXILIARIES = _BE | {"do", "does", "did", "will"}
_PREPOSITIONS = {"in", "at", "on", "under", "to"}


class Dependency(NamedTuple):
    """One word that belongs to another.

    Attributes:
        relation: a key of `RELATIONS`.
        dependent: index into ``src_words`` of the first-named word of the relation.
        head: index of the other.
    """

    relation: str
    dependent: int
    head: int


class _Word(NamedTuple):
    text: str
    at: int


class _Phrase(NamedTuple):
    """A phrase in English order: own words and phrases, each with its place."""

    name: str
    items: tuple["_Word | _Phrase", ...]

    @property
    def words(self) -> list[_Word]:
        return [item for item in self.items if isinstance(item, _Word)]

    @property
    def parts(self) -> list["_Phrase"]:
        return [item for item in self.items if isinstance(item, _Phrase)]

    def says(self, *words: str) -> bool:
        """Whether one of the words stands in the rule itself."""
        return any(word.text in words for word in self.words)


def dependencies(tree: Derivation) -> tuple[Dependency, ...]:
    """Return the relations of a sentence, sorted; see `RELATIONS`.

    The subject's verb, like the verb of an object, is the word that says what is done: "sleep" in
    "does the dog sleep", but "can" in "can sleep". The subject of a relative clause is the noun
    before it. Of a list of objects the first counts. Left out: two names joined by "and",
    questions with "to be", "there is", "how many".
    """
    phrase, _ = _lay(tree, 0)
    return tuple(sorted(set(_read(phrase))))


def _lay(tree: Derivation, start: int) -> tuple[_Phrase, int]:
    """Give every word of a tree its place, from `start` on; also return where it ends."""
    rule, children = tree
    items: list[_Word | _Phrase] = []
    for item in rule.template.en:
        if isinstance(item, int):
            part, start = _lay(children[item], start)
            items.append(part)
        else:
            items.append(_Word(item, start))
            start += 1
    return _Phrase(str(rule.symbol[0]), tuple(items)), start


def _head(phrase: _Phrase) -> int:
    """The word that stands for a phrase."""
    if phrase.parts:
        return _head(phrase.parts[-1 if phrase.name in _HEAD_LAST else 0])
    if phrase.name == "BE":
        return next(word.at for word in phrase.words if word.text in _BE)
    return phrase.words[-1 if phrase.name in _HEAD_LAST else 0].at


def _verbs(phrase: _Phrase) -> list[int]:
    """The verbs of a verb phrase: two if it joins two."""
    verbal = [part for part in phrase.parts if part.name in _VERBAL]
    if phrase.name in ("VP", "SHORT") and phrase.says("and"):
        return [verb for part in verbal for verb in _verbs(part)]
    return [_head(phrase)]


def _read(phrase: _Phrase) -> Iterator[Dependency]:
    for part in phrase.parts:
        yield from _read(part)
    if phrase.name in ("NBAR", "CORE"):
        yield from _noun_phrase(phrase)
    elif phrase.name == "NP" and phrase.parts[-1].name == "REL":
        yield from _relative(phrase.parts[-1], _head(phrase))
    elif phrase.name in ("PLACE", "TO", "AT"):
        by = phrase.parts[0] if phrase.parts[0].name == "BY" else phrase
        yield Dependency("preposition", by.words[-1].at, _head(phrase.parts[-1]))
    elif phrase.name == "VG":
        verb = _head(phrase)
        for word in phrase.words:
            if word.text in _AUXILIARIES and word.at < verb:
                yield Dependency("auxiliary", word.at, verb)
    if phrase.name not in ("NP", "CORE", "NBAR", "REL"):
        yield from _neighbours(phrase)
    yield from _taken_up(phrase)


def _noun_phrase(phrase: _Phrase) -> Iterator[Dependency]:
    noun = _head(phrase)
    owned = phrase.says("'s")
    for item in phrase.items:
        if isinstance(item, _Word):
            if not owned:
                yield Dependency("determiner", item.at, noun)
        elif item.name in _DETERMINERS:
            for word in item.words:
                yield Dependency("determiner", word.at, noun)
        elif item.name == "A":
            yield Dependency("adjective", _head(item), noun)
        elif item.name == "NAME":
            yield Dependency("owner", _head(item), noun)


def _relative(phrase: _Phrase, noun: int) -> Iterator[Dependency]:
    """A clause about a noun: the noun is its subject ("who sleeps") or object ("that I see")."""
    first, *rest = phrase.parts
    if first.name in _VERBAL:
        yield from _said_of(noun, first)
        return
    yield from _neighbours(phrase)
    if phrase.says("that"):
        yield Dependency("object", noun, _head(rest[-1]))


def _neighbours(phrase: _Phrase) -> Iterator[Dependency]:
    """Relations between a phrase and the next one: a subject's, an object's, a preposition's."""
    joined = phrase.name in ("VP", "SHORT")  # here a verb after a noun has another subject
    for before, item in zip((None, *phrase.items), phrase.items, strict=False):
        if not isinstance(item, _Phrase):
            continue
        if item.name in _NOMINAL and isinstance(before, _Phrase) and before.name in _VERB:
            yield Dependency("object", _head(item), _head(before))
        elif item.name in _NOMINAL and isinstance(before, _Word) and joined:
            if before.text in _PREPOSITIONS:
                yield Dependency("preposition", before.at, _head(item))
        if joined or not isinstance(before, _Phrase) or before.name not in _NOMINAL:
            continue
        if before.name != "NAMES":
            yield from _said_of(_head(before), item)
        yield from _asked(phrase, item)


def _said_of(subject: int, phrase: _Phrase) -> Iterator[Dependency]:
    """What a verb phrase says about its subject."""
    if phrase.name in _QUALITIES:
        yield Dependency("predicate", _head(phrase), subject)
    if phrase.name not in _VERBAL:
        return
    for verb in _verbs(phrase):
        yield Dependency("subject", subject, verb)
    if phrase.parts and phrase.parts[-1].name in _QUALITIES:
        yield Dependency("predicate", _head(phrase.parts[-1]), subject)


def _asked(phrase: _Phrase, verb: _Phrase) -> Iterator[Dependency]:
    """In a question the auxiliary stands before the subject."""
    if phrase.name in ("QUESTION", "ASKED_SHORT") and verb.name in _VERBAL:
        for word in phrase.words:
            if word.text in _AUXILIARIES:
                yield Dependency("auxiliary", word.at, _verbs(verb)[0])


def _taken_up(phrase: _Phrase) -> Iterator[Dependency]:
    """Pronouns for a thing or a person that the sentence has named."""
    last = phrase.parts[-1] if phrase.parts else phrase
    if phrase.name == "BLOCK" and last.name == "BECAUSE":
        yield Dependency("pronoun", _head(last.parts[0]), _head(phrase.parts[0]))
    if phrase.name == "VP" and phrase.says("and") and last.name in _VERB:
        for word in last.words:
            if word.text in ("it", "them") and phrase.parts[1].name in _NOMINAL:
                yield Dependency("pronoun", word.at, _head(phrase.parts[1]))
