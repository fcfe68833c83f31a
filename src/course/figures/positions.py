"""Figure "Positional encodings": a picture of each scheme, similarity against distance (chapter 7).

The browser computes waves, turns and prices anew, as `course.ops.positions` does; a test holds
them equal.
"""

import torch
from matplotlib.figure import Figure as Canvas
from torch import Tensor
from torch.nn.functional import cosine_similarity

from course import plotting
from course.figures.base import Figure
from course.figures.still import still
from course.ops.positions import alibi, alibi_slopes, rotate, sinusoidal
from course.runtime import generator

NAMES = {"sinusoidal": "waves", "learned": "learnt table", "rotary": "rotary", "alibi": "ALiBi"}


class Positions(Figure):
    """Waves, a learnt table before learning, rotary and ALiBi, with two places to be moved.

    Args:
        places: how many positions.
        width: of the vectors, an even number.
        num_heads: of ALiBi.
        seed: of the learnt table as learning finds it, and of rotary's one query and one key.
    """

    kind = "positions"

    def __init__(self, *, places: int = 24, width: int = 16, num_heads: int = 4, seed: int = 7):
        g = generator(seed, "positions")
        learned = torch.randn(places, width, generator=g)
        query, key = torch.randn(2, width, generator=g)
        self.pairs = pair_values(learned, query, key, num_heads)
        distances = range(-(places // 2), places // 2, max(places // 6, 1))
        middle = places // 2
        super().__init__(
            alt=f"Maps of {places} by {places} places for four schemes. With waves, rotary "
            "positions and ALiBi the value of a pair depends on the distance of its places alone, "
            "with a learnt table before learning on nothing that can be seen. Rotary tells left "
            "from right; waves and ALiBi don't.",
            caption="Choose a scheme, then move a place: drag it in a map or on the curve, or use "
            "the sliders. One query and one key, drawn at random, stand for all in the rotary "
            "scheme. Computed in your browser.",
            table={
                "columns": ["distance", *NAMES.values()],
                "rows": [
                    [d, *(round(values[middle, middle + d].item(), 2) for values in self.pairs)]
                    for d in distances
                ],
            },
            data={
                "places": places,
                "width": width,
                "learned": learned,
                "query": query,
                "key": key,
                "slopes": alibi_slopes(num_heads),
            },
        )

    def fallback(self) -> str:
        """Return the maps of all pairs, one for each scheme."""
        return still(self._draw, alt=self.data["alt"], size=(9.6, 2.9))

    def _draw(self, figure: Canvas) -> None:
        places = [str(i) if i % 6 == 0 else "" for i in range(len(self.pairs[0]))]
        for ax, name, values in zip(figure.subplots(1, 4), NAMES.values(), self.pairs, strict=True):
            low, high = values.min().item(), values.max().item()
            plotting.heatmap(
                ax,
                values.tolist(),
                places,
                places,
                title=name,
                x="is read",
                y="asks",
                low=low,
                high=high,
                numbers=False,
            )


def pair_values(learned: Tensor, query: Tensor, key: Tensor, num_heads: int) -> list[Tensor]:
    """Return the value of each pair of places, (T, T), for each scheme of `NAMES`.

    Waves: dot product, a place with itself 1. Learnt table: cosine. Rotary: the score of one query
    and one key. ALiBi: what the first head adds to a score.

    Args:
        learned: the table, (T, D).
        query: (D,).
        key: (D,).
        num_heads: of ALiBi.
    """
    places, width = learned.shape
    where = torch.arange(float(places))
    waves = sinusoidal(where, width)
    q, k = (rotate(v.expand(1, 1, places, width), where)[0, 0] for v in (query, key))
    return [
        waves @ waves.T / (width / 2),
        cosine_similarity(learned[:, None], learned[None], dim=-1),
        q @ k.T / width**0.5,
        alibi(where, where, num_heads)[0],
    ]
