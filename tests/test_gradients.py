"""Every operation's gradient against finite differences, in float64."""

import importlib
import inspect
import pkgutil
from functools import partial

import pytest
import torch

import course.ops
from course.ops import attention, positions, scan
from course.ops.efficient import (
    chunks,
    delta,
    linear,
    low_rank,
    random_features,
    sharing,
    sparse,
    tiling,
)

B, H, T, S, D, E, A = 2, 3, 5, 7, 4, 11, 3
# counts, and the loops that operations are held against
NO_OPERATIONS = {"costs", "efficient.costs", "reference", "reference.efficient"}
NO_GRADIENT = {
    "padding_mask", "causal_mask", "prefix_mask", "window_mask", "relative_buckets", "alibi_slopes",
    "sliding_window_mask", "strided_mask", "block_mask", "bigbird_layout", "orthogonal_projection",
    # float32 alone; held against the plain ones
    "flex_block_sparse_attention", "flex_sliding_window_attention",
}  # fmt: skip


def mask() -> torch.Tensor:
    """Random, with a query that sees nothing and one that sees a single key."""
    found = torch.rand(B, H, T, S, generator=torch.Generator().manual_seed(3)) < 0.6
    found[0, 1, 2] = False
    found[1, 2, 3] = torch.arange(S) == 4
    return found


def attend(query, key, value, bias, *, return_weights):
    output, weights = attention.scaled_dot_product_attention(
        query, key, value, mask(), bias=bias, return_weights=return_weights
    )
    return output if weights is None else (output, weights)


HEADS = [(B, H, T, D), (B, H, S, D), (B, H, S, E), (1, H, T, S)]
CASES = {
    "additive_scores": (attention.additive_scores, [(B, T, A), (B, S, A), (A,)]),
    "dot_product_scores": (attention.dot_product_scores, [(B, T, D), (B, S, D)]),
    "gaussian_window": (partial(attention.gaussian_window, size=S, radius=2), [(B, T)]),
    "masked_softmax": (lambda scores: attention.masked_softmax(scores, mask()), [(B, H, T, S)]),
    "weighted_read": (attention.weighted_read, [(B, T, S), (B, S, D)]),
    "scaled_dot_product_attention": (partial(attend, return_weights=True), HEADS),
    "scaled_dot_product_attention, fused": (partial(attend, return_weights=False), HEADS),
    "sinusoidal": (lambda at: positions.sinusoidal(at, 14), [(T,)]),
    "rotate": (positions.rotate, [(B, H, T, D), (T,)]),
    "linear_recurrence": (scan.linear_recurrence, [(B, T, D), (B, T, D)]),
    "alibi": (lambda queries, keys: positions.alibi(queries, keys, H), [(T,), (S,)]),
}


# chapter 10: small, since each number of an input takes two runs of what is many operations
N, G, W = 1, 2, 3  # sentences, heads, width of values
SEQUENCE = [(N, G, T, D), (N, G, T, D), (N, G, T, W)]
READ = [(N, G, T, D), (N, G, S, D), (N, G, S, W)]
STEP = [(N, G, D), (N, G, D), (N, G, W)]


def linear_attention(query, key, value, *, causal):
    """Of positive features, with room on both sides for a finite difference."""
    return linear.linear_attention(query.exp(), key.exp(), value, causal=causal, chunk=2)


def linear_attention_step(query, key, value, sums, total):
    output, state = linear.linear_attention_step(query.exp(), key.exp(), value, (sums, total.exp()))
    return output, *state


