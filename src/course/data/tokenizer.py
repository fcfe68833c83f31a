"""Subwords: from text to token ids and back (chapter 1).

One vocabulary serves both languages. `Tokenizer.train` learns byte-level byte-pair encoding
(Sennrich et al. 2016, section 3.2, on bytes as in Radford et al. 2019, section 2.2), so that any
Unicode text can be encoded and nothing is ever unknown. `Tokenizer.words` keeps whole words, for
small experiments in which a token should be a word. Both are saved as one standard
`tokenizer.json` of the Hugging Face `tokenizers` library.
"""

import json
import os
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from itertools import accumulate
from pathlib import Path
from typing import Any

import tokenizers
from tokenizers import AddedToken, Regex, decoders, models, normalizers, pre_tokenizers, trainers

from course.data.text import (
    BYTE,
    NORMALISER,
    PIECES,
    UNKNOWN,
    WORDS,
    normalise,
    readable,
    rejoin,
    without_surrogates,
)
from course.errors import CourseError

__all__ = ["BOS", "EOS", "PAD", "UNK", "WORD_START", "Tokenizer", "normalise"]

PAD, BOS, EOS, UNK = 0, 1, 2, 3
WORD_START = "▁"
SPECIAL = ("<pad>", "<s>", "</s>", UNKNOWN)


