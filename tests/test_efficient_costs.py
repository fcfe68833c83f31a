"""Counted costs against PyTorch's counter, and against the tensors that are made on the way."""

import pytest
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from course.ops.attention import scaled_dot_product_attention
from course.ops.efficient import costs, delta, linear, low_rank, sharing, sparse, tiling
from course.ops.efficient.patterns import bigbird_layout
from course.ops.efficient.random_features import orthogonal_projection, positive_features
from tensor_sizes import sizes_made

N, H, D, E, R, M = 53, 3, 5, 7, 11, 13
SIZES = costs.Sizes(length=N, heads=H, d_key=D, d_value=E)
LAYOUT = bigbird_layout(
    14, window=2, num_global=1, num_random=2, causal=True, generator=torch.Generator()
)
q, k, v = torch.randn(1, H, N, D), torch.randn(1, H, N, D), torch.randn(1, H, N, E)
decay, beta = -torch.rand(1, H, N), torch.rand(1, H, N)


def performer(*, causal: bool):
    rows = orthogonal_projection(M, D)
    features = positive_features(q, rows), positive_features(k, rows)
    return linear.linear_attention(*features, v, causal=causal, chunk=4)


# what runs, what it should cost, and the sizes of tensors that make up scores and state
CASES = {
    "full": (
        lambda: scaled_dot_product_attention(q, k, v, return_weights=True),
        costs.full_cost(SIZES), [H * N * N], [],
    ),
    "grouped": (
        lambda: sharing.grouped_query_attention(q, k[:, :1], v[:, :1], causal=False),
        costs.full_cost(SIZES, groups=1), [H * N * N], [],
    ),
    "latent": (
        lambda: sharing.latent_attention(
            q, torch.randn(1, N, R), torch.randn(H, D, R), torch.randn(H, E, R), causal=False
        ),
        costs.latent_cost(SIZES, rank=R), [H * N * N], [H * N * R] * 2,
    ),
    "low rank": (
        lambda: low_rank.low_rank_attention(q, k, v, torch.randn(1, R, N), torch.randn(1, R, N)),
        costs.low_rank_cost(SIZES, rank=R), [H * N * R], [H * R * D, H * R * E],
    ),
    "linear": (
        lambda: linear.linear_attention(q.exp(), k.exp(), v, causal=False),
        costs.linear_cost(SIZES, causal=False), [], [H * D * (E + 1)],
    ),
    "linear, causal": (
        lambda: linear.linear_attention(q.exp(), k.exp(), v, causal=True, chunk=4),
        costs.linear_cost(SIZES, causal=True, chunk=4), [H * 56 * 4], [H * 14 * D * (E + 1)],
    ),
    "random features, causal": (
        lambda: performer(causal=True),
        costs.linear_cost(SIZES, causal=True, chunk=4, features=M),
        [H * 56 * 4], [H * 14 * M * (E + 1), H * N * M, H * N * M],
    ),
    "random features": (
        lambda: performer(causal=False),
        costs.linear_cost(SIZES, causal=False, features=M),
        [], [H * M * (E + 1), H * N * M, H * N * M],
    ),
    "gated linear": (
        lambda: linear.gated_linear_attention(q, k, v, decay, chunk=4),
        costs.gated_linear_cost(SIZES, chunk=4), [H * 56 * 4], [H * 14 * D * E],
    ),
    "gated delta rule": (
        lambda: delta.gated_delta_rule(q, k, v, decay, beta, chunk=4),
        costs.gated_delta_cost(SIZES, chunk=4),
        [H * 56 * 4] * 2, [H * 14 * D * E, H * 56 * (D + E), H * 56 * E],
    ),
    "blocks": (
        lambda: sparse.block_sparse_attention(q, k, v, LAYOUT, block=4, causal=True),
        costs.block_sparse_cost(SIZES, LAYOUT, block=4), None, None,
    ),
}  # fmt: skip
for causal in (True, False):
    met, kind = (2 if causal else 3), "causal" if causal else "both ways"
    CASES |= {
        f"window, {kind}": (
            lambda c=causal: sparse.sliding_window_attention(q, k, v, window=4, causal=c),
            costs.sliding_window_cost(SIZES, window=4, causal=causal),
            [H * 56 * 4 * met], [H * 56 * met * D, H * 56 * met * E],
        ),
        f"dilated window, {kind}": (
            lambda c=causal: sparse.sliding_window_attention(
                q, k, v, window=4, causal=c, dilation=3
            ),
            costs.sliding_window_cost(SIZES, window=4, causal=causal, dilation=3),
            [H * 60 * 4 * met], [H * 60 * met * D, H * 60 * met * E],
        ),
        f"whole window, {kind}": (
            lambda c=causal: sparse.sliding_window_attention(q, k, v, window=60, causal=c),
            costs.sliding_window_cost(SIZES, window=60, causal=causal), [H * N * N], [],
        ),
        f"strides, {kind}": (
            lambda c=causal: sparse.strided_attention(q, k, v, stride=7, causal=c),
            costs.strided_cost(SIZES, stride=7, causal=causal),
            [H * 56 * (7 * met + 8)], [H * 56 * met * D, H * 56 * met * E],
        ),
        f"tiles, {kind}": (
            lambda c=causal: tiling.tiled_attention(q, k, v, causal=c, block=8),
            costs.tiled_cost(SIZES, block=8, causal=causal),
            [H * 8 * 8], [H * 8 * E, H * 8, H * 8],
        ),
    }  # fmt: skip


