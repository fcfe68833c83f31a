"""Wrong answers to the exercises of chapter 1."""

from exercises import Wrong


def bits(body: str) -> str:
    return f"def bits_of_sentence(vocabulary, tokens):\n    return {body}\n"


def mask(body: str) -> str:
    return f"def answer_1_3(lengths, width):\n    return {body}\n"


def per_word(body: str) -> str:
    return (
        "def tokens_per_word(tokenizer, texts):\n"
        "    tokens = [len(tokenizer.encode(text)) for text in texts]\n"
        "    words = [len(text.split()) for text in texts]\n"
        f"    return {body}\n"
    )


def verdict(supported: str, refused: str) -> str:
    return (
        "def verdict_of(differences, smallest):\n"
        "    found = interval(differences)\n"
        f"    if {supported}:\n"
        "        return 'supported'\n"
        f"    return 'not supported here' if {refused} else 'inconclusive'\n"
    )


def precision(body: str, grams: str = "range(len(tokens) - n + 1)") -> str:
    return (
        "def clipped_precision(output, reference, n):\n"
        "    found, wanted = (\n"
        f"        Counter(tuple(tokens[i : i + n]) for i in {grams})\n"
        "        for tokens in (output, reference)\n"
        "    )\n"
        f"    return {body}\n"
    )


def roman(values: str, pair: str = "Pair(' '.join(str(n)), ' '.join(roman(n)))") -> str:
    return (
        f"VALUES = {values}\n"
        "def roman(number):\n"
        "    for value, letters in VALUES.items():\n"
        "        if number >= value:\n"
        "            return letters + roman(number - value)\n"
        "    return ''\n"
        f"def roman_pairs(numbers):\n    return [{pair} for n in numbers]\n"
    )


PLAIN = "{1000: 'M', 500: 'D', 100: 'C', 50: 'L', 10: 'X', 5: 'V', 1: 'I'}"
FULL = (
    "{1000: 'M', 900: 'CM', 500: 'D', 400: 'CD', 100: 'C', 90: 'XC', 50: 'L', 40: 'XL', "
    "10: 'X', 9: 'IX', 5: 'V', 4: 'IV', 1: 'I'}"
)
BOLD = FULL.replace("90: 'XC'", "99: 'IC', 90: 'XC'")
FORGETFUL = FULL.replace("400: 'CD', ", "")

