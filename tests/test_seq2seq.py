"""The encoder–decoder: padding changes nothing, steps equal the teacher-forced pass."""

import itertools
from dataclasses import replace

import pytest
import torch

from course.data.tokenizer import PAD
from course.errors import CourseError
from course.models.interface import SequenceModel
from course.models.seq2seq import Seq2Seq, Seq2SeqConfig

V, S, T = 23, 7, 5
BASE = Seq2SeqConfig(vocab_size=V, d_embed=11, d_model=14, d_attention=13, dropout=0.0)
KINDS = [
    replace(BASE, cell=cell, bidirectional=both, context=context, num_layers=layers)
    for cell, both, context, layers in itertools.product(
        ("tanh", "gru", "lstm"), (False, True), ("initial", "every_step", "additive"), (1, 2)
    )
]
KINDS += [
    replace(BASE, context=context, query=query, input_feeding=feeding, window=window, radius=2)
    for (context, window), query, feeding in itertools.product(
        (("concat", "local_p"), ("dot", "global"), ("general", "local_m"), ("location", "global")),
        ("previous", "current"),
        (False, True),
    )
]
KINDS.append(replace(BASE, cell="lstm", num_layers=2, input_feeding=True))
KINDS.append(replace(KINDS[-1], context="general", window="local_m", query="current"))
kinds = pytest.mark.parametrize(
    "config",
    KINDS,
    ids=lambda c: (
        f"{c.cell}-{'bi' if c.bidirectional else 'uni'}-{c.context}-{c.num_layers}"
        f"-{c.window}-{c.query}{'-fed' if c.input_feeding else ''}"
    ),
)


def build(config: Seq2SeqConfig) -> Seq2Seq:
    model = Seq2Seq(config).double().eval()
    draw = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(0.5 * torch.randn(parameter.shape, generator=draw))
    return model


def sentences() -> tuple[list[torch.Tensor], torch.Tensor]:
    draw = torch.Generator().manual_seed(2)
    sources = [torch.randint(4, V, (n,), generator=draw) for n in (S, 3, 1)]
    return sources, torch.randint(4, V, (3, T), generator=draw)


def pad(sources: list[torch.Tensor], width: int) -> tuple[torch.Tensor, torch.Tensor]:
    src = torch.full((len(sources), width), PAD)
    for row, source in zip(src, sources, strict=True):
        row[: len(source)] = source
    return src, src != PAD


@kinds
@torch.no_grad()
def test_a_batch_padded_to_any_width_gives_each_sentence_what_it_gets_alone(config):
    model = build(config)
    sources, tgt_in = sentences()
    together = model(*pad(sources, S), tgt_in)
    wider = model(*pad(sources, S + 6), tgt_in)
    torch.testing.assert_close(wider, together)
    for i, source in enumerate(sources):
        alone = model(*pad([source], len(source)), tgt_in[i : i + 1])
        torch.testing.assert_close(together[i : i + 1], alone)


@kinds
@torch.no_grad()
def test_steps_equal_the_teacher_forced_pass(config):
    model = build(config)
    sources, tgt_in = sentences()
    src, mask = pad(sources, S)
    forced = model(src, mask, tgt_in).log_softmax(-1)
    memory = model.encode(src, mask)
    for prefix in (0, 2):
        state = model.start(memory, tgt_in[:, :prefix])
        for t in range(prefix, T):
            step = model.step(tgt_in[:, t], memory, state, return_weights=True)
            torch.testing.assert_close(step.log_probs, forced[:, t])
            state = step.state


@torch.no_grad()
def test_weights_are_a_distribution_over_real_tokens_and_only_on_request():
    model = build(replace(BASE, context="additive", bidirectional=True))
    sources, tgt_in = sentences()
    src, mask = pad(sources, S + 2)
    memory = model.encode(src, mask)
    state = model.start(memory, tgt_in[:, :1])
    assert model.step(tgt_in[:, 1], memory, state).weights is None
    weights = model.step(tgt_in[:, 1], memory, state, return_weights=True).weights
    assert weights is not None and weights.shape == (3, 1, 1, S + 2)
    torch.testing.assert_close(weights.sum(-1), torch.ones(3, 1, 1, dtype=torch.float64))
    assert (weights[:, 0, 0][~mask] == 0).all()


@kinds
@torch.no_grad()
def test_the_future_of_the_target_cannot_change_the_past(config):
    model = build(config)
    sources, tgt_in = sentences()
    src, mask = pad(sources, S)
    before = model(src, mask, tgt_in)
    changed = tgt_in.clone()
    changed[:, 3] = (changed[:, 3] - 3) % (V - 4) + 4
    after = model(src, mask, changed)
    torch.testing.assert_close(after[:, :3], before[:, :3])
    assert (after[:, 3] - before[:, 3]).abs().max() > 1e-3


@torch.no_grad()
def test_the_source_matters_to_every_kind():
    sources, tgt_in = sentences()
    src, mask = pad(sources, S)
    for config in KINDS:
        model = build(config)
        other = src.clone()
        other[:, 0] = (other[:, 0] - 3) % (V - 4) + 4
        assert (model(src, mask, tgt_in) - model(other, mask, tgt_in)).abs().max() > 1e-6


def test_state_and_memory_are_batch_first_so_that_search_can_reorder_them():
    for config in KINDS:
        model = build(config)
        sources, tgt_in = sentences()
        src, mask = pad(sources, S)
        memory = model.encode(src, mask)
        state = model.start(memory, tgt_in[:, :2])
        order = torch.tensor([2, 0, 1])
        plain = model.step(tgt_in[:, 2], memory, state).log_probs
        shuffled = model.step(
            tgt_in[order, 2],
            tuple(part.index_select(0, order) for part in memory),
            tuple(part.index_select(0, order) for part in state),
        ).log_probs
        torch.testing.assert_close(shuffled, plain[order])


def test_every_parameter_gets_a_gradient():
    for config in KINDS:
        model = build(config)
        sources, tgt_in = sentences()
        model(*pad(sources, S), tgt_in).square().mean().backward()
        for name, parameter in model.named_parameters():
            assert parameter.grad is not None and parameter.grad.abs().max() > 0, (config, name)


def test_an_odd_width_cannot_be_shared_by_two_directions():
    with pytest.raises(CourseError, match="odd"):
        replace(BASE, d_model=15, bidirectional=True)


@pytest.mark.parametrize(
    ("name", "value"),
    [("vocab_size", 0), ("d_model", -2), ("num_layers", 0), ("dropout", 1.0), ("dropout", -0.1)],
)
def test_sizes_out_of_range_are_refused(name, value):
    with pytest.raises(CourseError, match=f"^{name} must be"):
        replace(BASE, **{name: value})


def test_the_interface_is_met():
    model: SequenceModel = Seq2Seq(BASE)
    assert all(hasattr(model, name) for name in ("encode", "start", "step"))
