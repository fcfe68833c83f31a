"""Three tasks that are no translation, and models with and without attention (chapter 11, C20).

The tasks:

- `pictures`: random letters drawn by hand, under white noise; read in strips six pixels wide
- `sounds`: random letters as pairs of tones, under white noise; read in pieces of four frames
- `summaries`: reports about one person among others (`course.data.grammar.summaries`), by words

The models, all with about as many parameters, differ in what the decoder gets from the source:

- `transformer`, `gru-attention`: all of the encoder's outputs, by attention
- `transformer-fixed`: one vector, the mean of the encoder's outputs, which its cross-attention
  reads as if the source had one place
- `gru-fixed`: one vector, the two ends of a bidirectional encoder, fed at every step

Everything else is the code that trains and searches translations: `course.training.train`,
`course.decoding`, `course.metrics`.
"""

from __future__ import annotations

from functools import cache
from typing import Literal, NamedTuple, get_args

import torch
from torch import nn

from course.data import signals
from course.data.batching import Encoded
from course.data.grammar.summaries import Report, reports
from course.data.tokenizer import Tokenizer
from course.experiments.fitting import number_of_parameters, widest_within
from course.models.interface import Memory
from course.models.seq2seq import Seq2Seq, Seq2SeqConfig
from course.models.transformer import Transformer, TransformerConfig
from course.nn.front_ends import FrontEnd
from course.runtime import generator

Task = Literal["pictures", "sounds", "summaries"]
Kind = Literal["transformer", "gru-attention", "transformer-fixed", "gru-fixed"]
TASKS: tuple[Task, ...] = get_args(Task)
KINDS: tuple[Kind, ...] = get_args(Kind)

LETTERS = (1, 8)
"""Letters of a word: the fewest and the most."""
FACTS = (2, 3)
"""Statements about the person who matters: the fewest and the most."""
LEVELS: dict[Task, tuple[int, ...]] = {
    "pictures": (20, 15, 10, 5, 0),
    "sounds": (20, 10, 5, 0, -5, -10),
    "summaries": (0, 1, 2, 3),
}
"""Of noise, from little to much: signal-to-noise ratios in decibels; statements about others. In
training they are drawn evenly from the least to the greatest."""
STRIP, STACK = 6, 4
"""Pixels to a strip of a picture; frames to a piece of a sound."""

D_MODEL = 64
LAYERS = 2
SIZES = {"d_model": D_MODEL, "num_heads": 4, "d_ff": 128, "num_layers": LAYERS, "dropout": 0.1}


class Items(NamedTuple):
    """Items of a task: what is read, what is to be written, and the same as text."""

    encoded: Encoded
    texts: list[str]


def picture(text: str, snr: float, source: torch.Generator) -> torch.Tensor:
    """Returns a noisy picture of a word, (16, W).

    Args:
        text: Letters.
        snr: In decibels.
        source: Of randomness.
    """
    return signals.add_noise(signals.draw(text, generator=source), snr, generator=source)


def loudness(text: str, snr: float, source: torch.Generator) -> torch.Tensor:
    """Returns the spectrogram of a noisy sound of a word, (T, K).

    Args:
        text: Letters.
        snr: In decibels.
        source: Of randomness.
    """
    sound = signals.play(text, generator=source)
    return signals.spectrogram(signals.add_noise(sound, snr, generator=source))


def pieces(task: Task, text: str, snr: float, source: torch.Generator) -> torch.Tensor:
    """Returns a picture or a sound as the model reads it, (S, F).

    Args:
        task: Which of the two.
        text: Letters.
        snr: In decibels.
        source: Of randomness.
    """
    if task == "pictures":
        return signals.strips(picture(text, snr, source), STRIP)
    return signals.frames(loudness(text, snr, source), STACK)


def draw(task: Task, n: int, level: int | None, source: torch.Generator) -> Items:
    """Makes items of a task.

    Args:
        task: As in `TASKS`.
        n: How many.
        level: Of noise, see `LEVELS`; None for the mixture that is trained on.
        source: Of randomness.
    """
    if task == "summaries":
        found = _reports(n, level, source)
        return _told([(report.text, report.summary) for report in found])
    texts = signals.strings(n, lengths=LETTERS, generator=source)
    return written(task, texts, level, source)


