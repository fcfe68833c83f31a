r"""The reader's own text: two line-aligned files, or one file with a tab between the sides.

Only "\n" ends a line (a "\r" before it is dropped): characters such as U+2028 or U+0085, which
Python's own `splitlines` takes for line ends, occur inside real sentences and must not shift the
alignment. Files are UTF-8, with or without byte order mark, plain or gzipped (name ends in `.gz`).
"""

import gzip
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path

from course.data.pairs import Pair
from course.data.tokenizer import normalise
from course.errors import CourseError

LONGEST = 10_000
"""Characters that a side of a pair may have; attention takes memory with the square of them."""


def read_lines(path: Path | str) -> list[str]:
    """Return the lines of a text file, as they are, without line ends.

    Raises:
        CourseError: If the file is missing, empty, not UTF-8 (the line is named), a broken gzip,
            or has the line ends of an old Macintosh.
    """
    path = Path(path)
    lines = split_lines(_read_bytes(path), path)
    if len(lines) == 1 and "\r" in lines[0]:
        raise CourseError(
            f"{path} ends its lines with the old Macintosh's character (CR); save the file with "
            "Unix or Windows line ends."
        )
    return lines


def _read_bytes(path: Path) -> bytes:
    try:
        data = path.read_bytes()
        return gzip.decompress(data) if path.suffix == ".gz" else data
    except FileNotFoundError:
        raise CourseError(f"There is no file {path}.") from None
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise CourseError(f"{path} is not a whole gzip file: {error}.") from None
    except OSError as error:
        raise CourseError(f"{path} cannot be read: {error.strerror}.") from None


def split_lines(data: bytes, name: Path | str) -> list[str]:
    r"""Decode UTF-8 and split at "\n" only; `name` is what an error calls the file."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise CourseError(
            f"{name} is not UTF-8: line {line} holds the byte 0x{error.object[error.start]:02X}; "
            "save the file as UTF-8."
        ) from None
    if not text.strip():
        raise CourseError(f"{name} is empty.")
    return [line.removesuffix("\r") for line in text.removesuffix("\n").split("\n")]


def read_parallel(src_path: Path | str, tgt_path: Path | str) -> list[Pair]:
    """Return the pairs of two files, of which line i of one translates line i of the other.

    Both sides are normalised (`course.data.tokenizer.normalise`). A line that is blank on either
    side is left out, with its partner: there is nothing to learn from it.

    Raises:
        CourseError: If a file cannot be read (see `read_lines`), the files have different numbers
            of lines, a line is longer than `LONGEST`, or no line has text on both sides.
    """
    src, tgt = read_lines(src_path), read_lines(tgt_path)
    _require_sentences(src, src_path)
    _require_sentences(tgt, tgt_path)
    if len(src) != len(tgt):
        raise CourseError(
            f"{src_path} has {len(src)} lines and {tgt_path} has {len(tgt)}; line i of one must "
            "translate line i of the other."
        )
    return clean_pairs(zip(src, tgt, strict=True), f"{src_path} and {tgt_path}")


def _require_sentences(lines: list[str], path: Path | str) -> None:
    for number, line in enumerate(lines, start=1):
        if len(line) > LONGEST:
            raise CourseError(
                f"{path}: line {number} has {len(line)} characters, more than the {LONGEST} that "
                "a sentence may have; split it, or leave it out."
            )


def read_tsv(path: Path | str) -> list[Pair]:
    """Return the pairs of one file: source, a tab, target; further columns are ignored.

    Sides are normalised and blank ones left out as in `read_parallel`; a wholly blank line is
    skipped.

    Raises:
        CourseError: If the file cannot be read (see `read_lines`), a line has no tab (the line is
            named), or no line has text on both sides.
    """
    return split_tsv(read_lines(path), path)


def split_tsv(lines: list[str], name: Path | str) -> list[Pair]:
    """Return the pairs of lines with a tab; see `read_tsv`."""
    columns = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        if "\t" not in line:
            raise CourseError(f"{name} has no tab in line {number}; it needs source, tab, target.")
        columns.append(line.split("\t")[:2])
    return clean_pairs(columns, name)


def clean_pairs(columns: Iterable[Sequence[str]], name: Path | str) -> list[Pair]:
    """Normalise both sides and leave out pairs with a blank one.

    Raises:
        CourseError: If no pair is left.
    """
    pairs = [Pair(normalise(src), normalise(tgt)) for src, tgt in columns]
    kept = [pair for pair in pairs if pair.src and pair.tgt]
    if not kept:
        raise CourseError(f"{name}: no line has text on both sides.")
    return kept
