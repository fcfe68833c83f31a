"""`course train`: a translator or a language model, on one process or on several."""

import sys
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from course.cli.group import command_line
from course.cli.material import check_folder, corpus_of, texts_of
from course.cli.options import Device, Source, Target, use_device

if TYPE_CHECKING:
    from course.data.corpora import Corpus
    from course.model_folder import Config
    from course.training import History, TrainingConfig
    from course.writing import Texts

_DATA, _SIZE, _LOOP = "Own text", "Model", "Training"


def _file(help: str) -> Any:
    return typer.Option(help=help, metavar="FILE", rich_help_panel=_DATA)


def _size(help: str, **more: Any) -> Any:
    return typer.Option(help=help, rich_help_panel=_SIZE, **more)


def _loop(help: str, **more: Any) -> Any:
    return typer.Option(help=help, rich_help_panel=_LOOP, **more)


def train(
    out: Annotated[Path, typer.Option(help="Folder for the model.", metavar="FOLDER")],
    corpus: Annotated[
        str | None, typer.Argument(help="grammar, tatoeba or multi30k; or use own text.")
    ] = None,
    src: Source = "en",
    tgt: Target = "fr",
    model: Annotated[
        Literal["gru", "bahdanau", "luong", "transformer", "language-model"],
        typer.Option(
            help="gru: no attention. bahdanau: additive attention, asked with the state before. "
            "luong: general attention, asked with the state after. transformer: attention alone, "
            "nothing recurrent. language-model: no translator; it learns to write like its texts."
        ),
    ] = "bahdanau",
    device: Device = None,
    train_src: Annotated[Path | None, _file("Training sources, a line each.")] = None,
    train_tgt: Annotated[Path | None, _file("Their translations, a line each.")] = None,
    valid_src: Annotated[Path | None, _file("Validation sources.")] = None,
    valid_tgt: Annotated[Path | None, _file("Their translations.")] = None,
    train_text: Annotated[Path | None, _file("For a language model: texts, a line each.")] = None,
    valid_text: Annotated[Path | None, _file("Its validation texts.")] = None,
    vocab_size: Annotated[
        int, _size("Subwords, both languages together.", min=260, max=1_000_000)
    ] = 4000,
    d_model: Annotated[
        int | None, _size("Width of the decoder state, or of a Transformer.", min=1)
    ] = None,
    num_layers: Annotated[int | None, _size("Layers (of encoder and decoder).", min=1)] = None,
    dropout: Annotated[float | None, _size("Share dropped in training.", min=0, max=0.9)] = None,
    d_embed: Annotated[int | None, _size("Width of embeddings; recurrent models.", min=1)] = None,
    cell: Annotated[
        Literal["tanh", "gru", "lstm"] | None, _size("Recurrent unit; recurrent models.")
    ] = None,
    bidirectional: Annotated[
        bool | None, _size("Read the source both ways; recurrent models.")
    ] = None,
    context: Annotated[
        Literal["initial", "every_step", "additive"] | None,
        _size("How the source reaches the decoder; recurrent models."),
    ] = None,
    num_heads: Annotated[int | None, _size("Heads of attention; not recurrent.", min=1)] = None,
    d_ff: Annotated[
        int | None, _size("Width of the feed-forward layer; not recurrent.", min=1)
    ] = None,
    updates: Annotated[
        int | None, _loop("Updates of the weights.", min=1, show_default="10000")
    ] = None,
    epochs: Annotated[float | None, _loop("Passes over the data, instead of --updates.")] = None,
    max_tokens: Annotated[int, _loop("Tokens in a batch.", min=1)] = 4000,
    learning_rate: Annotated[float, _loop("Peak learning rate.")] = 2e-3,
    warmup: Annotated[int, _loop("Updates until the peak.", min=0)] = 200,
    schedule: Annotated[
        Literal["inverse_sqrt", "linear", "constant"], _loop("Learning rate after the peak.")
    ] = "inverse_sqrt",
    label_smoothing: Annotated[float, _loop("Label smoothing.", min=0, max=0.9)] = 0.0,
    joined_share: Annotated[
        float, _loop("Share of joined sentences, to meet long inputs.", min=0, max=0.9)
    ] = 0.0,
    grammar_share: Annotated[
        float, _loop("Share of sentences that the course's grammar makes.", min=0, max=0.9)
    ] = 0.0,
    eval_every: Annotated[int, _loop("Updates between validations.", min=1)] = 500,
    patience: Annotated[
        int, _loop("Stop after so many validations without a better loss; 0: never.", min=0)
    ] = 0,
    seed: Annotated[int, _loop("Of weights, batch order and dropout.")] = 1,
    precision: Annotated[
        Literal["auto", "no", "bf16", "fp16"],
        _loop("Mixed precision; auto: what the device does best."),
    ] = "auto",
    compiled: Annotated[
        bool, _loop("Let torch.compile make it faster, after a slow start.")
    ] = False,
    sharded: Annotated[
        bool, _loop("Language model: processes share the weights instead of each holding all.")
    ] = False,
) -> None:
    """Train a translator on a corpus or on own text, or a language model on own text.

    Run the same command again to go on after an interruption. Afterwards:
    course translate --model FOLDER "a text", or course write --model FOLDER "a beginning".

    On several processes, GPUs or machines: torchrun --nproc-per-node 2 -m course train …
    """
    use_device(device)
    from course import processes
    from course.errors import CourseError
    from course.training import TrainingConfig

    processes.join()
    processes.on_main(lambda: check_folder(out))
    if updates is not None and epochs is not None:
        raise CourseError("Give --updates or --epochs, not both.")
    if epochs is not None and not 0 < epochs < float("inf"):
        raise CourseError(f"--epochs must be a number above 0, not {epochs:g}.")
    training = TrainingConfig(
        max_updates=updates or 10_000,
        max_tokens=max_tokens,
        learning_rate=learning_rate,
        warmup=warmup,
        schedule=schedule,
        label_smoothing=label_smoothing,
        eval_every=eval_every,
        patience=patience,
        seed=seed,
        precision=_precision() if precision == "auto" else precision,
        compiled=compiled,
        sharded=sharded,
    )
    sizes = {
        "d_model": d_model,
        "num_layers": num_layers,
        "dropout": dropout,
        "d_embed": d_embed,
        "cell": cell,
        "bidirectional": bidirectional,
        "context": context,
        "num_heads": num_heads,
        "d_ff": d_ff,
    }
    config = _model(model, vocab_size, sizes)
    own = [train_src, train_tgt, valid_src, valid_tgt]
    if sharded and model != "language-model":
        raise CourseError("--sharded is for --model language-model.")
    if model == "language-model":
        if corpus is not None or any(own):
            raise CourseError("A language model learns from texts: --train-text and --valid-text.")
        _train_writer(texts_of(train_text, valid_text), config, training, out, epochs)
    else:
        if train_text is not None or valid_text is not None:
            raise CourseError("--train-text and --valid-text are for --model language-model.")
        data = corpus_of(corpus, own, src, tgt)
        shares = {"joined_share": joined_share, "grammar_share": grammar_share}
        _train_translator(data, config, training, shares, out, epochs)
    processes.leave()


