"""Shakespeare by character: a small decoder-only model beside models that count (chapter 9).

The text is cut where it stands: the first 90% to learn from, then 5% to choose by and 5% to report.
Chosen on validation are the model's learning rate, by trials a tenth as long as the whole run, each
with the schedule of its own length, and the n of an interpolated Kneser–Ney model. Both are scored
on the same characters, of which the Transformer sees 256 to 511 before, the other n − 1. It learns
from 256 characters at a time; ALiBi's positions let it read further (chapter 7), and `by_context`
tells whether that helps. One seed; nothing but the rate was chosen, so more is possible.

`python -m course.experiments.shakespeare` repeats it, in minutes on a GPU and in hours without one,
and stores losses in nats and bits a character, the curve, and passages that the model wrote.
"""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn.functional import cross_entropy

from course.data import corpora
from course.decoding.sampling import sample
from course.errors import CourseError
from course.experiments.fitting import fit, number_of_parameters
from course.experiments.measurement import measure
from course.experiments.ngrams import NGrams
from course.models.families import LanguageModel, LanguageModelConfig
from course.models.interface import SpecialTokens
from course.results import folder
from course.runtime import default_device, generator

CONTEXT = 256
"""Characters that the model learns from at a time."""
CONFIG = {
    "context": CONTEXT,
    "rows": 64,
    "d_model": 256,
    "num_layers": 6,
    "num_heads": 8,
    "d_ff": 1024,
    "positions": "alibi",
    "dropout": 0.2,
    "rates": [5e-4, 1e-3, 2e-3],
    "trial_updates": 300,
    "updates": 3000,
    "curve_every": 500,
    "longest": 10,
    "prompt": "ROMEO:\n",
    "temperatures": [0.5, 0.8, 1.0],
    "passages": 8,
    "characters": 300,
}
SHARES = (0.90, 0.95)
GLANCE = 8
"""Trials and the curve look at one in so many windows of the validation text."""
SHOWN = 2
"""Passages of each temperature that are kept; words are counted in all."""


class Text:
    """A text as numbers, cut in three.

    Attributes:
        symbols: its different characters, sorted; a character's number is its place among them.
        parts: the numbers of "train", "valid" and "test".
        words: the words of the training part.
    """

    def __init__(self, text: str):
        self.symbols = "".join(sorted(set(text)))
        first, second = (round(len(text) * share) for share in SHARES)
        if min(first, second - first, len(text) - second) <= 2 * CONTEXT:
            raise CourseError(f"A text of {len(text)} characters is too short for this.")
        cut = {"train": text[:first], "valid": text[first:second], "test": text[second:]}
        self.parts = {name: self.numbers(part) for name, part in cut.items()}
        self.words = set(words(cut["train"]))

    def numbers(self, text: str) -> Int[Tensor, " N"]:
        """The numbers of characters."""
        place = {symbol: i for i, symbol in enumerate(self.symbols)}
        return torch.tensor([place[symbol] for symbol in text])

    def text(self, numbers: list[int] | Int[Tensor, " N"]) -> str:
        """The reverse of `numbers`."""
        return "".join(self.symbols[int(i)] for i in numbers)


def words(text: str) -> list[str]:
    """The words of a text in small letters."""
    return re.findall(r"[a-z]+(?:'[a-z]+)*", text.lower())


def build(symbols: int) -> LanguageModel:
    """An untrained model of so many symbols, on the default device."""
    torch.manual_seed(1)
    named = ("d_model", "num_layers", "num_heads", "d_ff", "positions", "dropout")
    config = LanguageModelConfig(vocab_size=symbols, **{name: CONFIG[name] for name in named})
    return LanguageModel(config).to(default_device())


def windows(part: Int[Tensor, " N"], every: int = 1) -> Int[Tensor, "W L"]:
    """Windows of 2 × CONTEXT characters and the one that follows, a CONTEXT apart."""
    return part.unfold(0, 2 * CONTEXT + 1, CONTEXT)[::every]


@torch.no_grad()
def surprisal(model: LanguageModel, seen: Int[Tensor, "W L"]) -> Float[Tensor, "W M"]:
    """Nats of each character of the windows but the first."""
    rows = []
    for batch in seen.to(model.embedding.weight.device).split(32):
        logits = model.decode(batch[:, :-1])[0]
        rows.append(cross_entropy(logits.mT, batch[:, 1:], reduction="none").cpu())
    return torch.cat(rows)


def loss(model: LanguageModel, part: Int[Tensor, " N"], every: int = 1) -> float:
    """Nats a character, of those that have at least CONTEXT before them."""
    return float(surprisal(model, windows(part, every))[:, CONTEXT:].mean())


def scored(part: Int[Tensor, " N"]) -> Int[Tensor, " M"]:
    """The beginning of a part that ends with the last character that `loss` looks at."""
    return part[: CONTEXT * (len(windows(part)) + 1) + 1]


