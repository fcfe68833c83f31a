"""Recurrent layers written out: tanh, GRU and LSTM (chapter 2), minGRU (chapter 8).

The layers of chapter 2 keep PyTorch's parameter names and order of gates, so `torch.nn.GRU` and
ours load each other's weights; the tests hold them equal in output and gradient. Models use
PyTorch's (`FAST`), whose loop over time runs in C++.

Axes: B sentences, T time steps, I input width, H state width.
"""

from collections.abc import Callable

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from course.ops.scan import linear_recurrence

State = tuple[Tensor, ...]
"""One tensor (B, H) for tanh and GRU; two, hidden and cell, for LSTM."""


class Recurrent(nn.Module):
    """One recurrent layer, one direction; subclasses say how many gates and how to step.

    Args:
        input_size: I.
        hidden_size: H.
    """

    gates: int
    """How many blocks of H rows the weight matrices stack."""
    parts: int = 1
    """How many tensors make up the state."""

    def __init__(self, input_size: int, hidden_size: int):
        super().__init__()
        rows = self.gates * hidden_size
        self.weight_ih_l0 = nn.Parameter(torch.empty(rows, input_size))
        self.weight_hh_l0 = nn.Parameter(torch.empty(rows, hidden_size))
        self.bias_ih_l0 = nn.Parameter(torch.empty(rows))
        self.bias_hh_l0 = nn.Parameter(torch.empty(rows))
        for parameter in self.parameters():  # as torch.nn does
            nn.init.uniform_(parameter, -(hidden_size**-0.5), hidden_size**-0.5)

    def step(self, from_input: Float[Tensor, "B GH"], state: State) -> State:
        """The next state, from the input's contribution to the gates and the state before."""
        raise TypeError(f"{type(self).__name__} does not say how to step")

    def forward(
        self, inputs: Float[Tensor, "B T I"], state: State | None = None
    ) -> tuple[Float[Tensor, "B T H"], State]:
        """Run over the sequence; the state starts at zero unless given.

        Returns:
            The hidden state after each step, and the whole state after the last one.
        """
        if state is None:
            zeros = inputs.new_zeros(inputs.shape[0], self.weight_hh_l0.shape[1])
            state = (zeros,) * self.parts
        # The input's share of every gate does not depend on the state: one product for all steps.
        from_inputs = inputs @ self.weight_ih_l0.mT + self.bias_ih_l0  # (B, T, G·H)
        outputs = []
        for from_input in from_inputs.unbind(1):
            state = self.step(from_input, state)
            outputs.append(state[0])
        return torch.stack(outputs, 1), state

    def from_state(self, hidden: Float[Tensor, "B H"]) -> Float[Tensor, "B GH"]:
        """The state's contribution to the gates."""
        return hidden @ self.weight_hh_l0.mT + self.bias_hh_l0


class TanhRNN(Recurrent):
    r"""The plain network, $h_t = \tanh(W x_t + b + U h_{t-1} + c)$. Elman (1990)."""

    gates = 1

    def step(self, from_input: Tensor, state: State) -> State:
        """One step; see the class."""
        return (torch.tanh(from_input + self.from_state(state[0])),)


class GRU(Recurrent):
    r"""Gated recurrent unit. Cho et al. (2014), section 2.3.

    The reset gate is applied after the recurrent product, as in cuDNN and PyTorch.

    $$r = σ(W_r x + U_r h) \quad z = σ(W_z x + U_z h) \quad n = \tanh(W_n x + r ⊙ U_n h)$$
    $$h' = (1 - z) ⊙ n + z ⊙ h$$
    """

    gates = 3

    def step(self, from_input: Tensor, state: State) -> State:
        """One step; see the class."""
        (hidden,) = state
        reset_x, update_x, new_x = from_input.chunk(3, dim=-1)
        reset_h, update_h, new_h = self.from_state(hidden).chunk(3, dim=-1)
        reset = torch.sigmoid(reset_x + reset_h)
        update = torch.sigmoid(update_x + update_h)
        new = torch.tanh(new_x + reset * new_h)
        return ((1 - update) * new + update * hidden,)


