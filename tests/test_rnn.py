"""Our recurrent layers against PyTorch's, and the handling of padding."""

import pytest
import torch

from course.nn.rnn import FAST, OURS, last_real, reverse_padded, run, zero_state

B, T, D, H = 3, 5, 7, 11


def redraw(module: torch.nn.Module, seed: int = 0) -> None:
    """All parameters from N(0, 0.5²): small initial weights hide planted bugs."""
    draw = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(0.5 * torch.randn(parameter.shape, generator=draw))


def pair(cell: str) -> tuple[torch.nn.Module, torch.nn.RNNBase]:
    ours, theirs = OURS[cell](D, H).double(), FAST[cell](D, H, batch_first=True).double()
    redraw(ours)
    theirs.load_state_dict(ours.state_dict())
    return ours, theirs


@pytest.mark.parametrize("cell", OURS)
def test_ours_equals_torch_forward_and_gradient(cell):
    ours, theirs = pair(cell)
    inputs = torch.randn(B, T, D, dtype=torch.float64, requires_grad=True)
    start = tuple(torch.randn(B, 1, H, dtype=torch.float64) for _ in range(ours.parts))
    mine, last = ours(inputs, tuple(part[:, 0] for part in start))
    expected, expected_last = run(theirs, inputs, start)
    torch.testing.assert_close(mine, expected)
    torch.testing.assert_close(last, tuple(part[:, 0] for part in expected_last))
    leaves = [inputs, *ours.parameters()], [inputs, *theirs.parameters()]
    for a, b in zip(
        torch.autograd.grad(mine.square().sum(), leaves[0]),
        torch.autograd.grad(expected.square().sum(), leaves[1]),
        strict=True,
    ):
        torch.testing.assert_close(a, b)


@pytest.mark.parametrize("cell", OURS)
def test_the_state_starts_at_zero(cell):
    ours, theirs = pair(cell)
    inputs = torch.randn(B, T, D, dtype=torch.float64)
    torch.testing.assert_close(ours(inputs)[0], run(theirs, inputs, zero_state(theirs, inputs))[0])


@pytest.mark.parametrize("cell", OURS)
def test_parity_would_notice_a_planted_bug(cell):
    ours, theirs = pair(cell)
    inputs = torch.randn(B, T, D, dtype=torch.float64)
    with torch.no_grad():  # the commonest mistake: the recurrent bias forgotten
        ours.bias_hh_l0.zero_()
    expected = run(theirs, inputs, zero_state(theirs, inputs))[0]
    assert (ours(inputs)[0] - expected).abs().max() > 1e-3


def test_reverse_padded_by_hand():
    sequence = torch.tensor([[1.0, 2, 3, 0, 0], [4, 5, 6, 7, 8]])[..., None]
    reversed_ = reverse_padded(sequence, torch.tensor([3, 5]))[..., 0]
    assert reversed_.tolist() == [[3, 2, 1, 0, 0], [8, 7, 6, 5, 4]]
    twice = reverse_padded(reversed_[..., None], torch.tensor([3, 5]))
    assert torch.equal(twice, sequence)


def test_last_real_ignores_padding():
    outputs = torch.arange(10.0).reshape(2, 5, 1)
    assert last_real(outputs, torch.tensor([2, 5]))[:, 0].tolist() == [1.0, 9.0]
