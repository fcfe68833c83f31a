"""Batches of similar length under a token budget, with masks (chapter 1).

A batch is a rectangle, so sentences of unequal length are filled up with PAD. Sorting by length
first keeps that waste to a few percent; shuffling the sentences of equal length, and the order of
the batches, keeps training random.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from course.data.pairs import Pair
from course.data.tokenizer import BOS, EOS, PAD, Tokenizer
from course.errors import CourseError

Rows = list[list[int]] | list[Float[Tensor, "_ F"]]
"""Sources of unequal length: token ids without EOS, or signals in pieces of F numbers each."""


class Encoded(NamedTuple):
    """Token ids of parallel sentences, without BOS and EOS; both lists are equally long.

    A source may be a signal in pieces instead, a tensor (S, F) each (chapter 11).
    """

    src: list[Any]
    tgt: list[list[int]]


class Batch(NamedTuple):
    """One rectangle of B sentence pairs, S source and T target columns; masks: True = real.

    `tgt_in` is BOS + target and `tgt_out` is target + EOS, so that column t of `tgt_in` is what
    the decoder reads when it has to write column t of `tgt_out`; `tgt_mask` serves both.
    """

    src: Int[Tensor, "B S"] | Float[Tensor, "B S F"]
    src_mask: Bool[Tensor, "B S"]
    tgt_in: Int[Tensor, "B T"]
    tgt_out: Int[Tensor, "B T"]
    tgt_mask: Bool[Tensor, "B T"]

    def to(self, device: torch.device | str) -> "Batch":
        """Return the batch on `device`."""
        return Batch(*(tensor.to(device, non_blocking=True) for tensor in self))

    @property
    def num_tokens(self) -> int:
        """Number of real target tokens, EOS included: what a loss is divided by."""
        return int(self.tgt_mask.sum())


def encode(pairs: Sequence[Pair], tokenizer: Tokenizer) -> Encoded:
    """Encode both sides of all `pairs`; row i of the result is `pairs[i]`.

    A side without text gives an empty list, which `token_batches` leaves out.
    """
    shared = list(range(len(tokenizer)))  # one int object per id, not one per occurrence

    def ids(texts: Sequence[str]) -> list[list[int]]:
        return [[shared[i] for i in row] for row in tokenizer.encode_batch(texts)]

    return Encoded(ids([pair.src for pair in pairs]), ids([pair.tgt for pair in pairs]))


def collate(src: Rows, tgt: list[list[int]]) -> Batch:
    """Make a batch of B rows: src + EOS, BOS + tgt, tgt + EOS, filled up with PAD.

    A signal has no end token, and is filled up with zeros.

    Raises:
        CourseError: If the lists are empty or differ in length.
    """
    if len(src) != len(tgt):
        raise CourseError(f"A batch needs as many sources as targets, not {len(src)}, {len(tgt)}.")
    source, source_mask = source_batch(src)
    target_in, mask = _rectangle([[BOS, *row] for row in tgt])
    target_out, _ = _rectangle([[*row, EOS] for row in tgt])
    return Batch(source, source_mask, target_in, target_out, mask)


def source_batch(
    src: Rows,
) -> tuple[Int[Tensor, "B S"] | Float[Tensor, "B S F"], Bool[Tensor, "B S"]]:
    """Make the source side of a batch alone, for inference: src + EOS and its mask.

    Raises:
        CourseError: If there is no row.
    """
    if src and isinstance(src[0], Tensor):
        filled = pad_sequence([row for row in src if isinstance(row, Tensor)], batch_first=True)
        lengths = torch.tensor([len(row) for row in src])
        return filled, torch.arange(filled.shape[1]) < lengths[:, None]
    return _rectangle([[*row, EOS] for row in src])  # pyright: ignore[reportArgumentType]


def _rectangle(rows: list[list[int]]) -> tuple[Int[Tensor, "B N"], Bool[Tensor, "B N"]]:
    if not rows:
        raise CourseError("A batch needs at least one sentence.")
    lengths = torch.tensor([len(row) for row in rows])
    width = int(lengths.max())
    ids = torch.tensor([row + [PAD] * (width - len(row)) for row in rows], dtype=torch.long)
    return ids, torch.arange(width) < lengths[:, None]


def token_batches(data: Encoded, *, max_tokens: int, generator: torch.Generator) -> list[list[int]]:
    """Return the row indices of each batch of one epoch, in random order.

    Rows are sorted by target length, and within one target length by source length, up and down in
    turn so that neighbours stay similar; rows of equal lengths are shuffled. A batch takes rows as
    long as rows × longest side <= `max_tokens`, EOS counted on both sides; a longer pair gets a
    batch to itself. Rows with an empty side are left out, since they have nothing to learn from;
    every other row appears exactly once. The result depends on the lengths and the state of
    `generator` (a CPU generator) only, so it is the same on every machine.

    Raises:
        CourseError: If `max_tokens` is not positive, the sides differ in length, or no row has
            text on both sides.
    """
    if max_tokens < 1:
        raise CourseError(f"max_tokens must be at least 1, not {max_tokens}.")
    if len(data.src) != len(data.tgt):
        raise CourseError(f"There are {len(data.src)} sources and {len(data.tgt)} targets.")
    src = torch.tensor([len(row) for row in data.src], dtype=torch.long)
    tgt = torch.tensor([len(row) for row in data.tgt], dtype=torch.long)
    usable = torch.nonzero((src > 0) & (tgt > 0)).flatten()
    if not len(usable):
        raise CourseError("There is no sentence pair with text on both sides to make batches of.")
    order = usable[torch.randperm(len(usable), generator=generator)]
    up_and_down = torch.where(tgt % 2 == 0, src, -src)
    # Two stable sorts make one lexicographic sort that leaves ties in their shuffled order.
    order = order[torch.argsort(up_and_down[order], stable=True)]
    order = order[torch.argsort(tgt[order], stable=True)]
    sizes = torch.maximum(src, tgt)[order] + 1
    batches = _cut(order.tolist(), sizes.tolist(), max_tokens)
    shuffled = torch.randperm(len(batches), generator=generator).tolist()
    return [batches[index] for index in shuffled]


def _cut(order: list[int], sizes: list[int], max_tokens: int) -> list[list[int]]:
    batches: list[list[int]] = []
    longest = 0
    for row, size in zip(order, sizes, strict=True):
        longest = max(longest, size)
        if not batches or (len(batches[-1]) + 1) * longest > max_tokens:
            batches.append([])
            longest = size
        batches[-1].append(row)
    return batches


def padding(data: Encoded, batches: list[list[int]]) -> float:
    """Return the share of positions that are PAD, over all batches and both sides, in 0 to 1."""
    real = filled = 0
    for rows in batches:
        for side in (data.src, data.tgt):
            lengths = [len(side[row]) + 1 for row in rows]
            real += sum(lengths)
            filled += max(lengths) * len(lengths)
    return 1 - real / filled if filled else 0.0
