"""The runner of experiments, the arithmetic of verdicts, and the parts experiments share."""

import json
import math
from dataclasses import replace
from types import SimpleNamespace

import pytest
import torch

from course import experiments
from course.errors import CourseError
from course.experiments import c02_gates, fitting, lengths, probes, rules, runner, symbols, tasks
from course.experiments.rules import interval, paired, rule_sha256
from course.experiments.runner import Arm, run_module
from course.models.seq2seq import Seq2Seq
from course.results.records import Row, read


def rule_one(rows):
    """A rule."""
    return "supported"


def rule_one_again(rows):
    """A rule."""
    return "inconclusive"


def experiment(**changes):
    """A tiny experiment that notes what was run."""
    ran = []

    def measure(arm, seed, rate):
        ran.append((arm, seed, rate))
        return [Row(arm, seed, 4, "bits", float(seed), 7)]

    def trial(arm, rate):
        ran.append((arm, 0, rate))
        return (rate - 0.2) ** 2

    parts = {
        "__name__": "course.experiments.c99_test",
        "CLAIM": "C99",
        "RULE": ("a hypothesis", 0.1),
        "CONFIG": {"length": 7},
        "ARMS": (
            Arm(name="a", seconds=2, rates=(0.1, 0.2, 0.5), trial_seconds=1),
            Arm(name="b", seconds=4, max_seeds=2),
        ),
        "measure": measure,
        "trial": trial,
        "verdict": rule_one,
    }
    return SimpleNamespace(**(parts | changes)), ran


def test_a_run_tries_rates_then_seeds_and_says_how_long_first(tmp_path):
    module, ran = experiment()
    said = []
    record = run_module(module, seeds=3, out=tmp_path / "c99_test.json", say=said.append)
    trials = [("a", 0, 0.1), ("a", 0, 0.2), ("a", 0, 0.5)]
    runs = [("a", 1, 0.2), ("b", 1, 0.0), ("a", 2, 0.2), ("b", 2, 0.0), ("a", 3, 0.2)]
    assert ran == trials + runs
    assert "3 trials × 1 s + 5 runs × 3 s" in said[0]
    assert said[-1] == "c99_test: supported"
    assert read(tmp_path / "c99_test.json") == record


def test_more_seeds_extend_a_record_and_nothing_is_run_twice(tmp_path):
    path = tmp_path / "c99_test.json"
    module, ran = experiment()
    three = run_module(module, seeds=3, out=path, say=lambda text: None)
    ran.clear()
    five = run_module(module, seeds=5, out=path, say=lambda text: None)
    assert ran == [("a", 4, 0.2), ("a", 5, 0.2)]
    assert five.rows[: len(three.rows)] == three.rows
    assert five.command.endswith("--seeds 5")
    ran.clear()
    assert run_module(module, seeds=3, out=path, say=lambda text: None) == five
    assert ran == []


def test_a_killed_run_resumes_where_it_was(tmp_path):
    path = tmp_path / "c99_test.json"
    whole, _ = experiment()
    expected = run_module(whole, seeds=3, out=tmp_path / "whole.json", say=lambda text: None)

    def killed(arm, seed, rate):
        if (arm, seed) == ("b", 2):
            raise KeyboardInterrupt
        return whole.measure(arm, seed, rate)

    module, _ = experiment(measure=killed)
    with pytest.raises(KeyboardInterrupt):
        run_module(module, seeds=3, out=path, say=lambda text: None)
    assert len(read(path).rows) == 6
    module, ran = experiment()
    assert run_module(module, seeds=3, out=path, say=lambda text: None).rows == expected.rows
    assert ran == [("b", 2, 0.0), ("a", 3, 0.2)]


@pytest.mark.parametrize(
    ("changes", "why"),
    [({"RULE": ("another", 0.1)}, "rule"), ({"CONFIG": {"length": 8}}, "configuration")],
)
def test_a_changed_experiment_does_not_continue_an_old_record(tmp_path, changes, why):
    path = tmp_path / "c99_test.json"
    run_module(experiment()[0], seeds=1, out=path, say=lambda text: None)
    with pytest.raises(CourseError, match=why):
        run_module(experiment(**changes)[0], seeds=1, out=path, say=lambda text: None)


def test_one_kind_of_device_a_record(tmp_path, monkeypatch):
    path = tmp_path / "c99_test.json"
    run_module(experiment()[0], seeds=1, out=path, say=lambda text: None)
    monkeypatch.setattr(runner, "environment", lambda: {"device": "cuda"})
    with pytest.raises(CourseError, match="device"):
        run_module(experiment()[0], seeds=2, out=path, say=lambda text: None)


