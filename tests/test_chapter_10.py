"""Chapter 10: what its prose says of the records of C18 and C19."""

from course import experiments, results
from course.experiments import c19_shakespeare
from course.experiments.attention_costs import exponents, judge, summarise
from course.experiments.attention_variants import KINDS
from course.experiments.recall_models import KINDS as MIXED

CPU, GPU = "c18_cost", "c18_gpu"


def summary(record):
    return experiments.get(record).summary(results.load(record).rows)


def test_what_the_prose_says_of_memory():
    """Plain attention needs the square, the fused kernel doesn't."""
    assert round(results.value(f"{CPU}/plain/8192/training-bytes") / 2**20) == 4224
    assert round(results.value(f"{CPU}/fused/8192/training-bytes") / 2**20) == 50
    for record in (CPU, GPU):
        found = summary(record)
        assert found["plain.memory"] > 1.95 and found["fused.memory"] < 1.05


def test_what_the_prose_says_of_time():
    """The verdicts; the count grows with the square; the end of the line on the GPU, too."""
    assert results.verdict(CPU) == "inconclusive"
    assert results.verdict(GPU) == "not supported here"
    cost, gpu = summary(CPU), summary(GPU)
    assert cost["plain.time.low"] > 2 and gpu["fused.operations"] > 1.99
    assert gpu["plain.time.low"] > 1.8 > gpu["fused.time.high"]
    assert cost["fused.time.low"] < 1.8 < cost["fused.time.high"]
    assert gpu["fused.layer-time.high"] < 1.1
    longest = max(row.x for row in results.load(GPU).select(arm="plain", metric="training"))
    assert longest == 32768
    last = [results.value(f"{GPU}/fused/{n}/training") for n in (65536, 131072)]
    assert round(last[1] / last[0], 2) == 3.94
    short = [results.value(f"{GPU}/fused/{n}/training") for n in (128, 8192)]
    assert short[1] < 2 * short[0], "up to 8,192 words a GPU hardly notices"
    for record in (CPU, GPU):
        runs = {(row.arm, row.seed) for row in results.load(record).rows}
        assert runs == {(kind, seed) for kind in KINDS for seed in (1, 2, 3)}


def test_what_the_prose_says_of_a_fit_that_begins_later():
    """The first points waver; without them the exponent is nearly two, the verdict another."""
    rows = results.load(GPU).rows

    def spread(n):
        each = [
            row.value for row in rows if (row.arm, row.metric, row.x) == ("fused", "training", n)
        ]
        return max(each) / min(each)

    assert spread(4096) > 1.5 and spread(131072) < 1.02
    assert min(exponents(rows, "fused", "training", 16384)) > 1.8
    later = summarise(rows, 16384)
    assert judge(later, experiments.get(GPU).SMALLEST_EFFECT) == "supported with a caveat"


def test_what_the_prose_says_of_the_crossings():
    """Linear attention and a window overtake the fused kernel, on the GPU much later."""
    cost, gpu = summary(CPU), summary(GPU)
    assert cost["linear.crossover-fused"] == 1024 and cost["window.crossover-fused"] == 2048
    assert gpu["linear.crossover-fused"] == gpu["window.crossover-fused"] == 32768
    assert gpu["performer.crossover-fused"] == gpu["bigbird.crossover-fused"] == 65536
    for kind in ("gated", "delta"):
        assert f"{kind}.crossover-fused" not in gpu and gpu[f"{kind}.time"] < 1.1


def test_what_the_prose_says_of_a_finished_model():
    """No family comes near; the best rank does; a window fails in the second layer."""
    assert results.verdict("c19_error") == "not supported here"
    found = summary("c19_error")
    families = ("sparse", "low-rank", "kernel", "linear")
    assert all(found[f"{family}.gap.low"] > 0.1 for family in families)
    assert found["projected"] > 3 and found["best-rank"] < 0.2

    def of_layer(layer):
        marks = [f"c19_error/window/64.16/error-{layer}.{head}" for head in (1, 2, 3, 4)]
        return sorted(results.value(mark) for mark in marks)

    assert of_layer(1)[2] < 0.3 and of_layer(2)[0] > 1


def test_what_the_prose_says_of_recall():
    """All three families stay behind; a gate and a correction bring most of it back."""
    assert results.verdict("c19_recall") == "not supported here"
    found = summary("c19_recall")
    assert all(found[f"{family}.gap.low"] > 0.5 for family in ("sparse", "linear", "kernel"))
    assert found["gated.high"] < 0.2 and found["delta.high"] < 0.06 and found["hybrid.high"] < 0.01
    state = {k: results.value(f"c19_recall/{k}.256/run/state") for k in ("full", "hybrid", "delta")}
    assert round(state["hybrid"] / state["full"], 2) == 0.57
    assert state["delta"] == results.value("c19_recall/gated.256/run/state")
    rates = {r.arm: r.value for r in results.load("c19_recall").rows if r.metric == "rate"}
    long = {arm: rate for arm, rate in rates.items() if arm.endswith(".256")}
    middle = {arm for arm, rate in long.items() if rate == 2e-3}
    assert middle == {"performer.256", "performer-256.256"}
    assert {rate for arm, rate in long.items() if arm not in middle} == {5e-3}


def test_what_the_prose_says_of_shakespeare():
    """Three seeds; who is ahead of full attention with each, and who goes either way."""
    record = results.load("c19_shakespeare")
    assert {row.seed for row in record.rows if row.metric == "test_bits"} == {1, 2, 3}
    found = summary("c19_shakespeare")
    assert all(found[kind] < found["full"] for kind in MIXED if kind != "full")
    for kind in ("window", "global", "linear", "delta", "hybrid"):
        assert found[f"{kind}.gap.high"] < 0
    bits = {
        kind: [row.value for row in record.select(arm=kind, metric="test_bits")]
        for kind in ("full", "performer")
    }
    behind = [a - b for a, b in zip(bits["performer"], bits["full"], strict=True)]
    assert sorted(gap > 0 for gap in behind) == [False, False, True]
    assert found["sparse.gap.high"] < 0.05 and found["linear.gap.high"] < 0.05
    assert found["kernel.gap.low"] < 0.05 < found["kernel.gap.high"]
    assert results.verdict("c19_shakespeare") == "inconclusive"
    rates = {row.arm: row.value for row in record.rows if row.metric == "rate"}
    lower = {kind for kind, rate in rates.items() if rate != max(c19_shakespeare.RATES)}
    assert lower == {"performer", "performer-256"}
