"""From attention weights to word links, and their error rate (chapter 5, claim C8)."""

from collections.abc import Iterable, Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from course.errors import CourseError

Link = tuple[int, int]
"""(source word, target word), counted from 0."""


def word_weights(
    weights: Float[Tensor, "T S"],
    src_words: Sequence[int],
    tgt_words: Sequence[int],
    *,
    shift: int = 0,
) -> Float[Tensor, "J I"]:
    """Attention of target words over source words, from attention of subwords over subwords.

    A word is attended to as much as all its pieces together, so weights are summed over the
    subwords of a source word; a target word is written in several steps, so they are averaged
    over its subwords. The end token's row and column, if there, are left out, so that rows may
    sum to less than 1.

    Args:
        weights: attention of target tokens (rows) over source tokens, each side with or without
            its end token.
        src_words: the word of each source token, without the end token, as
            `Tokenizer.word_ids` gives it.
        tgt_words: the word of each target token, without the end token.
        shift: how many steps later than it is written (earlier if negative) a token's attention is
            read: claim C8 tries -1, 0 and 1. Beyond the ends the first or last step counts.

    Raises:
        CourseError: if the sizes do not fit, or a side has no word.
    """
    for side, size, words in (
        ("target", weights.shape[0], tgt_words),
        ("source", weights.shape[1], src_words),
    ):
        if not words:
            raise CourseError(f"The {side} has no word to align.")
        if size - len(words) not in (0, 1):
            raise CourseError(f"There are weights for {size} {side} tokens, not {len(words)}.")
    tgt, src = _membership(weights, tgt_words), _membership(weights, src_words)
    steps = torch.arange(len(tgt_words), device=weights.device) + shift
    pieces = weights[steps.clamp(0, len(weights) - 1), : len(src_words)]
    return (tgt.mT / tgt.sum(0)[:, None].clamp(min=1)) @ pieces @ src


def _membership(like: Tensor, words: Sequence[int]) -> Float[Tensor, "N W"]:
    """1 where token n belongs to word w."""
    index = torch.tensor(words, device=like.device)
    return torch.nn.functional.one_hot(index, int(index.max()) + 1).to(like.dtype)


def word_links(
    weights: Float[Tensor, "T S"],
    src_words: Sequence[int],
    tgt_words: Sequence[int],
    *,
    shift: int = 0,
) -> set[Link]:
    """Link each target word to the source word that it attends to most (as `word_weights`)."""
    best = word_weights(weights, src_words, tgt_words, shift=shift).argmax(1).tolist()
    return {(src, tgt) for tgt, src in enumerate(best) if tgt in set(tgt_words)}


def aer(
    sure: Sequence[Iterable[Link]],
    possible: Sequence[Iterable[Link]],
    predicted: Sequence[Iterable[Link]],
) -> float:
    """Alignment error rate of a corpus (Och & Ney 2003, section 5.1): 0 is perfect, 1 is worst.

    AER = 1 - (|A ∩ S| + |A ∩ P|) / (|A| + |S|), where A are the predicted links, S the sure ones
    and P the possible ones, which include the sure ones (they are added if they are not there).

    Args:
        sure: for each sentence, the links that an alignment must have.
        possible: the links that it may have.
        predicted: the links to be judged.

    Raises:
        CourseError: if the numbers of sentences differ, or there is no link at all.
    """
    if not len(sure) == len(possible) == len(predicted):
        raise CourseError(
            f"The numbers of sentences differ: {len(sure)} with sure links, {len(possible)} with "
            f"possible ones, {len(predicted)} with predicted ones."
        )
    hits = total = 0
    for must, may, found in zip(sure, possible, predicted, strict=True):
        s, a = set(must), set(found)
        p = s | set(may)
        hits += len(a & s) + len(a & p)
        total += len(a) + len(s)
    if not total:
        raise CourseError("There is no link to judge: neither sure nor predicted ones.")
    return 1 - hits / total


def crossing_links(links: Iterable[Link]) -> set[Link]:
    """The links that cross another one: where the order of the words changes.

    Most links lie on the diagonal and are easily guessed; these are not, so claim C8 looks at
    them apart.
    """
    every = set(links)
    return {
        (src, tgt)
        for src, tgt in every
        if any((src - other_src) * (tgt - other_tgt) < 0 for other_src, other_tgt in every)
    }
