"""Figure "mask shapes": who may look at whom, what it costs, how far news travels (chapter 10).

The browser computes every mask anew, as `course.ops.efficient.patterns` does, random blocks
included: it has the generator that PyTorch has. A test holds them equal.
"""

from typing import Any

import torch
from jaxtyping import Bool
from matplotlib.figure import Figure as Canvas
from torch import Tensor

from course import plotting
from course.figures.base import Figure
from course.figures.still import still
from course.ops.efficient.patterns import (
    bigbird_layout,
    block_mask,
    sliding_window_mask,
    strided_mask,
)

NAMES = {
    "all": "all",
    "window": "window",
    "dilated": "dilated window",
    "strided": "strided",
    "global": "global words",
    "blocks": "blocks",
    "bigbird": "BigBird",
}
PATTERNS: dict[str, dict[str, Any]] = {
    "all": {"causal": True},
    "window": {"causal": True, "window": 6},
    "dilated": {"causal": True, "window": 6, "dilation": 3},
    "strided": {"causal": True, "stride": 6},
    "global": {"causal": False, "window": 3, "num_global": 1},
    "blocks": {"causal": False, "block": 4, "window": 2},
    "bigbird": {"causal": False, "block": 4, "window": 2, "num_global": 1, "num_random": 1},
}
"""The settings that each pattern begins with, named as in `course.ops.efficient.patterns`."""


class MaskShapes(Figure):
    """A map of all pairs for each pattern, with the layers through which one word has its news.

    Args:
        length: how many words there are at first.
        asks: the word that is looked at.
        layers: through how many.
        seed: of random blocks, from 0 to 2³² - 1.
    """

    kind = "mask-shapes"

    def __init__(self, *, length: int = 32, asks: int = 20, layers: int = 3, seed: int = 10):
        self.masks = {name: mask(name, length, seed, **s) for name, s in PATTERNS.items()}
        rows = [_row(name, each) for name, each in self.masks.items()]
        told = "; ".join(f"{row[0]} {row[2]} pairs, {row[5]:.0%} heard of" for row in rows)
        super().__init__(
            alt=f"Maps of who may look at whom among {length} words, {length**2} pairs in all, and "
            f"how much of what may be heard has been heard after enough layers: {told}. A window "
            "needs few pairs and many layers, a dilated one never hears of everybody.",
            caption="Choose a pattern, change its numbers, and point at a row of the map or move "
            "the asking word: whom it sees, and whose news reaches it through some layers. "
            "Computed in your browser.",
            table={
                "columns": [
                    "pattern",
                    "looks back only",
                    "pairs",
                    "share of all",
                    "layers until news stops",
                    "share that is heard of",
                ],
                "rows": rows,
            },
            data={
                "length": length,
                "asks": asks,
                "layers": layers,
                "seed": seed,
                "patterns": [{"name": name, **settings} for name, settings in PATTERNS.items()],
            },
        )

    def fallback(self) -> str:
        """Return the maps of all patterns."""
        return still(self._draw, alt=self.data["alt"], size=(9.6, 5.6))

    def _draw(self, figure: Canvas) -> None:
        axes = figure.subplots(2, 4).flatten()
        for ax, (name, seen) in zip(axes, self.masks.items(), strict=False):
            words = [""] * len(seen)
            share = seen.float().mean().item()
            title = f"{NAMES[name]}\n{share:.0%} of all pairs"
            plotting.heatmap(ax, seen, words, words, title=title, x="", y="", numbers=False)
            ax.set_aspect("equal")
            ax.spines[:].set_visible(True)
        axes[-1].axis("off")


def mask(
    name: str, length: int, seed: int, *, causal: bool, block: int = 1, **settings: int
) -> Bool[Tensor, "{length} {length}"]:
    """Return the mask of a pattern.

    Args:
        name: one of `PATTERNS`.
        length: how many words there are.
        seed: of random blocks.
        causal: whether a word sees nothing behind itself.
        block: how many words a block has; without blocks, one.
        settings: what else the pattern has, as in `PATTERNS`.
    """
    if name == "all":
        return sliding_window_mask(length, window=length, causal=causal)
    if name in ("window", "dilated"):
        return sliding_window_mask(length, causal=causal, **settings)
    if name == "strided":
        return strided_mask(length, causal=causal, **settings)
    layout = bigbird_layout(
        -(-length // block),
        causal=causal,
        generator=torch.Generator().manual_seed(seed),
        **{"num_global": 0, "num_random": 0, **settings},
    )
    return block_mask(layout, length, block=block, causal=causal)


def spread(seen: Bool[Tensor, "T T"]) -> tuple[int, Bool[Tensor, "T T"]]:
    """Return after how many layers news has travelled as far as it ever will, and who then knows.

    Args:
        seen: who (row) sees whom (column); each word sees itself.
    """
    heard, layers = seen, 1
    while True:
        further = (heard.float() @ seen.float()) > 0
        if torch.equal(further, heard):
            return layers, heard
        heard, layers = further, layers + 1


def _row(name: str, seen: Tensor) -> list[Any]:
    causal = PATTERNS[name]["causal"]
    layers, heard = spread(seen)
    length, pairs = len(seen), int(seen.sum())
    most = length * (length + 1) // 2 if causal else length**2
    return [
        NAMES[name],
        "yes" if causal else "no",
        pairs,
        round(pairs / length**2, 3),
        layers,
        round(int(heard.sum()) / most, 3),
    ]
