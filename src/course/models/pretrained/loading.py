"""Loading published models and saving ours."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from course.errors import CourseError
from course.models.interface import SpecialTokens
from course.models.pretrained.bart import BART, MARIAN
from course.models.pretrained.bert import BERT
from course.models.pretrained.family import Family, Head
from course.models.pretrained.files import SINGLE, find, read_json, read_weights
from course.models.pretrained.gpt2 import GPT2
from course.models.pretrained.settings import Settings, special_settings
from course.models.pretrained.t5 import T5
from course.models.pretrained.weights import to_ours, to_theirs
from course.models.transformer import TransformerConfig

FAMILIES = (BERT, GPT2, T5, BART, MARIAN)


class Published(NamedTuple):
    """A published model in our code.

    Attributes:
        model: our module, in evaluation mode.
        special: what a search needs to know of its vocabulary; None where there is nothing to
            search (BERT).
        settings: its config.json as it is.
        unused: names of tensors in its file that our module does without, such as the head of a
            pre-training task.
    """

    model: nn.Module
    special: SpecialTokens | None
    settings: dict[str, Any]
    unused: tuple[str, ...]


def load(
    source: str | Path, *, architecture: str | None = None, revision: str | None = None
) -> Published:
    """Load a published model: a folder that transformers wrote, or a name on the hub.

    In training our models drop nothing from attention weights; otherwise they compute the same.

    Args:
        source: the folder, or a name such as `t5-small`.
        architecture: what to make of it, if not what its config.json says.
        revision: of the hub's files, such as a branch or a commit.

    Raises:
        CourseError: if it can't be had, its architecture or a setting is not supported, its
            weights are pickled or damaged, or they don't fit: what is missing, unexpected or of
            another shape is named.
    """
    folder = find(source, revision)
    given = read_json(folder / "config.json")
    where = str(folder / "config.json")
    family, head = _recognised(given, architecture, where)
    settings = Settings(given, family.defaults, where)
    tensors = family.named(read_weights(folder))
    try:
        config = family.read(settings, tensors)
    except (TypeError, ValueError) as error:
        raise CourseError(f"{where} has a setting of the wrong type: {error}.") from error
    with torch.device("meta"):  # no memory is taken until the weights are known to fit
        model = head.module(config)
    parameters, unused = to_ours(
        head.weights(config),
        tensors,
        {name: parameter.shape for name, parameter in model.named_parameters()},
        expendable=head.can_do_without,
        where=str(folder),
    )
    model.to_empty(device="cpu").load_state_dict(parameters)
    special = settings.special(family.start) if family.start else None
    return Published(model.eval(), special, given, unused)


def save(model: nn.Module, folder: Path, *, special: SpecialTokens | None = None) -> None:
    """Write a model of ours so that transformers loads it with `from_pretrained`.

    A `TextEncoder` becomes a `BertModel` without pooler (`add_pooling_layer=False`).

    Args:
        model: any model of `course.models.transformer` or `course.models.families`.
        folder: where to; it is made if need be.
        special: what the vocabulary's special tokens are, where the model generates text; the
            first of `never` is the padding.

    Raises:
        CourseError: if no supported family has models of this kind, which is why, or the special
            tokens are missing.
    """
    family, name = _expressible(model)
    config: Any = model.config
    settings = family.write(config)
    if family.start is not None:
        if special is None:
            raise CourseError(
                "A model that generates text needs its special tokens; say which they are."
            )
        settings |= special_settings(special, family.start)
    settings |= {"model_type": family.model_type, "architectures": [name]}
    tensors = to_theirs(family.heads[name].weights(config), model.state_dict())
    folder.mkdir(parents=True, exist_ok=True)
    save_file(tensors, folder / SINGLE, metadata={"format": "pt"})
    text = json.dumps(settings, indent=2) + "\n"
    (folder / "config.json").write_text(text, encoding="utf-8")


def _recognised(given: dict[str, Any], architecture: str | None, where: str) -> tuple[Family, Head]:
    """The family and the head of a config.json."""
    named = architecture or given.get("architectures") or []
    named = named if isinstance(named, list) else [named]
    for family in FAMILIES:
        for name in named:
            if family.model_type == given.get("model_type") and str(name) in family.heads:
                return family, family.heads[str(name)]
    known = ", ".join(name for family in FAMILIES for name in family.heads)
    raise CourseError(
        f"{where} describes a {given.get('model_type')!r} model, architecture {named or None}; the "
        f"course knows {known}."
    )


def _expressible(model: nn.Module) -> tuple[Family, str]:
    """The family and architecture that can say all that our model's configuration says."""
    reasons = []
    for family in FAMILIES:
        for name, head in family.heads.items():
            if head.module is not type(model):
                continue
            differing = _lost(model, family, head)
            if not differing:
                return family, name
            reasons.append(f"{name} differs in {', '.join(differing)}")
    raise CourseError(
        f"No published family has a {type(model).__name__} like this one"
        f"{': ' + '; '.join(reasons) if reasons else ''}."
    )


def _lost(model: nn.Module, family: Family, head: Head) -> list[str]:
    """Settings of ours that would read differently after having been written in their words."""
    config: Any = model.config
    written = Settings(family.write(config), family.defaults, "")
    ours = _meaning(config, model)

    def differing(tensors: Mapping[str, Tensor]) -> list[str]:
        again = _meaning(family.read(written, tensors), model)
        return [name for name in ours if again.get(name) != ours[name]]

    by_tensors = {"share_embeddings", "tie_output", "num_labels"}  # what no setting tells
    lost = [name for name in differing({}) if name not in by_tensors]
    return lost or differing(to_theirs(head.weights(config), model.state_dict()))


def _meaning(config: Any, model: nn.Module) -> dict[str, Any]:
    """The settings on which this model depends, whichever way they were put."""
    settings = asdict(config) | {"d_head": config.head_width}
    if isinstance(config, TransformerConfig):
        settings["num_decoder_layers"] = config.decoder_layers
    for name, used in (
        ("max_length", config.positions == "learned"),
        ("num_buckets", config.positions == "relative"),
        ("max_distance", config.positions == "relative"),
        ("tie_output", hasattr(model, "output")),
        ("num_labels", hasattr(model, "classifier")),
    ):
        if not used:
            settings.pop(name, None)
    return settings
