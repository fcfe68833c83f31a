"""From underlying words to text and back: elision, contraction, "a"/"an", punctuation.

The rules of the grammar write *underlying* words: ``le`` also before a vowel, ``de`` + ``le``
apart, ``beau~`` for an adjective that stands before its noun. This module alone knows how
neighbours change a word, so the rules never have to. It works in both directions: :func:`realise`
writes what a reader sees, :func:`units` tells the parser which underlying words each written word
may stand for (and thereby rejects a missing elision or contraction).

Typography: a capital first letter, a final ``.`` or ``?``, the straight apostrophe, and in French
    one plain space before ``?``. A *word* is what :func:`words` yields: ``l'`` is a word, and so
    are ``est-ce``, ``aujourd'hui``, English ``'s``, the comma and the final mark.
"""

import re
from collections.abc import Sequence
from functools import cache

VOWELS = frozenset("aeiouyâàéèêëîïôœ")
ASPIRATED = frozenset(
    {"onze", "huit", "haut", "haute", "hauts", "hautes", "héros", "hibou", "hiboux", "hérisson"}
)
ASPIRATED_STEMS = ("hérisson", "hamster")
PUNCTUATION = frozenset({",", ".", "?"})
UNCOUNTED = PUNCTUATION | {"'s"}

# What a word becomes before a vowel; every other word stays as it is.
BEFORE_VOWEL = {
    "le": "l'",
    "la": "l'",
    "je": "j'",
    "ne": "n'",
    "de": "d'",
    "que": "qu'",
    "me": "m'",
    "te": "t'",
    "se": "s'",
    "ce~": "cet",
    "ma": "mon",
    "ta": "ton",
    "sa": "son",
    "beau~": "bel",
    "vieux~": "vieil",
    "nouveau~": "nouvel",
}
CONTRACTED = {("de", "le"): "du", ("de", "les"): "des", ("à", "le"): "au", ("à", "les"): "aux"}
EXPANDED = {short: pair for pair, short in CONTRACTED.items()}
ENGLISH_CONSONANT_SOUND = ("uni", "use", "eu", "one")

_WORD = {
    "en": re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*|'s|[,.?]|\d+|\S"),
    "fr": re.compile(r"[Aa]ujourd'hui|[^\W\d_]+(?:-[^\W\d_]+)*'?|[,.?]|\d+|\S"),
}


def words(text: str, lang: str = "en") -> tuple[str, ...]:
    """Split text of the grammar into its words; the inverse of :func:`text`.

    Args:
        text: a sentence, for example ``"Est-ce qu'il voit l'homme ?"``.
        lang: ``"en"`` or ``"fr"``. English splits ``Mary's`` into ``Mary`` and ``'s``; French
            splits after an apostrophe.

    Returns:
        The words, for example ``("Est-ce", "qu'", "il", "voit", "l'", "homme", "?")``.
    """
    return tuple(_WORD[lang].findall(text))


def join(tokens: Sequence[str], lang: str) -> str:
    """Write words as text: spaces, apostrophes, punctuation, and a capital first letter."""
    line = " ".join(tokens)
    if "'" in line:
        line = line.replace(" 's", "'s") if lang == "en" else line.replace("' ", "'")
    if "," in line:
        line = line.replace(" ,", ",")
    if line.endswith(" ."):
        line = line[:-2] + "."
    elif lang == "en" and line.endswith(" ?"):
        line = line[:-2] + "?"
    return line[:1].upper() + line[1:]


@cache
def vowel_initial(word: str) -> bool:
    """Whether a French word elides the word before it (a mute h does, an aspirated one not)."""
    word = word.rstrip("~")
    if word in ASPIRATED or word.startswith(ASPIRATED_STEMS):
        return False
    return word[:1].lower() in VOWELS or word[:1] in "hH"


@cache
def english_vowel(word: str) -> bool:
    """Whether an English word takes "an" (by sound: "an hour", "a university")."""
    return word[:1].lower() in "aeiou" and not word.startswith(ENGLISH_CONSONANT_SOUND)


@cache
def written(word: str, following: str) -> str:
    """A French word as it is written before ``following`` (contraction apart)."""
    if word == "si":
        return "s'" if following in ("il", "ils") else "si"
    changed = BEFORE_VOWEL.get(word)
    if changed is not None and vowel_initial(following):
        return changed
    return word[:-1] if word.endswith("~") else word


_CHANGING = frozenset(BEFORE_VOWEL) | {"si"}


def realise_french(underlying: Sequence[str]) -> tuple[list[str], list[int] | None]:
    """Write underlying French words.

    Returns:
        The written words, and for each underlying word the index of the written word that holds it
        (None when every word kept its own place, that is when nothing was contracted).
    """
    out: list[str] = []
    place: list[int] = []
    contracted = False
    previous = ""
    last = len(underlying) - 1
    for i, word in enumerate(underlying):
        if word == "le" or word == "les":
            short = CONTRACTED.get((previous, word))
            if short and not (word == "le" and i < last and vowel_initial(underlying[i + 1])):
                out[-1] = short
                contracted = True
                place.append(len(out) - 1)
                previous = word
                continue
        previous = word
        if word in _CHANGING or word[-1] == "~":
            word = written(word, underlying[i + 1] if i < last else "")
        out.append(word)
        place.append(len(out) - 1)
    return out, place if contracted else None


def realise_english(underlying: Sequence[str]) -> list[str]:
    """Write underlying English words: "a" becomes "an" before a vowel sound."""
    out = list(underlying)
    if "a" in out:
        last = len(out) - 1
        for i, word in enumerate(out):
            if word == "a" and i < last and english_vowel(out[i + 1]):
                out[i] = "an"
    return out


@cache
def _candidates(word: str, vowel_next: bool, following: str) -> frozenset[str]:
    """Underlying French words that would be written ``word`` before ``following``."""
    possible = {word, word + "~"} | {w for w, short in BEFORE_VOWEL.items() if short == word}
    if word == "s'":
        possible.add("si")
    return frozenset(w for w in possible if written(w, following) == word)


def units(tokens: Sequence[str], lang: str) -> list[frozenset[str]] | None:
    """The underlying words each written word may stand for, contractions expanded.

    Returns:
        One set per underlying word; None when the text breaks a rule of spelling (no capital, "de
        le", "a apple").
    """
    if not tokens or not tokens[0][0].isupper():
        return None
    lowered = [tokens[0][0].lower() + tokens[0][1:], *tokens[1:]]
    if lang == "en":
        found = _english_units(lowered)
    else:
        found = _french_units(lowered)
    if found:  # a name or "I" keeps its capital
        found[0] = found[0] | {tokens[0]}
    return found


def _english_units(tokens: list[str]) -> list[frozenset[str]] | None:
    found = []
    for i, word in enumerate(tokens):
        if word in ("a", "an"):
            vowel = i + 1 < len(tokens) and english_vowel(tokens[i + 1])
            if vowel != (word == "an"):
                return None
            word = "a"
        found.append(frozenset({word}))
    return found


def _french_units(tokens: list[str]) -> list[frozenset[str]] | None:
    found: list[frozenset[str]] = []
    for i, word in enumerate(tokens):
        following = tokens[i + 1] if i + 1 < len(tokens) else ""
        pair = EXPANDED.get(word)
        if pair:
            if pair[1] == "le" and vowel_initial(following):
                return None
            found += [frozenset({pair[0]}), frozenset({pair[1]})]
        elif (word, following) in CONTRACTED:
            return None
        else:
            found.append(_candidates(word, vowel_initial(following), following))
    return found
