"""Training on several processes: the losses of one, whoever began it, and one voice.

Each start of two processes costs seconds, so a single one runs all scenarios of
`several_processes.py`. None of these tests needs a GPU: the processes talk by Gloo.
"""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

import several_processes as several
from course import processes, zoo
from course.cli import app
from course.errors import CourseError
from course.training import checkpoints
from several_processes import CONFIG, SHARDED, SINGLE, run
from test_training import losses as losses_of

HERE = Path(__file__).resolve().parent
pytestmark = pytest.mark.timeout(300)


def start(*command, timeout: int = 280) -> subprocess.CompletedProcess:
    """Run a Python command line to its end, without the environment of this test run's tools."""
    env = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "OMP_NUM_THREADS": "1"}
    found = [sys.executable, *map(str, command)]
    return subprocess.run(found, env=env, capture_output=True, text=True, timeout=timeout)


def torchrun(*command, **more) -> subprocess.CompletedProcess:
    launcher = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node", 2)
    return start(*launcher, *command, **more)


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    """What two processes found, each of them the same; and the folder of their runs."""
    folder = tmp_path_factory.mktemp("runs")
    run("transformer", CONFIG, folder / "from-one", until=4)
    run("language", CONFIG, folder / "sharded-from-one", until=4)
    found = torchrun(HERE / "several_processes.py", folder / "results.json", folder)
    assert (folder / "results.json").exists(), found.stderr
    return json.loads((folder / "results.json").read_text("utf-8")), folder, found


def log_of(folder: Path) -> list[dict]:
    return [json.loads(line) for line in (folder / checkpoints.LOG).read_text("utf-8").splitlines()]


def close(found, expected, rel=1e-5):
    assert [row[:2] for row in found["losses"]] == [row[:2] for row in expected["losses"]]
    for mine, theirs in zip(found["losses"], expected["losses"], strict=True):
        assert mine[2:] == pytest.approx(theirs[2:], rel=rel)
    assert found["left"] == pytest.approx(expected["left"], rel=rel)
    if rel < 1e-4:  # what is left is the best; in mixed precision it was measured less exactly
        assert found["left"] == pytest.approx(min(row[3] for row in found["losses"]), rel=rel)


@pytest.mark.parametrize("name", [*several.MODELS])
def test_two_processes_give_the_losses_of_one(two, name):
    assert two[0]["count"] == 2
    close(two[0][name], run(name))


def test_so_they_do_where_each_batch_has_fewer_rows_than_there_are_processes(two):
    one = run("transformer", SINGLE)
    close(two[0]["single rows"], one)
    assert one["losses"] != run("transformer")["losses"]


def test_so_they_do_in_mixed_precision_within_its_rounding(two):
    close(two[0]["bf16"], run("transformer", replace(CONFIG, precision="bf16")), rel=3e-2)
    close(two[0]["bf16"], two[0]["transformer"], rel=3e-2)
    assert two[0]["bf16"] != two[0]["transformer"]


def test_a_run_goes_on_with_another_number_of_processes(two):
    results, folder, _ = two
    whole = run("transformer")
    close(results["from one"], whole)
    assert len(results["from two"]["losses"]) == 2
    close(run("transformer", CONFIG, folder / "from-two"), whole)


def test_each_process_drops_units_of_its_own_in_each_update(two):
    seeds = [seed for one in two[0]["seeds"] for seed in one]
    assert len(set(seeds)) == len(seeds) == 2 * 3


def test_sharded_training_gives_the_losses_of_one_process_with_half_of_the_weights_each(two):
    assert two[0]["share of weights"] == 0.5
    close(two[0]["sharded"], run("language"))
    close(two[0]["sharded bf16"], run("language"), rel=3e-2)


def test_a_sharded_run_goes_on_unsharded_and_the_other_way_round(two):
    results, folder, _ = two
    whole = run("language")
    close(results["sharded from one"], whole)
    assert len(results["sharded from two"]["losses"]) == 2
    close(run("language", CONFIG, folder / "sharded-from-two"), whole)


def test_what_sharding_cannot_do_is_said(two):
    assert two[0]["not shardable"].startswith("Only a decoder-only language model")
    with pytest.raises(CourseError, match="Only a decoder-only"):
        run("transformer", SHARDED)
    with pytest.raises(CourseError, match="bf16 or no, not fp16"):
        replace(SHARDED, precision="fp16")


def test_work_is_shared_and_put_together_in_order(two):
    assert two[0]["shared"] == [0, 1, 4, 9, 16, 25, 36]
    assert two[0]["fewer items"] == [9]
    assert two[0]["spread"] == [[0.0] * 3] * 2  # the main process's number
    assert two[0]["mistake"] == "There is no room."


def test_a_killed_process_ends_the_run_in_one_sentence_at_once(two):
    _, folder, found = two
    assert found.returncode != 0 and "Signal 9 (SIGKILL)" in found.stderr
    # torchrun ends the other process as soon as it sees it, which may be before it has spoken
    said = folder / "results.said"
    assert not said.exists() or said.read_text("utf-8").startswith("Another process of this run")


def test_two_processes_write_each_file_once(two):
    folder = two[1]
    assert {path.name for path in (folder / "from-one").iterdir()} == {
        checkpoints.FILE,
        checkpoints.LOG,
    }
    assert [row["update"] for row in log_of(folder / "from-one")] == [2, 4, 6]


