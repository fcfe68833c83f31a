"""Models for the browser: ONNX Runtime says what PyTorch says, and the files are small."""

import hashlib
import json
from importlib import util
from pathlib import Path

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from course import zoo
from course.cli import app
from course.data import grammar
from course.data.batching import source_batch
from course.decoding import beam_search, greedy
from course.errors import CourseError
from course.export import folder
from course.export.recurrent import exportable
from course.models.seq2seq import Seq2Seq, Seq2SeqConfig
from course.ops.masks import padding_mask
from course.runtime import generator
from exporting import exported

NAMES = zoo.names()
TIE = 1e-4  # nats: outputs whose scores differ by less are equally good


@pytest.fixture(scope="module", params=NAMES)
def pair(request):
    """A translator and the same model exported."""
    from onnx_model import OnnxModel

    folder = exported()[request.param]
    return zoo.load(request.param, device=torch.device("cpu")), OnnxModel(folder)


def close(found, expected):
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=2e-5)


@pytest.mark.parametrize(
    ("lengths", "width"), [([1], 1), ([2], 2), ([13, 5, 1], 17), ([41] * 2, 41)]
)
def test_encoder_and_steps_equal_pytorch(pair, lengths, width):
    translator, onnx_model = pair
    model, draw = translator.model, generator(3, "export")
    src = torch.randint(4, 4000, (len(lengths), width), generator=draw)
    mask = padding_mask(torch.tensor(lengths), width)
    with torch.no_grad():
        memory, found_memory = model.encode(src, mask), onnx_model.encode(src, mask)
        kept = [part for part in memory if part.numel()]
        for found, expected in zip(found_memory, kept, strict=False):
            close(found, expected)
        state = model.start(memory, src[:, :0])
        found_state = onnx_model.start(found_memory, src[:, :0])
        for _ in range(3):
            token = torch.randint(1, 4000, (len(lengths),), generator=draw)
            step = model.step(token, memory, state, return_weights=True)
            found = onnx_model.step(token, found_memory, found_state, return_weights=True)
            state, found_state = step.state, found.state
            close(found.log_probs, step.log_probs)
            for part, expected in zip(found_state, state, strict=True):
                close(part, expected)
            assert (found.weights is None) == (step.weights is None)
            if step.weights is not None:
                close(found.weights, step.weights)


def test_search_finds_the_same_outputs(pair):
    translator, onnx_model = pair
    made = grammar.sample(24, generator=generator(5, "export"), words=(3, 12))
    src, mask = source_batch([translator.tokenizer.encode(each.src) for each in made])
    for search in (
        lambda model: greedy(model, src, mask, max_length=30),
        lambda model: [best[0] for best in beam_search(model, src, mask, max_length=30, beam=4)],
    ):
        outputs = list(zip(search(translator.model), search(onnx_model), strict=True))
        differ = [(a, b) for a, b in outputs if a.tokens != b.tokens]
        assert len(differ) <= len(outputs) // 20
        assert all(abs(a.score - b.score) < TIE for a, b in outputs), differ


def test_a_growing_state_begins_empty(pair):
    translator, onnx_model = pair
    for port in onnx_model.manifest["state"]:
        assert ("P" in port["axes"]) == ("transformer" in translator.name)


@pytest.mark.parametrize("name", NAMES)
def test_the_folder_is_small_and_says_what_it_holds(name):
    folder = exported()[name]
    manifest = json.loads((folder / "model.json").read_text("utf-8"))
    assert sum(path.stat().st_size for path in folder.iterdir()) <= 4_000_000
    for file, known in manifest["files"].items():
        data = (folder / file).read_bytes()
        assert len(data) == known["bytes"]
        assert hashlib.sha256(data).hexdigest() == known["sha256"]
    assert manifest["special"] == {"pad": 0, "start": 1, "end": 2, "unknown": 3, "never": [0, 1]}
    assert manifest["weights"] == {"transformer": [2, 4], "gru": None}.get(
        name.rsplit("-", 1)[1], [1, 1]
    )
    # float16, and each weight once
    assert manifest["files"]["weights.bin"]["bytes"] <= 2.02 * manifest["parameters"]
    kept = json.loads((folder / "tokenizer.json").read_text("utf-8"))
    source = Path(zoo.__file__).parent / "weights" / name / "tokenizer.json"
    assert kept == json.loads(source.read_text("utf-8"))


@pytest.mark.parametrize("name", NAMES)
def test_graphs_compute_in_float32_with_weights_in_float16(name):
    import onnx

    for file in ("encoder.onnx", "step.onnx"):
        graph = onnx.load(exported()[name] / file, load_external_data=False).graph
        large = [each for each in graph.initializer if np.prod(each.dims) >= 1024]
        assert large and all(each.data_type == onnx.TensorProto.FLOAT16 for each in large)
        casts = {node.input[0] for node in graph.node if node.op_type == "Cast"}
        read = {name for node in graph.node if node.op_type != "Cast" for name in node.input}
        assert {each.name for each in large} <= casts
        assert not {each.name for each in large} & read
        assert not any(each.metadata_props for each in graph.node)


def test_without_the_extra_one_sentence_says_how_to_get_it(monkeypatch, tmp_path):
    there = util.find_spec
    missing = {"onnx", "onnxscript"}
    monkeypatch.setattr(
        "course.export.folder.find_spec", lambda name: None if name in missing else there(name)
    )
    result = CliRunner().invoke(app, ["export", NAMES[0], "--out", str(tmp_path / "out")])
    assert result.exit_code == 2
    assert 'pip install "seq2seq-course[export]"' in result.stderr
    assert not (tmp_path / "out").exists()


def test_an_unknown_translator_is_refused(tmp_path):
    exported()
    result = CliRunner().invoke(app, ["export", "oracle", "--out", str(tmp_path)])
    assert result.exit_code == 2 and "no translator 'oracle'" in result.stderr


def test_a_trained_model_is_not_written_over(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(CourseError, match="holds a trained model"):
        folder.export(NAMES[0], tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["config.json"]


def test_what_was_not_written_to_the_end_has_no_manifest(tmp_path):
    (tmp_path / folder.MANIFEST).write_text("{}")  # an earlier export
    (tmp_path / "b").mkdir()  # in the way
    with pytest.raises(CourseError, match="cannot be written"):
        folder._write(tmp_path, {"a": b"new", "b": b"new"}, {})
    assert not (tmp_path / folder.MANIFEST).exists()


def test_what_cannot_be_exported_is_refused():
    with pytest.raises(CourseError, match="Only GRUs"):
        exportable(Seq2Seq(Seq2SeqConfig(vocab_size=7, cell="lstm")))


def test_exporting_again_reads_the_cache(monkeypatch):
    from course.export import export_cached, folder
    from exporting import MODELS

    def fail(*_):
        raise AssertionError("exported again")

    exported()
    monkeypatch.setattr(folder, "export", fail)
    for name in NAMES:
        assert export_cached(name, MODELS) == exported()[name]