def solved(cost: costs.AttentionCost, name: str) -> int:
    """The products of the triangular systems, 14 of 4 rows, that PyTorch's counter skips."""
    return H * 14 * (1 + 2 + 3) * (D + E) if name == "gated delta rule" else 0


@pytest.mark.parametrize("name", CASES)
def test_counts_equal_what_pytorch_counts(name):
    run, cost, *_ = CASES[name]
    with sdpa_kernel(SDPBackend.MATH), FlopCounterMode(display=False) as counted:
        run()
    assert counted.get_total_flops() == 2 * (cost.multiplications - solved(cost, name))


@pytest.mark.parametrize("name", [name for name in CASES if name != "blocks"])
def test_scores_and_states_are_the_tensors_that_are_made(name):
    run, cost, scores, state = CASES[name]
    assert (cost.scores, cost.state) == (sum(scores), sum(state))
    with sdpa_kernel(SDPBackend.MATH):
        made = sizes_made(run)
    assert set(scores + state) <= set(made)
    # and nothing larger: the inputs, filled up to whole chunks, and one more state at the front
    allowed = [*scores, *state, H * 60 * max(D, E + 1), H * 15 * M * (E + 1)]
    if name == "gated linear" or name == "gated delta rule":
        allowed.append(H * 56 * 4)
    assert max(made) <= max(allowed)


def test_blocks_gather_what_they_count():
    cost = CASES["blocks"][1]
    shown = sum(len(row) for row in LAYOUT)
    assert (cost.scores, cost.state) == (H * shown * 16, H * shown * 4 * (D + E))
    made = sizes_made(CASES["blocks"][0])
    groups = {len(row) for row in LAYOUT}
    for size in groups:
        rows = sum(len(row) == size for row in LAYOUT)
        assert {H * rows * size * 4 * D, H * rows * size * 4 * E} <= set(made)


def test_caches_by_hand():
    sizes = costs.Sizes(length=1000, heads=8, d_key=64, d_value=64)
    assert costs.full_cost(sizes).cache_bytes(2) == 1000 * 8 * 128 * 2
    assert costs.full_cost(sizes, groups=2).cache_bytes(2) == 1000 * 2 * 128 * 2
    assert costs.full_cost(sizes, groups=1).cache_bytes(2) == 1000 * 128 * 2
    assert costs.latent_cost(sizes, rank=256, d_rotated=32).cache == 1000 * 288
    assert costs.sliding_window_cost(sizes, window=10, causal=True).cache == 10 * 8 * 128
    wide = costs.sliding_window_cost(sizes, window=10, causal=True, dilation=3)
    assert wide.cache == 28 * 8 * 128  # positions between are seen by the tokens to come
    assert costs.linear_cost(sizes, causal=True).cache == 8 * 64 * 65  # whatever the length
    assert costs.linear_cost(sizes, causal=True, features=100).cache == 8 * 100 * 65
    assert costs.gated_delta_cost(sizes).cache == costs.gated_linear_cost(sizes).cache == 8 * 64**2
    assert costs.full_cost(sizes).bytes_held() == 4 * 8 * 1000**2
