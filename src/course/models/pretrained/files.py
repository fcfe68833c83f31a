"""A published model's files: config.json and safetensors, from a folder or from the hub."""

import json
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from course.errors import CourseError

SINGLE, INDEX = "model.safetensors", "model.safetensors.index.json"
WANTED = ["config.json", "model*.safetensors", INDEX]
PICKLED = ("*.bin", "*.pt", "*.pth", "*.ckpt")


def find(source: str | Path, revision: str | None) -> Path:
    """The folder of a model: `source` itself, or what the hub has under that name.

    Raises:
        CourseError: if there is no such folder and the hub can't be asked or has no such model.
    """
    folder = Path(source)
    if folder.is_dir():
        return folder
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(str(source), revision=revision, allow_patterns=WANTED))
    except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, OSError) as error:
        raise CourseError(
            f"{str(source)!r} is not a folder, and the Hugging Face hub did not give it "
            f"({_one_line(error)}); check the name and the network, or give a folder."
        ) from error


def read_json(path: Path) -> dict[str, Any]:
    """An object from a JSON file.

    Raises:
        CourseError: if the file is missing or damaged.
    """
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CourseError(f"{path.parent} has no {path.name}; it is not a model.") from None
    except (OSError, ValueError) as error:
        raise _damaged(path, error) from error
    if not isinstance(value, dict):
        raise _damaged(path, TypeError("it holds no object"))
    return value


def read_weights(folder: Path) -> dict[str, Tensor]:
    """All tensors of a model, from one file or from the parts that an index lists.

    Raises:
        CourseError: if there are none, they are pickled, a part is missing or one is damaged.
    """
    if (folder / SINGLE).exists():
        return _read(folder / SINGLE)
    if (folder / INDEX).exists():
        return _read_parts(folder)
    pickled = sorted(path.name for kind in PICKLED for path in folder.glob(kind))
    has = f"only pickled weights ({', '.join(pickled)})" if pickled else f"no {SINGLE}"
    raise CourseError(
        f"{folder} has {has}, and the course reads safetensors only, because unpickling runs "
        "whatever code the file holds; give a revision that has them (the hub's converter offers "
        "some as refs/pr/…), or save the model again with transformers."
    )


def _read_parts(folder: Path) -> dict[str, Tensor]:
    parts = read_json(folder / INDEX).get("weight_map")
    if not isinstance(parts, dict):
        raise _damaged(folder / INDEX, ValueError("it has no weight_map"))
    tensors: dict[str, Tensor] = {}
    for name in sorted(set(map(str, parts.values()))):
        if Path(name).name != name or not (folder / name).exists():
            raise CourseError(f"{folder / INDEX} lists {name!r}, which is not there.")
        tensors |= _read(folder / name)
    lost = sorted(parts.keys() - tensors.keys())
    if lost:
        raise CourseError(f"{folder / INDEX} lists {lost[0]!r}, which no part holds.")
    return tensors


def _read(path: Path) -> dict[str, Tensor]:
    try:
        return load_file(path)
    except (OSError, SafetensorError) as error:
        raise _damaged(path, error) from error


def _damaged(path: Path, error: Exception) -> CourseError:
    return CourseError(f"{path} is damaged ({_one_line(error)}); get it again.")


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
