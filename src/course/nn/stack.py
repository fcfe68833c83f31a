"""A stack of Transformer layers: the encoder, and the decoder with its cache (chapters 8 and 9).

Axes: B sentences, T new positions, P earlier and new positions, S source positions, D width of the
residual stream, H heads, K width of a head, L layers, V vocabulary.
"""

import torch
import torch.nn.functional as F
from einops import rearrange
from jaxtyping import Bool, Float
from torch import Tensor, nn

from course.errors import CourseError
from course.nn.layer_config import LayerConfig
from course.nn.transformer import Layer, make_norm
from course.ops.masks import prefix_mask
from course.ops.positions import alibi, relative_buckets, sinusoidal

Cache = tuple[Tensor, ...]
"""Keys and values of each layer, one after the other: (k1, v1, k2, v2, …), each (B, H, P, K)."""


class RelativeBias(nn.Module):
    """A learnt bias for each head and each bucket of distances. Raffel et al. (2020), 2.1."""

    def __init__(self, config: LayerConfig, *, both_ways: bool):
        super().__init__()
        self.by_bucket = nn.Embedding(config.num_buckets, config.num_heads)
        self.max_distance, self.both_ways = config.max_distance, both_ways

    def forward(
        self, queries: Float[Tensor, " T"], keys: Float[Tensor, " P"]
    ) -> Float[Tensor, "H T P"]:
        """The bias on the score of each pair of positions."""
        buckets = relative_buckets(
            (keys - queries[:, None]).long(),
            num_buckets=self.by_bucket.num_embeddings,
            max_distance=self.max_distance,
            both_ways=self.both_ways,
        )
        return rearrange(self.by_bucket(buckets), "t p h -> h t p")


