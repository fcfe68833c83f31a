"""C19, beside recall: cheap attention in place of a trained model's own, untrained (chapter 10).

Queries, keys and values are those of the zoo's Transformer (`tatoeba-en-fr-transformer`), of all
heads of its encoder, which sees both ways, on sentences of the grammar put one behind the other, 64
subwords in all (about as long as what it learnt from) and 256 (longer). Nothing is fitted to the
approximations: that is what models *trained* with them are for (`c19_recall`).

Arms are the kinds; a budget is how many keys, rows or features each query gets.

- `window`: the nearest keys; `bigbird`: blocks of four, three around, the first, others at random
- `pooled`: each key and value stands for its neighbours, their mean; `projected`: random mixtures
  of all, as in Linformer's proof; `best-rank`: the weights' own best approximation of that rank, by
  their singular values, which no such mixture can beat
- `performer`: positive orthogonal random features; `linear` (budget 0): elu + 1

Rows at x = LENGTH.BUDGET, means over texts and heads: `error`, `weights` and `kl` (see
`real_attention.errors`), and `error-LAYER.HEAD`. A seed draws sentences and random numbers.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import torch

from course import zoo
from course.experiments import nearness
from course.experiments.real_attention import BLOCK, WEIGHTS, Heads, errors, heads_of, texts
from course.experiments.rules import Verdict, by_seed, flat, interval
from course.experiments.runner import Arm
from course.models.transformer import Transformer
from course.results.records import Row
from course.runtime import generator

CLAIM = "C19"
HYPOTHESIS = (
    "In place of a trained translator's own attention, on 64 subwords, untrained and with a "
    "quarter as many keys, rows or features as positions, sparse, low-rank, kernel and linear "
    "attention give outputs at most 0.1 away from the true ones, in relation to their size."
)
SMALLEST_EFFECT = 0.1
"""In the relative distance of outputs."""
DECIDING = 64
SHARE = 4
"""The deciding budget is the length over this; `linear` has none."""
FAMILIES = {
    "sparse": ("window", "bigbird"),
    "low-rank": ("pooled", "projected"),
    "kernel": ("performer",),
    "linear": ("linear",),
}
FEATURES = {"performer": (16, 64, 256, 1024), "linear": (0,)}
BUDGETS = {
    64: dict.fromkeys(WEIGHTS, (8, 16, 32)) | {"bigbird": (16, 32)} | FEATURES,
    256: dict.fromkeys(WEIGHTS, (32, 64, 128)) | FEATURES,
}
"""By length and kind; fewer than four blocks are no BigBird."""
CONFIG = {
    "model": "tatoeba-en-fr-transformer",
    "texts": 8,
    "block": BLOCK,
    "budgets": {str(n): {k: list(b) for k, b in of.items()} for n, of in BUDGETS.items()},
}
ARMS = tuple(Arm(name=kind, seconds=10) for kind in WEIGHTS)


@cache
def heads(length: int, seed: int) -> list[Heads]:
    """Returns what the heads of each layer compute with, on texts of one length.

    Args:
        length: In subwords.
        seed: Of the texts.
    """
    translator = zoo.load(CONFIG["model"], device=torch.device("cpu"))
    if not isinstance(translator.model, Transformer):
        raise TypeError("Queries and keys are taken from a Transformer.")
    ids = texts(translator, CONFIG["texts"], length, generator(seed, "c19", "texts", length))
    return heads_of(translator.model, ids)


def measure(arm: str, seed: int, rate: float) -> list[Row]:
    """Measures one approximation on the same texts as the others.

    Args:
        arm: The kind.
        seed: Of texts and random numbers.
        rate: Not used: nothing is trained.
    """
    rows = []
    for length, budgets in BUDGETS.items():
        for budget in budgets[arm]:
            source = generator(seed, "c19", arm, length, budget)
            found = [errors(h, WEIGHTS[arm](h, budget, source)) for h in heads(length, seed)]
            x, n = f"{length}.{budget}", CONFIG["texts"]
            for metric in found[0].keys() & found[-1].keys():
                values = torch.stack([layer[metric] for layer in found], 1)  # (B, layers, H)
                rows.append(Row(arm, seed, x, metric, float(values.mean()), values.numel()))
                if metric == "error":
                    rows += [
                        Row(arm, seed, x, f"error-{layer + 1}.{head + 1}", float(value), n)
                        for layer, of_layer in enumerate(values.mean(0))
                        for head, value in enumerate(of_layer)
                    ]
    return sorted(rows, key=lambda row: (str(row.x), row.metric))


def summary(rows: Iterable[Row]) -> dict[str, float]:
    """Returns errors where it is decided.

    Keys, each with `.low` and `.high`: KIND, its error on 64 subwords with the deciding budget; and
    for each family `.gap`, that of the better of its kinds, by the mean.

    Args:
        rows: The rows of the record.
    """
    rows, found = list(rows), {}
    for kind in WEIGHTS:
        budget = 0 if kind == "linear" else DECIDING // SHARE
        values = by_seed(rows, arm=kind, metric="error", x=[f"{DECIDING}.{budget}"])
        found[kind] = interval(values.values())
    best = {
        f: min((found[k] for k in kinds), key=lambda v: v.mean) for f, kinds in FAMILIES.items()
    }
    return flat(**found) | flat(**{f"{family}__gap": value for family, value in best.items()})


def verdict(rows: Iterable[Row]) -> Verdict:
    """Judges the hypothesis; see `nearness.judge`.

    Args:
        rows: The rows of the record.
    """
    return nearness.judge(summary(rows), SMALLEST_EFFECT, FAMILIES)


RULE = (
    HYPOTHESIS,
    SMALLEST_EFFECT,
    repr((DECIDING, SHARE, FAMILIES)),
    summary,
    verdict,
    nearness.judge,
)
