"""What the records of chapter 5 measure with: lookups, links, erasures, signals; and identities."""

import sys

import numpy as np
import pytest
import torch
from torch.nn.functional import normalize

from course import zoo
from course.data.tokenizer import Tokenizer
from course.decoding import Hypothesis, force_decode
from course.errors import CourseError
from course.experiments import (
    c22_tatoeba,
    detecting,
    erasure,
    linking,
    lookup,
    stories,
    word_aligner,
)
from course.experiments.linking import Gold, Tokens
from course.metrics import aer
from course.models.seq2seq import Seq2Seq, Seq2SeqConfig
from course.ops.attention import dot_product_scores


def gaussian(queries, keys, width):
    """Nadaraya–Watson weights, as the sum of kernels reads."""
    kernel = torch.exp(-((queries[:, None] - keys).square().sum(-1)) / (2 * width**2))
    return kernel / kernel.sum(-1, keepdim=True)


@pytest.mark.parametrize("width", [0.7, 1.0, 2.3])
@pytest.mark.parametrize("length", [0.5, 1.0, 3.0])
def test_softmax_of_dot_products_is_kernel_regression_at_equal_key_norms(width, length):
    g = torch.Generator().manual_seed(3)
    queries, keys = (torch.randn(n, 5, generator=g, dtype=torch.float64) for n in (7, 11))
    keys = length * normalize(keys, dim=-1)
    scores = dot_product_scores(queries[None], keys[None])[0] / width**2
    torch.testing.assert_close(scores.softmax(-1), gaussian(queries, keys, width))


def test_and_only_then():
    """Two keys of different norms: the two weights differ for every query."""
    g = torch.Generator().manual_seed(4)
    for _ in range(50):
        queries, keys = (torch.randn(n, 5, generator=g, dtype=torch.float64) for n in (3, 2))
        weights = dot_product_scores(queries[None], keys[None])[0].softmax(-1)
        ratio = (weights / gaussian(queries, keys, 1.0)).log()
        norms = keys.square().sum(-1) / 2
        difference = norms[0] - norms[1]
        torch.testing.assert_close(ratio[:, 0] - ratio[:, 1], difference.expand(3))
        assert difference.abs() > 1e-6


@pytest.mark.parametrize(
    ("arm", "reaches"),
    [("soft-0.3", True), ("through-0.3", True), ("argmax", False), ("detached-0.1", False)],
)
def test_which_lookups_pass_a_gradient_to_the_queries(arm, reaches):
    model = lookup.Lookup(arm)
    model.loss(lookup.draw(13, torch.Generator().manual_seed(1))).backward()
    grad = model.queries.weight.grad
    assert (grad is not None and bool(grad.abs().sum() > 0)) is reaches


def test_the_estimated_gradient_is_that_of_the_expected_loss():
    """REINFORCE: averaged over many draws, its gradient is the exact one of the mean loss."""
    torch.manual_seed(5)
    model, asked = lookup.Lookup("sampled-0.5"), lookup.draw(3, torch.Generator().manual_seed(2))
    log_probs = (model.cosines(asked) / 0.5).log_softmax(1)
    slots = torch.eye(lookup.SLOTS)
    costs = torch.stack(
        [
            torch.nn.functional.cross_entropy(
                model.answer(slot.expand(3, -1), asked), asked.right, reduction="none"
            )
            for slot in slots
        ],
        1,
    ).detach()
    exact = torch.autograd.grad((log_probs.exp() * costs).sum(1).mean(), model.queries.weight)[0]
    many = lookup.Asked(*(part.repeat_interleave(20_000, 0) for part in asked))
    estimate = torch.autograd.grad(model.loss(many), model.queries.weight)[0]
    assert (estimate - exact).norm() < 0.1 * exact.norm()


GOLD = Gold(4, 3, frozenset({(0, 0), (2, 1), (1, 2)}), frozenset({(3, 2)}))


