"""Plausible wrong answers to the exercises of chapter 9, and what each should be told."""

from exercises import Wrong

MASKED = """
def answer_9_3(tokens, specials, mask, vocab_size, g):
    chosen = (torch.rand(tokens.shape, generator=g) < 0.15) & (tokens >= specials)
    fate = torch.rand(tokens.shape, generator=g)
    words = torch.randint(specials, vocab_size, tokens.shape, generator=g)
    inputs = torch.where(chosen & (fate < 0.8), mask, tokens)
    inputs = torch.where(chosen & (fate >= 0.9), words, inputs)
    return inputs, torch.where(chosen, tokens, -100)
"""
CHOICE = "torch.rand(tokens.shape, generator=g) < 0.15"

SPANS = """
def corrupt(words, spans):
    source, target, done = [], [], 0
    for i, (start, stop) in enumerate(spans):
        source += [*words[done:start], f"<{i}>"]
        target += [f"<{i}>", *words[start:stop]]
        done = stop
    return source + words[done:], [*target, f"<{len(spans)}>"]


def rebuild(source, target):
    words = []
    for word in source:
        if not word.startswith("<"):
            words.append(word)
            continue
        place = target.index(word) + 1
        while not target[place].startswith("<"):
            words.append(target[place])
            place += 1
    return words
"""

POOLED = """
def mended(features, lengths, kind):
    real = padding_mask(lengths, features.shape[1])[:, :, None]
    if kind == "mean":
        return (features * real).sum(1) / lengths[:, None]
    if kind == "max":
        return features.masked_fill(~real, -torch.inf).amax(1)
    if kind == "last":
        return features[torch.arange(len(features)), lengths - 1]
    return features[:, 0]


answer_9_5 = mended
"""

ENTITIES = """
def entities(tags):
    found = []
    for place, tag in enumerate(tags):
        before = tags[place - 1] if place > 0 else "O"
        if tag == "O":
            continue
        if tag.startswith("B") or before[2:] != tag[2:]:
            found.append((place, place + 1, tag[2:]))
        else:
            found[-1] = (found[-1][0], place + 1, tag[2:])
    return set(found)


def answer_9_6(gold, guessed):
    same = there = 0
    for mine, theirs in zip(map(entities, gold), map(entities, guessed)):
        same += len(mine & theirs)
        there += len(mine) + len(theirs)
    return 2 * same / there if there else 0.0
"""

SCORED = """
def answer_9_7(model, prompt, labels):
    scores = []
    for label in labels:
        fed = torch.tensor([[*prompt, *label[:-1]]])
        log_probs = model(fed)[0, len(prompt) - 1 :].log_softmax(-1)
        scores.append(log_probs[torch.arange(len(label)), label].sum())
    return torch.stack(scores)
"""

CALIBRATED = """
def answer_9_8(log_probs, content_free):
    average = content_free.logsumexp(0) - math.log(len(content_free))
    return (log_probs - average).softmax(-1)
"""

LOADED = """
def answer_9_9(theirs):
    ours = {}
    for name, tensor in theirs.items():
        if name == "attn.bias":
            continue
        place, _, kind = name.rpartition(".")
        tensor = tensor.mT if tensor.dim() == 2 else tensor
        if place == "attn.c_attn":
            for part, each in zip(("query", "key", "value"), tensor.chunk(3)):
                ours[f"self_attention.{part}.{kind}"] = each
        else:
            ours[f"{OURS[place]}.{kind}"] = tensor
    return ours
"""


def changed(code: str, *changes: tuple[str, str]) -> str:
    """A right answer with some of its parts replaced."""
    for old, new in changes:
        assert code.count(old) == 1, old
        code = code.replace(old, new)
    return code


