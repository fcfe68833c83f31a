"""What attention costs, counted exactly, variant by variant (chapter 10).

A count is of multiplications in matrix products, each with its addition (half the "FLOPs" that
profilers print), forward, for one sentence; and of numbers held, to be multiplied by the bytes of
one. Projections of a layer are not among them: they are the same for all.

Axes: n positions, H heads, D width of a query and key, E width of a value, C positions of a block
or chunk.
"""

from dataclasses import dataclass

from course.ops.efficient.patterns import Layout


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """One sentence and its heads.

    Attributes:
        length: n.
        heads: H.
        d_key: D, of each head.
        d_value: E, of each head.
    """

    length: int
    heads: int
    d_key: int
    d_value: int

    @property
    def widths(self) -> int:
        """D + E: what one pair of a query and a key costs, its score and its read."""
        return self.d_key + self.d_value


@dataclass(frozen=True, kw_only=True)
class AttentionCost:
    """What it takes to read one sentence, and to remember it for the next token.

    Attributes:
        multiplications: of all matrix products.
        scores: scores that are held at once, when no fused kernel spares them.
        state: other numbers that are made on the way and held at once: gathered or shortened keys
            and values, states of chunks, features. Not counted: queries, keys, values, output.
        cache: numbers that generation keeps of the sentence to read the next token.
    """

    multiplications: int
    scores: int
    state: int
    cache: int

    def bytes_held(self, bytes_per_number: int = 4) -> int:
        """Bytes of scores and state."""
        return (self.scores + self.state) * bytes_per_number

    def cache_bytes(self, bytes_per_number: int = 4) -> int:
        """Bytes that one layer keeps of the sentence while it generates."""
        return self.cache * bytes_per_number


def full_cost(sizes: Sizes, *, groups: int | None = None) -> AttentionCost:
    """Of plain attention, each score computed and stored, causal or not.

    Args:
        sizes: of the sentence.
        groups: G, heads of keys and values; by default one for each head. Sharing them makes the
            cache smaller and nothing else.
    """
    pairs = sizes.heads * sizes.length**2
    return AttentionCost(
        multiplications=pairs * sizes.widths,
        scores=pairs,
        state=0,
        cache=sizes.length * (groups or sizes.heads) * sizes.widths,
    )


def tiled_cost(sizes: Sizes, *, block: int, causal: bool) -> AttentionCost:
    """Of `tiled_attention`: its state is the running largest score, sum and output of a block."""
    edges = [min(block, sizes.length - start) for start in range(0, sizes.length, block)]
    pairs = sum(
        rows * columns
        for i, rows in enumerate(edges)
        for columns in (edges[: i + 1] if causal else edges)
    )
    return AttentionCost(
        multiplications=sizes.heads * pairs * sizes.widths,
        scores=sizes.heads * edges[0] ** 2,
        state=sizes.heads * edges[0] * (sizes.d_value + 2),
        cache=sizes.length * sizes.heads * sizes.widths,
    )


def latent_cost(sizes: Sizes, *, rank: int, d_rotated: int = 0) -> AttentionCost:
    """Of `latent_attention`, its queries taken down to the latents and its reads up again.

    Args:
        sizes: of the sentence.
        rank: R, the width of a latent.
        d_rotated: features of the one rotated key that DeepSeek-V2 caches besides. They cost a
            product for each pair.
    """
    pairs = sizes.heads * sizes.length**2
    return AttentionCost(
        multiplications=sizes.heads * sizes.length * rank * sizes.widths
        + pairs * (2 * rank + d_rotated),
        scores=pairs,
        state=2 * sizes.heads * sizes.length * rank,  # queries and reads, as wide as a latent
        cache=sizes.length * (rank + d_rotated),
    )


def sliding_window_cost(
    sizes: Sizes, *, window: int, causal: bool, dilation: int = 1
) -> AttentionCost:
    """Of `sliding_window_attention`: its state is each block's keys and values with neighbours'."""
    track = _ceil(sizes.length, dilation)
    block = min(window, track)
    blocks = _ceil(track, block)
    met = block * (1 if blocks == 1 else 2 if causal else 3)
    pairs = sizes.heads * dilation * blocks * block * met
    return AttentionCost(
        multiplications=pairs * sizes.widths,
        scores=pairs,
        state=0 if blocks == 1 else sizes.heads * dilation * blocks * met * sizes.widths,
        cache=sizes.heads * min(sizes.length, (window - 1) * dilation + 1) * sizes.widths,
    )


