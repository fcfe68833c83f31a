"""The command line: what it prints, where, and with which exit code."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from unittest.mock import Mock

import pytest
import torch
from typer.testing import CliRunner

from course import decoding, experiments, metrics, runtime, zoo
from course.cli import app
from course.cli.alignment_table import print_alignment
from course.cli.train import train
from course.data.tokenizer import Tokenizer
from course.errors import CourseError
from course.model_folder import build, read_config
from course.models.seq2seq import Seq2SeqConfig
from course.models.transformer import TransformerConfig
from course.training import TrainingConfig

SRC = ["The car is blue.", "The house is red.", "A blue car!", "Is the house blue?"]
TGT = [
    "La voiture est bleue.",
    "La maison est rouge.",
    "Une voiture bleue !",
    "La maison est-elle bleue ?",
]
TINY = ["--d-model", "6", "--vocab-size", "280", "--warmup", "0"]


def course(*arguments, stdin=None):
    """Run a command; stdout, stderr and exit code come back."""
    return CliRunner().invoke(app, [str(each) for each in arguments], input=stdin)


def sentence_of_mistake(result) -> str:
    """The one line that a user's mistake is told in."""
    assert result.exit_code == 2 and result.stdout == "", (result.output, result.exception)
    assert result.stderr.startswith("course: ") and result.stderr.count("\n") == 1, result.stderr
    assert "Traceback" not in result.stderr
    return result.stderr


@pytest.fixture(scope="module")
def translators(tmp_path_factory):
    """Untrained translators in folders: `with` and `without` attention, and a `transformer`."""
    tokenizer = Tokenizer.train(SRC + TGT, vocab_size=300)
    root = tmp_path_factory.mktemp("translators")
    recurrent = Seq2SeqConfig(vocab_size=len(tokenizer), d_embed=7, d_model=6, context="additive")
    configs = {
        "with": recurrent,
        "without": replace(recurrent, context="every_step"),
        "transformer": TransformerConfig(
            vocab_size=len(tokenizer), d_model=6, num_heads=3, d_ff=7, num_layers=2
        ),
    }
    for name, config in configs.items():
        torch.manual_seed(5)
        zoo.save(build(config), root / name)
        tokenizer.save(root / name / "tokenizer.json")
        card = {"data": "own.en", "src": "en", "tgt": "fr"}
        (root / name / "card.json").write_text(json.dumps(card), "utf-8")
    return root


@pytest.fixture
def files(tmp_path):
    """Line-aligned text files."""
    for name, lines in (("src", SRC), ("tgt", TGT)):
        (tmp_path / name).write_text("".join(line + "\n" for line in lines), "utf-8")
    return tmp_path


def expected(translators, texts, *, name="with", **arguments):
    model = zoo.load(translators / name)
    return decoding.translate(model.model, model.tokenizer, texts, **arguments)


# --- the whole


def test_help_and_version():
    result = course("--help")
    assert result.exit_code == 0
    for name in ("translate", "train", "evaluate", "experiment", "data", "doctor"):
        assert re.search(rf"\b{name}\b", result.stdout)
    assert re.fullmatch(r"course \d+\.\d+\.\d+\n", course("--version").stdout)
    assert "Usage" in course().output
    assert course("no-such-command").exit_code == 2


def test_python_m_course_and_quick_help():
    run = [sys.executable, "-m", "course", "--version"]
    result = subprocess.run(run, capture_output=True, text=True, check=True)
    assert result.stdout.startswith("course ")
    slow = "import sys, course.cli; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", slow]).returncode == 0


def _wait_until_idle(pid: int) -> None:
    """Return once a process has used no processor time for two seconds."""
    stat, spent = Path(f"/proc/{pid}/stat"), []
    while len(spent) < 3 or len(set(spent[-3:])) > 1:
        time.sleep(1)
        spent.append(" ".join(stat.read_text().split()[13:15]) if stat.exists() else "unknown")


