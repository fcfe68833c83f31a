"""What mixed precision, torch.compile and more processes give: the same training, side by side.

    python benchmarks/ways.py                                  each way in turn, on this device
    python benchmarks/ways.py --model recurrent --ways plain compiled
    torchrun --nproc-per-node 2 benchmarks/ways.py --ways plain sharded

prints JSON, also on a GPU, where the models are larger. Every way starts from the same weights and
sees the same batches; `valid_loss` after them shows whether the result is the same. Speed is that
of the second half of the updates, of the best of several turns: others may use the machine, too.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import torch

from course import processes
from course.data.batching import Encoded
from course.model_folder import Config, build
from course.models.families import LanguageModelConfig
from course.models.seq2seq import Seq2SeqConfig
from course.models.transformer import TransformerConfig
from course.runtime import budget, generator, set_seed
from course.training import TrainingConfig, train

WAYS: dict[str, dict[str, Any]] = {
    "plain": {},
    "bf16": {"precision": "bf16"},
    "compiled": {"compiled": True},
    "compiled_bf16": {"compiled": True, "precision": "bf16"},
    "sharded": {"sharded": True},
    "sharded_bf16": {"sharded": True, "precision": "bf16"},
}
ALONE = ("plain", "bf16", "compiled", "compiled_bf16")
VOCABULARY = 4000
UPDATES = 24
TURNS = 2


def config_of(name: str) -> Config:
    """Return sizes that keep the device busy, without dropout."""
    size = budget(
        cpu={"d_model": 128, "d_ff": 512, "num_heads": 4, "num_layers": 2},
        gpu={"d_model": 768, "d_ff": 3072, "num_heads": 12, "num_layers": 12},
    )
    common = {"vocab_size": VOCABULARY, "dropout": 0.0}
    if name == "recurrent":
        return Seq2SeqConfig(
            context="additive", bidirectional=True, d_model=2 * size["d_model"], **common
        )
    if name == "transformer":
        return TransformerConfig(**size, **common)
    return LanguageModelConfig(positions="rotary", **size, **common)


def sentences(count: int, *scope: str) -> Encoded:
    """Return pairs to be copied, of 8 to 40 tokens."""
    draw = generator(1, "ways", *scope)
    lengths = torch.randint(8, 41, (count,), generator=draw).tolist()
    rows = [torch.randint(4, VOCABULARY, (n,), generator=draw).tolist() for n in lengths]
    return Encoded(rows, rows)


def speed(name: str, way: str) -> dict[str, float]:
    """Train; return tokens a second when it is under way, the seconds before, and the loss."""
    max_tokens = budget(cpu=2000, gpu=16_000)
    data = sentences(budget(cpu=2000, gpu=16_000), "train")
    training = TrainingConfig(
        max_updates=UPDATES,
        eval_every=UPDATES // 2,
        max_tokens=max_tokens,
        warmup=UPDATES // 4,
        **WAYS[way],
    )
    set_seed(1)
    model = build(config_of(name))
    first, second = train(model, data, sentences(60, "valid"), training, progress=False).rows
    seconds = second["seconds"] - first["seconds"]
    return {
        "tokens_per_second": (second["tokens"] - first["tokens"]) / seconds,
        "seconds_before": first["seconds"],
        "valid_loss": second["valid_loss"],
    }


def best(turns: list[dict[str, float]]) -> dict[str, float]:
    """Return the fastest of several turns, rounded."""
    fastest = max(turns, key=lambda turn: turn["tokens_per_second"])
    digits = {"tokens_per_second": 0, "seconds_before": 1, "valid_loss": 3}
    return {name: round(value, digits[name]) for name, value in fastest.items()}


def compare(name: str, ways: list[str], turns: int) -> dict[str, Any]:
    """Train each way in turn, several times round."""
    rounds = [{way: speed(name, way) for way in ways} for _ in range(turns)]
    return {
        "model": name,
        "parameters": sum(p.numel() for p in build(config_of(name)).parameters()),
        "device": processes.device().type,
        "processes": processes.count(),
        "threads": torch.get_num_threads(),
        "ways": {way: best([each[way] for each in rounds]) for way in ways},
    }


def ways() -> dict[str, Any]:
    """Return the part of `make bench` about one process: `{way}_{measure}` for a Transformer."""
    found = compare("transformer", list(ALONE), TURNS)
    flat = {
        f"{way}_{measure}": value
        for way, measures in found.pop("ways").items()
        for measure, value in measures.items()
    }
    return found | flat


def several() -> dict[str, Any]:
    """Return the part about two cores: one process on one or both of them, and two processes."""
    layouts = {"one_thread": (1, 1), "two_threads": (1, 2), "two_processes": (2, 1)}
    turns = [{name: _started(*layout) for name, layout in layouts.items()} for _ in range(TURNS)]
    found: dict[str, Any] = {"model": "language", "cores": os.cpu_count()}
    for name in layouts:
        fastest = best([each[name]["ways"]["plain"] for each in turns])
        found |= {f"{name}_{measure}": value for measure, value in fastest.items()}
    return found


def _started(count: int, threads: int) -> dict[str, Any]:
    launcher = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(count)]
    command = [sys.executable, *(launcher if count > 1 else []), str(Path(__file__).resolve())]
    command += ["--model", "language", "--ways", "plain", "--turns", "1"]
    env = os.environ | {"OMP_NUM_THREADS": str(threads), "COURSE_DEVICE": "cpu"}
    found = subprocess.run(command, env=env, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(found.stdout)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--model", default="transformer", choices=["transformer", "language", "recurrent"]
    )
    parser.add_argument("--ways", nargs="+", default=list(ALONE), choices=list(WAYS))
    parser.add_argument("--turns", type=int, default=TURNS)
    chosen = parser.parse_args()
    processes.join()
    result = compare(chosen.model, chosen.ways, chosen.turns)
    if processes.is_main():
        print(json.dumps(result, indent=2))
    processes.leave()
