"""The recurrent encoder–decoder, without and with attention (chapters 2 and 5).

Axes: B sentences, S source positions, T target positions, E embedding width, D state width,
N layers, V vocabulary.
"""

from dataclasses import dataclass
from typing import Literal

import torch
from einops import rearrange, repeat
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from course.errors import CourseError
from course.models.interface import Memory, State, Step
from course.nn.attention import READERS
from course.nn.rnn import FAST, last_real, reverse_padded, run, zero_state


@dataclass(frozen=True, kw_only=True)
class Seq2SeqConfig:
    """Sizes and kind of a `Seq2Seq`.

    Attributes:
        vocab_size: V, shared by source and target.
        d_embed: E; the same matrix embeds source and target and scores the output.
        d_model: D, the width of the decoder state *and* of the summary vector. A bidirectional
            encoder gives half of it to each direction, so the bottleneck is as wide either way.
        d_attention: width of the hidden layer of additive scores.
        num_layers: layers in the encoder and in the decoder.
        cell: the recurrent unit.
        bidirectional: whether a second encoder reads the source backwards.
        context: what the decoder reads besides its initial state; see `course.nn.attention`.
        dropout: share of embeddings and of outputs dropped in training.

    Raises:
        CourseError: if a size is below 1, a kind is unknown, the dropout is not in [0, 1), or
            `d_model` is odd although two directions share it.
    """

    vocab_size: int
    d_embed: int = 128
    d_model: int = 256
    d_attention: int = 128
    num_layers: int = 1
    cell: Literal["tanh", "gru", "lstm"] = "gru"
    bidirectional: bool = False
    context: Literal["initial", "every_step", "additive"] = "initial"
    dropout: float = 0.1

    def __post_init__(self) -> None:
        """Check the settings."""
        for name in ("vocab_size", "d_embed", "d_model", "d_attention", "num_layers"):
            size = getattr(self, name)
            if not (isinstance(size, int) and size >= 1):
                raise CourseError(f"{name} must be a whole number of at least 1, not {size!r}.")
        for name, known in (("cell", FAST), ("context", READERS)):
            kind = getattr(self, name)
            if not (isinstance(kind, str) and kind in known):
                raise CourseError(f"{name} is one of {', '.join(known)}, not {kind!r}.")
        if not (isinstance(self.dropout, (int, float)) and 0 <= self.dropout < 1):
            raise CourseError(f"dropout must be at least 0 and below 1, not {self.dropout!r}.")
        if self.bidirectional and self.d_model % 2:
            raise CourseError(
                f"d_model {self.d_model} is odd, so two directions cannot share it; choose an "
                "even one."
            )


class Encoder(nn.Module):
    """A stack of recurrent layers over the source, one stack for each direction."""

    def __init__(self, config: Seq2SeqConfig):
        super().__init__()
        directions = 2 if config.bidirectional else 1
        width = config.d_model // directions
        widths = [config.d_embed] + [width] * (config.num_layers - 1)
        self.directions = nn.ModuleList(
            nn.ModuleList(FAST[config.cell](w, width, batch_first=True) for w in widths)
            for _ in range(directions)
        )
        self.dropout = nn.Dropout(config.dropout)

    def forward(
        self, embedded: Float[Tensor, "B S E"], lengths: Int[Tensor, " B"]
    ) -> tuple[Float[Tensor, "B S D"], Float[Tensor, "B D"]]:
        """The output at each position, and the summary: the outputs where each direction ends."""
        outputs, summaries = [], []
        for backwards, layers in enumerate(self.directions):
            out = reverse_padded(embedded, lengths) if backwards else embedded
            for layer in layers:  # pyright: ignore
                out, _ = run(layer, self.dropout(out), zero_state(layer, out))
            summaries.append(last_real(out, lengths))
            outputs.append(reverse_padded(out, lengths) if backwards else out)
        return torch.cat(outputs, -1), torch.cat(summaries, -1)


