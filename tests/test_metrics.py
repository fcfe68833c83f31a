"""Scores against values worked out by hand, and against sacreBLEU's own corpus scores."""

import math
import time

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sacrebleu.metrics import BLEU, CHRF

from course.errors import CourseError
from course.metrics import (
    aer,
    bleu,
    by_length,
    chrf,
    confidence_interval,
    crossing_links,
    edit_distance,
    paired_bootstrap,
    token_error_rate,
    word_links,
    word_weights,
)


def corpus(seed: int, n: int, quality: float) -> tuple[list[str], list[tuple[str, ...]]]:
    """Outputs of which a share `quality` equals a reference, and one to three references each."""
    rng = np.random.default_rng(seed)
    words = "le la un chat chien voiture bleue rouge mange dort devant maison".split()
    refs = [
        tuple(
            " ".join(rng.choice(words, size=rng.integers(3, 9))) for _ in range(rng.integers(1, 4))
        )
        for _ in range(n)
    ]
    hyps = [
        group[0] if rng.random() < quality else " ".join(rng.choice(words, size=6))
        for group in refs
    ]
    return hyps, refs


# --- BLEU and chrF


def test_bleu_by_hand():
    # n-gram precisions 4/5, 3/4, 2/3, 1/2, no brevity penalty
    expected = 100 * (4 / 5 * 3 / 4 * 2 / 3 * 1 / 2) ** (1 / 4)
    assert bleu(["a b c d e"], [("a b c d f",)]).value == pytest.approx(expected)
    # all n-grams right, one token short of five: brevity penalty e^(1 - 5/4)
    short = bleu(["a b c d"], [("a b c d e",)])
    assert short.value == pytest.approx(100 * math.exp(1 - 5 / 4))
    # a second reference of the output's own length lifts the penalty
    assert bleu(["a b c d"], [("a b c d e", "z y x w")]).value == pytest.approx(100)
    # over a corpus counts are added, not scores averaged: 8/9, 6/7, 4/5, 2/3; lengths 9 and 9
    both = bleu(["a b c d", "a b c d e"], [("a b c d",), ("a b c d f",)])
    assert both.value == pytest.approx(100 * (8 / 9 * 6 / 7 * 4 / 5 * 2 / 3) ** (1 / 4))
    assert both.n == 2 and str(both) == "BLEU 79.84"


def test_chrf_by_hand():
    # 1-grams: precision 2/2, recall 2/3; 2-grams: 1/1 and 1/2; longer ones do not exist
    precision, recall = 1.0, (2 / 3 + 1 / 2) / 2
    expected = 100 * 5 * precision * recall / (4 * precision + recall)
    assert chrf(["ab"], [("abc",)]).value == pytest.approx(expected)
    assert chrf(["ab"], [("zzz", "ab")]).value == pytest.approx(100)


def test_case_counts_unless_told_otherwise():
    hyps, refs = ["The Blue Car Is Here"], [("the blue car is here",)]
    for metric in (bleu, chrf):
        assert metric(hyps, refs).value < 100
        assert metric(hyps, refs, lowercase=True).value == pytest.approx(100)
        assert "case:lc" in metric(hyps, refs, lowercase=True).signature


@pytest.mark.parametrize("metric", [bleu, chrf])
def test_equals_sacrebleu_with_varying_numbers_of_references(metric):
    hyps, refs = corpus(1, 200, 0.4)
    streams = [[group[i] if i < len(group) else None for group in refs] for i in range(3)]
    scorer = BLEU() if metric is bleu else CHRF()
    expected = scorer.corpus_score(hyps, streams).score
    found = metric(hyps, refs)
    assert found.value == pytest.approx(expected) and 20 < found.value < 80
    assert found.signature == str(scorer.get_signature()) and "nrefs:var" in found.signature


def test_signature_names_the_number_of_references():
    assert bleu(["a"], [("a",)]).signature.startswith(
        "nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp"
    )
    assert chrf(["a"], [("a", "b")]).signature.startswith("nrefs:2|case:mixed")


def test_an_empty_output_scores_zero():
    assert bleu([""], [("a b c d",)]).value == 0
    assert chrf([""], [("a b c d",)]).value == 0


@pytest.mark.parametrize(
    ("hyps", "refs", "words"),
    [
        ([], [], "nothing to score"),
        (["a"], [("a",), ("b",)], "1 outputs .* 2 references"),
        (["a", "b"], [("a",), ()], "Sentence 2 has no reference"),
        (["a"], ["abc"], "group"),
    ],
)
def test_what_cannot_be_scored_is_named(hyps, refs, words):
    for metric in (bleu, chrf):
        with pytest.raises(CourseError, match=words):
            metric(hyps, refs)


# --- edits


def test_edit_distance_by_hand():
    assert edit_distance("la voiture bleue", "le voiture est bleue") == 2
    assert edit_distance([1, 2, 3], [2, 3, 4]) == 2
    assert edit_distance(list("kitten"), list("sitting")) == 3
    assert edit_distance("", "a b") == 2 and edit_distance("a b", "") == 2


words = st.lists(st.integers(0, 3), max_size=6)


