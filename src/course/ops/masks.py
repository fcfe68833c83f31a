"""Masks: which positions may be attended to (chapter 1, "padding and masks").

One convention everywhere: `True` means "may attend", and a mask is boolean.
"""

import torch
from jaxtyping import Bool, Int
from torch import Tensor


def padding_mask(lengths: Int[Tensor, " B"], width: int) -> Bool[Tensor, "B S"]:
    """True at the first `lengths[b]` positions of row b, False at the padding behind them.

    Args:
        lengths: number of real tokens in each row.
        width: the padded width S.
    """
    positions = torch.arange(width, device=lengths.device)
    return positions < lengths[:, None]  # (B, S)


def causal_mask(length: int, *, device: torch.device | None = None) -> Bool[Tensor, "T T"]:
    """Row t may attend to columns 0…t: the present and the past, never the future."""
    return torch.ones(length, length, dtype=torch.bool, device=device).tril()


def prefix_mask(
    length: int, prefix: int, *, device: torch.device | None = None
) -> Bool[Tensor, "T T"]:
    """A causal mask, but the first `prefix` positions see one another both ways.

    Raffel et al. (2020), "T5", section 3.2.1 and figure 3: "causal with prefix". A prefix of 0 or 1
    is the causal mask, one of all positions hides nothing.

    Args:
        length: T.
        prefix: how many positions are read before anything is written.
        device: where to make it.
    """
    visible = torch.arange(length, device=device) < prefix
    return causal_mask(length, device=device) | (visible & visible[:, None])
