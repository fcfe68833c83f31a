"""Figure "Speed of sight": a GRU word by word beside a Transformer at once (chapter 8).

The clock is driven by what `c10_parallel` and `c10_gpu` measured: one layer of each kind, equally
many parameters, in microseconds a word.
"""

from typing import Any

from matplotlib.figure import Figure as Canvas

from course import experiments, results
from course.experiments.rules import by_seed, interval
from course.figures.base import Figure
from course.figures.palette import mark
from course.figures.still import still
from course.results import Record

RECORDS = {"CPU": "c10_parallel", "GPU": "c10_gpu"}
KINDS = {"gru": "GRU", "transformer": "Transformer"}
MODES = {"training": "training", "prefill": "reading", "generation": "writing"}
LENGTHS = (16, 32, 64, 128, 256, 512)


class SpeedOfSight(Figure):
    """A race of two layers against a clock, on either machine, in training, reading and writing.

    Args:
        records: the measurement of each machine, by the machine's name; those of claim C10 by
            default.
    """

    kind = "speed-of-sight"

    def __init__(self, records: dict[str, Record] | None = None):
        records = records or {name: results.load(record) for name, record in RECORDS.items()}
        self.runs = {name: _runs(record) for name, record in records.items()}
        first, longest = next(iter(records.values())), len(LENGTHS) - 1
        reading = {name: run["prefill"][longest]["ratio"][0] for name, run in self.runs.items()}
        writing = {name: run["generation"][longest]["ratio"][0] for name, run in self.runs.items()}
        super().__init__(
            alt=f"A GRU and a Transformer layer race against the measured clock. Reading "
            f"{LENGTHS[-1]} words takes the GRU {_each(reading)} times as long as the Transformer; "
            f"writing a word after {LENGTHS[-1]} takes it {_each(writing)} times as long: there "
            "the GRU wins by far.",
            caption="Guess who is first, then start the race; then try another machine, writing "
            "in place of reading, or few words. One layer of each kind, equally many parameters, "
            "measured side by side; shown is the mean. Only the totals are measured: in between, "
            "all is drawn at an even pace, and the way back in training as long as the way there.",
            table=self._table(),
            data={
                "lengths": LENGTHS,
                "written": first.config["generated"],
                "measured": len({row.seed for row in first.rows}),
                "machines": {
                    name: {
                        "processor": record.env["processor"],
                        "threads": record.env["threads"],
                        "batch": record.config["tokens_a_batch"],
                        "runs": self.runs[name],
                    }
                    for name, record in records.items()
                },
                "chain": {kind: [_chain(first, kind, n) for n in LENGTHS] for kind in KINDS},
            },
        )

    def _table(self) -> dict[str, list]:
        rows = [
            [machine, name, length, *(round(run[kind], 2) for kind in KINDS)]
            + [round(number, 2) for number in run["ratio"]]
            for machine, modes in self.runs.items()
            for mode, name in MODES.items()
            for length, run in zip(LENGTHS, modes[mode], strict=True)
        ]
        times = (f"{name}, µs a word" for name in KINDS.values())
        columns = ["machine", "doing", "words", *times, "times as long", "low", "high"]
        return {"columns": columns, "rows": rows}

    def fallback(self) -> str:
        """Return bars of the time a word of the longest texts."""
        return still(self._draw, alt=self.data["alt"], size=(9.0, 4.4))

    def _draw(self, figure: Canvas) -> None:
        axes = figure.subplots(len(self.runs), len(MODES))
        for row, (machine, modes) in zip(axes, self.runs.items(), strict=True):
            for ax, (mode, name) in zip(row, MODES.items(), strict=True):
                times = [modes[mode][-1][kind] for kind in KINDS]
                ax.barh([*KINDS.values()], times, color=[mark("none"), mark("attention")])
                labels = [f"{time:,.3g}" if time < 100 else f"{time:,.0f}" for time in times]
                ax.bar_label(ax.containers[0], labels, padding=3)
                ax.set(xlim=(0, 1.25 * max(times)), title=f"{machine}, {name}", xlabel="µs a word")
                ax.invert_yaxis()
        figure.suptitle(f"{LENGTHS[-1]} words: who is faster depends on what is done")


def _runs(record: Record) -> dict[str, list[dict[str, Any]]]:
    """Return for each mode and length both times, and the ratio with its interval."""
    summary = experiments.get("c10_parallel").summary(record.rows)
    return {
        mode: [
            {kind: _time(record, kind, mode, length) for kind in KINDS}
            | {"ratio": [summary[f"{mode}.gru.{length}{end}"] for end in ("", ".low", ".high")]}
            for length in LENGTHS
        ]
        for mode in MODES
    }


def _time(record: Record, kind: str, mode: str, length: int) -> float:
    """Return the mean microseconds a word."""
    return interval(by_seed(record.rows, arm=kind, metric=mode, x=[length]).values()).mean


def _chain(record: Record, kind: str, length: int) -> int:
    return int(_time(record, kind, "chain", length))


def _each(numbers: dict[str, float]) -> str:
    return " and ".join(f"{number:.2f} (on a {name})" for name, number in numbers.items())
