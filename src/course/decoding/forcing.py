"""Force-decoding: what the model would have said while it is made to write a given text."""

from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from course.decoding.preparation import evaluating
from course.models.interface import SequenceModel, Sources


class Forced(NamedTuple):
    """The result of force-decoding.

    Attributes:
        log_probs: log-probabilities of the token after each position of `tgt_in`, in nats.
        weights: attention weights at each position, if asked for and the model has any.
    """

    log_probs: Float[Tensor, "B T V"]
    weights: Float[Tensor, "B T L H S"] | None


def force_decode(
    model: SequenceModel,
    src: Sources,
    src_mask: Bool[Tensor, "B S"],
    tgt_in: Int[Tensor, "B T"],
    *,
    return_weights: bool = False,
) -> Forced:
    """Feed the tokens of `tgt_in` (start token first) one at a time, whatever the model prefers.

    Position t of the result tells of the token that follows `tgt_in[:, : t + 1]`: the last one is
    the end token's, so T = target tokens + 1. Alignments are read this way (chapter 5).
    """
    log_probs, weights = [], []
    with evaluating(model):
        memory = model.encode(src, src_mask)
        state = model.start(memory, tgt_in[:, :0])
        for token in tgt_in.unbind(1):
            step = model.step(token, memory, state, return_weights=return_weights)
            log_probs.append(step.log_probs)
            weights.append(step.weights)
            state = step.state
    has_weights = return_weights and weights[0] is not None
    return Forced(torch.stack(log_probs, 1), torch.stack(weights, 1) if has_weights else None)
