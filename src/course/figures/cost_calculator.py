"""Figure "Cost calculator": what each attention multiplies, holds and keeps (chapter 10).

The browser counts as `course.ops.efficient.costs` does, for any sizes; a test holds them equal.
Times are those of the records of C18, never computed.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from matplotlib.figure import Figure as Canvas

from course import plotting, results
from course.figures.base import Figure
from course.figures.still import still
from course.ops.efficient import costs
from course.ops.efficient.patterns import bigbird_layout

BLOCK = 64
"""Words of a block, a tile, a chunk; a word stands for whatever is read at one position."""
CHAPTER = {"heads": 4, "width": 256, "layers": 1, "bytes": 2, "reach": 256, "block": BLOCK}
LARGE = {"heads": 32, "width": 4096, "layers": 32, "bytes": 2, "reach": 256, "block": BLOCK}
NAMES = {
    "full": "full",
    "fused": "fused",
    "groups": "2 groups",
    "window": "window",
    "bigbird": "BigBird",
    "lowRank": "low rank",
    "random": "random features",
    "linear": "linear",
    "gated": "gated",
    "delta": "gated delta",
}
RECORDED = {
    "plain": "full",
    "fused": "fused",
    "window": "window",
    "bigbird": "bigbird",
    "low-rank": "lowRank",
    "performer": "random",
    "linear": "linear",
    "gated": "gated",
    "delta": "delta",
}
DRAWN = {"full": "none", "fused": "source", "window": "key", "random": "query"}
DRAWN |= {"linear": "attention"}


class CostCalculator(Figure):
    """Ten kinds of attention, their costs by length, and where a GPU's memory ends.

    Args:
        lengths: for the table and the still picture, in rising order.
    """

    kind = "cost-calculator"

    def __init__(self, lengths: Sequence[int] = (512, 4096, 16_384, 131_072)):
        self.lengths = list(lengths)
        self.counted = {n: menu(n) for n in self.lengths}
        rows = [
            [NAMES[kind], n, cost.multiplications, cost.bytes_held(2), cost.cache_bytes(2)]
            for n, counted in self.counted.items()
            for kind, cost in counted.items()
        ]
        last = self.counted[self.lengths[-1]]
        told = (f"{NAMES[kind]} {cost.multiplications:.2g}" for kind, cost in last.items())
        super().__init__(
            alt="Multiplications, bytes held and bytes kept against the number of words, for ten "
            f"kinds of attention. At {self.lengths[-1]:,} words, multiplications: "
            f"{', '.join(told)}. Steep lines of those that let all pairs meet cross the flatter "
            "ones of the others.",
            caption="Choose what is read, or drag the upright line. Computed in your browser, "
            "exactly: causal attention in reading, without projections and weights; a head is as "
            "wide as the model's width divided by the heads. Blocks and chunks are of 64. "
            "Times are measured, by the records of C18.",
            table={
                "columns": ["attention", "words", "multiplications", "bytes held", "bytes kept"],
                "rows": rows,
            },
            data={
                "models": {"chapter": CHAPTER, "large": LARGE},
                "measured": [measured("c18_cost"), measured("c18_gpu")],
            },
        )

    def fallback(self) -> str:
        """Return a picture of the multiplications, both axes logarithmic."""
        return still(self._draw, alt=self.data["alt"], size=(8.5, 4.6))

    def _draw(self, figure: Canvas) -> None:
        ax = figure.subplots()
        ax.set_xscale("log", base=2)
        ax.set_yscale("log")
        ax.set_xticks(self.lengths, [f"{n:,}" for n in self.lengths])
        ax.minorticks_off()
        work = {
            kind: [counted[kind].multiplications for counted in self.counted.values()]
            for kind in DRAWN
        }
        series = [
            plotting.Series(NAMES[kind], self.lengths, work[kind], role=role)
            for kind, role in DRAWN.items()
        ]
        title = "Flatter lines win, beyond their crossing"
        plotting.lines(ax, series, x="words", y="multiplications", title=title)


@cache
def menu(
    n: int, *, heads: int = 4, width: int = 256, reach: int = 256
) -> Mapping[str, costs.AttentionCost]:
    """Return the cost of one layer's attention on n words, by kind (`NAMES`).

    Args:
        n: words.
        heads: H.
        width: of all heads together.
        reach: how many a kind reads that reads a few: a window, a rank, random features, blocks.
    """
    each = width // heads
    s = costs.Sizes(length=n, heads=heads, d_key=each, d_value=each)
    drawn = reach // BLOCK - 3  # besides the block itself, the one before and the first
    seen = bigbird_layout(-(-n // BLOCK), window=2, num_global=1, num_random=drawn, causal=True)
    return {
        "full": costs.full_cost(s),
        "fused": costs.tiled_cost(s, block=BLOCK, causal=True),
        "groups": costs.full_cost(s, groups=min(2, heads)),
        "window": costs.sliding_window_cost(s, window=reach, causal=True),
        "bigbird": costs.block_sparse_cost(s, seen, block=BLOCK),
        "lowRank": costs.low_rank_cost(s, rank=min(reach, n)),
        "random": costs.linear_cost(s, causal=True, chunk=BLOCK, features=reach),
        "linear": costs.linear_cost(s, causal=True, chunk=BLOCK),
        "gated": costs.gated_linear_cost(s, chunk=BLOCK),
        "delta": costs.gated_delta_cost(s, chunk=BLOCK),
    }


def measured(name: str) -> dict[str, Any]:
    """Return the times of a record of C18, attention alone.

    Each point is its length, the mean, lowest and highest seconds, and the peak of memory in bytes.

    Args:
        name: "c18_cost" or "c18_gpu".
    """
    record = results.load(name)
    kinds: dict[str, dict[str, list[list[float]]]] = {}
    for arm, kind in RECORDED.items():
        for task in ("forward", "training"):
            found: dict[int, list[float]] = {}
            for row in record.select(arm=arm, metric=task):
                found.setdefault(int(row.x), []).append(row.value)
            peak = {int(r.x): r.value for r in record.select(arm=arm, metric=f"{task}-bytes")}
            points = [
                [n, sum(each) / len(each), min(each), max(each), peak[n]]
                for n, each in sorted(found.items())
            ]
            if points:
                kinds.setdefault(kind, {})[task] = points
    env, bits = record.env, "".join(filter(str.isdigit, record.config["dtype"]))
    cores = f"{env['threads']} CPU cores" if env["device"] == "cpu" else env["processor"]
    return {
        "machine": f"{cores}, {bits} bits",
        "repetitions": len({row.seed for row in record.rows}),
        "kinds": kinds,
    }
