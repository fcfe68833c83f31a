"""How C16 judges what models write, and the marks it holds them against (chapter 9).

Every score is between 0 and 1, and 1 is best: `sentiment` the share right; `entities` the mean F1
of persons and places; `stories` the share that is valid, new and different; what is transduced, one
minus the edits a reference word.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from statistics import fmean

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, one_hot

from course.data.grammar.surface import join
from course.experiments.family_tasks import HELD_OUT, SOURCES, Pairs, Task
from course.experiments.fitting import Written
from course.metrics import chrf
from course.runtime import generator

DECAYS = (0.0, 1e-3, 1e-2)
"""Of the linear marks; chosen on validation."""


def scores(task: Task, pairs: Pairs, written: list[list[int]]) -> dict[str, float]:
    """Returns the `score` of what was written, and what it is made of.

    Args:
        task: What was to be done.
        pairs: The pairs it was done for.
        written: Ids of one output for each.
    """
    if task.name == "stories":
        return told(task, [pairs.src[row][0] for row in range(len(written))], written)
    if task.name == "entities":
        return named(task, pairs.tgt, written)
    result = Written(written, pairs.tgt)
    if task.labels:
        return {"score": result.exact}
    found = {"score": max(0.0, 1 - result.token_error_rate), "exact": result.exact}
    if task.name == "translation":
        texts, references = ([_text(task, ids, "fr") for ids in x] for x in (written, pairs.tgt))
        found["chrf"] = chrf(texts, [(text,) for text in references]).value / 100
    return found


def named(task: Task, gold: list[list[int]], written: list[list[int]]) -> dict[str, float]:
    """Returns F1 of each kind of name, and their mean.

    Args:
        task: It has the labels.
        gold: Right labels of each word.
        written: As many labels.
    """
    pairs = [
        pair for a, b in zip(gold, written, strict=True) for pair in zip(a, b, strict=True)
    ]  # (right, given) for each word
    found = {}
    for kind in task.labels[1:]:
        right = sum(a == b == kind for a, b in pairs)
        either = sum((a == kind) + (b == kind) for a, b in pairs)
        found[task.words[kind]] = 2 * right / max(1, either)
    return {"score": fmean(found.values()), **found}


def told(task: Task, names: Sequence[int], written: list[list[int]]) -> dict[str, float]:
    """Returns how many stories are valid, new and different.

    `valid`: two different sentences that the grammar's parser accepts, both about the person;
    `new`: not a training story; `different`: not the same as an earlier one. The score is the share
    that is all of it: a model can't win by repeating one safe story, nor by copying.

    Args:
        task: It has the training stories.
        names: Whom each story is about.
        written: Ids of the stories.
    """
    known = set(map(tuple, task.splits["train"].tgt))
    right, new, different, score = 0, 0, 0, 0
    seen: set[tuple[int, ...]] = set()
    for name, ids in zip(names, written, strict=True):
        story = tuple(ids)
        marks = (_valid(task, name, ids), story not in known, story not in seen)
        seen.add(story)
        right, new, different = (n + m for n, m in zip((right, new, different), marks, strict=True))
        score += all(marks)
    counts = {"score": score, "valid": right, "new": new, "different": different}
    return {key: value / len(written) for key, value in counts.items()}


def _valid(task: Task, name: int, ids: list[int]) -> bool:
    words = [task.words[i] for i in ids]
    if words.count(".") != 2 or words[-1] != ".":
        return False
    middle = words.index(".") + 1
    sentences = [words[:middle], words[middle:]]
    if sentences[0] == sentences[1]:
        return False
    return all(s[0] == task.words[name] and _accepted(join(s, "en")) for s in sentences)


@cache
def _accepted(text: str) -> bool:
    from course.data import grammar  # its word lists take a while to build

    return grammar.accepts(text, "en")


def _text(task: Task, ids: list[int], lang: str) -> str:
    return join([task.words[i] for i in ids], lang)


def grammar_stories(task: Task, seed: int) -> dict[str, float]:
    """Returns what stories of the grammar itself would get: the ceiling.

    Args:
        task: `stories`.
        seed: Of the stories.
    """
    ids = {word: index for index, word in enumerate(task.words)}
    drawn = SOURCES["stories"](generator(seed, "c16", "ceiling"))
    stories: list[list[int]] = []
    while len(stories) < HELD_OUT["test"]:
        words = next(drawn)[1]
        if all(word in ids for word in words):
            stories.append([ids[word] for word in words])
    return told(task, [story[0] for story in stories], stories)


def linear(task: Task, seed: int) -> dict[str, float]:
    """Returns the score of a linear classifier that knows no order: of counts of words.

    For `sentiment` it gets the words of the sentence (a bag of words), for `entities` the word
    itself, the one before and the one behind (a window).

    Args:
        task: One to classify.
        seed: Of the first weights.
    """
    labels = torch.tensor(task.labels)
    data = {split: _features(task, pairs) for split, pairs in task.splits.items()}
    results = {}
    for decay in DECAYS:
        torch.manual_seed(seed)
        model = torch.nn.Linear(data["train"][0].shape[1], len(labels))
        optimiser = torch.optim.Adam(model.parameters(), lr=0.05, weight_decay=decay)
        for _ in range(150):
            optimiser.zero_grad()
            inputs, targets = data["train"]
            cross_entropy(model(inputs), targets).backward()
            optimiser.step()
        for split in ("valid", "test"):
            pairs = task.splits[split]
            given = labels[model(data[split][0]).argmax(-1)].split([len(row) for row in pairs.tgt])
            results[split, decay] = scores(task, pairs, [row.tolist() for row in given])
    best = max(DECAYS, key=lambda decay: results["valid", decay]["score"])
    return results["test", best]


def _features(task: Task, pairs: Pairs) -> tuple[Tensor, Tensor]:
    """Counts of words for each label to be given, and the number of the label."""
    rows, numbers = [], []
    for src, tgt in zip(pairs.src, pairs.tgt, strict=True):
        words = one_hot(torch.tensor(src), task.mask).float()  # (S, V)
        if task.name == "entities":
            edge = torch.zeros_like(words[:1])
            around = [torch.cat([edge, words[:-1]]), words, torch.cat([words[1:], edge])]
            rows.append(torch.cat(around, 1))
        else:
            rows.append(words.sum(0, keepdim=True))
        numbers += [task.labels.index(label) for label in tgt]
    return torch.cat(rows), torch.tensor(numbers)
