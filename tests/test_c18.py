"""C18: every verdict can be reached, exponents are slopes, meters measure what they say."""

import time

import pytest
import torch

from course.errors import CourseError
from course.experiments import attention_costs, c18_cost, c18_gpu
from course.experiments.attention_variants import HEADS, KINDS, WIDTH, Layer, operation
from course.experiments.metering import peak_bytes, seconds
from course.experiments.rules import CAVEAT, INCONCLUSIVE, NOT_SUPPORTED, SUPPORTED
from course.results.records import Row

CPU = torch.device("cpu")
KNOWN = {"plain.time": 2.0, "plain.memory": 2.0, "fused.time": 1.9, "fused.memory": 1.0}


def rows(jitter=0.0, **powers):
    """Three seeds; quantities grow by powers of the length from 1,024 on, and don't below."""
    metrics = {"time": "training", "memory": "training-bytes", "layer-time": "layer-training"}
    return [
        Row(kind, seed, n, metrics[name], max(n, 1024) ** (p + jitter * (seed - 2)) + 0.0, 1)
        for key, p in (KNOWN | {k.replace("_", "."): v for k, v in powers.items()}).items()
        for kind, name in [key.split(".")]
        for seed in (1, 2, 3)
        for n in c18_cost.LENGTHS
    ]


@pytest.mark.parametrize("module", [c18_cost, c18_gpu])
@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        (rows(), CAVEAT),
        (rows(fused_memory=1.95), SUPPORTED),
        (rows(fused_time=1.5), NOT_SUPPORTED),
        (rows(plain_memory=1.5), NOT_SUPPORTED),
        (rows(fused_memory=1.4), INCONCLUSIVE),
        (rows(fused_time=1.8, jitter=0.1), INCONCLUSIVE),
    ],
)
def test_verdicts(module, found, verdict):
    assert module.verdict(found) == verdict


def test_exponents_are_slopes_above_the_shortest_length():
    s = c18_cost.summary(rows(fused_time=1.75))
    assert s["fused.time"] == pytest.approx(1.75) == s["fused.time.low"]
    assert attention_costs.exponents(rows(), "plain", "training", 128)[0] < 1.9


def test_the_crossover_is_where_it_stays_faster():
    def made(kind, times):
        lengths = (128, 256, 512, 1024)
        return [
            Row(kind, 1, n, "layer-training", t, 1) for n, t in zip(lengths, times, strict=False)
        ]

    plain, never = made("plain", (1, 4, 16, 64)), made("window", (1, 4, 16, 64))
    assert attention_costs.crossover(plain + never, "window", "plain", "layer-training") is None
    late = plain + made("linear", (0.5, 5, 9, 18))
    assert attention_costs.crossover(late, "linear", "plain", "layer-training") == 512
    short = late[:3] + late[4:]  # plain stops at 512: what is beyond can't be compared
    assert attention_costs.crossover(short, "linear", "plain", "layer-training") == 512
    assert c18_cost.summary(late)["linear.crossover"] == 512


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_is_counted_and_measured_and_left_out_beyond_the_limit(kind):
    lengths, like = (33, 300), torch.zeros(1)
    config = {"seconds_each": 0.0, "memory_limit": 6 * 4 * HEADS * 200**2}
    found = attention_costs.measure(kind, 1, lengths, like, config)
    names = {"forward", "training", "layer-forward", "layer-training"}
    short = {row.metric: row.value for row in found if row.x == 33}
    assert short.keys() == names | {f"{name}-bytes" for name in names}
    assert min(short.values()) > 0
    assert short["training-bytes"] >= 3 * 33 * HEADS * WIDTH * 4  # three gradients at least
    left_out = {row.metric for row in found if row.x == 300} == {f"{n}-left-out" for n in names}
    assert left_out or kind != "plain"  # whose scores, of 300 × 300, are too many
    assert not left_out or kind not in {"fused", "linear", "gated"}
    later = attention_costs.measure(kind, 2, (33,), like, config)
    assert {row.metric for row in later} == names
    counted = {row.metric: row.value for row in attention_costs.counts(kind, (300,), 4)}
    assert counted.keys() == {"operations", "held", "cache"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_layer_reads_by_its_kind(kind):
    torch.manual_seed(1)
    x = torch.randn(1, 70, HEADS * WIDTH)
    layer = Layer(operation(kind, 70, x))
    changed = x.clone()
    changed[:, -1] += 1
    with torch.no_grad():
        same = (layer(x) - layer(changed))[:, :-1].abs().max() < 1e-4
    assert same == (kind != "low-rank")


def test_plain_and_fused_are_one_attention():
    q, k, v = torch.randn(3, 1, HEADS, 70, WIDTH).unbind(0)
    reads = [operation(kind, 70, q)(q, k, v, q[..., 0], q[..., 0]) for kind in ("plain", "fused")]
    torch.testing.assert_close(*reads)


def test_the_peak_counts_what_is_held_at_once():
    def run():
        first = torch.zeros(1000)
        second = torch.zeros(3000)
        del first
        return second, torch.zeros(500)

    assert peak_bytes(run, CPU) == 4 * 4000
    assert peak_bytes(lambda: [torch.zeros(1000) for _ in range(3)], CPU) == 4 * 3000
    x = torch.randn(1, 1, 512, 8)
    inside = peak_bytes(lambda: torch.softmax(x @ x.mT, -1).sum(), CPU)
    assert 2 * 4 * 512**2 <= inside < 3 * 4 * 512**2


def test_seconds_are_a_median_of_as_many_as_fit():
    taken, times = seconds(lambda: time.sleep(0.01), CPU, 0.035)
    assert 0.01 <= taken < 0.1 and 1 <= times <= 4
    assert seconds(lambda: None, CPU, 1.0)[1] == 9
    assert seconds(lambda: time.sleep(0.01), CPU, 0.0)[1] == 1


def test_each_record_is_of_one_kind_of_device(monkeypatch):
    with pytest.raises(CourseError, match="of a GPU"):
        c18_gpu.measure("plain", 1, 0.0)
    monkeypatch.setattr(c18_cost, "default_device", lambda: torch.device("cuda"))
    with pytest.raises(CourseError, match="c18_gpu"):
        c18_cost.measure("plain", 1, 0.0)
