"""The zoo: trained translators that ship with the course, and how each was made.

A translator is a folder `{model.safetensors, config.json, tokenizer.json, card.json}`, shipped in
`course/weights` or written by `course train`. The card says what it was trained on, by which
command, and how it scores. Weights are stored as float16 and computed with as float32.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import torch

from course import learning, metrics, processes
from course.data.batching import encode, token_batches
from course.data.joining import join
from course.data.mixing import with_grammar
from course.data.pairs import Corpus, Example, Pair
from course.data.tokenizer import Tokenizer
from course.decoding import translate
from course.errors import CourseError
from course.model_folder import (
    Config,
    Model,
    read_card,
    read_model,
    read_tokenizer,
    save,
    write_json,
)
from course.models.families import LanguageModel
from course.models.seq2seq import Seq2SeqConfig
from course.models.transformer import TransformerConfig
from course.runtime import default_device, generator
from course.training import History, TrainingConfig

PRESETS: dict[str, Config] = {
    "gru": Seq2SeqConfig(vocab_size=4000, context="every_step", bidirectional=True, d_model=268),
    "bahdanau": Seq2SeqConfig(vocab_size=4000, context="additive", bidirectional=True, d_model=256),
    "luong": Seq2SeqConfig(
        vocab_size=4000, context="general", query="current", bidirectional=True, d_model=298
    ),
    "transformer": TransformerConfig(
        vocab_size=4000, d_model=128, d_ff=512, num_layers=2, num_heads=4
    ),
}
"""What `course train --model` stands for. Widths differ so that all have equally many parameters
(within 2%). The classic model reads its context at every step, which makes it stronger. Luong's is
his global attention with the general score; input feeding, which he adds to it, slows learning here
(chapter 6 and DECISIONS.md), so it is left out. The Transformer normalises what a sublayer reads
(pre-norm), adds sines and cosines for the positions, and ties all embeddings."""


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How a translator is made from a corpus.

    Attributes:
        model: sizes and kind; its `vocab_size` is the number of subwords asked for.
        training: see `TrainingConfig`.
        joined_share: share of training pairs that are two or more sentences put one behind the
            other (`course.data.joining`), so that the model also meets long inputs.
        joined_words: range of their source lengths in words.
        grammar_share: share of the training pairs, before any are joined, that the course's grammar
            makes (`course.data.mixing`), so that the model meets words in all their combinations.
        grammar_words: range of their English lengths in words.
        command: the command line that this recipe came from.
    """

    model: Config
    training: TrainingConfig
    joined_share: float = 0.0
    joined_words: tuple[int, int] = (17, 40)
    grammar_share: float = 0.0
    grammar_words: tuple[int, int] = (3, 12)
    command: str = ""


@dataclass(frozen=True)
class Translator:
    """A trained model with its tokenizer and card."""

    name: str
    model: Model
    tokenizer: Tokenizer
    card: dict[str, Any]

    def translate(self, texts: Sequence[str], *, beam: int = 5) -> list[str]:
        """The best translation of each text by beam search (greedy for `beam=1`)."""
        results = translate(self.model, self.tokenizer, list(texts), beam=beam)
        return [best[0].text for best in results]


def names() -> list[str]:
    """The translators that ship with the course."""
    folder = _weights()
    return sorted(path.parent.name for path in folder.glob("*/card.json"))


def _weights() -> Path:
    return Path(str(files("course"))) / "weights"


def folder_of(name: str | Path) -> Path:
    """The folder of a translator of the zoo, or the folder that is named.

    Raises:
        CourseError: if there is neither (the known translators are listed).
    """
    folder = _weights() / str(name) if str(name) in names() else Path(name)
    if not folder.is_dir():
        known = ", ".join(names()) or "none yet"
        raise CourseError(
            f"There is no translator {str(name)!r}: not a folder, nor one of the zoo's ({known})."
        )
    return folder


def load(name: str | Path, *, device: torch.device | None = None) -> Translator:
    """Load a translator by its name in the zoo, or from a folder.

    Raises:
        CourseError: if there is no such translator (the known ones are listed), or the folder
            lacks a file, one is damaged, or they do not fit each other.
    """
    folder = folder_of(name)
    model = read_model(folder)
    if isinstance(model, LanguageModel):
        raise CourseError(f"{folder} holds a language model; use it with `course write`.")
    tokenizer, card = read_tokenizer(folder, model), read_card(folder)
    model.to(device or default_device()).eval()
    return Translator(folder.name, model, tokenizer, card)


