"""Figure "Bottleneck": one vector beside a look at every place, sentence by sentence (chapter 2).

A text grows by one sentence at a time. Two translators of the zoo, equal in size, translate it at
each length, and what was recorded of them (and of models trained on simpler things) says how many
errors a word to expect there.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from matplotlib.figure import Figure as Canvas

from course import plotting, results
from course.data import grammar
from course.data.pairs import Pair
from course.decoding import translate
from course.decoding.translating import Translation
from course.errors import CourseError
from course.experiments import slips
from course.experiments.rules import by_seed, interval
from course.figures.base import Figure
from course.figures.still import still
from course.metrics import edit_distance, word_weights
from course.runtime import generator
from course.zoo import Translator

BEAM = 5  # as in the record of these two translators
BINS = ("1-4", "5-8", "9-12", "13-16", "17-24", "25-40")
SENTENCES, WORDS = 10, 4
LONGEST = 16
"""What the models of the laboratory were trained up to, in words or symbols."""
NAMES = {
    "real": "real sentences",
    "grammar": "sentences of one structure",
    "symbols": "rows of symbols",
}
COLUMNS = ["measured on", "length", "one vector", "low", "high", "attention", "low", "high"]


class Point(NamedTuple):
    """What was measured at one length, or in one range of lengths: errors per word.

    Attributes:
        words: the shortest and the longest source.
        vector: without attention.
        attention: with it.
    """

    words: tuple[int, int]
    vector: tuple[float, float | None, float | None]
    attention: tuple[float, float | None, float | None]


class Bottleneck(Figure):
    """A growing text through one vector and through attention, and then the measured curve.

    Args:
        vector: a translator without attention.
        attending: one with attention.
        sentences: the text, sentence by sentence; by default ten from our grammar, of four words.

    Raises:
        CourseError: if the second translator has no attention.
    """

    kind = "bottleneck"

    def __init__(
        self,
        vector: Translator,
        attending: Translator,
        sentences: Sequence[Pair] | None = None,
    ):
        sentences = text() if sentences is None else sentences
        ends = range(1, len(sentences) + 1)
        sources, references = (
            [" ".join(pair[side] for pair in sentences[:end]) for end in ends] for side in (0, 1)
        )
        written = [_write(each, sources) for each in (vector, attending)]
        if written[1][0].hypothesis.weights is None:
            raise CourseError(f"{attending.name} has no attention: give it as the first one.")
        self.real = real_sentences()
        passes = [
            {
                "source": source.split(),
                "pieces": len(other.src_words) + 1,  # the end token has a place, too
                "reference": reference,
                "vector": _scored(one, reference),
                "attention": {**_scored(other, reference), "weights": _percent(other)},
            }
            for source, reference, one, other in zip(sources, references, *written, strict=True)
        ]
        curves = {
            "real": (self.real, None),
            "grammar": (seeds("c01_grammar", "grammar"), LONGEST),
            "symbols": (seeds("c01_bottleneck", "reverse"), LONGEST),
        }
        last = passes[-1]
        super().__init__(
            alt=f"{self._finding()} In the example, at {len(last['source'])} words, one vector "
            f"makes {last['vector']['errors']:.2f} errors per word, attention "
            f"{last['attention']['errors']:.2f}.",
            caption="Drag the length, and the word that is written. Above: one text, and what two "
            "translators of the zoo make of it (beam 5). It "
            "is one example. Below: errors per word as measured, on Tatoeba for these two "
            "translators, with the 95% interval of their difference; on sentences and symbols for "
            "models trained on them, mean and 95% interval over five seeds.",
            table={
                "columns": COLUMNS,
                "rows": [
                    [NAMES[name], _range(point.words), *point.vector, *point.attention]
                    for name, (points, _) in curves.items()
                    for point in points
                ],
            },
            data={
                "passes": passes,
                "curves": [
                    {"name": name, "points": [p._asdict() for p in points], "trained": trained}
                    for name, (points, trained) in curves.items()
                ],
                "width": vector.model.config.d_model,
                "places": attending.model.config.d_model,
            },
        )

    def _finding(self) -> str:
        first, last = self.real[0], self.real[-1]
        return (
            f"Errors per word on real sentences: at {_range(first.words)} words one vector "
            f"{first.vector[0]:.2f}, attention {first.attention[0]:.2f}; at {_range(last.words)} "
            f"words one vector {last.vector[0]:.2f}, attention {last.attention[0]:.2f}."
        )

    def fallback(self) -> str:
        """Return the measured curve on real sentences."""
        return still(self._draw, alt=self._finding(), size=(6.4, 3.4))

    def _draw(self, figure: Canvas) -> None:
        ax, places = figure.subplots(), range(len(self.real))
        ax.set_xticks(places, [_range(point.words) for point in self.real])
        series = []
        for label, role in (("one vector", "none"), ("attention", "attention")):
            values = [point.vector if role == "none" else point.attention for point in self.real]
            y = [value[0] for value in values]
            low = [value[1] for value in values if value[1] is not None]
            high = [value[2] for value in values if value[2] is not None]
            series.append(
                plotting.Series(label, places, y, low=low or None, high=high or None, role=role)
            )
        plotting.lines(
            ax,
            series,
            x="source length (words)",
            y="errors per word",
            title="With one vector, errors rise with length",
        )


def text() -> list[Pair]:
    """Return sentences of our grammar, each of four English words."""
    drawn = grammar.sample(SENTENCES, generator=generator(1, "bottleneck"), words=(WORDS, WORDS))
    return [Pair(each.src, each.tgt) for each in drawn]


def real_sentences() -> list[Point]:
    """Return what was measured on Tatoeba, by range of lengths.

    The interval is that of the paired difference, set around the model without attention.
    """
    found = []
    for name in BINS:
        key = f"{name}/token_error_rate"
        vector, attention = (results.value(f"c01_tatoeba/{a}/{key}") for a in ("gru", "bahdanau"))
        low, high = (
            results.value(f"c01_tatoeba/difference/{key}_{end}") for end in ("low", "high")
        )
        shortest, longest = map(int, name.split("-"))
        found.append(
            Point(
                (shortest, longest), (vector, None, None), (attention, vector + low, vector + high)
            )
        )
    return found


def seeds(record: str, task: str) -> list[Point]:
    """Return what was measured at single lengths: mean and 95% interval over the seeds.

    Args:
        record: "c01_grammar" or "c01_bottleneck".
        task: whose arms are TASK.every-step and TASK.attention, with equally many parameters.
    """
    rows = [row for row in results.load(record).rows if row.metric == "token_error_rate"]
    lengths = sorted({row.x for row in rows if isinstance(row.x, int)})

    def at(kind: str, n: int) -> tuple[float, float, float]:
        values = by_seed(rows, arm=f"{task}.{kind}", metric="token_error_rate", x=[n]).values()
        return interval(values)[:3]

    return [Point((n, n), at("every-step", n), at("attention", n)) for n in lengths]


def _write(translator: Translator, sources: Sequence[str]) -> list[Translation]:
    found = translate(
        translator.model, translator.tokenizer, sources, beam=BEAM, return_weights=True
    )
    return [best[0] for best in found]


def _scored(written: Translation, reference: str) -> dict[str, Any]:
    """The words of a translation, which of them the reference lacks, and errors per word."""
    words, wanted = written.text.split(), reference.split()
    number = {word: i for i, word in enumerate([*words, *wanted])}
    output, aim = ([number[word] for word in side] for side in (words, wanted))
    return {
        "words": words,
        "wrong": [i for i, gone in enumerate(slips.missed(aim, output)) if gone],
        "errors": edit_distance(output, aim) / len(aim),
    }


def _percent(written: Translation) -> list[list[int]]:
    """Attention of each target word (rows) over the source words, in per cent."""
    assert written.hypothesis.weights is not None
    weights = word_weights(
        written.hypothesis.weights[:, 0, 0], written.src_words, written.tgt_words
    )
    return (100 * weights).round().int().tolist()


def _range(words: tuple[int, int]) -> str:
    low, high = words
    return str(low) if low == high else f"{low} to {high}"
