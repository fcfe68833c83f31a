"""Fewer numbers to remember per token: shared keys and values, and a shared latent (chapter 10).

Generating reads the whole cache of keys and values for every new token, so its size is what
decoding waits for. `course.ops.efficient.costs` counts it.

Axes: B sentences, H query heads, G key heads, T queries, S keys, D width of a query and key, E
width of a value, R width of a latent.
"""

import math

import torch.nn.functional as F
from einops import einsum
from jaxtyping import Float
from torch import Tensor


def grouped_query_attention(
    query: Float[Tensor, "B H T D"],
    key: Float[Tensor, "B G S D"],
    value: Float[Tensor, "B G S E"],
    *,
    causal: bool,
    scale: float | None = None,
) -> Float[Tensor, "B H T E"]:
    """Attention in which H / G query heads in a row share one head of keys and values.

    Ainslie et al. (2023), "GQA", section 2.2; with one group it is multi-query attention (Shazeer
    2019), with as many groups as heads the usual one. Nothing is copied: the heads of a group read
    the same memory.

    Args:
        query: what each position asks.
        key: what each position answers to, one head per group.
        value: what is read there.
        causal: whether query t sees keys 0 to t alone. A single query that follows its cache sees
            all of it: not causal.
        scale: what dot products are multiplied by; by default 1/√D.
    """
    batch, groups = key.shape[:2]
    heads = query.shape[1] // groups
    q = query.unflatten(1, (groups, heads)).flatten(0, 1)  # (B G, heads, T, D)
    k, v = (x.flatten(0, 1)[:, None].expand(-1, heads, -1, -1) for x in (key, value))
    read = F.scaled_dot_product_attention(q, k, v, is_causal=causal, scale=scale)
    return read.unflatten(0, (batch, groups)).flatten(1, 2)


def latent_attention(
    query: Float[Tensor, "B H T D"],
    latent: Float[Tensor, "B S R"],
    up_key: Float[Tensor, "H D R"],
    up_value: Float[Tensor, "H E R"],
    *,
    causal: bool,
) -> Float[Tensor, "B H T E"]:
    r"""Attention to keys $U^K_h c_s$ and values $U^V_h c_s$ of which only the latents are kept.

    DeepSeek-AI (2024), "DeepSeek-V2", section 2.1.2 (multi-head latent attention). Keys and values
    are never made: $q^\top (U^K c) = (U^{K\top} q)^\top c$, so the queries go down to the latents'
    width instead, and what they read there comes up at the end. In between it is multi-query
    attention whose one key, and value, is the latent. (A model can join $U^V$ to its output
    projection beforehand. The paper's positions, a few more features of query and key that are
    rotated, are not part of this function.)

    Args:
        query: what each position asks.
        latent: c, all that is kept of a position, for all heads.
        up_key: from a latent to each head's key.
        up_value: from a latent to each head's value.
        causal: whether query t sees latents 0 to t alone.
    """
    asked = einsum(query, up_key, "b h t d, h d r -> b h t r")
    kept = latent[:, None]
    scale = 1 / math.sqrt(query.shape[-1])  # the products are those of D features still
    read = grouped_query_attention(asked, kept, kept, causal=causal, scale=scale)
    return einsum(read, up_value, "b h t r, h e r -> b h t e")