def test_experiments_are_known_by_name():
    assert {"c01_bottleneck", "c02_gates", "c03_forgetting", "c21_capacity"} <= {
        *experiments.names()
    }
    with pytest.raises(CourseError, match="c01_bottleneck"):
        experiments.get("c00_none")


@pytest.mark.parametrize("name", experiments.names())
def test_every_experiment_says_what_it_would_decide(name):
    module = experiments.get(name)
    assert module.CLAIM.startswith("C")
    assert len(module.HYPOTHESIS) > 40
    assert module.SMALLEST_EFFECT > 0
    assert module.HYPOTHESIS in module.RULE
    assert module.SMALLEST_EFFECT in module.RULE
    assert module.summary in module.RULE
    assert module.verdict in module.RULE
    assert len({arm.name for arm in module.ARMS}) == len(module.ARMS)


def test_interval_is_the_range_under_five_values_and_student_from_five():
    assert interval([3, 1, 2]) == (2, 1, 3, 3)
    mean, low, high, n = interval([1, 2, 3, 4, 5])
    assert (mean, n) == (3, 5)
    half = 2.7764451 * math.sqrt(2.5 / 5)  # the 97.5% point of Student's t with 4 degrees
    assert (low, high) == pytest.approx((3 - half, 3 + half))
    with pytest.raises(ValueError, match="at least one"):
        interval([])


def test_a_paired_difference_uses_common_seeds_only():
    a, b = {1: 5.0, 2: 7.0, 3: 100.0}, {1: 1.0, 2: 2.0}
    assert paired(a, b) == (4.5, 4, 5, 2)


def test_rows_are_averaged_by_seed_and_incomplete_seeds_left_out():
    rows = [Row("a", 1, 4, "bits", 1.0, 3), Row("a", 1, 8, "bits", 3.0, 3)]
    rows += [Row("a", 2, 4, "bits", 5.0, 3), Row("b", 1, 4, "bits", 9.0, 3)]
    assert rules.by_seed(rows, arm="a", metric="bits") == {1: 2.0, 2: 5.0}
    assert rules.by_seed(rows, arm="a", metric="bits", x=[4, 8]) == {1: 2.0}


def test_the_hash_of_a_rule_follows_its_words_numbers_and_code():
    base = rule_sha256(("h", 0.1, rule_one))
    assert base == rule_sha256(("h", 0.1, rule_one))
    changed = [("g", 0.1, rule_one), ("h", 0.2, rule_one), ("h", 0.1, rule_one_again)]
    assert len({base, *map(rule_sha256, changed)}) == 4


def test_symbols_are_copied_or_reversed():
    made = symbols.of_symbols("reverse", torch.tensor([[4, 5, 6]]))
    assert made.src.tolist() == [[4, 5, 6, 2]]
    assert made.tgt_in.tolist() == [[1, 6, 5, 4]]
    assert made.tgt_out.tolist() == [[6, 5, 4, 2]]
    assert symbols.lists(made) == ([[4, 5, 6]], [[6, 5, 4]])
    assert symbols.of_symbols("copy", torch.tensor([[4, 5]])).tgt_out.tolist() == [[4, 5, 2]]


def test_arms_share_the_data_of_a_seed_and_seeds_differ():
    def first(seed):
        return next(tasks.task("copy").stream(seed, 5)).src.tolist()

    assert first(1) == first(1)
    assert first(1) != first(2)


def test_training_stays_inside_the_trained_lengths():
    stream = tasks.task("reverse").stream(1, 3)
    seen = {next(stream).src.shape[1] - 1 for _ in range(300)}
    assert seen == set(range(tasks.SHORTEST, tasks.LONGEST + 1))


@pytest.mark.parametrize("kind", [k for k, v in lengths.KINDS.items() if not v.wide])
@pytest.mark.parametrize("name", ["c01_bottleneck", "c01_grammar"])
def test_kinds_have_equal_parameters_within_two_percent(name, kind):
    setup = experiments.get(name).SETUP
    size = tasks.task("copy").vocab_size if name == "c01_bottleneck" else 500

    def count(kind):
        width = lengths.width(setup, kind, size)
        return fitting.number_of_parameters(Seq2Seq(lengths.config(setup, kind, size, width)))

    assert count(kind) == pytest.approx(count("attention"), rel=0.02)


