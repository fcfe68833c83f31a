"""Encoder–decoder and decoder-only: steps equal the teacher-forced pass, nothing leaks."""

from dataclasses import asdict, replace

import pytest
import torch

from course.data.batching import Batch
from course.data.tokenizer import PAD
from course.decoding import beam_search, greedy
from course.errors import CourseError
from course.inspection import capture_attention
from course.models.families import LanguageModel, LanguageModelConfig
from course.models.interface import SequenceModel
from course.models.transformer import Transformer, TransformerConfig
from course.nn.layer_config import LayerConfig
from course.training.loss import token_loss
from redrawing import redraw

V, S, T, D, H = 23, 7, 5, 12, 3
SMALL = {"vocab_size": V, "d_model": D, "num_heads": H, "d_ff": 17, "dropout": 0.0}
BASE = TransformerConfig(**SMALL, num_layers=2)
KINDS = [
    *(
        replace(BASE, positions=positions, norm_first=norm_first)
        for positions in ("none", "sinusoidal", "learned", "rotary", "alibi", "relative")
        for norm_first in (True, False)
    ),
    *(replace(BASE, activation=kind) for kind in ("gelu", "gelu_new", "silu")),
    replace(BASE, norm="rms", gated=True, bias=False, scale_scores=False, scale_output=True),
    replace(BASE, num_layers=1, num_decoder_layers=3, d_head=5, norm_embeddings=True),
    replace(BASE, share_embeddings=False, tie_output=False, output_bias=True),
    replace(BASE, share_embeddings=False, scale_embeddings=False),
]
LANGUAGE = LanguageModelConfig(**SMALL, num_layers=2)
LANGUAGE_KINDS = [
    *(replace(LANGUAGE, positions=p) for p in ("sinusoidal", "learned", "rotary", "alibi")),
    replace(LANGUAGE, positions="relative", norm_first=False, tie_output=False),
]


def name(config: LayerConfig) -> str:
    default = asdict(BASE if isinstance(config, TransformerConfig) else LANGUAGE)
    changed = {key: value for key, value in asdict(config).items() if value != default[key]}
    return type(config).__name__[:8] + "-" + "-".join(f"{k}={v}" for k, v in changed.items())


kinds = pytest.mark.parametrize("config", [*KINDS, *LANGUAGE_KINDS], ids=name)


def build(config: LayerConfig):
    model_class = Transformer if isinstance(config, TransformerConfig) else LanguageModel
    model = model_class(config).double().eval()
    redraw(model)
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
    torch.testing.assert_close(model(*pad(sources, S + 6), tgt_in), together)
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
    for prefix in (0, 1, 3):
        state = model.start(memory, tgt_in[:, :prefix])
        for t in range(prefix, T):
            step = model.step(tgt_in[:, t], memory, state)
            torch.testing.assert_close(step.log_probs, forced[:, t])
            assert step.weights is None
            state = step.state


@kinds
@torch.no_grad()
def test_the_future_cannot_change_the_past_and_padding_changes_nothing(config):
    model = build(config)
    sources, tgt_in = sentences()
    src, mask = pad(sources, S + 2)
    before = model(src, mask, tgt_in)
    changed = tgt_in.clone()
    changed[:, 3] = (changed[:, 3] - 3) % (V - 4) + 4
    after = model(src, mask, changed)
    assert torch.equal(after[:, :3], before[:, :3])
    assert (after[:, 3] - before[:, 3]).abs().max() > 1e-3
    other_padding = torch.where(mask, src, 9)
    assert torch.equal(model(other_padding, mask, tgt_in), before)


@pytest.mark.parametrize("config", KINDS, ids=name)
@torch.no_grad()
def test_weights_are_distributions_over_real_tokens_and_only_on_request(config):
    model = build(config)
    sources, tgt_in = sentences()
    src, mask = pad(sources, S + 2)
    memory = model.encode(src, mask)
    state = model.start(memory, tgt_in[:, :2])
    plain = model.step(tgt_in[:, 2], memory, state)
    step = model.step(tgt_in[:, 2], memory, state, return_weights=True)
    torch.testing.assert_close(step.log_probs, plain.log_probs)
    assert step.weights.shape == (3, config.decoder_layers, H, S + 2)
    torch.testing.assert_close(step.weights.sum(-1), torch.ones_like(step.weights[..., 0]))
    assert (step.weights.movedim(-1, 1)[~mask] == 0).all()


@torch.no_grad()
def test_capturing_attention_is_asking_for_weights():
    model = build(BASE)
    sources, tgt_in = sentences()
    src, mask = pad(sources, S)
    plain = model(src, mask, tgt_in)
    with capture_attention(model) as captured:
        torch.testing.assert_close(model(src, mask, tgt_in), plain)
    stacks = ("encoder", "decoder")
    names = {f"{stack}.layers.{i}.self_attention" for stack in stacks for i in range(2)}
    assert set(captured) == names | {f"decoder.layers.{i}.cross_attention" for i in range(2)}
    (own,) = captured["decoder.layers.1.self_attention"]
    assert own.shape == (3, H, T, T)
    assert (own.triu(1) == 0).all()
    (over_source,) = captured["decoder.layers.0.cross_attention"]
    assert over_source.shape == (3, H, T, S)
    assert (over_source.movedim(-1, 1)[~mask] == 0).all()


