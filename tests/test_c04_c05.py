"""C4 and C5: made-up rows that reach each verdict, and the parts that measure."""

from types import SimpleNamespace

import pytest
import torch

from course.data import grammar
from course.data.tokenizer import BOS, EOS
from course.experiments import (
    c04_forcing,
    c05_exposure,
    clause_task,
    curves,
    exposure,
    own_words,
    slips,
)
from course.experiments.rules import CAVEAT, INCONCLUSIVE, NOT_SUPPORTED, SUPPORTED, VERDICTS
from course.experiments.runner import Arm, run_module
from course.results.records import Row

SEEDS = (1, 2, 3, 4, 5)


def seeded(arm, x, metric, value, noise=0.01):
    """Five rows around a value; noise alternates in sign, so the mean stays."""
    signs = (-1, 1, 0, 1, -1)
    return [Row(arm, s, x, metric, value + noise * e, 7) for s, e in zip(SEEDS, signs, strict=True)]


def forcing(noise=0.01, **changes):
    """Rows of C4: own words take 4 times as long, their errors rise by 0.5 more; or as named."""
    rows = []
    for kind in c04_forcing.KINDS:
        times = changes.get(f"times_{kind}", changes.get("times", 4.0))
        rises = changes.get(f"rise_{kind}", changes.get("rise", 0.5))
        for diet in c04_forcing.DIETS:
            arm = f"{kind}.{diet}"
            updates = 100.0 if diet == "forced" else 100.0 * times
            sign = -1 if diet == "forced" else 1  # so that differences are noisy too
            for metric in ("updates_to_written", "seconds_to_written", "updates_to_forced"):
                rows += seeded(arm, "run", metric, updates, sign * noise * 100)
            for metric in ("early.own", "early.forced", "end.written"):
                gap = rises if diet != "forced" else 0.0
                for x in c04_forcing.FIRST:
                    rows += seeded(arm, x, metric, 0.1, 0)
                for x in c04_forcing.LATE:
                    rows += seeded(arm, x, metric, 0.1 + gap, sign * noise)
    return rows


C4 = {
    "faster, and flat": (forcing(), SUPPORTED),
    "faster only": (forcing(rise=0.0), CAVEAT),
    "flat only": (forcing(times=1.0), CAVEAT),
    "faster with attention only": (forcing(times_classic=1.0), CAVEAT),
    "no difference": (forcing(times=1.0, rise=0.0), NOT_SUPPORTED),
    "slower": (forcing(times=0.5, rise=-0.2), NOT_SUPPORTED),
    "seeds disagree": (forcing(noise=0.4, times=1.5, rise=0.2), INCONCLUSIVE),
}


def exposed(noise=0.01, **changes):
    """Rows of C5: far excess 0.3 after teacher forcing, 0.1 after schedules; or as named."""
    rows = []
    for kind in c05_exposure.KINDS:
        for diet in c05_exposure.DIETS:
            arm = f"{kind}.{diet}"
            usual = 0.3 if diet == "forced" else 0.1
            far = changes.get(f"{diet}_{kind}", changes.get(diet, usual)).__float__()
            valid = changes.get("valid", {}).get(diet, 0.2)
            rows += seeded(arm, "run", "valid_error", valid, 0)
            sign = -1 if diet == "forced" else 1
            for name in c05_exposure.SETS:
                rows += seeded(arm, "run", f"token_error_rate.{name}", 0.1)
                for how, share in (("forced", 0.1), ("written", 0.2)):
                    rows += seeded(arm, 1, f"{how}.{name}", share)
            for mistake in slips.KINDS:
                for name in ("inside", "lists"):
                    for x in (*c05_exposure.NEAR, *c05_exposure.FAR):
                        rows += seeded(arm, x, f"{mistake}.{name}", 0.1 + far, sign * noise)
                        rows += seeded(arm, x, f"{mistake}.{name}.clean", 0.1, 0)
    return rows


ALL_LOW = dict.fromkeys(("linear", "exponential", "inverse-sigmoid"), 0.01)
C5 = {
    "lasting, and cured": (exposed(), SUPPORTED),
    "lasting, not cured": (exposed(**dict.fromkeys(ALL_LOW, 0.3)), CAVEAT),
    "lasting without attention only": (exposed(forced_attention=0.01), CAVEAT),
    "self-recovery": (exposed(forced=0.01), NOT_SUPPORTED),
    "seeds disagree": (exposed(noise=0.3, forced=0.06), INCONCLUSIVE),
    "the cure is judged on the schedule chosen by validation": (
        exposed(linear=0.3, valid={"linear": 0.1}),
        CAVEAT,
    ),
}
CASES = [
    pytest.param(module, rows, verdict, id=f"{claim}: {case}")
    for claim, module, cases in (("C4", c04_forcing, C4), ("C5", c05_exposure, C5))
    for case, (rows, verdict) in cases.items()
]


@pytest.mark.parametrize(("module", "rows", "verdict"), CASES)
def test_rows_lead_to_their_verdict(module, rows, verdict):
    assert module.verdict(rows) == verdict


@pytest.mark.parametrize("cases", [C4, C5], ids=["C4", "C5"])
def test_each_verdict_can_be_reached(cases):
    assert {verdict for _, verdict in cases.values()} == set(VERDICTS)


