"""C23 on Multi30k: the ladder trained on 29,000 captions, English to French (chapter 8).

The recipes of the zoo (`course.zoo.PRESETS`: equally many parameters within 2%) learn from
Multi30k's training pairs alone, with a tokenizer made from them: the same batches in the same
order, dropout and label smoothing. Each learning rate is tried on the first quarter of its run; the
rate with the lowest validation loss goes on to the end of that run, and the weights that validated
best are kept. A run takes a few epochs only and each model is trained once: this compares what they
learn in that time, with intervals over test sentences. Not tried: other amounts of dropout and
smoothing for any of them, larger models, longer runs.

Rows are those of `course.experiments.ladder` at x = "all", the test of 2016, which nothing before
the arm `difference` reads; and of the arm `speed`, x = a model: `times_gru`, how long an update
takes against one of the GRU on the same batch (the median of many, with _low and _high, the
quartiles), measured side by side. On a CPU that is processor time, so that other programs do not
count. `trial_loss` (seed 0, x = rate) are the trials.

Runs are kept in the folder of downloads (COURSE_CACHE), under `runs`: a killed experiment goes on
from there. Weights are not shipped, since the captions are for research only.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import torch

from course import zoo
from course.data import corpora
from course.data.batching import Batch, collate, encode, token_batches
from course.data.tokenizer import Tokenizer
from course.experiments import ladder
from course.experiments.c10_parallel import seconds
from course.experiments.runner import Arm
from course.model_folder import build
from course.results.records import Row
from course.runtime import cache_dir, default_device, generator, set_seed
from course.training import TrainingConfig, token_loss

CLAIM = "C23"
HYPOTHESIS = (
    "On Multi30k's test captions of 2016, English to French, the Transformer is better than the "
    "best of three recurrent translators (chosen on validation captions), of the same size and "
    "trained on the same batches, each at its best rate, by at least one point of chrF."
)
SMALLEST_EFFECT = ladder.SMALLEST_EFFECT
summary, verdict = ladder.summary, ladder.verdict

RATES = (2e-3, 4e-3, 8e-3)
TRAINING = TrainingConfig(
    max_updates=1200,
    max_tokens=1500,
    warmup=150,
    schedule="linear",
    label_smoothing=0.1,
    eval_every=150,
)
CONFIG = {
    "corpus": "multi30k",
    "vocab_size": 4000,
    "dropout": 0.15,
    "training": {k: v for k, v in asdict(TRAINING).items() if k != "learning_rate"},
    "rates": list(RATES),
    "trial_updates": 300,
    "timed_updates": 40,
    "signatures": ladder.signatures("1"),
    **ladder.SEARCH,
}
ARMS = (
    *(
        Arm(name=name, seconds=300, max_seeds=1, rates=RATES, trial_seconds=90)
        for name in ladder.LADDER
    ),
    Arm(name="speed", seconds=60, max_seeds=1),
    Arm(name="difference", seconds=240, max_seeds=1),
)
ONE_AT_A_TIME = "it measures time, and `difference` reads the models of the other arms."


def recipe(model: str, rate: float) -> zoo.Recipe:
    """Returns what is trained and how.

    Args:
        model: One of `ladder.LADDER`.
        rate: The highest learning rate.
    """
    sizes = {"vocab_size": CONFIG["vocab_size"], "dropout": CONFIG["dropout"]}
    return zoo.Recipe(
        model=replace(zoo.PRESETS[model], **sizes),
        training=replace(TRAINING, learning_rate=rate),
        command="course experiment c23_multi30k",
    )


def folder(model: str, rate: float) -> Path:
    """Returns where a run is kept, so that it can go on after it was stopped.

    Args:
        model: One of `ladder.LADDER`.
        rate: The learning rate.
    """
    return cache_dir() / "runs" / "c23_multi30k" / f"{model}-{rate:g}"


def trial(arm: str, rate: float) -> float:
    """Returns the validation loss after the first updates of a run; one that is there is read.

    Args:
        arm: One of `ladder.LADDER`.
        rate: The learning rate.
    """
    tried = CONFIG["trial_updates"]
    corpus = corpora.load(CONFIG["corpus"])
    _, _, history = zoo.fit(corpus, recipe(arm, rate), folder(arm, rate), until=tried)
    return next(row["valid_loss"] for row in history.rows if row["update"] == tried)


def translator(model: str, rate: float) -> zoo.Translator:
    """Returns a translator trained to the end, from where its trial stopped; or reads it.

    Its card scores validation captions only: the test is left out of what it is given.

    Args:
        model: One of `ladder.LADDER`.
        rate: The learning rate.
    """
    out = folder(model, rate)
    if not (out / "card.json").exists():
        corpus = replace(corpora.load(CONFIG["corpus"]), test=[])
        zoo.train_translator(corpus, recipe(model, rate), out)
    return zoo.load(out)


def measure(arm: str, seed: int, rate: float) -> list[Row]:
    """Trains one model, times all of them, or tests all of them on the same captions.

    Args:
        arm: As in `ARMS`.
        seed: Of the bootstrap, and of the order in which models are timed.
        rate: The learning rate of a model.
    """
    if arm == "speed":
        return speed(seed)
    if arm != "difference":
        return ladder.described(arm, translator(arm, rate).card, seed)
    test = corpora.load(CONFIG["corpus"]).test
    ladder.require_signatures(test, CONFIG["signatures"])
    # Trials that have run are read, not run again, so this chooses as the runner chose.
    rates = {model: min(RATES, key=lambda r: trial(model, r)) for model in ladder.LADDER}
    translators = {model: translator(model, rates[model]) for model in ladder.LADDER}
    samples = CONFIG["bootstrap_samples"]
    return ladder.compared(translators, {"all": test}, samples=samples, seed=seed)


def speed(seed: int) -> list[Row]:
    """Times updates of fresh models on the same batches, in an order drawn anew for each.

    Args:
        seed: Of batches and order.
    """
    corpus, count, order = corpora.load(CONFIG["corpus"]), CONFIG["timed_updates"], generator(seed)
    texts = [text for pair in corpus.train for text in pair]
    data = encode(corpus.train, Tokenizer.train(texts, vocab_size=CONFIG["vocab_size"]))
    set_seed(seed)
    update = {model: _updater(model) for model in ladder.LADDER}
    taken: dict[str, list[float]] = {model: [] for model in ladder.LADDER}
    batches = token_batches(data, max_tokens=TRAINING.max_tokens, generator=order)
    for rows in batches[: count + 1]:
        batch = collate([data.src[i] for i in rows], [data.tgt[i] for i in rows])
        batch = batch.to(default_device())
        for index in torch.randperm(len(update), generator=order).tolist():
            model = ladder.LADDER[index]
            taken[model].append(_seconds(lambda run=update[model], on=batch: run(on)))
    found: list[Row] = []
    for model, times in taken.items():
        # The first update allocates and is not counted.
        ratios = np.array(times[1:]) / np.array(taken["gru"][1:])
        ends = zip(("", "_low", "_high"), np.percentile(ratios, [50, 25, 75]), strict=True)
        found += [
            Row("speed", seed, model, f"times_gru{end}", float(value), len(ratios))
            for end, value in ends
        ]
    return found


def _seconds(run: Callable[[], None]) -> float:
    if default_device().type != "cpu":
        return seconds(run)
    started = time.process_time()
    run()
    return time.process_time() - started


def _updater(model: str) -> Callable[[Batch], None]:
    """Returns a function that makes one update, as `course.training` makes it."""
    made = recipe(model, RATES[0])
    module = build(made.model).to(default_device()).train()
    optimiser = torch.optim.Adam(module.parameters(), lr=RATES[0], betas=(0.9, 0.98))

    def update(batch: Batch) -> None:
        loss = token_loss(module, batch, label_smoothing=TRAINING.label_smoothing)
        (loss / batch.num_tokens).backward()
        torch.nn.utils.clip_grad_norm_(module.parameters(), TRAINING.clip_norm)
        optimiser.step()
        optimiser.zero_grad()

    return update


RULE = (HYPOTHESIS, *ladder.RULE)
