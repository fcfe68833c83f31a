"""Every score and window against the loops of `ops.reference`, forward and gradient."""

import itertools

import pytest
import torch

from course.errors import CourseError
from course.models.seq2seq import Seq2Seq, Seq2SeqConfig
from course.nn.attention import READERS, LocationAttention
from course.nn.windows import WINDOWS
from course.ops import reference
from course.ops.masks import padding_mask

B, T, S, D, A, RADIUS = 2, 5, 7, 11, 13, 2
LENGTHS = (S, 4)
SCORES = ("additive", "dot", "scaled_dot", "general", "concat", "location")
both = pytest.mark.parametrize(("score", "window"), [*itertools.product(SCORES, WINDOWS)])


def reader_of(score: str, window: str, seed: int = 3) -> torch.nn.Module:
    """A reader whose parameters are all redrawn from N(0, 0.5²)."""
    module = READERS[score](D, D, A, WINDOWS[window](D, A, RADIUS)).double()
    draw = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(0.5 * torch.randn(parameter.shape, generator=draw))
    return module


def inputs(seed: int = 4) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    draw = torch.Generator().manual_seed(seed)
    queries = torch.randn(B, T, D, generator=draw, dtype=torch.float64, requires_grad=True)
    outputs = torch.randn(B, S, D, generator=draw, dtype=torch.float64, requires_grad=True)
    return queries, outputs, torch.arange(1, T + 1).expand(B, T)


def fast(reader, queries, outputs, positions):
    memory = (outputs, reader.keys(outputs), padding_mask(torch.tensor(LENGTHS), S), outputs[:, 0])
    return reader(queries, memory, positions)


def slow(reader, score, window, queries, outputs):
    """The same by the loop; each score as the papers write it."""

    def concat(q, k):
        joined = torch.cat([reader.query.weight, reader.key.weight], 1)
        # The bias of ours is one more input that is always one.
        return sum(
            v * torch.tanh(reference.dot(row, torch.cat([q, k])) + bias)
            for v, row, bias in zip(reader.v, joined, reader.key.bias, strict=True)
        )

    def scores(b: int, t: int, s: int) -> torch.Tensor:
        q, k = queries[b, t], outputs[b, s]
        if score in ("additive", "concat"):
            return concat(q, k)
        if score == "general":
            return reference.general(q, k, reader.key.weight)
        if score == "location":
            return reference.location(q, s + 1, reader.position.weight)
        return reference.dot(q, k) / (D**0.5 if score == "scaled_dot" else 1)

    def centre(b: int, t: int):
        if window == "local_m":
            return min(t + 1, LENGTHS[b])
        local = reader.window
        return reference.predicted_centre(
            queries[b, t], LENGTHS[b], local.hidden.weight, local.v.weight[0]
        )

    return reference.attention(
        scores,
        outputs,
        padding_mask(torch.tensor(LENGTHS), S),
        T,
        centre=None if window == "global" else centre,
        radius=RADIUS,
        bell=window == "local_p",
    )


@both
def test_each_score_and_window_equals_the_loop_forward_and_gradient(score, window):
    reader = reader_of(score, window)
    queries, outputs, positions = inputs()
    context, weights = fast(reader, queries, outputs, positions)
    slow_context, slow_weights = slow(reader, score, window, queries, outputs)
    torch.testing.assert_close(context, slow_context)
    torch.testing.assert_close(weights, slow_weights)
    wanted = (queries, outputs, *reader.parameters())
    draw = torch.randn(context.shape, generator=torch.Generator().manual_seed(5)).double()
    kind = {"allow_unused": True, "materialize_grads": True}
    ours = torch.autograd.grad((context * draw).sum(), wanted, **kind)
    theirs = torch.autograd.grad((slow_context * draw).sum(), wanted, **kind)
    torch.testing.assert_close(ours, theirs)
    assert all(gradient.abs().max() > 0 for gradient in ours)