CASES |= {
    "in_chunks": (partial(chunks.in_chunks, chunk=3), [(N, G, T, D)]),
    "joined": (partial(chunks.joined, length=T), [(N, G, 2, 3, D)]),
    "decay_between": (chunks.decay_between, [(B, T)]),
    "carried": (chunks.carried, [(N, G, T), (N, G, T, D, A)]),
    "elu_features": (linear.elu_features, [(B, T)]),
    "linear_attention": (partial(linear_attention, causal=False), READ),
    "linear_attention, causal": (partial(linear_attention, causal=True), SEQUENCE),
    "linear_attention_step": (linear_attention_step, [*STEP, (N, G, D, W), (N, G, D)]),
    "gated_linear_attention": (
        partial(linear.gated_linear_attention, chunk=2), [*SEQUENCE, (N, G, T)]
    ),
    "gated_linear_attention_step": (
        linear.gated_linear_attention_step, [*STEP, (N, G), (N, G, D, W)]
    ),
    "gated_delta_rule": (
        partial(delta.gated_delta_rule, chunk=2), [*SEQUENCE, (N, G, T), (N, G, T)]
    ),
    "gated_delta_step": (delta.gated_delta_step, [*STEP, (N, G), (N, G), (N, G, D, W)]),
}  # fmt: skip
GROUPED = [(N, 4, T, D), (N, 2, T, D), (N, 2, T, W)]
LATENT = [(N, G, T, D), (N, T, A), (G, D, A), (G, W, A)]
LAYOUT = ((0,), (0, 1), (0, 2))


def online_softmax(query, scores, values):
    """Two blocks: what is read by itself depends on the largest score, and its gradient with it."""
    running = tiling.nothing_read(query, W)
    for columns in (slice(0, 3), slice(3, S)):
        running = tiling.online_softmax(running, scores[..., columns], values[..., columns, :])
    return running.largest, running.total, running.output


for causal in (True, False):
    kind = "causal" if causal else "not causal"
    CASES |= {
        f"sliding_window_attention, {kind}": (
            partial(sparse.sliding_window_attention, window=2, causal=causal, dilation=2), SEQUENCE
        ),
        f"strided_attention, {kind}": (
            partial(sparse.strided_attention, stride=2, causal=causal), SEQUENCE
        ),
        f"block_sparse_attention, {kind}": (
            partial(sparse.block_sparse_attention, layout=LAYOUT, block=2, causal=causal), SEQUENCE
        ),
        f"grouped_query_attention, {kind}": (
            partial(sharing.grouped_query_attention, causal=causal), GROUPED
        ),
        f"latent_attention, {kind}": (partial(sharing.latent_attention, causal=causal), LATENT),
        f"tiled_attention, {kind}": (
            partial(tiling.tiled_attention, causal=causal, block=2), SEQUENCE
        ),
    }  # fmt: skip
CASES |= {
    "low_rank_attention": (
        low_rank.low_rank_attention,
        [*READ, (1, 3, S), (G, 3, S)],
    ),
    "positive_features": (random_features.positive_features, [(B, T, D), (7, D)]),
    "trigonometric_features": (random_features.trigonometric_features, [(B, T, D), (7, D)]),
    "nothing_read": (lambda query: tiling.nothing_read(query, W)[2] + query[..., :1], [(B, T, D)]),
    "online_softmax": (online_softmax, [(N, T, D), (N, T, S), (N, S, W)]),
}


@pytest.mark.parametrize("name", CASES)
def test_gradients_are_those_of_finite_differences(name):
    function, shapes = CASES[name]
    draw = torch.Generator().manual_seed(1)
    inputs = [torch.randn(s, generator=draw, dtype=torch.float64) for s in shapes]
    assert torch.autograd.gradcheck(function, [each.requires_grad_() for each in inputs])


def test_no_operation_is_left_out():
    found = set()
    for module in pkgutil.walk_packages(course.ops.__path__, "course.ops."):
        if module.name.removeprefix("course.ops.") not in NO_OPERATIONS:
            content = importlib.import_module(module.name)
            found |= {
                name
                for name, value in vars(content).items()
                if inspect.isfunction(value)
                and value.__module__ == content.__name__
                and not name.startswith("_")
            }
    assert {name.split(",")[0] for name in CASES} == found - NO_GRADIENT
    assert found >= NO_GRADIENT
