r"""Random features: softmax attention, estimated by linear attention (chapter 10).

Softmax weighs a key by $\exp(q^\top k / \sqrt D)$. That is the expectation, over random directions
w, of a product of one number made of q and one made of k. So m directions give m features each for
q and k, whose dot product comes near the weight, and nearer the more there are.

Axes: m features, D width of a query and key.
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor


def orthogonal_projection(
    num_features: int,
    width: int,
    *,
    generator: torch.Generator | None = None,
    dtype: torch.dtype = torch.float32,
) -> Float[Tensor, "{num_features} {width}"]:
    """Random directions, at right angles to one another within every `width` of them.

    Choromanski et al. (2021), "Rethinking Attention with Performers", section 2.4. Each row alone
    is distributed as one of independent normal numbers; being at right angles, they cover the space
    more evenly, which makes the error smaller.

    Args:
        num_features: m.
        width: D.
        generator: also says on which device.
        dtype: of the result.
    """
    options = {
        "generator": generator,
        "dtype": dtype,
        "device": None if generator is None else generator.device,
    }
    blocks = -(-num_features // width)
    q, r = torch.linalg.qr(torch.randn(blocks, width, width, **options))
    signs = r.diagonal(dim1=-2, dim2=-1).sign()  # without them Q is not uniformly distributed
    rows = (q * signs[:, None]).mT.flatten(0, 1)[:num_features]
    lengths = torch.randn(num_features, width, **options).norm(dim=1, keepdim=True)
    return lengths * rows


def positive_features(
    x: Float[Tensor, "*batch D"],
    projection: Float[Tensor, "m D"],
    *,
    over: tuple[int, ...] = (),
) -> Float[Tensor, "*batch m"]:
    r"""Features $\exp(w^\top x' - |x'|^2 / 2) / \sqrt m$ with $x' = x / D^{1/4}$.

    The product of two of them is, on average, $\exp(q^\top k / \sqrt D)$. Choromanski et al.
    (2021), lemma 1 and section 2.3: being positive, no sum of them can come near zero or below,
    which is where the trigonometric ones go wrong.

    Args:
        x: queries or keys, not scaled.
        projection: the directions w.
        over: axes over which the largest exponent is taken off, to keep long vectors from
            underflow; by default none. `linear_attention` divides out a factor that a query has
            alone, (-1,), or that all keys of a head share, (-2, -1), so there it changes nothing.
    """
    x = x / x.shape[-1] ** 0.25
    exponent = x @ projection.mT - x.square().sum(-1, keepdim=True) / 2
    if over:
        exponent = exponent - exponent.amax(over, keepdim=True)
    return exponent.exp() / math.sqrt(len(projection))


def trigonometric_features(
    x: Float[Tensor, "*batch D"], projection: Float[Tensor, "m D"]
) -> Float[Tensor, "*batch 2*m"]:
    r"""Features $\exp(|x'|^2 / 2) (\cos w^\top x', \sin w^\top x') / \sqrt m$.

    With $x' = x / D^{1/4}$. The same expectation, of products that may be negative. Rahimi and
    Recht (2007); Choromanski et al. (2021), section 2.3, which shows why attention can't use them.
    """
    x = x / x.shape[-1] ** 0.25
    angles = x @ projection.mT
    size = (x.square().sum(-1, keepdim=True) / 2).exp() / math.sqrt(len(projection))
    return size * torch.cat([angles.cos(), angles.sin()], -1)
