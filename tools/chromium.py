"""Find a Chromium for the site tests, or install one.

An installed one first; else Playwright's own; else the Debian package, where root.

    python tools/chromium.py         print its path, installing it if need be
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find() -> str | None:
    """Return the path of a Chromium that is there, or None."""
    for name in NAMES:
        path = shutil.which(name)
        if path:
            return path
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def install() -> None:
    """Try to install one; what fails says so, and the next way is tried."""
    _run(sys.executable, "-m", "playwright", "install", "chromium")
    if find() is None and os.name == "posix" and os.geteuid() == 0 and shutil.which("apt-get"):
        _run("apt-get", "update", "-qq")
        _run("apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium")


def _run(*command: str) -> None:
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    try:
        result = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=600
        )
    except subprocess.TimeoutExpired:
        print(f"{' '.join(command)}: no answer in 10 minutes", file=sys.stderr)
        return
    if result.returncode:
        lines = (result.stderr or result.stdout).strip().splitlines() or [""]
        print(f"{' '.join(command)} failed: {lines[-1]}", file=sys.stderr)


def main() -> int:
    """Print the path of a Chromium; exit 1 with one sentence if none can be had."""
    path = find()
    if path is None:
        print("No Chromium yet: installing one.", file=sys.stderr)
        install()
        path = find()
    if path is None:
        print("No Chromium: install one and put it on PATH as `chromium`.", file=sys.stderr)
        return 1
    print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