class Stack(nn.Module):
    """Layers one upon the other, with the positions that they need.

    Args:
        config: see `LayerConfig`.
        num_layers: L.
        causal: whether a position sees only itself and the ones before it.
        reads_memory: whether each layer attends to a source as well.
    """

    def __init__(
        self, config: LayerConfig, num_layers: int, *, causal: bool, reads_memory: bool = False
    ):
        super().__init__()
        self.config, self.causal = config, causal
        learned, relative = config.positions == "learned", config.positions == "relative"
        self.positions = nn.Embedding(config.max_length, config.d_model) if learned else None
        self.bias = RelativeBias(config, both_ways=not causal) if relative else None
        self.embedding_norm = make_norm(config) if config.norm_embeddings else nn.Identity()
        self.dropout = nn.Dropout(config.dropout)
        self.layers = nn.ModuleList(
            Layer(config, reads_memory=reads_memory) for _ in range(num_layers)
        )
        self.final_norm = make_norm(config) if config.norm_first else nn.Identity()

    def memory(self, outputs: Float[Tensor, "B S D"]) -> Cache:
        """Keys and values of the source for each layer, computed once per sentence."""
        found = [layer.cross_attention.keys_values(outputs) for layer in self.layers]  # pyright: ignore
        return tuple(part for pair in found for part in pair)

    def forward(
        self,
        x: Float[Tensor, "B T D"],
        mask: Bool[Tensor, "B T"] | None = None,
        *,
        past: Cache = (),
        memory: Cache = (),
        memory_mask: Bool[Tensor, "B S"] | None = None,
        prefix: int = 0,
        return_weights: bool = False,
    ) -> tuple[Float[Tensor, "B T D"], Cache, Float[Tensor, "B L H T S"] | None]:
        """Run the layers at T new positions.

        Args:
            x: embedded tokens.
            mask: True at real tokens; by default all are.
            past: the cache of an earlier call, whose positions come before these.
            memory: see `memory`.
            memory_mask: True at real tokens of the source.
            prefix: if causal, how many of the first positions see one another both ways.
            return_weights: whether to return the weights over the source.

        Returns:
            The outputs, the cache of all positions so far, and the weights.

        Raises:
            CourseError: if there are more positions than were learnt.
        """
        start = past[0].shape[2] if past else 0
        every = self._positions_of(x, start + x.shape[1])
        new = every[start:]
        x = self.dropout(self.embedding_norm(self._placed(x, new)))
        allowed, bias = self._allowed(new, every, mask, prefix), self._bias(new, every)
        rotary = new if self.config.positions == "rotary" else None
        cache, all_weights = [], []
        for depth, layer in enumerate(self.layers):
            x, known, weights = layer(
                x,
                _pair(memory, depth),
                past=_pair(past, depth),
                mask=allowed,
                memory_mask=None if memory_mask is None else memory_mask[:, None, None],
                bias=bias,
                rotary=rotary,
                return_weights=return_weights,
            )
            cache.extend(known)
            all_weights.append(weights)
        read = return_weights and bool(memory)
        return self.final_norm(x), tuple(cache), torch.stack(all_weights, 1) if read else None

    def empty_cache(self, like: Float[Tensor, "B ..."]) -> Cache:
        """The cache before the first position, for as many sentences as `like` has."""
        shape = (like.shape[0], self.config.num_heads, 0, self.config.head_width)
        return tuple(like.new_zeros(shape) for _ in range(2 * len(self.layers)))

    def _positions_of(self, x: Tensor, count: int) -> Float[Tensor, " P"]:
        """All positions as numbers, precise enough even where the rest has 16 bits."""
        if self.positions is not None and count > self.config.max_length:
            raise CourseError(
                f"This model has learnt {self.config.max_length} positions, and the text has "
                f"{count}; shorten it."
            )
        precise = torch.promote_types(x.dtype, torch.float32)
        return torch.arange(count, dtype=precise, device=x.device)

    def _placed(self, x: Tensor, positions: Float[Tensor, " T"]) -> Tensor:
        """Embedded tokens that know where they stand, if positions are added."""
        if self.config.positions == "sinusoidal":
            return x + sinusoidal(positions, x.shape[-1]).to(x.dtype)
        return x if self.positions is None else x + self.positions(positions.long())

    def _allowed(
        self,
        queries: Float[Tensor, " T"],
        keys: Float[Tensor, " P"],
        mask: Bool[Tensor, "B T"] | None,
        prefix: int,
    ) -> Bool[Tensor, "#B 1 #T P"] | None:
        """Who may see whom, by order and by padding; None: everybody everybody."""
        order = None
        if self.causal:
            order = prefix_mask(len(keys), prefix, device=keys.device)[-len(queries) :]
        if mask is None:
            return None if order is None else order[None, None]
        real = mask[:, None, None]
        return real if order is None else real & order

    def _bias(
        self, queries: Float[Tensor, " T"], keys: Float[Tensor, " P"]
    ) -> Float[Tensor, "1 H T P"] | None:
        if self.config.positions == "alibi":
            return alibi(queries, keys, self.config.num_heads)[None]
        return None if self.bias is None else self.bias(queries, keys)[None]


class Output(nn.Module):
    """Scores of the tokens: features times the embeddings (tied), or times a matrix of its own.

    Press and Wolf (2017) tie them.
    """

    def __init__(self, vocab_size: int, d_model: int, *, tied: bool, bias: bool):
        super().__init__()
        matrix = torch.randn(vocab_size, d_model) * d_model**-0.5
        self.weight = None if tied else nn.Parameter(matrix)
        self.bias = nn.Parameter(torch.zeros(vocab_size)) if bias else None

    def forward(
        self, features: Float[Tensor, "B T D"], embeddings: Float[Tensor, "V D"]
    ) -> Float[Tensor, "B T V"]:
        """The logits."""
        return F.linear(features, embeddings if self.weight is None else self.weight, self.bias)


def initialise(model: nn.Module) -> None:
    """Xavier's uniform weights and no biases for linear layers; embeddings of length about one."""
    for module in model.modules():
        if isinstance(module, nn.Linear):
            nn.init.xavier_uniform_(module.weight)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
        elif isinstance(module, nn.Embedding):
            nn.init.normal_(module.weight, std=module.embedding_dim**-0.5)


def _pair(cache: Cache, depth: int) -> tuple[Tensor, Tensor] | None:
    """The keys and values of one layer, if there are any."""
    return (cache[2 * depth], cache[2 * depth + 1]) if cache else None