def train(
    text: Text, rate: float, updates: int, *, every: int = 0
) -> tuple[LanguageModel, dict[str, float]]:
    """Train a model.

    Args:
        text: what to learn from.
        rate: the highest learning rate.
        updates: how many; the schedule has this length.
        every: validate after so many, 0 for never.

    Returns:
        The model, and its validation loss by update.
    """
    model, curve = build(len(text.symbols)), {}

    def losses() -> Iterator[tuple[Tensor, int]]:
        part, source = text.parts["train"], generator(1, "shakespeare", "batches")
        offsets, done = torch.arange(CONTEXT + 1), 0
        while True:
            if every and done % every == 0:
                curve[str(done)] = loss(model, text.parts["valid"], GLANCE)
            begin = torch.randint(len(part) - CONTEXT, (CONFIG["rows"], 1), generator=source)
            rows = part[begin + offsets].to(default_device())
            logits = model.decode(rows[:, :-1])[0]
            yield cross_entropy(logits.flatten(0, 1), rows[:, 1:].flatten()), rows[:, 1:].numel()
            done += 1

    fit(model, losses(), updates=updates, rate=rate, warmup=max(updates // 20, 1))
    if every:
        curve[str(updates)] = loss(model, text.parts["valid"], GLANCE)
    return model, curve


def write(
    model: LanguageModel, text: Text, temperature: float, *, passages: int, characters: int
) -> list[str]:
    """What the model writes after the prompt, at one temperature; each passage its own draws."""
    prompt = text.numbers(CONFIG["prompt"]).expand(passages, -1).to(default_device())
    found = sample(
        model,
        prompt,  # no source is read; it tells how many passages there are
        torch.ones_like(prompt, dtype=torch.bool),
        generator=generator(1, "shakespeare", "passages"),
        max_length=characters,
        temperature=temperature,
        prefix=prompt,
        special=SpecialTokens(start=0, end=-1),  # nothing ends a play
    )
    return [text.text(list(hypothesis.tokens)) for hypothesis in found]


def by_context(model: LanguageModel, part: Int[Tensor, " N"]) -> dict[str, float]:
    """Nats a character by how many the model has read, twice as many from key to key."""
    nats = surprisal(model, windows(part)).mean(0)
    edges = [2**k for k in range(CONTEXT.bit_length() + 1)]  # 1, 2, 4, … , 2 × CONTEXT
    return {
        f"{low}-{high - 1}" if high - low > 1 else str(low): float(nats[low - 1 : high - 1].mean())
        for low, high in zip(edges[:-1], edges[1:], strict=True)
    }


def counted(text: Text, longest: int) -> dict[int, dict[str, float]]:
    """Nats a character of each n, on the characters that `loss` looks at."""
    model = NGrams(text.parts["train"].numpy(), symbols=len(text.symbols), longest=longest)
    found: dict[int, dict[str, float]] = {n: {} for n in range(1, longest + 1)}
    for name in ("valid", "test"):
        part = scored(text.parts[name]).numpy()
        for n, nats in enumerate(model.surprisal(part, CONTEXT + 1), start=1):
            found[n][name] = float(np.mean(nats))
    return found


def units(nats: dict[str, float]) -> dict[str, float]:
    """Losses by split, in nats and in bits."""
    both = {f"{split}_nats": value for split, value in nats.items()}
    return both | {f"{split}_bits": value / math.log(2) for split, value in nats.items()}


def run(text: Text) -> dict[str, Any]:
    """Choose, train, score and write; see the module."""
    say = partial(print, file=sys.stderr, flush=True)
    ngrams = counted(text, CONFIG["longest"])
    best_n = min(ngrams, key=lambda n: ngrams[n]["valid"])
    say(f"n-grams: {ngrams}")
    trials = {}
    for rate in CONFIG["rates"]:
        model, _ = train(text, rate, CONFIG["trial_updates"])
        trials[rate] = loss(model, text.parts["valid"], GLANCE)
        say(f"trial of {rate:g}: {trials[rate]:.3f} nats")
    rate = min(trials, key=lambda rate: trials[rate])
    model, curve = train(text, rate, CONFIG["updates"], every=CONFIG["curve_every"])
    say(f"curve: {curve}")
    passages = {}
    for temperature in CONFIG["temperatures"]:
        written = write(
            model,
            text,
            temperature,
            passages=CONFIG["passages"],
            characters=CONFIG["characters"],
        )
        known = [word in text.words for passage in written for word in words(passage)]
        passages[f"{temperature:g}"] = {
            "known_words": sum(known) / max(len(known), 1),
            "words": len(known),
            "texts": written[:SHOWN],
        }
    real = words(text.text(text.parts["test"]))
    tokens = CONFIG["updates"] * CONFIG["rows"] * CONTEXT
    return {
        "config": CONFIG,
        "text": {"symbols": len(text.symbols)}
        | {name: len(part) for name, part in text.parts.items()}
        | {"known_words": sum(word in text.words for word in real) / len(real)},
        "trials": {f"{rate:g}": {"valid_nats": nats} for rate, nats in trials.items()},
        "model": units({name: loss(model, text.parts[name]) for name in ("valid", "test")})
        | {"parameters": number_of_parameters(model), "rate": rate, "characters": tokens},
        "unigram": units(ngrams[1]),
        "ngram": units(ngrams[best_n]) | {"n": best_n},
        "ngrams": {str(n): units(nats) for n, nats in ngrams.items()},
        "curve": curve,
        "by_context": by_context(model, text.parts["test"]),
        "passages": passages,
    }


if __name__ == "__main__":
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else folder() / "shakespeare.json"
    measure(out, lambda: run(Text(corpora.shakespeare())))
