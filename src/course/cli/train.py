"""`course train`: a translator from a corpus by name, or from own files."""

from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from course.cli.group import command_line
from course.cli.options import Device, Source, Target, use_device

if TYPE_CHECKING:
    from course.data.corpora import Corpus
    from course.model_folder import Config
    from course.zoo import Recipe

_DATA, _SIZE, _LOOP = "Own text", "Model", "Training"


def _file(help: str) -> Any:
    return typer.Option(help=help, metavar="FILE", rich_help_panel=_DATA)


def _size(help: str, **more: Any) -> Any:
    return typer.Option(help=help, rich_help_panel=_SIZE, **more)


def _loop(help: str, **more: Any) -> Any:
    return typer.Option(help=help, rich_help_panel=_LOOP, **more)


def train(
    out: Annotated[Path, typer.Option(help="Folder for the translator.", metavar="FOLDER")],
    corpus: Annotated[
        str | None, typer.Argument(help="grammar, tatoeba or multi30k; or use own text.")
    ] = None,
    src: Source = "en",
    tgt: Target = "fr",
    model: Annotated[
        Literal["gru", "bahdanau", "luong", "transformer"],
        typer.Option(
            help="gru: no attention. bahdanau: additive attention, asked with the state before. "
            "luong: general attention, asked with the state after. transformer: attention alone, "
            "nothing recurrent."
        ),
    ] = "bahdanau",
    device: Device = None,
    train_src: Annotated[Path | None, _file("Training sources, a line each.")] = None,
    train_tgt: Annotated[Path | None, _file("Their translations, a line each.")] = None,
    valid_src: Annotated[Path | None, _file("Validation sources.")] = None,
    valid_tgt: Annotated[Path | None, _file("Their translations.")] = None,
    vocab_size: Annotated[
        int, _size("Subwords, both languages together.", min=260, max=1_000_000)
    ] = 4000,
    d_model: Annotated[
        int | None, _size("Width of the decoder state, or of a Transformer.", min=1)
    ] = None,
    num_layers: Annotated[int | None, _size("Layers of encoder and decoder.", min=1)] = None,
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
    num_heads: Annotated[int | None, _size("Heads of attention; transformer.", min=1)] = None,
    d_ff: Annotated[
        int | None, _size("Width of the feed-forward layer; transformer.", min=1)
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
) -> None:
    """Train a translator on a corpus or on own text.

    Run the same command again to go on after an interruption. Afterwards:
    course translate --model FOLDER "a text"
    """
    use_device(device)
    from course import zoo
    from course.training import TrainingConfig

    _check_folder(out)
    own = [train_src, train_tgt, valid_src, valid_tgt]
    data = _corpus(corpus, own, src, tgt)
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
    recipe = zoo.Recipe(
        model=_model(model, vocab_size, sizes),
        training=TrainingConfig(
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
        ),
        joined_share=joined_share,
        grammar_share=grammar_share,
        command=command_line.get(),
    )
    recipe = _for_epochs(recipe, updates, epochs, data, out)
    _train(data, recipe, out)


def _model(name: str, vocab_size: int, sizes: dict[str, Any]) -> "Config":
    """The preset, with what the command line gives instead of its own."""
    from course import zoo
    from course.errors import CourseError

    preset = zoo.PRESETS[name]
    fitting = {field.name for field in fields(preset)}
    given = {key: value for key, value in sizes.items() if value is not None}
    unknown = [key for key in given if key not in fitting]
    if unknown:
        option = {key: "--" + key.replace("_", "-") for key in sizes}
        known = ", ".join(option[key] for key in sizes if key in fitting)
        raise CourseError(f"{option[unknown[0]]} is no setting of {name}, which has {known}.")
    return replace(preset, vocab_size=vocab_size, **given)


def _train(data: "Corpus", recipe: "Recipe", out: Path) -> None:
    import sys

    from course import zoo

    typer.echo(
        f"{data.name}, {data.src_lang} to {data.tgt_lang}: {len(data.train)} pairs, "
        f"{recipe.training.max_updates} updates; the log is {out / 'log.jsonl'}",
        err=True,
    )
    translator, history = zoo.train_translator(data, recipe, out, progress=sys.stderr.isatty())
    typer.echo(
        f"{out}: best after {history.best_update} updates, validation loss "
        f"{history.best_loss:.3f} nats a token"
    )
    for split in ("valid", "test"):
        score = translator.card.get(split, {})
        if "bleu" in score:
            typer.echo(f"{split}: BLEU {score['bleu']:.2f}, chrF {score['chrf']:.2f}")


def _check_folder(out: Path) -> None:
    """Refuse a file, and a folder with other things in it."""
    from course.errors import CourseError

    try:
        if out.exists() and not out.is_dir():
            raise CourseError(f"{out} is a file; give a folder for the translator.")
    except OSError as error:  # such as a name that is too long
        raise CourseError(f"{out} cannot be a folder: {error.strerror}.") from None
    ours = ("tokenizer.json", "checkpoint.safetensors", "model.safetensors")
    if out.is_dir() and any(out.iterdir()) and not any((out / name).exists() for name in ours):
        raise CourseError(f"{out} holds other things; give a new or an empty folder.")


def _corpus(name: str | None, own: list[Path | None], src: str, tgt: str) -> "Corpus":
    from course.data.corpora import Corpus, Example, load, names, read_parallel
    from course.errors import CourseError

    paths = [path for path in own if path is not None]
    if name is not None and paths:
        raise CourseError("Give a corpus or own files, not both.")
    if name is not None:
        return load(name, src=src, tgt=tgt)
    if not paths:
        known = ", ".join(names())
        raise CourseError(f"Give a corpus ({known}), or own files with --train-src and the like.")
    if len(paths) < len(own):
        raise CourseError(
            "Own text needs four files: --train-src, --train-tgt, --valid-src and --valid-tgt."
        )
    train_src, train_tgt, valid_src, valid_tgt = paths
    return Corpus(
        name=train_src.name,
        src_lang=src,
        tgt_lang=tgt,
        train=read_parallel(train_src, train_tgt),
        valid=[Example(pair.src, (pair.tgt,)) for pair in read_parallel(valid_src, valid_tgt)],
        test=[],
        licence="the owner's",
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


def _for_epochs(
    recipe: "Recipe", updates: int | None, epochs: float | None, data: "Corpus", out: Path
) -> "Recipe":
    """Turn epochs into updates."""
    from course import zoo
    from course.errors import CourseError

    if epochs is None:
        return recipe
    if updates is not None:
        raise CourseError("Give --updates or --epochs, not both.")
    if not 0 < epochs < float("inf"):
        raise CourseError(f"--epochs must be a number above 0, not {epochs:g}.")
    each = zoo.updates_per_epoch(data, recipe, out)
    training = replace(recipe.training, max_updates=max(1, round(epochs * each)))
    return replace(recipe, training=training)
