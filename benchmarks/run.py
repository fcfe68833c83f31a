"""Measure speeds and sizes, and store them in `src/course/results/bench.json`.

    make bench                                  everything
    python benchmarks/run.py training padding   only these parts; the others stay as they were

The file is `{schema, env, PART: …}` with the parts below; each is a dictionary of numbers whose
names say the unit. A mark in prose reads them: `r:bench/PART/NAME`.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "src" / "course" / "results" / "bench.json"
sys.path.insert(0, str(ROOT / "tools"))

import torch  # noqa: E402

import frontier  # noqa: E402
import house  # noqa: E402
import speeds  # noqa: E402
import ways  # noqa: E402

PARTS = {
    "training": speeds.training,
    "decoding": speeds.decoding,
    "padding": speeds.padded,
    "loading": speeds.loading,
    "attention": frontier.attention,
    "ways": ways.ways,
    "processes": ways.several,
    "notebooks": house.notebooks,
    "book": house.book,
}


def environment() -> dict[str, Any]:
    """Say what the numbers were measured on."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True
    ).stdout.strip()
    return {
        "commit": commit,
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "machine": platform.machine(),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "device": "cpu",
        "load_before": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
    }


def main() -> int:
    """Run the parts that the command line names, all if none, and store each as it ends."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], help="what to measure")
    chosen = parser.parse_args().parts or list(PARTS)
    stored = json.loads(OUT.read_text("utf-8")) if OUT.is_file() else {}
    stored |= {"schema": 1, "env": environment()}
    for part in chosen:
        print(f"==> {part}", flush=True)
        start = time.monotonic()
        stored[part] = PARTS[part]()
        print(json.dumps(stored[part], indent=2), f"({time.monotonic() - start:.0f} s)", flush=True)
        temporary = OUT.with_suffix(".part")
        temporary.write_text(json.dumps(stored, indent=2) + "\n", "utf-8")
        temporary.replace(OUT)
    print(f"Stored in {OUT.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
