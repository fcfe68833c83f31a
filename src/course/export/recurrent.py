"""PyTorch's GRU as the one ONNX operator that it is.

Traced, `torch.nn.GRU` is a loop over the example's time steps, whose number would be fixed from
then on. ONNX has an operator for the whole layer, which takes sequences of any length.

Axes: B sentences, T time steps, I input width, H state width, N layers.
"""

import copy
from typing import Any

import torch
from torch import Tensor, nn

from course.errors import CourseError
from course.models.seq2seq import Seq2Seq


@torch.library.custom_op("course::gru", mutates_args=())
def gru(x: Tensor, w: Tensor, r: Tensor, b: Tensor, before: Tensor) -> tuple[Tensor, Tensor]:
    """ONNX's operator, which stands for itself: inputs (T, B, I) to outputs (T, 1, B, H)."""
    raise CourseError("This layer can be exported, not run.")


@gru.register_fake
def _shapes(x: Tensor, w: Tensor, r: Tensor, b: Tensor, before: Tensor) -> tuple[Tensor, Tensor]:
    time, sentences, _ = x.shape
    hidden_size = r.shape[2]
    return x.new_empty(time, 1, sentences, hidden_size), x.new_empty(1, sentences, hidden_size)


def in_onnx(x: Any, w: Any, r: Any, b: Any, before: Any) -> Any:
    """The operator for the exporter."""
    from onnxscript import opset18 as op

    # PyTorch applies the reset gate after the recurrent product
    return op.GRU(x, w, r, b, None, before, hidden_size=r.shape[2], linear_before_reset=1)


class OnnxGRU(nn.Module):
    """A GRU with another's weights; it can be exported, not run.

    Args:
        layer: a batch-first, one-way GRU.
    """

    def __init__(self, layer: nn.GRU):
        super().__init__()
        self.num_layers, self.hidden_size = layer.num_layers, layer.hidden_size
        for depth in range(layer.num_layers):
            for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
                ours = getattr(layer, f"{kind}_l{depth}").detach()
                self.register_buffer(f"{kind}_l{depth}", _gates_in_onnx_order(ours))

    def forward(self, inputs: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """As `torch.nn.GRU`: inputs (B, T, I) and state (N, B, H) to outputs and state."""
        x, after = inputs.transpose(0, 1), []  # (T, B, I)
        for depth, before in enumerate(state.split(1)):
            x, last = self._layer(x, before, depth)
            after.append(last)
        return x.transpose(0, 1), torch.cat(after)

    def _layer(self, x: Tensor, before: Tensor, depth: int) -> tuple[Tensor, Tensor]:
        w, r, wb, rb = (
            getattr(self, f"{kind}_l{depth}")
            for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        )
        outputs, last = gru(x, w[None], r[None], torch.cat([wb, rb])[None], before)
        return outputs.squeeze(1), last


def _gates_in_onnx_order(weight: Tensor) -> Tensor:
    """PyTorch stacks reset, update, new; ONNX stacks update, reset, new."""
    reset, update, new = weight.chunk(3)
    return torch.cat([update, reset, new])


def exportable(model: Seq2Seq) -> Seq2Seq:
    """A copy of a model whose recurrent layers can be exported.

    Raises:
        CourseError: if they are no GRUs.
    """
    if model.config.cell != "gru":
        raise CourseError(
            f"Only GRUs can be exported so far, and this model has the cell {model.config.cell!r}."
        )
    found = copy.deepcopy(model)
    for name, layer in list(found.named_modules()):
        if isinstance(layer, nn.GRU):
            parent, _, own = name.rpartition(".")
            # a list of modules knows its members by their numbers
            setattr(found.get_submodule(parent), own, OnnxGRU(layer))
    return found
