"""What a model learns from text alone: tokens or spans are hidden, and it says which (chapter 9).

The third objective, the next token, needs no corruption: `collate` shifts the text by one.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from jaxtyping import Int
from torch import Tensor

from course.data.batching import Encoded
from course.data.tokenizer import PAD
from course.errors import CourseError

SHARE = 0.15
MASKED, REPLACED = 0.8, 0.1
"""Of the chosen tokens, how many are masked and how many replaced; the rest stays as it is."""


class Masked(NamedTuple):
    """What a masked language model reads, and what it has to say at the chosen positions.

    `targets` is `ignore` wherever nothing was chosen, also at padding.
    """

    inputs: Int[Tensor, "B T"]
    targets: Int[Tensor, "B T"]


def mask_tokens(
    tokens: Int[Tensor, "B T"],
    *,
    mask: int,
    ordinary: range,
    generator: torch.Generator,
    share: float = SHARE,
    ignore: int = PAD,
) -> Masked:
    """Choose a share of each text's tokens; most are masked, some replaced, some left alone.

    Devlin et al. (2019), section 3.1, task 1: 15% are chosen; of these 80% become the mask, 10% a
    random token, and 10% stay, so that the model can't tell which positions it will be asked about.
    Of each text the rounded number is chosen, but one at least if there is an ordinary token.

    Args:
        tokens: texts, padded.
        mask: the id that hides a token.
        ordinary: the ids that may be chosen, and from which replacements are drawn: those of real
            tokens that are not special.
        generator: a CPU generator.
        share: how many are chosen, above 0 and at most 1.
        ignore: what stands in `targets` where nothing is asked.

    Raises:
        CourseError: if the share is out of its range, there is no ordinary token, or the mask or
            `ignore` is one.
    """
    _check_share(share)
    if not ordinary or mask in ordinary or ignore in ordinary:
        raise CourseError(
            f"The mask ({mask}) and what is ignored ({ignore}) must not be among the ordinary "
            f"tokens {ordinary}, of which there must be one."
        )
    may = (tokens >= ordinary.start) & (tokens < ordinary.stop)  # (B, T)
    count = (share * may.sum(1)).round().clamp(min=1)
    order = torch.rand(tokens.shape, generator=generator).to(tokens.device)
    order = order.masked_fill(~may, 2.0)  # those that may not be chosen come last
    chosen = may & (order.argsort(1).argsort(1) < count[:, None])
    fate = torch.rand(tokens.shape, generator=generator).to(tokens.device)
    drawn = torch.randint(ordinary.start, ordinary.stop, tokens.shape, generator=generator)
    inputs = tokens.where(~chosen | (fate >= MASKED), torch.full_like(tokens, mask))
    replaced = chosen & (fate >= MASKED) & (fate < MASKED + REPLACED)
    inputs = drawn.to(tokens).where(replaced, inputs)
    return Masked(inputs, tokens.where(chosen, torch.full_like(tokens, ignore)))


def corrupt_spans(
    texts: Sequence[Sequence[int]],
    *,
    sentinels: Sequence[int],
    generator: torch.Generator,
    share: float = SHARE,
    mean_length: float = 3.0,
) -> Encoded:
    """Cut spans out of each text: the source has a sentinel for each, the target lists them.

    With sentinels X, Y, Z: "Thank you X me to your party Y week" and "X for inviting Y last Z"; the
    last sentinel ends the target. Raffel et al. (2020), sections 3.1.4 and 3.3.4: 15% of the tokens
    in spans of 3 on average. No two spans touch; where they stand and how long each is, is drawn
    uniformly. A text of one token is cut out whole; of an empty one nothing is.

    Args:
        texts: token ids, without padding and end token.
        sentinels: ids that stand for spans, in this order; no text holds them.
        generator: a CPU generator.
        share: how many tokens are cut out of each text (the rounded number, but at least one),
            above 0 and at most 1.
        mean_length: of the spans, at least 1.

    Returns:
        Sources and targets for `collate`.

    Raises:
        CourseError: if a number is out of its range, a text holds a sentinel, or has more spans
            than there are sentinels.
    """
    _check_share(share)
    if not mean_length >= 1:
        raise CourseError(f"Spans have at least 1 token on average, not {mean_length}.")
    if len(set(sentinels)) < len(sentinels):
        raise CourseError("Each sentinel stands once.")
    pairs = Encoded([], [])
    for text in texts:
        if not set(sentinels).isdisjoint(text):
            raise CourseError("A text holds a sentinel already.")
        kept, cut = _spans(len(text), share, mean_length, generator)
        if len(cut) + 1 > len(sentinels):
            raise CourseError(
                f"{len(cut)} spans and the end need {len(cut) + 1} sentinels, not {len(sentinels)}."
            )
        src, tgt, rest = list(text[: kept[0]]), [], list(text[kept[0] :])
        for sentinel, length, gap in zip(sentinels, cut, kept[1:], strict=False):
            src += [sentinel, *rest[length : length + gap]]
            tgt += [sentinel, *rest[:length]]
            rest = rest[length + gap :]
        pairs.src.append(src)
        pairs.tgt.append([*tgt, sentinels[len(cut)]])
    return pairs


def _spans(
    length: int, share: float, mean_length: float, generator: torch.Generator
) -> tuple[list[int], list[int]]:
    """Lengths of what is kept (before, between and after the spans) and of the spans."""
    if length == 0:
        return [0], []
    hidden = max(1, round(share * length))
    count = min(max(1, round(hidden / mean_length)), length - hidden + 1)
    outer = _parts(length - hidden + 2, count + 1, generator)
    return [outer[0] - 1, *outer[1:-1], outer[-1] - 1], _parts(hidden, count, generator)


def _parts(total: int, count: int, generator: torch.Generator) -> list[int]:
    """So many positive whole numbers with this sum, each such list equally probable."""
    cuts = (torch.randperm(total - 1, generator=generator)[: count - 1] + 1).sort().values.tolist()
    return [high - low for low, high in zip([0, *cuts], [*cuts, total], strict=True)]


def _check_share(share: float) -> None:
    if not 0 < share <= 1:
        raise CourseError(f"The share of hidden tokens is above 0 and at most 1, not {share}.")
