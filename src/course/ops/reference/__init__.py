"""The slow loops that define what the fast operations must equal, forward and gradient.

They are written one position at a time, as the papers' equations read, and are used by tests and
by chapters that derive an operation before importing it.
"""

import itertools
import math
from collections.abc import Callable

import torch
from jaxtyping import Bool, Float
from torch import Tensor


def additive_attention(
    query: Float[Tensor, "B T A"],
    keys: Float[Tensor, "B S A"],
    values: Float[Tensor, "B S D"],
    v: Float[Tensor, " A"],
    mask: Bool[Tensor, "B S"],
) -> tuple[Float[Tensor, "B T D"], Float[Tensor, "B T S"]]:
    """Additive attention, one score at a time. Bahdanau, Cho and Bengio (2015), section 3.1."""
    outputs, all_weights = [], []
    for b in range(query.shape[0]):
        real = [s for s in range(keys.shape[1]) if mask[b, s]]
        for t in range(query.shape[1]):
            scores = torch.stack([v @ torch.tanh(query[b, t] + keys[b, s]) for s in real])
            weights = scores.exp() / scores.exp().sum()
            outputs.append(sum(w * values[b, s] for w, s in zip(weights, real, strict=True)))
            row = torch.zeros_like(keys[b, :, 0])
            all_weights.append(row.index_put((torch.tensor(real, device=row.device),), weights))
    shape = query.shape[:2]
    return torch.stack(outputs).unflatten(0, shape), torch.stack(all_weights).unflatten(0, shape)


def dot(query: Float[Tensor, " D"], key: Float[Tensor, " D"]) -> Float[Tensor, ""]:
    """The score "dot". Luong, Pham and Manning (2015), equation 8."""
    return sum((q * k for q, k in zip(query, key, strict=True)), query.new_zeros(()))


def general(
    query: Float[Tensor, " H"], key: Float[Tensor, " D"], weight: Float[Tensor, "H D"]
) -> Float[Tensor, ""]:
    """The score "general", a dot product with a learnt matrix between. Equation 8."""
    return dot(query, torch.stack([dot(row, key) for row in weight]))


def concat(
    query: Float[Tensor, " H"],
    key: Float[Tensor, " D"],
    weight: Float[Tensor, "A HD"],
    v: Float[Tensor, " A"],
) -> Float[Tensor, ""]:
    """The score "concat": a hidden layer over query and key, one behind the other. Equation 8."""
    joined = torch.cat([query, key])
    return dot(v, torch.stack([torch.tanh(dot(row, joined)) for row in weight]))


def location(
    query: Float[Tensor, " H"], position: int, weight: Float[Tensor, "L H"]
) -> Float[Tensor, ""]:
    """The score "location" of a position, counted from 1, whatever stands there. Equation 9."""
    return dot(weight[position - 1], query)


def predicted_centre(
    query: Float[Tensor, " H"],
    length: int,
    weight: Float[Tensor, "A H"],
    v: Float[Tensor, " A"],
) -> Float[Tensor, ""]:
    """Where local-p looks: a position between 0 and the source's length. Section 3.2."""
    return length * torch.sigmoid(dot(v, torch.stack([torch.tanh(dot(w, query)) for w in weight])))


def attention(
    scores: Callable[[int, int, int], Tensor],
    values: Float[Tensor, "B S D"],
    mask: Bool[Tensor, "B S"],
    queries: int,
    *,
    centre: Callable[[int, int], Tensor | float] | None = None,
    radius: int = 10,
    bell: bool = False,
) -> tuple[Float[Tensor, "B T D"], Float[Tensor, "B T S"]]:
    """Attention of any score, global or local, one weight at a time (chapter 6).

    Args:
        scores: the score of sentence b, query t and source position s, all counted from 0.
        values: what is read.
        mask: True at real tokens.
        queries: T.
        centre: for local attention, where query t of sentence b looks, counted from 1.
        radius: D, how far from there it sees.
        bell: weigh by distance too, as local-p does.
    """
    outputs, rows = [], []
    for b in range(values.shape[0]):
        for t in range(queries):
            middle = None if centre is None else centre(b, t)
            seen = [
                s
                for s in range(values.shape[1])
                if mask[b, s]
                and (
                    middle is None or abs(s + 1 - float(torch.as_tensor(middle).detach())) <= radius
                )
            ]
            parts = {s: scores(b, t, s).exp() for s in seen}
            row = [values.new_zeros(()) for _ in range(values.shape[1])]
            for s in seen:
                row[s] = parts[s] / sum(parts.values())
                if bell and middle is not None:
                    distance = torch.as_tensor(s + 1 - middle)
                    row[s] = row[s] * torch.exp(-(distance**2) / (2 * math.pow(radius / 2, 2)))
            rows.append(torch.stack(row))
            outputs.append(sum(row[s] * values[b, s] for s in seen))
    shape = (values.shape[0], queries)
    return torch.stack(outputs).unflatten(0, shape), torch.stack(rows).unflatten(0, shape)


