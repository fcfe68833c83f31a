"""The recurrent encoder–decoder, without and with attention (chapters 2, 5 and 6).

Axes: B sentences, S source positions, T target positions, E embedding width, D state width,
N layers, V vocabulary.
"""

from dataclasses import dataclass
from typing import Literal

import torch
from einops import rearrange
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from course.errors import CourseError
from course.models.interface import Memory, Sources, State, Step
from course.nn.attention import READERS
from course.nn.rnn import FAST, last_real, reverse_padded, run, zero_state
from course.nn.windows import WINDOWS

DEFAULTS = ("previous", "global")
"""`query` and `window` where there is no attention to set."""


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
        context: what the decoder reads besides its initial state, and by which score; see
            `course.nn.attention`.
        query: which state asks: h[t-1], before the token is fed, whose context then feeds the
            recurrent layer (Bahdanau), or h[t], after it, whose context only serves to predict
            (Luong).
        input_feeding: whether the decoder is fed, with each token, the features from which it
            predicted that token. Luong et al. (2015), section 3.3.
        window: where attention may look; see `course.nn.windows`.
        radius: D, how many positions a local window reaches to either side.
        dropout: share dropped in training of embeddings, between layers, and of what the features
            are made from.

    Raises:
        CourseError: if a size is below 1, a kind is unknown, the dropout is not in [0, 1),
            `d_model` is odd although two directions share it, or a setting of attention comes
            without attention.
    """

    vocab_size: int
    d_embed: int = 128
    d_model: int = 256
    d_attention: int = 128
    num_layers: int = 1
    cell: Literal["tanh", "gru", "lstm"] = "gru"
    bidirectional: bool = False
    context: Literal[
        "initial", "every_step", "additive", "dot", "scaled_dot", "general", "concat", "location"
    ] = "initial"
    query: Literal["previous", "current"] = "previous"
    input_feeding: bool = False
    window: Literal["global", "local_m", "local_p"] = "global"
    radius: int = 10
    dropout: float = 0.1

    def __post_init__(self) -> None:
        """Check the settings."""
        for name in ("vocab_size", "d_embed", "d_model", "d_attention", "num_layers", "radius"):
            size = getattr(self, name)
            if not (isinstance(size, int) and size >= 1):
                raise CourseError(f"{name} must be a whole number of at least 1, not {size!r}.")
        for name, known in (
            ("cell", FAST),
            ("context", READERS),
            ("query", ("previous", "current")),
            ("window", WINDOWS),
        ):
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
        if not READERS[self.context].attends and (self.query, self.window) != DEFAULTS:
            raise CourseError(
                f"query and window are settings of attention, and context {self.context!r} has "
                "none; leave them out, or choose a kind of attention."
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
            for depth, layer in enumerate(layers):  # pyright: ignore
                out = self.dropout(out) if depth else out  # embeddings come with theirs
                out, _ = run(layer, out, zero_state(layer, out))
            summaries.append(last_real(out, lengths))
            outputs.append(reverse_padded(out, lengths) if backwards else out)
        return torch.cat(outputs, -1), torch.cat(summaries, -1)


class Decoder(nn.Module):
    """A recurrent language model of the target that starts from, and may read, the source.

    Its state holds the recurrent layers' state, one tensor or two; then, with input feeding, the
    last features (B, E); then, where the window asks for it, how many tokens it was fed (B,).
    """

    def __init__(self, config: Seq2SeqConfig):
        super().__init__()
        d_embed, d_model = config.d_embed, config.d_model
        window = WINDOWS[config.window](d_model, config.d_attention, config.radius)
        self.reader = READERS[config.context](d_model, d_model, config.d_attention, window)
        self.asks_first = config.query == "previous"
        self.feeds = config.input_feeding
        self.counts = window.needs_positions
        read_first = self.reader.width if self.asks_first else 0
        fed = d_embed if self.feeds else 0
        self.rnn = FAST[config.cell](
            d_embed + read_first + fed, d_model, config.num_layers, batch_first=True
        )
        self.parts = 2 if config.cell == "lstm" else 1
        self.bridge = nn.Linear(d_model, self.parts * config.num_layers * d_model)
        self.readout = nn.Linear(d_model + self.reader.width + d_embed, d_embed)
        self.dropout = nn.Dropout(config.dropout)

    def initial_state(self, summary: Float[Tensor, "B D"]) -> State:
        """The first state, tanh(W summary): Cho et al. (2014), appendix A."""
        state = torch.tanh(self.bridge(summary))
        layers = [
            rearrange(part, "b (n d) -> b n d", n=self.rnn.num_layers)
            for part in state.chunk(self.parts, dim=-1)
        ]
        fed = [summary.new_zeros(len(summary), self.readout.out_features)] * self.feeds
        count = [torch.zeros(len(summary), dtype=torch.long, device=summary.device)] * self.counts
        return (*layers, *fed, *count)

    def forward(
        self, embedded: Float[Tensor, "B T E"], memory: Memory, state: State
    ) -> tuple[Float[Tensor, "B T E"], State, Float[Tensor, "B T S"] | None]:
        """Feed target embeddings.

        Returns:
            Features of the next token at each step, the last state, and the attention weights
            (None where the reader has none).
        """
        # What a step needs of the one before it, besides the recurrent state, forces a loop here;
        # without that, one call of the recurrent layer runs the whole target.
        loops = self.feeds or (self.asks_first and self.reader.attends)
        found, all_weights = [], []
        for piece in embedded.split(1, dim=1) if loops else [embedded]:
            joined, state, weights = self._run(piece, memory, state)
            found.append(state[self.parts][:, None] if self.feeds else joined)
            all_weights += [] if weights is None else [weights]
        features = torch.cat(found, 1)
        features = features if self.feeds else self._features(features)
        return features, state, torch.cat(all_weights, 1) if all_weights else None

    def _run(
        self, embedded: Tensor, memory: Memory, state: State
    ) -> tuple[Tensor, State, Tensor | None]:
        """Feed embeddings (B, T, E); T > 1 only where no step depends on another's reading.

        Returns what the features are made from (B, T, D + W + E), the state and the weights.
        """
        layers, extras = state[: self.parts], list(state[self.parts :])
        fed = [extras.pop(0)[:, None]] if self.feeds else []
        positions = torch.arange(1, embedded.shape[1] + 1, device=embedded.device)
        positions = positions.expand(len(embedded), -1)
        if self.counts:
            positions = positions + extras[0][:, None]
        context, weights = embedded[:, :, :0], None
        if self.asks_first:
            queries = layers[0][:, -1:].expand(-1, embedded.shape[1], -1)  # h[t-1]
            context, weights = self.reader(queries, memory, positions)
        hidden, layers = run(self.rnn, torch.cat([embedded, context, *fed], -1), layers)
        if not self.asks_first:
            context, weights = self.reader(hidden, memory, positions)  # h[t]
        joined = torch.cat([hidden, context, embedded], -1)
        feeding = [self._features(joined)[:, -1]] if self.feeds else []
        count = [positions[:, -1]] if self.counts else []
        return joined, (*layers, *feeding, *count), weights

    def _features(self, joined: Tensor) -> Tensor:
        # No tanh here: bounded features times embeddings of length about one could not make the
        # logits large enough to be sure of a word.
        return self.readout(self.dropout(joined))


class Seq2Seq(nn.Module):
    """Recurrent encoder–decoder; implements `course.models.interface.SequenceModel`.

    Cho et al. (2014), Sutskever et al. (2014) without attention, Bahdanau et al. (2015) with. One
    matrix embeds and scores (Press and Wolf, 2017). To compile: `torch._dynamo.config.allow_rnn`.
    A `front_end` makes vectors (B, S, E) of sources that are no tokens: `course.nn.front_ends`.
    """

    def __init__(self, config: Seq2SeqConfig, front_end: nn.Module | None = None):
        super().__init__()
        self.config = config
        self.front_end = front_end
        self.embedding = nn.Embedding(config.vocab_size, config.d_embed)
        nn.init.normal_(self.embedding.weight, std=config.d_embed**-0.5)
        # So that inputs have about unit variance, as logits have, which the same matrix makes.
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
        self, src: Sources, src_mask: Bool[Tensor, "B S"], tgt_in: Int[Tensor, "B T"]
    ) -> Float[Tensor, "B T V"]:
        """Teacher-forced logits of the token after each token of `tgt_in`."""
        memory = self.encode(src, src_mask)
        first = self.decoder.initial_state(memory[3])
        return self.logits(self.decoder(self.embed(tgt_in), memory, first)[0])

    def encode(self, src: Sources, src_mask: Bool[Tensor, "B S"]) -> Memory:
        """Read the source: `(outputs, keys, mask, summary)`, see `course.nn.attention`."""
        outputs, summary = self.encoder((self.front_end or self.embed)(src), src_mask.sum(1))
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