class Tokenizer:
    """A vocabulary and the rules to cut text into it.

    Make one with `train`, `words` or `load`. Ids 0 to 3 are PAD, BOS, EOS and UNK. Text that
    merely looks like a special token ("<pad>") is encoded as ordinary text.
    """

    def __init__(self, backend: tokenizers.Tokenizer) -> None:
        """Wrap a `tokenizers.Tokenizer` whose first four ids are the special tokens."""
        if [backend.id_to_token(index) for index in range(len(SPECIAL))] != list(SPECIAL):
            raise CourseError(
                f"This is not a tokenizer of the course: its ids 0 to 3 must be {SPECIAL}."
            )
        backend.encode_special_tokens = True
        self._backend = backend
        self._is_words = isinstance(backend.model, models.WordLevel)

    @classmethod
    def train(cls, texts: Iterable[str], *, vocab_size: int = 4000) -> "Tokenizer":
        """Learn joint byte-level BPE from `texts` (both languages together), deterministically.

        Args:
            texts: Sentences; the same sentences in the same order give the same file.
            vocab_size: Entries wanted, special tokens and the 256 bytes included. Fewer come out
                when the texts have no more pairs to merge.

        Raises:
            CourseError: If there is no text, or `vocab_size` has no room for the bytes.
        """
        least = len(SPECIAL) + 256
        if vocab_size < least:
            raise CourseError(
                f"vocab_size must be at least {least} (256 bytes and {len(SPECIAL)} special "
                f"tokens), not {vocab_size}."
            )
        backend = tokenizers.Tokenizer(models.BPE())
        # The space put in front gives a word the same token at the start of a sentence as inside.
        steps = [NORMALISER, normalizers.Prepend(" ")]
        backend.normalizer = normalizers.Sequence(steps)
        backend.pre_tokenizer = pre_tokenizers.Sequence(
            [
                pre_tokenizers.Split(Regex(PIECES), "isolated"),
                pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
            ]
        )
        backend.decoder = decoders.Sequence([decoders.ByteLevel(), decoders.Strip(" ", 1, 0)])
        trainer = trainers.BpeTrainer(
            vocab_size=vocab_size,
            special_tokens=list(SPECIAL),
            initial_alphabet=sorted(BYTE),
            show_progress=False,
        )
        cleaned = [without_surrogates(text) for text in texts]
        _require_text(cleaned)
        backend.train_from_iterator(cleaned, trainer)
        return cls(backend)

    @classmethod
    def words(cls, texts: Iterable[str]) -> "Tokenizer":
        """Take every word of `texts` as one token; other words become UNK.

        Words are split as the grammar splits them: an apostrophe ends a French word ("l'"
        "homme") and begins an English ending ("Mary" "'s"), a hyphenated word is one, punctuation
        stands apart. `decode` joins them again to natural text, exactly for text with usual
        spacing, and writes UNK as "<unk>".

        Raises:
            CourseError: If there is no text.
        """
        cutter = pre_tokenizers.Sequence(
            [
                pre_tokenizers.Split(Regex(WORDS), "isolated"),
                pre_tokenizers.Split(Regex("^ $"), "removed"),
            ]
        )
        cleaned = [normalise(text) for text in texts]
        _require_text(cleaned)
        counts = Counter(word for text in cleaned for word, _ in cutter.pre_tokenize_str(text))
        # A total order (count, then spelling), so that equal counts never depend on the input.
        known = sorted(counts.keys() - set(SPECIAL), key=lambda word: (-counts[word], word))
        vocabulary = {word: index for index, word in enumerate([*SPECIAL, *known])}
        backend = tokenizers.Tokenizer(models.WordLevel(vocabulary, unk_token=SPECIAL[UNK]))
        backend.normalizer = NORMALISER
        backend.pre_tokenizer = cutter
        backend.add_special_tokens([AddedToken(token, special=True) for token in SPECIAL])
        return cls(backend)

    def __len__(self) -> int:
        """Return the number of entries, special tokens included."""
        return self._backend.get_vocab_size()

    def encode(self, text: str) -> list[int]:
        """Return the ids of `text`, without any special token (UNK apart, for `words`)."""
        return self._backend.encode(without_surrogates(text), add_special_tokens=False).ids

    def encode_batch(self, texts: Iterable[str]) -> list[list[int]]:
        """Return `encode` of every text, computed together and on all cores."""
        cleaned = [without_surrogates(text) for text in texts]
        found = self._backend.encode_batch_fast(cleaned, add_special_tokens=False)
        return [encoding.ids for encoding in found]

    def decode(self, ids: Iterable[int]) -> str:
        """Return the text of `ids`; special tokens are dropped.

        `decode(encode(text)) == normalise(text)` for subwords. Ids that do not form valid UTF-8,
        which a model may well produce, give U+FFFD. A word tokenizer shows UNK as "<unk>".

        Raises:
            CourseError: If an id is outside the vocabulary.
        """
        kept = [int(index) for index in ids]
        size = len(self)
        wrong = next((index for index in kept if not 0 <= index < size), None)
        if wrong is not None:
            raise CourseError(f"Token id {wrong} is not in the vocabulary of {size} entries.")
        if not self._is_words:
            return self._backend.decode(kept, skip_special_tokens=True)
        words = (self._backend.id_to_token(index) for index in kept if index not in (PAD, BOS, EOS))
        return rejoin([word for word in words if word])

    def tokens(self, text: str) -> list[str]:
        """Return the readable pieces of `text`, one for each id of `encode(text)`.

        A piece that begins a white-space word starts with "▁"; without that mark the pieces spell
        `normalise(text)`. A piece that holds only a part of a character shows its bytes, as in
        "<E2><82>"; a word tokenizer shows the words, unknown ones too.
        """
        return [WORD_START * begins + piece for begins, piece in self._pieces(text)]

    def word_ids(self, text: str) -> list[int]:
        """Return, for each token of `text`, the index of the white-space word it belongs to."""
        return [count - 1 for count in accumulate(begins for begins, _ in self._pieces(text))]

    def _pieces(self, text: str) -> list[tuple[bool, str]]:
        """Return, for each token, whether it begins a white-space word, and its text."""
        clean = normalise(text)
        found = self._backend.encode(clean, add_special_tokens=False)
        if not self._is_words:
            return [readable(token) for token in found.tokens]
        return [
            (start == 0 or " " in clean[start - 1 : start + 1], clean[start:end].strip())
            for start, end in found.offsets
        ]

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel to another process as text; the backend's own copy would forget a setting."""
        return _restored, (self._backend.to_str(),)

    def save(self, path: Path) -> None:
        """Write `tokenizer.json` to `path`, whole or not at all.

        Raises:
            CourseError: If it cannot be written.
        """
        path = Path(path)
        part = path.with_name(path.name + f".{os.getpid()}.part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            part.write_text(self._backend.to_str(pretty=True), encoding="utf-8")
            part.replace(path)
        except OSError as error:
            raise CourseError(
                f"{path} cannot be written ({error.strerror}); make room or choose another place."
            ) from None
        finally:
            with suppress(OSError):
                part.unlink(missing_ok=True)

    @classmethod
    def load(cls, path: Path) -> "Tokenizer":
        """Read a file that `save` wrote.

        Raises:
            CourseError: If the file is missing or is not a tokenizer of the course.
        """
        try:
            text = Path(path).read_text(encoding="utf-8")
            json.loads(text)
        except FileNotFoundError:
            raise CourseError(f"There is no tokenizer at {path}.") from None
        except (ValueError, OSError, RecursionError) as error:
            raise CourseError(f"{path} cannot be read as a tokenizer: {error}.") from None
        try:
            backend = tokenizers.Tokenizer.from_str(text)
        except Exception as error:  # the library raises plain Exception, and nothing narrower
            raise CourseError(f"{path} is not a tokenizer file: {error}.") from None
        return cls(backend)


def _restored(text: str) -> Tokenizer:
    return Tokenizer(tokenizers.Tokenizer.from_str(text))


def _require_text(texts: list[str]) -> None:
    if not any(text.strip() for text in texts):
        raise CourseError("A tokenizer needs text to learn from, and there was none.")
