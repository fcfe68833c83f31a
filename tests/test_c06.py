"""C6: its rules reach each verdict, its parts do what they say, and both experiments run small."""

import pytest

from course import zoo
from course.data.pairs import Example
from course.decoding import Exact, Hypothesis, beam_search
from course.experiments import c06_grammar, c06_tatoeba, corpus_search
from course.experiments.clauses import clauses, fluent, quality
from course.experiments.rules import CAVEAT, INCONCLUSIVE, NOT_SUPPORTED, SUPPORTED, VERDICTS
from course.experiments.searching import MEAN, PENALTIES, SUM, by_hash, chunks, missed, search_all
from course.experiments.variety import diversity, nearest
from course.results.records import Row
from test_decoding import TableModel, batch

SEEDS = (1, 2, 3, 4, 5)
SIGNS = (-1, 1, 0, 1, -1)


def grammar(noise=0.004, **gains):
    """Rows of C6 on the grammar; a gain not named is 0.1 accepted or 0.05 edits a word."""
    rows = []
    for arm in ("plain", "smooth"):
        fluent, accurate = gains.get(f"{arm}_fluent", 0.1), gains.get(f"{arm}_accurate", 0.05)
        for seed, sign in zip(SEEDS, SIGNS, strict=True):
            rows += [
                Row(arm, seed, "run", "width", 3.0 if seed == 2 else 5.0, 1),
                Row(f"{arm}.mean", seed, 1, "accepted", 0.5, 100),
                Row(f"{arm}.mean", seed, 1, "token_error_rate", 0.2, 100),
            ]
            for width in (3, 5):
                bonus = sign * noise if (width == 3) == (seed == 2) else 9.0
                rows += [
                    Row(f"{arm}.mean", seed, width, "accepted", 0.5 + fluent + bonus, 100),
                    Row(f"{arm}.mean", seed, width, "token_error_rate", 0.2 - accurate - bonus, 9),
                ]
    return rows


NOTHING = {f"{arm}_{what}": 0.0 for arm in ("plain", "smooth") for what in ("fluent", "accurate")}
GRAMMAR = {
    "both, in both arms": (grammar(), SUPPORTED),
    "fluent, not accurate": (grammar(plain_accurate=0.0, smooth_accurate=0.0), CAVEAT),
    "accurate, not fluent": (grammar(plain_fluent=0.0, smooth_fluent=0.0), CAVEAT),
    "not with label smoothing": (grammar(smooth_fluent=0.0, smooth_accurate=0.0), CAVEAT),
    "nothing": (grammar(noise=0.001, **NOTHING), NOT_SUPPORTED),
    "worse": (grammar(**dict.fromkeys(NOTHING, -0.1)), NOT_SUPPORTED),
    "seeds disagree": (grammar(noise=0.2), INCONCLUSIVE),
}


def corpus(test, *, widest=(0.5, 0.1, 0.9)):
    """Rows of C6 on the corpus from the interval on the test and that of the widest beam."""
    rows = [Row("test", 1, "width", "width", 5.0, 2000)]
    for end, value in zip(("", "_low", "_high"), test, strict=True):
        rows.append(Row("test", 1, "width", f"difference{end}", value, 2000))
        rows.append(Row("test", 1, "width", f"bleu_difference{end}", value, 2000))
    for penalty in PENALTIES:
        for width, ends in ((5, (0.9, 0.5, 1.3)), (100, widest if penalty == SUM else (1, 0, 2))):
            for end, value in zip(("", "_low", "_high"), ends, strict=True):
                rows.append(Row(f"few.{penalty}", 1, width, f"difference{end}", float(value), 300))
    return rows


TATOEBA = {
    "a gain at every width": (corpus((1.0, 0.7, 1.3)), SUPPORTED),
    "a wide beam does harm": (corpus((1.0, 0.7, 1.3), widest=(-3.0, -4.0, -2.0)), CAVEAT),
    "too small a gain": (corpus((0.2, 0.0, 0.4)), NOT_SUPPORTED),
    "too few sentences": (corpus((0.6, 0.1, 1.1)), INCONCLUSIVE),
}
CASES = [
    pytest.param(module, rows, expected, id=f"{module.__name__.rpartition('.')[2]}: {case}")
    for module, cases in ((c06_grammar, GRAMMAR), (c06_tatoeba, TATOEBA))
    for case, (rows, expected) in cases.items()
]


@pytest.mark.parametrize(("module", "rows", "expected"), CASES)
def test_rows_lead_to_the_verdict(module, rows, expected):
    assert module.verdict(rows) == expected
    assert module.verdict(iter(rows)) == expected, "a rule reads its rows once"
    summary = module.summary(rows)
    for key in [key for key in summary if f"{key}.low" in summary]:
        assert summary[f"{key}.low"] <= summary[key] <= summary[f"{key}.high"]


@pytest.mark.parametrize("cases", [GRAMMAR, TATOEBA], ids=["grammar", "tatoeba"])
def test_each_verdict_can_be_reached(cases):
    assert {verdict for _, verdict in cases.values()} == set(VERDICTS)


def test_the_chosen_width_of_each_seed_is_the_one_compared():
    summary = c06_grammar.summary(grammar(noise=0.0))
    assert summary["plain.fluent"] == pytest.approx(0.1)
    assert summary["plain.width"] == pytest.approx(4.6)


# --- the parts