def train_translator(
    corpus: Corpus, recipe: Recipe, out: Path, *, progress: bool = True
) -> tuple[Translator, History]:
    """Train a translator on a corpus and write its folder; an interrupted run is resumed.

    In a run of several processes each calls this; the main one writes, and all get the result.

    Raises:
        CourseError: if `out` holds another run.
    """
    model, tokenizer, history = fit(corpus, recipe, out, progress=progress)
    save(model, out)
    translator = Translator(out.name, model.eval(), tokenizer, {})
    card = _card(translator, corpus, recipe, history)
    processes.on_main(lambda: write_json(out / "card.json", card))
    return replace(translator, card=card), history


def fit(
    corpus: Corpus, recipe: Recipe, out: Path, *, until: int | None = None, progress: bool = True
) -> tuple[Model, Tokenizer, History]:
    """Train the tokenizer and the model of a recipe; an interrupted or paused run is resumed.

    Args:
        corpus: what to learn, and the pairs to validate on.
        recipe: see `Recipe`.
        out: the folder of the run.
        until: pause after so many updates; see `course.training.train`.
        progress: whether to show a progress bar.

    Raises:
        CourseError: if `out` holds another run.
    """
    processes.join()
    pairs = training_pairs(corpus, recipe)  # what may be refused comes before the folder is made
    tokenizer = _tokenizer(corpus, recipe, out)
    data = encode(pairs, tokenizer)
    valid = encode([Pair(example.src, example.refs[0]) for example in corpus.valid], tokenizer)
    model, history = learning.learn(
        recipe.model, tokenizer, data, valid, recipe.training, out, until=until, progress=progress
    )
    return model, tokenizer, history


def training_pairs(corpus: Corpus, recipe: Recipe) -> list[Pair]:
    """The training pairs of a recipe, made and joined ones included."""
    seed = recipe.training.seed
    pairs = with_grammar(
        corpus,
        share=recipe.grammar_share,
        words=recipe.grammar_words,
        generator=generator(seed, "grammar"),
    )
    return join(
        pairs,
        share=recipe.joined_share,
        words=recipe.joined_words,
        generator=generator(seed, "joining"),
    )


def updates_per_epoch(corpus: Corpus, recipe: Recipe, out: Path) -> int:
    """How many updates one pass over the training data takes."""
    pairs, order = training_pairs(corpus, recipe), generator(recipe.training.seed, "epoch")
    data = encode(pairs, _tokenizer(corpus, recipe, out))
    return len(token_batches(data, max_tokens=recipe.training.max_tokens, generator=order))


def _tokenizer(corpus: Corpus, recipe: Recipe, out: Path) -> Tokenizer:
    texts = [text for pair in corpus.train for text in pair]
    return learning.tokenizer_for(texts, recipe.model.vocab_size, out)


def _card(
    translator: Translator, corpus: Corpus, recipe: Recipe, history: History
) -> dict[str, Any]:
    card = learning.card_of(
        translator.name, translator.model, recipe.training, history, recipe.command
    )
    card |= {
        "data": corpus.name,
        "src": corpus.src_lang,
        "tgt": corpus.tgt_lang,
        "licence": corpus.licence,
        "joined_share": recipe.joined_share,
        "joined_words": list(recipe.joined_words),
        "grammar_share": recipe.grammar_share,
        "grammar_words": list(recipe.grammar_words),
    }
    for split, examples in (("valid", corpus.valid), ("test", corpus.test)):
        if examples:
            card.setdefault(split, {}).update(score(translator, examples))
    return card


def score(translator: Translator, examples: list[Example], *, beam: int = 5) -> dict[str, Any]:
    """BLEU (with its 95% interval over sentences, if there are two) and chrF, with signatures.

    The processes of a run translate a share each.
    """
    sources = [example.src for example in examples]
    outputs = processes.share(sources, lambda some: translator.translate(some, beam=beam))
    refs = [example.refs for example in examples]
    bleu, chrf = metrics.bleu(outputs, refs), metrics.chrf(outputs, refs)
    found: dict[str, Any] = {"sentences": len(examples), "beam": beam, "bleu": bleu.value}
    if len(examples) > 1:
        interval = metrics.confidence_interval(outputs, refs, metric="bleu")
        found["bleu_interval"] = [interval.low, interval.high]
    return found | {
        "bleu_signature": bleu.signature,
        "chrf": chrf.value,
        "chrf_signature": chrf.signature,
    }
