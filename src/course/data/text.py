"""Text before it is tokenised: its normal form, where it may be cut, and how pieces are shown.

The patterns use only what Oniguruma and JavaScript's `RegExp` with the flag `u` both understand, so
that a browser can follow a `tokenizer.json` to the letter.
"""

import re

from tokenizers import Regex, normalizers

UNKNOWN = "<unk>"

# What str.isspace() calls white space, written out so that a reader of tokenizer.json in another
# language needs no table of its own.
_SPACE = "[\t-\r\x1c-\x1f \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+"
NORMALISER = normalizers.Sequence(
    [normalizers.NFC(), normalizers.Replace(Regex(_SPACE), " "), normalizers.Strip()]
)
# Characters that form C neither changes nor joins with a neighbour: Latin letters and common
# punctuation, so nearly all text here. It saves them the long way (ten times as fast).
_COMPOSED = re.compile("[\0-\u02ff\u2010-\u202f€]*")

# A piece is a word with the space before it. A French elision ends a piece ("l'" "homme"), an
# English contraction begins one ("don" "'t"); digits stand alone, so that numbers can be copied.
_ENGLISH = "['’](?:s|t|m|d|re|ve|ll)(?![\\p{L}\\p{M}])"
PIECES = (
    rf" ?[\p{{L}}\p{{M}}]+(?:(?!{_ENGLISH})['’](?=\p{{L}}))?"
    rf"|{_ENGLISH}| ?\p{{N}}| ?[^ \p{{L}}\p{{M}}\p{{N}}]+"
)

# Whole words as the grammar splits them: hyphens join, elisions and contractions as above,
# punctuation stands apart. Punctuation that follows a space keeps it ("Va !" but "Go!").
_LETTERS = r"[\p{L}\p{M}\p{N}]+"
WORDS = (
    rf"{_ENGLISH}|{_LETTERS}(?:-{_LETTERS})*(?:(?!{_ENGLISH})['’])?"
    rf"| ?[^ \p{{L}}\p{{M}}\p{{N}}]"
)


def normalise(text: str) -> str:
    """Return the form of `text` that survives `decode(encode(text))`.

    Three steps: Unicode normalisation form C (e + combining acute becomes é); every run of white
    space, as `str.isspace` defines it (so also the no-break spaces U+00A0 and U+202F and the line
    separators), becomes one plain space; spaces at both ends go. Case, punctuation and all other
    characters, control characters included, stay. A lone surrogate, which is not a character and
    has no bytes, is first replaced by U+FFFD (two that form a pair become that character).
    """
    if _COMPOSED.fullmatch(text):
        return " ".join(text.split())
    return NORMALISER.normalize_str(without_surrogates(text))


def without_surrogates(text: str) -> str:
    """Replace lone surrogates by U+FFFD, so that the text has a UTF-8 form."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def _byte_of_character() -> dict[str, int]:
    """Invert the table by which byte-level BPE writes each byte as a visible character."""
    visible = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    hidden = [byte for byte in range(256) if byte not in visible]
    table = {chr(byte): byte for byte in visible}
    return table | {chr(256 + rank): byte for rank, byte in enumerate(hidden)}


BYTE = _byte_of_character()


def readable(token: str) -> tuple[bool, str]:
    """Return whether a byte-level token begins with a space, and the text after it.

    A token that holds only a part of a character is shown in bytes, as in "<E2><82>".
    """
    data = bytes(BYTE[character] for character in token)
    begins = data.startswith(b" ")
    data = data.removeprefix(b" ")
    try:
        return begins, data.decode()
    except UnicodeDecodeError:
        return begins, "".join(f"<{byte:02X}>" for byte in data)


def rejoin(words: list[str]) -> str:
    """Return natural text of the tokens of a word vocabulary: the inverse of cutting at `WORDS`."""
    text = ""
    for word in words:
        begins = word[0].isalnum() or word == UNKNOWN
        glued = not text or text.endswith(("'", "’", "(", "["))
        text += (" " if begins and not glued else "") + word
    return text.strip()
