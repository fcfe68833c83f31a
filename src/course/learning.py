"""From texts to a trained model in its folder: what translators and language models share."""

import subprocess
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch

import course
from course import processes
from course.data.batching import Encoded
from course.data.tokenizer import Tokenizer
from course.errors import CourseError
from course.model_folder import Config, Model, build, claim
from course.runtime import set_seed
from course.training import History, TrainingConfig, train


def tokenizer_for(texts: Sequence[str], vocab_size: int, out: Path) -> Tokenizer:
    """The tokenizer of a run, in all its processes; a run that is resumed must have the same.

    Raises:
        CourseError: if `out` holds another one.
    """
    return processes.on_main(lambda: _tokenizer(texts, vocab_size, out))


def _tokenizer(texts: Sequence[str], vocab_size: int, out: Path) -> Tokenizer:
    path = out / "tokenizer.json"
    tokenizer = Tokenizer.train(texts, vocab_size=vocab_size)  # deterministic
    if not path.exists():
        tokenizer.save(path)
        return tokenizer
    saved, some = Tokenizer.load(path), texts[:2000]
    if len(saved) != len(tokenizer) or saved.encode_batch(some) != tokenizer.encode_batch(some):
        raise CourseError(
            f"{out} holds a run with another vocabulary or corpus; choose another folder, or "
            "delete this one to start afresh."
        )
    return saved


def learn(
    config: Config,
    tokenizer: Tokenizer,
    data: Encoded,
    valid: Encoded,
    training: TrainingConfig,
    out: Path,
    *,
    until: int | None = None,
    progress: bool = True,
) -> tuple[Model, History]:
    """Train the model of a configuration; an interrupted or paused run in `out` is resumed.

    Args:
        config: sizes and kind; its `vocab_size` becomes the tokenizer's.
        tokenizer: of `tokenizer_for`.
        data: what to learn.
        valid: what to validate on.
        training: see `TrainingConfig`.
        out: the folder of the run.
        until: pause after so many updates; see `course.training.train`.
        progress: whether to show a progress bar.

    Raises:
        CourseError: if `out` holds another run.
    """
    config = replace(config, vocab_size=len(tokenizer))
    claim(config, out)
    set_seed(training.seed)
    model = build(config)
    history = train(model, data, valid, training, out=out, until=until, progress=progress)
    return model, history


def card_of(
    name: str, model: Model, training: TrainingConfig, history: History, command: str
) -> dict[str, Any]:
    """What is known about any model after its training."""
    last = history.rows[-1]
    return {
        "name": name,
        "command": command,
        "commit": _commit(),
        "version": course.__version__,
        "torch": torch.__version__,
        "device": processes.device().type,
        "processes": processes.count(),
        "parameters": sum(p.numel() for p in model.parameters()),
        "training": asdict(training),
        "updates": last["update"],
        "tokens": last["tokens"],
        "best_update": history.best_update,
        "valid": {"loss": history.best_loss},
    }


def _commit() -> str:
    """The commit of the source tree that trained, or "" outside a checkout."""
    command = ["git", "-C", str(Path(__file__).parent), "rev-parse", "HEAD"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""
