"""What a model is made of, read off the model: how the three families differ (chapter 9).

Who sees whom is measured, not read: the gradient of what comes out at one position is zero at
every position that it can't see.
"""

from collections.abc import Mapping

import torch
from jaxtyping import Bool
from torch import Tensor, nn

from course.nn.stack import Output, Stack
from course.nn.transformer import ACTIVATIONS, Layer

LOOKED_AT = 5
"""Positions over which it is measured who sees whom."""


def family_table(models: Mapping[str, tuple[nn.Module, str]]) -> list[dict[str, str]]:
    """One row for each model, all with the same columns.

    Args:
        models: by the name that the row gets: the model, and its objective, which no module shows.
            `course.models.pretrained.untrained` gives both.

    Raises:
        CourseError: if `learned` positions are too few to look at.
    """
    return [
        {"model": name} | describe(model) | {"objective": objective}
        for name, (model, objective) in models.items()
    ]


def describe(model: nn.Module) -> dict[str, str]:
    """What a model is made of; where encoder and decoder differ, each is named.

    Args:
        model: any model of `course.models.transformer` or `course.models.families`.
    """
    stacks = {
        name.rpartition(".")[2]: module
        for name, module in model.named_modules()
        if isinstance(module, Stack)
    }
    readers = {
        "sees": _seen,
        "also reads": _read,
        "positions": lambda stack: stack.config.positions,
        "norm": _norm,
        "feed-forward": _feed_forward,
        "scores": lambda stack: "q·k/√K" if _first(stack).self_attention.scale is None else "q·k",
    }
    found = {"stacks": " and ".join(stacks)}
    for column, reader in readers.items():
        each = {name: reader(stack) for name, stack in stacks.items()}
        same = len(set(each.values())) == 1
        found[column] = (
            next(iter(each.values()))
            if same
            else "; ".join(f"{name}: {value}" for name, value in each.items())
        )
    return found | {"output": _output(model)}


def reach(stack: Stack) -> Bool[Tensor, "T T"]:
    """Which outputs (rows) depend on which inputs (columns), measured by gradients."""
    x = _drawn(stack, LOOKED_AT)
    memory = stack.memory(_drawn(stack, LOOKED_AT)) if _reads(stack) else ()
    return _depends(stack, x, x, memory)


def reach_memory(stack: Stack) -> Bool[Tensor, "T S"]:
    """Which outputs (rows) depend on which positions of the source (columns), by gradients."""
    source = _drawn(stack, LOOKED_AT + 1)
    return _depends(stack, _drawn(stack, LOOKED_AT), source, stack.memory(source))


def _depends(stack: Stack, x: Tensor, on: Tensor, memory: tuple[Tensor, ...]) -> Tensor:
    training = stack.training
    outputs = stack.eval()(x, memory=memory)[0][0]  # (T, D)
    stack.train(training)
    # a fixed direction: the plain sum over the width is what a norm makes constant
    directed = outputs @ _drawn(stack, 1)[0, 0].detach()
    rows = [torch.autograd.grad(one, on, retain_graph=True)[0][0] for one in directed]
    return (torch.stack(rows) != 0).any(-1)


def _drawn(stack: Stack, length: int) -> Tensor:
    """Random vectors, the same each time for one length."""
    like = next(stack.parameters())
    drawn = torch.randn(1, length, stack.config.d_model, generator=torch.Generator().manual_seed(1))
    return drawn.to(like).requires_grad_()


def _first(stack: Stack) -> Layer:
    layer = stack.layers[0]
    assert isinstance(layer, Layer)
    return layer


def _reads(stack: Stack) -> bool:
    return _first(stack).cross_attention is not None


def _seen(stack: Stack) -> str:
    seen = reach(stack)
    for words, kind in (
        ("all positions", torch.ones_like(seen)),
        ("itself and earlier positions", torch.ones_like(seen).tril()),
    ):
        if torch.equal(seen, kind):
            return words
    return "some positions"


def _read(stack: Stack) -> str:
    if not _reads(stack):
        return "nothing"
    return "the encoder's outputs" if reach_memory(stack).all() else "some of the encoder's outputs"


def _norm(stack: Stack) -> str:
    residual = _first(stack).self_residual
    place = "before" if residual.norm_first else "after"
    embeddings = "" if isinstance(stack.embedding_norm, nn.Identity) else ", and of embeddings"
    return f"{type(residual.norm).__name__} {place} each sublayer{embeddings}"


def _feed_forward(stack: Stack) -> str:
    network = _first(stack).feed_forward
    name = next(name for name, known in ACTIVATIONS.items() if known is network.activation)
    return name if network.gate is None else f"{name}, gated"


def _output(model: nn.Module) -> str:
    output, classifier = getattr(model, "output", None), getattr(model, "classifier", None)
    if isinstance(output, Output):
        matrix = "the embeddings" if output.weight is None else "a matrix of its own"
        return f"a score for each token, by {matrix}"
    if isinstance(classifier, nn.Linear):
        return "labels of the text" if hasattr(model, "pooler") else "labels of each token"
    return "a vector for each token"