def test_counts_add_up_to_the_alignment_error_rate():
    found = {(0, 0), (3, 2), (3, 1)}
    hits, total = linking.counts(GOLD, found)
    assert 1 - hits / total == pytest.approx(aer([GOLD.sure], [GOLD.possible], [found]))
    assert linking.counts(GOLD, GOLD.sure) == (6, 6)


def test_moved_words_are_judged_alone():
    """Words 1 and 2 of the target swap places; word 0 does not count."""
    assert linking.counts(GOLD, {(0, 0)}, crossing=True) == (0, 2)
    assert linking.counts(GOLD, {(0, 0), (2, 1), (3, 2)}, crossing=True) == (1 + 2, 2 + 2)


def test_the_diagonal_goes_from_corner_to_corner():
    assert linking.diagonal(Gold(5, 5, frozenset(), frozenset())) == {(i, i) for i in range(5)}
    assert linking.diagonal(Gold(6, 3, frozenset(), frozenset())) == {(1, 0), (3, 1), (5, 2)}
    assert linking.diagonal(Gold(2, 4, frozenset(), frozenset())) == {
        (0, 0),
        (0, 1),
        (1, 2),
        (1, 3),
    }


def test_bootstrap_samples_are_shared_and_start_with_the_corpus():
    counts = np.array([[2.0, 4.0], [6.0, 6.0], [0.0, 2.0]])
    found = linking.resampled({"a": counts, "b": counts}, 20, seed=1)
    assert found["a"][0] == pytest.approx(1 - 8 / 12)
    assert (found["a"] == found["b"]).all()
    assert len(set(found["a"])) > 3


def test_stories_read_as_natural_text_and_keep_their_words():
    words = ["l'", "homme", ",", "qui", "rit", "!"]
    assert stories.natural(words, "fr") == "l'homme, qui rit !"
    assert stories.natural(["He", "did", "n't", "laugh", "!"], "en") == "He didn't laugh!"
    tokenizer = Tokenizer.train(["l'homme, qui rit !", "il dort."], vocab_size=280)
    ids, owner = stories.cut(words, "fr", tokenizer)
    pieces = {w: "" for w in range(len(words))}
    for piece, word in zip(tokenizer.tokens("l'homme, qui rit !"), owner, strict=True):
        pieces[word] += piece.replace("▁", "")
    assert [*pieces.values()] == words
    assert ids == tokenizer.encode("l'homme, qui rit !")


def test_the_aligner_is_optional(monkeypatch):
    monkeypatch.setitem(sys.modules, "eflomal", None)
    with pytest.raises(CourseError, match="pip install"):
        word_aligner.align([(("a",), ("un",))])


def test_the_aligner_links_what_goes_together():
    pytest.importorskip("eflomal")
    pairs = [(("the", "cat"), ("le", "chat")), (("a", "cat"), ("un", "chat"))] * 40
    found = word_aligner.align(pairs + [(("cat", "the"), ("le", "chat"))] * 40)
    assert set.union(*found["both"][:80]) == {(0, 0), (1, 1)}
    assert (1, 0) in found["either"][-1], "cat, chat: the order differs, the words are the same"
    assert all(a <= b for a, b in zip(found["both"], found["either"], strict=True))


@pytest.fixture
def model():
    """A small model with parameters large enough for every word to matter."""
    torch.manual_seed(7)
    config = Seq2SeqConfig(
        vocab_size=23, d_embed=5, d_model=8, d_attention=7, context="additive", bidirectional=True
    )
    model = Seq2Seq(config).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_(std=0.5)
    return model


PAIR = Tokens([5, 6, 7, 8], [9, 10, 11], [0, 1, 1, 2], [0, 0, 1])


def log_prob(model, src, at):
    batch = torch.tensor([[*src, 2]]), torch.ones(1, len(src) + 1, dtype=torch.bool)
    forced = force_decode(model, *batch, torch.tensor([[1, *PAIR.tgt]]))
    return forced.log_probs[0, at, PAIR.tgt[at]].item()


