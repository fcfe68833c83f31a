"""C13: the rule, and what scores the heads."""

import math

import pytest
import torch

import verdict_cases
from course.data import grammar
from course.data.grammar.relations import RELATIONS
from course.experiments import c13_heads, heads, tagging
from course.experiments.heads import QUESTIONS
from course.experiments.rules import CAVEAT, INCONCLUSIVE, NOT_SUPPORTED, SUPPORTED
from course.results.records import Row

SEEDS = (1, 2, 3, 4, 5)
NOISE = (-1, 1, 0, 1, -1)


def looked(captured=11, *, shared=False, one=0.3, noise=0.01, gain=0.4):
    """Rows in which 8 heads a layer capture so many relations, a head each (or one all of them).

    The best offset finds 0.4 of each; what is not captured is found for 0.3.
    """
    rows = []
    for arm in c13_heads.ARMS:
        number = int(arm.name.removeprefix("heads-"))
        for seed, sign in zip(SEEDS, NOISE, strict=True):

            def add(x, metric, value, arm=arm, seed=seed):
                rows.append(Row(arm.name, seed, x, metric, value, 7))

            for q, question in enumerate(QUESTIONS):
                right = 0.4 + gain if q < captured else 0.3
                right = (right if number == 8 else one) + noise * sign
                chosen = 0 if shared else q % (2 * number)
                for x, value in (("offset", 0.4), ("head", right), ("hard", 0.2), ("floor", 0.1)):
                    add(question, x, value)
                for head in range(2 * number):
                    add(head, question, right if head == chosen else 0.05)
            for head in range(2 * number):
                add(head, "silenced", 0.01 * head)
            for metric in ("loss", "exact", "distance", "distance_floor"):
                add("run", metric, 0.5)
    return rows


C13 = {
    "each relation has its head": (looked(), SUPPORTED),
    "some relations have their head": (looked(3), CAVEAT),
    "one head a layer finds as much": (looked(one=0.8), CAVEAT),
    "one head captures all": (looked(shared=True), NOT_SUPPORTED),
    "offsets do as well": (looked(0), NOT_SUPPORTED),
    "one relation only": (looked(1), NOT_SUPPORTED),
    "seeds disagree": (looked(gain=0.2, noise=0.3), INCONCLUSIVE),
}


@pytest.mark.parametrize(("rows", "expected"), C13.values(), ids=C13)
def test_rows_lead_to_the_verdict(rows, expected):
    verdict_cases.rows_lead_to(c13_heads, rows, expected)
    verdict_cases.intervals_hold_their_numbers(c13_heads, rows)


def test_each_verdict_can_be_reached():
    verdict_cases.every_verdict_is_reached(C13)


def test_summary_counts_relations_and_compares_heads():
    found = c13_heads.summary(looked(3))
    assert (found["captured.8"], found["captured.1"], found["possible"]) == (3, 0, 3)
    assert found["gain.determiner-noun"] == pytest.approx(0.4)
    assert found["division"] == pytest.approx(0.8 - (0.8 + 2 * 0.05) / 3)
    assert found["counterpart"] < found["sibling"]  # all seeds have the same heads
    assert found["more"] == pytest.approx((3 * 0.8 + 8 * 0.3) / 11 - 0.3)
    assert 0 > found["importance"] >= -1  # later heads cost more, and capture nothing


def test_every_relation_is_asked_for():
    assert {relation for relation, _ in QUESTIONS.values()} == set(RELATIONS)


def test_gold_knows_what_answers_each_question():
    sentences = grammar.sample(50, generator=torch.Generator().manual_seed(3), words=(4, 9))
    answers = heads.gold(sentences, 16)
    names = list(QUESTIONS)
    forth, back = (answers[names.index(name)] for name in ("subject-verb", "verb-subject"))
    assert forth.any()
    assert torch.equal(forth.mT, back)
    for row, sentence in enumerate(sentences):
        assert not answers[:, row, len(sentence.src_words) :].any()


def test_picks_pass_over_the_word_itself_and_what_is_no_word():
    weights = torch.tensor([[[[0.7, 0.1, 0.2], [0.0, 0.9, 0.1], [0.3, 0.3, 0.4]]]])
    everything = torch.ones(1, 3, dtype=torch.bool)
    assert heads.picks(weights, everything).tolist() == [[[2, 2, 0]]]
    two = torch.tensor([[True, True, False]])
    assert heads.picks(weights, two)[:, :, :2].tolist() == [[[1, 0]]]


def test_heads_and_offsets_are_judged_alike():
    answers = torch.zeros(2, 1, 4, 4, dtype=torch.bool)
    answers[0, 0, 0, 1] = answers[0, 0, 2, 3] = answers[0, 0, 1, 3] = True
    answers[1, 0, 3, 0] = answers[1, 0, 3, 2] = True  # two right answers
    assert heads.steps([1, -1], 1, 4).tolist() == [[[1, 2, 3, -1]], [[-1, 0, 1, 2]]]
    right = heads.judge(answers, heads.steps([1, -1, -3], 1, 4))
    expected = [[2 / 3, 0, 0], [0, 1, 1]]
    torch.testing.assert_close(heads.shares(right), torch.tensor(expected).double())
    assert right[0].tolist()[0] == [True, False, True]


def test_distance_is_zero_for_equal_and_one_for_disjoint_heads():
    same = torch.tensor([0.5, 0.5, 0.0]).expand(1, 2, 3, 3)
    mask = torch.ones(1, 3, dtype=torch.bool)
    assert heads.distance(same, mask) == pytest.approx(0, abs=1e-3)
    apart = torch.stack([torch.eye(3), torch.eye(3).roll(1, 0)])[None]
    assert heads.distance(apart, mask) == pytest.approx(1)
    uniform = torch.stack([torch.eye(2), torch.full((2, 2), 0.5)])[None]
    middle = -(0.75 * math.log2(0.75) + 0.25 * math.log2(0.25))  # of (1, 0) and (½, ½)
    both = torch.ones(1, 2, dtype=torch.bool)
    assert heads.distance(uniform, both) == pytest.approx(math.sqrt(middle - 0.5), abs=1e-5)


def test_labels_are_the_french_words_in_english_order():
    sentence = grammar.sentence(grammar.parse("The blue cars are behind the house.", "en"))
    expected = ["les", "bleues", "voitures", "sont", "derrière", "la", "maison", "."]
    assert tagging.labels(sentence) == expected


def test_the_number_of_heads_does_not_change_the_number_of_parameters(monkeypatch):
    monkeypatch.setattr(tagging, "POOLS", {"test": 3, "choose": 3, "train": 80})
    tagging.task.cache_clear()
    sizes = {sum(p.numel() for p in tagging.build(n, 1).parameters()) for n in c13_heads.HEADS}
    model = tagging.build(4, 1)
    spent = tagging.train(model, 1, 1e-2, 3)
    scores = tagging.score(model, "test")
    tagging.task.cache_clear()
    assert len(sizes) == 1
    assert spent.updates == 3
    assert scores.loss > 0
    assert 0 <= scores.exact <= scores.right <= 1