@pytest.mark.parametrize("wrong", ["dot", "location"])
def test_the_loop_would_notice_another_score(wrong):
    queries, outputs, positions = inputs()
    context, _ = fast(reader_of(wrong, "global"), queries, outputs, positions)
    other, _ = slow(reader_of("general", "global"), "general", "global", queries, outputs)
    assert (context - other).abs().max() > 1e-2


def test_luongs_concat_is_bahdanaus_score():
    """One matrix over the joined vector, or two over its parts: the same number."""
    draw = torch.Generator().manual_seed(6)
    joined = torch.randn(A, 2 * D, generator=draw, dtype=torch.float64)
    v = torch.randn(A, generator=draw, dtype=torch.float64)
    queries, outputs, positions = inputs()
    reader = reader_of("additive", "global")
    with torch.no_grad():
        reader.query.weight.copy_(joined[:, :D])
        reader.key.weight.copy_(joined[:, D:])
        reader.key.bias.zero_()
        reader.v.copy_(v)
    context, _ = fast(reader, queries, outputs, positions)
    luong, _ = reference.attention(
        lambda b, t, s: reference.concat(queries[b, t], outputs[b, s], joined, v),
        outputs,
        padding_mask(torch.tensor(LENGTHS), S),
        T,
    )
    torch.testing.assert_close(context, luong)


def test_local_m_looks_at_its_window_and_stays_inside_the_source():
    queries, outputs, positions = inputs()
    _, weights = fast(reader_of("general", "local_m"), queries, outputs, positions)
    assert (weights[0, 0] > 0).tolist() == [True, True, True, False, False, False, False]
    assert (weights[0, 4] > 0).tolist() == [False, False, True, True, True, True, True]
    # The second source has four tokens: its fifth target word looks at the end, not past it.
    assert (weights[1, 4] > 0).tolist() == [False, True, True, True, False, False, False]
    torch.testing.assert_close(weights.sum(-1), torch.ones(B, T, dtype=torch.float64))


def test_local_p_moves_its_window_by_gradient():
    reader = reader_of("dot", "local_p")
    queries, outputs, positions = inputs()
    context, weights = fast(reader, queries, outputs, positions)
    assert (weights.sum(-1) < 1).all()
    context.square().sum().backward()
    assert reader.window.hidden.weight.grad.abs().max() > 0


@pytest.mark.parametrize("window", [*WINDOWS])
def test_location_gives_long_sources_finite_weights(window):
    longest = LocationAttention.LONGEST
    reader = READERS["location"](3, 3, 2, WINDOWS[window](3, 2, RADIUS))
    outputs, queries = torch.randn(1, longest + 20, 3), torch.randn(1, 1, 3)
    memory = (outputs, reader.keys(outputs), torch.ones(1, longest + 20).bool(), outputs[:, 0])
    _, weights = reader(queries, memory, torch.tensor([[longest + 15]]))
    assert torch.isfinite(weights).all()


def test_asking_with_the_current_state_needs_no_loop_over_the_target():
    """One call of the recurrent layer, unless what was predicted is fed back."""
    sizes = {"vocab_size": 17, "d_embed": 5, "d_model": 6, "d_attention": 3, "context": "general"}
    calls = {}
    for query, feeding in itertools.product(("previous", "current"), (False, True)):
        model = Seq2Seq(Seq2SeqConfig(**sizes, query=query, input_feeding=feeding))
        counted = []
        model.decoder.rnn.register_forward_hook(lambda *_, seen=counted: seen.append(1))
        src = torch.randint(4, 17, (2, 7))
        model(src, torch.ones_like(src).bool(), torch.randint(4, 17, (2, 5)))
        calls[query, feeding] = len(counted)
    assert calls == {
        ("previous", False): 5,
        ("previous", True): 5,
        ("current", False): 1,
        ("current", True): 5,
    }


def test_settings_of_attention_without_attention_are_refused():
    for setting in ({"query": "current"}, {"window": "local_p"}):
        with pytest.raises(CourseError, match="settings of attention"):
            Seq2SeqConfig(vocab_size=9, context="every_step", **setting)
    with pytest.raises(CourseError, match="^radius must be"):
        Seq2SeqConfig(vocab_size=9, context="dot", window="local_m", radius=0)
