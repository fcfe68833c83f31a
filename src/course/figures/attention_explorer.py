"""Figure "Attention explorer": three translators look at one sentence, gold links overlaid (ch. 5).

What they look at is recorded: `attention_readings.json`, made by `tools/record_attention.py`.
"""

import html
import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from course.figures.base import Figure
from course.metrics import word_weights

MODELS = {
    "Bahdanau": "tatoeba-en-fr-bahdanau",
    "Luong": "tatoeba-en-fr-luong",
    "Transformer": "tatoeba-en-fr-transformer",
}


class AttentionExplorer(Figure):
    """Attention on a few sentences of the grammar, by model, layer and head, as heatmap or arcs.

    Each model was made to write the grammar's French. Weights of subwords become weights of words
    as `course.metrics.word_weights` has it.
    """

    kind = "attention-explorer"

    def __init__(self):
        self.sentences = recorded()
        first = self.sentences[0]
        counts = {name: right(first, mean_weights(first, name)) for name in MODELS}
        words = len(first["target"]["text"].split())
        told = ", ".join(f"{name} {count}" for name, count in counts.items())
        super().__init__(
            alt=f"“{first['source']['text']}”, written as “{first['target']['text']}”. The English "
            f"word with the most weight, averaged over layers and heads, is a gold link for so "
            f"many of the {words} French words: {told}.",
            caption="The same French, written by three translators. Percent: how much of its "
            "attention a French word gave to an English one. Framed: the words that belong "
            "together, which the grammar knows and the translators were never told. Try "
            "another translator, sentence, layer or head.",
            table={
                "columns": ["French word", "gold", *MODELS],
                "rows": [row for each in self.sentences for row in _rows(each)],
            },
            data={"models": list(MODELS), "sentences": self.sentences},
        )

    def fallback(self) -> str:
        """Return the strongest English word of each French word of the first sentence."""
        names = ("French word", "gold", *MODELS)
        head = "".join(f'<th scope="col">{name}</th>' for name in names)
        rows = "".join(
            "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>"
            for row in _rows(self.sentences[0])
        )
        return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


@cache
def recorded() -> list[dict[str, Any]]:
    """Return what was recorded; see `attention_readings.record`."""
    text = files("course.figures").joinpath("attention_readings.json").read_text("utf-8")
    return json.loads(text)


def mean_weights(sentence: Mapping[str, Any], model: str) -> Float[Tensor, "J I"]:
    """Return the weights of target words over source words, averaged over layers and heads."""
    found = sentence["weights"][model]
    weights = torch.tensor(found["data"]).unflatten(1, (-1, found["source"])) / 1000
    return word_weights(weights.mean(1), sentence["source"]["words"], sentence["target"]["words"])


def right(sentence: Mapping[str, Any], weights: Float[Tensor, "J I"]) -> int:
    """Return for how many target words the source word of most weight is a gold link."""
    best = enumerate(weights.argmax(1).tolist())
    return sum([source, target] in sentence["gold"] for target, source in best)


def _rows(sentence: Mapping[str, Any]) -> Iterator[list[str]]:
    read = sentence["source"]["text"].split()
    best = [mean_weights(sentence, name).argmax(1).tolist() for name in MODELS]
    for i, word in enumerate(sentence["target"]["text"].split()):
        gold = " ".join(read[source] for source, target in sentence["gold"] if target == i)
        yield [word, gold, *(read[each[i]] for each in best)]
