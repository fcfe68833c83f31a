"""A trained translator's folder: its files, read with care and written in one move each.

`{model.safetensors, config.json, tokenizer.json, card.json}`; the card may be missing. Weights are
stored as float16 and computed with as float32. `course.zoo` says what the files are for.
"""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from course.data.tokenizer import Tokenizer
from course.errors import CourseError
from course.models.seq2seq import Seq2Seq, Seq2SeqConfig
from course.training.checkpoints import replace_file

MODELS = {"Seq2Seq": (Seq2Seq, Seq2SeqConfig)}
"""The model classes that a folder's config.json can name."""


def read_model(folder: Path) -> Seq2Seq:
    """The model of a folder, on the CPU.

    Raises:
        CourseError: if a file is missing or damaged, or the weights do not fit the configuration.
    """
    described = _read_json(_file(folder, "config.json"))
    if str(described.get("model")) not in MODELS:
        raise CourseError(
            f"{folder / 'config.json'} names the model {described.get('model')!r}; "
            f"this version of the course knows {', '.join(MODELS)}."
        )
    model_class, config_class = MODELS[described["model"]]
    tensors = _read_weights(_file(folder, "model.safetensors"))
    try:
        model = model_class(config_class(**described["config"]))
        model.load_state_dict({key: tensor.float() for key, tensor in tensors.items()})
    except (RuntimeError, TypeError, KeyError, CourseError) as error:
        raise CourseError(
            f"The weights in {folder} do not fit its config.json ({_one_line(error)}); get or "
            "train the translator again."
        ) from error
    return model


def read_tokenizer(folder: Path, model: Seq2Seq) -> Tokenizer:
    """The tokenizer of a folder.

    Raises:
        CourseError: if the file is missing or damaged, or belongs to another model.
    """
    tokenizer = Tokenizer.load(_file(folder, "tokenizer.json"))
    if len(tokenizer) != model.config.vocab_size:
        raise CourseError(
            f"The tokenizer.json in {folder} has {len(tokenizer)} entries and the model "
            f"{model.config.vocab_size}: it belongs to another translator."
        )
    return tokenizer


def read_card(folder: Path) -> dict[str, Any]:
    """The card of a folder; empty where there is none.

    Raises:
        CourseError: if the file is damaged.
    """
    path = folder / "card.json"
    return _read_json(path) if path.exists() else {}


def save(model: Seq2Seq, config: Seq2SeqConfig, out: Path) -> None:
    """Write weights (float16) and configuration, each in one move; round the model likewise.

    So what is measured after saving is exactly what is read again.
    """
    half = {name: tensor.detach().cpu().half() for name, tensor in model.state_dict().items()}
    model.load_state_dict({name: tensor.float() for name, tensor in half.items()})
    replace_file(out / "model.safetensors", lambda path: save_file(half, path))
    write_json(out / "config.json", {"model": type(model).__name__, "config": asdict(config)})


def write_json(path: Path, value: Any) -> None:
    """Write a JSON file for people to read, in one move."""
    text = json.dumps(value, indent=2, ensure_ascii=False) + "\n"
    replace_file(path, lambda part: part.write_text(text, encoding="utf-8"))


def _file(folder: Path, name: str) -> Path:
    path = folder / name
    if not path.exists():
        raise CourseError(
            f"{folder} has no {name}, so it is not a trained translator; if its training was "
            "interrupted, run the same `course train` command again to finish it."
        )
    return path


def _read_json(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(value, dict):
            raise ValueError("it holds no object")
    except (OSError, ValueError) as error:
        raise _damaged(path, error) from error
    return value


def _read_weights(path: Path) -> dict[str, Tensor]:
    try:
        return load_file(path)
    except (OSError, SafetensorError) as error:
        raise _damaged(path, error) from error


def _damaged(path: Path, error: Exception) -> CourseError:
    return CourseError(
        f"{path} is damaged ({_one_line(error)}); get or train the translator again."
    )


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
