"""Reading one's own words in training: free-running and scheduled sampling (chapter 3).

Teacher forcing feeds the decoder the reference's previous token, free-running training the
decoder's own. Scheduled sampling (Bengio et al. 2015, section 2.4) flips a coin for every token,
and schedules let the share of reference tokens fall during training from 1 towards 0. The loss is
the same in all three: the cross-entropy of the reference.
"""

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from course.data.batching import Batch
from course.data.tokenizer import BOS, PAD
from course.errors import CourseError
from course.models.interface import SequenceModel

Schedule = Callable[[int], float]
"""Update (counted from 0) -> probability of feeding the reference's token."""


def linear(updates: int, *, last: float = 0.0) -> Schedule:
    """The share falls on a straight line from 1 to `last` at update `updates`, and stays there.

    Args:
        updates: Over how many updates it falls.
        last: The share at the end, in [0, 1].

    Raises:
        CourseError: If `updates` is below 1 or `last` is no probability.
    """
    _require(updates >= 1, f"A schedule needs at least one update, not {updates}.")
    _require(0 <= last <= 1, f"The last share must lie between 0 and 1, not {last}.")
    return lambda update: max(last, 1 - (1 - last) * update / updates)


def exponential(factor: float) -> Schedule:
    """The share is multiplied by `factor` at every update.

    Args:
        factor: Below 1; such as 0.99.

    Raises:
        CourseError: If the factor does not lie in (0, 1).
    """
    _require(0 < factor < 1, f"The factor must lie between 0 and 1, not {factor}.")
    return lambda update: factor**update


def inverse_sigmoid(steepness: float) -> Schedule:
    """The share is k / (k + exp(update / k)): long near 1, then a bend, then towards 0.

    Args:
        steepness: The k of the formula, at least 1; one half is passed at update k · ln k.

    Raises:
        CourseError: If k is below 1.
    """
    _require(steepness >= 1, f"k must be at least 1, not {steepness}.")

    def share(update: int) -> float:
        # k / (k + e^x) with e^x divided out, so that a late update does not overflow
        return 1 / (1 + math.exp(min(update / steepness, 700.0)) / steepness)

    return share


def mixed_log_probs(
    model: SequenceModel,
    batch: Batch,
    share: float,
    *,
    generator: torch.Generator | None = None,
    sampled: bool = False,
) -> Float[Tensor, "B T V"]:
    """Log-probabilities of the next token while the decoder reads partly its own words.

    Before each step but the first, and for each sentence by itself, a coin decides whether the
    decoder reads the reference's previous token (with probability `share`) or the one it has just
    chosen. With a share of 1 this is teacher forcing, with 0 free-running. Gradients flow through
    the decoder's states; the choice of a token has none.

    Args:
        model: Anything with `encode`, `start` and `step`.
        batch: The references; its targets are T tokens wide.
        share: Probability of reading the reference, in [0, 1].
        generator: Where coins and samples come from.
        sampled: Whether the model's token is drawn from its distribution, as in the paper's
            experiments, or the most probable one.

    Raises:
        CourseError: If the share is no probability.
    """
    _require(0 <= share <= 1, f"The share must lie between 0 and 1, not {share}.")
    memory = model.encode(batch.src, batch.src_mask)
    state = model.start(memory, batch.tgt_in[:, :0])
    token, found = batch.tgt_in[:, 0], []
    for following in [*batch.tgt_in.unbind(1)[1:], None]:
        step = model.step(token, memory, state)
        state = step.state
        found.append(step.log_probs)
        if following is not None:
            own = _choose(step.log_probs.detach(), generator if sampled else None, sampled)
            coin = torch.rand(len(token), generator=generator).to(token.device)
            token = torch.where(coin < share, following, own)
    return torch.stack(found, 1)


def mixed_loss(
    model: SequenceModel,
    batch: Batch,
    share: float,
    *,
    generator: torch.Generator | None = None,
    sampled: bool = False,
) -> Float[Tensor, ""]:
    """Cross-entropy of the reference in nats a token, the decoder reading partly its own words.

    Arguments and errors are those of `mixed_log_probs`; padding does not count.
    """
    log_probs = mixed_log_probs(model, batch, share, generator=generator, sampled=sampled)
    return F.nll_loss(log_probs.flatten(0, 1), batch.tgt_out.flatten(), ignore_index=PAD)


def _choose(
    log_probs: Float[Tensor, "B V"], generator: torch.Generator | None, sampled: bool
) -> Tensor:
    """The model's own next token; never padding or the start token."""
    special = torch.tensor([PAD, BOS], device=log_probs.device)
    log_probs = log_probs.index_fill(1, special, float("-inf"))
    if not sampled:
        return log_probs.argmax(-1)
    drawn = torch.multinomial(log_probs.exp().cpu(), 1, generator=generator)[:, 0]
    return drawn.to(log_probs.device)


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise CourseError(message)
