"""What a search returns, and how it compares hypotheses of different lengths (chapter 4)."""

from dataclasses import dataclass
from typing import Literal

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
        CourseError: if α is negative or the kind is unknown.
    """

    alpha: float = 1.0
    kind: Literal["average", "gnmt"] = "average"

    def __post_init__(self) -> None:
        """Check the settings."""
        if not self.alpha >= 0:
            raise CourseError(f"The length penalty's alpha must be 0 or more, not {self.alpha}.")
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
