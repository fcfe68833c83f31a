"""The check of chapter 9's project: a layer of GPT-2 in our code."""

import math
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from course.exercises.answers import WrongAnswer
from course.exercises.checking import call, describe, expect_close, fresh_generator, require
from course.nn.layer_config import LayerConfig
from course.nn.transformer import Layer
from course.ops.masks import causal_mask

WIDTH, HIDDEN, HEADS, PLACES = 6, 11, 2, 5
AFFINE = {  # GPT-2's name: ours, the sizes in and out
    "attn.c_proj": ("self_attention.output", WIDTH, WIDTH),
    "mlp.c_fc": ("feed_forward.hidden", WIDTH, HIDDEN),
    "mlp.c_proj": ("feed_forward.output", HIDDEN, WIDTH),
}
NORMS = {"ln_1": "self_residual.norm", "ln_2": "feed_forward_residual.norm"}
FUSED = ("query", "key", "value")


def a_small_project_a_published_layer_in_our_code(answer: Any) -> str:
    """9.9: split, transposed, renamed, nothing left over, and the layer computes the same."""
    g = fresh_generator()
    theirs = _published(g)
    layer = _our_layer()
    given = f"a layer of GPT-2, {WIDTH} wide"
    ours = call(answer, dict(theirs))
    right = isinstance(ours, dict) and all(isinstance(each, Tensor) for each in ours.values())
    require(right, f"For {given}, a dictionary of tensors is asked for, not {describe(ours)}.")
    asked = {name: tuple(each.shape) for name, each in layer.state_dict().items()}
    missing = sorted(asked.keys() - ours.keys(), key=str)
    require(not missing, f"For {given}, our layer misses {_listed(missing)}.")
    unknown = sorted(map(str, ours.keys() - asked.keys()))
    require(not unknown, f"For {given}, our layer has no place for {_listed(unknown)}.")
    for name, shape in asked.items():
        message = f"For {given}, {name} has the shape {tuple(ours[name].shape)}, and there is "
        require(tuple(ours[name].shape) == shape, f"{message}room for {shape}.")
    x = torch.randn(2, PLACES, WIDTH, generator=g, dtype=torch.float64)
    _try_parts(theirs, ours, x, given)
    layer.load_state_dict(ours)
    mask = causal_mask(PLACES)[None, None]
    nothing = dict.fromkeys(("past", "memory_mask", "bias", "rotary"))
    found, _, _ = layer(x, None, mask=mask, return_weights=False, **nothing)
    message = (
        f"For {given} and words (2, {PLACES}, {WIDTH}), each part is right, but not the whole."
    )
    expect_close(found, _by_their_rules(theirs, x), message)
    _try_a_stranger(answer, theirs, given)
    return (
        "Every part by itself, and our layer with these weights equal to GPT-2's rules. Notice the "
        "square matrices: those go in either way without any error, and only comparing outputs "
        "can tell."
    )


def _listed(names: list[str]) -> str:
    rest = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + rest


def _published(g: torch.Generator) -> dict[str, Tensor]:
    """A layer's weights under GPT-2's names, in random order; matrices are (in, out)."""

    def drawn(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=g, dtype=torch.float64)

    found = {
        "attn.bias": torch.ones(1, 1, 7, 7, dtype=torch.bool).tril(),
        "attn.c_attn.weight": drawn(WIDTH, 3 * WIDTH),
        "attn.c_attn.bias": drawn(3 * WIDTH),
    }
    for name, (_, before, after) in AFFINE.items():
        found |= {f"{name}.weight": drawn(before, after), f"{name}.bias": drawn(after)}
    for name in NORMS:
        found |= {f"{name}.weight": drawn(WIDTH), f"{name}.bias": drawn(WIDTH)}
    names = list(found)
    return {names[i]: found[names[i]] for i in torch.randperm(len(names), generator=g).tolist()}


def _our_layer() -> Layer:
    config = LayerConfig(
        d_model=WIDTH, num_heads=HEADS, d_ff=HIDDEN, activation="gelu_new", dropout=0.0
    )
    return Layer(config, reads_memory=False).double()


def _try_parts(theirs: dict[str, Tensor], ours: dict[str, Tensor], x: Tensor, given: str) -> None:
    """Each linear map and each norm by itself."""
    fused = x @ theirs["attn.c_attn.weight"] + theirs["attn.c_attn.bias"]
    for part, wanted in zip(FUSED, fused.chunk(3, -1), strict=True):
        name = f"self_attention.{part}"
        found = F.linear(x, ours[f"{name}.weight"], ours[f"{name}.bias"])
        message = f"For {given}, the shapes are right, but the {part} that our layer makes of a "
        message += f"word is not the {part} in what attn.c_attn gives, x @ W + b."
        expect_close(found, wanted, message)
    for name, (mine, before, _) in AFFINE.items():
        inputs = x if before == WIDTH else x @ theirs["mlp.c_fc.weight"]
        wanted = inputs @ theirs[f"{name}.weight"] + theirs[f"{name}.bias"]
        found = F.linear(inputs, ours[f"{mine}.weight"], ours[f"{mine}.bias"])
        message = f"For {given}, the shapes are right, but what our {mine} gives is not what "
        expect_close(found, wanted, f"{message}{name} gives, x @ W + b.")
    for name, mine in NORMS.items():
        for kind in ("weight", "bias"):
            message = f"For {given}, {mine}.{kind} is not {name}.{kind}."
            expect_close(ours[f"{mine}.{kind}"], theirs[f"{name}.{kind}"], message)


def _by_their_rules(theirs: dict[str, Tensor], x: Tensor) -> Tensor:
    """The layer as Radford et al. (2019) describe it, from the weights as published."""

    def affine(inputs: Tensor, name: str) -> Tensor:
        return inputs @ theirs[f"{name}.weight"] + theirs[f"{name}.bias"]

    def norm(inputs: Tensor, name: str) -> Tensor:
        return F.layer_norm(inputs, (WIDTH,), theirs[f"{name}.weight"], theirs[f"{name}.bias"])

    fused = affine(norm(x, "ln_1"), "attn.c_attn")
    q, k, v = (each.unflatten(-1, (HEADS, -1)).transpose(1, 2) for each in fused.chunk(3, -1))
    scores = q @ k.mT / math.sqrt(WIDTH // HEADS)
    weights = scores.masked_fill(~causal_mask(PLACES), -torch.inf).softmax(-1)
    x = x + affine((weights @ v).transpose(1, 2).flatten(2), "attn.c_proj")
    hidden = F.gelu(affine(norm(x, "ln_2"), "mlp.c_fc"), approximate="tanh")
    return x + affine(hidden, "mlp.c_proj")


def _try_a_stranger(answer: Any, theirs: dict[str, Tensor], given: str) -> None:
    """A name that isn't in the table is refused."""
    for name in ("crossattention.c_attn.weight", "attn.q_norm.weight", "ln_3.bias"):
        try:
            answer({**theirs, name: torch.ones(WIDTH, dtype=torch.float64)})
        except Exception:  # of whatever kind: it is not passed over
            continue
        raise WrongAnswer(
            f"For {given} with one more tensor, {name}, which our layer can't do anything with, no "
            "error is raised: a model that was loaded in part looks like one that was loaded."
        )
