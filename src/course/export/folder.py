"""The folder that a browser loads: graphs, weights, vocabulary and what to know about them."""

import hashlib
import json
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from course import zoo
from course.data.tokenizer import BOS, EOS, PAD, UNK
from course.decoding.preparation import OURS
from course.errors import CourseError
from course.export.graphs import Interface, Port, interface
from course.export.recurrent import exportable
from course.model_folder import write_json
from course.models.seq2seq import Seq2Seq
from course.models.transformer import Transformer
from course.training.checkpoints import replace_file

SCHEMA = 1
MANIFEST = "model.json"
NEEDS = ("onnx", "onnxscript")


def export(name: str | Path, out: Path) -> dict[str, Any]:
    """Write a translator of the zoo, or of a folder, for the browser.

    Returns:
        What `model.json` says: names, shapes and axes of the tensors, special tokens, files with
        their sizes and sha256.

    Raises:
        CourseError: if the extra `export` isn't installed, there is no such translator, or `out`
            can't be written or holds a trained model, whose tokenizer would be overwritten.
    """
    if (out / "config.json").exists():
        raise CourseError(f"{out} holds a trained model; give another folder for the export.")
    missing = [package for package in NEEDS if find_spec(package) is None]
    if missing:
        raise CourseError(
            f"Exporting needs {' and '.join(missing)}, which the course installs on request: "
            'pip install "seq2seq-course[export]".'
        )
    import torch

    translator = zoo.load(name, device=torch.device("cpu"))
    model, folder = translator.model, _folder_of(name)
    assert isinstance(model, (Seq2Seq, Transformer)), "the zoo loads translators only"
    files = _files(model) | {"tokenizer.json": _compact(folder / "tokenizer.json")}
    ports = interface(model)
    manifest = {
        "schema": SCHEMA,
        "name": translator.name,
        **{key: translator.card.get(key) for key in ("src", "tgt", "licence", "parameters")},
        "weights_sha256": weights_sha256(name),
        "vocab_size": len(translator.tokenizer),
        "special": {"pad": PAD, "start": BOS, "end": EOS, "unknown": UNK, "never": OURS.never},
        **_described(ports),
        "files": {
            file: {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
            for file, data in files.items()
        },
        "bytes": sum(map(len, files.values())),
    }
    _write(out, files, manifest)
    return manifest


def export_cached(name: str | Path, cache: Path) -> Path:
    """The exported folder of a translator below `cache`; it is made if it isn't there yet.

    It is known by the sha256 of the weights and of the code that exports.
    """
    code = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        code.update(path.read_bytes())
    key = f"{Path(name).name}-{weights_sha256(name)[:16]}-{code.hexdigest()[:8]}"
    out = cache / key
    if not (out / MANIFEST).exists():
        export(name, out)
    return out


def weights_sha256(name: str | Path) -> str:
    """The sha256 of a translator's weights."""
    path = _folder_of(name) / "model.safetensors"
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise CourseError(f"{path} cannot be read ({error.strerror}).") from None


def _folder_of(name: str | Path) -> Path:
    """The folder of a translator of the zoo, or the folder that is named."""
    shipped = Path(zoo.__file__).parent / "weights" / str(name)
    return shipped if str(name) in zoo.names() else Path(name)


def _files(model: Seq2Seq | Transformer) -> dict[str, bytes]:
    from course.export.files import WEIGHTS, Weights, encoder_graph, step_graph

    model = exportable(model) if isinstance(model, Seq2Seq) else model
    weights = Weights()
    graphs = {"encoder.onnx": encoder_graph(model), "step.onnx": step_graph(model)}
    for graph in graphs.values():
        weights.take_from(graph)
    files = {name: graph.SerializeToString() for name, graph in graphs.items()}
    return files | {WEIGHTS: bytes(weights.data)}


def _compact(path: Path) -> bytes:
    """The same tokenizer.json without the spaces that are for people."""
    vocabulary = json.loads(path.read_text(encoding="utf-8"))
    return json.dumps(vocabulary, ensure_ascii=False, separators=(",", ":")).encode()


def _described(ports: Interface) -> dict[str, Any]:
    return {
        "memory": [_port(port) for port in ports.memory],
        "state": [_port(port) for port in ports.state],
        "weights": None if ports.weights is None else list(ports.weights),
    }


def _port(port: Port) -> dict[str, Any]:
    kind = str(port.dtype).removeprefix("torch.")
    return {"name": port.name, "type": kind, "axes": list(port.axes)}


def _write(out: Path, files: dict[str, bytes], manifest: dict[str, Any]) -> None:
    """The manifest goes first and comes last: a folder that has one is complete."""
    with suppress(OSError):
        (out / MANIFEST).unlink()
    for name, data in files.items():
        replace_file(out / name, lambda path, data=data: path.write_bytes(data))
    write_json(out / MANIFEST, manifest)
