"""Checkpoints of a training run: one safetensors file, replaced in one move.

Weights, the best weights so far and the optimiser's moments are tensors of the file; everything
else is JSON in its header. So there is no moment at which a checkpoint is half written: a killed
run leaves the one before. No pickle is involved.
"""

import json
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from course import processes
from course.errors import CourseError

FILE = "checkpoint.safetensors"
LOG = "log.jsonl"


@dataclass(frozen=True)
class Checkpoint:
    """What was found: groups of tensors, the optimiser's tensors, and the rest."""

    tensors: dict[str, dict[str, Tensor]]
    optimizer: dict[str, Tensor]
    state: dict[str, Any]


def replace_file(path: Path, write: Any) -> None:
    """Call `write(temporary_path)` and move the result to `path` once it is safely on disk.

    Raises:
        CourseError: if it cannot be written; what `path` held before is still there.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(temporary)
        with temporary.open("rb") as written:
            os.fsync(written.fileno())
        temporary.chmod(0o644)  # safetensors writes files that only their owner can read
        os.replace(temporary, path)
    except (OSError, SafetensorError) as error:  # a full disk is either, depending on who writes
        raise CourseError(
            f"{path} cannot be written ({error}); make room or choose another place, then run the "
            "same command again."
        ) from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def clear_temporary(out: Path) -> None:
    """Remove what a killed run left of a file it was writing."""
    for path in out.glob(".*.tmp"):
        path.unlink()


def save(
    out: Path,
    *,
    tensors: dict[str, dict[str, Tensor]],
    optimizer: dict[str, Any],
    state: dict[str, Any],
) -> None:
    """Write the checkpoint of the run in `out`."""
    flat = {f"{group}/{name}": t for group, named in tensors.items() for name, t in named.items()}
    for index, moments in optimizer["state"].items():
        for name, value in moments.items():
            flat[f"optimizer/{index}/{name}"] = torch.as_tensor(value)
    flat = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in flat.items()}
    metadata = {"state": json.dumps(state)}
    replace_file(out / FILE, lambda path: save_file(flat, path, metadata=metadata))


def _read(out: Path) -> tuple[dict[str, Tensor], dict[str, Any]] | None:
    path = out / FILE
    if not path.exists():
        return None
    try:
        with safe_open(path, framework="pt") as file:
            state = json.loads(file.metadata()["state"])
            return {name: file.get_tensor(name) for name in file.keys()}, state
    except (SafetensorError, TypeError, KeyError, ValueError) as error:
        raise CourseError(
            f"{path} is not a checkpoint of this course ({error}); delete it to start afresh."
        ) from error


def _grouped(flat: dict[str, Tensor], state: dict[str, Any]) -> Checkpoint:
    groups: dict[str, dict[str, Tensor]] = {}
    for name, tensor in flat.items():
        group, _, rest = name.partition("/")
        groups.setdefault(group, {})[rest] = tensor
    return Checkpoint(groups, groups.pop("optimizer", {}), state)


def find(out: Path, identity: dict[str, Any]) -> Checkpoint | None:
    """The checkpoint in `out` for a run that begins, in all processes, or None; makes the folder.

    Only the main process reads it: the others may be on a machine that does not see the folder.

    Raises:
        CourseError: if the file is damaged or belongs to another run.
    """
    tensors: dict[str, Tensor] = {}

    def ready() -> dict[str, Any] | None:
        out.mkdir(parents=True, exist_ok=True)
        clear_temporary(out)
        found = _read(out)
        if found is None:
            return None
        tensors.update(found[0])
        require_same(out, found[1]["identity"], identity)
        write_log(out, found[1]["rows"])
        return found[1]

    state = processes.on_main(ready)
    return None if state is None else _grouped(processes.spread(tensors), state)


def optimizer_state(current: dict[str, Any], saved: dict[str, Tensor]) -> dict[str, Any]:
    """A state dict for an optimiser from its fresh one and the saved tensors."""
    state: dict[int, dict[str, Tensor]] = {}
    for name, tensor in saved.items():
        index, _, key = name.partition("/")
        state.setdefault(int(index), {})[key] = tensor
    return {"state": state, "param_groups": current["param_groups"]}


def require_same(out: Path, saved: dict[str, Any], wanted: dict[str, Any]) -> None:
    """Raise a CourseError that names the first difference between two runs' identities."""
    for part, values in wanted.items():
        for name in sorted(values.keys() | saved[part].keys()):
            old, new = saved[part].get(name), values.get(name)
            if old != new:
                raise CourseError(
                    f"{out} holds a run with another {part} ({name} was {old}, now {new}); "
                    "choose another folder, or delete this one to start afresh."
                )


def write_log(out: Path, rows: list[dict[str, int | float]]) -> None:
    """Write the run's log, one JSON object a line, from the rows that the checkpoint keeps."""
    text = "".join(json.dumps(row) + "\n" for row in rows)
    replace_file(out / LOG, lambda path: path.write_text(text, encoding="utf-8"))
