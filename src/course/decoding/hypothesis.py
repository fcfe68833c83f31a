"""What a search returns, and how it compares hypotheses of different lengths (chapter 4)."""

from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor

from course.errors import CourseError


@dataclass(frozen=True, kw_only=True)
class Hypothesis:
    """One output sequence of a model.

    Attributes:
        tokens: the generated token ids, without prefix and end token.
        log_prob: log-probability of the tokens (end token included) under the model, in nats.
        score: what hypotheses are ranked by: `log_prob` after length normalisation.
        finished: True if the model itself ended the sequence with the end token; False if it was
            cut off at `max_length` or ran into a state from which nothing has any probability.
        weights: attention weights, one row per generated token (the end token included), over
            layers, heads and source positions without padding; None unless asked for.
    """

    tokens: tuple[int, ...]
    log_prob: float
    score: float
    finished: bool
    weights: Float[Tensor, "T L H S"] | None = None

    @property
    def empty(self) -> bool:
        """True if nothing but (at most) the end token was generated."""
        return not self.tokens

    @property
    def length(self) -> int:
        """How many tokens were generated, the end token included."""
        return len(self.tokens) + self.finished


MOST_ALPHA = 10.0
"""Beyond this nothing but the length would count, and the divisor would leave a float's range."""

_DIVISORS = {
    "average": lambda length: float(length),
    "gnmt": lambda length: (5 + length) / 6,
}


@dataclass(frozen=True, kw_only=True)
class LengthPenalty:
    """Length normalisation: score = log p / d(L)^α, where L counts the end token too.

    A log-probability only falls as a sequence grows, so that a search by it prefers short outputs.

    * `"average"`: d(L) = L. With α = 1 the score is the mean log-probability of a token.
    * `"gnmt"`: d(L) = (5 + L) / 6, the milder form of Wu et al. (2016), section 7, equation 14.

    α = 0 switches normalisation off.

    Raises:
        CourseError: if α is not between 0 and 10 or the kind is unknown.
    """

    alpha: float = 1.0
    kind: Literal["average", "gnmt"] = "average"

    def __post_init__(self) -> None:
        """Check the settings."""
        if not 0 <= self.alpha <= MOST_ALPHA:
            raise CourseError(
                f"The length penalty's alpha must lie between 0 (off) and {MOST_ALPHA:g}, not "
                f"{self.alpha}."
            )
        if self.kind not in _DIVISORS:
            known = " or ".join(_DIVISORS)
            raise CourseError(f"The length penalty is {known}, not {self.kind!r}.")

    def score(self, log_prob: float, length: int) -> float:
        """The score of a sequence of `length` generated tokens (end token included)."""
        return log_prob / _DIVISORS[self.kind](max(length, 1)) ** self.alpha

    def bound(self, log_prob: float, max_length: int) -> float:
        """The best score that any continuation of a sequence can still reach.

        Each further token multiplies the probability by at most 1, so the continuation's
        log-probability is at most `log_prob` <= 0; and as d(L) grows with L, no length serves it
        better than the greatest one allowed.
        """
        return self.score(log_prob, max_length)


@dataclass(frozen=True, kw_only=True)
class CoveragePenalty:
    r"""Coverage: a translation should have looked at every source token.

    $cp = \beta \sum_s \log \min(\sum_t \alpha_{ts}, 1)$, added to the length-normalised score: Wu
    et al. (2016), section 7, equation 14. A source token that got all in all less than one word's
    attention counts against the hypothesis; more than one word's worth earns nothing. The weights
    are averaged over layers and heads, and the end token's count too.

    Raises:
        CourseError: if β is negative or not finite.
    """

    beta: float = 0.2

    def __post_init__(self) -> None:
        """Check the setting."""
        if not 0 <= self.beta < float("inf"):
            raise CourseError(
                f"The coverage penalty's beta must be 0 (off) or more, not {self.beta}."
            )

    def score(self, coverage: Float[Tensor, " S"]) -> float:
        """What to add to a score, at most 0.

        Args:
            coverage: for each real source token its attention weights, summed over the generated
                tokens.
        """
        # a weight that has underflowed to 0 must not outweigh everything else
        least = torch.finfo(coverage.dtype).tiny
        return self.beta * float(coverage.clamp(min=least, max=1.0).log().sum())