@given(words, words, words)
def test_edit_distance_is_a_metric(a, b, c):
    assert edit_distance(a, a) == 0
    assert edit_distance(a, b) == edit_distance(b, a)
    assert edit_distance(a, c) <= edit_distance(a, b) + edit_distance(b, c)
    assert abs(len(a) - len(b)) <= edit_distance(a, b) <= max(len(a), len(b))


def test_token_error_rate_sums_before_it_divides():
    hyps, refs = [[1, 2, 3], [7]], [[1, 2, 4], [7, 8, 9, 9]]
    assert token_error_rate(hyps, refs) == pytest.approx((1 + 3) / (3 + 4))
    assert token_error_rate(["a b c d"], ["x"]) == 4.0
    with pytest.raises(CourseError, match="no token"):
        token_error_rate([[1]], [[]])
    with pytest.raises(CourseError, match="2 outputs"):
        token_error_rate([[1], [2]], [[1]])


# --- bins and intervals


def test_by_length_scores_each_bin_as_a_corpus():
    hyps, refs = corpus(2, 300, 0.5)
    lengths = [len(group[0].split()) for group in refs]
    bins = [(3, 4), (5, 8), (9, 99)]
    for metric, score in (("bleu", bleu), ("chrf", chrf)):
        found = by_length(hyps, refs, lengths, bins, metric)
        assert [(each.low, each.high) for each in found] == bins
        for each in found[:2]:
            rows = [i for i, n in enumerate(lengths) if each.low <= n <= each.high]
            alone = score([hyps[i] for i in rows], [refs[i] for i in rows])
            assert each.n == len(rows) == each.score.n > 50
            assert each.score.value == pytest.approx(alone.value)
        assert found[2].score is None and found[2].n == 0
    with pytest.raises(CourseError, match="before it begins"):
        by_length(hyps, refs, lengths, [(5, 3)])
    with pytest.raises(CourseError, match="1 lengths"):
        by_length(hyps, refs, [3])


def slow_bootstrap(hyps_a, hyps_b, refs, samples, score):
    """The bootstrap as it is described, sentence by sentence."""
    rng = np.random.default_rng(5)
    differences = []
    for _ in range(samples):
        rows = rng.integers(len(refs), size=len(refs))
        chosen = [refs[i] for i in rows]
        values = [score([hyps[i] for i in rows], chosen).value for hyps in (hyps_b, hyps_a)]
        differences.append(values[0] - values[1])
    return np.percentile(differences, [2.5, 97.5])


@pytest.mark.parametrize(("metric", "score"), [("bleu", bleu), ("chrf", chrf)])
def test_paired_bootstrap_equals_rescoring_resampled_corpora(metric, score):
    hyps_a, refs = corpus(3, 60, 0.3)
    hyps_b, _ = corpus(3, 60, 0.9)
    found = paired_bootstrap(hyps_a, hyps_b, refs, metric=metric, samples=400)
    assert found.a == pytest.approx(score(hyps_a, refs).value)
    assert found.b == pytest.approx(score(hyps_b, refs).value)
    assert found.difference == pytest.approx(found.b - found.a) and found.n == 60
    assert found.p == pytest.approx(2 / 401) and found.low > 0
    low, high = slow_bootstrap(hyps_a, hyps_b, refs, 150, score)
    width = high - low
    assert abs(found.low - low) < 0.2 * width and abs(found.high - high) < 0.2 * width


def test_paired_bootstrap_by_hand():
    # Token error rate: system b makes one error less on one of two sentences of one token each.
    # A resample holds that sentence 0, 1 or 2 times, with probability 1/4, 1/2, 1/4.
    found = paired_bootstrap(
        ["x", "b"], ["a", "b"], [("a",), ("b",)], metric="token_error_rate", samples=4000
    )
    assert (found.a, found.b, found.difference) == (0.5, 0.0, -0.5)
    assert (found.low, found.high) == (-1.0, 0.0)
    assert found.p == pytest.approx(2 / 4, abs=0.05)  # twice the share of zero differences


def test_a_system_does_not_differ_from_itself():
    hyps, refs = corpus(4, 50, 0.5)
    found = paired_bootstrap(hyps, hyps, refs, samples=100)
    assert (found.difference, found.low, found.high, found.p) == (0.0, 0.0, 0.0, 1.0)


def test_the_better_system_keeps_its_sign_when_swapped():
    hyps_a, refs = corpus(5, 80, 0.3)
    hyps_b, _ = corpus(5, 80, 0.6)
    forth = paired_bootstrap(hyps_a, hyps_b, refs, samples=200)
    back = paired_bootstrap(hyps_b, hyps_a, refs, samples=200)
    assert (forth.low, forth.high, forth.p) == pytest.approx((-back.high, -back.low, back.p))
    assert forth == paired_bootstrap(hyps_a, hyps_b, refs, samples=200)
    assert forth.low != paired_bootstrap(hyps_a, hyps_b, refs, samples=200, seed=2).low