RIGHT: dict[str, list[str]] = {
    "9.2": [
        """
def answer_9_2(prefixes, lengths, size):
    mask = torch.zeros(len(lengths), 1, size, size, dtype=torch.bool)
    for b, (prefix, length) in enumerate(zip(prefixes.tolist(), lengths.tolist())):
        for t in range(size):
            mask[b, 0, t, : min(length, max(prefix, t + 1))] = True
    return mask
""",
    ],
    "9.3": [  # one number decides both
        """
def answer_9_3(tokens, specials, mask, vocab_size, g):
    u = torch.rand(tokens.shape, generator=g).masked_fill(tokens < specials, 1.0)
    words = torch.randint(specials, vocab_size, tokens.shape, generator=g)
    inputs = torch.where(u < 0.12, mask, torch.where(u < 0.135, words, tokens))
    return inputs, tokens.masked_fill(u >= 0.15, -100)
""",
    ],
    "9.4": [  # by a dictionary
        """
def corrupt(words, spans):
    source, target = list(words), []
    for i, (start, stop) in reversed(list(enumerate(spans))):
        target = [f"<{i}>", *words[start:stop], *target]
        source[start:stop] = [f"<{i}>"]
    return source, target + [f"<{len(spans)}>"]


def rebuild(source, target):
    spans = {}
    for word in target:
        if word[0] == "<":
            spans[word] = here = []
        else:
            here.append(word)
    return [each for word in source for each in spans.get(word, [word])]
""",
    ],
    "9.7": [  # all labels in one padded batch
        """
def answer_9_7(model, prompt, labels):
    longest = max(map(len, labels))
    padded = torch.tensor([label + [0] * (longest - len(label)) for label in labels])
    fed = torch.cat([torch.tensor([prompt] * len(labels)), padded], 1)
    log_probs = model(fed)[:, len(prompt) - 1 : -1].log_softmax(-1)
    told = log_probs.gather(-1, padded[..., None])[..., 0]
    real = padding_mask(torch.tensor([len(label) for label in labels]), longest)
    return (told * real).sum(1)
""",
    ],
    "9.8": [  # lifted before the exponentials
        """
def answer_9_8(log_probs, content_free):
    lift = content_free.max()
    average = (content_free - lift).exp().mean(0)
    ratios = (log_probs - log_probs.amax(1, keepdim=True)).exp() / average
    return ratios / ratios.sum(1, keepdim=True)
""",
    ],
}

