"""Lay what the live models need beside the site: modules, runtime and exported models.

    python tools/browser_files.py FOLDER

`FOLDER/browser/` gets our modules, `FOLDER/ort/` the runtime from node_modules (its WebAssembly
gzipped, with its sha256 in `ort.json`), `FOLDER/models/NAME/` each model of the zoo, exported once
for its weights. All are `.mjs`, `.json` and binary: the book adds every `.js` to every page.
"""

import gzip
import hashlib
import json
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BROWSER = ROOT / "src" / "course" / "browser"
ORT = ROOT / "node_modules" / "onnxruntime-web" / "dist"
SCRIPT, WASM = "ort.wasm.bundle.min.mjs", "ort-wasm-simd-threaded.wasm"
CACHE = ROOT / "_build" / "models"


def lay(target: Path) -> None:
    """Copy and make all of it; without the extra `export` the models are left out."""
    shutil.copytree(BROWSER, target / "browser", dirs_exist_ok=True)
    lay_runtime(target / "ort")
    if find_spec("onnx") is None or find_spec("onnxscript") is None:
        print("The extra `export` isn't installed: the site gets no live models.", file=sys.stderr)
        return
    from course import zoo
    from course.export import export_cached

    for name in zoo.names():
        folder = export_cached(name, CACHE)
        shutil.copytree(folder, target / "models" / name, dirs_exist_ok=True)


def lay_runtime(target: Path) -> None:
    """Copy the runtime; the same WebAssembly always gives the same bytes."""
    target.mkdir(parents=True, exist_ok=True)
    shutil.copy2(ORT / SCRIPT, target / SCRIPT)
    wasm = (ORT / WASM).read_bytes()
    note = target / "ort.json"
    source = hashlib.sha256(wasm).hexdigest()
    if note.exists() and json.loads(note.read_text("utf-8"))["source"] == source:
        return
    packed = gzip.compress(wasm, compresslevel=9, mtime=0)
    (target / f"{WASM}.gz").write_bytes(packed)
    known = {
        "script": SCRIPT,
        "wasm": {
            "url": f"{WASM}.gz",
            "sha256": hashlib.sha256(packed).hexdigest(),
            "bytes": len(packed),
        },
        "source": source,
    }
    note.write_text(json.dumps(known, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT / "src"))
    lay(Path(sys.argv[1]))
