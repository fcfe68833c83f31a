"""`course evaluate`: BLEU and chrF of a translator, with signatures."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from course.cli.options import Beam, Device, use_device

if TYPE_CHECKING:
    from course.data.corpora import Example

CHUNK = 256


def evaluate(
    name: Annotated[
        str, typer.Argument(help="A translator of the zoo, or a folder.", metavar="NAME_OR_FOLDER")
    ],
    corpus: Annotated[
        str | None, typer.Option(help="A corpus; by default the one it was trained on.")
    ] = None,
    split: Annotated[Literal["valid", "test"], typer.Option(help="Which split.")] = "test",
    src_file: Annotated[
        Path | None, typer.Option(help="Own sources, a line each.", metavar="FILE")
    ] = None,
    ref_file: Annotated[
        list[Path] | None,
        typer.Option(help="Own references, a line each; may be given again.", metavar="FILE"),
    ] = None,
    beam: Beam = 5,
    lowercase: Annotated[bool, typer.Option("--lowercase", help="Ignore case.")] = False,
    output: Annotated[
        Path | None, typer.Option(help="Write the translations, a line each.", metavar="FILE")
    ] = None,
    device: Device = None,
) -> None:
    """Translate a corpus, or own files, and score the result."""
    use_device(device)
    from course import metrics, zoo
    from course.errors import CourseError

    if corpus is not None and (src_file is not None or ref_file):
        raise CourseError("Give a corpus or own files, not both.")
    if output is not None:
        _check(output, [path for path in (src_file, *(ref_file or [])) if path is not None])
    translator = zoo.load(name)
    if src_file is not None or ref_file:
        what, examples = _own(src_file, ref_file or [])
    else:
        what, examples = _split(corpus, translator.card, split)
    outputs = _translate(translator, [example.src for example in examples], beam)
    if output is not None:
        _write(output, "".join(line + "\n" for line in outputs))
    refs = [example.refs for example in examples]
    typer.echo(f"{translator.name} on {what}: {len(examples)} sentences, beam {beam}")
    bleu = metrics.bleu(outputs, refs, lowercase=lowercase)
    chrf = metrics.chrf(outputs, refs, lowercase=lowercase)
    within = "one sentence, so no interval"
    if len(examples) > 1:
        interval = metrics.confidence_interval(outputs, refs, metric="bleu", lowercase=lowercase)
        within = f"95% interval {interval.low:.2f} to {interval.high:.2f}"
    typer.echo(f"BLEU  {bleu.value:5.2f}  ({within})")
    typer.echo(f"chrF  {chrf.value:5.2f}")
    typer.echo(f"BLEU signature  {bleu.signature}")
    typer.echo(f"chrF signature  {chrf.signature}")


def _check(output: Path, own: list[Path]) -> None:
    """Refuse what cannot be written before hours of translating, and the reader's own files."""
    from course.errors import CourseError

    place = output if output.exists() else output.parent
    if output.is_dir() or not place.exists() or not os.access(place, os.W_OK):
        raise CourseError(f"{output} cannot be written: give a file in an existing folder.")
    if any(output.exists() and path.exists() and output.samefile(path) for path in own):
        raise CourseError(f"{output} is one of the files to read; give another for the output.")


def _write(output: Path, text: str) -> None:
    """Write the file whole or not at all; what is no file, such as /dev/stdout, can only be fed."""
    from course.training.checkpoints import replace_file

    if output.exists() and not output.is_file():
        output.write_text(text, encoding="utf-8")
    else:
        replace_file(output, lambda part: part.write_text(text, encoding="utf-8"))


def _own(src_file: Path | None, ref_files: list[Path]) -> tuple[str, list["Example"]]:
    from course.data.corpora import Example
    from course.data.own_text import read_lines
    from course.data.tokenizer import normalise
    from course.errors import CourseError

    if src_file is None or not ref_files:
        raise CourseError("Own files need both --src-file and --ref-file.")
    src, refs = read_lines(src_file), [read_lines(path) for path in ref_files]
    for path, lines in zip(ref_files, refs, strict=True):
        if len(lines) != len(src):
            raise CourseError(
                f"{src_file} has {len(src)} lines and {path} has {len(lines)}; line i of one must "
                "translate line i of the other."
            )
    rows = zip(src, *refs, strict=True)
    examples = [Example(line, tuple(normalise(ref) for ref in group)) for line, *group in rows]
    return str(src_file), examples


def _split(
    corpus: str | None, card: dict[str, Any], split: Literal["valid", "test"]
) -> tuple[str, list["Example"]]:
    from course.data import corpora
    from course.errors import CourseError

    trained_on = card.get("data")
    if corpus is None and trained_on not in corpora.names():
        raise CourseError(
            "This translator was not trained on a corpus of the course; give --corpus, or "
            "--src-file and --ref-file."
        )
    name = corpus or str(trained_on)
    loaded = corpora.load(name, src=card.get("src", "en"), tgt=card.get("tgt", "fr"))
    examples = loaded.valid if split == "valid" else loaded.test
    return f"{name} ({split})", examples


def _translate(translator: Any, texts: list[str], beam: int) -> list[str]:
    """Translate with a progress bar, on a terminal only."""
    from tqdm.auto import tqdm

    outputs: list[str] = []
    with tqdm(total=len(texts), unit="sentence", disable=None, leave=False) as bar:
        for first in range(0, len(texts), CHUNK):
            outputs += translator.translate(texts[first : first + CHUNK], beam=beam)
            bar.update(len(outputs) - bar.n)
    return outputs
