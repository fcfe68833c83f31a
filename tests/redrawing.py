"""Models with all parameters drawn anew, so that no difference hides behind small weights."""

import torch
from torch import nn


@torch.no_grad()
def redraw(model: nn.Module, *, seed: int = 1) -> None:
    """Draw every trainable parameter, norms and biases included, from N(0, 0.5²)."""
    draw = torch.Generator().manual_seed(seed)
    for parameter in model.parameters():
        if parameter.requires_grad:
            normal = torch.randn(parameter.shape, generator=draw, dtype=torch.float64)
            parameter.copy_(0.5 * normal)
