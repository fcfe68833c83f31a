"""Plausible wrong answers to the exercises of chapter 10, and what each should be told."""

from exercises import Wrong

KEPT = """
def answer_10_2(layers, n, bits):
    numbers = 0
    for kind, *sizes in layers:
        if kind == "latent":
            numbers += n * sizes[0]
        elif kind == "state":
            numbers += math.prod(sizes)
        else:
            words = min(n, sizes[2]) if kind == "window" else n
            numbers += 2 * words * sizes[0] * sizes[1]
    return numbers * bits // 8
"""

JOINED = """
def answer_10_3(first, second):
    largest = torch.maximum(first[0], second[0])
    base = torch.where(largest.isinf(), 0.0, largest)
    total, read = 0, 0
    for m, l, o in (first, second):
        shrink = (m - base).exp()
        total = total + shrink * l
        read = read + shrink[..., None] * o
    return largest, total, read
"""

WINDOWED = """
def mended(q, k, v, w):
    scale = math.sqrt(q.shape[-1])
    q, k, v = (x.unflatten(2, (-1, w)) for x in (q, k, v))
    k, v = (torch.cat([x.roll(1, 2), x], 3) for x in (k, v))
    back = torch.arange(w)[:, None] + w - torch.arange(2 * w)
    seen = ((back >= 0) & (back < w)).repeat(q.shape[2], 1, 1)
    seen[0, :, :w] = False
    return (masked_softmax(q @ k.mT / scale, seen) @ v).flatten(2, 3)


answer_10_4 = mended
"""

GATED = """
def answer_10_5(q, k, v, log_decay, chunk):
    S, read = k.new_zeros(*k.shape[:2], k.shape[3], v.shape[3]), []
    for q_c, k_c, v_c, a_c in zip(*(x.split(chunk, 2) for x in (q, k, v, log_decay))):
        since = a_c.cumsum(2)[..., None]
        left = (since - since.mT).tril().exp().tril()
        read.append((q_c @ k_c.mT * left) @ v_c + since.exp() * (q_c @ S))
        end = since[:, :, -1:]
        S = end.exp() * S + ((end - since).exp() * k_c).mT @ v_c
    return torch.cat(read, 2)
"""

FORGOTTEN = """
def answer_10_6(state, key):
    held = einsum(state, key, "b h d e, b h d -> b h e")
    length = key.square().sum(-1)[..., None, None]
    return state - einsum(key, held, "b h d, b h e -> b h d e") / length
"""

GROWN = """
def answer_10_7(lengths, costs, others, shortest):
    points = [(math.log(n), math.log(c)) for n, c in zip(lengths, costs) if n >= shortest]
    x_mean, y_mean = (sum(each) / len(points) for each in zip(*points))
    slope = sum((x - x_mean) * (y - y_mean) for x, y in points)
    slope /= sum((x - x_mean) ** 2 for x, _ in points)
    cheaper = None
    for n, mine, theirs in sorted(zip(lengths, costs, others), reverse=True):
        if mine >= theirs:
            break
        cheaper = n
    return slope, cheaper
"""

SEEN = """
def answer_10_8(n, block, window, num_global, causal):
    place = torch.arange(n)
    row, column = place[:, None] // block, place // block
    seen = (row - column).abs() < window
    seen = seen | (row < num_global) | (column < num_global)
    return seen & (place <= place[:, None]) if causal else seen
"""

ROLLING = """
def step(x, cache, W_q, W_k, W_v, W_o, w):
    _, G, _, D = cache[0].shape
    q = rearrange(x @ W_q, "b 1 (g h d) -> b g h d", g=G, d=D)
    new = (rearrange(x @ W, "b t (g d) -> b g t d", g=G) for W in (W_k, W_v))
    keys, values = (torch.cat(both, 2)[:, :, -w:] for both in zip(cache, new))
    weights = (q @ keys.mT / math.sqrt(D)).softmax(-1)
    read = rearrange(weights @ values, "b g h d -> b 1 (g h d)")
    return read @ W_o, (keys, values)


answer_10_9 = step
"""


def changed(code: str, *changes: tuple[str, str]) -> str:
    """A right answer with some of its parts replaced."""
    for old, new in changes:
        assert code.count(old) == 1, old
        code = code.replace(old, new)
    return code


