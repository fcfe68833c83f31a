"""Mixers: one frame, causal, each equal to full attention where it should be, states counted."""

from dataclasses import replace

import pytest
import torch

from course.errors import CourseError
from course.models.mixer import MixerModel, MixerModelConfig
from course.nn.mixers import MIXERS, MixerConfig
from redrawing import redraw

B, T, C, H, D = 2, 23, 5, 3, 7
SMALL = MixerConfig(
    d_model=C, num_heads=H, d_head=D, window=5, block=3, near_blocks=2, num_features=11, chunk=4
)


def build(kind, config=SMALL):
    torch.manual_seed(1)
    mixer = MIXERS[kind](config).double()
    redraw(mixer)
    return mixer


def x(seed=2):
    return torch.randn(B, T, C, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("kind", MIXERS)
def test_the_future_changes_nothing(kind):
    mixer, text = build(kind), x()
    changed = text.clone()
    changed[:, 13:] = x(3)[:, 13:]
    before, after = mixer(text), mixer(changed)
    torch.testing.assert_close(before[:, :13], after[:, :13])
    assert (before[:, 13:] - after[:, 13:]).abs().amax(-1).min() > 1e-6


@pytest.mark.parametrize("kind", MIXERS)
def test_every_parameter_learns(kind):
    mixer = build(kind)
    mixer(x()).square().sum().backward()
    assert all(p.grad is not None and p.grad.abs().max() > 0 for p in mixer.parameters())


@pytest.mark.parametrize(
    ("kind", "changes"),
    [("window", {"window": T}), ("global", {"near_blocks": 8}), ("global", {"block": T})],
)
def test_what_sees_all_is_full_attention(kind, changes):
    config = replace(SMALL, **changes)
    mixer, full = build(kind, config), build("full", config)
    full.load_state_dict(mixer.state_dict())
    torch.testing.assert_close(mixer(x()), full(x()))
    narrow = build(kind)
    assert (narrow(x()) - full(x())).abs().max() > 1e-3


def test_the_near_and_the_first_blocks_are_what_global_attention_reads():
    mixer = build("global", replace(SMALL, kernel=1))
    text = x().requires_grad_()
    mixer(text)[0, 20].sum().backward()  # in block 6; 5 and 6 are near, 0 is global
    assert set(text.grad[0].abs().sum(-1).nonzero().flatten().tolist()) == {
        *range(0, 3),
        *range(15, 21),
    }


def test_many_features_come_near_the_softmax():
    config = replace(SMALL, num_features=4096)
    mixer, full = build("performer", config), build("full", config)
    weights = {k: 0.3 * v for k, v in full.state_dict().items()}
    full.load_state_dict(weights)
    mixer.load_state_dict(weights | {"projection": mixer.projection})
    wanted, few = full(x()), build("performer")
    few.load_state_dict(weights | {"projection": few.projection})
    assert (mixer(x()) - wanted).norm() < 0.02 * wanted.norm()
    assert (few(x()) - wanted).norm() > 3 * (mixer(x()) - wanted).norm()


def test_the_gate_forgets_and_the_delta_rule_overwrites():
    """With the gate shut, only the last position is read; a rule of strength zero reads nothing."""
    gated, delta = build("gated"), build("delta")
    with torch.no_grad():
        gated.decay.bias.fill_(500.0)
        delta.strength.weight.zero_()
        delta.strength.bias.fill_(-500.0)
    text, alone = x(), x()
    alone[:, :10] = 0
    torch.testing.assert_close(gated(text)[:, 13:], gated(alone)[:, 13:])  # kernel: 3 before
    assert delta(text).abs().max() < 1e-6


def test_states_are_what_decoding_keeps():
    short = 3 * (3 * H * D)  # the convolution's last three inputs
    found = {kind: [build(kind).state_size(n) - short for n in (4, 100)] for kind in MIXERS}
    assert found == {
        "full": [2 * H * D * 4, 2 * H * D * 100],
        "window": [2 * H * D * 4, 2 * H * D * 5],
        "global": [2 * H * D * 4, 2 * H * D * 9],
        "linear": [H * D * D + H * D] * 2,
        "performer": [H * 11 * D + H * 11] * 2,
        "gated": [H * D * D] * 2,
        "delta": [H * D * D] * 2,
    }


def test_a_model_reads_what_its_layers_read():
    config = MixerModelConfig(vocab_size=19, max_length=T, kinds=("full", "delta"), mixer=SMALL)
    model = MixerModel(config)
    tokens = torch.randint(19, (B, T), generator=torch.Generator().manual_seed(1))
    logits = model(tokens)
    assert logits.shape == (B, T, 19)
    torch.testing.assert_close(model(tokens[:, :11]), logits[:, :11])
    assert model.state_size(50) == sum(build(k).state_size(50) for k in ("full", "delta"))
    assert not torch.equal(model(tokens.flip(1)), logits.flip(1))


@pytest.mark.parametrize("kinds", [(), ("full", "none")])
def test_unknown_kinds_and_sizes_are_refused(kinds):
    with pytest.raises(CourseError, match="Kinds of layers"):
        MixerModelConfig(vocab_size=19, max_length=T, kinds=kinds)
    with pytest.raises(CourseError, match="window must be"):
        replace(SMALL, window=0)