def test_ctrl_c_exits_with_130_and_without_traceback(translators):
    run = [sys.executable, "-m", "course", "translate", "--model", str(translators / "with")]
    process = subprocess.Popen(
        run,
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        # a shell that runs the tests in the background has told its children to ignore Ctrl-C
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    _wait_until_idle(process.pid)  # it waits for its standard input then
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=120)
    assert (process.returncode, stdout, stderr) == (130, "", "course: interrupted\n")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_full_disk_is_told_in_one_sentence():
    run = [sys.executable, "-m", "course", "data", "list"]
    with open("/dev/full", "w") as full:
        result = subprocess.run(run, stdout=full, stderr=subprocess.PIPE, text=True)
    assert result.returncode == 2 and result.stderr.count("\n") == 1
    assert "No space left" in result.stderr and result.stderr.startswith("course: The output")


def test_a_closed_pipe_is_no_error_worth_a_word():
    run = [sys.executable, "-m", "course", "data", "list"]
    process = subprocess.Popen(run, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    process.stdout.close()
    assert process.stderr.read() == "" and process.wait() == 1
    process.stderr.close()


def test_a_mistake_of_the_course_itself_keeps_its_traceback(monkeypatch):
    monkeypatch.setattr(zoo, "load", lambda name: 1 / 0)
    result = course("translate", "a")
    assert isinstance(result.exception, ZeroDivisionError)


def test_want_of_memory_is_told_in_one_sentence(monkeypatch):
    cpu = "[enforce fail at alloc_cpu.cpp:127] err == 0. DefaultCPUAllocator: can't allocate memory"
    for error in (RuntimeError(cpu), MemoryError(), torch.OutOfMemoryError("CUDA")):
        monkeypatch.setattr(zoo, "load", Mock(side_effect=error))
        assert "not enough memory" in sentence_of_mistake(course("translate", "a"))
    monkeypatch.setattr(zoo, "load", Mock(side_effect=RuntimeError("another")))
    assert isinstance(course("translate", "a").exception, RuntimeError)


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_no_character_ends_a_command(encoding, translators):
    run = [sys.executable, "-m", "course", "translate", "--model", translators / "with"]
    text = os.fsdecode("Ω œuvre \udcff".encode("utf-8", "surrogateescape"))
    result = subprocess.run(
        [*run, text, "--beam", "1", "--attention"],
        env=os.environ | {"PYTHONIOENCODING": encoding},
        capture_output=True,
    )
    assert result.returncode == 0 and b"Error" not in result.stderr, result.stderr
    assert (("Ω" if encoding != "latin-1" else "?") + " ").encode() in result.stdout


# --- translate


def test_translate_a_text(translators):
    result = course("translate", SRC[0], "--model", translators / "with", "--beam", 2)
    ((best, *_),) = expected(translators, SRC[:1], beam=2)
    assert result.exit_code == 0 and result.stdout == best.text + "\n"
    assert ("cut off" in result.stderr) is not best.finished


@pytest.mark.parametrize("source", ["pipe", "file"])
def test_translate_one_line_out_for_each_line_in(translators, tmp_path, source):
    lines = [SRC[0], "", SRC[1]]
    text = "\n".join(lines) + "\n"
    arguments = ["translate", "--model", translators / "with", "--beam", 1]
    if source == "file":
        (tmp_path / "in").write_text(text, "utf-8")
        result = course(*arguments, "--file", tmp_path / "in")
    else:
        result = course(*arguments, stdin=text)
    found = expected(translators, lines, beam=1)
    assert result.stdout == "".join(best.text + "\n" for best, *_ in found)
    assert result.stdout.split("\n")[1] == ""


def test_translate_n_best(translators):
    model = ["--model", translators / "with", "--n-best", 3]
    (found,) = expected(translators, SRC[:1], beam=5, n_best=3)
    lines = [f"{each.score:.3f}\t{each.text}\n" for each in found]
    assert course("translate", SRC[0], *model).stdout == "".join(lines)
    several = course("translate", *model, stdin=f"{SRC[0]}\n{SRC[1]}\n").stdout.splitlines(True)
    assert several[:3] == [f"1\t{line}" for line in lines] and several[3].startswith("2\t")
    assert course("translate", SRC[0], *model, "--beam", 1).exit_code == 0  # as wide as needed


def test_translate_shows_attention(translators):
    result = course("translate", SRC[0], "--model", translators / "with", "--attention")
    ((best, *_),) = expected(translators, SRC[:1])
    text, *table = result.stdout.splitlines()
    assert text == best.text and "\x1b" not in result.stdout
    assert table[0].split() == SRC[0].split()
    assert all(len(line) <= 80 for line in table)
    without = course("translate", SRC[0], "--model", translators / "without", "--attention")
    assert "no attention" in sentence_of_mistake(without)


def test_translate_shows_the_mean_of_a_transformers_layers_and_heads(translators, monkeypatch):
    shown = []
    monkeypatch.setattr(
        "course.cli.alignment_table.print_alignment", lambda *found: shown.append(found)
    )
    course("translate", SRC[0], "--model", translators / "transformer", "--attention")
    ((best, *_),) = expected(translators, SRC[:1], name="transformer", return_weights=True)
    weights = best.hypothesis.weights
    assert weights.shape[1:3] == (2, 3) and weights.std(dim=(1, 2)).max() > 1e-3
    each = [
        metrics.word_weights(weights[:, layer, head], best.src_words, best.tgt_words)
        for layer in range(2)
        for head in range(3)
    ]
    ((src, tgt, table),) = shown
    assert src == SRC[0].split() and tgt == best.text.split()
    torch.testing.assert_close(torch.tensor(table), torch.stack(each).mean(0))


@pytest.mark.parametrize(
    ("arguments", "stdin", "words"),
    [
        ([""], None, "text is empty"),
        (["  \n "], None, "text is empty"),
        ([], "", "Standard input is empty"),
        ([], b"caf\xe9\n", "not UTF-8: line 1"),
        (["--file", "nowhere.txt"], None, "no file nowhere.txt"),
        (["--file", "."], None, "directory"),
        (["a", "--file", "x"], None, "not both"),
        (["a", "--beam", "0"], None, "beam"),
        (["a", "--n-best", "0"], None, "n_best"),
        (["a", "--model", "no-such"], None, "'no-such'"),
        (["a", "--device", "abacus"], None, "'abacus'"),
        (["a", "--device", "meta"], None, "'meta'"),
    ],
)
def test_translate_mistakes(translators, arguments, stdin, words):
    if "--model" not in arguments:
        arguments = [*arguments, "--model", translators / "with"]
    assert words in sentence_of_mistake(course("translate", *arguments, stdin=stdin))


@pytest.mark.parametrize("option", ["--beam", "--n-best"])
def test_a_beam_that_would_take_all_memory_is_refused(translators, option):
    result = course("translate", "a", option, 1001, "--model", translators / "with")
    assert result.exit_code == 2 and "1000" in result.stderr and not result.stdout


def test_translate_without_any_text_does_not_wait_at_a_terminal(monkeypatch):
    class Terminal:
        def isatty(self):
            return True

    from course.cli.translate import _lines

    monkeypatch.setattr("sys.stdin", Terminal())
    with pytest.raises(CourseError, match="nothing to translate"):
        _lines(None, None)


def test_alignment_table_by_hand(capsys):
    print_alignment(["blue", "car"], ["voiture", "bleue"], [[0.3, 0.69], [0.92, 0.004]])
    assert capsys.readouterr().out.splitlines()[:3] == [
        "        blue  car",
        "voiture  30   69*",
        "bleue    92*   · ",
    ]


def test_a_wide_alignment_table_goes_on_below(capsys):
    src = [f"word{i}" for i in range(20)] + ["incomprehensibilities"]
    weights = [[1 / 32] * 20 + [0.375], [0.0] * 20 + [1.0]]
    print_alignment(src, ["un", "deux"], weights)
    lines = capsys.readouterr().out.splitlines()
    assert all(len(line) <= 80 for line in lines)
    headers = [line.split() for line in lines[:-1] if line.startswith(" ")]
    assert len(headers) == 2 and sum(headers, []) == [*src[:20], "incomprehensi…"]
    stars = [line for line in lines[:-1] if "*" in line]
    assert [line.split()[-1] for line in stars] == ["38*", "100*"]


# --- evaluate


def test_evaluate_own_files(translators, files):
    result = course(
        "evaluate", translators / "with", "--src-file", files / "src", "--ref-file", files / "tgt",
        "--ref-file", files / "src", "--output", files / "out", "--beam", 2, "--lowercase",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    outputs = (files / "out").read_text("utf-8").split("\n")
    assert outputs == [best.text for best, *_ in expected(translators, SRC, beam=2)] + [""]
    refs = list(zip(TGT, SRC, strict=True))
    for score in (metrics.bleu, metrics.chrf):
        found = score(outputs[:-1], refs, lowercase=True)
        assert f"{found.value:5.2f}" in result.stdout and found.signature in result.stdout
    assert "nrefs:2|case:lc" in result.stdout and "4 sentences, beam 2" in result.stdout


def test_evaluate_one_sentence_has_a_score_and_no_interval(translators, tmp_path):
    (tmp_path / "src").write_text(SRC[0] + "\n", "utf-8")
    (tmp_path / "tgt").write_text(TGT[0] + "\n", "utf-8")
    own = ("--src-file", tmp_path / "src", "--ref-file", tmp_path / "tgt")
    result = course("evaluate", translators / "with", *own)
    assert result.exit_code == 0 and "one sentence, so no interval" in result.stdout


def test_evaluate_mistakes(translators, files):
    model = translators / "with"
    (files / "short").write_text("one\n", "utf-8")
    cases = [
        ([], "not trained on a corpus of the course"),
        (["--corpus", "no-such"], "no corpus 'no-such'"),
        (["--src-file", files / "src"], "both --src-file and --ref-file"),
        (["--src-file", files / "src", "--ref-file", files / "short"], "4 lines .* 1;"),
        (["--src-file", files / "no", "--ref-file", files / "tgt"], "no file"),
        (["--src-file", files / "src", "--corpus", "grammar"], "not both"),
        (["--output", files], "cannot be written"),
        (["--output", files / "no" / "where"], "cannot be written"),
        (
            ["--src-file", files / "src", "--ref-file", files / "tgt", "--output", files / "tgt"],
            "tgt is one of the files to read",
        ),
    ]
    for arguments, words in cases:
        assert re.search(words, sentence_of_mistake(course("evaluate", model, *arguments)))
    assert course("evaluate", model, "--split", "train").exit_code == 2
    assert (files / "tgt").read_text("utf-8").splitlines() == TGT


@pytest.mark.skipif(not os.path.exists("/dev/stdout"), reason="needs /dev/stdout")
def test_evaluate_writes_whole_files_or_to_what_is_no_file(translators, files, monkeypatch):
    sides = ("--src-file", files / "src", "--ref-file", files / "tgt", "--beam", 1)
    (files / "out").write_text("before")
    monkeypatch.setattr(os, "fsync", Mock(side_effect=OSError(28, "No space left on device")))
    result = course("evaluate", translators / "with", *sides, "--output", files / "out")
    assert "No space left" in sentence_of_mistake(result)
    assert (files / "out").read_text() == "before"
    assert course("evaluate", translators / "with", *sides, "--output", os.devnull).exit_code == 0
    assert not os.path.isfile(os.devnull)


# --- train


def own(files):
    return [
        "--train-src", files / "src", "--train-tgt", files / "tgt",
        "--valid-src", files / "src", "--valid-tgt", files / "tgt",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "sizes", "context", "other"),
    [
        ("gru", ["--d-embed", 7], "every_step", ("--cell", "tanh", "cell was gru, now tanh")),
        ("transformer", ["--num-heads", 3, "--d-ff", 7], None,
         ("--num-heads", 2, "num_heads was 3, now 2")),
    ],
)  # fmt: skip
def test_train_on_own_files_resume_translate_and_evaluate(files, name, sizes, context, other):
    out = files / "made"
    command = ["train", *own(files), "--out", out, *TINY, *sizes, "--model", name]
    command += ["--eval-every", 2]
    first = course(*command, "--updates", 2)
    assert first.exit_code == 0, (first.output, first.exception)
    assert "validation loss" in first.stdout and "valid: BLEU" in first.stdout
    log = (out / "log.jsonl").read_text("utf-8")
    again = course(*command, "--updates", 4)
    assert again.exit_code == 0, (again.output, again.exception)
    resumed = (out / "log.jsonl").read_text("utf-8")
    assert resumed.startswith(log) and [
        json.loads(row)["update"] for row in resumed.split("\n")[:-1]
    ] == [2, 4]
    card = json.loads((out / "card.json").read_text("utf-8"))
    assert card["command"].startswith("course train --train-src ") and card["updates"] == 4
    config = read_config(out)
    assert config.d_model == 6 and getattr(config, "context", None) == context
    for option, value in zip(sizes[::2], sizes[1::2], strict=True):
        assert getattr(config, option[2:].replace("-", "_")) == value
    assert course("translate", SRC[0], "--model", out).exit_code == 0
    scored = ["--src-file", files / "src", "--ref-file", files / "tgt"]
    assert f"BLEU  {card['valid']['bleu']:5.2f}" in course("evaluate", out, *scored).stdout
    for changed, words in (
        (["--learning-rate", "0.1"], "learning_rate was 0.002, now 0.1"),
        (["--vocab-size", "270"], "another vocabulary"),
        (["--d-model", "12"], "another model (d_model was 6, now 12)"),
        (["--dropout", "0.3"], "another model (dropout was 0.1, now 0.3)"),
        ([*other[:2]], other[2]),
    ):
        result = course(*command, "--updates", 4, *changed)
        assert result.exit_code == 2 and words in result.stderr, result.output
    assert read_config(out) == config


def test_a_folder_of_one_kind_of_model_is_not_gone_on_with_as_another(files):
    command = ["train", *own(files), "--out", files / "made", *TINY, "--updates", 1]
    assert course(*command, "--model", "transformer", "--num-heads", 3).exit_code == 0
    result = course(*command, "--model", "gru")
    assert "model was Transformer, now Seq2Seq" in result.stderr and result.exit_code == 2


@pytest.mark.parametrize("name", [*zoo.PRESETS])
def test_every_preset_can_be_trained_and_used(files, name):
    out = files / name
    command = ["train", *own(files), "--out", out, *TINY, "--d-model", 8, "--model", name]
    assert course(*command, "--updates", 1).exit_code == 0
    config, vocabulary = read_config(out), len(zoo.load(out).tokenizer)
    assert config == replace(zoo.PRESETS[name], vocab_size=vocabulary, d_model=8)
    assert course("translate", "--model", out, "the car", "--beam", 2).exit_code == 0


def test_train_mixes_in_sentences_of_the_grammar(files):
    out = files / "mixed"
    command = ["train", *own(files), "--out", out, *TINY, "--updates", 1]
    assert course(*command, "--grammar-share", 0.5).exit_code == 0
    card = json.loads((out / "card.json").read_text("utf-8"))
    assert card["grammar_share"] == 0.5 and card["grammar_words"] == [3, 12]
    german = course(*command, "--tgt", "de", "--out", files / "german", "--grammar-share", 0.5)
    assert german.exit_code == 2 and "English and French, not en and de" in german.stderr
    assert not (files / "german").exists()


def test_train_counts_epochs(files):
    # 4 pairs, one batch an epoch
    command = ["train", *own(files), "--out", files / "made", *TINY, "--eval-every", 1]
    assert course(*command, "--epochs", 3).exit_code == 0
    assert len((files / "made" / "log.jsonl").read_text("utf-8").splitlines()) == 3


def test_train_mistakes(files):
    (files / "short").write_text("one\n", "utf-8")
    (files / "latin").write_bytes(b"ok\ncaf\xe9\n")
    out = files / "new"
    train_files, short = own(files), ["--train-src", files / "short", *own(files)[2:]]
    transformer = ["--model", "transformer"]
    cases = [
        ([], out, "Give a corpus (grammar"),
        (["no-such"], out, "no corpus 'no-such'"),
        (["tatoeba", "--tgt", "de"], out, "not from en to de"),
        (["grammar", *train_files], out, "not both"),
        (train_files[:4], out, "four files"),
        (short, out, "1 lines"),
        (["--train-src", files / "latin", *train_files[2:]], out, "line 2"),
        (["--train-src", files, *train_files[2:]], out, "directory"),
        (["--train-src", files / "none", *train_files[2:]], out, "no file"),
        (train_files, files / "src", "is a file"),
        (train_files, files / ("long" * 99), "cannot be a folder"),
        (train_files, files, "other things"),
        ([*train_files, "--updates", 1, "--epochs", 1], out, "not both"),
        ([*train_files, "--epochs", 0], out, "above 0"),
        ([*train_files, "--epochs", "nan"], out, "above 0"),
        ([*train_files, "--epochs", "inf"], out, "above 0"),
        ([*train_files, "--learning-rate", "nan"], out, "learning_rate"),
        ([*train_files, "--seed", 10**30], out, "seed"),
        ([*train_files, "--d-model", 7], out, "odd"),
        ([*train_files, "--num-heads", 2], out, "--num-heads is no setting of bahdanau, which has"),
        (
            [*train_files, *transformer, "--cell", "lstm"],
            out,
            "--cell is no setting of transformer, which has --d-model, --num-layers, --dropout, "
            "--num-heads, --d-ff.",
        ),
        ([*train_files, *transformer, "--num-heads", 3], out, "3 heads cannot share"),
        ([*train_files, "--device", "abacus"], out, "abacus"),
        ([*train_files, "--sharded"], out, "--sharded is for --model language-model"),
        (
            [*train_files, "--model", "luong", "--context", "initial"],
            out,
            "--context initial has no attention, and luong is a kind of it; choose --model gru.",
        ),
    ]
    for arguments, folder, words in cases:
        assert words in sentence_of_mistake(course("train", *arguments, "--out", folder)), words
        assert not out.exists(), words
    assert course("train", "grammar").exit_code == 2  # --out is required


def test_a_name_that_is_no_text_does_not_cost_a_trained_model(files):
    source = files / os.fsdecode(b"\xff")
    source.write_bytes((files / "src").read_bytes())
    command = ["train", "--train-src", source, *own(files)[2:], "--out", files / "made", *TINY]
    assert course(*command, "--updates", 1).exit_code == 0
    assert zoo.load(files / "made").card["data"] == "\ufffd"


def test_train_defaults_are_the_packages():
    import inspect

    defaults = {name: p.default for name, p in inspect.signature(train).parameters.items()}
    config = TrainingConfig(max_updates=10_000)
    for name in ("max_tokens", "learning_rate", "warmup", "schedule", "label_smoothing",
                 "eval_every", "patience", "seed"):  # fmt: skip
        assert defaults[name] == getattr(config, name), name
    for name in ("joined_share", "grammar_share"):
        assert defaults[name] == getattr(zoo.Recipe, name), name


# --- data, doctor, experiment


def test_data_list_and_get(data_mirror):
    listed = course("data", "list")
    assert listed.exit_code == 0 and listed.stdout.count("mirror") >= 4
    for name in ("grammar", "tatoeba", "multi30k", "alibi", "shakespeare"):
        assert re.search(rf"^{name} ", listed.stdout, re.M)
    got = course("data", "get", "shakespeare")
    assert got.stdout.strip().endswith("tinyshakespeare.txt") and "public domain" in got.stderr


def test_data_without_network():
    assert course("data", "list").stdout.count("not here yet") == 4
    part = runtime.cache_dir() / "multi30k" / "val.en.gz"
    part.parent.mkdir(parents=True)
    part.write_bytes(b"x")
    assert "cache, 1 of 9" in course("data", "list").stdout
    assert "nothing to fetch" in course("data", "get", "grammar").stdout
    assert "known are grammar" in sentence_of_mistake(course("data", "get", "no-such"))


def test_doctor_when_all_is_well(monkeypatch, translators):
    monkeypatch.setattr(zoo, "names", lambda: ["with", "transformer"])
    monkeypatch.setattr(zoo, "_weights", lambda: translators)
    result = course("doctor")
    assert result.exit_code == 0, result.output
    assert "BROKEN" not in result.stdout and "course data get tatoeba" in result.stdout
    longest = translators / "tatoeba-en-fr-transformer"  # a name as wide as its column
    longest.symlink_to(translators / "with")
    monkeypatch.setattr(zoo, "names", lambda: [longest.name])
    assert re.search(rf"^ok +zoo: {longest.name} ", course("doctor").stdout, re.M)
    longest.unlink()
    for word in ("python", "torch", "device", "data: grammar", "zoo: with", "zoo: transformer"):
        assert re.search(rf"^ok +{word}", result.stdout, re.M), word


def test_doctor_names_what_is_broken_and_the_remedy(monkeypatch, translators):
    from importlib import metadata

    real = metadata.version

    def version(name):
        if name == "einops":
            raise metadata.PackageNotFoundError(name)
        return "1.0" if name == "torch" else real(name)

    monkeypatch.setattr(metadata, "version", version)
    monkeypatch.setattr(zoo, "names", lambda: ["gone"])
    monkeypatch.setattr(zoo, "_weights", lambda: translators)
    monkeypatch.setenv("COURSE_DEVICE", "abacus")
    result = course("doctor")
    assert result.exit_code == 1 and result.stdout.count("BROKEN") == 4
    assert re.search(
        r'BROKEN +einops +not installed; run: .* -m pip install "einops"', result.stdout
    )
    assert re.search(r"BROKEN +torch +1\.0 does not do; run: .*torch>=", result.stdout)
    assert re.search(r"BROKEN +device +.*abacus", result.stdout)
    assert re.search(r"BROKEN +zoo: gone +.*Reinstall", result.stdout)


def test_experiment(monkeypatch):
    calls = []
    monkeypatch.setattr(experiments, "run", lambda name, **more: calls.append((name, more)))
    asked = ("experiment", "c01_bottleneck", "--seeds", 5)
    assert course(*asked).exit_code == course(*asked, "--workers", 3).exit_code == 0
    same = {"seeds": 5, "out": None}
    assert calls == [("c01_bottleneck", same | {"workers": w}) for w in (1, 3)]
    monkeypatch.undo()
    listed = course("experiment").stdout
    assert all(re.search(rf"^{name} +C\d", listed, re.M) for name in experiments.names())
    assert "no experiment 'c99'" in sentence_of_mistake(course("experiment", "c99"))
    assert course("experiment", "c01_bottleneck", "--seeds", 0).exit_code == 2
