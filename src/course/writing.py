"""Language models on the reader's own text: `course train --model language-model`, `course write`.

A writer is a folder like a translator's (`course.zoo`), with a decoder-only model in it. Each line
of the text is one text of its own: the model learns to begin, to go on and to end one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from course import learning, processes
from course.data.batching import Encoded, token_batches
from course.data.tokenizer import BOS, UNK, Tokenizer, normalise
from course.decoding.sampling import sample
from course.errors import CourseError
from course.model_folder import read_card, read_model, read_tokenizer, save, write_json
from course.models.families import LanguageModel, LanguageModelConfig
from course.runtime import default_device, generator
from course.training import History, TrainingConfig

PRESET = LanguageModelConfig(
    vocab_size=4000, d_model=128, d_ff=512, num_layers=4, num_heads=4, positions="rotary"
)
"""What `course train --model language-model` stands for."""


@dataclass(frozen=True)
class Texts:
    """What a language model learns from, and what it is validated on; a text each."""

    name: str
    train: list[str]
    valid: list[str]


@dataclass(frozen=True)
class Writer:
    """A trained language model with its tokenizer and card."""

    name: str
    model: LanguageModel
    tokenizer: Tokenizer
    card: dict[str, Any]

    def write(
        self,
        prompt: str = "",
        *,
        texts: int = 1,
        max_tokens: int = 100,
        temperature: float = 1.0,
        top_p: float = 1.0,
        seed: int = 1,
    ) -> list[str]:
        """Texts that begin with the prompt, each drawn anew; see `course.decoding.sampling`.

        Each is a single line, as the texts it learned from are: a model that knows all bytes may
        write the byte that ends a line.
        """
        device = next(self.model.parameters()).device
        begun = [BOS, *self.tokenizer.encode(prompt)]
        prefix = torch.tensor([begun] * texts, device=device)
        found = sample(
            self.model,
            prefix,  # no source is read; it tells how many texts there are
            torch.ones_like(prefix, dtype=torch.bool),
            generator=generator(seed, "writing"),
            max_length=max_tokens,
            temperature=temperature,
            top_p=top_p,
            prefix=prefix,
        )
        return [normalise(self.tokenizer.decode([*begun, *each.tokens])) for each in found]


def load(folder: Path, *, device: torch.device | None = None) -> Writer:
    """Load a writer from its folder.

    Raises:
        CourseError: if there is none, or a file is missing or damaged.
    """
    if not folder.is_dir():
        raise CourseError(f"There is no folder {folder} with a language model.")
    model = read_model(folder)
    if not isinstance(model, LanguageModel):
        raise CourseError(f"{folder} holds a translator; use it with `course translate`.")
    tokenizer, card = read_tokenizer(folder, model), read_card(folder)
    model.to(device or default_device()).eval()
    return Writer(folder.name, model, tokenizer, card)


def train_writer(
    texts: Texts,
    config: LanguageModelConfig,
    training: TrainingConfig,
    out: Path,
    *,
    command: str = "",
    progress: bool = True,
) -> tuple[Writer, History]:
    """Train a language model and write its folder; an interrupted run is resumed.

    In a run of several processes each calls this; the main one writes, and all get the result.

    Args:
        texts: what to learn from and to validate on.
        config: sizes; its `vocab_size` is the number of subwords asked for.
        training: see `TrainingConfig`.
        out: the folder.
        command: the command line that asked for it, for the card.
        progress: whether to show a progress bar.

    Raises:
        CourseError: if `out` holds another run.
    """
    processes.join()
    tokenizer = learning.tokenizer_for(texts.train, config.vocab_size, out)
    data, valid = _encode(texts.train, tokenizer), _encode(texts.valid, tokenizer)
    model, history = learning.learn(
        config, tokenizer, data, valid, training, out, progress=progress
    )
    assert isinstance(model, LanguageModel)
    save(model, out)
    card = learning.card_of(out.name, model, training, history, command) | {"data": texts.name}
    processes.on_main(lambda: write_json(out / "card.json", card))
    return Writer(out.name, model.eval(), tokenizer, card), history


def updates_per_epoch(
    texts: Texts, config: LanguageModelConfig, training: TrainingConfig, out: Path
) -> int:
    """How many updates one pass over the training texts takes."""
    data = _encode(texts.train, learning.tokenizer_for(texts.train, config.vocab_size, out))
    order = generator(training.seed, "epoch")
    return len(token_batches(data, max_tokens=training.max_tokens, generator=order))


def _encode(texts: Sequence[str], tokenizer: Tokenizer) -> Encoded:
    """Texts as targets. A batch has a source, which the model doesn't read: one token will do."""
    rows = tokenizer.encode_batch(texts)
    return Encoded([[UNK]] * len(rows), rows)
