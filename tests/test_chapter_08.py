"""Chapter 8: what its cells assert can fail, and what its prose says of records and models."""

import re

import pytest

import notebooks as pairs
from course import experiments, results

CHAPTER = pairs.CHAPTERS / "08_transformer.md"
CELLS = [cell.source for cell in pairs.read_chapter(CHAPTER).cells if cell.cell_type == "code"]


def lines(beginning):
    """Return the one assert of the cells with this beginning."""
    found = re.findall(rf"(?m)^ *({re.escape(beginning)}.*)$", "\n".join(CELLS))
    assert len(found) == 1, beginning
    return found[0]


LENGTHS = (8, 16, 32, 64)
CHAINS = {
    "gru": [86, 166, 326, 646],
    "scan": [17, 21, 25, 29],
    "transformer": [25, 25, 25, 25],
}
PARALLEL = {"chains": CHAINS, "i": 2, "length": 32}
SWAPPED = {**PARALLEL, "chains": dict(zip(CHAINS, reversed(CHAINS.values()), strict=True))}
# of each bug: none, large embeddings, no causal mask, wrong source, no places
FIRST, LAST, RIGHT = (4.7, 20.0, 4.7, 4.7, 4.8), (0.01, 0.1, 0.01, 0.3, 0.01), (8, 8, 0, 1, 8)
OVERFIT = {"first": FIRST, "last": LAST, "right": RIGHT, "unknowable": 0.23}
LOSSES = {"losses": {"loss": [4.0, 1.0], "valid_loss": [4.0, 0.1]}, "floor": 0.8}


@pytest.mark.parametrize(
    ("beginning", "right", "wrong"),
    [
        ('assert chains["gru"]', PARALLEL, SWAPPED),
        (
            'assert chains["scan"]',
            PARALLEL,
            {**PARALLEL, "chains": {**CHAINS, "scan": CHAINS["gru"]}},
        ),
        ('assert chains["transformer"]', PARALLEL, SWAPPED),
        ("assert right[0] ==", OVERFIT, {**OVERFIT, "right": RIGHT[::-1]}),
        ("assert right[0] ==", OVERFIT, {**OVERFIT, "right": (8, 8, 8, 1, 8)}),
        ("assert right[0] ==", OVERFIT, {**OVERFIT, "right": (8, 8, 0, 8, 8)}),
        ("assert first[1]", OVERFIT, {**OVERFIT, "first": FIRST[::-1]}),
        ("assert first[1]", OVERFIT, {**OVERFIT, "last": (0.01, 0.1, 0.3, 0.3, 0.01)}),
        ("assert last[3]", OVERFIT, {**OVERFIT, "last": (0.01, 0.1, 0.01, 0.01, 0.01)}),
        ("assert last[3]", OVERFIT, {**OVERFIT, "last": (0.3, 0.1, 0.01, 0.3, 0.01)}),
        (
            'assert losses["loss"][-1]',
            LOSSES,
            {**LOSSES, "losses": {"loss": [4.0, 0.1], "valid_loss": [4.0, 1.0]}},
        ),
        ("assert 0 < len(swaps)", {"swaps": ["layer 1, head 0"]}, {"swaps": []}),
        ("assert 0 < len(swaps)", {"swaps": ["layer 1, head 0"]}, {"swaps": ["any"] * 8}),
        ("assert sum(right)", {"right": [True] * 150}, {"right": [True] * 100 + [False] * 50}),
    ],
)
def test_what_is_asserted_can_fail(beginning, right, wrong):
    point = lines(beginning)
    exec(point, dict(right))
    with pytest.raises(AssertionError):
        exec(point, dict(wrong))


def test_the_model_fits_on_one_screen():
    ours = [source for source in CELLS if re.search(r"class (Attention|Layer|OneScreen)\b", source)]
    assert len(ours) == 3
    assert sum(len(source.splitlines()) for source in ours) <= 75


def test_what_the_prose_says_of_the_trials():
    trials = {
        (row.arm, row.x): row.value
        for row in results.load("c11_reach").rows
        if row.metric == "trial_loss"
    }
    found_all = {
        arm: [x for (a, x), v in trials.items() if a == arm and v == 0] for arm, _ in trials
    }
    assert len(found_all["transformer"]) == 3
    assert found_all["gru"] == [max(x for arm, x in trials if arm == "gru")]
    beyond = [
        r.value for r in results.load("c11_reach").rows if (r.x, r.metric) == (192, "accuracy")
    ]
    assert len(beyond) == 15
    assert min(beyond) == 1


def test_what_the_prose_says_of_reading():
    """In reading the scan beats the GRU at every length, and at 16 words the Transformer too."""
    found = experiments.get("c10_parallel").summary(results.load("c10_parallel").rows)
    for length in experiments.get("c10_parallel").LENGTHS:
        assert found[f"prefill.scan.{length}.high"] < found[f"prefill.gru.{length}.low"]
    assert found["prefill.scan.16.high"] < 1


def test_what_the_prose_says_of_the_gpu():
    """Reading turns to the Transformer's side with the length; the scan reads faster than it."""
    record = results.load("c10_gpu")
    assert record.env["device"] == "cuda"
    found = experiments.get("c10_gpu").summary(record.rows)
    lengths = experiments.get("c10_parallel").LENGTHS
    reading, training = (
        [found[f"{mode}.gru.{length}"] for length in lengths] for mode in ("prefill", "training")
    )
    assert reading == sorted(reading)
    assert training == sorted(training)
    assert max(found[f"prefill.scan.{length}.high"] for length in lengths) < 1
    assert max(found[f"generation.gru.{length}.high"] for length in lengths) < 0.14
    assert found["training.gru"] < results.value("c10_parallel/summary/training.gru")


def test_the_verdicts_are_what_the_prose_says():
    assert results.verdict("c10_parallel") == "not supported here"
    assert results.verdict("c10_gpu") == "not supported here"
    assert results.verdict("c11_reach") == "not supported here"
    assert results.verdict("c15_residuals") == "supported"
    for record in ("c23_tatoeba", "c23_multi30k", "c23_amounts"):
        assert results.verdict(record) == "not supported here"


def test_what_the_prose_says_of_the_ladder():
    """The Transformer has the lowest validation loss on Tatoeba, and not on Multi30k."""
    loss = {
        record: {
            arm: results.value(f"{record}/{arm}/valid/loss")
            for arm in ("gru", "bahdanau", "luong", "transformer")
        }
        for record in ("c23_tatoeba", "c23_multi30k")
    }
    assert min(loss["c23_tatoeba"], key=loss["c23_tatoeba"].get) == "transformer"
    assert loss["c23_multi30k"]["transformer"] > loss["c23_multi30k"]["bahdanau"]
    trials = results.load("c23_multi30k").select(metric="trial_loss")
    best = {arm: min(r.value for r in trials if r.arm == arm) for arm in loss["c23_multi30k"]}
    assert max(best, key=best.get) == "transformer"
