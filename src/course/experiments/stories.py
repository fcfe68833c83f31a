"""The hand-aligned stories as a translator reads them: natural text, the gold words kept.

ALIBI's words stand apart ("l' homme , qui"), while a translator learnt from natural text ("l'homme,
qui"). So the text is put together, cut into subwords, and each subword given to the gold word in
which it begins (chapter 5, claim C8).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from course.data import corpora
from course.data.alibi import AlignedSentence
from course.data.tokenizer import Tokenizer, normalise
from course.experiments.linking import Gold, Tokens

CLOSING = (",", ".", ")", "]", "…", "...", "'s", "n't", "'ll", "'d", "'re", "'ve", "'m")
ENGLISH_CLOSING = ("?", "!", ";", ":")
CHOSEN_ON = ("Blue Beard", "The Master Cat")
"""Whatever is chosen is chosen on these stories and reported on the other three."""


def natural(words: Sequence[str], lang: str) -> str:
    """Puts words together as they are usually written.

    Args:
        words: Of one sentence.
        lang: "en" or "fr".
    """
    closing = CLOSING if lang == "fr" else CLOSING + ENGLISH_CLOSING
    text = ""
    for word in words:
        glued = not text or word in closing or text.endswith(("(", "["))
        elided = lang == "fr" and text.endswith(("'", "’"))
        text += word if glued or elided else " " + word
    return text


def cut(
    words: Sequence[str], lang: str, tokenizer: Tokenizer
) -> tuple[list[int], list[int]] | None:
    """Returns the token ids of a sentence, and the word of each token: where it begins.

    A mark that shares a token with the one before it has no token of its own, and so no link.

    Args:
        words: Of one sentence.
        lang: "en" or "fr".
        tokenizer: The translator's.

    Returns:
        None where the tokens do not spell the words.
    """
    words = [normalise(word).replace(" ", "") for word in words]
    ids = tokenizer.encode(natural(words, lang))
    if _letters(tokenizer.decode(ids)) != "".join(words):
        return None
    owner = [index for index, word in enumerate(words) for _ in word]
    # a token may hold a part of a character only; what is decoded before it is whole
    return ids, [owner[len(_letters(tokenizer.decode(ids[:k])))] for k in range(len(ids))]


def _letters(text: str) -> str:
    """Returns a text without spaces, and without what stands for half a character."""
    return text.replace(" ", "").replace("\ufffd", "")


class Kept(NamedTuple):
    """The sentences of some stories that a translator can read word by word.

    Attributes:
        sentences: As in the corpus.
        tokens: As the translator reads them.
        golds: Their links.
        left_out: How many sentences with a sure link could not be cut.
    """

    sentences: list[AlignedSentence]
    tokens: list[Tokens]
    golds: list[Gold]
    left_out: int


def read(titles: Iterable[str], tokenizer: Tokenizer) -> Kept:
    """Returns the sentences of some stories, those without a sure link apart.

    Args:
        titles: In English.
        tokenizer: The translator's.
    """
    found, wanted = Kept([], [], [], 0), set(titles)
    for sentence in (s for x in corpora.alibi() if x.title in wanted for s in x.sentences):
        cuts = tokens(sentence, tokenizer)
        if sentence.sure and cuts is None:
            found = found._replace(left_out=found.left_out + 1)
        elif sentence.sure and cuts is not None:
            found.sentences.append(sentence)
            found.tokens.append(cuts)
            found.golds.append(gold(sentence))
    return found


def tokens(sentence: AlignedSentence, tokenizer: Tokenizer) -> Tokens | None:
    """Returns a sentence as the translator reads it; None where `cut` has none.

    Args:
        sentence: Of ALIBI.
        tokenizer: The translator's.
    """
    src, tgt = cut(sentence.english, "en", tokenizer), cut(sentence.french, "fr", tokenizer)
    return None if src is None or tgt is None else Tokens(src[0], tgt[0], src[1], tgt[1])


def gold(sentence: AlignedSentence) -> Gold:
    """Returns the links of a sentence; a sure link is a possible one, too.

    Args:
        sentence: Of ALIBI.
    """
    size = len(sentence.english), len(sentence.french)
    return Gold(*size, sentence.sure, sentence.possible | sentence.sure)
