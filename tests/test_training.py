"""The training loop: schedule, loss, early stopping, and resuming after SIGKILL."""

import json
import math
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F

from course.data.batching import Encoded, collate
from course.errors import CourseError
from course.model_folder import Config, Model, build
from course.models.seq2seq import Seq2Seq, Seq2SeqConfig
from course.models.transformer import TransformerConfig
from course.training import TrainingConfig, checkpoints, evaluate_loss, token_loss, train

MODEL = Seq2SeqConfig(vocab_size=13, d_embed=7, d_model=11, d_attention=5, context="additive")
TRANSFORMER = TransformerConfig(vocab_size=13, d_model=12, num_heads=3, d_ff=7, num_layers=1)
CONFIG = TrainingConfig(max_updates=12, max_tokens=60, eval_every=3, warmup=3, learning_rate=1e-2)


def copies(count: int, seed: int = 0) -> Encoded:
    draw = torch.Generator().manual_seed(seed)
    lengths = torch.randint(2, 9, (count,), generator=draw).tolist()
    rows = [torch.randint(4, 13, (n,), generator=draw).tolist() for n in lengths]
    return Encoded(rows, rows)


def fresh(config: Config = MODEL) -> Model:
    torch.manual_seed(5)
    return build(config)


def run(out=None, config: TrainingConfig = CONFIG, model: Model | None = None):
    return train(model or fresh(), copies(150), copies(20, 1), config, out=out, progress=False)


def test_the_warm_up_schedules_by_hand():
    config = replace(CONFIG, learning_rate=1.0, warmup=4, max_updates=8)
    assert [config.rate(n) for n in (1, 2, 4, 16)] == [0.25, 0.5, 1.0, 0.5]
    linear = replace(config, schedule="linear")
    assert [linear.rate(n) for n in (4, 5, 8)] == [1.0, 0.8, 0.2]
    assert replace(config, schedule="constant").rate(100) == 1.0


def test_token_loss_is_a_sum_over_real_tokens_and_smoothing_is_pytorchs():
    model = fresh().eval()
    batch = collate([[4, 5, 6], [7]], [[6, 5, 4, 4], [8]])
    logits = model(batch.src, batch.src_mask, batch.tgt_in)
    picked = logits.log_softmax(-1).gather(2, batch.tgt_out[..., None])[..., 0]
    by_hand = -(picked * batch.tgt_mask).sum()
    torch.testing.assert_close(token_loss(model, batch), by_hand)
    real = batch.tgt_mask
    smoothed = F.cross_entropy(
        logits[real], batch.tgt_out[real], label_smoothing=0.1, reduction="sum"
    )
    torch.testing.assert_close(token_loss(model, batch, label_smoothing=0.1), smoothed)


def test_evaluate_loss_does_not_depend_on_the_token_budget():
    model = fresh()
    data = copies(40)
    small, large = (evaluate_loss(model, data, max_tokens=n) for n in (20, 2000))
    assert small == pytest.approx(large, rel=1e-5)
    assert model.training


def test_training_learns_and_ends_with_the_best_weights():
    model = fresh()
    config = replace(CONFIG, max_updates=60, eval_every=20)
    before = evaluate_loss(model, copies(20, 1))
    history = run(config=config, model=model)
    assert history.best_loss < before - 0.2
    assert evaluate_loss(model, copies(20, 1)) == pytest.approx(history.best_loss, rel=1e-5)
    assert [row["update"] for row in history.rows] == [20, 40, 60]
    assert all(math.isfinite(value) for row in history.rows for value in row.values())


def test_the_same_seed_gives_the_same_losses_and_leaves_the_callers_randomness_alone():
    torch.manual_seed(3)
    expected = torch.rand(2)
    torch.manual_seed(3)
    model = Seq2Seq(MODEL)
    torch.manual_seed(3)
    first = run(model=model).rows
    assert torch.equal(torch.rand(2), expected)
    second = run(model=fresh()).rows
    third = run(model=fresh()).rows
    losses = [[row["valid_loss"] for row in rows] for rows in (first, second, third)]
    assert losses[1] == losses[2] != losses[0]
    other = run(model=fresh(), config=replace(CONFIG, seed=2)).rows
    assert [row["valid_loss"] for row in other] != losses[1]


def test_patience_stops_early():
    # A rate of zero never improves after the first validation.
    config = replace(CONFIG, learning_rate=0.0, patience=2, max_updates=100)
    history = run(config=config)
    assert [row["update"] for row in history.rows] == [3, 6, 9]
    assert history.best_update == 3


def test_clipping_bounds_the_gradient(monkeypatch):
    norms = []
    step = torch.optim.Adam.step

    def spy(self, *args, **kwargs):
        grads = [p.grad.norm() for group in self.param_groups for p in group["params"]]
        norms.append(float(torch.stack(grads).norm()))
        return step(self, *args, **kwargs)

    monkeypatch.setattr(torch.optim.Adam, "step", spy)
    run(config=replace(CONFIG, clip_norm=0.05, max_updates=3))
    assert norms and max(norms) <= 0.05 * (1 + 1e-4)


