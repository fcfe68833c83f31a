"""What the book costs: each notebook, and the site from nothing and repeated."""

import os
import shutil
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import psutil

import notebooks as pairs

ROOT = Path(__file__).resolve().parents[1]


def notebooks() -> dict[str, Any]:
    """Seconds and peak memory (MB, the kernel's resident set) of each notebook."""
    found = {}
    for chapter in pairs.chapters():
        with _Peak() as peak:
            start = time.monotonic()
            pairs.run(chapter)
            seconds = time.monotonic() - start
        found[chapter.stem] = {"seconds": round(seconds), "peak_mb": round(peak.bytes / 1e6)}
    return found


def book() -> dict[str, Any]:
    """Seconds of `make book` in a fresh copy, with nothing installed, and repeated."""
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder, "clone")
        subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True)
        home = Path(folder, "home")
        home.mkdir()
        # the reader's machine: their caches are empty, their package settings are kept
        environment = {k: v for k, v in os.environ.items() if k not in {"MAKEFLAGS", "MAKELEVEL"}}
        environment |= {"HOME": str(home), "XDG_CACHE_HOME": str(home / ".cache")}
        environment["PATH"] = os.pathsep.join(
            part for part in environment["PATH"].split(os.pathsep) if not part.startswith(str(ROOT))
        )
        times = {}
        for name in ("from_nothing_seconds", "repeated_seconds"):
            start = time.monotonic()
            subprocess.run(
                ["make", "book"], cwd=clone, env=environment, check=True, capture_output=True
            )
            times[name] = round(time.monotonic() - start, 1)
        site = clone / "_build" / "html"
        times["site_mb"] = round(
            sum(f.stat().st_size for f in site.rglob("*") if f.is_file()) / 1e6, 1
        )
        shutil.rmtree(clone / ".venv", ignore_errors=True)
    return times


class _Peak:
    """Watch the resident memory of the kernels that this process starts."""

    def __enter__(self) -> "_Peak":
        self.bytes = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        me = psutil.Process()
        while not self._stop.wait(0.2):
            for child in me.children(recursive=True):
                try:
                    self.bytes = max(self.bytes, child.memory_info().rss)
                except psutil.Error:
                    continue
