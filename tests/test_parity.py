"""Published models compute in our code what they compute in transformers.

Logits, hidden states, attention weights and gradients; then one planted bug for each feature, which
must show.
"""

from copy import deepcopy

import pytest
import torch
from torch import nn

from course.nn.stack import RelativeBias, Stack
from course.nn.transformer import ACTIVATIONS, FeedForward, MultiHeadAttention, Residual
from parity import TOLERANCE, agree, difference, gradients_agree, source, tokens, watching
from published_cases import BART, BERT, GPT2, MARIAN, T5

ENCODER_DECODERS = [*T5, *BART, *MARIAN]


def name(case) -> str:
    return str(case)


@pytest.mark.parametrize("case", ENCODER_DECODERS, ids=name)
def test_encoder_decoder(case, tmp_path):
    theirs, (ours, *_) = case.both(tmp_path)
    family = case.config.model_type
    (src, mask), tgt_in = source(), tokens(17, seed=1)
    expected = theirs(
        input_ids=src,
        attention_mask=mask.long(),
        decoder_input_ids=tgt_in,
        output_hidden_states=True,
        output_attentions=True,
    )
    with watching(ours) as (hidden, attention):
        logits = ours(src, mask, tgt_in)
    agree(family, logits, expected.logits)
    for stack, states in (
        ("encoder", expected.encoder_hidden_states),
        ("decoder", expected.decoder_hidden_states),
    ):
        for mine, state in zip(hidden[stack], states, strict=True):
            agree(family, mine, state)
    for kind, weights in (
        ("encoder.layers.{}.self_attention", expected.encoder_attentions),
        ("decoder.layers.{}.self_attention", expected.decoder_attentions),
        ("decoder.layers.{}.cross_attention", expected.cross_attentions),
    ):
        for i, theirs_weights in enumerate(weights):
            agree(family, *attention[kind.format(i)], theirs_weights)
    logits.square().mean().backward()
    expected.logits.square().mean().backward()
    gradients_agree(family, ours, theirs, case)


@pytest.mark.parametrize("case", GPT2, ids=name)
def test_decoder_only(case, tmp_path):
    theirs, (ours, *_) = case.both(tmp_path)
    text, mask = source()
    expected = theirs(
        input_ids=text,
        attention_mask=mask.long(),
        output_hidden_states=True,
        output_attentions=True,
    )
    with watching(ours) as (hidden, attention):
        logits = ours(text, mask, text)
    # what stands after the end of a text can't be seen from within it: the mask adds nothing there
    agree("gpt2", logits[mask], expected.logits[mask])
    for mine, state in zip(hidden["decoder"], expected.hidden_states, strict=True):
        agree("gpt2", mine[mask], state[mask])
    for i, weights in enumerate(expected.attentions):
        (mine,) = attention[f"decoder.layers.{i}.self_attention"]
        agree("gpt2", mine.movedim(2, 1)[mask], weights.movedim(2, 1)[mask])
    logits[mask].square().mean().backward()
    expected.logits[mask].square().mean().backward()
    gradients_agree("gpt2", ours, theirs, case)


@pytest.mark.parametrize("case", BERT, ids=name)
def test_encoder_only(case, tmp_path):
    theirs, (ours, *_) = case.both(tmp_path)
    text, mask = source()
    segments = (tokens(19, seed=2) % case.config.type_vocab_size).where(mask, torch.tensor(0))
    expected = theirs(
        input_ids=text,
        attention_mask=mask.long(),
        token_type_ids=segments,
        output_hidden_states=True,
        output_attentions=True,
    )
    with watching(ours) as (hidden, attention):
        found = ours(text, mask, segments)
    logits = expected.logits if hasattr(expected, "logits") else expected.last_hidden_state
    agree("bert", found, logits)
    prefix = "" if hasattr(ours, "encoder") else "text."
    for mine, state in zip(hidden[f"{prefix}encoder"], expected.hidden_states, strict=True):
        agree("bert", mine, state)
    for i, weights in enumerate(expected.attentions):
        agree("bert", *attention[f"{prefix}encoder.layers.{i}.self_attention"], weights)
    real = (lambda x: x) if found.dim() == 2 else (lambda x: x[mask])
    real(found).square().mean().backward()
    real(logits).square().mean().backward()
    gradients_agree("bert", ours, theirs, case)


def each(kind, change):
    """A bug planted into every module of a kind."""

    def plant(model: nn.Module) -> None:
        modules = [module for module in model.modules() if isinstance(module, kind)]
        assert modules
        for module in modules:
            change(module)

    return plant


def activation(*, nearest: bool):
    """Another activation: the most or the least similar one."""

    def change(module: FeedForward) -> None:
        x = torch.linspace(-3, 3, 61)
        apart = {
            name: float((other(x) - module.activation(x)).abs().max())
            for name, other in ACTIVATIONS.items()
        }
        others = [name for name in apart if apart[name] > 0]
        chosen = min(others, key=apart.get) if nearest else max(others, key=apart.get)
        module.activation = ACTIVATIONS[chosen]

    return each(FeedForward, change)