@pytest.mark.parametrize("arm", list(c02_gates.CELLS))
def test_gated_and_plain_networks_have_equal_parameters_within_two_percent(arm):
    count = fitting.number_of_parameters(c02_gates.build(arm, 1))
    assert count == pytest.approx(c02_gates.CONFIG["parameters"], rel=0.02)


def test_the_variants_of_a_cell_differ_as_they_say():
    recurrent = c02_gates.build("tanh-orthogonal", 1).rnn.weight_hh_l0
    torch.testing.assert_close(recurrent @ recurrent.mT, torch.eye(len(recurrent)))
    model = c02_gates.build("lstm-forget1", 1)
    width = model.rnn.hidden_size
    bias = (model.rnn.bias_ih_l0 + model.rnn.bias_hh_l0).detach()
    torch.testing.assert_close(bias[width : 2 * width], torch.ones(width))


def test_gradients_of_a_linear_memory_are_known():
    """With weights at zero a tanh network keeps nothing of the input before the last."""
    model = c02_gates.build("tanh", 1)
    torch.nn.init.zeros_(model.rnn.weight_hh_l0)
    found = c02_gates.gradients(model, 1)
    assert found[0] == 0
    assert all(found[d] < -100 for d in c02_gates.CONFIG["distances"][1:])


def test_fit_lowers_a_loss_and_counts_tokens():
    target = torch.nn.Linear(3, 1, bias=False)

    def losses():
        while True:
            yield (target.weight - 2.0).square().mean(), 5

    spent = fitting.fit(target, losses(), updates=200, rate=0.1)
    assert (spent.updates, spent.tokens) == (200, 1000)
    torch.testing.assert_close(target.weight.detach(), torch.full((1, 3), 2.0), atol=0.05, rtol=0)


def test_written_output_is_scored_by_edits_and_exact_matches():
    written = fitting.Written([[4, 5], [6]], [[4, 5], [6, 7]])
    assert written.token_error_rate == 1 / 4
    assert written.exact == 1 / 2


def test_a_probe_reads_what_is_linear_and_nothing_else():
    source = torch.Generator().manual_seed(5)
    labels = torch.randint(3, (400, 2), generator=source)
    vectors = torch.randn(400, 7, generator=source)
    vectors[:, :3] += 5 * torch.nn.functional.one_hot(labels[:, 0], 3)
    clear, lost = probes.probe(vectors[:300], labels[:300], vectors[300:], labels[300:])
    assert clear > 0.95
    assert lost < 0.5


def test_the_experiment_on_length_runs_end_to_end(tmp_path):
    module = experiments.get("c01_bottleneck")
    setup = replace(module.SETUP, updates=2, test_sequences=3)
    arms = lengths.arms(setup, ["copy"], dict.fromkeys(lengths.KINDS, 0.0))
    tiny = SimpleNamespace(
        __name__="c01_bottleneck",
        CLAIM="C1",
        RULE=module.RULE,
        CONFIG={},
        ARMS=arms,
        measure=lambda *args: lengths.measure(setup, *args),
        trial=lambda *args: lengths.trial(setup, *args),
        verdict=module.verdict,
    )
    record = run_module(tiny, seeds=1, out=tmp_path / "c01.json", say=lambda text: None)
    found = record.select(arm="copy.bi-attention", metric="token_error_rate")
    assert [row.x for row in found] == [*setup.inside, *setup.outside]
    assert "copy.difference.low" in module.summary(record.rows)


def test_nothing_is_measured_for_a_record_that_cannot_be_written(tmp_path):
    module, ran = experiment()
    (tmp_path / "file").write_text("")
    with pytest.raises(CourseError, match="cannot be written"):
        run_module(module, seeds=1, out=tmp_path / "file" / "c99.json", say=lambda text: None)
    assert ran == []


@pytest.mark.parametrize("damage", [{"env": {}}, {"command": "x"}, {"command": ""}])
def test_a_record_that_cannot_be_gone_on_with_is_kept_and_named(tmp_path, damage):
    path = tmp_path / "c99_test.json"
    run_module(experiment()[0], seeds=1, out=path, say=lambda text: None)
    path.write_text(json.dumps(json.loads(path.read_text()) | damage))
    before = path.read_text()
    with pytest.raises(CourseError, match=r"c99_test\.json is damaged"):
        run_module(experiment()[0], seeds=2, out=path, say=lambda text: None)
    assert path.read_text() == before