class Decoder(nn.Module):
    """A recurrent language model of the target that starts from, and may read, the source."""

    def __init__(self, config: Seq2SeqConfig):
        super().__init__()
        d_embed, d_model = config.d_embed, config.d_model
        self.reader = READERS[config.context](d_model, d_model, config.d_attention)
        self.rnn = FAST[config.cell](
            d_embed + self.reader.width, d_model, config.num_layers, batch_first=True
        )
        self.parts = 2 if config.cell == "lstm" else 1
        self.bridge = nn.Linear(d_model, self.parts * config.num_layers * d_model)
        self.readout = nn.Linear(d_model + self.reader.width + d_embed, d_embed)
        self.dropout = nn.Dropout(config.dropout)

    def initial_state(self, summary: Float[Tensor, "B D"]) -> State:
        """The first state, tanh(W summary): Cho et al. (2014), appendix A."""
        state = torch.tanh(self.bridge(summary))
        return tuple(
            rearrange(part, "b (n d) -> b n d", n=self.rnn.num_layers)
            for part in state.chunk(self.parts, dim=-1)
        )

    def forward(
        self, embedded: Float[Tensor, "B T E"], memory: Memory, state: State
    ) -> tuple[Float[Tensor, "B T E"], State, Float[Tensor, "B T S"] | None]:
        """Feed target embeddings.

        Returns:
            Features of the next token at each step, the last state, and the attention weights
            (None where the reader has none).
        """
        if self.reader.needs_state:
            return self._step_by_step(embedded, memory, state)
        # The context is the same at every step, so one call runs the whole target.
        context, _ = self.reader(state[0][:, -1], memory)
        context = repeat(context, "b w -> b t w", t=embedded.shape[1])
        hidden, state = run(self.rnn, torch.cat([embedded, context], -1), state)
        return self._features(hidden, context, embedded), state, None

    def _step_by_step(
        self, embedded: Tensor, memory: Memory, state: State
    ) -> tuple[Tensor, State, Tensor]:
        hiddens, contexts, all_weights = [], [], []
        for token in embedded.split(1, dim=1):  # (B, 1, E)
            context, weights = self.reader(state[0][:, -1], memory)  # read with h[t-1]
            context = context[:, None]
            hidden, state = run(self.rnn, torch.cat([token, context], -1), state)
            hiddens.append(hidden)
            contexts.append(context)
            all_weights.append(weights)
        features = self._features(torch.cat(hiddens, 1), torch.cat(contexts, 1), embedded)
        return features, state, torch.stack(all_weights, 1)

    def _features(self, hidden: Tensor, context: Tensor, embedded: Tensor) -> Tensor:
        # No tanh here: bounded features times embeddings of length about one could not make the
        # logits large enough to be sure of a word.
        joined = torch.cat([hidden, context, embedded], -1)
        return self.dropout(self.readout(self.dropout(joined)))


class Seq2Seq(nn.Module):
    """Recurrent encoder–decoder; implements `course.models.interface.SequenceModel`.

    Cho et al. (2014) and Sutskever et al. (2014) without attention, Bahdanau et al. (2015) with.
    Input, output and target embeddings are one matrix (Press and Wolf, 2017).
    """

    def __init__(self, config: Seq2SeqConfig):
        super().__init__()
        self.config = config
        self.embedding = nn.Embedding(config.vocab_size, config.d_embed)
        nn.init.normal_(self.embedding.weight, std=config.d_embed**-0.5)
        # Scaled up so that a token's input has about unit variance while the same matrix,
        # read as output weights, gives logits of about unit variance.
        self.embedding_scale = config.d_embed**0.5
        self.encoder = Encoder(config)
        self.decoder = Decoder(config)
        self.output_bias = nn.Parameter(torch.zeros(config.vocab_size))
        self.dropout = nn.Dropout(config.dropout)

    def embed(self, tokens: Int[Tensor, "B T"]) -> Float[Tensor, "B T E"]:
        """Token ids to vectors."""
        return self.dropout(self.embedding(tokens) * self.embedding_scale)

    def logits(self, features: Float[Tensor, "B T E"]) -> Float[Tensor, "B T V"]:
        """Scores of the next token."""
        return features @ self.embedding.weight.mT + self.output_bias

    def forward(
        self, src: Int[Tensor, "B S"], src_mask: Bool[Tensor, "B S"], tgt_in: Int[Tensor, "B T"]
    ) -> Float[Tensor, "B T V"]:
        """Teacher-forced logits of the token after each token of `tgt_in`."""
        memory = self.encode(src, src_mask)
        state = self.decoder.initial_state(memory[3])
        features, _, _ = self.decoder(self.embed(tgt_in), memory, state)
        return self.logits(features)

    def encode(self, src: Int[Tensor, "B S"], src_mask: Bool[Tensor, "B S"]) -> Memory:
        """Read the source: `(outputs, keys, mask, summary)`, see `course.nn.attention`."""
        outputs, summary = self.encoder(self.embed(src), src_mask.sum(1))
        return outputs, self.decoder.reader.keys(outputs), src_mask, summary

    def start(self, memory: Memory, prefix: Int[Tensor, "B P"]) -> State:
        """The decoder state after `prefix`."""
        state = self.decoder.initial_state(memory[3])
        if prefix.shape[1]:
            _, state, _ = self.decoder(self.embed(prefix), memory, state)
        return state

    def step(
        self,
        token: Int[Tensor, " B"],
        memory: Memory,
        state: State,
        *,
        return_weights: bool = False,
    ) -> Step:
        """Feed one token. Weights have one layer and one head: (B, 1, 1, S)."""
        features, state, weights = self.decoder(self.embed(token[:, None]), memory, state)
        log_probs = self.logits(features)[:, 0].log_softmax(-1)
        if not return_weights or weights is None:
            return Step(log_probs, state)
        return Step(log_probs, state, weights[:, None])
