"""From text to text: tokenise, search in batches, put the words back together (chapter 1)."""

from collections.abc import Sequence
from dataclasses import dataclass

from course.data.batching import source_batch
from course.data.tokenizer import Tokenizer, normalise
from course.decoding.beam import beam_search
from course.decoding.hypothesis import Hypothesis, LengthPenalty
from course.decoding.preparation import device_of
from course.errors import CourseError
from course.models.interface import SequenceModel


@dataclass(frozen=True, kw_only=True)
class Translation:
    """One translation of one text.

    Attributes:
        source: the source as the model saw it (`tokenizer.normalise`).
        text: the translation.
        hypothesis: tokens, log-probability, score and, if asked for, attention weights.
        src_words: for each source token the white-space word of `source` that it belongs to.
        tgt_words: the same for each token of the translation.
    """

    source: str
    text: str
    hypothesis: Hypothesis
    src_words: tuple[int, ...]
    tgt_words: tuple[int, ...]

    @property
    def score(self) -> float:
        """What translations of one text are ranked by; higher is better."""
        return self.hypothesis.score

    @property
    def finished(self) -> bool:
        """False if the model did not end the text itself: it was cut off."""
        return self.hypothesis.finished

    @property
    def empty(self) -> bool:
        """True if there is no text in the translation."""
        return not self.text


def translate(
    model: SequenceModel,
    tokenizer: Tokenizer,
    texts: Sequence[str],
    *,
    beam: int = 5,
    n_best: int = 1,
    length_penalty: LengthPenalty | None = None,
    max_length: int | None = None,
    batch_size: int = 64,
    return_weights: bool = False,
) -> list[list[Translation]]:
    """Translate texts by beam search, in batches of similar length; the order is kept.

    Args:
        model: a translation model, on the device to compute on.
        tokenizer: the model's own tokenizer.
        texts: one sentence each. A blank text never reaches the model: its one translation is
            blank (`empty` is True).
        beam: width of the search; 1 is greedy.
        n_best: how many translations to return for each text, from 1 to `beam`.
        length_penalty: how log-probability becomes score; by default log p / L.
        max_length: the most tokens to generate for a text, end token included; by default twice
            the source's tokens and 10.
        batch_size: how many texts to search at once.
        return_weights: keep the attention weights.

    Returns:
        For each text its translations, best first.

    Raises:
        CourseError: if an argument is out of its range.
    """
    if batch_size < 1:
        raise CourseError(f"batch_size must be at least 1, not {batch_size}.")
    ids = [tokenizer.encode(text) for text in texts]
    results = [[_blank()] for _ in texts]
    order = sorted((i for i, row in enumerate(ids) if row), key=lambda i: len(ids[i]))
    device = device_of(model)
    for first in range(0, len(order), batch_size):
        rows = order[first : first + batch_size]
        src, src_mask = source_batch([ids[i] for i in rows])
        found = beam_search(
            model,
            src.to(device),
            src_mask.to(device),
            max_length=[2 * len(ids[i]) + 10 if max_length is None else max_length for i in rows],
            beam=beam,
            n_best=n_best,
            length_penalty=length_penalty,
            return_weights=return_weights,
        )
        for i, hypotheses in zip(rows, found, strict=True):
            results[i] = [_translation(tokenizer, texts[i], each) for each in hypotheses]
    return results


def _translation(tokenizer: Tokenizer, text: str, hypothesis: Hypothesis) -> Translation:
    return Translation(
        source=normalise(text),
        text=normalise(tokenizer.decode(hypothesis.tokens)),
        hypothesis=hypothesis,
        src_words=tuple(tokenizer.word_ids(text)),
        tgt_words=_generated_words(tokenizer, hypothesis.tokens),
    )


def _generated_words(tokenizer: Tokenizer, tokens: tuple[int, ...]) -> tuple[int, ...]:
    """The word of each generated token, from how many words the text has once it is written.

    `tokenizer.word_ids(text)` would not do: a model may write a word in other pieces than the
    tokenizer cuts it into.
    """
    counts: list[int] = []
    before, first = 0, 0  # words that are complete, and the token that the next one begins with
    for i in range(len(tokens)):
        found = len(tokenizer.decode(tokens[first : i + 1]).split())
        counts.append(before + found)
        if found > 1:
            first, before = i, before + found - len(tokenizer.decode(tokens[i : i + 1]).split())
    # The first bytes of a character can look like a word of their own until the last one comes.
    last = max(counts[-1] - 1, 0) if counts else 0
    return tuple(min(max(count - 1, 0), last) for count in counts)


def _blank() -> Translation:
    nothing = Hypothesis(tokens=(), log_prob=0.0, score=0.0, finished=True)
    return Translation(source="", text="", hypothesis=nothing, src_words=(), tgt_words=())