WRONG: dict[str, list[Wrong]] = {
    "9.1": [
        Wrong(code="prediction_9_1 = 1", message="Equal parameters are not equal work"),
        Wrong(code="prediction_9_1 = 0.75", message="Equal parameters are not equal work"),
        Wrong(code="prediction_9_1 = 12 / 14", message="Equal parameters are not equal work"),
        Wrong(code="prediction_9_1 = 2", message="Equal parameters are not equal work"),
        Wrong(code="prediction_9_1 = 50", message="from 0 to 4"),
        Wrong(code="prediction_9_1 = 'half of them'", message="Predict a number"),
        Wrong(code="prediction_9_1 = [0.5, 0.5]", message="one number"),
    ],
    "9.2": [
        Wrong(  # the prefix is not read both ways
            code="""
def answer_9_2(prefixes, lengths, size):
    return causal_mask(size) & padding_mask(lengths, size)[:, None, None]
""",
            message="a place in the prefix doesn't see the rest of the prefix",
        ),
        Wrong(  # an encoder's
            code="""
def answer_9_2(prefixes, lengths, size):
    return padding_mask(lengths, size)[:, None, None].expand(-1, -1, size, -1)
""",
            message="a later one that is not in the prefix",
        ),
        Wrong(  # the prefix's rows are open, not its columns
            code="""
def answer_9_2(prefixes, lengths, size):
    prefix = padding_mask(prefixes, size)[:, None, :, None]
    return (causal_mask(size) | prefix) & padding_mask(lengths, size)[:, None, None]
""",
            message="a later one that is not in the prefix",
        ),
        Wrong(  # nobody behind the prefix sees it all, nor itself
            code="""
def answer_9_2(prefixes, lengths, size):
    prefix = padding_mask(prefixes, size)[:, None, None]
    return causal_mask(size) & prefix & padding_mask(lengths, size)[:, None, None]
""",
            message="misses real words that stand before it",
        ),
        Wrong(  # without padding
            code="""
def answer_9_2(prefixes, lengths, size):
    return causal_mask(size) | padding_mask(prefixes, size)[:, None, None]
""",
            message="may look at padding",
        ),
        Wrong(  # padding asks nothing
            code="""
def answer_9_2(prefixes, lengths, size):
    seen = causal_mask(size) | padding_mask(prefixes, size)[:, None, None]
    real = padding_mask(lengths, size)
    return seen & real[:, None, None] & real[:, None, :, None]
""",
            message="misses real words that stand before it",
        ),
        Wrong(  # no axis for the heads
            code="""
def answer_9_2(prefixes, lengths, size):
    seen = causal_mask(size) | padding_mask(prefixes, size)[:, None]
    return seen & padding_mask(lengths, size)[:, None]
""",
            message="four axes",
        ),
        Wrong(  # True means hidden
            code="""
def answer_9_2(prefixes, lengths, size):
    seen = causal_mask(size) | padding_mask(prefixes, size)[:, None, None]
    return ~(seen & padding_mask(lengths, size)[:, None, None])
""",
            message="may look at padding",
        ),
        Wrong(  # one more
            code="""
def answer_9_2(prefixes, lengths, size):
    prefix = padding_mask(prefixes + 1, size)[:, None, None]
    return (causal_mask(size) | prefix) & padding_mask(lengths, size)[:, None, None]
""",
            # the word behind the prefix is seen only where there is a place in front of it
            message="a later one that is not in the prefix",
        ),
        Wrong(  # ones and zeros
            code="""
def answer_9_2(prefixes, lengths, size):
    seen = causal_mask(size) | padding_mask(prefixes, size)[:, None, None]
    return (seen & padding_mask(lengths, size)[:, None, None]).float()
""",
            message="True and False",
        ),
    ],
    "9.3": [
        Wrong(  # specials, too
            code=changed(MASKED, (" & (tokens >= specials)", "")),
            message="there is nothing to mask",
        ),
        Wrong(  # the first word is taken for a special one
            code=changed(MASKED, ("tokens >= specials", "tokens > specials")),
            message="some words are never chosen",
        ),
        Wrong(  # every one of them masked
            code=changed(MASKED, ("fate < 0.8", "fate < 0.9"), ("fate >= 0.9", "fate > 2")),
            message="That is not the recipe",
        ),
        Wrong(  # all that is chosen
            code=changed(MASKED, ("fate < 0.8", "fate < 2"), ("fate >= 0.9", "fate > 2")),
            message="That is not the recipe",
        ),
        Wrong(  # none is left as it is
            code=changed(MASKED, ("fate >= 0.9", "fate >= 0.8")),
            message="That is not the recipe",
        ),
        Wrong(  # the shares are drawn anew for the second step
            code=changed(
                MASKED, ("(fate >= 0.9)", "(torch.rand(tokens.shape, generator=g) >= 0.9)")
            ),
            message="That is not the recipe",
        ),
        Wrong(  # half
            code=changed(MASKED, ("0.15", "0.5")),
            message="of the words are chosen",
        ),
        Wrong(  # labels everywhere
            code=changed(MASKED, ("torch.where(chosen, tokens, -100)", "tokens")),
            message="there is nothing to guess",
        ),
        Wrong(  # the mask as label where nothing is asked
            code=changed(MASKED, ("-100", "mask")),
            message="there is nothing to guess",
        ),
        Wrong(  # labels only where the mask stands
            code=changed(
                MASKED,
                ("torch.where(chosen, tokens, -100)", "torch.where(inputs == mask, tokens, -100)"),
            ),
            message="there is nothing to guess",
        ),
        Wrong(  # labels where something was changed
            code=changed(
                MASKED,
                (
                    "torch.where(chosen, tokens, -100)",
                    "torch.where(inputs != tokens, tokens, -100)",
                ),
            ),
            message="of the words are chosen",
        ),
        Wrong(  # what stands there afterwards
            code=changed(
                MASKED, ("torch.where(chosen, tokens, -100)", "torch.where(chosen, inputs, -100)")
            ),
            message="nor the token that stood in its place",
        ),
        Wrong(  # random tokens out of the whole vocabulary
            code=changed(MASKED, ("randint(specials, vocab", "randint(0, vocab")),
            message="a token that is no word",
        ),
        Wrong(  # one word for all
            code=changed(MASKED, ("vocab_size, tokens.shape", "vocab_size, (1,)")),
            message="never come up as the random one",
        ),
        Wrong(  # the same places in every text
            code=changed(MASKED, (CHOICE, "torch.rand(tokens.shape[1], generator=g) < 0.15")),
            message="have many more tokens chosen",
        ),
        Wrong(  # whole texts
            code=changed(MASKED, (CHOICE, "torch.rand(len(tokens), 1, generator=g) < 0.15")),
            message="have many more tokens chosen",
        ),
        Wrong(  # one fate for a text
            code=changed(
                MASKED, ("fate = torch.rand(tokens.shape", "fate = torch.rand((len(tokens), 1)")
            ),
            message="has the same fate",
        ),
        Wrong(  # three in a row, then seventeen not
            code=changed(
                MASKED,
                (CHOICE, "(torch.arange(tokens.numel()).view(tokens.shape) % 20 < 3)"),
            ),
            message="pairs of neighbours are chosen together",
        ),
        Wrong(  # another source of randomness
            code=changed(
                MASKED, ("(torch.rand(tokens.shape, generator=g)", "(torch.rand(tokens.shape)")
            ),
            message="some of the randomness comes from elsewhere",
        ),
        Wrong(  # the labels first
            code=changed(
                MASKED,
                (
                    "inputs, torch.where(chosen, tokens, -100)",
                    "torch.where(chosen, tokens, -100), inputs",
                ),
            ),
            message="there is nothing to mask",
        ),
        Wrong(  # in place
            code="""
def answer_9_3(tokens, specials, mask, vocab_size, g):
    labels = torch.full_like(tokens, -100)
    chosen = (torch.rand(tokens.shape, generator=g) < 0.15) & (tokens >= specials)
    labels[chosen] = tokens[chosen]
    tokens[chosen] = mask
    return tokens, labels
""",
            message="It changes what it is given",
        ),
    ],
    "9.4": [
        Wrong(  # spans are dropped without a trace
            code=changed(
                SPANS, ('source += [*words[done:start], f"<{i}>"]', "source += words[done:start]")
            ),
            message="the sentinels in the source are off",
        ),
        Wrong(  # a sentinel for each word
            code=changed(
                SPANS,
                (
                    '*words[done:start], f"<{i}>"]',
                    '*words[done:start], *[f"<{i}>"] * (stop - start)]',
                ),
            ),
            message="one for each span",
        ),
        Wrong(  # the same sentinel everywhere
            code=SPANS.replace('f"<{i}>"', '"<0>"'),
            message="the sentinels in the source are off",
        ),
        Wrong(  # numbered from 1
            code=SPANS.replace('f"<{i}>"', 'f"<{i + 1}>"'),
            message="numbered from 0",
        ),
        Wrong(  # no end
            code=changed(SPANS, ('[*target, f"<{len(spans)}>"]', "target")),
            message="the sentinels in the target are off",
        ),
        Wrong(  # sentinels behind their words
            code=changed(
                SPANS, ('[f"<{i}>", *words[start:stop]]', '[*words[start:stop], f"<{i}>"]')
            ),
            message="What stands before a span's words",
        ),
        Wrong(  # the last place is part of the span
            code=changed(
                SPANS,
                ("words[start:stop]", "words[start : stop + 1]"),
                ("done = stop", "done = stop + 1"),
            ),
            message="not those outside the spans",
        ),
        Wrong(  # the rest is forgotten
            code=changed(SPANS, ("source + words[done:]", "source")),
            message="not those outside the spans",
        ),
        Wrong(  # the whole text as target, as BART has it
            code=changed(SPANS, ('[*target, f"<{len(spans)}>"]', "words")),
            message="not those of the spans",
        ),
        Wrong(  # one word for each sentinel
            code=changed(SPANS, ("while not target", "if not target")),
            message="the text is not rebuilt",
        ),
        Wrong(  # the words of the target behind those of the source
            code="""
def corrupt(words, spans):
    source, target, done = [], [], 0
    for i, (start, stop) in enumerate(spans):
        source += [*words[done:start], f"<{i}>"]
        target += [f"<{i}>", *words[start:stop]]
        done = stop
    return source + words[done:], [*target, f"<{len(spans)}>"]


def rebuild(source, target):
    return [word for word in source + target if not word.startswith("<")]
""",
            message="the text is not rebuilt",
        ),
        Wrong(  # numbers of a single digit
            code=changed(
                SPANS,
                ("target.index(word) + 1", "[each[:2] for each in target].index(word[:2]) + 1"),
            ),
            message="the text is not rebuilt",
        ),
        Wrong(  # one function
            code=SPANS + "\n\ncorrupt, rebuild = corrupt, 'no idea'\n",
            message="A function is asked for",
        ),
    ],
    "9.5": [
        Wrong(
            code="answer_9_5 = one_vector", message="gets another vector in the batch than alone"
        ),
        Wrong(  # the mean is not mended
            code=changed(POOLED, (".sum(1) / lengths[:, None]", ".mean(1)")),
            message="kind 'mean'",
        ),
        Wrong(  # the mean over everything
            code=changed(
                POOLED, ("(features * real).sum(1) / lengths[:, None]", "features.mean(1)")
            ),
            message="put other numbers into the padding",
        ),
        Wrong(  # the padding counts in the sum
            code=changed(POOLED, ("(features * real).sum(1)", "features.sum(1)")),
            message="put other numbers into the padding",
        ),
        Wrong(  # divided by the square root
            code=changed(POOLED, ("/ lengths[:, None]", "/ lengths[:, None] ** 0.5")),
            message="where there was no bug, the vectors are off",
        ),
        Wrong(  # the maximum is not mended
            code=changed(POOLED, ("features.masked_fill(~real, -torch.inf)", "(features * real)")),
            message="all of them below 0",
        ),
        Wrong(  # what is real is hidden
            code=changed(POOLED, ("~real", "real")),
            message="where there was no bug, the vectors are off",
        ),
        Wrong(  # the last is not mended
            code=changed(
                POOLED, ("features[torch.arange(len(features)), lengths - 1]", "features[:, -1]")
            ),
            message="put other numbers into the padding",
        ),
        Wrong(  # one too far
            code=changed(POOLED, ("lengths - 1]", "lengths]")),
            message="IndexError",
        ),
        Wrong(  # every row's last, for each row
            code=changed(
                POOLED,
                ("features[torch.arange(len(features)), lengths - 1]", "features[:, lengths - 1]"),
            ),
            message="where there was no bug",
        ),
        Wrong(  # the right numbers
            code=changed(POOLED, ("features.masked_fill(", "features.detach().masked_fill(")),
            message="not what could be learnt",
        ),
    ],
    "9.6": [
        Wrong(  # tags
            code="""
def answer_9_6(gold, guessed):
    pairs = [pair for a, b in zip(gold, guessed) for pair in zip(a, b)]
    return sum(a == b for a, b in pairs) / len(pairs)
""",
            message="nothing is found, so the score should be 0",
        ),
        Wrong(  # F1 of tags other than O
            code="""
def answer_9_6(gold, guessed):
    pairs = [pair for a, b in zip(gold, guessed) for pair in zip(a, b)]
    same = sum(a == b != "O" for a, b in pairs)
    there = sum((a != "O") + (b != "O") for a, b in pairs)
    return 2 * same / there if there else 0.0
""",
            message="half an entity is none",
        ),
        Wrong(  # places without kinds
            code=ENTITIES.replace("place + 1, tag[2:])", "place + 1)"),
            message="the kind isn't",
        ),
        Wrong(  # only where it begins
            code=changed(ENTITIES, ("found[-1] = (found[-1][0], place + 1, tag[2:])", "pass")),
            message="half an entity is none",
        ),
        Wrong(  # kinds without places
            code=changed(
                ENTITIES, ("return set(found)", "return {(b - a, kind) for a, b, kind in found}")
            ),
            message="it is as long, but elsewhere",
        ),
        Wrong(  # only a B begins one
            code=changed(
                ENTITIES,
                ('if tag.startswith("B") or before[2:] != tag[2:]:', 'if tag.startswith("B"):'),
                ("        else:\n", "        elif found:\n"),
            ),
            message="an I that continues nothing begins an entity",
        ),
        Wrong(  # neighbours of a kind are joined
            code=changed(ENTITIES, ('tag.startswith("B") or ', "")),
            message="a B begins a new one",
        ),
        Wrong(  # whatever the kind, an I continues
            code=changed(ENTITIES, ("before[2:] != tag[2:]", 'before == "O"')),
            message="an I of another kind begins one",
        ),
        Wrong(  # precision
            code=changed(ENTITIES, ("len(mine) + len(theirs)", "2 * len(theirs)")),
            message="one of two guesses is right",
        ),
        Wrong(  # recall
            code=changed(ENTITIES, ("len(mine) + len(theirs)", "2 * len(mine)")),
            message="one of two guesses is right",
        ),
        Wrong(  # a mean over sentences
            code=ENTITIES
            + """

def answer_9_6(gold, guessed):
    scores = []
    for mine, theirs in zip(map(entities, gold), map(entities, guessed)):
        there = len(mine) + len(theirs)
        scores.append(2 * len(mine & theirs) / there if there else 0.0)
    return sum(scores) / len(scores)
""",
            message="each entity should count alike",
        ),
        Wrong(  # all sentences in one heap
            code=ENTITIES
            + """

def answer_9_6(gold, guessed):
    mine, theirs = (set().union(*map(entities, each)) for each in (gold, guessed))
    there = len(mine) + len(theirs)
    return 2 * len(mine & theirs) / there if there else 0.0
""",
            message="only in its own sentence",
        ),
        Wrong(  # nothing at all
            code=changed(ENTITIES, (" if there else 0.0", "")),
            message="ZeroDivisionError",
        ),
    ],
    "9.7": [
        Wrong(  # the place of the token itself
            code=changed(SCORED, ("*label[:-1]", "*label"), ("len(prompt) - 1 :", "len(prompt) :")),
            message="do all five come from what may follow",
        ),
        Wrong(  # logits
            code=changed(SCORED, (".log_softmax(-1)", "")),
            message="Are these log-probabilities",
        ),
        Wrong(  # probabilities
            code=changed(SCORED, (".log_softmax(-1)", ".softmax(-1)")),
            message="Are these log-probabilities",
        ),
        Wrong(  # the mean
            code=changed(SCORED, (".sum())", ".mean())")),
            message="with all 25 pairs",
        ),
        Wrong(  # the first token
            code=changed(SCORED, (".sum())", "[0])")),
            message="with all 25 pairs",
        ),
        Wrong(  # the last token
            code=changed(SCORED, (".sum())", "[-1])")),
            message="with all 25 pairs",
        ),
        Wrong(  # every token right behind the prompt
            code="""
def answer_9_7(model, prompt, labels):
    log_probs = model(torch.tensor([prompt]))[0, -1].log_softmax(-1)
    return torch.stack([log_probs[label].sum() for label in labels])
""",
            message="What does each token of a label stand behind",
        ),
        Wrong(  # the prompt's own probability, too
            code="""
def answer_9_7(model, prompt, labels):
    scores = []
    for label in labels:
        text = torch.tensor([*prompt, *label])
        log_probs = model(text[None, :-1])[0].log_softmax(-1)
        scores.append(log_probs.gather(1, text[1:, None]).sum())
    return torch.stack(scores)
""",
            message="Are these log-probabilities",
        ),
        Wrong(  # the label without the prompt
            code="""
def answer_9_7(model, prompt, labels):
    scores = []
    for label in labels:
        text = torch.tensor([*prompt[-1:], *label])
        log_probs = model(text[None, :-1])[0].log_softmax(-1)
        scores.append(log_probs.gather(1, text[1:, None]).sum())
    return torch.stack(scores)
""",
            message="what follows the whole prompt",
        ),
        Wrong(  # normalised over the labels
            code=changed(SCORED, ("torch.stack(scores)", "torch.stack(scores).log_softmax(0)")),
            message="which other labels there were",
        ),
        Wrong(  # normalised over the places
            code=changed(SCORED, (".log_softmax(-1)", ".log_softmax(0)")),
            message="Are these log-probabilities",
        ),
        Wrong(  # the best label
            code=changed(SCORED, ("torch.stack(scores)", "torch.stack(scores).argmax()")),
            message="one score for each label",
        ),
        Wrong(  # a list
            code=changed(SCORED, ("torch.stack(scores)", "[each.item() for each in scores]")),
            message="The scores are a tensor",
        ),
        Wrong(  # generated freely, and compared
            code="""
def answer_9_7(model, prompt, labels):
    scores = []
    for label in labels:
        text = list(prompt)
        for _ in label:
            text.append(model(torch.tensor([text]))[0, -1].argmax().item())
        scores.append(torch.tensor(float(text[len(prompt) :] == label)))
    return torch.stack(scores)
""",
            message="Are these log-probabilities",
        ),
    ],
    "9.8": [
        Wrong(  # no calibration
            code="""
def answer_9_8(log_probs, content_free):
    return log_probs.softmax(-1)
""",
            message="its labels should be alike",
        ),
        Wrong(  # multiplied
            code=changed(CALIBRATED, ("log_probs - average", "log_probs + average")),
            message="its labels should be alike",
        ),
        Wrong(  # a mean of logarithms
            code="""
def answer_9_8(log_probs, content_free):
    return (log_probs - content_free.mean(0)).softmax(-1)
""",
            message="what is averaged over them",
        ),
        Wrong(  # normalised before they are averaged
            code="""
def answer_9_8(log_probs, content_free):
    average = content_free.softmax(-1).mean(0)
    return (log_probs - average.log()).softmax(-1)
""",
            message="what is averaged over them",
        ),
        Wrong(  # the first alone
            code=changed(CALIBRATED, ("content_free.logsumexp(0)", "content_free[0]")),
            message="what is averaged over them",
        ),
        Wrong(  # not normalised
            code=changed(CALIBRATED, (".softmax(-1)", ".exp()")),
            message="don't sum to 1",
        ),
        Wrong(  # over the texts
            code=changed(CALIBRATED, (".softmax(-1)", ".softmax(0)")),
            message="don't sum to 1",
        ),
        Wrong(  # right, until exp(-900) is 0
            code="""
def answer_9_8(log_probs, content_free):
    ratios = log_probs.exp() / content_free.exp().mean(0)
    return ratios / ratios.sum(-1, keepdim=True)
""",
            message="lower by 900",
        ),
        Wrong(  # the softmax of the ratios, as the paper writes it
            code="""
def answer_9_8(log_probs, content_free):
    return (log_probs.exp() / content_free.exp().mean(0)).softmax(-1)
""",
            message="each row should be what it was, normalised",
        ),
        Wrong(  # a difference of probabilities
            code="""
def answer_9_8(log_probs, content_free):
    return (log_probs.softmax(-1) - content_free.softmax(-1).mean(0)).softmax(-1)
""",
            message="each row should be what it was, normalised",
        ),
        Wrong(  # logarithms
            code=changed(CALIBRATED, (".softmax(-1)", ".log_softmax(-1)")),
            message="don't sum to 1",
        ),
    ],
    "9.9": [
        Wrong(  # nothing is turned
            code=changed(LOADED, ("tensor.mT if tensor.dim() == 2 else tensor", "tensor")),
            message="there is room for",
        ),
        Wrong(  # only what would not fit otherwise
            code=changed(
                LOADED,
                (
                    "tensor.mT if tensor.dim() == 2 else tensor",
                    "tensor.mT if tensor.dim() == 2 and len(set(tensor.shape)) == 2 else tensor",
                ),
            ),
            message="is not what attn.c_proj gives",
        ),
        Wrong(  # another order
            code=changed(LOADED, ('"query", "key", "value"', '"key", "query", "value"')),
            message="is not the query in what attn.c_attn gives",
        ),
        Wrong(  # keys and values exchanged
            code=changed(LOADED, ('"query", "key", "value"', '"query", "value", "key"')),
            message="is not the key in what attn.c_attn gives",
        ),
        Wrong(  # interleaved
            code=changed(LOADED, ("tensor.chunk(3)", "(tensor[0::3], tensor[1::3], tensor[2::3])")),
            message="in what attn.c_attn gives",
        ),
        Wrong(  # split, and not turned
            code=changed(
                LOADED,
                (
                    "tensor.mT if tensor.dim() == 2 else tensor",
                    "tensor.mT if tensor.dim() == 2 and place != 'attn.c_attn' else tensor",
                ),
                ("tensor.chunk(3)", "tensor.chunk(3, -1)"),
            ),
            message="is not the query in what attn.c_attn gives",
        ),
        Wrong(  # reshaped instead of turned
            code=changed(LOADED, ("tensor.mT if", "tensor.reshape(tensor.shape[::-1]) if")),
            message="in what attn.c_attn gives",
        ),
        Wrong(  # the biases of the fused matrix are lost
            code=changed(LOADED, ("zip((", "() if kind == 'bias' else zip((")),
            message="our layer misses self_attention.key.bias",
        ),
        Wrong(  # the stored mask is handed on
            code=changed(
                LOADED,
                (
                    "            continue\n",
                    "            ours[name] = tensor\n            continue\n",
                ),
            ),
            message="no place for attn.bias",
        ),
        Wrong(  # GPT-2's names
            code="""
def answer_9_9(theirs):
    return {name: each.mT if each.dim() == 2 else each for name, each in theirs.items()}
""",
            message="our layer misses feed_forward.hidden.bias",
        ),
        Wrong(  # what is not known is passed over
            code=changed(LOADED, ("        else:\n", "        elif place in OURS:\n")),
            message="no error is raised",
        ),
        Wrong(  # the two norms exchanged
            code=changed(
                LOADED, ("OURS[place]", "OURS[{'ln_1': 'ln_2', 'ln_2': 'ln_1'}.get(place, place)]")
            ),
            message="self_residual.norm.weight is not ln_1.weight",
        ),
        Wrong(  # the two output matrices share a name
            code=changed(
                LOADED, ("{OURS[place]}", "{OURS[place.replace('mlp.c_proj', 'attn.c_proj')]}")
            ),
            message="our layer misses feed_forward.output.bias",
        ),
        Wrong(  # pairs
            code=changed(LOADED, ("return ours", "return list(ours.items())")),
            message="a dictionary of tensors is asked for",
        ),
    ],
}
