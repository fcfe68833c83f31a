"""Checks of chapter 2, the bottleneck."""

from collections.abc import Callable
from typing import Any

from course.exercises.checking import call, expect_close, fresh_generator
from course.exercises.predictions import Prediction


def parameters_of_a_recurrent_layer(answer: Any) -> str:
    """2.1: as many as PyTorch's layers have."""
    import torch

    g = fresh_generator()
    for gates, kind in ((1, torch.nn.RNN), (3, torch.nn.GRU), (4, torch.nn.LSTM)):
        width, state = torch.randint(2, 40, (2,), generator=g).tolist()
        layer = kind(width, state)
        expect_close(
            call(answer, gates, width, state),
            sum(p.numel() for p in layer.parameters()),
            f"With {gates} gate block{'s' * (gates > 1)}, input width {width} and state width "
            f"{state}, it is not as many as torch.nn.{kind.__name__} has.",
        )
    return "As many as torch.nn.RNN, GRU and LSTM have, for random widths."


CHECKS: dict[str, Callable[[Any], str]] = {"2.1": parameters_of_a_recurrent_layer}
PREDICTIONS: dict[str, Prediction] = {
    "2.3": Prediction(choices=("0.5", "0.05"), surprise="Saturation."),
}
