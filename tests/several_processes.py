"""What tests/test_training_processes.py starts with torchrun: each scenario once, in every process.

The main process writes what came of it to the file that the first argument names. At the end the
other process dies by SIGKILL in the middle of a training.
"""

import json
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

import torch

from course import processes
from course.data.batching import Encoded
from course.errors import CourseError
from course.models.families import LanguageModel, LanguageModelConfig
from course.models.seq2seq import Seq2Seq, Seq2SeqConfig
from course.models.transformer import Transformer, TransformerConfig
from course.training import TrainingConfig, evaluate_loss, train
from course.training.placing import place

SIZES = {"vocab_size": 13, "d_model": 12, "num_heads": 3, "d_ff": 7, "dropout": 0.0}
MODELS = {
    "recurrent": Seq2SeqConfig(
        vocab_size=13, d_embed=7, d_model=11, d_attention=5, context="additive", dropout=0.0
    ),
    "transformer": TransformerConfig(num_layers=1, **SIZES),
    "language": LanguageModelConfig(num_layers=2, **SIZES),
}
KINDS = {
    Seq2SeqConfig: Seq2Seq,
    TransformerConfig: Transformer,
    LanguageModelConfig: LanguageModel,
}
CONFIG = TrainingConfig(max_updates=6, max_tokens=60, eval_every=2, warmup=3, learning_rate=1e-2)
SINGLE = replace(CONFIG, max_tokens=3)
"""So small that every batch is one row, fewer than there are processes."""
SHARDED = replace(CONFIG, sharded=True)


def copies(count: int, seed: int = 0) -> Encoded:
    draw = torch.Generator().manual_seed(seed)
    lengths = torch.randint(2, 9, (count,), generator=draw).tolist()
    rows = [torch.randint(4, 13, (n,), generator=draw).tolist() for n in lengths]
    return Encoded(rows, rows)


def fresh(name: str):
    torch.manual_seed(5)
    return KINDS[type(MODELS[name])](MODELS[name])


def run(name: str, config: TrainingConfig = CONFIG, out: Path | None = None, **more):
    """The losses of a run, and that of the model which it leaves behind."""
    model = fresh(name)
    valid = copies(19, 1)
    history = train(model, copies(61), valid, config, out=out, progress=False, **more)
    losses = [
        [row["update"], row["tokens"], row["loss"], row["valid_loss"]] for row in history.rows
    ]
    return {"losses": losses, "left": evaluate_loss(model, valid)}


def seeds_of_three_updates() -> list[list[int]]:
    """What each process seeds its dropout with."""
    seeds, seed = [], torch.manual_seed
    torch.manual_seed = lambda number: (seeds.append(number), seed(number))[1]
    run("transformer", replace(CONFIG, max_updates=3))
    torch.manual_seed = seed
    return processes.share(range(processes.count()), lambda _: [seeds[-3:]])


def share_of_weights() -> float:
    """How much of a sharded model's weights is in this process, more or less."""
    parameters = list(place(fresh("language"), sharded=True, compiled=False).module.parameters())
    mine = sum(each.to_local().numel() for each in parameters)
    return round(mine / sum(each.numel() for each in parameters), 1)


def mistake_of(task) -> str:
    try:
        task()
    except CourseError as error:
        return str(error)
    return ""


def fail_to_write() -> None:
    raise CourseError("There is no room.")


def scenarios(folder: Path):
    """Name and result of everything; folders "from-one…" hold runs that one process has begun."""
    processes.join()
    yield "count", processes.count()
    yield "bf16", run("transformer", replace(CONFIG, precision="bf16"))
    for name in MODELS:
        yield name, run(name)
    yield "single rows", run("transformer", SINGLE)
    yield "from one", run("transformer", CONFIG, folder / "from-one")
    yield "from two", run("transformer", CONFIG, folder / "from-two", until=4)
    yield "sharded", run("language", SHARDED)
    yield "sharded bf16", run("language", replace(SHARDED, precision="bf16"))
    yield "share of weights", share_of_weights()
    yield "sharded from one", run("language", SHARDED, folder / "sharded-from-one")
    yield "sharded from two", run("language", SHARDED, folder / "sharded-from-two", until=4)
    yield "not shardable", mistake_of(lambda: run("transformer", SHARDED))
    yield "seeds", seeds_of_three_updates()
    yield "shared", processes.share(range(7), lambda items: [item**2 for item in items])
    yield "fewer items", processes.share([3], lambda items: [item**2 for item in items])
    mine = torch.full((2, 3), float(processes.number()))
    yield "spread", processes.spread({"t": mine})["t"].tolist()
    yield "mistake", mistake_of(lambda: processes.on_main(fail_to_write))


def die_at_update_three(self, *arguments, **more):
    die_at_update_three.calls += 1
    if die_at_update_three.calls == 3 and not processes.is_main():
        os.kill(os.getpid(), signal.SIGKILL)
    return step(self, *arguments, **more)


if __name__ == "__main__":
    torch.set_num_threads(1)
    results = {}
    for name, result in scenarios(Path(sys.argv[2])):
        everyone = processes.share(range(processes.count()), lambda _: [result])  # noqa: B023
        assert everyone.count(everyone[0]) == len(everyone), (name, everyone)
        results[name] = result
    if processes.is_main():
        Path(sys.argv[1]).write_text(json.dumps(results), "utf-8")
    step, die_at_update_three.calls = torch.optim.Adam.step, 0
    torch.optim.Adam.step = die_at_update_three
    said = mistake_of(lambda: run("transformer"))
    if processes.is_main():
        Path(sys.argv[1]).with_suffix(".said").write_text(said, "utf-8")
    sys.exit(2)
