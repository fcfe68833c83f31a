"""C23's ladder: verdicts from made-up rows, scores known beforehand, and runs that are stopped."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

import verdict_cases
from course import metrics, zoo
from course.data import corpora
from course.data.pairs import Corpus, Example, Pair
from course.data.tokenizer import Tokenizer
from course.errors import CourseError
from course.experiments import c23_multi30k, c23_tatoeba, ladder, runner
from course.experiments.fitting import number_of_parameters
from course.experiments.rules import CAVEAT, INCONCLUSIVE, NOT_SUPPORTED, SUPPORTED
from course.model_folder import build
from course.models.seq2seq import Seq2SeqConfig
from course.models.transformer import TransformerConfig
from course.results.records import Row
from course.training import loop

MODULES = (c23_tatoeba, c23_multi30k)


def made_up(value, half, *, best="luong", others=9.0):
    """Rows where the Transformer is so much better than the best recurrent one by validation."""
    rows = []
    for arm in ladder.RECURRENT:
        gap = value if arm == best else others
        rows += [Row(arm, 1, "valid", "chrf", 50.0 + 5 * (arm == best), 9)]
        for x in ("all", "5-8"):
            ends = {"": gap, "_low": gap - half, "_high": gap + half}
            rows += [Row("difference", 1, x, f"chrf.{arm}{e}", v, 9) for e, v in ends.items()]
    return rows


CASES = {
    "clearly better": (made_up(3.0, 1.0), SUPPORTED),
    "better, perhaps by little": (made_up(1.5, 1.0), CAVEAT),
    "alike": (made_up(0.1, 0.5), NOT_SUPPORTED),
    "worse": (made_up(-3.0, 1.0), NOT_SUPPORTED),
    "worse only than one that validated worse": (made_up(3.0, 1.0, others=-5.0), SUPPORTED),
    "cannot be told": (made_up(0.5, 1.0, best="bahdanau"), INCONCLUSIVE),
}


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize(("rows", "expected"), CASES.values(), ids=CASES)
def test_made_up_rows_reach_each_verdict(module, rows, expected):
    verdict_cases.rows_lead_to(module, rows, expected)
    verdict_cases.intervals_hold_their_numbers(module, rows)


def test_every_verdict_is_reached():
    verdict_cases.every_verdict_is_reached(CASES)


def test_the_summary_is_against_each_and_against_the_best_by_validation():
    summary = ladder.summary(made_up(2.0, 1.0, best="bahdanau"))
    assert summary["chrf.gru"] == 9 and summary["chrf.gru.low"] == 8
    assert summary["chrf.best"] == summary["chrf.bahdanau"] == 2
    assert summary["chrf.best.5-8.high"] == summary["chrf.bahdanau.5-8.high"] == 3


EXAMPLES = [
    Example(f"the number {n}", tuple(f"le numéro {n}{e}" for e in ("", " !")[: 1 + n % 2]))
    for n in range(12)
]


def spoiled(arm, example):
    """Wrong in every sentence, every second, every third, or never."""
    every = {"gru": 1, "luong": 2, "bahdanau": 3}.get(arm)
    number = int(example.src.split()[-1])
    return "non" if every and number % every == 0 else example.refs[0]


def test_scores_and_gaps_are_those_of_the_metrics():
    written = {arm: [spoiled(arm, e) for e in EXAMPLES] for arm in ladder.LADDER}
    rows = ladder.scored("all", written, EXAMPLES, samples=50, seed=3)
    found = {(row.arm, row.metric): row.value for row in rows}
    refs = [example.refs for example in EXAMPLES]
    for metric in ("chrf", "bleu", "token_error_rate"):
        alone = metrics.confidence_interval(
            written["luong"], refs, metric=metric, samples=50, seed=3
        )
        expected = metrics.paired_bootstrap(
            written["luong"], written["transformer"], refs, metric=metric, samples=50, seed=3
        )
        for end, one, gap in (
            ("", alone.value, expected.difference),
            ("_low", alone.low, expected.low),
            ("_high", alone.high, expected.high),
        ):
            assert found["luong", metric + end] == pytest.approx(one)
            assert found["difference", f"{metric}.luong{end}"] == pytest.approx(gap)
    assert found["transformer", "chrf_low"] == 100 and found["transformer", "chrf"] == 100


def card(chrf):
    return {
        "parameters": 7,
        "updates": 11,
        "best_update": 10,
        "tokens": 13,
        "training": {"learning_rate": 0.5},
        "valid": {"chrf": chrf, "bleu": 3.0, "loss": 2.0, "sentences": 17},
    }


def translator(name, chrf):
    tokenizer = Tokenizer.train(["un chat"], vocab_size=270)
    model = build(replace(TINY[name], vocab_size=len(tokenizer)))
    return zoo.Translator(name, model, tokenizer, card(chrf))


def test_each_sentence_is_translated_once_though_it_stands_in_two_sets(monkeypatch):
    asked = []

    def translations(translator, examples):
        asked.append((translator.name, len(examples)))
        return [spoiled(translator.name, example) for example in examples]

    validated = {"gru": 1.0, "bahdanau": 3.0, "luong": 2.0, "transformer": 9.0}
    monkeypatch.setattr(ladder, "translations", translations)
    monkeypatch.setattr(
        c23_tatoeba.zoo,
        "load",
        lambda name: translator(name, validated[name]),
    )
    monkeypatch.setitem(c23_tatoeba.CONFIG, "bootstrap_samples", 20)
    tests = {"all": EXAMPLES, "5-8": EXAMPLES[:5]}
    rows = c23_tatoeba.compare({arm: arm for arm in ladder.LADDER}, tests)
    assert asked == [(arm, 12) for arm in ladder.LADDER]
    assert ladder.rival(rows) == "bahdanau"
    summary = c23_tatoeba.summary(rows)
    assert summary["chrf.gru"] > summary["chrf.luong"] > summary["chrf.best"] > 0
    assert summary["token_error_rate.gru.5-8.high"] < 0
    run = {row.metric: row.value for row in rows if (row.arm, row.x) == ("luong", "run")}
    assert run == {
        "parameters": 7,
        "updates": 11,
        "best_update": 10,
        "target_tokens": 13,
        "rate": 0.5,
    }


def test_other_scores_than_the_records_are_refused():
    several, single = EXAMPLES, [replace_refs(example) for example in EXAMPLES]
    ladder.require_signatures(several, c23_tatoeba.CONFIG["signatures"])
    ladder.require_signatures(single, c23_multi30k.CONFIG["signatures"])
    with pytest.raises(CourseError, match=r"nrefs:var.*nrefs:1"):
        ladder.require_signatures(single, c23_tatoeba.CONFIG["signatures"])


def replace_refs(example):
    return example._replace(refs=example.refs[:1])


def test_the_bins_are_those_of_c1():
    examples = [Example(" ".join(["w"] * n), ("mot",)) for n in (2, 6, 10, 14) * 30]
    assert set(c23_tatoeba.test_sets(examples)) == set(c23_tatoeba.CONFIG["bins"])


@pytest.mark.parametrize("name", c23_tatoeba.MODELS.values())
def test_the_zoos_translators_learnt_from_the_same_batches(name):
    found, other = zoo.load(name).card, zoo.load("tatoeba-en-fr-gru").card
    same = ("data", "updates", "tokens", "joined_share", "grammar_share")
    assert [found[key] for key in same] == [other[key] for key in same]


def test_multi30ks_models_have_one_size():
    sizes = [number_of_parameters(build(c23_multi30k.recipe(arm, 1e-3).model)) for arm in LADDER]
    assert max(sizes) < 1.02 * min(sizes)


LADDER = ladder.LADDER
SIDES = [("a cat", "un chat"), ("the dog runs", "le chien court"), ("a dog", "un chien")]
CORPUS = Corpus(
    name="animals",
    src_lang="en",
    tgt_lang="fr",
    train=[Pair(*side) for side in SIDES] * 20,
    valid=[Example("a cat", ("un chat",)), Example("a dog", ("un chien",))],
    test=[Example("the dog", ("le chien",)), Example("the cat", ("le chat",))],
    licence="made up",
)
TINY = {
    "gru": Seq2SeqConfig(vocab_size=9, d_embed=5, d_model=6, context="every_step"),
    "bahdanau": Seq2SeqConfig(vocab_size=9, d_embed=5, d_model=6, d_attention=4),
    "luong": Seq2SeqConfig(vocab_size=9, d_embed=5, d_model=6, context="general", query="current"),
    "transformer": TransformerConfig(vocab_size=9, d_model=6, num_heads=2, d_ff=7, num_layers=1),
}


@pytest.fixture
def tiny(monkeypatch):
    """The experiment on three sentences, with models of a few thousand numbers."""
    monkeypatch.setattr(corpora, "load", lambda name: CORPUS)
    monkeypatch.setattr(zoo, "PRESETS", TINY)
    training = replace(c23_multi30k.TRAINING, max_updates=6, max_tokens=30, eval_every=2, warmup=2)
    monkeypatch.setattr(c23_multi30k, "TRAINING", training)
    small = {"vocab_size": 275, "trial_updates": 2, "timed_updates": 2, "bootstrap_samples": 20}
    for key, value in small.items():
        monkeypatch.setitem(c23_multi30k.CONFIG, key, value)


def run(path, say=lambda text: None):
    return runner.run_module(c23_multi30k, seeds=1, out=path, say=say)


def comparable(record):
    return [row for row in record.rows if row.arm != "speed"]


def test_a_killed_run_goes_on_to_the_same_rows(tiny, monkeypatch, tmp_path):
    whole = run(tmp_path / "whole.json")
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "another"))
    validate, calls, updates = loop.summed_loss, [], []
    once = loop._Run._update

    def killed_twice(*arguments, **options):
        calls.append(1)
        if len(calls) in (5, 15):  # in the second model's trials, and in a run
            raise KeyboardInterrupt
        return validate(*arguments, **options)

    def counted(self, batch, tokens):
        updates.append(1)
        once(self, batch, tokens)

    monkeypatch.setattr(loop, "summed_loss", killed_twice)
    monkeypatch.setattr(loop._Run, "_update", counted)
    record, kills = None, 0
    while record is None:
        try:
            record = run(tmp_path / "killed.json")
        except KeyboardInterrupt:
            kills += 1
    assert kills == 2
    assert comparable(record) == comparable(whole)
    # four models: 3 trials of 2 updates, one of which goes on to 6; a kill repeats 2 at most
    assert len(updates) <= 4 * (3 * 2 + 4) + 2 * kills


def test_a_finished_run_has_what_the_page_shows(tiny, tmp_path):
    record = run(tmp_path / "record.json")
    found = {(r.arm, str(r.x), r.metric): r.value for r in record.rows}
    for arm in LADDER:
        trials = {r: found[arm, str(r), runner.TRIAL] for r in c23_multi30k.RATES}
        assert found[arm, "run", "rate"] == min(trials, key=trials.__getitem__)
        assert found[arm, "run", "updates"] == 6
        assert found[arm, "run", "target_tokens"] == found["gru", "run", "target_tokens"]
        assert found["speed", arm, "times_gru"] > 0
        assert found[arm, "all", "chrf_low"] <= found[arm, "all", "chrf_high"]
    assert found["speed", "gru", "times_gru"] == 1
    assert c23_multi30k.verdict(record.rows) in (SUPPORTED, CAVEAT, NOT_SUPPORTED, INCONCLUSIVE)


def test_all_models_read_the_same_batches_and_no_test_sentence(tiny, monkeypatch, tmp_path):
    read, share = {}, loop.batch_share
    asked = []
    score = zoo.score

    def noted(data, rows, **which):
        read.setdefault(arm, []).append([(data.src[row], data.tgt[row]) for row in rows])
        return share(data, rows, **which)

    def scored(translator, examples, **options):
        asked.extend(example.src for example in examples)
        return score(translator, examples, **options)

    monkeypatch.setattr(loop, "batch_share", noted)
    monkeypatch.setattr(zoo, "score", scored)
    for arm in LADDER:
        c23_multi30k.measure(arm, 1, 4e-3)
    # six updates; the loop asks for one batch more before it sees that it is done
    assert len(read["gru"]) == 7 and all(read[arm] == read["gru"] for arm in LADDER)
    assert set(asked) == {example.src for example in CORPUS.valid}


def test_the_speed_is_relative_to_the_gru(tiny, monkeypatch):
    def update(model):
        return lambda batch: clock.append(clock[-1] + (2.0 if model == "transformer" else 4.0))

    clock = [0.0]
    monkeypatch.setattr(c23_multi30k, "_updater", update)
    monkeypatch.setattr(c23_multi30k, "time", SimpleNamespace(process_time=lambda: clock[-1]))
    found = {(row.x, row.metric): row.value for row in c23_multi30k.speed(1)}
    assert found["transformer", "times_gru"] == 0.5
    assert found["luong", "times_gru"] == 1 and np.isclose(found["luong", "times_gru_low"], 1)


def test_the_corpus_is_multi30ks(data_mirror):
    corpus = corpora.load(c23_multi30k.CONFIG["corpus"])
    assert (len(corpus.train), len(corpus.valid), len(corpus.test)) == (29000, 1014, 1000)
    assert {len(example.refs) for example in corpus.test} == {1}
