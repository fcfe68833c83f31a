"""Planting a mistake in a model's output, and scoring what it writes afterwards (chapter 3).

The decoder is made to write the reference up to some word, then a slip, and goes on alone. Its
continuation is laid beside the rest of the reference by the alignment of fewest edits, so that a
word too many or too few does not count as an error in all later places.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import fmean as mean
from typing import Literal, NamedTuple

import torch
from torch import Tensor

from course.data.batching import collate, source_batch
from course.data.tokenizer import BOS, EOS, UNK
from course.decoding import greedy
from course.models.interface import SequenceModel

Kind = Literal["plausible", "random", "inserted", "deleted"]
KINDS: tuple[Kind, ...] = ("plausible", "random", "inserted", "deleted")
FIRST_WORD = UNK + 1


class Slip(NamedTuple):
    """One planted mistake.

    Attributes:
        written: What the decoder is made to write, the slip as its last token.
        right: What it should have written instead.
        rest: What should follow in either case.
    """

    written: list[int]
    right: list[int]
    rest: list[int]


def plant(kind: Kind, tgt: Sequence[int], place: int, wrong: int) -> Slip:
    """Plants a mistake in a reference.

    Args:
        kind: "plausible" and "random" put `wrong` instead of a token, "inserted" puts it before
            that token, "deleted" leaves the token out and writes the one after it.
        tgt: The reference.
        place: The index of the token.
        wrong: The wrong token; "deleted" needs none.
    """
    tgt, before = list(tgt), list(tgt[:place])
    if kind == "inserted":
        return Slip([*before, wrong], before, tgt[place:])
    if kind == "deleted":
        return Slip([*before, tgt[place + 1]], tgt[: place + 2], tgt[place + 2 :])
    return Slip([*before, wrong], tgt[: place + 1], tgt[place + 1 :])


def missed(hypothesis: Sequence[int | str], reference: Sequence[int | str]) -> list[bool]:
    """Returns for each reference token whether the alignment of fewest edits leaves it unmatched.

    Args:
        hypothesis: What was written: token ids, or words.
        reference: What should have been.
    """
    rows = [list(range(len(reference) + 1))]
    for i, token in enumerate(hypothesis, start=1):
        row = [i]
        for j, other in enumerate(reference, start=1):
            best = min(rows[-1][j - 1] + (token != other), rows[-1][j] + 1, row[-1] + 1)
            row.append(best)
        rows.append(row)
    found, i, j = [True] * len(reference), len(hypothesis), len(reference)
    while i and j:
        wrong = hypothesis[i - 1] != reference[j - 1]
        if rows[i][j] == rows[i - 1][j - 1] + wrong:
            i, j = i - 1, j - 1
            found[j] = wrong
        elif rows[i][j] == rows[i - 1][j] + 1:
            i -= 1
        else:
            j -= 1
    return found


@torch.no_grad()
def forced_missed(
    model: SequenceModel, src: list[list[int]], tgt: list[list[int]]
) -> list[list[bool]]:
    """Returns for each reference token whether the model, fed the reference, prefers another one.

    Args:
        model: The model.
        src: Token ids of the sources.
        tgt: Of the references; their end tokens are not scored.
    """
    batch = collate(src, tgt)
    wrong = model(batch.src, batch.src_mask, batch.tgt_in).argmax(-1) != batch.tgt_out
    return [row[: len(t)] for row, t in zip(wrong.tolist(), tgt, strict=True)]


@torch.no_grad()
def second_choices(
    model: SequenceModel, src: list[list[int]], tgt: list[list[int]], places: list[int]
) -> list[int]:
    """Returns the most probable wrong word at one place of each reference.

    Args:
        model: The model; it has read the reference before the place.
        src: Token ids of the sources.
        tgt: Of the references.
        places: The index of one token in each reference.
    """
    batch = collate(src, tgt)
    logits = model(batch.src, batch.src_mask, batch.tgt_in)
    at = logits[torch.arange(len(places)), torch.tensor(places)]
    at[:, :FIRST_WORD] = float("-inf")
    right = torch.tensor([t[place] for t, place in zip(tgt, places, strict=True)])
    return at.scatter(1, right[:, None], float("-inf")).argmax(-1).tolist()


def random_words(
    tgt: list[list[int]], places: list[int], words: Sequence[int], generator: torch.Generator
) -> list[int]:
    """Returns a random wrong word for one place of each reference.

    Args:
        tgt: Token ids of the references.
        places: The index of one token in each.
        words: The words to draw from.
        generator: Where they come from.
    """
    drawn = []
    for t, place in zip(tgt, places, strict=True):
        options = [word for word in words if word not in t[place : place + 2]]
        drawn.append(options[int(torch.randint(len(options), (1,), generator=generator))])
    return drawn


def continuations(
    model: SequenceModel, src: list[list[int]], prefixes: list[list[int]], lengths: list[int]
) -> list[list[int]]:
    """Returns what the model writes, greedily, after each prefix.

    Args:
        model: The model.
        src: Token ids of the sources.
        prefixes: What it is made to write first.
        lengths: How long a right continuation is; it may write half as much again, and five more.
    """
    found: list[list[int]] = [[] for _ in src]
    for size in sorted({len(prefix) for prefix in prefixes}):
        rows = [i for i, prefix in enumerate(prefixes) if len(prefix) == size]
        ids, mask = source_batch([src[i] for i in rows])
        prefix: Tensor = torch.tensor([[BOS, *prefixes[i]] for i in rows])
        limits = [lengths[i] * 3 // 2 + 5 for i in rows]
        written = greedy(model, ids, mask, max_length=limits, prefix=prefix)
        for i, hypothesis in zip(rows, written, strict=True):
            found[i] = [token for token in hypothesis.tokens if token != EOS]
    return found


class Recovery(NamedTuple):
    """What follows a slip, beside what follows the right words.

    Attributes:
        slips: What was planted.
        after: The continuations after the slip.
        clean: The continuations after the right words.
    """

    slips: list[Slip]
    after: list[list[int]]
    clean: list[list[int]]

    def missed_by_distance(self, furthest: int) -> tuple[list[float], list[float]]:
        """Returns the shares of words missed behind the slip: with it, and without it.

        Args:
            furthest: How many words behind the slip to look; the first is the one right behind
                it. Sentences that end before a distance don't count there.
        """
        found: list[list[float]] = []
        for written in (self.after, self.clean):
            rests = (slip.rest for slip in self.slips)
            rows = [missed(w, rest) for w, rest in zip(written, rests, strict=True)]
            found.append([mean([row[d] for row in rows if len(row) > d]) for d in range(furthest)])
        return found[0], found[1]

    def accepted(
        self, text: Callable[[list[int]], str], accepts: Callable[[str], bool]
    ) -> tuple[float, float, float]:
        """Returns which shares of whole texts a grammar accepts.

        Args:
            text: Turns token ids into text.
            accepts: Whether the grammar makes a text.

        Returns:
            With the slip as it was written; with the slip corrected and the continuation as it
            was written; without any slip.
        """
        wholes = [
            [s.written + a for s, a in zip(self.slips, self.after, strict=True)],
            [s.right + a for s, a in zip(self.slips, self.after, strict=True)],
            [s.right + c for s, c in zip(self.slips, self.clean, strict=True)],
        ]
        shares = [sum(accepts(text(ids)) for ids in whole) / len(whole) for whole in wholes]
        return shares[0], shares[1], shares[2]


def recover(
    model: SequenceModel,
    kind: Kind,
    src: list[list[int]],
    tgt: list[list[int]],
    *,
    places: list[int],
    words: Sequence[int],
    generator: torch.Generator,
) -> Recovery:
    """Plants one mistake in each sentence and lets the model go on.

    Args:
        model: The model.
        kind: The kind of mistake.
        src: Token ids of the sources.
        tgt: Of the references, each at least three tokens longer than its place.
        places: Where to plant.
        words: The words that random mistakes are drawn from.
        generator: Where random mistakes come from.
    """
    if kind == "plausible":
        wrong = second_choices(model, src, tgt, places)
    else:
        wrong = random_words(tgt, places, words, generator)
    slips = [plant(kind, t, p, w) for t, p, w in zip(tgt, places, wrong, strict=True)]
    lengths = [len(slip.rest) for slip in slips]
    after = continuations(model, src, [slip.written for slip in slips], lengths)
    clean = continuations(model, src, [slip.right for slip in slips], lengths)
    return Recovery(slips, after, clean)