RIGHT: dict[str, list[str]] = {
    "10.3": [  # both factors by a softmax of the two largest
        """
def answer_10_3(first, second):
    largest = torch.stack([first[0], second[0]]).amax(0)
    shrinks = [(each[0] - largest).exp().nan_to_num(0.0) for each in (first, second)]
    total = sum(shrink * each[1] for shrink, each in zip(shrinks, (first, second)))
    read = sum(shrink[..., None] * each[2] for shrink, each in zip(shrinks, (first, second)))
    return largest, total, read
""",
    ],
    "10.4": [  # zeros before the first block instead of what roll puts there
        changed(
            WINDOWED,
            ("x.roll(1, 2)", "pad(x, (0, 0, 0, 0, 1, -1))"),
        ),
        """
def mended(q, k, v, w):
    n = q.shape[2]
    back = torch.arange(n)[:, None] - torch.arange(n)
    scores = q @ k.mT / math.sqrt(q.shape[-1])
    return masked_softmax(scores, (back >= 0) & (back < w)) @ v


answer_10_4 = mended
""",
    ],
    "10.6": [  # by a projection
        """
def answer_10_6(state, key):
    unit = normalize(key, dim=-1)[..., None]
    return state - unit @ (unit.mT @ state)
""",
    ],
    "10.8": [  # word by word
        """
def answer_10_8(n, block, window, num_global, causal):
    seen = torch.zeros(n, n, dtype=torch.bool)
    for t in range(n):
        for s in range(t + 1 if causal else n):
            one, other = t // block, s // block
            seen[t, s] = abs(one - other) < window or min(one, other) < num_global
    return seen
""",
    ],
}

