"""Sampling, and the filters that cut the tail off a distribution (chapter 4).

Each filter takes log-probabilities (not necessarily normalised) and returns them with the tokens
that it rules out at minus infinity.
"""

from collections.abc import Sequence

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from course.decoding.greedy import generate
from course.decoding.hypothesis import Hypothesis
from course.decoding.preparation import OURS
from course.errors import CourseError
from course.models.interface import SequenceModel, Sources, SpecialTokens

NEVER = float("-inf")


def sample(
    model: SequenceModel,
    src: Sources,
    src_mask: Bool[Tensor, "B S"],
    *,
    generator: torch.Generator,
    max_length: int | Sequence[int],
    temperature: float = 1.0,
    top_k: int = 0,
    top_p: float = 1.0,
    min_p: float = 0.0,
    prefix: Int[Tensor, "B P"] | None = None,
    special: SpecialTokens = OURS,
    return_weights: bool = False,
) -> list[Hypothesis]:
    """Draw each token from the model's distribution, after temperature and filters (in that order).

    Args:
        model: anything that offers `encode`, `start` and `step`.
        src: source token ids, or what else the model reads.
        src_mask: True at real tokens.
        generator: a CPU generator. A sentence's draws depend on its place in the batch, but not
            on how long its neighbours grow.
        max_length: the most tokens to generate, the end token included; one number, or one for
            each sentence.
        temperature: divides the log-probabilities; below 1 sharpens, above 1 flattens.
        top_k: keep the k most probable tokens; 0 keeps all.
        top_p: keep the smallest set of tokens that holds this probability; 1 keeps all.
        min_p: keep tokens with at least this fraction of the best one's probability; 0 keeps all.
        prefix: tokens that the output begins with, not returned; by default the start token.
        special: the vocabulary's start and end token; a published model has others than ours.
        return_weights: keep the attention weights.

    Returns:
        One hypothesis a sentence. `log_prob` and the score (its mean over tokens) are the model's
        own, before temperature and filters.

    Raises:
        CourseError: if a setting is out of its range.
    """
    _check(temperature, top_k, top_p, min_p)

    def choose(log_probs: Tensor, rows: Tensor) -> Tensor:
        # One number for every sentence of the batch, finished or not, keeps the streams apart.
        uniform = torch.rand(len(src), generator=generator, dtype=torch.float64)
        kept = keep_top_k(_tempered(log_probs, temperature), top_k)
        kept = keep_min_p(keep_top_p(kept, top_p), min_p)
        return draw(kept, uniform.to(rows.device)[rows])

    return generate(
        model,
        src,
        src_mask,
        choose,
        max_length=max_length,
        prefix=prefix,
        special=special,
        return_weights=return_weights,
    )


def _tempered(log_probs: Float[Tensor, "B V"], temperature: float) -> Float[Tensor, "B V"]:
    """Divide by the temperature, the best token's log-probability taken as 0.

    A temperature near 0 would send all of them to minus infinity otherwise, the best one too.
    """
    best = log_probs.amax(-1, keepdim=True)
    least = torch.finfo(log_probs.dtype).tiny
    return (log_probs - best.masked_fill(best == NEVER, 0.0)) / max(temperature, least)


def keep_top_k(log_probs: Float[Tensor, "B V"], k: int) -> Float[Tensor, "B V"]:
    """Keep the k most probable tokens (Fan et al. 2018, section 5); 0 keeps all."""
    if k == 0 or k >= log_probs.shape[1]:
        return log_probs
    best, index = log_probs.topk(k, dim=-1)
    return torch.full_like(log_probs, NEVER).scatter(1, index, best)


def keep_top_p(log_probs: Float[Tensor, "B V"], p: float) -> Float[Tensor, "B V"]:
    """Keep the nucleus: the smallest set of tokens whose probabilities sum to at least p.

    Holtzman et al. 2020, section 3.1. The most probable token is always kept.
    """
    if p >= 1:
        return log_probs
    ordered, index = log_probs.sort(dim=-1, descending=True, stable=True)
    probs = ordered.softmax(-1)
    before = probs.cumsum(-1) - probs  # what the more probable tokens hold already
    return torch.full_like(log_probs, NEVER).scatter(
        1, index, ordered.masked_fill(before >= p, NEVER)
    )


def keep_min_p(log_probs: Float[Tensor, "B V"], p: float) -> Float[Tensor, "B V"]:
    """Keep tokens with at least p times the probability of the best one (Nguyen et al. 2024).

    The bar falls when the model is unsure, so that more tokens pass than where it is certain.
    """
    if p == 0:
        return log_probs
    bar = log_probs.amax(-1, keepdim=True) + torch.tensor(p).log().to(log_probs)
    return log_probs.masked_fill(log_probs < bar, NEVER)


def draw(log_probs: Float[Tensor, "B V"], uniform: Float[Tensor, " B"]) -> Int[Tensor, " B"]:
    """Turn one uniform number in [0, 1) per row into a token, by inverting the cumulative sum."""
    best = log_probs.amax(-1, keepdim=True)
    best = best.masked_fill(best == NEVER, 0.0)  # a row without any token: no NaN from inf - inf
    cumulative = (log_probs - best).double().exp().cumsum(-1)
    total = cumulative[:, -1:]
    index = torch.searchsorted(cumulative, uniform[:, None] * total, right=True)
    last = (cumulative < total).sum(-1, keepdim=True)  # rounding must not run past the last token
    return torch.minimum(index, last)[:, 0]


def _check(temperature: float, top_k: int, top_p: float, min_p: float) -> None:
    if not 0 < temperature < float("inf"):
        raise CourseError(f"The temperature must be a number above 0, not {temperature}.")
    if top_k < 0:
        raise CourseError(f"top_k must be 0 (off) or more, not {top_k}.")
    if not 0 < top_p <= 1:
        raise CourseError(f"top_p must be above 0 and at most 1, not {top_p}.")
    if not 0 <= min_p <= 1:
        raise CourseError(f"min_p must lie between 0 (off) and 1, not {min_p}.")
