"""C23: two kinds of model on few pairs or many, and the verdicts."""

import pytest
import torch

import verdict_cases
from course.experiments import amounts, c23_amounts
from course.experiments.fitting import number_of_parameters
from course.experiments.rules import CAVEAT, INCONCLUSIVE, NOT_SUPPORTED, SUPPORTED
from course.models.seq2seq import Seq2Seq, Seq2SeqConfig
from course.results.records import Row
from course.training import evaluate_loss


@pytest.fixture
def few(monkeypatch):
    monkeypatch.setattr(amounts, "POOLS", {"train": 300, "valid": 20, "test": 20})
    monkeypatch.setattr(amounts, "DRAWN", 400)
    monkeypatch.setattr(amounts, "MAX_TOKENS", 60)
    for function in (amounts.pools, amounts.width):
        function.cache_clear()
    yield
    for function in (amounts.pools, amounts.width):
        function.cache_clear()


def test_no_text_stands_in_two_splits(few):
    pairs = amounts.pools().pairs
    assert {split: len(both.src) for split, both in pairs.items()} == amounts.POOLS
    for side in (0, 1):
        texts = [tuple(row) for both in pairs.values() for row in both[side]]
        assert len(set(texts)) == len(texts)


def test_the_smaller_amount_is_part_of_the_larger_and_each_seed_chooses_anew(few):
    small, large, other = amounts.learnt(40, 1), amounts.learnt(90, 1), amounts.learnt(40, 2)
    assert large.src[:40] == small.src and large.tgt[:40] == small.tgt
    assert small.src != other.src
    everything = amounts.learnt(300, 1)
    assert sorted(everything.src) == sorted(amounts.pools().pairs["train"].src)


def test_fewer_pairs_leave_more_words_unseen(few):
    few_pairs, many, test = amounts.learnt(20, 1), amounts.learnt(300, 1), amounts.pools().pairs
    assert 0 < amounts.unseen(many) < amounts.unseen(few_pairs) < 1
    assert amounts.unseen(test["test"]) == 0


def test_both_kinds_have_equally_many_parameters(few):
    sizes = {kind: number_of_parameters(amounts.build(kind, 0.1)) for kind in c23_amounts.KINDS}
    assert sizes["rnn"] == pytest.approx(sizes["transformer"], rel=0.02)
    assert amounts.build("rnn", 0.1).config.dropout == 0.1
    assert amounts.build("transformer", 0.1).config.dropout == 0.1


def test_multiplications_of_a_small_rnn_by_hand(monkeypatch):
    d_embed, d_model, hidden, vocabulary, length = 4, 6, 3, 11, 10
    sizes = amounts.RNN | {"d_embed": d_embed, "d_model": d_model, "d_attention": hidden}
    model = Seq2Seq(Seq2SeqConfig(vocab_size=vocabulary, **sizes))
    monkeypatch.setattr(amounts, "build", lambda kind, dropout: model)
    monkeypatch.setitem(amounts.RNN, "d_attention", hidden)
    tokens = length + 1  # the end token is one
    each = d_model // 2
    encoder = 2 * 3 * each * (d_embed + each) + d_model * hidden  # two directions; the keys
    decoder = 3 * d_model * (2 * d_embed + d_model)
    attention = d_model * hidden + tokens * hidden + tokens * d_model  # query, scores, sum
    output = (2 * d_model + d_embed) * d_embed + d_embed * vocabulary
    bridge = d_model * d_model / tokens  # once a sentence
    assert amounts.operations("rnn", length) == pytest.approx(
        encoder + decoder + attention + output + bridge
    )


def test_multiplications_of_the_transformer_by_hand(few):
    d, hidden, layers = (amounts.TRANSFORMER[key] for key in ("d_model", "d_ff", "num_layers"))
    tokens = 11
    attends = 4 * d * d + 2 * tokens * d  # four projections; scores and sum over every token
    feeds = 2 * d * hidden
    by_hand = layers * (3 * attends + 2 * feeds) + d * len(amounts.pools().tokenizer)
    assert amounts.operations("transformer", 10) == pytest.approx(by_hand)


@pytest.mark.parametrize("kind", c23_amounts.KINDS)
def test_one_run_is_measured(kind, few, monkeypatch):
    monkeypatch.setitem(c23_amounts.CONFIG, "updates", 4)
    monkeypatch.setattr(amounts, "VALIDATIONS", 2)
    arm = f"{kind}.500.dropout"
    rows = c23_amounts.measure(arm, 1, 1e-3)
    found = {row.metric: row.value for row in rows}
    assert {row.arm for row in rows} == {arm} and {row.x for row in rows} == {"test", "run"}
    assert 0 < found["token_error_rate"] and found["exact"] == 0
    assert found["updates"] == 4 and found["best_update"] in (2, 4)
    assert found["valid"] > 1 and found["loss"] > 1 and found["tokens"] > 0


