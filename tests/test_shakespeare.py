"""Shakespeare by character, small: what is counted, what is scored, and what is written."""

import json
import math
from collections import Counter

import numpy as np
import pytest
import torch

from course import results
from course.errors import CourseError
from course.experiments import measurement, shakespeare
from course.experiments.ngrams import NGrams

RHYME = "the cat sat on the mat, the rat sat on the hat.\nROMEO:\nwhat hat? "


def slow(text, symbols, n, history, symbol):
    """Kneser–Ney as the paper writes it, one probability at a time."""

    def counts(k):
        if k == n:
            return Counter(tuple(text[i : i + k]) for i in range(len(text) - k + 1))
        longer = {tuple(text[i : i + k + 1]) for i in range(len(text) - k)}
        return Counter(gram[1:] for gram in longer)

    def discount(found):
        n1, n2, n3, n4 = (sum(c == k for c in found.values()) for k in (1, 2, 3, 4))
        if not (n1 and n2 and n3):
            return {1: 0.5, 2: 0.5, 3: 0.5}
        y = n1 / (n1 + 2 * n2)
        d = {1: 1 - 2 * y * n2 / n1, 2: 2 - 3 * y * n3 / n2, 3: 3 - 4 * y * n4 / n3}
        return {k: min(max(v, 0), k) for k, v in d.items()}

    def probability(k, h):
        if k == 0:
            return 1 / symbols
        found = counts(k)
        cut = discount(found)
        total = sum(c for gram, c in found.items() if gram[:-1] == h)
        if total == 0:
            return probability(k - 1, h[1:])
        freed = sum(cut[min(c, 3)] for gram, c in found.items() if gram[:-1] == h)
        own = found[(*h, symbol)]
        kept = own - cut[min(own, 3)] if own else 0
        return (kept + freed * probability(k - 1, h[1:])) / total

    return probability(n, tuple(history[len(history) - n + 1 :]))


@pytest.fixture(scope="module")
def drawn():
    """A text of 5 symbols in which some grams are common and some are rare."""
    rng = np.random.default_rng(7)
    steps = rng.choice(5, size=211, p=[0.5, 0.2, 0.15, 0.1, 0.05])
    return np.cumsum(steps) % 5


def test_counting_is_what_the_paper_says(drawn):
    model = NGrams(drawn, symbols=7, longest=4)
    asked = np.array([1, 0, 3, 3, 1, 2, 2, 5, 4, 1, 1])  # 5 was never seen
    found = model.surprisal(asked, 3)
    for n, nats in enumerate(found, start=1):
        expected = [-math.log(slow(list(drawn), 7, n, asked[:i], asked[i])) for i in range(3, 11)]
        np.testing.assert_allclose(nats, expected, rtol=1e-10)


def test_probabilities_sum_to_one(drawn):
    model = NGrams(drawn, symbols=7, longest=4)
    for history in ([0, 1, 2], [3, 3, 3], [6, 5, 6]):
        each = [model.surprisal(np.array([*history, s]), 3) for s in range(7)]
        totals = np.exp(-np.array(each)).sum(0)[:, 0]
        np.testing.assert_allclose(totals, 1, rtol=1e-12)


@pytest.mark.parametrize(("symbols", "longest"), [(5, 0), (5, 211), (200, 9)])
def test_what_cannot_be_counted_is_refused(drawn, symbols, longest):
    with pytest.raises(CourseError):
        NGrams(drawn, symbols=symbols, longest=longest)


def test_too_little_before_the_first_is_refused(drawn):
    with pytest.raises(CourseError, match="to start"):
        NGrams(drawn, symbols=5, longest=4).surprisal(drawn, 2)


@pytest.fixture(scope="module")
def text():
    return shakespeare.Text(RHYME * 200)


def test_the_text_comes_back_whole(text):
    whole = "".join(text.text(text.parts[name]) for name in ("train", "valid", "test"))
    assert whole == RHYME * 200
    assert "rat" in text.words and "romeo" in text.words and "dog" not in text.words
    shares = [len(part) / len(whole) for part in text.parts.values()]
    assert shares == pytest.approx([0.9, 0.05, 0.05], abs=1e-3)


def test_a_short_text_is_refused():
    with pytest.raises(CourseError, match="too short"):
        shakespeare.Text(RHYME)


