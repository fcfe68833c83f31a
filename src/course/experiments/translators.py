"""Two of the zoo's translators on the same sentences, for C1 and C9 (chapters 2 and 6)."""

from __future__ import annotations

from collections.abc import Sequence

from course import metrics, zoo
from course.data.pairs import Example
from course.decoding import translate
from course.metrics.score import Metric
from course.results.records import Row

BEAM = 5
BOOTSTRAP_SAMPLES = 1000
SCORES: tuple[Metric, ...] = ("token_error_rate", "bleu", "chrf")


def translations(translator: zoo.Translator, examples: Sequence[Example]) -> list[str]:
    """Returns the translation of each sentence by beam search.

    Args:
        translator: Of the zoo.
        examples: Sentences.
    """
    texts = [example.src for example in examples]
    found = translate(translator.model, translator.tokenizer, texts, beam=BEAM)
    return [best[0].text for best in found]


def compared(
    x: str,
    arms: tuple[str, str],
    written: tuple[Sequence[str], Sequence[str]],
    examples: Sequence[Example],
    *,
    samples: int,
    seed: int,
) -> list[Row]:
    """Returns the scores of both arms, and of arm `difference` (second − first).

    The difference comes with METRIC_low and METRIC_high, the 95% interval of the paired bootstrap
    over sentences.

    Args:
        x: Of the rows.
        arms: The names of both.
        written: Their translations.
        examples: The sentences with their references.
        samples: Of the bootstrap.
        seed: Of the bootstrap.
    """
    rows: list[Row] = []
    refs, n = [example.refs for example in examples], len(examples)
    for metric in SCORES:
        found = metrics.paired_bootstrap(
            list(written[0]), list(written[1]), refs, metric=metric, samples=samples, seed=seed
        )
        rows += [
            Row(arms[0], seed, x, metric, found.a, n),
            Row(arms[1], seed, x, metric, found.b, n),
        ]
        ends = {"": found.difference, "_low": found.low, "_high": found.high}
        rows += [Row("difference", seed, x, metric + e, v, n) for e, v in ends.items()]
    return rows
