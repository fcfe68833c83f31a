"""Chapter 11: what its prose says of the record of C20."""

from course import experiments, results
from course.data import signals
from course.experiments import beyond

FOUND = experiments.get("c20_beyond").summary(results.load("c20_beyond").rows)


SIGNALS = ("pictures", "sounds")


def errors(arm, x, metric="error"):
    rows = results.load("c20_beyond").rows
    return [r.value for r in rows if (r.arm, r.x, r.metric) == (arm, x, metric)]


def test_the_verdict_hangs_on_the_summaries():
    assert results.verdict("c20_beyond") == "inconclusive"
    for task in ("pictures", "sounds"):
        assert FOUND[f"{task}.error.high"] <= 0.05 and FOUND[f"{task}.gap.low"] >= 0.10
    assert FOUND["summaries.error.low"] < 0 and FOUND["summaries.error.high"] > 0.05
    assert len(errors("summaries.gru-attention", 0)) == 5
    assert FOUND["summaries.gap.low"] < 0 < FOUND["summaries.gap.high"]


def test_the_better_models_are_recurrent():
    rows = results.load("c20_beyond").rows
    better = experiments.get("c20_beyond").better
    for task in ("pictures", "sounds", "summaries"):
        assert better(rows, task, ("transformer", "gru-attention")) == f"{task}.gru-attention"
        assert better(rows, task, ("transformer-fixed", "gru-fixed")) == f"{task}.gru-fixed"


def test_three_facts_make_the_difference_between_seeds():
    rows = results.load("c20_beyond").rows
    arm = "summaries.gru-attention"

    def of(facts):
        x = f"length {facts}"
        return [r.value for r in rows if (r.arm, r.x, r.metric) == (arm, x, "error_length")]

    assert max(of(2)) < 0.01
    assert sum(e < 0.01 for e in of(3)) == 2 and sum(e > 0.3 for e in of(3)) == 2
    assert sum(0.01 < e < 0.1 for e in of(3)) == 1, "nearly"
    found = errors(arm, 0)
    low, high = [e for e in found if e < 0.05], [e for e in found if e > 0.18]
    assert len(low) == 3 and len(high) == 2
    assert min(high) > 3 * 0.05
    accepted = [r.value for r in rows if r.arm.startswith("summ") and r.metric == "accepted"]
    assert min(accepted) >= 0.99


def test_nothing_to_leave_out_is_not_the_easiest():
    none, one = (errors("summaries.gru-attention", level) for level in (0, 1))
    assert sum(one) < 0.7 * sum(none)
    assert max(one) < min(errors("summaries.gru-fixed", 1)), "there attention is well ahead"


def test_three_things_are_hard_for_all_kinds():
    for kind in beyond.KINDS:
        assert results.value(f"c20_beyond/summaries.{kind}/length 3/error_length") > 0.1
    for task in SIGNALS:
        assert results.value(f"c20_beyond/{task}.gru-fixed/length 1/error_length") < 0.01


def test_words_of_the_grammar_are_longer():
    known = signals.grammar_words((3, beyond.LETTERS[1]))
    assert round(sum(map(len, known)) / len(known) - (1 + beyond.LETTERS[1]) / 2) == 1
    heard, seen = (
        (results.value(f"c20_beyond/{task}.transformer/words/error"), results.value(f"{at}/error"))
        for task in ("sounds", "pictures")
        for at in [f"c20_beyond/{task}.transformer/20"]
    )
    assert abs(heard[0] - heard[1]) < 0.005 and seen[0] > seen[1] + 0.03


def test_a_beam_helps_summaries_and_nothing_else():
    for task in SIGNALS:
        for kind in ("transformer", "gru-attention"):
            arm = f"c20_beyond/{task}.{kind}/20"
            assert abs(results.value(f"{arm}/error") - results.value(f"{arm}/error_beam")) < 0.005
    arm = "c20_beyond/summaries.transformer/0"
    assert results.value(f"{arm}/error_beam") < 0.3 * results.value(f"{arm}/error")
    assert max(errors("summaries.transformer", 0, "error_beam")) < 0.05
    assert sum(error > 0.1 for error in errors("summaries.gru-attention", 0, "error_beam")) == 2
