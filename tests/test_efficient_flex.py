"""FlexAttention against the plain sparse operations: its rules everywhere, its kernel on a GPU."""

import pytest
import torch

from course.ops.efficient import flex, sparse
from course.ops.efficient.patterns import bigbird_layout

torch_flex = pytest.importorskip("torch.nn.attention.flex_attention")
flex_attention, create_mask = torch_flex.flex_attention, torch_flex.create_mask
BOTH = pytest.mark.parametrize("causal", [True, False])
WIDTH = 16


@pytest.fixture(params=["rule", "kernel"])
def device(request, monkeypatch):
    """The rule by FlexAttention's own plain version; the kernel, compiled, where there is a GPU.

    The plain version asks the rule alone; that the list of blocks to visit, which the kernel goes
    by, holds all that the rule shows is looked up.
    """
    if request.param == "kernel":
        if not torch.cuda.is_available():
            pytest.skip("FlexAttention's kernel is compiled on a GPU")
        return "cuda"

    def plain(query, key, value, *, block_mask):
        length, block = query.shape[2], block_mask.BLOCK_SIZE[0]
        visited = block_mask.to_dense()[0, 0].bool()
        whole = visited.repeat_interleave(block, 0).repeat_interleave(block, 1)
        shown = create_mask(block_mask.mask_mod, 1, 1, length, length, device="cpu")[0, 0]
        assert not (shown & ~whole[:length, :length]).any()
        return flex_attention(query, key, value, block_mask=block_mask)

    monkeypatch.setattr(flex, "_kernel", lambda: plain)
    return "cpu"


def inputs(length: int, device: str) -> list[torch.Tensor]:
    draw = torch.Generator().manual_seed(0)
    return [
        # on a CPU it has no gradient
        torch.randn(2, 3, length, WIDTH, generator=draw).to(device).requires_grad_(device == "cuda")
        for _ in "qkv"
    ]


def assert_same(fast, plain, variables):
    torch.testing.assert_close(fast, plain, rtol=1e-4, atol=1e-4)
    if not fast.requires_grad:
        return
    torch.testing.assert_close(
        torch.autograd.grad(fast.square().sum(), variables),
        torch.autograd.grad(plain.square().sum(), variables),
        rtol=1e-3, atol=1e-3,
    )  # fmt: skip


@BOTH
@pytest.mark.filterwarnings("ignore:flex_attention called without torch.compile")
@pytest.mark.parametrize("window", [1, 2, 128, 129, 130, 1000])
def test_the_window_is_that_of_the_plain_operation(window, causal, device):
    variables = inputs(401, device)
    fast = flex.flex_sliding_window_attention(*variables, window=window, causal=causal)
    plain = sparse.sliding_window_attention(*variables, window=window, causal=causal)
    assert_same(fast, plain, variables)


@BOTH
@pytest.mark.filterwarnings("ignore:flex_attention called without torch.compile")
def test_the_blocks_are_those_of_the_plain_operation(causal, device):
    variables = inputs(701, device)
    layout = bigbird_layout(
        6, window=2, num_global=1, num_random=1, causal=causal,
        generator=torch.Generator().manual_seed(1),
    )  # fmt: skip
    options = {"block": 128, "causal": causal}
    fast = flex.flex_block_sparse_attention(*variables, layout, **options)
    assert_same(fast, sparse.block_sparse_attention(*variables, layout, **options), variables)
