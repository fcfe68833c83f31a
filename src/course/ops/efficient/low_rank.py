"""Low-rank attention: the sequence of keys and values made shorter (chapter 10).

Axes: B sentences, H heads, T queries, S keys, R rows that stand for them, D width of a query and
key, E width of a value.
"""

from einops import einsum
from jaxtyping import Float
from torch import Tensor

from course.ops.attention import scaled_dot_product_attention


def low_rank_attention(
    query: Float[Tensor, "B H T D"],
    key: Float[Tensor, "B H S D"],
    value: Float[Tensor, "B H S E"],
    key_projection: Float[Tensor, "#H R S"],
    value_projection: Float[Tensor, "#H R S"],
) -> Float[Tensor, "B H T E"]:
    """Attention to R mixtures of all keys and values, made by learnt matrices.

    Wang et al. (2020), "Linformer", equation 7. Each mixture has every position in it, so it can't
    be causal; and the matrices know S positions, so the length is fixed when a model is made. With
    R = S and identities it is full attention.

    Args:
        query: what each position asks.
        key: what each position answers to.
        value: what is read there.
        key_projection: the paper's E, for all heads (1) or for each.
        value_projection: the paper's F.
    """
    keys = einsum(key_projection.expand(key.shape[1], -1, -1), key, "h r s, b h s d -> b h r d")
    values = einsum(
        value_projection.expand(key.shape[1], -1, -1), value, "h r s, b h s e -> b h r e"
    )
    return scaled_dot_product_attention(query, keys, values)[0]
