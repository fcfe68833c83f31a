"""Chapter 11: what its prose says of the record of C20."""

from course import experiments, results

FOUND = experiments.get("c20_beyond").summary(results.load("c20_beyond").rows)


def errors(arm, x):
    rows = results.load("c20_beyond").rows
    return [r.value for r in rows if (r.arm, r.x, r.metric) == (arm, x, "error")]


def test_the_verdict_hangs_on_the_summaries():
    assert results.verdict("c20_beyond") == "inconclusive"
    for task in ("pictures", "sounds"):
        assert FOUND[f"{task}.error.high"] <= 0.05 and FOUND[f"{task}.gap.low"] >= 0.10
    assert FOUND["summaries.error.low"] < 0.05 < FOUND["summaries.error.high"]
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

    assert max(of(2)) < 0.01 and min(of(3)) < 0.02 and max(of(3)) > 0.3
    accepted = [r.value for r in rows if r.arm.startswith("summ") and r.metric == "accepted"]
    assert min(accepted) > 0.99


def test_a_beam_helps_summaries_and_nothing_else():
    for task, least in (("pictures", 20), ("sounds", 20)):
        arm = f"c20_beyond/{task}.gru-attention/{least}"
        assert abs(results.value(f"{arm}/error") - results.value(f"{arm}/error_beam")) < 0.005
    arm = "c20_beyond/summaries.transformer/0"
    assert results.value(f"{arm}/error_beam") < 0.3 * results.value(f"{arm}/error")