@pytest.mark.parametrize("kind", c23_amounts.KINDS)
def test_a_trial_is_half_as_long(kind, few, monkeypatch):
    monkeypatch.setitem(c23_amounts.CONFIG, "updates", 4)
    _, history = c23_amounts.train(f"{kind}.500.plain", 0, 1e-3, 0.5)
    assert history.rows[-1]["update"] == 2
    assert c23_amounts.trial(f"{kind}.500.plain", 1e-3) == history.best_loss


def test_the_weights_that_validated_best_are_kept(few):
    pairs = amounts.learnt(100, 1)
    model, history = amounts.trained(
        "transformer", pairs, seed=1, rate=3e-2, dropout=0.0, updates=20
    )
    valid = evaluate_loss(model, amounts.pools().pairs["valid"])
    assert not model.training
    assert valid == pytest.approx(min(row["valid_loss"] for row in history.rows), rel=1e-4)


def test_both_kinds_see_the_same_batches(few, monkeypatch):
    seen = {kind: [] for kind in c23_amounts.KINDS}
    for kind in c23_amounts.KINDS:
        original = amounts.build

        def listening(kind, dropout, build=original, note=seen[kind]):
            model = build(kind, dropout)
            model.register_forward_pre_hook(
                lambda module, inputs: note.append(inputs[2].tolist()) if module.training else None
            )
            return model

        with monkeypatch.context() as patched:
            patched.setattr(amounts, "build", listening)
            amounts.trained(kind, amounts.learnt(50, 1), seed=1, rate=1e-3, dropout=0.2, updates=3)
    assert len(seen["rnn"]) == 3 and seen["rnn"] == seen["transformer"]


def table(gaps=(0.0, 0.05, 0.10), noise=0.002):
    """Errors of both kinds by amount; without dropout they are lower, but validate worse."""
    rows = []
    for amount, gap in zip(c23_amounts.AMOUNTS, gaps, strict=True):
        for kind, error in (("rnn", 0.3 + gap), ("transformer", 0.3)):
            for seed in range(1, 6):
                wobble = noise * (seed - 3) * (1 if kind == "rnn" else -1)
                for dropout, worse in (("plain", 0.1), ("dropout", 0.0)):
                    arm = f"{kind}.{amount}.{dropout}"
                    value = error - worse + wobble
                    rows += [
                        Row(arm, seed, "test", "token_error_rate", value, 500),
                        Row(arm, seed, "test", "exact", 1 - value, 500),
                        Row(arm, seed, "test", "loss", 2 * value, 500),
                        Row(arm, seed, "run", "valid", 2 * error + worse, 1),
                    ]
    return rows


CASES = {
    "ahead by more from more": (table(), SUPPORTED),
    "ahead everywhere": (table((0.05, 0.05, 0.05)), SUPPORTED),
    "behind from few pairs": (table((-0.1, 0.0, 0.1)), CAVEAT),
    "behind from some": (table((0.0, -0.1, 0.1)), CAVEAT),
    "ahead, perhaps by less": (table((0.0, 0.0, 0.02)), CAVEAT),
    "ahead by less": (table((0.0, 0.0, 0.01), noise=0.0005), NOT_SUPPORTED),
    "ahead from few pairs only": (table((0.1, 0.1, 0.0)), NOT_SUPPORTED),
    "behind": (table((0.0, 0.0, -0.1)), NOT_SUPPORTED),
    "cannot be told": (table((0.0, 0.0, 0.02), noise=0.02), INCONCLUSIVE),
}


@pytest.mark.parametrize(("rows", "expected"), CASES.values(), ids=CASES)
def test_made_up_rows_reach_each_verdict(rows, expected):
    verdict_cases.rows_lead_to(c23_amounts, rows, expected)
    verdict_cases.intervals_hold_their_numbers(c23_amounts, rows)


def test_every_verdict_is_reached():
    verdict_cases.every_verdict_is_reached(CASES)


def test_the_dropout_that_validates_better_stands_for_the_cell():
    found = c23_amounts.summary(table())
    assert found["dropout.rnn.500"] == 0.2 and found["error.rnn.500"] == pytest.approx(0.3)


def test_the_gap_by_amount_and_how_it_moves():
    found = c23_amounts.summary(table((-0.1, 0.0, 0.1)))
    assert found["gap.500"] == pytest.approx(-0.1) and found["gap.32000"] == pytest.approx(0.1)
    assert found["change"] == pytest.approx(0.2)
    assert found["loss_gap.32000"] == pytest.approx(0.2)


def test_weights_depend_on_the_seed(few):
    pairs, drawn = amounts.learnt(50, 1), []
    for seed in (1, 1, 2):
        model, _ = amounts.trained("rnn", pairs, seed=seed, rate=1e-3, dropout=0.0, updates=1)
        drawn.append(model.embedding.weight)
    assert torch.equal(drawn[0], drawn[1]) and not torch.equal(drawn[0], drawn[2])
