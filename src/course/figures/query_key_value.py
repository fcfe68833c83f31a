"""Figure "Query, key, value": a few tokens ask one another, all numbers shown (chapter 7).

The browser computes it anew at each change, as `course.ops.attention` does; a test holds it equal.
"""

from collections.abc import Sequence

from jaxtyping import Float
from torch import Tensor

from course import plotting
from course.errors import CourseError
from course.figures.base import Figure
from course.figures.still import still
from course.ops.attention import scaled_dot_product_attention

FEATURES = {
    "query": ("seeks noun", "seeks adj."),
    "key": ("is noun", "is adj."),
    "value": ("how many", "how old"),
}


class QueryKeyValue(Figure):
    """Vectors to be changed by the reader, with a scale, masks, and one head or two.

    It begins without the scale, as chapter 7 does.

    Args:
        words: the tokens.
        query: what each seeks, at most 9 in size.
        key: what each is found by, as large.
        value: what each tells, as large.
        features: names of the two numbers of "query", "key" and "value".
        asks: which token's row is worked out at first.

    Raises:
        CourseError: if there is no token, the vectors aren't two numbers for each, one is larger
            than 9, or `asks` is no token's place.
    """

    kind = "query-key-value"

    def __init__(
        self,
        words: Sequence[str],
        query: Float[Tensor, "T 2"],
        key: Float[Tensor, "T 2"],
        value: Float[Tensor, "T 2"],
        *,
        features: dict[str, tuple[str, str]] | None = None,
        asks: int = -1,
    ):
        features = features or FEATURES
        if not -len(words) <= asks < len(words):
            raise CourseError(f"There are {len(words)} tokens; none of them has the place {asks}.")
        for role in (query, key, value):
            if role.shape != (len(words), 2) or role.abs().max() > 9:
                raise CourseError(
                    f"Each of {len(words)} tokens needs two numbers from -9 to 9, for each role."
                )
        read, weights = scaled_dot_product_attention(
            *(role[None, None] for role in (query, key, value)), scale=1.0, return_weights=True
        )
        assert weights is not None
        self.words, self.weights = tuple(words), weights[0, 0]
        columns = [each.tolist() for each in (query, key, value, weights[0, 0], read[0, 0])]
        rows = zip(words, *columns, strict=True)
        super().__init__(
            alt=self._finding(),
            caption="Type other numbers, and every step follows. Queries in amber, keys in sky "
            "blue, values in green; rows ask, columns are read. Computed in your browser.",
            table={
                "columns": ["word", *FEATURES, *(f"weight of {w}" for w in words), "reads"],
                "rows": [
                    [
                        word,
                        _vector(q),
                        _vector(k),
                        _vector(v),
                        *(round(w, 2) for w in ws),
                        _vector(r),
                    ]
                    for word, q, k, v, ws, r in rows
                ],
            },
            data={
                "words": list(words),
                "query": query,
                "key": key,
                "value": value,
                "features": {role: list(names) for role, names in features.items()},
                "scaled": False,
                "asks": asks % len(words),
            },
        )

    def _finding(self) -> str:
        best = self.weights.argmax(1).tolist()
        looks = [
            f"{word} looks most at {self.words[i]} ({self.weights[j, i]:.0%})"
            for j, (word, i) in enumerate(zip(self.words, best, strict=True))
        ]
        return f"Queries, keys and values of {len(best)} words. {'; '.join(looks)}."

    def fallback(self) -> str:
        """Return a heatmap of the weights as they are at first."""
        return still(
            lambda figure: plotting.heatmap(
                figure.subplots(),
                self.weights.tolist(),
                self.words,
                self.words,
                title="Who reads whom",
                x="is read",
                y="asks",
            ),
            alt=self._finding(),
            size=(4.2, 3.2),
        )


def _vector(numbers: Sequence[float]) -> str:
    return "(" + ", ".join(f"{number:.3g}" for number in numbers) + ")"