def test_deleting_a_word_is_writing_from_the_source_without_it(model):
    found = erasure.effects(model, PAIR, torch.Generator().manual_seed(1))
    assert {len(values) for values in found.values()} == {2}, "words, each by its first token"
    without = {0: [6, 7, 8], 1: [5, 8], 2: [5, 6, 7]}
    for place, at in enumerate((0, 2)):  # the first tokens of the two target words
        whole = log_prob(model, PAIR.src, at)
        falls = [whole - log_prob(model, kept, at) for kept in without.values()]
        for ranking in erasure.RANKINGS:
            fall = found[f"{ranking}.deleted"][place]
            assert min(abs(fall - each) for each in falls) < 1e-5


def test_hiding_a_word_masks_it_at_that_step_alone(model):
    src = torch.tensor([[5, 6, 7, 8, 2]])
    memory = model.encode(src, torch.ones_like(src, dtype=torch.bool))
    state = model.start(memory, torch.zeros(1, 0, dtype=torch.long))
    for token in (1, 9):
        state = model.step(torch.tensor([token]), memory, state).state
    before = model.step(torch.tensor([10]), memory, state).log_probs[0, 11].item()
    falls = []
    for hidden in ([0], [1, 2], [3]):
        mask = memory[2].clone()
        mask[0, hidden] = False
        after = model.step(torch.tensor([10]), (*memory[:2], mask, memory[3]), state)
        falls.append(before - after.log_probs[0, 11].item())
    found = erasure.effects(model, PAIR, torch.Generator().manual_seed(1))
    for ranking in erasure.RANKINGS:
        assert min(abs(found[f"{ranking}.hidden"][1] - fall) for fall in falls) < 1e-5
    assert set(found["agree"]) <= {0.0, 1.0}


def test_signals_of_weights_that_are_known():
    weights = torch.tensor([[0.5, 0.5, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    made = Hypothesis(
        tokens=(5, 6), log_prob=-6.0, score=0.0, finished=True, weights=weights[:, None, None]
    )
    found = detecting.signals(made)
    assert found["entropy"] == pytest.approx(1 / 3)
    assert found["coverage"] == pytest.approx(-np.log(0.5) / 2)
    assert found["dispersion"] == pytest.approx((0.5**2 + 0.5**2) / 2)
    assert found["probability"] == 2.0
    assert found["length"] == 2.0


def test_auroc_counts_pairs():
    random = np.random.default_rng(1)
    scores, wrong = random.integers(5, size=40), random.random(40) < 0.4
    pairs = [(a > b) + 0.5 * (a == b) for a in scores[wrong] for b in scores[~wrong]]
    assert detecting.auroc(scores, wrong) == pytest.approx(np.mean(pairs))
    with pytest.raises(ValueError, match="right items and wrong ones"):
        detecting.auroc([1.0, 2.0], [True, True])


def test_a_perfect_signal_is_found_and_reported_on_the_test_split(monkeypatch):
    monkeypatch.setitem(c22_tatoeba.CONFIG, "bootstrap_samples", 30)
    random = np.random.default_rng(2)
    scores = [random.uniform(0, 100, 60) for _ in range(2)]
    tables = [
        {name: random.random(60) for name in detecting.SIGNALS} | {"coverage": -score}
        for score in scores
    ]
    summary = c22_tatoeba.summary(c22_tatoeba.compared(tables, scores, seed=1))
    assert summary["attention"] == summary["coverage"] == 1.0
    assert summary["gain"] == pytest.approx(1 - summary["probability"])
    assert summary["attention@35"] == 1.0
    assert c22_tatoeba.verdict(c22_tatoeba.compared(tables, scores, seed=1)) == "supported"


def test_the_zoo_has_the_translator_that_the_records_use():
    assert c22_tatoeba.MODEL in zoo.names()
