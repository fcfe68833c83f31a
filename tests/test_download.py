"""Files come from the mirror, the cache or the network, and only whole and right ones."""

import hashlib
import http.server
import re
import threading

import pytest

from course import runtime
from course.data import download
from course.data.corpora import fetch
from course.errors import CourseError

CONTENT = b"The blue car.\tLa voiture bleue.\n" * 4001
FILE = "tiny/pairs.tsv"


class Server(http.server.ThreadingHTTPServer):
    """Serves CONTENT, or what `misbehave` makes of each answer; counts what it was asked."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests = 0
        self.misbehave = lambda number: "well"

    def handle_error(self, request, client_address):
        """Say nothing: a cut connection is what the tests are about."""


class Handler(http.server.BaseHTTPRequestHandler):
    server: Server

    def do_GET(self):  # noqa: N802, D102
        how = self.server.misbehave(self.server.requests)
        self.server.requests += 1
        if how == "missing":
            self.send_error(404)
            return
        self.send_response(200)
        if how != "silent about size":
            self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        body = CONTENT[::-1] if how == "wrong" else CONTENT
        cut = how in ("cut", "silent about size")
        self.wfile.write(body[: len(body) // 3] if cut else body)

    def log_message(self, *_):
        """Keep the test's output clean."""


@pytest.fixture
def server(monkeypatch):
    """A server on this machine and a manifest of one file that points at it."""
    monkeypatch.setenv("NO_PROXY", "*")
    running = Server()
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    entry = download.Entry(
        file=FILE,
        url=f"http://127.0.0.1:{running.server_port}/pairs.tsv",
        bytes=len(CONTENT),
        sha256=hashlib.sha256(CONTENT).hexdigest(),
        licence="none",
        attribution="nobody",
    )
    monkeypatch.setattr(download, "manifest", lambda: {FILE: entry})
    yield running
    running.shutdown()
    running.server_close()
    thread.join()


def cached() -> list[str]:
    """Names of all files in the cache."""
    return sorted(path.name for path in runtime.cache_dir().rglob("*") if path.is_file())


def test_a_download_is_cached(server):
    path = fetch(FILE)
    assert path == runtime.cache_dir() / FILE and path.read_bytes() == CONTENT
    assert fetch(FILE) == path and server.requests == 1
    assert cached() == ["pairs.tsv"]


def test_the_mirror_is_looked_at_first(server, tmp_path, monkeypatch):
    fetch(FILE)
    monkeypatch.setenv("COURSE_DATA_MIRROR", str(tmp_path))
    assert fetch(FILE) == runtime.cache_dir() / FILE  # the mirror lacks it
    (tmp_path / "tiny").mkdir()
    (tmp_path / FILE).write_bytes(CONTENT)
    assert fetch(FILE) == tmp_path / FILE
    assert server.requests == 1


def test_a_wrong_file_in_the_mirror_is_named_and_left_alone(server, tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_DATA_MIRROR", str(tmp_path))
    (tmp_path / "tiny").mkdir()
    (tmp_path / FILE).write_bytes(b"other")
    with pytest.raises(CourseError, match="in the mirror") as caught:
        fetch(FILE)
    assert str(tmp_path / FILE) in str(caught.value)
    assert hashlib.sha256(b"other").hexdigest() in str(caught.value)
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["pairs.tsv"]
    assert server.requests == 0


@pytest.mark.parametrize("how", ["cut", "silent about size"])
def test_a_cut_download_starts_again(server, how):
    server.misbehave = lambda number: how if number < 2 else "well"
    assert fetch(FILE).read_bytes() == CONTENT
    assert server.requests == 3
    assert cached() == ["pairs.tsv"]


@pytest.mark.parametrize("how", ["cut", "silent about size"])
def test_a_cut_download_is_never_accepted(server, how):
    server.misbehave = lambda number: how
    with pytest.raises(CourseError, match="could not be downloaded.*(cut|closed after)"):
        fetch(FILE)
    assert server.requests == download.ATTEMPTS
    assert cached() == []


def test_a_wrong_checksum_shows_both_sums_and_sets_the_file_aside(server):
    server.misbehave = lambda number: "wrong"
    with pytest.raises(CourseError, match="not the file expected") as caught:
        fetch(FILE)
    message = str(caught.value)
    assert hashlib.sha256(CONTENT).hexdigest() in message
    assert hashlib.sha256(CONTENT[::-1]).hexdigest() in message
    aside = runtime.cache_dir() / (FILE + ".rejected")
    assert str(aside) in message and aside.read_bytes() == CONTENT[::-1]
    assert cached() == ["pairs.tsv.rejected"]


def test_a_spoilt_file_in_the_cache_is_set_aside_and_replaced(server):
    path = fetch(FILE)
    path.write_bytes(CONTENT[:-1])
    with pytest.raises(CourseError, match="set aside as .*rejected, and the next call downloads"):
        fetch(FILE)
    assert cached() == ["pairs.tsv.rejected"]
    assert fetch(FILE).read_bytes() == CONTENT


def test_no_network_says_what_to_do(server):
    server.shutdown()
    server.server_close()
    with pytest.raises(CourseError, match="no connection") as caught:
        fetch(FILE)
    message = str(caught.value)
    for part in (
        download.manifest()[FILE].url,
        str(runtime.cache_dir() / FILE),
        "'grammar'",
        "COURSE_DATA_MIRROR",
    ):
        assert part in message
    assert "\n" not in message and cached() == []


def test_a_file_that_is_gone(server):
    server.misbehave = lambda number: "missing"
    with pytest.raises(CourseError, match="the server answered 404"):
        fetch(FILE)
    assert cached() == []


def test_a_cache_that_cannot_be_written(server, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "file"))
    with pytest.raises(CourseError, match="cannot be written .* set COURSE_CACHE"):
        fetch(FILE)


def test_what_a_killed_download_left_is_not_in_the_way(server):
    folder = runtime.cache_dir() / "tiny" / ".download-killed"
    folder.mkdir(parents=True)
    (folder / "pairs.tsv").write_bytes(CONTENT[:99])
    assert fetch(FILE).read_bytes() == CONTENT


def test_unknown_files_list_the_known(server):
    with pytest.raises(CourseError, match=re.escape(f"known are {FILE}")):
        fetch("tiny/other.tsv")


def test_the_manifest_is_sound():
    entries = download.manifest()
    assert len(entries) == 26
    for entry in entries.values():
        assert entry.url.startswith("https://") and entry.bytes > 0
        assert re.fullmatch("[0-9a-f]{64}", entry.sha256)
        assert entry.licence and entry.attribution
    assert download.credit("alibi").startswith("CC BY-SA 4.0; ")


def test_the_mirror_agrees_with_the_manifest(data_mirror):
    for file in download.manifest():
        if ".de." not in file:
            fetch(file)
