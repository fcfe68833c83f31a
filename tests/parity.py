"""What the parity tests share: the same random model in transformers and in the course.

A case is a configuration of transformers. Its parameters are drawn anew (see `redrawing`), saved,
loaded into ours, and both are computed in float64. Differences are relative, max|a−b| / (1+max|b|),
and the worst one of each family is reported at the end of the test run.

What is left is rounding to float32 within transformers: T5's norms, Marian's table of positions.
"""

from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from course.inspection import capture_attention
from course.models import pretrained
from course.models.pretrained.loading import FAMILIES
from course.models.pretrained.weights import to_theirs
from course.nn.stack import Stack
from redrawing import redraw

TOLERANCE = 1e-5
WORST: dict[str, float] = defaultdict(float)
LENGTHS = (19, 5, 2)


@dataclass(frozen=True)
class Case:
    """A published architecture with its configuration.

    Attributes:
        model: the class in transformers.
        config: its configuration, in transformers too.
        untied: for T5, which transformers always ties: give the output a matrix of its own.
    """

    model: Any
    config: Any
    untied: bool = False

    def __str__(self) -> str:
        changed = self.config.to_diff_dict()
        kept = ("num_layers", "n_layer", "num_hidden_layers", "encoder_layers", "hidden_act")
        kept += ("activation_function", "feed_forward_proj")
        return "-".join([self.model.__name__, *(str(changed[k]) for k in kept if k in changed)])

    def build(self, seed: int = 1) -> Any:
        """The model in transformers, drawn anew (norms around 1), in float32."""
        self.config._attn_implementation = "eager"
        theirs = self.model(self.config).eval()
        if self.untied:
            theirs.lm_head.weight = nn.Parameter(theirs.lm_head.weight.detach().clone())
        redraw(theirs, seed=seed)
        for module in theirs.modules():
            if "Norm" in type(module).__name__:
                module.weight.data += 1  # around 0, several norms in a row forget the input
        if getattr(theirs, "final_logits_bias", None) is not None:
            draw = torch.Generator().manual_seed(seed)
            theirs.final_logits_bias.normal_(0, 0.5, generator=draw)
        return theirs

    def both(self, folder, seed: int = 1) -> tuple[Any, pretrained.Published]:
        """The model in transformers and in the course, in float64."""
        theirs = self.build(seed)
        theirs.save_pretrained(folder)
        ours = pretrained.load(folder)
        ours.model.double()
        return theirs.double(), ours


def tokens(width: int, *, rows: int = len(LENGTHS), seed: int = 0) -> torch.Tensor:
    """Ids that are no special token of any case."""
    return torch.randint(4, 23, (rows, width), generator=torch.Generator().manual_seed(seed))


def source() -> tuple[torch.Tensor, torch.Tensor]:
    """Texts of different lengths and their mask."""
    mask = torch.arange(max(LENGTHS)) < torch.tensor(LENGTHS)[:, None]
    return tokens(max(LENGTHS)).where(mask, torch.tensor(0)), mask


def difference(ours: torch.Tensor, theirs: torch.Tensor) -> float:
    """How far apart two tensors are, relative to the second."""
    assert ours.shape == theirs.shape
    ours, theirs = ours.detach(), theirs.detach()
    return float((ours - theirs).abs().max() / (1 + theirs.abs().max()))


def agree(family: str, ours: torch.Tensor, theirs: torch.Tensor) -> None:
    """Assert that two tensors are the same, and note how well."""
    found = difference(ours, theirs)
    WORST[family] = max(WORST[family], found)
    assert found <= TOLERANCE, found


@contextmanager
def watching(model: nn.Module):
    """Collect, for each stack of ours that runs, what enters and leaves each of its layers.

    As transformers counts hidden states: the embeddings, then each layer's output, the last one
    after the final norm.
    """
    seen: dict[str, list[torch.Tensor]] = defaultdict(list)
    handles = []
    for name, stack in model.named_modules():
        if not isinstance(stack, Stack):
            continue

        def enters(module, inputs, options, name=name):
            seen[name].append(inputs[0])

        def leaves(module, inputs, output, name=name):
            seen[name].append(output[0])

        for layer in stack.layers:
            handles.append(layer.register_forward_pre_hook(enters, with_kwargs=True))
        handles.append(stack.register_forward_hook(leaves))
    with capture_attention(model) as attention:
        try:
            yield seen, attention
        finally:
            for handle in handles:
                handle.remove()


def gradients_agree(family: str, ours: nn.Module, theirs: nn.Module, case: Case) -> None:
    """Compare the gradient of every parameter of theirs that has one."""
    known = next(f for f in FAMILIES if f.model_type == case.config.model_type)
    head = known.heads[type(theirs).__name__]
    found = {
        name: torch.zeros_like(p) if p.grad is None else p.grad
        for name, p in ours.named_parameters()
    }
    mine = to_theirs(head.weights(ours.config), found)
    published = known.named({n: p.grad for n, p in theirs.named_parameters() if p.grad is not None})
    assert len(published) > 5
    for name, gradient in published.items():
        agree(family, mine[name], gradient)
