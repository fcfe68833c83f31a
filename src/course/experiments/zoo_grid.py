"""The small grid from which the zoo's training was chosen (chapter 2).

All translators of the zoo get the same trials: the first ninth of the whole run, on the whole run's
data, batches and schedule, compared by validation loss. First the rates; then, at its best rate,
each once more without dropout and label smoothing. The rates were chosen by it. Whether to
regularise was not: early on every model learns faster without, so whole runs had to tell.

`python -m course.experiments.zoo_grid RUNS` repeats it, in a folder of its own for each trial. What
it measured is in `results/zoo_grid.json`, rows with `model`, `learning_rate`, `regularised`,
`valid_loss` and `tokens`. A trial can be continued to the whole run by `course train --out` on its
folder.
"""

import json
import sys
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

from course.data import corpora
from course.runtime import default_device
from course.training import TrainingConfig
from course.training.checkpoints import replace_file
from course.zoo import PRESETS, Recipe, fit

RATES = (1e-3, 2e-3, 4e-3)
UPDATES = 1000
TRAINING = TrainingConfig(
    max_updates=9000,
    max_tokens=1500,
    warmup=300,
    schedule="linear",
    eval_every=500,
)
JOINED = 0.25
GRAMMAR = 0.2
DROPOUT = 0.15
SMOOTHING = 0.1


def recipe(model: str, rate: float, *, regularised: bool) -> Recipe:
    """What a trial, and the whole run that it begins, trains and how.

    Args:
        model: a name in `course.zoo.PRESETS`.
        rate: the peak learning rate.
        regularised: whether with dropout and label smoothing.
    """
    dropout, smoothing = (DROPOUT, SMOOTHING) if regularised else (0.0, 0.0)
    return Recipe(
        model=replace(PRESETS[model], dropout=dropout),
        training=replace(TRAINING, learning_rate=rate, label_smoothing=smoothing),
        joined_share=JOINED,
        grammar_share=GRAMMAR,
    )


def run(runs: Path, out: Path) -> list[dict[str, Any]]:
    """Run the grid, or what is missing of it, and return its rows.

    Args:
        runs: where each trial gets a folder.
        out: the file that keeps the rows.
    """
    rows = json.loads(out.read_text(encoding="utf-8"))["rows"] if out.exists() else []
    corpus = corpora.load("tatoeba")

    def measure(model: str, rate: float, regularised: bool) -> float:
        trial = {"model": model, "learning_rate": rate, "regularised": regularised}
        for row in rows:
            if trial.items() <= row.items():
                return row["valid_loss"]
        folder = runs / f"{model}-{rate:g}-{'regularised' if regularised else 'plain'}"
        made = recipe(model, rate, regularised=regularised)
        _, _, history = fit(corpus, made, folder, until=UPDATES)
        last = next(row for row in history.rows if row["update"] == UPDATES)
        rows.append(trial | {key: last[key] for key in ("valid_loss", "tokens")})
        text = json.dumps({"device": default_device().type, "rows": rows}, indent=1)
        replace_file(out, lambda path: path.write_text(text, encoding="utf-8"))
        return last["valid_loss"]

    for model in PRESETS:
        best = min(RATES, key=lambda rate: measure(model, rate, True))
        measure(model, best, False)
    return rows


if __name__ == "__main__":
    for found in run(Path(sys.argv[1]), Path(str(files("course"))) / "results" / "zoo_grid.json"):
        sys.stdout.write(json.dumps(found) + "\n")
