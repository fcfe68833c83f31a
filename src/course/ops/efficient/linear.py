r"""Linear attention: a state of fixed size in place of a cache that grows (chapter 10).

Without the softmax the products can be taken in another order, $(QK^\top)V = Q(K^\top V)$, and
$K^\top V$ is a sum over the past: a state. So a causal layer can be computed in three ways that
give the same: over pairs of positions, as a recurrence (the `_step` functions), and in chunks:
pairs within a chunk, the state for all before it.

Axes: B sentences, H heads, T queries, S keys, D width of a query and key, E width of a value.
"""

import torch.nn.functional as F
from einops import einsum
from jaxtyping import Float
from torch import Tensor

from course.ops.efficient.chunks import carried, decay_between, in_chunks, joined

LinearState = tuple[Float[Tensor, "B H D E"], Float[Tensor, "B H D"]]
"""The sums of key ⊗ value and of the keys so far; zeros before the first position."""


def elu_features(x: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
    """Positive features elu(x) + 1. Katharopoulos et al. (2020), equation 7."""
    return F.elu(x) + 1


def linear_attention(
    query: Float[Tensor, "B H T D"],
    key: Float[Tensor, "B H S D"],
    value: Float[Tensor, "B H S E"],
    *,
    causal: bool,
    chunk: int = 64,
) -> Float[Tensor, "B H T E"]:
    r"""The average of the values under the weights $ϕ(q_t)^\top ϕ(k_s)$.

    Katharopoulos et al. (2020), "Transformers are RNNs", equations 5 and 9. A chunk of C positions
    takes C² products of queries and keys, and D·E for the state: neither T² scores nor a state for
    each position is ever held. A key whose features are all zero (padding) isn't seen.

    Args:
        query: ϕ(q), positive features.
        key: ϕ(k), positive features.
        value: what is read.
        causal: whether a query sees its own position and those before alone; then S is T.
        chunk: C, when causal.
    """
    summed = F.pad(value, (0, 1), value=1.0)  # a value of one everywhere: its sum is the divisor
    if causal:
        read = _causal_sums(query, key, summed, chunk)
    else:
        state = einsum(key, summed, "b h s d, b h s e -> b h d e")
        read = einsum(query, state, "b h t d, b h d e -> b h t e")
    return read[..., :-1] / read[..., -1:]


def _causal_sums(query: Tensor, key: Tensor, value: Tensor, chunk: int) -> Tensor:
    r"""$\sum_{s \le t} (q_t^\top k_s)\, v_s$ for all t."""
    q, k, v = (in_chunks(x, chunk) for x in (query, key, value))
    within = einsum(q, k, "b h n i d, b h n j d -> b h n i j").tril()
    written = einsum(k, v, "b h n j d, b h n j e -> b h n d e").cumsum(2)
    before = F.pad(written, (0, 0, 0, 0, 1, 0))[:, :, :-1]  # nothing before the first chunk
    read = einsum(within, v, "b h n i j, b h n j e -> b h n i e")
    return joined(read + einsum(q, before, "b h n i d, b h n d e -> b h n i e"), query.shape[2])


def linear_attention_step(
    query: Float[Tensor, "B H D"],
    key: Float[Tensor, "B H D"],
    value: Float[Tensor, "B H E"],
    state: LinearState,
) -> tuple[Float[Tensor, "B H E"], LinearState]:
    """One position of causal `linear_attention`, and the state for the next.

    Katharopoulos et al. (2020), equations 18 to 20.
    """
    sums = state[0] + einsum(key, value, "b h d, b h e -> b h d e")
    total = state[1] + key
    read = einsum(query, sums, "b h d, b h d e -> b h e")
    return read / einsum(query, total, "b h d, b h d -> b h")[..., None], (sums, total)


def gated_linear_attention(
    query: Float[Tensor, "B H T D"],
    key: Float[Tensor, "B H T D"],
    value: Float[Tensor, "B H T E"],
    log_decay: Float[Tensor, "B H T"],
    *,
    chunk: int = 64,
) -> Float[Tensor, "B H T E"]:
    r"""Causal linear attention that forgets: $S_t = α_t S_{t-1} + k_t v_t^\top$, read by $q_t$.

    One decay per head and position, made from the input: the form of Mamba-2 (Dao and Gu 2024,
    "Transformers are SSMs", section 6, computed in chunks as there). Gated linear attention (Yang
    et al. 2024, section 4) has one decay for each of the D features; RetNet (Sun et al. 2023) has
    one for each head, always the same. Nothing divides the sum, so features may be negative; who
    wants a scale puts it on the queries.

    Args:
        query: what each position asks.
        key: where in the state each position writes.
        value: what it writes there.
        log_decay: log α, at most 0; -∞ forgets everything.
        chunk: how many positions are read as pairs.
    """
    q, k, v = (in_chunks(x, chunk) for x in (query, key, value))
    decay = in_chunks(log_decay[..., None], chunk)[..., 0]  # behind the end: log 1
    between, since_start = decay_between(decay), decay.cumsum(-1).exp()
    scores = between * einsum(q, k, "b h n i d, b h n j d -> b h n i j")
    kept = between[..., -1, :, None] * k  # what is left of each key at the end of its chunk
    written = einsum(kept, v, "b h n j d, b h n j e -> b h n d e")
    before = carried(since_start[..., -1], written)
    read = einsum(scores, v, "b h n i j, b h n j e -> b h n i e")
    found = einsum(since_start[..., None] * q, before, "b h n i d, b h n d e -> b h n i e")
    return joined(read + found, query.shape[2])


def gated_linear_attention_step(
    query: Float[Tensor, "B H D"],
    key: Float[Tensor, "B H D"],
    value: Float[Tensor, "B H E"],
    log_decay: Float[Tensor, "B H"],
    state: Float[Tensor, "B H D E"],
) -> tuple[Float[Tensor, "B H E"], Float[Tensor, "B H D E"]]:
    """One position of `gated_linear_attention`, and the state for the next; zeros at first."""
    written = einsum(key, value, "b h d, b h e -> b h d e")
    state = log_decay.exp()[..., None, None] * state + written
    return einsum(query, state, "b h d, b h d e -> b h e"), state
