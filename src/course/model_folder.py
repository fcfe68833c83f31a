"""A trained model's folder: its files, read with care and written in one move each.

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

from course import processes
from course.data.text import without_surrogates
from course.data.tokenizer import Tokenizer
from course.errors import CourseError
from course.models.families import LanguageModel, LanguageModelConfig
from course.models.seq2seq import Seq2Seq, Seq2SeqConfig
from course.models.transformer import Transformer, TransformerConfig
from course.training.checkpoints import replace_file, require_same

Model = Seq2Seq | Transformer | LanguageModel
Config = Seq2SeqConfig | TransformerConfig | LanguageModelConfig

MODELS: dict[type, type] = {
    Seq2SeqConfig: Seq2Seq,
    TransformerConfig: Transformer,
    LanguageModelConfig: LanguageModel,
}
"""The model that each kind of configuration describes; config.json names the model."""


def build(config: Config) -> Model:
    """The model that a configuration describes, with fresh weights."""
    return MODELS[type(config)](config)


def read_config(folder: Path) -> Config:
    """The configuration of a folder's model.

    Raises:
        CourseError: if the file is missing or damaged, or describes no model of the course.
    """
    path = _file(folder, "config.json")
    described = _read_json(path)
    known = {model.__name__: config for config, model in MODELS.items()}
    name = str(described.get("model"))
    if name not in known:
        raise CourseError(
            f"{path} names the model {described.get('model')!r}; "
            f"this version of the course knows {', '.join(known)}."
        )
    try:
        return known[name](**described["config"])
    except (TypeError, KeyError, CourseError) as error:
        raise CourseError(
            f"{path} does not describe a {name} ({_one_line(error)}); get or train the model again."
        ) from error


def read_model(folder: Path) -> Model:
    """The model of a folder, on the CPU.

    Raises:
        CourseError: if a file is missing or damaged, or the weights do not fit the configuration.
    """
    config = read_config(folder)
    tensors = _read_weights(_file(folder, "model.safetensors"))
    try:
        model = build(config)
        model.load_state_dict({key: tensor.float() for key, tensor in tensors.items()})
    except RuntimeError as error:
        raise CourseError(
            f"The weights in {folder} do not fit its config.json ({_one_line(error)}); get or "
            "train the model again."
        ) from error
    return model


def read_tokenizer(folder: Path, model: Model) -> Tokenizer:
    """The tokenizer of a folder.

    Raises:
        CourseError: if the file is missing or damaged, or belongs to another model.
    """
    tokenizer = Tokenizer.load(_file(folder, "tokenizer.json"))
    if len(tokenizer) != model.config.vocab_size:
        raise CourseError(
            f"The tokenizer.json in {folder} has {len(tokenizer)} entries and the model "
            f"{model.config.vocab_size}: it belongs to another model."
        )
    return tokenizer


def read_card(folder: Path) -> dict[str, Any]:
    """The card of a folder; empty where there is none.

    Raises:
        CourseError: if the file is damaged.
    """
    path = folder / "card.json"
    return _read_json(path) if path.exists() else {}


def claim(config: Config, out: Path) -> None:
    """Let the main process write a run's configuration; one that is resumed must have the same.

    The checkpoint knows the shapes of the weights only, which do not show how many heads share
    them, nor the dropout.

    Raises:
        CourseError: if `out` holds a run of another model.
    """

    def write() -> None:
        if (out / "config.json").exists():
            parts = [
                {"kind of model": {"model": MODELS[type(each)].__name__}, "model": asdict(each)}
                for each in (read_config(out), config)
            ]
            require_same(out, *parts)
        _write_config(config, out)

    processes.on_main(write)


def save(model: Model, out: Path) -> None:
    """Write weights (float16) and configuration, each in one move; round the model likewise.

    So what is measured after saving is exactly what is read again. The main process writes.

    Raises:
        CourseError: if training has diverged, so that a weight is no number or beyond float16.
    """

    def write() -> None:
        replace_file(out / "model.safetensors", lambda path: save_file(half, path))
        _write_config(model.config, out)

    half = {name: tensor.detach().cpu().half() for name, tensor in model.state_dict().items()}
    if name := _not_finite(half):
        raise CourseError(
            f"Training diverged: {name} holds numbers too large for float16. Start again in "
            "another folder, with a lower learning rate."
        )
    model.load_state_dict({name: tensor.float() for name, tensor in half.items()})
    processes.on_main(write)


def _write_config(config: Config, out: Path) -> None:
    described = {"model": MODELS[type(config)].__name__, "config": asdict(config)}
    write_json(out / "config.json", described)


def write_json(path: Path, value: Any) -> None:
    """Write a JSON file for people to read, in one move; a name of odd bytes cannot stop it."""
    text = without_surrogates(json.dumps(value, indent=2, ensure_ascii=False)) + "\n"
    replace_file(path, lambda part: part.write_text(text, encoding="utf-8"))


def _file(folder: Path, name: str) -> Path:
    path = folder / name
    if not path.exists():
        raise CourseError(
            f"{folder} has no {name}, so it is not a trained model; if its training was "
            "interrupted, run the same `course train` command again to finish it."
        )
    return path


def _read_json(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(value, dict):
            raise ValueError("it holds no object")
    except (OSError, ValueError, RecursionError) as error:
        raise _damaged(path, error) from error
    return value


def _read_weights(path: Path) -> dict[str, Tensor]:
    try:
        tensors = load_file(path)
        if name := _not_finite(tensors):
            raise ValueError(f"{name} holds what is no finite number")
    except (OSError, SafetensorError, ValueError) as error:
        raise _damaged(path, error) from error
    return tensors


def _not_finite(tensors: dict[str, Tensor]) -> str | None:
    """The name of a tensor that holds an infinity or no number at all, if there is one."""
    return next((name for name, tensor in tensors.items() if not tensor.isfinite().all()), None)


def _damaged(path: Path, error: Exception) -> CourseError:
    return CourseError(f"{path} is damaged ({_one_line(error)}); get or train the model again.")


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