@kinds
def test_every_parameter_gets_a_gradient(config):
    model = build(config)
    sources, tgt_in = sentences()
    model(*pad(sources, S), tgt_in).square().mean().backward()
    for parameter_name, parameter in model.named_parameters():
        # a key's bias adds the same to all scores of a query, which softmax ignores
        least = 0 if not parameter_name.endswith("key.bias") else -1
        assert parameter.grad is not None and parameter.grad.abs().max() > least, parameter_name


@pytest.mark.parametrize("positions", ["none", "sinusoidal", "rotary", "alibi", "relative"])
@torch.no_grad()
def test_only_positions_tell_an_encoder_the_order(positions):
    model = build(replace(BASE, positions=positions))
    src, _ = pad(sentences()[0][:1], S)
    outputs = model.encode(src, src != PAD)[1]
    turned = model.encode(src.flip(1), src.flip(1) != PAD)[1].flip(1)
    same = torch.allclose(outputs, turned)
    # an encoder without positions, or with distances that have no direction, can't tell
    assert same == (positions in ("none", "alibi"))


@kinds
def test_state_and_memory_are_batch_first_so_that_search_can_reorder_them(config):
    model = build(config)
    sources, tgt_in = sentences()
    memory = model.encode(*pad(sources, S))
    state = model.start(memory, tgt_in[:, :2])
    order = torch.tensor([2, 0, 1])
    plain = model.step(tgt_in[:, 2], memory, state).log_probs
    shuffled = model.step(
        tgt_in[order, 2],
        tuple(part.index_select(0, order) for part in memory),
        tuple(part.index_select(0, order) for part in state),
    ).log_probs
    torch.testing.assert_close(shuffled, plain[order])


def test_the_same_search_serves_both_families():
    sources, prompt = sentences()
    src, mask = pad(sources, S)
    for model, prefix in ((build(BASE), None), (build(LANGUAGE), prompt)):
        (wide, *_), by_one, greedily = (
            beam_search(model, src, mask, max_length=9, beam=4, prefix=prefix),
            beam_search(model, src, mask, max_length=9, beam=1, prefix=prefix),
            greedy(model, src, mask, max_length=9, prefix=prefix),
        )
        assert [h.tokens for (h,) in by_one] == [h.tokens for h in greedily]
        assert len(wide[0].tokens) > 0


def test_search_keeps_the_weights_of_each_hypothesis():
    src, mask = pad(sentences()[0], S)
    (found,) = beam_search(build(BASE), src[1:2], mask[1:2], max_length=4, return_weights=True)[0]
    assert found.weights.shape == (found.length, 2, H, 3)
    torch.testing.assert_close(found.weights.sum(-1), torch.ones_like(found.weights[..., 0]))


def test_more_positions_than_were_learnt_are_refused():
    model = build(replace(BASE, positions="learned", max_length=T))
    sources, tgt_in = sentences()
    memory = model.encode(*pad(sources[1:], 3))
    state = model.start(memory, tgt_in[1:])
    with pytest.raises(CourseError, match="learnt 5 positions, and the text has 6"):
        model.step(tgt_in[1:, 0], memory, state)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"vocab_size": 0}, "^vocab_size must be"),
        ({"num_layers": -1}, "^num_layers must be"),
        ({"num_decoder_layers": 0}, "^decoder_layers must be"),
        ({"d_head": 0}, "^d_head must be"),
        ({"dropout": 1.0}, "^dropout must be"),
        ({"num_heads": 5}, "5 heads cannot share a d_model of 12"),
        ({"positions": "rotary", "d_head": 3}, "in pairs, so the width of a head can't be 3"),
        ({"d_model": 15}, "in pairs, so d_model can't be 15"),
        ({"positions": "relative", "num_buckets": 3}, "at least 4 buckets"),
        ({"positions": "relative", "max_distance": 16}, "fewer than twice"),
    ],
)
def test_settings_out_of_range_are_refused(wrong, message):
    with pytest.raises(CourseError, match=message):
        replace(BASE, **wrong)


@pytest.mark.parametrize("name", ["activation", "norm", "positions"])
def test_unknown_kinds_are_refused(name):
    config = replace(BASE)
    object.__setattr__(config, name, "new")  # past the type checker of the tests
    with pytest.raises(CourseError, match=f"^{name} is one of .*, not 'new'"):
        config.__post_init__()


def test_the_interface_is_met():
    for config in (BASE, LANGUAGE):
        assert isinstance(build(config), SequenceModel)


@pytest.mark.parametrize("config", [BASE, LANGUAGE], ids=name)
def test_a_few_updates_learn_a_batch_by_heart(config):
    torch.manual_seed(0)
    model = (Transformer if config is BASE else LanguageModel)(config)
    sources, tgt = sentences()
    src, src_mask = pad(sources, S)
    batch = Batch(src, src_mask, tgt[:, :-1], tgt[:, 1:], torch.ones_like(tgt[:, 1:]).bool())
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    losses = []
    for _ in range(60):
        loss = token_loss(model, batch)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.1 * losses[0]