WRONG: dict[str, list[Wrong]] = {
    "1.1": [
        Wrong(bits("tokens * math.log(vocabulary)"), "three coin flips"),
        Wrong(bits("math.log2(vocabulary)"), "so bits add up"),
        Wrong(bits("math.log2(vocabulary) ** tokens"), "so bits add up"),
        Wrong(bits("math.log2(vocabulary * tokens)"), "so bits add up"),
        Wrong(bits("vocabulary * math.log2(tokens)"), "three coin flips"),
        Wrong(bits("tokens * math.ceil(math.log2(vocabulary))"), "the bits are not right"),
    ],
    "1.2": [
        Wrong("prediction_1_2 = 'BLEU'", "pairs of words are gone"),
        Wrong("prediction_1_2 = 'errors per word'", "an edit distance may not move a word"),
        Wrong("prediction_1_2 = 'chrf'", "Predict one of 'BLEU', 'chrF', 'errors per word'"),
        Wrong("prediction_1_2 = ['chrF', 'BLEU']", "Predict one of"),
        Wrong("prediction_1_2 = 54", "Predict one of"),
    ],
    "1.3": [
        Wrong(mask("torch.arange(width) <= lengths[:, None]"), "a token and padding are confused"),
        Wrong(mask("torch.arange(width) < lengths[:, None] - 1"), "Count from position 0"),
        Wrong(mask("torch.arange(width) > lengths[:, None]"), "a token and padding are confused"),
        Wrong(mask("torch.arange(width)[:, None] < lengths"), "Its shape is (2, 1) where (1, 2)"),
        Wrong(mask("(torch.arange(width) < lengths[:, None]).float()"), "torch.float32"),
        Wrong(mask("torch.arange(width) < lengths"), "Its shape is (2,) where (1, 2)"),
        Wrong(
            mask("torch.arange(lengths.max()) < lengths[:, None]"),
            "Its shape is (1, 1) where (1, 2)",
        ),
    ],
    "1.4": [
        Wrong(
            per_word("sum(t / w for t, w in zip(tokens, words)) / len(texts)"),
            "A word of a long sentence should count as much",
        ),
        Wrong(per_word("sum(words) / sum(tokens)"), "the mean over 2 words is not right"),
        Wrong(per_word("(sum(tokens) + len(texts)) / sum(words)"), "and no end token"),
        Wrong(per_word("sum(map(len, texts)) / sum(words)"), "there should be one token a word"),
        Wrong(per_word("sum(tokens) / len(texts)"), "there should be one token a word"),
        Wrong(
            per_word("len({t for x in texts for t in tokenizer.encode(x)}) / sum(words)"),
            "Count every occurrence",
        ),
    ],
    "1.5": [
        Wrong(
            verdict("found.mean >= smallest", "found.high < smallest"),
            "the mean lies above, the interval does not",
        ),
        Wrong(verdict("found.low > 0", "found.high < smallest"), "below the smallest effect"),
        Wrong(verdict("found.low >= smallest", "found.mean < smallest"), "the mean lies below"),
        Wrong(verdict("found.low >= smallest", "found.high < 0"), "below the smallest effect"),
        Wrong(verdict("found.low > smallest", "found.high < smallest"), "counts as large enough"),
        Wrong(verdict("found.high >= smallest", "found.high < smallest"), "another verdict is due"),
    ],
    "1.6": [
        Wrong(
            precision("sum(c for g, c in found.items() if g in wanted) / max(found.total(), 1)"),
            "only two of four count",
        ),
        Wrong(
            precision("(found & wanted).total() / max(wanted.total(), 1)"),
            "its one word is in the reference",
        ),
        Wrong(
            precision("(found & wanted).total() / max(found.total(), 1)", "range(len(tokens) - n)"),
            "its one word is in the reference",
        ),
        Wrong(
            precision("len(set(found) & set(wanted)) / max(len(found), 1)"),
            "only two of four count",
        ),
        Wrong(precision("(found & wanted).total() / found.total()"), "ZeroDivisionError"),
        Wrong(
            "def clipped_precision(output, reference, n):\n"
            "    found, wanted = Counter(output), Counter(reference)\n"
            "    return (found & wanted).total() / max(found.total(), 1)\n",
            "but not in this order",
        ),
    ],
    "1.7": [
        Wrong(roman(PLAIN), "is not its Roman numeral: MDCCCCLXXXXIIII"),
        Wrong(roman(BOLD), "is not its Roman numeral: MMMCMIC"),
        Wrong(roman(FORGETFUL), "is not its Roman numeral"),
        Wrong(
            roman(FULL, "Pair(str(n), ' '.join(roman(n)))"), "should be its digits, a space between"
        ),
        Wrong(roman(FULL, "Pair(' '.join(str(n)), roman(n))"), "their spaces aren't"),
        Wrong(roman(FULL, "Pair(' '.join(roman(n)), ' '.join(str(n)))"), "should be its digits"),
        Wrong(roman(FULL, "(' '.join(str(n)), roman(n)) * 2"), "a list of 1 Pairs is asked for"),
    ],
}

# other ways that are right, too
RIGHT: dict[str, list[str]] = {
    "1.1": [
        bits("math.log(vocabulary) / math.log(2) * tokens"),
        bits("-math.log2(1 / vocabulary) * tokens"),
    ],
    "1.3": [
        mask("torch.arange(1, width + 1) <= lengths.unsqueeze(1)"),
        mask("torch.stack([torch.arange(width) < n for n in lengths])"),
        "from course.ops.masks import padding_mask as answer_1_3",
    ],
    "1.4": [
        "def tokens_per_word(tokenizer, texts):\n"
        "    return sum(map(len, tokenizer.encode_batch(texts))) / len(' '.join(texts).split())\n",
        "def tokens_per_word(tokenizer, texts):\n"
        "    words = [word for text in texts for word in text.split()]\n"
        "    return sum(len(tokenizer.tokens(word)) for word in words) / len(words)\n",
    ],
    "1.5": [verdict("interval(differences)[1] >= smallest", "interval(differences)[2] < smallest")],
    "1.6": [
        "def clipped_precision(output, reference, n):\n"
        "    grams = [output[i : i + n] for i in range(len(output) - n + 1)]\n"
        "    left = [reference[i : i + n] for i in range(len(reference) - n + 1)]\n"
        "    found = 0\n"
        "    for gram in grams:\n"
        "        if gram in left:\n"
        "            left.remove(gram)\n"
        "            found += 1\n"
        "    return found / len(grams) if grams else 0\n"
    ],
    "1.7": [roman(FULL, "(' '.join(str(n)), ' '.join(roman(n)))")],
}
