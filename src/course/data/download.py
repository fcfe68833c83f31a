"""Public files by name: from a local mirror, the cache, or the network, always checksummed.

`manifest.tsv` beside this module lists every file that the course can use, with its address, size,
SHA-256, licence and whom to credit.
"""

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

import pooch

from course import runtime
from course.errors import CourseError

ATTEMPTS = 3


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of the manifest; `bytes` is the size, `sha256` in hexadecimal."""

    file: str
    url: str
    bytes: int
    sha256: str
    licence: str
    attribution: str


@cache
def manifest() -> dict[str, Entry]:
    """Return the manifest, by file name."""
    text = resources.files("course.data").joinpath("manifest.tsv").read_text(encoding="utf-8")
    header, *rows = (line.split("\t") for line in text.splitlines())
    entries = (dict(zip(header, row, strict=True)) for row in rows)
    return {
        entry["file"]: Entry(**(entry | {"bytes": int(entry["bytes"])}))  # pyright: ignore
        for entry in entries
    }


def credit(corpus: str) -> str:
    """Return the licence of a corpus (a folder of the manifest) and whom to credit."""
    entry = next(entry for entry in manifest().values() if entry.file.startswith(corpus + "/"))
    return f"{entry.licence}; {entry.attribution}"


def fetch(file: str) -> Path:
    """Return a local path of `file` (a name of the manifest), downloading it if need be.

    The mirror (COURSE_DATA_MIRROR) is looked at first, then the cache, then the network. Whatever
    is returned has the right SHA-256. A download is written elsewhere and moved into the cache
    when it is complete and checked, so that a cut one is never taken for whole; it is started
    again, up to three times.

    Raises:
        CourseError: If the name is unknown, a checksum is wrong (a file of the cache is then set
            aside as NAME.rejected; the mirror is never written to) or the download fails.
    """
    entry = manifest().get(file)
    if entry is None:
        raise CourseError(f"There is no file {file!r}; known are {', '.join(manifest())}.")
    mirror = runtime.data_mirror()
    if mirror is not None and (mirror / file).is_file():
        return _checked(mirror / file, entry, "It is in the mirror: replace it there.")
    cached = runtime.cache_dir() / file
    if cached.is_file():
        try:
            return _checked(cached, entry, "Run the command again to download it anew.")
        except CourseError as error:
            raise _set_aside(cached, error) from None
    return _download(entry, cached)


def _checked(path: Path, entry: Entry, remedy: str) -> Path:
    found = _sha256(path)
    if found != entry.sha256:
        raise CourseError(
            f"{path} is not the file the course expects: its SHA-256 is {found}, expected "
            f"{entry.sha256}. {remedy}"
        )
    return path


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _set_aside(path: Path, error: CourseError) -> CourseError:
    rejected = path.with_name(path.name + ".rejected")
    path.replace(rejected)
    return CourseError(f"{error} The file was set aside as {rejected}.")


def _download(entry: Entry, target: Path) -> Path:
    """Download to `target` by way of a file of another name; see `fetch`."""
    arrival = target.with_name(target.name + ".download")
    arrival.unlink(missing_ok=True)  # left by a download that was killed
    reason = ""
    for _ in range(ATTEMPTS):
        try:
            _retrieve(entry.url, arrival)
        except (OSError, ValueError) as error:  # requests' errors are OSErrors, too
            reason = f"{type(error).__name__}: {error}"
            continue
        if arrival.stat().st_size < entry.bytes:
            reason = f"the connection closed after {arrival.stat().st_size} of {entry.bytes} bytes"
            arrival.unlink()
            continue
        try:
            _checked(arrival, entry, f"It came from {entry.url}.")
        except CourseError as error:
            final = target.with_name(target.name + ".download")
            raise _set_aside(final, error) from None
        arrival.replace(target)
        return target
    raise CourseError(
        f"{entry.file} could not be downloaded from {entry.url} to {target} ({reason}); connect to "
        "the network, or set COURSE_DATA_MIRROR to a folder that holds it, or use the corpus "
        "'grammar', which needs no network."
    )


def _retrieve(url: str, path: Path) -> None:
    """Let pooch download `url` to `path`; it writes to a temporary file and moves that at the end.

    The checksum is ours to check, because a wrong one must keep the file for a look at it.
    """
    logger = pooch.get_logger()
    level = logger.level
    logger.setLevel("WARNING")
    try:
        pooch.retrieve(
            url,
            known_hash=None,
            fname=path.name,
            path=path.parent,
            downloader=pooch.HTTPDownloader(timeout=30),
        )
    finally:
        logger.setLevel(level)