class LSTM(Recurrent):
    r"""Long short-term memory with a forget gate. Hochreiter and Schmidhuber (1997); Gers (2000).

    $$i, f, o = σ(\dots) \quad g = \tanh(\dots) \quad c' = f ⊙ c + i ⊙ g \quad h' = o ⊙ \tanh(c')$$
    """

    gates = 4
    parts = 2

    def step(self, from_input: Tensor, state: State) -> State:
        """One step; see the class."""
        hidden, cell = state
        i, f, g, o = (from_input + self.from_state(hidden)).chunk(4, dim=-1)
        cell = torch.sigmoid(f) * cell + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(cell), cell


class MinGRU(nn.Module):
    r"""A GRU whose gate and candidate do not look at the state. Feng et al. (2024), section 3.1.

    $$z_t = σ(W_z x_t) \quad h_t = (1 - z_t) ⊙ h_{t-1} + z_t ⊙ W_h x_t$$

    So the step is linear in the state, and all states of a sequence come at once (`forward`) or one
    by one (`step`). It is the control of chapter 8: a recurrence that is not sequential.

    Args:
        input_size: I.
        hidden_size: H.
    """

    def __init__(self, input_size: int, hidden_size: int):
        super().__init__()
        self.gate = nn.Linear(input_size, hidden_size)
        self.candidate = nn.Linear(input_size, hidden_size)

    def forward(self, inputs: Float[Tensor, "B T I"]) -> Float[Tensor, "B T H"]:
        """All states, from a state of zeros, by a scan: see `course.ops.scan`."""
        gate = torch.sigmoid(self.gate(inputs))
        return linear_recurrence(1 - gate, gate * self.candidate(inputs))

    def step(
        self, inputs: Float[Tensor, "B I"], state: Float[Tensor, "B H"]
    ) -> Float[Tensor, "B H"]:
        """The next state."""
        gate = torch.sigmoid(self.gate(inputs))
        return (1 - gate) * state + gate * self.candidate(inputs)


OURS: dict[str, type[Recurrent]] = {"tanh": TanhRNN, "gru": GRU, "lstm": LSTM}
FAST: dict[str, Callable[..., nn.RNNBase]] = {"tanh": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}


def run(layer: nn.RNNBase, inputs: Float[Tensor, "B T I"], state: State) -> tuple[Tensor, State]:
    """Call one of PyTorch's layers with a state of ours: tensors (B, N, H), batch first, N layers.

    PyTorch wants (N, B, H), bare for tanh and GRU and as a pair for LSTM.
    """
    theirs = tuple(part.transpose(0, 1).contiguous() for part in state)
    outputs, after = layer(inputs, theirs if isinstance(layer, nn.LSTM) else theirs[0])
    after = after if isinstance(layer, nn.LSTM) else (after,)
    return outputs, tuple(part.transpose(0, 1) for part in after)


def zero_state(layer: nn.RNNBase, inputs: Tensor) -> State:
    """A state of zeros for each part of the layer's state: (B, N, H)."""
    zeros = inputs.new_zeros(inputs.shape[0], layer.num_layers, layer.hidden_size)
    return (zeros,) * (2 if isinstance(layer, nn.LSTM) else 1)


def reverse_padded(
    sequence: Float[Tensor, "B T D"], lengths: Int[Tensor, " B"]
) -> Float[Tensor, "B T D"]:
    """Reverse each row within its own length and leave the padding where it is.

    So a backward layer starts at the last *real* token. Applying it twice gives the input back.
    """
    positions = torch.arange(sequence.shape[1], device=sequence.device).expand(len(lengths), -1)
    mirrored = lengths[:, None] - 1 - positions
    index = torch.where(mirrored >= 0, mirrored, positions)  # (B, T)
    return sequence.gather(1, index[..., None].expand_as(sequence))


def last_real(outputs: Float[Tensor, "B T H"], lengths: Int[Tensor, " B"]) -> Float[Tensor, "B H"]:
    """The output at each row's last real token."""
    return outputs[torch.arange(len(lengths), device=outputs.device), lengths - 1]
