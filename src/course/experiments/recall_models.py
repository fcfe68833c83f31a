"""The models that C19 compares, and how they learn associative recall (chapter 10)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain, islice
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from course.data.recall import NOT_ASKED, Recall, RecallTask
from course.experiments.fitting import fit
from course.models.mixer import MixerModel, MixerModelConfig
from course.nn.mixers import MixerConfig
from course.runtime import default_device, generator, set_seed

KINDS: dict[str, tuple[str, ...]] = {
    "full": ("full", "full"),
    "window": ("window", "window"),
    "global": ("global", "global"),
    "linear": ("linear", "linear"),
    "performer": ("performer", "performer"),
    "performer-256": ("performer", "performer"),
    "gated": ("gated", "gated"),
    "delta": ("delta", "delta"),
    "hybrid": ("full", "delta"),
}
"""The layers of each; `performer-256` has 256 random features instead of 64."""
TASK = RecallTask(symbols=128, fillers=32)
MIXER, D_FF = MixerConfig(), 128
CONFIG: dict[str, Any] = {
    "task": vars(TASK),
    "mixer": vars(MIXER),
    "d_ff": D_FF,
    "pairs": {"64": [4, 8, 16], "256": [4, 8, 16, 32, 64]},
    "rows": 30,
    "updates": {"64": {"64": 600}, "256": {"64": 400, "256": 800}},
    "trial_share": 0.4,
    "test_sequences": 500,
}


def parts(arm: str) -> tuple[str, int]:
    """Returns the kind and the length that an arm's name stands for.

    Args:
        arm: KIND.LENGTH.
    """
    kind, _, length = arm.rpartition(".")
    return kind, int(length)


def build(
    kind: str, *, symbols: int, length: int, mixer: MixerConfig = MIXER, d_ff: int = D_FF
) -> MixerModel:
    """Returns an untrained model.

    Args:
        kind: One of `KINDS`.
        symbols: How many it reads and writes.
        length: Of the longest sequence.
        mixer: The sizes of its mixers.
        d_ff: The width of a feed-forward network's hidden layer.
    """
    if kind == "performer-256":
        mixer = replace(mixer, num_features=256)
    return MixerModel(
        MixerModelConfig(
            vocab_size=symbols, max_length=length, kinds=KINDS[kind], d_ff=d_ff, mixer=mixer
        )
    )


def batches(length: int, seed: int) -> Iterator[Recall]:
    """Yields batches with all numbers of pairs, equally many sequences of each.

    Args:
        length: Of the sequences.
        seed: Arms with the same seed learn from the same sequences.
    """
    numbers, source = CONFIG["pairs"][str(length)], generator(seed, "c19", "train", length)
    rows = CONFIG["rows"] // len(numbers)
    while True:
        drawn = [TASK.draw(rows, length=length, pairs=n, generator=source) for n in numbers]
        yield Recall(*(torch.cat(both) for both in zip(*drawn, strict=True)))


def answers(model: MixerModel, batch: Recall) -> tuple[Tensor, Tensor]:
    """Returns the logits at the queries, and what had to be said.

    Args:
        model: The model.
        batch: Sequences on the CPU.
    """
    device = next(model.parameters()).device
    tokens, targets = batch.tokens.to(device), batch.targets
    rows, places = (index.to(device) for index in (targets != NOT_ASKED).nonzero(as_tuple=True))
    return model.output(model.read(tokens)[rows, places]), targets.to(device)[rows, places]


def train(
    arm: str, seed: int, rate: float, share: float = 1.0
) -> tuple[MixerModel, dict[str, Any]]:
    """Trains a model, on shorter sequences first; returns it and what that took.

    Args:
        arm: KIND.LENGTH.
        seed: Of weights and sequences.
        rate: The learning rate.
        share: The share of the updates to train for.
    """
    kind, length = parts(arm)
    set_seed(seed)
    model = build(kind, symbols=TASK.vocab_size, length=length).to(default_device())
    stages = {int(n): round(u * share) for n, u in CONFIG["updates"][str(length)].items()}
    drawn = chain.from_iterable(islice(batches(n, seed), u) for n, u in stages.items())
    losses = ((cross_entropy(*answers(model, batch)), batch.tokens.numel()) for batch in drawn)
    return model, fit(model, losses, updates=sum(stages.values()), rate=rate)._asdict()


@torch.no_grad()
def scores(model: MixerModel, length: int, pairs: int, split: str) -> tuple[float, float, int]:
    """Returns loss, accuracy and the number of queries of fresh sequences.

    Args:
        model: The model.
        length: Of the sequences.
        pairs: How many each holds.
        split: "valid" or "test"; all arms and seeds get the same.
    """
    source, loss, right, asked = generator(0, "c19", split, length, pairs), 0.0, 0, 0
    for rows in _split(CONFIG["test_sequences"], 100):
        logits, wanted = answers(
            model, TASK.draw(rows, length=length, pairs=pairs, generator=source)
        )
        loss += float(cross_entropy(logits, wanted, reduction="sum"))
        right += int((logits.argmax(-1) == wanted).sum())
        asked += len(wanted)
    return loss / asked, right / asked, asked


def _split(count: int, most: int) -> list[int]:
    return [min(most, count - done) for done in range(0, count, most)]
