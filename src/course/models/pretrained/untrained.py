"""Small models of published kinds, without weights and so without a network."""

from dataclasses import fields, replace
from typing import Any, NamedTuple

from torch import nn

from course.errors import CourseError
from course.models.pretrained.loading import FAMILIES
from course.models.pretrained.settings import Settings

SMALL = {
    "vocab_size": 29,
    "num_layers": 2,
    "num_decoder_layers": 2,
    "d_model": 12,
    "num_heads": 3,
    "d_head": 4,
    "d_ff": 17,
    "max_length": 23,
}


class Untrained(NamedTuple):
    """A model that nothing has been learnt by yet, and what its kind is for.

    Attributes:
        model: our module, in evaluation mode.
        objective: what published weights of this architecture have learnt to give.
    """

    model: nn.Module
    objective: str


def untrained(architecture: str, **changes: Any) -> Untrained:
    """A model as its family's default settings make it, but of small sizes.

    Args:
        architecture: as config.json names it, such as `BertForMaskedLM`.
        changes: settings of our configuration that are to differ. Only weights would tell whether
            the output is tied; without any it is, unless `tie_output` is changed here.

    Raises:
        CourseError: if the architecture is unknown, or a setting is out of its range.
    """
    for family in FAMILIES:
        if architecture in family.heads:
            break
    else:
        known = ", ".join(name for family in FAMILIES for name in family.heads)
        raise CourseError(f"The course has no architecture {architecture!r}, only {known}.")
    head = family.heads[architecture]
    config = family.read(Settings({}, family.defaults, family.model_type), {})
    sizes = {field.name: SMALL[field.name] for field in fields(config) if field.name in SMALL}
    return Untrained(head.module(replace(config, **(sizes | changes))).eval(), head.objective)