@pytest.mark.parametrize(
    ("written", "reference", "expected"),
    [
        ([5, 6, 7], [5, 6, 7], "..."),
        ([5, 9, 7], [5, 6, 7], ".x."),
        ([5, 9, 6, 7], [5, 6, 7], "..."),  # one too many: nothing is missing
        ([5, 7], [5, 6, 7], ".x."),
        ([], [5, 6], "xx"),
        ([6, 7, 8, 5], [5, 6, 7, 8], "x..."),
    ],
)
def test_missed_words_are_found_by_alignment(written, reference, expected):
    assert slips.missed(written, reference) == [mark == "x" for mark in expected]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("plausible", ([4, 5, 99], [4, 5, 6], [7, 8])),
        ("random", ([4, 5, 99], [4, 5, 6], [7, 8])),
        ("inserted", ([4, 5, 99], [4, 5], [6, 7, 8])),
        ("deleted", ([4, 5, 7], [4, 5, 6, 7], [8])),
    ],
)
def test_four_kinds_of_slip(kind, expected):
    assert slips.plant(kind, [4, 5, 6, 7, 8], 2, 99) == expected


def test_places_count_where_words_are_missed():
    plan = [slips.Slip([9], [4], [5, 6, 7]), slips.Slip([9], [4], [5, 6])]
    got = slips.Recovery(plan, [[5, 8, 7], [6]], [[5, 6, 7], [5, 6]])
    assert got.missed_by_distance(3) == ([0.5, 0.5, 0.0], [0.0, 0.0, 0.0])
    seen = got.accepted(lambda ids: str(ids), lambda text: "9" in text)
    assert seen == (1.0, 0.0, 0.0)


@pytest.fixture(scope="module")
def model():
    return own_words.build("attention", 1)


def test_a_second_choice_is_the_most_probable_wrong_word(model):
    src, tgt = clause_task.sentences("valid", 1, 5)
    places = [0, 1, 2, 3, 1]
    found = slips.second_choices(model, src, tgt, places)
    for s, t, place, wrong in zip(src, tgt, places, found, strict=True):
        memory = model.encode(torch.tensor([[*s, EOS]]), torch.ones(1, len(s) + 1).bool())
        step = model.step(
            torch.tensor([[BOS, *t][place]]),
            memory,
            model.start(memory, torch.tensor([[BOS, *t][:place]]).long().view(1, -1)),
        )
        order = [i for i in step.log_probs[0].argsort(descending=True).tolist() if i > 3]
        assert wrong == next(i for i in order if i != t[place])


def test_forced_errors_are_those_of_the_next_word_alone(model):
    src, tgt = clause_task.sentences("valid", 1, 3)
    rows = slips.forced_missed(model, src, tgt)
    assert [len(row) for row in rows] == [len(t) for t in tgt]
    changed = [[*t[:-1], t[-1] + 1] for t in tgt]
    again = slips.forced_missed(model, src, changed)
    assert [row[:-1] for row in again] == [row[:-1] for row in rows]


def test_sentences_have_one_length_and_known_words():
    for kind, words in ((1, 5), (2, 11), (3, 16), (4, 21)):
        src, tgt = clause_task.sentences("test", kind, 7)
        texts = [clause_task.tokenizer().decode(row) for row in src]
        assert {len(text.split()) for text in texts} == {words}
        assert all(grammar.accepts(clause_task.tokenizer().decode(row)) for row in tgt)
    src, _ = clause_task.sentences("test", "lists", 7)
    assert all(3 not in row for row in src)  # 3 is the unknown word


def test_diets_share_sentences_and_differ_in_what_is_read():
    first = {}
    for diet in ("forced", "free", "sampled", "linear"):
        seen = []
        own_words.train("attention", diet, updates=1, watch=lambda u, m, s=seen: s.append(u))
        assert seen == [0, 1]
        first[diet] = own_words.schedule(diet, 100)
    assert [first[diet](0) for diet in first] == [1, 0, 0, 1]
    for diet in own_words.SCHEDULES:
        share = own_words.schedule(diet, 100)
        assert share(0) > 0.9
        assert share(99) < 0.15


def test_time_to_an_error_is_interpolated():
    curve = curves.Curve("a", 1, updates=75, every=25, early=30, sentences=2)
    assert curve.early == 25
    for update, error in ((0, 1.0), (25, 0.5), (50, 0.1), (75, 0.0)):
        curve.add(update, {"written_error": error, "cpu_seconds": 2.0 * update})
    assert curve.until("written_error", 0.25) == pytest.approx((40.625, 81.25, True))
    assert curve.until("written_error", -1.0) == (75.0, 150.0, False)


def test_a_gap_is_measured_both_ways_on_the_same_sentences(model):
    test = clause_task.sentences("test", 1, 5)
    found = exposure.gap(model, "inside", test, by_position=True)
    assert {metric for _, metric in found} == {
        "forced.inside",
        "written.inside",
        "token_error_rate.inside",
    }


def test_both_experiments_run_end_to_end(tmp_path, monkeypatch):
    small = {kind: size._replace(updates=2, d_model=7) for kind, size in own_words.SIZES.items()}
    monkeypatch.setattr(own_words, "SIZES", small)
    for module in (c04_forcing, c05_exposure):
        config = module.CONFIG | {"sentences": 3, "every": 1, "parsed": 2}
        monkeypatch.setattr(module, "CONFIG", config)
        tiny = SimpleNamespace(
            __name__="c00_tiny",
            CLAIM=module.CLAIM,
            RULE=module.RULE,
            CONFIG={},
            ARMS=tuple(Arm(name=arm.name, seconds=0) for arm in module.ARMS),
            measure=lambda arm, seed, rate, module=module: module.measure(arm, seed, 1e-3),
            verdict=lambda rows: "",
        )
        path = tmp_path / f"{module.CLAIM}.json"
        record = run_module(tiny, seeds=1, out=path, say=lambda text: None)
        assert {row.arm for row in record.rows} == {arm.name for arm in module.ARMS}
        assert module.verdict(record.rows) in VERDICTS
    assert c04_forcing.trial("classic.free", 1e-3) > 0
