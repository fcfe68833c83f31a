"""Checks of chapter 9's exercises on labels: entities, label words, calibration."""

from typing import Any

import torch
from torch import Tensor

from course.exercises.checking import call, describe, expect_close, fresh_generator, require
from course.exercises.stand_ins import draw

DOUBLE = torch.float64


def measure_entities_not_tags(answer: Any) -> str:
    """9.6: F1 over whole entities: begin, end and kind; over all sentences at once."""
    whole, none = ["B-PER", "I-PER", "O"], ["O", "O", "O"]
    for gold, guessed, score, words in (
        (whole, whole, 1.0, "all is right, so the score should be 1"),
        (whole, none, 0.0, "nothing is found, so the score should be 0"),
        (none, none, 0.0, "there is no entity anywhere: by agreement, that is 0"),
        (whole, ["B-PER", "O", "O"], 0.0, "half an entity is none"),
        (whole, ["B-LOC", "I-LOC", "O"], 0.0, "the place is right, but the kind isn't"),
        (whole, ["O", "I-PER", "I-PER"], 0.0, "it is as long, but elsewhere"),
        (["I-PER", "I-PER", "O"], whole, 1.0, "an I that continues nothing begins an entity"),
        (["B-PER", "B-PER", "O"], whole, 0.0, "a B begins a new one, even beside one of its kind"),
        (["B-PER", "I-LOC", "O"], ["B-PER", "B-LOC", "O"], 1.0, "an I of another kind begins one"),
        (
            whole,
            ["B-PER", "I-PER", "B-LOC"],
            2 / 3,
            "one of two guesses is right, and all is found",
        ),
        (["B-PER", "I-PER", "B-LOC"], whole, 2 / 3, "all that is guessed is right, half is found"),
    ):
        message = f"For gold {' '.join(gold)} and guessed {' '.join(guessed)}, the score is off: "
        expect_close(call(answer, [gold], [guessed]), score, f"{message}{words}.")
    g = fresh_generator()
    many = ["B-PER"] * 4 + ["O"]
    message = "For two sentences, one with four right entities and one with a single wrong one, "
    message += "the score is off: each entity should count alike, not each sentence."
    expect_close(call(answer, [many, none], [many, whole]), 8 / 9, message)
    message = (
        "For two sentences, an entity in the first and the same one guessed in the second, the "
    )
    message += "score is off: an entity counts only in its own sentence."
    expect_close(call(answer, [whole, none], [none, whole]), 0.0, message)
    kinds = ["O", "O", "B-PER", "I-PER", "I-PER", "B-LOC", "I-LOC"]
    for _ in range(5):
        gold, guessed = (_random_tags(kinds, g) for _ in range(2))
        for sentence, copied in zip(guessed, gold, strict=True):
            sentence[: len(sentence) // 2] = copied[: len(sentence) // 2]
        message = f"For three sentences of random tags, the second being {' '.join(gold[1])} and "
        message += f"guessed {' '.join(guessed[1])}, the score is off."
        expect_close(call(answer, gold, guessed), _entity_f1(gold, guessed), message)
    return (
        "Entities cut, moved, renamed, joined and left out, and random tags. Notice that a tagger "
        "that says O everywhere scores 0 here; of the tags, most would be right."
    )


def _random_tags(kinds: list[str], g: torch.Generator) -> list[list[str]]:
    return [[kinds[i] for i in draw(0, len(kinds) - 1, g, size)] for size in (7, 3, 11)]


def _entity_f1(gold: list[list[str]], guessed: list[list[str]]) -> float:
    def spans(sentences: list[list[str]]) -> set[tuple[int, int, int, str]]:
        found = set()
        for row, tags in enumerate(sentences):
            starts = [
                i
                for i, tag in enumerate(tags)
                if tag[0] == "B" or tag[0] == "I" and (i == 0 or tags[i - 1][2:] != tag[2:])
            ]
            for start in starts:
                stop = start + 1
                while stop < len(tags) and stop not in starts and tags[stop] != "O":
                    stop += 1
                found.add((row, start, stop, tags[start][2:]))
        return found

    there, told = spans(gold), spans(guessed)
    return 2 * len(there & told) / (len(there) + len(told)) if there & told else 0.0


class TinyLanguage:
    """Stands in for a causal language model: logits that depend on all tokens so far."""

    def __init__(self, vocabulary: int, g: torch.Generator) -> None:
        self.vocabulary = vocabulary
        self.table = 2 * torch.randn(97, vocabulary, generator=g, dtype=DOUBLE)
        self.table += 3 * torch.randn(97, 1, generator=g, dtype=DOUBLE)  # not normalised

    def __call__(self, tokens: Tensor) -> Tensor:
        """Logits (B, T, V) of the token after each of `tokens` (B, T)."""
        if not isinstance(tokens, Tensor) or tokens.dim() != 2:
            raise ValueError(f"the model reads a tensor (B, T), not {describe(tokens)}")
        if tokens.numel() and not 0 <= int(tokens.min()) <= int(tokens.max()) < self.vocabulary:
            raise ValueError(f"the model knows the tokens 0 to {self.vocabulary - 1}")
        states, state = [], torch.zeros_like(tokens[:, 0])
        for column in tokens.mT:
            state = (5 * state + column + 1) % 97
            states.append(state)
        return self.table[torch.stack(states, 1)]

    def log_prob(self, prompt: list[int], label: list[int]) -> Tensor:
        """The log-probability of a label behind a prompt, token by token."""
        total, text = torch.zeros((), dtype=DOUBLE), list(prompt)
        for token in label:
            total = total + self(torch.tensor([text]))[0, -1].log_softmax(-1)[token]
            text.append(token)
        return total


def classify_by_the_labels_words(answer: Any) -> str:
    """9.7: a label's log-probability is the sum of its tokens', each given all before it."""
    g = fresh_generator()
    model = TinyLanguage(5, g)
    prompt, singles = draw(0, 4, g, 3), [[i] for i in range(5)]
    given = f"the prompt {prompt} and a vocabulary of 5"
    found = call(answer, model, prompt, singles)
    require(isinstance(found, Tensor), f"The scores are a tensor, not {describe(found)}.")
    message = f"For {given}, with each of the 5 tokens a label of its own, the shape is "
    require(found.shape == (5,), f"{message}{tuple(found.shape)}: one score for each label.")
    one = torch.ones((), dtype=DOUBLE)
    message = f"For {given}, with each of the 5 tokens a label of its own: one of them has to come "
    message += (
        "next, so the probabilities should sum to 1. Are these log-probabilities, and do all five "
    )
    message += "come from what may follow the prompt?"
    expect_close(found.double().exp().sum(), one, message)
    message = (
        f"For {given}, labels of one token have probabilities that sum to 1, but not those of "
    )
    message += "what follows the whole prompt: which place's logits speak of which token?"
    expect_close(found, torch.stack([model.log_prob(prompt, each) for each in singles]), message)
    pairs = [[i, j] for i in range(5) for j in range(5)]
    found = call(answer, model, prompt, pairs)
    message = f"For {given}, with all 25 pairs of tokens as labels: one pair has to come next, so "
    message += "the probabilities should sum to 1, and they don't."
    expect_close(found.double().exp().sum(), one, message)
    message = f"For {given} and two labels, {pairs[7]} and {pairs[11]}, it should not matter for "
    message += "their log-probabilities which other labels there were to choose from."
    expect_close(call(answer, model, prompt, [pairs[7], pairs[11]]), found[[7, 11]], message)
    for vocabulary, length in ((5, 3), (11, 1), (7, 6)):
        model, prompt = TinyLanguage(vocabulary, g), draw(0, vocabulary - 1, g, length)
        labels = [draw(0, vocabulary - 1, g, size) for size in (2, 1, 4)]
        labels.append(labels[1] + labels[0])  # one begins as another
        message = f"For the prompt {prompt}, a vocabulary of {vocabulary} and the labels {labels}, "
        message += "the log-probabilities are off. What does each token of a label stand behind?"
        wanted = torch.stack([model.log_prob(prompt, each) for each in labels])
        expect_close(call(answer, model, prompt, labels), wanted, message)
    return (
        "Labels of one to five tokens behind prompts of one to six. Notice that nothing was "
        "generated: whatever else the model would rather say, it has to choose among the labels."
    )


def take_out_what_the_prompt_says_by_itself(answer: Any) -> str:
    """9.8: divided by what texts without content get, and normalised; also far below zero."""
    g = fresh_generator()
    log_probs = torch.randn(5, 3, generator=g, dtype=DOUBLE) - 2
    one, several = (torch.randn(n, 3, generator=g, dtype=DOUBLE) - 2 for n in (1, 7))
    given = "log_probs (5, 3) and content_free"
    found = call(answer, log_probs, several)
    require(isinstance(found, Tensor), f"Probabilities are a tensor, not {describe(found)}.")
    require(found.shape == (5, 3), f"For {given} (7, 3), the shape is {tuple(found.shape)}.")
    ones = torch.ones(5, dtype=DOUBLE)
    message = f"For {given} (7, 3), the probabilities of a text's labels don't sum to 1."
    expect_close(found.sum(-1), ones, message)
    message = f"For {given} (1, 3), all three labels being alike for the text without content, the "
    message += "prompt has no bias, and each row should be what it was, normalised."
    expect_close(call(answer, log_probs, 0 * one - 3), log_probs.softmax(-1), message)
    message = f"For {given} (1, 3), a text that gets just what the text without content gets tells "
    message += "nothing, and its labels should be alike."
    expect_close(call(answer, one, one), torch.full_like(one, 1 / 3), message)
    message = f"For {given} (1, 3), a text without information comes out even, as it should, but "
    message += "other texts are off."
    expect_close(call(answer, log_probs, one), _calibrated(log_probs, one), message)
    message = f"For {given} (7, 3), it is right for one text without content, but not for seven: "
    message += "what is averaged over them, and when?"
    expect_close(found, _calibrated(log_probs, several), message)
    message = f"For {given} (7, 3), all of them lower by 900, as labels of many tokens are, the "
    message += "result should be the same."
    expect_close(call(answer, log_probs - 900, several - 900), found, message)
    return (
        "One text without content and seven, a prompt without bias, and log-probabilities of -900. "
        "Notice that no labelled text was needed: only what the model says of texts that say "
        "nothing."
    )


def _calibrated(log_probs: Tensor, content_free: Tensor) -> Tensor:
    ratios = log_probs.exp() / content_free.exp().mean(0)
    return ratios / ratios.sum(-1, keepdim=True)