def test_a_run_with_another_configuration_is_refused_by_name(tmp_path):
    run(tmp_path, replace(CONFIG, max_updates=3))
    assert (tmp_path / checkpoints.FILE).stat().st_mode & 0o777 == 0o644
    with pytest.raises(CourseError, match="learning_rate was 0.01, now 0.02"):
        run(tmp_path, replace(CONFIG, learning_rate=0.02))
    with pytest.raises(CourseError, match="another model"):
        run(tmp_path, model=fresh(replace(MODEL, d_model=13)))


def test_a_damaged_checkpoint_is_refused(tmp_path):
    (tmp_path / checkpoints.FILE).write_bytes(b"not a checkpoint at all")
    with pytest.raises(CourseError, match="not a checkpoint"):
        run(tmp_path)


def test_a_finished_run_can_be_extended_to_what_a_longer_one_gives(tmp_path):
    whole = run(config=CONFIG)
    run(tmp_path, replace(CONFIG, max_updates=6))
    extended = run(tmp_path, CONFIG)
    assert losses(extended.rows) == losses(whole.rows)


def test_a_paused_run_follows_the_schedule_of_the_whole_and_goes_on_from_there(tmp_path):
    config = replace(CONFIG, schedule="linear", eval_every=3, max_updates=9)
    whole = run(config=config)
    paused = train(
        fresh(), copies(150), copies(20, 1), config, out=tmp_path, until=6, progress=False
    )
    assert losses(paused.rows) == losses(whole.rows[:2])
    assert losses(run(tmp_path, config).rows) == losses(whole.rows)


def losses(rows):
    return [(row["update"], row["loss"], row["valid_loss"]) for row in rows]


VICTIM = """
import sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[2])
import test_training as t
save = t.checkpoints.save
def slow(*args, **kwargs):  # so that the signal can also fall in the middle of a checkpoint
    save(*args, **kwargs)
    time.sleep(0.02)
t.checkpoints.save = slow
t.torch.set_num_threads(1)
model = t.fresh(getattr(t, sys.argv[3]))
t.run(Path(sys.argv[1]), t.replace(t.CONFIG, max_updates=60, eval_every=2), model)
"""


@pytest.mark.parametrize(("name", "wanted"), [("MODEL", 2), ("MODEL", 5), ("TRANSFORMER", 3)])
def test_killed_at_any_moment_it_continues_to_the_same_losses(tmp_path, name, wanted):
    config = replace(CONFIG, max_updates=60, eval_every=2)
    expected = run(config=config, model=fresh(globals()[name]))
    out = tmp_path / "run"
    command = [sys.executable, "-c", VICTIM, str(out), os.path.dirname(__file__), name]
    victim = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    log = out / checkpoints.LOG
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and victim.poll() is None:
        if log.exists() and len(log.read_text().splitlines()) >= wanted:
            break
        time.sleep(0.001)
    victim.send_signal(signal.SIGKILL)
    _, errors = victim.communicate()
    assert victim.returncode == -signal.SIGKILL, errors.decode()
    assert len(log.read_text().splitlines()) < len(expected.rows), "it was to be killed half-way"
    resumed = run(out, config, fresh(globals()[name]))
    assert losses(resumed.rows) == losses(expected.rows)
    assert losses([json.loads(line) for line in log.read_text().splitlines()]) == losses(
        expected.rows
    )
    assert not list(out.glob(".*.tmp"))


def test_nothing_half_written_when_writing_fails(tmp_path):
    target = tmp_path / "file.txt"
    target.write_text("old")

    def fail(path):
        path.write_text("half")
        raise OSError("disk full")

    with pytest.raises(CourseError, match="file.txt cannot be written .disk full."):
        checkpoints.replace_file(target, fail)
    assert target.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["file.txt"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("max_updates", 0),
        ("max_tokens", 0),
        ("eval_every", 0),
        ("warmup", -1),
        ("patience", -1),
        ("learning_rate", math.nan),
        ("learning_rate", math.inf),
        ("learning_rate", -1.0),
        ("clip_norm", 0.0),
        ("label_smoothing", 1.0),
        ("label_smoothing", math.nan),
        ("seed", 2**63),
    ],
)
def test_settings_out_of_range_are_refused(name, value):
    with pytest.raises(CourseError, match=f"^{name} must be"):
        replace(CONFIG, **{name: value})


def test_training_that_diverges_says_so_and_writes_nothing(tmp_path):
    model = fresh()
    with torch.no_grad():
        model.output_bias.fill_(math.nan)
    with pytest.raises(CourseError, match="diverged: after 3 updates .* below 0.01"):
        run(tmp_path, model=model)
    assert list(tmp_path.iterdir()) == []
