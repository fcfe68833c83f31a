"""The counted costs of scores, against PyTorch's own counter."""

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from course.errors import CourseError
from course.nn.attention import READERS, LocationAttention
from course.nn.windows import Window
from course.ops.costs import score_cost

D, A, S, T = 13, 11, 7, 5
SCORES = ("dot", "scaled_dot", "general", "additive", "concat", "location")


@pytest.mark.parametrize("score", SCORES)
def test_counts_equal_what_pytorch_counts(score):
    reader = READERS[score](D, D, A, Window(D, A, 1))
    cost = score_cost(
        score, source=S, d_memory=D, d_state=D, d_attention=A, longest=LocationAttention.LONGEST
    )
    outputs, queries = torch.randn(1, S, D), torch.randn(1, T, D)
    with FlopCounterMode(display=False) as once:
        keys = reader.keys(outputs)
    with FlopCounterMode(display=False) as steps:
        reader.scores(queries, keys)
    assert once.get_total_flops() == 2 * cost.once
    # The last product of additive scores, with a single vector, is one that the counter skips.
    skipped = 2 * T * S * A if score in ("additive", "concat") else 0
    assert steps.get_total_flops() + skipped == 2 * T * cost.per_step
    assert cost.multiplications(T) == cost.once + T * cost.per_step
    assert sum(p.numel() for p in reader.parameters()) == cost.parameters


def test_additive_scores_by_hand():
    # Two source words, states of width 3, a hidden layer of 4: keys 2·3·4, query 3·4, then 2·4.
    cost = score_cost("additive", source=2, d_memory=3, d_state=3, d_attention=4)
    assert (cost.once, cost.per_step, cost.tanh_per_step) == (24, 12 + 8, 8)


@pytest.mark.parametrize(
    ("score", "sizes", "words"),
    [
        ("dot", {"d_state": 4}, "one width"),
        ("additive", {}, "d_attention"),
        ("location", {}, "longest"),
        ("general", {"source": -1}, "negative"),
    ],
)
def test_sizes_that_do_not_fit_are_refused(score, sizes, words):
    with pytest.raises(CourseError, match=words):
        score_cost(score, **{"source": 2, "d_memory": 3, "d_state": 3, **sizes})
