"""The prefix language model: who sees whom, steps equal the teacher-forced pass, one search."""

from dataclasses import replace

import pytest
import torch

from course.decoding import greedy
from course.errors import CourseError
from course.models.families import LanguageModel, LanguageModelConfig
from course.models.interface import SequenceModel
from course.models.prefix import PrefixLanguageModel, PrefixLanguageModelConfig
from redrawing import redraw

V, S, T = 23, 5, 7
SIZES = {"vocab_size": V, "d_model": 12, "num_heads": 3, "d_ff": 17, "num_layers": 2}
BASE = PrefixLanguageModelConfig(**SIZES, dropout=0.0)
KINDS = [
    replace(BASE, positions=positions, both_ways=both_ways)
    for positions in ("sinusoidal", "learned", "rotary", "alibi", "relative")
    for both_ways in (True, False)
]
kinds = pytest.mark.parametrize(
    "config", KINDS, ids=lambda c: f"{c.positions}-{'both-ways' if c.both_ways else 'causal'}"
)


def build(config):
    model = PrefixLanguageModel(config).double().eval()
    redraw(model)
    return model


def pairs():
    draw = torch.Generator().manual_seed(2)
    src, tgt_in = (torch.randint(4, V, (3, n), generator=draw) for n in (S, T))
    return src, torch.ones_like(src, dtype=torch.bool), tgt_in


@kinds
@torch.no_grad()
def test_steps_equal_the_teacher_forced_pass(config):
    model, (src, mask, tgt_in) = build(config), pairs()
    forced = model(src, mask, tgt_in).log_softmax(-1)
    memory = model.encode(src, mask)
    for prefix in (0, 1, 3):
        state = model.start(memory, tgt_in[:, :prefix])
        for t in range(prefix, T):
            step = model.step(tgt_in[:, t], memory, state)
            torch.testing.assert_close(step.log_probs, forced[:, t])
            state = step.state


@kinds
@torch.no_grad()
def test_the_future_cannot_change_the_past(config):
    model, (src, mask, tgt_in) = build(config), pairs()
    before = model(src, mask, tgt_in)
    changed = tgt_in.clone()
    changed[:, 3] = (changed[:, 3] - 3) % (V - 4) + 4
    after = model(src, mask, changed)
    assert torch.equal(after[:, :3], before[:, :3])
    assert (after[:, 3] - before[:, 3]).abs().max() > 1e-3


@kinds
@torch.no_grad()
def test_the_source_sees_itself_both_ways_only_where_it_should(config):
    """What is kept of the first token, in the second layer, changes with the last one, or not."""
    model, (src, mask, _) = build(config), pairs()
    changed = src.clone()
    changed[:, -1] = (changed[:, -1] - 3) % (V - 4) + 4
    difference = [
        (a[:, :, 0] - b[:, :, 0]).abs().max()
        for a, b in zip(model.encode(src, mask), model.encode(changed, mask), strict=True)
    ]
    assert difference[0] == difference[1] == 0
    assert (min(difference[2:]) > 1e-3) if config.both_ways else (max(difference) == 0)


@torch.no_grad()
def test_read_one_way_it_is_the_language_model_of_both_texts():
    model, (src, mask, tgt_in) = build(replace(BASE, both_ways=False)), pairs()
    plain = LanguageModel(LanguageModelConfig(**SIZES, dropout=0.0)).double().eval()
    plain.load_state_dict(model.state_dict())
    together = plain.decode(torch.cat([src, tgt_in], 1))[0][:, S:]
    torch.testing.assert_close(model(src, mask, tgt_in), together)


@torch.no_grad()
def test_the_same_search_serves_it():
    model, (src, mask, _) = build(BASE), pairs()
    assert isinstance(model, SequenceModel)
    found = greedy(model, src, mask, max_length=4)
    written = torch.tensor([[1, *hypothesis.tokens] for hypothesis in found if hypothesis.tokens])
    logits = model(src, mask, written)
    logits[..., :2] = -torch.inf  # neither padding nor a second start
    assert torch.equal(logits.argmax(-1)[:, :-1], written[:, 1:])


def test_sources_of_unequal_length_are_refused():
    model, (src, mask, tgt_in) = build(BASE), pairs()
    mask[1, -1] = False
    for refused in (lambda: model(src, mask, tgt_in), lambda: model.encode(src, mask)):
        with pytest.raises(CourseError, match="equally long"):
            refused()