def written(task: Task, texts: list[str], level: int | None, source: torch.Generator) -> Items:
    """Makes pictures or sounds of given words; arguments as for `draw`."""
    low, high = (min(LEVELS[task]), max(LEVELS[task])) if level is None else (level, level)
    each = (low + (high - low) * torch.rand(len(texts), generator=source)).tolist()
    read = [pieces(task, word, snr, source) for word, snr in zip(texts, each, strict=True)]
    return Items(Encoded(read, [signals.tokens(word) for word in texts]), texts)


def _reports(n: int, level: int | None, source: torch.Generator) -> list[Report]:
    levels = LEVELS["summaries"] if level is None else (level,)
    share = -(-n // len(levels))
    found = [r for k in levels for r in reports(share, facts=FACTS, others=k, generator=source)]
    return found[:n]


def _told(pairs: list[tuple[str, str]]) -> Items:
    words = vocabulary()
    read, write = ([words.encode(each) for each in side] for side in zip(*pairs, strict=True))
    return Items(Encoded(read, write), [summary for _, summary in pairs])


@cache
def vocabulary() -> Tokenizer:
    """Returns the words of reports and summaries."""
    found = _reports(2000, None, generator(0, "c20", "vocabulary"))
    return Tokenizer.words(text for report in found for text in (report.text, report.summary))


def text(task: Task, ids: list[int]) -> str:
    """Returns what a model wrote.

    Args:
        task: As in `TASKS`.
        ids: The tokens.
    """
    return vocabulary().decode(ids) if task == "summaries" else signals.letters(ids)


def front_end(task: Task, width: int) -> nn.Module | None:
    """Returns what turns a source into vectors, or None where it has tokens.

    Args:
        task: As in `TASKS`.
        width: Of the vectors.
    """
    if task == "summaries":
        return None
    return FrontEnd(pieces(task, "e", 0.0, generator(0, "c20", "shape")).shape[1], width)


class OneVector(Transformer):
    """A Transformer whose decoder reads a single vector: the mean of the encoder's outputs."""

    def encode(self, src: torch.Tensor, src_mask: torch.Tensor) -> Memory:
        """Reads the source; the memory has one place."""
        outputs = super().encode(src, src_mask)[1]
        real = src_mask[..., None].to(outputs.dtype)
        mean = (outputs * real).sum(1, keepdim=True) / real.sum(1, keepdim=True)
        return src_mask[:, :1], mean, *self.decoder.memory(mean)


def build(task: Task, kind: Kind) -> nn.Module:
    """Returns an untrained model; recurrent ones get as many parameters as the Transformer.

    Args:
        task: As in `TASKS`.
        kind: As in `KINDS`.
    """
    if kind.startswith("transformer"):
        model = OneVector if kind == "transformer-fixed" else Transformer
        config = TransformerConfig(vocab_size=vocabulary_size(task), **SIZES)
        return model(config, front_end(task, D_MODEL))
    return _recurrent(task, kind, _width(task, kind))


def vocabulary_size(task: Task) -> int:
    """Returns V.

    Args:
        task: As in `TASKS`.
    """
    return len(vocabulary()) if task == "summaries" else signals.VOCABULARY


def _recurrent(task: Task, kind: Kind, width: int) -> nn.Module:
    attends = kind == "gru-attention"
    config = Seq2SeqConfig(
        vocab_size=vocabulary_size(task),
        d_embed=D_MODEL,
        d_model=width,
        bidirectional=True,
        context="general" if attends else "every_step",
        query="current" if attends else "previous",
        dropout=SIZES["dropout"],
    )
    return Seq2Seq(config, front_end(task, D_MODEL))


@cache
def _width(task: Task, kind: Kind) -> int:
    budget = number_of_parameters(build(task, "transformer"))
    with torch.random.fork_rng():
        return widest_within(budget, lambda width: _recurrent(task, kind, width), multiple=2)