WRONG: dict[str, list[Wrong]] = {
    "10.1": [
        Wrong(code="prediction_10_1 = 81", message="A window of three words that stand d apart"),
        Wrong(code="prediction_10_1 = 45", message="A window of three words that stand d apart"),
        Wrong(code="prediction_10_1 = 30", message="A window of three words that stand d apart"),
        Wrong(code="prediction_10_1 = 12", message="A window of three words that stand d apart"),
        Wrong(code="prediction_10_1 = 1000", message="from 0 to 100"),
        Wrong(code="prediction_10_1 = 'all'", message="Predict a number"),
    ],
    "10.2": [
        Wrong(  # a key and no value
            code=changed(KEPT, ("2 * words * sizes[0]", "words * sizes[0]")),
            message="For one layer ('heads'",
        ),
        Wrong(  # latents as keys and values
            code=changed(KEPT, ("n * sizes[0]\n", "2 * n * sizes[0]\n")),
            message="For one layer ('latent'",
        ),
        Wrong(  # a window is always full
            code=changed(KEPT, ("min(n, sizes[2])", "sizes[2]")),
            message="are there as many words as the window has room for?",
        ),
        Wrong(  # a window that grows
            code=changed(KEPT, ('min(n, sizes[2]) if kind == "window" else n', "n")),
            message="For one layer ('window'",
        ),
        Wrong(
            code=changed(KEPT, ("math.prod(sizes)", "n * math.prod(sizes)")),
            message="does a state grow with the words?",
        ),
        Wrong(
            code=changed(KEPT, ("numbers * bits // 8", "numbers * bits")),
            message="For one layer ('heads'",
        ),
        Wrong(  # of the last layer only
            code=changed(KEPT, ("numbers += 2 *", "numbers = 2 *")),
            message="For a stack of six layers",
        ),
    ],
    "10.3": [
        Wrong(  # as if the largest were the same
            code="""
def answer_10_3(first, second):
    largest = torch.maximum(first[0], second[0])
    return largest, first[1] + second[1], first[2] + second[2]
""",
            message="the sum is not that of all keys at once",
        ),
        Wrong(  # without shrinking: overflows
            code="""
def answer_10_3(first, second):
    largest = torch.maximum(first[0], second[0])
    total = (first[0].exp() * first[1] + second[0].exp() * second[1]) / largest.exp()
    read = first[0].exp()[..., None] * first[2] + second[0].exp()[..., None] * second[2]
    return largest, total, read / largest.exp()[..., None]
""",
            message="For scores of which the first four are moved by 800",
        ),
        Wrong(  # only the second is brought to the new largest
            code=changed(
                JOINED,
                (
                    "for m, l, o in (first, second)",
                    "for i, (m, l, o) in enumerate((first, second))",
                ),
                ("shrink = (m - base).exp()", "shrink = ((m - base) * i).exp()"),
            ),
            message="the sum is not that of all keys at once",
        ),
        Wrong(
            code=changed(JOINED, ("torch.where(largest.isinf(), 0.0, largest)", "largest")),
            message="For two queries that had nothing to read in either half, the sum",
        ),
        Wrong(  # divided already
            code=changed(
                JOINED,
                ("return largest, total, read", "return largest, total, read / total[..., None]"),
            ),
            message="the read is not that of all keys at once",
        ),
        Wrong(
            code=changed(JOINED, ("return largest, total, read", "return read / total[..., None]")),
            message="Three tensors are asked for",
        ),
        Wrong(  # the read keeps its size
            code=changed(JOINED, ("shrink[..., None] * o", "o")),
            message="the read is not that of all keys at once",
        ),
    ],
    "10.4": [
        Wrong(  # as it is given
            code="answer_10_4 = windowed",
            message="change the value of the last word, and an earlier word notices",
        ),
        Wrong(  # the first block still reads the last
            code=changed(WINDOWED, ("    seen[0, :, :w] = False\n", "")),
            message="change the value of the last word, and an earlier word notices",
        ),
        Wrong(
            code=changed(WINDOWED, ("(back < w)", "(back <= w)")),
            message="reads word 0, and there are 1 words nearer to it",
        ),
        Wrong(
            code=changed(WINDOWED, ("q.shape[-1])\n", "w)\n")),
            message="each word reads the right words, but not with the right weights",
        ),
        Wrong(  # zeros that are seen
            code=changed(
                WINDOWED,
                ("x.roll(1, 2)", "pad(x, (0, 0, 0, 0, 1, -1))"),
                ("    seen[0, :, :w] = False\n", ""),
            ),
            message="with queries of zero, so all weights of a window alike, it is off",
        ),
        Wrong(  # its own block alone
            code=changed(WINDOWED, ("seen[0, :, :w] = False", "seen[:, :, :w] = False")),
            message="with queries of zero, so all weights of a window alike, it is off",
        ),
        Wrong(  # both ways
            code=changed(WINDOWED, ("(back >= 0) & (back < w)", "back.abs() < w")),
            message="an earlier word notices",
        ),
    ],
    "10.5": [
        Wrong(  # the first chunk's state never gets on
            code=changed(GATED, ("S = end.exp() * S + ", "S = ")),
            message="with all decays one, so no gate, it is off",
        ),
        Wrong(  # no gate at all
            code=changed(
                GATED, ("since = a_c.cumsum(2)[..., None]", "since = 0 * a_c.cumsum(2)[..., None]")
            ),
            message="the reads of the first chunk are off",
        ),
        Wrong(  # its own decay counted too
            code=changed(GATED, ("(since - since.mT)", "(since - since.mT + a_c[..., None, :])")),
            message="the reads of the first chunk are off",
        ),
        Wrong(  # what is handed on doesn't fade on the way
            code=changed(GATED, ("((end - since).exp() * k_c)", "k_c")),
            message="the first chunk is right and a later one isn't",
        ),
        Wrong(
            code=changed(GATED, ("since.exp() * (q_c @ S)", "q_c @ S")),
            message="the first chunk is right and a later one isn't",
        ),
        Wrong(  # what is above the diagonal overflows
            code=changed(GATED, (".tril().exp().tril()", ".exp().tril()")),
            message="For decays of e^-200",
        ),
        Wrong(  # all pairs at once
            code="""
def answer_10_5(q, k, v, log_decay, chunk):
    since = log_decay.cumsum(2)[..., None]
    return (q @ k.mT * (since - since.mT).tril().exp().tril()) @ v
""",
            message="a tensor of 90,000 numbers is made",
        ),
        Wrong(  # a state for each word
            code="""
def answer_10_5(q, k, v, log_decay, chunk):
    S, states = k.new_zeros(*k.shape[:2], k.shape[3], v.shape[3]), []
    for t in range(q.shape[2]):
        S = log_decay[:, :, t, None, None].exp() * S + k[:, :, t, :, None] * v[:, :, t, None]
        states.append(S)
    return (q[..., None, :] @ torch.stack(states, 2))[..., 0, :]
""",
            message="all pairs at once, or a state for each word?",
        ),
        Wrong(
            code=changed(GATED, ("zip(*(x.split", "zip(*(x.detach().split")),
            message="No gradient flows back",
        ),
    ],
    "10.6": [
        Wrong(  # for keys of length one only
            code=changed(FORGOTTEN, (" / length", "")),
            message="the new state doesn't answer zeros under the key",
        ),
        Wrong(  # by the length, not its square
            code=changed(FORGOTTEN, ("key.square().sum(-1)", "key.square().sum(-1).sqrt()")),
            message="the new state doesn't answer zeros under the key",
        ),
        Wrong(
            code="def answer_10_6(state, key):\n    return torch.zeros_like(state)\n",
            message="a query at a right angle to the key gets another answer",
        ),
        Wrong(  # fades everything
            code="def answer_10_6(state, key):\n    return state * (1 - key[..., None])\n",
            message="the new state doesn't answer zeros under the key",
        ),
        Wrong(  # added
            code=changed(FORGOTTEN, ("return state - ", "return state + ")),
            message="the new state doesn't answer zeros under the key",
        ),
        Wrong(
            code=changed(
                FORGOTTEN,
                (
                    'return state - einsum(key, held, "b h d, b h e -> b h d e") / length',
                    "return held",
                ),
            ),
            message="a state of that shape is asked for",
        ),
    ],
    "10.7": [
        Wrong(  # between the ends only
            code="""
def answer_10_7(lengths, costs, others, shortest):
    (a, b), (c, d) = (min(zip(lengths, costs)), max(zip(lengths, costs)))
    return math.log(d / b) / math.log(c / a), None
""",
            message="the exponent isn't the slope of least squares",
        ),
        Wrong(
            code=changed(GROWN, (" if n >= shortest", "")),
            message="with noise, of which only n ≥ 128 should count",
        ),
        Wrong(
            code=changed(GROWN, ("n >= shortest", "n > shortest")),
            message="with noise, of which only n ≥ 128 should count",
        ),
        Wrong(  # without logarithms
            code=changed(GROWN, ("(math.log(n), math.log(c))", "(n, c)")),
            message="the exponent is off",
        ),
        Wrong(  # the first length at which it is cheaper
            code=changed(
                GROWN,
                (", reverse=True", ""),
                (
                    "mine >= theirs:\n            break",
                    "mine < theirs:\n            return slope, n",
                ),
            ),
            message="It has to be cheaper there and at all longer ones",
        ),
        Wrong(  # in the order given
            code=changed(
                GROWN,
                (
                    "sorted(zip(lengths, costs, others), reverse=True)",
                    "zip(lengths, costs, others)",
                ),
            ),
            message="It has to be cheaper there and at all longer ones",
        ),
        Wrong(  # just as dear is cheaper
            code=changed(GROWN, ("mine >= theirs", "mine > theirs")),
            message="It has to be cheaper there and at all longer ones",
        ),
        Wrong(
            code=changed(GROWN, ("return slope, cheaper", "return slope")),
            message="an exponent and a length are asked for",
        ),
    ],
    "10.8": [
        Wrong(  # distances in words, not in blocks
            code=changed(
                SEEN,
                (
                    "(row - column).abs() < window",
                    "(place[:, None] - place).abs() < window * block",
                ),
            ),
            message="In which blocks do the two stand?",
        ),
        Wrong(
            code=changed(SEEN, ("abs() < window", "abs() <= window")),
            message="In which blocks do the two stand?",
        ),
        Wrong(  # seen by all, but don't see all
            code=changed(SEEN, (" | (row < num_global)", "")),
            message="misses word",
        ),
        Wrong(  # words, not blocks, are global
            code=changed(
                SEEN,
                (
                    "(row < num_global) | (column < num_global)",
                    "(place[:, None] < num_global) | (place < num_global)",
                ),
            ),
            message="misses word",
        ),
        Wrong(  # causal by blocks
            code=changed(SEEN, ("(place <= place[:, None])", "(column <= row)")),
            message="may look at word",
        ),
        Wrong(  # global ones see the future
            code="""
def answer_10_8(n, block, window, num_global, causal):
    place = torch.arange(n)
    row, column = place[:, None] // block, place // block
    seen = (row - column).abs() < window
    if causal:
        seen = seen & (place <= place[:, None])
    return seen | (row < num_global) | (column < num_global)
""",
            message="may look at word",
        ),
        Wrong(
            code=changed(SEEN, ("(place <= place[:, None])", "(place >= place[:, None])")),
            message="may look at word",
        ),
    ],
    "10.9": [
        Wrong(  # it grows
            code=changed(ROLLING, ("[:, :, -w:]", "")),
            message="there is room for 1 words",
        ),
        Wrong(  # w words and the new one
            code=changed(ROLLING, ("[:, :, -w:]", "[:, :, -w - 1:]")),
            message="there is room for 1 words",
        ),
        Wrong(  # the first words are kept
            code=changed(ROLLING, ("[:, :, -w:]", "[:, :, :w]")),
            message="word 2 reads something else than in the whole layer",
        ),
        Wrong(
            code=changed(ROLLING, (" / math.sqrt(D)", "")),
            message="reads something else than in the whole layer",
        ),
        Wrong(  # heads dealt out to the groups in turn
            code=changed(
                ROLLING,
                ('"b 1 (g h d) -> b g h d"', '"b 1 (h g d) -> b g h d"'),
                ('"b g h d -> b 1 (g h d)"', '"b g h d -> b 1 (h g d)"'),
            ),
            message="the first word reads something else than in the whole layer",
        ),
        Wrong(  # the new word isn't seen by itself
            code=changed(
                ROLLING,
                ("(q @ keys.mT", "(q @ cache[0].mT"),
                ("weights @ values", "weights @ cache[1]"),
            ),
            message="reads something else than in the whole layer",
        ),
        Wrong(
            code=changed(ROLLING, ("return read @ W_o, (keys, values)", "return read @ W_o")),
            message="A pair, the read and the cache, is asked for",
        ),
        Wrong(  # before the output's map
            code=changed(ROLLING, ("return read @ W_o", "return x")),
            message="the first word reads something else than in the whole layer",
        ),
    ],
}
