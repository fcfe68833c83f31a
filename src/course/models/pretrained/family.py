"""What the course has to know about a family of published models."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from course.models.pretrained.settings import Settings
from course.models.pretrained.weights import Weight
from course.nn.layer_config import LayerConfig

Tensors = Mapping[str, Tensor]


@dataclass(frozen=True, kw_only=True)
class Head:
    """One architecture of a family: what stands on its layers.

    Attributes:
        module: our class; it takes the configuration.
        weights: the table of its weights.
        objective: what published weights of it have learnt to give.
        expendable: a pattern of the names of tensors that it does without.
    """

    module: Callable[[Any], nn.Module]
    weights: Callable[[Any], list[Weight]]
    objective: str
    expendable: str = r"(?!)"  # matches nothing

    def can_do_without(self, name: str) -> bool:
        """Whether a published tensor of that name has no place in our module, and need not."""
        return re.fullmatch(self.expendable, name) is not None


@dataclass(frozen=True, kw_only=True)
class Family:
    """A family of published models.

    Attributes:
        model_type: what config.json calls it.
        defaults: what transformers assumes of settings that are not in config.json.
        prefix: what names begin with in models with a head; models without one leave it out.
        start: the setting that names the token a search starts from; None without search.
        read: our configuration, from settings and tensors (which show what is tied).
        write: settings, from our configuration; the reverse of `read`.
        heads: the architectures, by the names that config.json gives them.
    """

    model_type: str
    defaults: Mapping[str, Any]
    prefix: str
    start: str | None
    read: Callable[[Settings, Tensors], LayerConfig]
    write: Callable[[Any], dict[str, Any]]
    heads: Mapping[str, Head]

    def named(self, tensors: Tensors) -> dict[str, Tensor]:
        """The tensors under the names of a model with a head, norms in today's words."""
        bare = not any(name.startswith(self.prefix) for name in tensors)
        return {
            (self.prefix if bare else "") + _today(name): tensor for name, tensor in tensors.items()
        }


def tied(tensors: Tensors, output: str, embeddings: tuple[str, ...], *, by_config: bool) -> bool:
    """Whether the embeddings score the output as well.

    They do if the file has no other matrix; if it has one with the same numbers, the configuration
    decides.
    """
    if output not in tensors:
        return True
    stored = next((tensors[name] for name in embeddings if name in tensors), None)
    return by_config and stored is not None and torch.equal(tensors[output], stored)


def _today(name: str) -> str:
    """The first BERT called a norm's weight gamma and its bias beta."""
    return re.sub(r"\.gamma$", ".weight", re.sub(r"\.beta$", ".bias", name))