def strided_cost(sizes: Sizes, *, stride: int, causal: bool) -> AttentionCost:
    """Of `strided_attention`; every position may be seen again, so the cache is the whole one."""
    blocks = _ceil(sizes.length, stride)
    met = stride * (1 if blocks == 1 else 2 if causal else 3)
    pairs = sizes.heads * blocks * stride * (met + blocks)
    return AttentionCost(
        multiplications=pairs * sizes.widths,
        scores=pairs,
        state=0 if blocks == 1 else sizes.heads * blocks * met * sizes.widths,
        cache=sizes.length * sizes.heads * sizes.widths,
    )


def block_sparse_cost(sizes: Sizes, layout: Layout, *, block: int) -> AttentionCost:
    """Of `block_sparse_attention`: its state is the gathered blocks of keys and values."""
    met = sum(len(columns) for columns in layout)
    return AttentionCost(
        multiplications=sizes.heads * met * block**2 * sizes.widths,
        scores=sizes.heads * met * block**2,
        state=sizes.heads * met * block * sizes.widths,
        cache=sizes.length * sizes.heads * sizes.widths,
    )


def low_rank_cost(sizes: Sizes, *, rank: int) -> AttentionCost:
    """Of `low_rank_attention`, which is not causal: it has no cache, since it can't generate."""
    return AttentionCost(
        multiplications=2 * sizes.heads * rank * sizes.length * sizes.widths,
        scores=sizes.heads * sizes.length * rank,
        state=sizes.heads * rank * sizes.widths,
        cache=0,
    )


def linear_cost(
    sizes: Sizes, *, causal: bool, chunk: int = 64, features: int | None = None
) -> AttentionCost:
    """Of `linear_attention`: E + 1 values, with the one that sums up to the divisor.

    Args:
        sizes: of the sentence.
        causal: in chunks, with a state for each.
        chunk: C.
        features: of random features, that many are made of each query and key first; by default
            the D features of elu + 1, which cost no product.
    """
    width, summed = features or sizes.d_key, sizes.d_value + 1
    chunks = _ceil(sizes.length, chunk) if causal else 1
    steps = chunks * chunk if causal else sizes.length
    within = steps * chunk * (width + summed) if causal else 0
    made = 0 if features is None else 2 * sizes.length * sizes.d_key * features
    return AttentionCost(
        multiplications=sizes.heads * (within + 2 * steps * width * summed + made),
        scores=sizes.heads * steps * chunk if causal else 0,
        state=sizes.heads * (chunks * width * summed + (2 * sizes.length * width if made else 0)),
        cache=sizes.heads * width * summed,
    )


def gated_linear_cost(sizes: Sizes, *, chunk: int = 64) -> AttentionCost:
    """Of `gated_linear_attention`."""
    chunks, held = _ceil(sizes.length, chunk), sizes.heads * sizes.d_key * sizes.d_value
    pairs = sizes.heads * chunks * chunk**2
    return AttentionCost(
        multiplications=pairs * sizes.widths + 2 * chunks * chunk * held,
        scores=pairs,
        state=chunks * held,
        cache=held,
    )


def gated_delta_cost(sizes: Sizes, *, chunk: int = 64) -> AttentionCost:
    """Of `gated_delta_rule`: it compares keys too, and solves a triangular system per chunk.

    Its state is that of each chunk, and of each position the correction and both solutions.
    """
    chunks, held = _ceil(sizes.length, chunk), sizes.heads * sizes.d_key * sizes.d_value
    pairs = sizes.heads * chunks * chunk**2
    solved = sizes.heads * chunks * (chunk * (chunk - 1) // 2) * sizes.widths
    return AttentionCost(
        multiplications=pairs * (sizes.widths + sizes.d_key) + solved + 3 * chunks * chunk * held,
        scores=2 * pairs,
        state=chunks * held + sizes.heads * chunks * chunk * (sizes.widths + sizes.d_value),
        cache=held,
    )


def _ceil(length: int, size: int) -> int:
    """How many pieces of a size it takes."""
    return -(-length // size)
