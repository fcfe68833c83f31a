"""What the checks hand to an answer in place of trained models, tokenizers and real batches."""

from collections.abc import Iterable
from typing import Literal

import torch
from torch import Tensor

from course.exercises.checking import fresh_generator
from course.models.seq2seq import Seq2Seq, Seq2SeqConfig

VOCABULARY = 13
"""Of `opinionated_model`."""


def draw(low: int, high: int, g: torch.Generator, count: int = 1) -> list[int]:
    """Whole numbers from low to high, both included."""
    return torch.randint(low, high + 1, (count,), generator=g).tolist()


class LetterPairs:
    """Stands in for a tokenizer: pairs of letters are its tokens, and a word is never whole."""

    def encode(self, text: str) -> list[int]:
        """One id for each two letters of a word, beginning anew with each word."""
        return [4 + ord(word[start]) for word in text.split() for start in range(0, len(word), 2)]

    def encode_batch(self, texts: Iterable[str]) -> list[list[int]]:
        """The ids of several texts."""
        return [self.encode(text) for text in texts]

    def tokens(self, text: str) -> list[str]:
        """The same in letters."""
        return [chr(number - 4) for number in self.encode(text)]


class Ragged:
    """Rows of different lengths through a recurrent layer, alone and padded with noise."""

    def __init__(self) -> None:
        g = fresh_generator()
        self.layer = torch.nn.RNN(2, 5, batch_first=True).double()
        self.lengths = torch.tensor([4, 7, 1])[torch.randperm(3, generator=g)]
        self.embedded = torch.randn(3, 7, 2, generator=g, dtype=torch.float64)

    def alone(self, embedded: Tensor) -> Tensor:
        """The last state of each row by itself, (3, 5)."""
        rows = zip(embedded, self.lengths.tolist(), strict=True)
        return torch.cat([self.layer(row[None, :length])[0][:, -1] for row, length in rows])


class FixedLogits(torch.nn.Module):
    """Stands in for a trained model: its probabilities are known."""

    def __init__(self, logits: Tensor) -> None:
        super().__init__()
        self.fixed = torch.nn.Parameter(logits)

    def forward(self, src: Tensor, src_mask: Tensor, tgt_in: Tensor) -> Tensor:
        """The same logits whatever it reads."""
        if src.dtype == torch.bool or src_mask.dtype != torch.bool:
            raise TypeError("src holds token ids, and src_mask says which of them are there")
        return self.fixed * 1


def opinionated_model(
    g: torch.Generator, context: Literal["every_step", "additive"] = "every_step"
) -> Seq2Seq:
    """A random model that has strong opinions and never prefers padding or the start token."""
    config = Seq2SeqConfig(
        vocab_size=VOCABULARY, d_embed=5, d_model=7, d_attention=3, context=context, dropout=0.0
    )
    model = Seq2Seq(config).double()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(0.7 * torch.randn(parameter.shape, generator=g, dtype=torch.float64))
        model.output_bias[:2] = -50.0
    return model
