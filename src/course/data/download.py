"""Public files by name: from a local mirror, the cache, or the network, always checksummed.

`manifest.tsv` beside this module lists every file that the course can use, with its address, size,
SHA-256, licence and whom to credit.
"""

import hashlib
import tempfile
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

import pooch
import requests  # which pooch downloads with

from course import runtime
from course.errors import CourseError

ATTEMPTS = 3
TIMEOUT = 30


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
        wrong = _wrong_sum(mirror / file, entry)
        if wrong:
            raise CourseError(f"{mirror / file} {wrong}; replace it in the mirror.")
        return mirror / file
    cached = runtime.cache_dir() / file
    if not cached.is_file():
        return _download(entry, cached)
    wrong = _wrong_sum(cached, entry)
    if wrong:
        aside = _set_aside(cached, cached)
        raise CourseError(f"{cached} {wrong}; {aside}, and the next call downloads it anew.")
    return cached


def _wrong_sum(path: Path, entry: Entry) -> str:
    """Return what is wrong with the content, or nothing."""
    found = _sha256(path)
    if found == entry.sha256:
        return ""
    return f"is not the file expected: its SHA-256 is {found} instead of {entry.sha256}"


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _set_aside(path: Path, target: Path) -> str:
    rejected = path.replace(target.with_name(target.name + ".rejected"))
    return f"it was set aside as {rejected}"


def _download(entry: Entry, target: Path) -> Path:
    """Download to a folder of its own beside `target`, check, and move; see `fetch`."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        folder = tempfile.TemporaryDirectory(prefix=".download-", dir=target.parent)
    except OSError as error:
        raise CourseError(
            f"The cache folder {target.parent} cannot be written ({error.strerror}); set "
            "COURSE_CACHE to one that can."
        ) from None
    with folder as name:
        arrival = Path(name) / target.name
        reasons = [_attempt(entry, arrival)]
        while reasons[-1] and len(reasons) < ATTEMPTS:
            reasons.append(_attempt(entry, arrival))
        if reasons[-1]:
            raise CourseError(
                f"{entry.file} could not be downloaded from {entry.url} to {target} "
                f"({reasons[-1]}); connect to the network, or set COURSE_DATA_MIRROR to a folder "
                "that holds it, or use the corpus 'grammar', which needs no network."
            )
        wrong = _wrong_sum(arrival, entry)
        if wrong:
            aside = _set_aside(arrival, target)
            raise CourseError(f"What came from {entry.url} {wrong}; {aside}.")
        arrival.replace(target)
    return target


def _attempt(entry: Entry, arrival: Path) -> str:
    """Download to `arrival`, from the start; return why it failed, or nothing."""
    try:
        pooch.HTTPDownloader(timeout=TIMEOUT)(entry.url, str(arrival), None)  # pyright: ignore
    except requests.HTTPError as error:
        return f"the server answered {error.response.status_code}"  # pyright: ignore
    except requests.Timeout:
        return f"no answer within {TIMEOUT} seconds"
    except requests.ConnectionError:
        return "no connection to the server"
    except requests.exceptions.ChunkedEncodingError:
        return "the connection was cut"
    except OSError as error:  # a full disk, and the rarer errors of requests
        return f"{type(error).__name__}: {error}"
    size = arrival.stat().st_size
    return f"the connection closed after {size} of {entry.bytes} bytes" * (size < entry.bytes)