def scaled_dot_product_attention(
    query: Float[Tensor, "B H T D"],
    key: Float[Tensor, "B H S D"],
    value: Float[Tensor, "B H S E"],
    mask: Bool[Tensor, "B H T S"],
    bias: Float[Tensor, "H T S"],
    scale: float,
) -> tuple[Float[Tensor, "B H T E"], Float[Tensor, "B H T S"]]:
    """Attention of several heads, one weight at a time. Vaswani et al. (2017), equation 1."""
    (batch, heads, queries, _), sources = query.shape, key.shape[2]
    output = value.new_zeros(batch, heads, queries, value.shape[3])
    weights = value.new_zeros(batch, heads, queries, sources)
    for b, h, t in itertools.product(range(batch), range(heads), range(queries)):
        seen = [s for s in range(sources) if mask[b, h, t, s]]
        parts = {s: (scale * dot(query[b, h, t], key[b, h, s]) + bias[h, t, s]).exp() for s in seen}
        for s in seen:
            weights[b, h, t, s] = parts[s] / sum(parts.values())
            output[b, h, t] = output[b, h, t] + weights[b, h, t, s].clone() * value[b, h, s]
    return output, weights


def sinusoidal(position: float, width: int) -> list[float]:
    """The sines of all frequencies, then their cosines. Vaswani et al. (2017), section 3.5."""
    angles = [position / 10_000 ** (2 * i / width) for i in range(width // 2)]
    return [math.sin(angle) for angle in angles] + [math.cos(angle) for angle in angles]


def rotate(x: Float[Tensor, "B H T D"], positions: Float[Tensor, " T"]) -> Float[Tensor, "B H T D"]:
    """Each pair of features (i, i + D/2) turned by its angle. Su et al. (2021), equation 13."""
    turned, half = torch.empty_like(x), x.shape[3] // 2
    for t, i in itertools.product(range(x.shape[2]), range(half)):
        angle = float(positions[t]) / 10_000 ** (2 * i / x.shape[3])
        cos, sin = math.cos(angle), math.sin(angle)
        first, second = x[:, :, t, i], x[:, :, t, i + half]
        turned[:, :, t, i] = first * cos - second * sin
        turned[:, :, t, i + half] = first * sin + second * cos
    return turned


def relative_bucket(distance: int, num_buckets: int, max_distance: int, both_ways: bool) -> int:
    """The bucket of one distance. Raffel et al. (2020), section 2.1."""
    first, count = 0, num_buckets
    if both_ways:
        count = num_buckets // 2
        first = count if distance > 0 else 0
    away = abs(distance) if both_ways else max(-distance, 0)
    exact = count // 2
    if away < exact:
        return first + away
    share = math.log(away / exact) / math.log(max_distance / exact)
    return first + min(exact + int(share * (count - exact)), count - 1)


def linear_recurrence(
    decay: Float[Tensor, "B T D"], inputs: Float[Tensor, "B T D"]
) -> Float[Tensor, "B T D"]:
    """Each state from the one before it, h = a·h + b, starting at 0."""
    state, states = torch.zeros_like(inputs[:, 0]), []
    for a, b in zip(decay.unbind(1), inputs.unbind(1), strict=True):
        state = a * state + b
        states.append(state)
    return torch.stack(states, 1)
