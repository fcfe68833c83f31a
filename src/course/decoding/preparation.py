"""What greedy search, beam search and sampling share: checked arguments and rows of tensors."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from course.data.tokenizer import BOS, EOS, PAD
from course.errors import CourseError
from course.models.interface import SequenceModel, Sources, SpecialTokens

OURS = SpecialTokens(start=BOS, end=EOS, never=(PAD, BOS))
"""The special tokens of the course's own vocabularies."""


@contextmanager
def evaluating(model: SequenceModel) -> Iterator[None]:
    """No gradients, no dropout; the model's mode is restored afterwards."""
    training = isinstance(model, nn.Module) and model.training
    if isinstance(model, nn.Module) and training:
        model.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        if isinstance(model, nn.Module) and training:
            model.train()


def device_of(model: SequenceModel) -> torch.device:
    """Where the model's parameters live."""
    if isinstance(model, nn.Module):
        for parameter in model.parameters():
            return parameter.device
    return torch.device("cpu")


def prefix_or_start(
    src: Sources, prefix: Int[Tensor, "B P"] | None, special: SpecialTokens = OURS
) -> Int[Tensor, "B P"]:
    """The given prefix, or one column of the start token.

    Raises:
        CourseError: if the prefix has no column: the first step needs a token to feed.
    """
    if prefix is None:
        return torch.full((src.shape[0], 1), special.start, device=src.device)
    if prefix.shape[1] == 0:
        raise CourseError("The prefix needs at least one token, such as the start token.")
    return prefix


def limits(max_length: int | Sequence[int], sentences: int) -> list[int]:
    """`max_length` for each sentence.

    Raises:
        CourseError: if a limit is below 1, or there are more or fewer limits than sentences.
    """
    each = [max_length] * sentences if isinstance(max_length, int) else list(max_length)
    if len(each) != sentences:
        raise CourseError(f"max_length has {len(each)} limits for {sentences} sentences.")
    if any(limit < 1 for limit in each):
        raise CourseError(f"max_length must be at least 1, not {min(each)}.")
    return each


def without_special(
    log_probs: Float[Tensor, "B V"], special: SpecialTokens = OURS
) -> Float[Tensor, "B V"]:
    """The same log-probabilities with padding and the like ruled out: no output holds them."""
    never = torch.tensor(special.never, dtype=torch.long, device=log_probs.device)
    return log_probs.index_fill(1, never, float("-inf"))


def select(tensors: tuple[Tensor, ...], rows: Int[Tensor, " R"]) -> tuple[Tensor, ...]:
    """The given rows of a memory or a state."""
    return tuple(tensor.index_select(0, rows) for tensor in tensors)


def without_padding(
    weights: list[Float[Tensor, "L H S"]], src_mask: Bool[Tensor, " S"]
) -> Float[Tensor, "T L H R"] | None:
    """One sequence's attention weights, a row per generated token, real source positions only."""
    if not weights:
        return None
    return torch.stack(weights)[..., src_mask]