@pytest.mark.parametrize("beam", [1, 3, 200])
def test_search_all_is_beam_search_with_each_penalty(beam, monkeypatch):
    monkeypatch.setattr("course.experiments.searching.ROWS", 2 * beam)
    model, sources, limits = TableModel(2, end=0.5), [[0], [1], [2], [3]], [6, 4, 5, 6]
    found = search_all(model, sources, limits, beam=beam)
    for name, penalty in PENALTIES.items():
        for i, limit in enumerate(limits):
            ((best,),) = beam_search(
                model, *batch(i), max_length=limit, beam=beam, length_penalty=penalty
            )
            assert found[name][i].tokens == best.tokens
            assert found[name][i].log_prob == pytest.approx(best.log_prob)


def test_the_choice_by_hash_does_not_depend_on_the_order():
    texts = [f"sentence {i}" for i in range(50)]
    chosen = {texts[i] for i in by_hash(texts, 7)}
    mirrored = texts[::-1]
    assert len(chosen) == 7 and chosen == {mirrored[i] for i in by_hash(mirrored, 7)}
    assert by_hash(texts, 99) == list(range(50))


def test_chunks_hold_every_item_once_and_are_sorted():
    groups = list(chunks([5, 1, 4, 2, 3], 2))
    assert groups == [[1, 3], [4, 2], [0]]


def test_missed_is_more_than_rounding():
    def hypothesis(log_prob):
        return Hypothesis(tokens=(4,), log_prob=log_prob, score=log_prob, finished=True)

    exact = Exact(hypothesis(-1.0), True, 5)
    assert missed(exact, hypothesis(-1.1)) and not missed(exact, hypothesis(-1.00001))
    assert not missed(Exact(None, True, 5), hypothesis(-1.1))


def test_diversity_and_least_risk_by_hand():
    assert diversity([[1, 2, 3], [1, 2, 3]]) == 0
    assert diversity([[1, 2], [3, 4]]) == 1
    assert diversity([[1, 2, 3, 4], [1, 2]]) == pytest.approx(2 / 3)
    assert nearest([[9, 9, 9], [1, 2, 3], [1, 2, 4], [1, 2, 5]]) == [1, 2, 3]


def test_quality_tells_fluent_from_accurate():
    data = clauses()
    part = data.part("short", 3)
    perfect = quality(part.tgt, part)
    assert perfect["accepted"] == perfect["exact"] == perfect["length"] == perfect["chrf"] == 1
    assert perfect["token_error_rate"] == 0
    others = quality([part.tgt[1], part.tgt[2], part.tgt[0]], part)
    assert others["accepted"] == 1 and others["token_error_rate"] > 0.2
    cut = quality([tokens[:-1] for tokens in part.tgt], part)
    assert cut["accepted"] == 0 and 0 < cut["token_error_rate"] < 0.2
    assert not fluent("") and not fluent("La voiture")


def test_training_and_held_out_sentences_differ():
    parts = {name: set(part.texts) for name, part in clauses().parts.items()}
    assert not parts["train"] & (parts["valid"] | parts["test"])
    assert all(20 <= len(tokens) <= 70 for tokens in clauses().parts["test"].tgt)


# --- the experiments, small


def test_the_grammar_experiment_runs(monkeypatch):
    small = {"updates": 2, "widths": [1, 2], "choose": [2], "wide": [3], "valid": 2, "test": 3}
    small |= {"few": 2, "short": 2, "drawn": 2, "mbr": 3, "full": 2, "max_steps": 5, "batch": 3}
    monkeypatch.setattr(c06_grammar, "CONFIG", {**c06_grammar.CONFIG, **small})
    c06_grammar.splits.cache_clear()
    rows = [row for arm in ("plain", "smooth") for row in c06_grammar.measure(arm, 1, 0.0)]
    c06_grammar.splits.cache_clear()
    assert {arm.name for arm in c06_grammar.ARMS} <= {row.arm for row in rows}
    assert c06_grammar.verdict(rows) in VERDICTS
    assert len({(row.arm, row.x, row.metric) for row in rows}) == len(rows)


def test_the_corpus_experiment_runs(monkeypatch):
    small = {"widths": [1, 2], "choose": [2], "wide": [3], "few": 2, "valid": 3, "short": 2}
    small |= {"max_steps": 40, "timed": 1, "beta": [0.2], "alpha": [0.6]}
    monkeypatch.setattr(c06_tatoeba, "CONFIG", {**c06_tatoeba.CONFIG, **small})
    monkeypatch.setattr(corpus_search, "SAMPLES", 20)
    texts = [
        ("I see a blue car.", ("Je vois une voiture bleue.",)),
        ("He is tired.", ("Il est fatigué.", "Il a sommeil.")),
        ("Thank you.", ("Merci.",)),
        ("I don't know.", ("Je ne sais pas.",)),
    ]
    examples = [Example(src, refs) for src, refs in texts]
    translator = zoo.load(c06_tatoeba.CONFIG["model"])
    rows = c06_tatoeba.compare(translator, examples, examples[:2])
    assert c06_tatoeba.verdict(rows) in VERDICTS
    assert len({(row.arm, row.x, row.metric) for row in rows}) == len(rows)
    assert c06_tatoeba.ARMS[0].name in {row.arm for row in rows}
    ratio = {row.x: row.value for row in rows if row.arm == "time" and row.metric == "ratio"}
    assert ratio[1] == 1.0
    greedy = [row for row in rows if row.x == "1 few" and row.metric == "chrf"]
    assert len({row.value for row in greedy}) == 1 and {row.arm for row in greedy} == {MEAN, SUM}
