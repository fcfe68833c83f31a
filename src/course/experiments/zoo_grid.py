"""The small grid from which the zoo's learning rates were chosen (chapter 2).

All translators of the zoo get the same trials: short runs on a tenth of Tatoeba's training pairs,
with the same share of made and joined ones as the full run, compared by validation loss.
`python -m course.experiments.zoo_grid` repeats it; what it measured is in
`results/zoo_grid.json`, rows `{model, learning_rate, valid_loss, tokens, seconds}`.
"""

import json
import sys
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import torch

from course.data import corpora
from course.data.batching import encode
from course.data.pairs import Pair
from course.data.tokenizer import Tokenizer
from course.model_folder import build
from course.runtime import default_device, generator, set_seed
from course.training import TrainingConfig, train
from course.training.checkpoints import replace_file
from course.zoo import PRESETS, Recipe, training_data

RATES = (2e-3, 4e-3, 8e-3)
TRAINING = TrainingConfig(
    max_updates=350,
    max_tokens=1500,
    warmup=100,
    schedule="linear",
    label_smoothing=0.1,
    eval_every=350,
)
SHARE = 0.1
JOINED = 0.25
GRAMMAR = 0.2
DROPOUT = 0.15
VOCABULARY = 4000


def run(out: Path) -> list[dict[str, float | str]]:
    """Run the grid, or what is missing of it, and return its rows."""
    rows: list[dict[str, float | str]] = []
    if out.exists():
        rows = json.loads(out.read_text(encoding="utf-8"))["rows"]
    corpus = corpora.load("tatoeba")
    tokenizer = Tokenizer.train((t for p in corpus.train for t in p), vocab_size=VOCABULARY)
    order = torch.randperm(len(corpus.train), generator=generator(0, "tenth")).tolist()
    tenth = [corpus.train[i] for i in order[: round(SHARE * len(order))]]
    valid = encode([Pair(example.src, example.refs[0]) for example in corpus.valid], tokenizer)
    done = {(row["model"], row["learning_rate"]) for row in rows}
    for rate in RATES:
        for name, preset in PRESETS.items():
            if (name, rate) in done:
                continue
            training = replace(TRAINING, learning_rate=rate)
            config = replace(preset, vocab_size=len(tokenizer), dropout=DROPOUT)
            recipe = Recipe(
                model=config, training=training, joined_share=JOINED, grammar_share=GRAMMAR
            )
            data = training_data(replace(corpus, train=tenth), tokenizer, recipe)
            set_seed(training.seed)
            last = train(build(config), data, valid, training).rows[-1]
            row = {key: last[key] for key in ("valid_loss", "tokens", "seconds")}
            rows.append({"model": name, "learning_rate": rate, **row})
            text = json.dumps({"device": default_device().type, "rows": rows}, indent=1)
            replace_file(out, lambda path, text=text: path.write_text(text, encoding="utf-8"))
    return rows


if __name__ == "__main__":
    for found in run(Path(str(files("course"))) / "results" / "zoo_grid.json"):
        sys.stdout.write(json.dumps(found) + "\n")