def test_both_kinds_of_model_are_scored_on_the_same_characters(text):
    part = text.parts["valid"]
    seen = shakespeare.windows(part)
    mine = torch.cat([row[shakespeare.CONTEXT + 1 :] for row in seen])
    assert torch.equal(mine, shakespeare.scored(part)[shakespeare.CONTEXT + 1 :])
    assert 0 <= len(part) - len(shakespeare.scored(part)) < shakespeare.CONTEXT


def test_the_loss_is_that_of_one_character_at_a_time(text):
    model = shakespeare.build(len(text.symbols)).eval()
    part = text.parts["valid"][: 2 * shakespeare.CONTEXT + 1]
    state, nats = (), []
    with torch.no_grad():
        for this, following in zip(part[:-1], part[1:], strict=True):
            logits, state = model.decode(this[None, None], state)
            nats.append(-float(logits[0, 0].log_softmax(-1)[following]))
    expected = sum(nats[shakespeare.CONTEXT :]) / shakespeare.CONTEXT
    assert shakespeare.loss(model, part) == pytest.approx(expected, abs=1e-5)
    grouped = shakespeare.by_context(model, part)
    edges = ["1", "2-3", "4-7", "8-15", "16-31", "32-63", "64-127", "128-255", "256-511"]
    assert list(grouped) == edges
    assert grouped["2-3"] == pytest.approx(sum(nats[1:3]) / 2, abs=1e-5)


def test_the_model_is_small():
    assert shakespeare.number_of_parameters(shakespeare.build(65)) <= 5_000_000


def test_everything_is_measured_and_stored(text, monkeypatch, tmp_path):
    small = {
        "rows": 4, "d_model": 16, "num_layers": 1, "d_ff": 32, "rates": [1e-2, 1e-12],
        "trial_updates": 20, "updates": 30, "curve_every": 10, "longest": 4, "passages": 3,
        "characters": 9, "temperatures": [0.5, 1.0],
    }  # fmt: skip
    monkeypatch.setattr(shakespeare, "CONFIG", shakespeare.CONFIG | small)
    measurement.measure(tmp_path / "shakespeare.json", lambda: shakespeare.run(text))
    found = json.loads((tmp_path / "shakespeare.json").read_text("utf-8"))
    assert found["command"] == "python -m course.experiments.shakespeare"
    assert found["model"]["rate"] == 1e-2, "the rate that does nothing loses"
    assert list(found["curve"]) == ["0", "10", "20", "30"]
    assert found["curve"]["30"] < found["curve"]["0"]
    losses = {n: row["valid_nats"] for n, row in found["ngrams"].items()}
    assert found["ngram"]["valid_nats"] == min(losses.values()) < found["unigram"]["valid_nats"]
    assert found["model"]["test_bits"] == pytest.approx(found["model"]["test_nats"] / math.log(2))
    for passages in found["passages"].values():
        assert [len(passage) for passage in passages["texts"]] == [9, 9]
        assert passages["texts"][0] != passages["texts"][1]
        assert 0 <= passages["known_words"] <= 1


def test_the_stored_measurement_is_of_this_code():
    stored = results.measured("shakespeare")
    assert stored["config"] == shakespeare.CONFIG
    model = shakespeare.build(stored["text"]["symbols"])
    assert stored["model"]["parameters"] == shakespeare.number_of_parameters(model)
    trials = {rate: row["valid_nats"] for rate, row in stored["trials"].items()}
    assert f"{stored['model']['rate']:g}" == min(trials, key=lambda rate: trials[rate])
    losses = {n: row["valid_nats"] for n, row in stored["ngrams"].items()}
    assert str(stored["ngram"]["n"]) == min(losses, key=lambda n: losses[n])
    for name in ("model", "unigram", "ngram"):
        bits = results.value(f"shakespeare/{name}/test_bits")
        assert bits == pytest.approx(results.value(f"shakespeare/{name}/test_nats") / math.log(2))
    assert results.value("shakespeare/model/test_bits") < stored["unigram"]["test_bits"]


def test_passages_repeat(text):
    model = shakespeare.build(len(text.symbols))
    first, again = (shakespeare.write(model, text, 0.8, passages=2, characters=7) for _ in range(2))
    assert first == again