def test_one_process_needs_no_launcher():
    assert (processes.count(), processes.number(), processes.is_main()) == (1, 0, True)
    assert processes.share([2, 3], lambda items: [item + 1 for item in items]) == [3, 4]
    assert processes.total(1, 2.5) == (1, 2.5)
    with pytest.raises(CourseError, match="no room"):
        processes.on_main(several.fail_to_write)


def test_more_processes_than_gpus_are_refused(monkeypatch):
    monkeypatch.setenv("LOCAL_RANK", "1")
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "3")
    for device, words in (("cuda", "3 processes here and only 0 GPUs"), ("cuda:1", "its own GPU")):
        monkeypatch.setattr(
            processes, "default_device", lambda name=device: several.torch.device(name)
        )
        with pytest.raises(CourseError, match=words):
            processes.join()


def test_another_precision_follows_in_the_same_process():
    exact = run("transformer")
    rough = run("transformer", replace(CONFIG, precision="bf16"))
    close(rough, exact, rel=3e-2)
    assert rough != exact and run("transformer") == exact


COMPILED = """
import functools, json, several_processes as several
several.torch.set_num_threads(1)
# all of the compiler but the last step, which takes half a minute of a core
several.torch.compile = functools.partial(several.torch.compile, backend="aot_eager")
print(json.dumps(several.run("language", several.replace(several.CONFIG, compiled=True))))
print(several.torch._dynamo.utils.counters["stats"]["unique_graphs"])
"""


def test_compiled_training_gives_the_same_losses():
    # in a process of its own, since a type-checked function can't be compiled
    found = start("-c", COMPILED)
    assert found.returncode == 0, found.stderr
    result, graphs = found.stdout.splitlines()
    close(json.loads(result), run("language"))
    assert 1 <= int(graphs) <= 3  # learning and validating, whatever the lengths


# --- the command line and a notebook


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("text")
    words = "the car is blue and the old house was small".split()
    pairs = [(f"{a} {b} {c}", f"{c} {b} {a}") for a in words for b in words for c in words[:3]]
    for name, side in (("src", 0), ("tgt", 1)):
        (folder / name).write_text("".join(pair[side] + "\n" for pair in pairs), "utf-8")
        (folder / f"v{name}").write_text("".join(p[side] + "\n" for p in pairs[:7]), "utf-8")
    return folder


def translating(files, out):
    return [
        *("train", "--train-src", files / "src", "--train-tgt", files / "tgt"),
        *("--valid-src", files / "vsrc", "--valid-tgt", files / "vtgt", "--out", out),
        *("--model", "transformer", "--vocab-size", 280, "--d-model", 12, "--num-heads", 3),
        *("--d-ff", 7, "--num-layers", 1, "--dropout", 0, "--updates", 4, "--eval-every", 2),
    ]


def test_course_train_on_two_processes_trains_as_on_one_and_speaks_once(files, tmp_path):
    found = torchrun("-m", "course", *translating(files, tmp_path / "two"))
    assert found.returncode == 0, found.stderr
    assert found.stdout.count("best after") == found.stdout.count("valid: BLEU") == 1
    assert found.stderr.count("updates on 2 processes") == 1
    alone = CliRunner().invoke(app, [*map(str, translating(files, tmp_path / "one"))])
    assert alone.exit_code == 0, alone.output
    logs = [log_of(tmp_path / name) for name in ("two", "one")]
    for two, one in zip(*map(losses_of, logs), strict=True):
        assert two == pytest.approx(one, rel=1e-5)
    cards = [zoo.load(tmp_path / name).card for name in ("two", "one")]
    assert [card["processes"] for card in cards] == [2, 1]
    assert cards[0]["valid"]["bleu"] == pytest.approx(cards[1]["valid"]["bleu"])
    assert not [path.name for path in (tmp_path / "two").iterdir() if path.name.startswith(".")]


def test_a_mistake_of_all_processes_is_told_once(files):
    found = torchrun("-m", "course", *translating(files, files))  # the folder holds other things
    assert found.returncode != 0 and found.stdout == ""
    assert found.stderr.count("course: ") == 1
    assert f"course: {files} holds other things" in found.stderr
    assert "in invoke" not in found.stderr  # no traceback of ours beside the launcher's


NOTEBOOK = """
import socket, sys
from pathlib import Path
from accelerate import notebook_launcher
import several_processes as several
from course import processes

several.run("transformer")  # a notebook may have trained before

def cell(folder):
    processes.join()
    several.run("transformer", out=folder)
    (folder / f"{processes.number()} of {processes.count()}").touch()

with socket.create_server(("127.0.0.1", 0)) as free:
    port = str(free.getsockname()[1])
notebook_launcher(cell, (Path(sys.argv[1]),), num_processes=2, use_port=port)
"""


def test_a_notebook_starts_two_processes(tmp_path):
    (tmp_path / "notebook.py").write_text(NOTEBOOK, "utf-8")
    found = start(tmp_path / "notebook.py", tmp_path / "run")
    assert found.returncode == 0, found.stderr
    assert {path.name for path in (tmp_path / "run").glob("* of *")} == {"0 of 2", "1 of 2"}
    for row, expected in zip(log_of(tmp_path / "run"), run("transformer")["losses"], strict=True):
        assert row["valid_loss"] == pytest.approx(expected[3], rel=1e-5)