def test_confidence_interval_of_one_system():
    # One of n equal sentences is wrong with probability 1/2: the error rate's standard error
    # is 0.5 / sqrt(n).
    n = 400
    hyps, refs = ["a"] * (n // 2) + ["x"] * (n // 2), [("a",)] * n
    found = confidence_interval(hyps, refs, metric="token_error_rate", samples=2000)
    assert found.value == 0.5
    half = 1.96 * 0.5 / math.sqrt(n)
    assert (found.low, found.high) == pytest.approx((0.5 - half, 0.5 + half), abs=0.006)
    with pytest.raises(CourseError, match="at least 1 sample"):
        confidence_interval(hyps, refs, samples=0)


def test_one_sentence_has_no_interval():
    with pytest.raises(CourseError, match="at least two"):
        confidence_interval(["a"], [("b",)])
    with pytest.raises(CourseError, match="at least two"):
        paired_bootstrap(["a"], ["b"], [("b",)])


def test_a_thousand_resamples_of_two_thousand_sentences_take_seconds():
    hyps_a, refs = corpus(6, 2000, 0.3)
    hyps_b, _ = corpus(6, 2000, 0.35)
    start = time.perf_counter()
    paired_bootstrap(hyps_a, hyps_b, refs, samples=1000)
    assert time.perf_counter() - start < 20


# --- alignment


WEIGHTS = torch.tensor(
    [
        # "the" "bl-ue" "car" end
        [0.70, 0.10, 0.05, 0.10, 0.05],  # "la"
        [0.10, 0.20, 0.25, 0.40, 0.05],  # "voi-"   alone, it would point at "car"
        [0.05, 0.05, 0.05, 0.80, 0.05],  # "-ture"
        [0.10, 0.26, 0.24, 0.30, 0.10],  # "bleue"  both halves of "blue" together win
        [0.00, 0.00, 0.00, 0.10, 0.90],  # end
    ],
    dtype=torch.float64,
)
SRC_WORDS, TGT_WORDS = [0, 1, 1, 2], [0, 1, 1, 2]


def test_word_weights_by_hand():
    expected = torch.tensor(
        [[0.70, 0.15, 0.10], [0.075, 0.275, 0.60], [0.10, 0.50, 0.30]], dtype=torch.float64
    )
    torch.testing.assert_close(word_weights(WEIGHTS, SRC_WORDS, TGT_WORDS), expected)
    # without the end tokens' row and column it is the same
    torch.testing.assert_close(word_weights(WEIGHTS[:4, :4], SRC_WORDS, TGT_WORDS), expected)
    assert word_links(WEIGHTS, SRC_WORDS, TGT_WORDS) == {(0, 0), (2, 1), (1, 2)}


def test_the_end_token_takes_no_part():
    weights = torch.tensor([[0.1, 0.3, 0.6], [0.2, 0.1, 0.7]])
    assert word_links(weights, [0, 1], [0, 1]) == {(1, 0), (0, 1)}


def test_weights_can_be_read_a_step_later_or_earlier():
    weights = torch.tensor([[0.8, 0.1, 0.1], [0.1, 0.7, 0.2], [0.3, 0.2, 0.5]])
    words = [0, 1]
    for shift, rows in ((1, [1, 2]), (-1, [0, 0]), (0, [0, 1])):
        found = word_weights(weights, words, words, shift=shift)
        torch.testing.assert_close(found, weights[rows, :2])
    assert word_links(weights, words, words, shift=1) == {(1, 0), (0, 1)}


def test_word_weights_that_do_not_fit_are_named():
    with pytest.raises(CourseError, match="5 source tokens, not 3"):
        word_weights(WEIGHTS, [0, 1, 2], TGT_WORDS)
    with pytest.raises(CourseError, match="target has no word"):
        word_weights(WEIGHTS, SRC_WORDS, [])


def test_aer_by_hand():
    sure, possible = {(0, 0), (1, 2)}, {(0, 0), (1, 2), (2, 1)}
    predicted = {(0, 0), (2, 1), (2, 2)}
    # |A ∩ S| = 1, |A ∩ P| = 2, |A| = 3, |S| = 2
    assert aer([sure], [possible], [predicted]) == pytest.approx(1 - 3 / 5)
    # the sure links count as possible ones even if they are not listed there
    assert aer([sure], [{(2, 1)}], [predicted]) == pytest.approx(1 - 3 / 5)
    # counts are added over sentences: (3 + 0) / (5 + 2)
    assert aer([sure, {(0, 0)}], [possible, set()], [predicted, {(1, 1)}]) == pytest.approx(4 / 7)
    assert aer([sure], [possible], [sure]) == 0.0
    assert aer([sure], [possible], [possible]) == 0.0
    assert aer([sure], [possible], [set()]) == 1.0
    with pytest.raises(CourseError, match="no link"):
        aer([set()], [{(0, 0)}], [set()])
    with pytest.raises(CourseError, match="numbers of sentences differ"):
        aer([sure], [possible], [])


def test_crossing_links():
    links = {(0, 0), (1, 2), (2, 1), (3, 3)}
    assert crossing_links(links) == {(1, 2), (2, 1)}
    assert crossing_links({(0, 0), (0, 1), (1, 1)}) == set()  # sharing a word is not crossing