@torch.no_grad()
def swapped(first: nn.Linear, second: nn.Linear) -> None:
    kept = first.weight.clone()
    first.weight.copy_(second.weight)
    second.weight.copy_(kept)


def shifted(module: nn.Module) -> None:
    module.weight.data = module.weight.data.roll(1, 0)


EVERYWHERE = {
    "activation": activation(nearest=False),
    "scale": each(MultiHeadAttention, lambda m: setattr(m, "scale", 0.9)),
    "query and key": each(MultiHeadAttention, lambda m: swapped(m.query, m.key)),
    "norm's place": each(Residual, lambda m: setattr(m, "norm_first", not m.norm_first)),
    "norm's epsilon": each((nn.LayerNorm, nn.RMSNorm), lambda m: setattr(m, "eps", 1e-5)),
}
BIASES = {
    "bias": each(MultiHeadAttention, lambda m: m.value.bias.data.zero_()),
    "kind of norm": each(
        nn.LayerNorm,
        lambda m: setattr(
            m, "forward", nn.RMSNorm(m.normalized_shape, m.eps, dtype=torch.float64).forward
        ),
    ),
}
NO_EMBEDDING_NORM = {
    "embedding norm": each(Stack, lambda m: setattr(m, "embedding_norm", nn.Identity()))
}
NO_FINAL_NORM = {"final norm": each(Stack, lambda m: setattr(m, "final_norm", nn.Identity()))}
LEARNED = {"positions": each(Stack, lambda m: shifted(m.positions))}
CAUSAL = {"order": lambda m: setattr(m.decoder, "causal", False)}
SCALED = {"embedding scale": lambda m: setattr(m, "embedding_scale", 2.0)}
OUTPUT_BIAS = {"output bias": lambda m: m.output.bias.data.zero_()}
BUGS = [
    *((GPT2[3], bug) for bug in (EVERYWHERE | BIASES | NO_FINAL_NORM | LEARNED | CAUSAL).items()),
    *(
        (case, ("gelu or gelu_new", activation(nearest=True)))
        for case in (GPT2[0], BERT[0], BERT[2], T5[1], BART[2], MARIAN[3])
    ),
    *(
        (BERT[2], bug)
        for bug in (
            EVERYWHERE
            | BIASES
            | NO_EMBEDDING_NORM
            | LEARNED
            | OUTPUT_BIAS
            | {
                "head's activation": lambda m: setattr(m, "activation", ACTIVATIONS["gelu"]),
                "segments": lambda m: m.text.segments.weight.data.zero_(),
            }
        ).items()
    ),
    *(
        (T5[3], bug)
        for bug in (
            EVERYWHERE
            | NO_FINAL_NORM
            | CAUSAL
            | SCALED
            | {"output scale": lambda m: setattr(m, "feature_scale", 1 - m.feature_scale)}
        ).items()
    ),
    *(
        (T5[1], bug)
        for bug in {
            "gate": each(FeedForward, lambda m: swapped(m.hidden, m.gate)),
            "maximal distance": each(RelativeBias, lambda m: setattr(m, "max_distance", 128)),
            "buckets of both ways": each(RelativeBias, lambda m: setattr(m, "both_ways", True)),
        }.items()
    ),
    *(
        (BART[0], bug)
        for bug in (
            {key: bug for key, bug in EVERYWHERE.items() if key != "norm's epsilon"}
            | BIASES
            | NO_EMBEDDING_NORM
            | LEARNED
            | CAUSAL
            | SCALED
            | OUTPUT_BIAS
        ).items()
    ),
    *(
        (MARIAN[0], bug)
        for bug in (
            {key: bug for key, bug in EVERYWHERE.items() if key != "norm's epsilon"}
            | BIASES
            | CAUSAL
            | SCALED
            | OUTPUT_BIAS
        ).items()
    ),
]


@pytest.mark.parametrize(
    ("case", "bug"), BUGS, ids=lambda x: x[0] if isinstance(x, tuple) else x.config.model_type
)
@torch.no_grad()
def test_a_planted_bug_shows(case, bug, tmp_path):
    theirs, (ours, *_) = case.both(tmp_path)
    (text, mask), tgt_in = source(), tokens(17, seed=1)
    inputs = {"bert": (text, mask, torch.zeros_like(text))}.get(
        case.config.model_type, (text, mask, tgt_in)
    )
    before = ours(*inputs)
    broken = deepcopy(ours)
    bug[1](broken)
    assert difference(broken(*inputs), before) > 10 * TOLERANCE


@pytest.mark.parametrize("case", [T5[0], BART[0], MARIAN[0], BERT[0]], ids=name)
@torch.no_grad()
def test_a_forgotten_padding_mask_shows(case, tmp_path):
    _, (ours, *_) = case.both(tmp_path)
    (text, mask), tgt_in = source(), tokens(17, seed=1)
    inputs = (torch.zeros_like(text),) if case.config.model_type == "bert" else (tgt_in,)
    before = ours(text, mask, *inputs)
    after = ours(text, torch.ones_like(mask), *inputs)
    agree(case.config.model_type, after[0], before[0])
    assert difference(after[1], before[1]) > 10 * TOLERANCE
