"""What `course train` is given: a corpus by name or own files, and a folder to write to."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from course.data.corpora import Corpus
    from course.writing import Texts


def check_folder(out: Path) -> None:
    """Refuse a file, and a folder with other things in it."""
    from course.errors import CourseError

    try:
        if out.exists() and not out.is_dir():
            raise CourseError(f"{out} is a file; give a folder for the model.")
    except OSError as error:  # such as a name that is too long
        raise CourseError(f"{out} cannot be a folder: {error.strerror}.") from None
    ours = ("tokenizer.json", "checkpoint.safetensors", "model.safetensors")
    if out.is_dir() and any(out.iterdir()) and not any((out / name).exists() for name in ours):
        raise CourseError(f"{out} holds other things; give a new or an empty folder.")


def corpus_of(name: str | None, own: list[Path | None], src: str, tgt: str) -> "Corpus":
    """The corpus of a name, or the one that four own files make."""
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


def texts_of(train: Path | None, valid: Path | None) -> "Texts":
    """The lines of two own files that hold text, for a language model."""
    from course.data.own_text import read_lines
    from course.data.tokenizer import normalise
    from course.errors import CourseError
    from course.writing import Texts

    if train is None or valid is None:
        raise CourseError("A language model learns from two files: --train-text and --valid-text.")
    both = [[normalise(line) for line in read_lines(path)] for path in (train, valid)]
    return Texts(train.name, *[[line for line in lines if line] for lines in both])