def _model(name: str, vocab_size: int, sizes: dict[str, Any]) -> "Config":
    """The preset, with what the command line gives instead of its own."""
    from course import writing, zoo
    from course.errors import CourseError

    preset = writing.PRESET if name == "language-model" else zoo.PRESETS[name]
    fitting = {field.name for field in fields(preset)}
    given = {key: value for key, value in sizes.items() if value is not None}
    unknown = [key for key in given if key not in fitting]
    if unknown:
        option = {key: "--" + key.replace("_", "-") for key in sizes}
        known = ", ".join(option[key] for key in sizes if key in fitting)
        raise CourseError(f"{option[unknown[0]]} is no setting of {name}, which has {known}.")
    if name == "luong" and given.get("context") in ("initial", "every_step"):
        raise CourseError(
            f"--context {given['context']} has no attention, and luong is a kind of it; choose "
            "--model gru."
        )
    return replace(preset, vocab_size=vocab_size, **given)


def _train_translator(
    data: "Corpus",
    config: Any,
    training: "TrainingConfig",
    shares: dict[str, Any],
    out: Path,
    epochs: float | None,
) -> None:
    from course import zoo

    recipe = zoo.Recipe(model=config, training=training, command=command_line.get(), **shares)
    if epochs is not None:
        each = zoo.updates_per_epoch(data, recipe, out)
        recipe = replace(recipe, training=_for_epochs(training, epochs, each))
    what = f"{data.name}, {data.src_lang} to {data.tgt_lang}: {len(data.train)} pairs"
    _announce(what, recipe.training, out)
    translator, history = zoo.train_translator(data, recipe, out, progress=_watched())
    _report(history, out)
    for split in ("valid", "test"):
        score = translator.card.get(split, {})
        if "bleu" in score:
            _say(f"{split}: BLEU {score['bleu']:.2f}, chrF {score['chrf']:.2f}")


def _train_writer(
    texts: "Texts", config: Any, training: "TrainingConfig", out: Path, epochs: float | None
) -> None:
    from course import writing

    if epochs is not None:
        each = writing.updates_per_epoch(texts, config, training, out)
        training = _for_epochs(training, epochs, each)
    _announce(f"{texts.name}: {len(texts.train)} texts", training, out)
    command = command_line.get()
    _, history = writing.train_writer(
        texts, config, training, out, command=command, progress=_watched()
    )
    _report(history, out)


def _for_epochs(training: "TrainingConfig", epochs: float, each: int) -> "TrainingConfig":
    """Turn epochs of so many updates into updates."""
    return replace(training, max_updates=max(1, round(epochs * each)))


def _watched() -> bool:
    return sys.stderr.isatty()


def _say(text: str, *, err: bool = False) -> None:
    """Print, if this is the main process."""
    from course import processes

    if processes.is_main():
        typer.echo(text, err=err)


def _announce(what: str, training: "TrainingConfig", out: Path) -> None:
    from course import processes

    several = f" on {processes.count()} processes" if processes.count() > 1 else ""
    updates = f"{training.max_updates} updates{several}"
    _say(f"{what}, {updates}; the log is {out / 'log.jsonl'}", err=True)


def _report(history: "History", out: Path) -> None:
    _say(
        f"{out}: best after {history.best_update} updates, validation loss "
        f"{history.best_loss:.3f} nats a token"
    )


def _precision() -> Literal["no", "bf16", "fp16"]:
    import torch

    from course.runtime import autocast_dtype, default_device

    names: dict[torch.dtype, Literal["bf16", "fp16"]] = {
        torch.bfloat16: "bf16",
        torch.float16: "fp16",
    }
    dtype = autocast_dtype(default_device())
    return "no" if dtype is None else names[dtype]
