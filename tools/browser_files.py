"""Lay what the live models need beside the site: the runtime and the exported models.

    python tools/browser_files.py FOLDER

`FOLDER/ort/` gets the runtime from node_modules (its WebAssembly gzipped, with its sha256 in
`ort.json`), `FOLDER/models/NAME/` each model of the zoo, exported once for its weights, and
`FOLDER/models.json` says what all of these weigh. What was made is kept below `_build/models`. All
files are `.mjs`, `.json` and binary: the book adds every `.js` to every page.
"""

import gzip
import hashlib
import json
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
BROWSER = ROOT / "src" / "course" / "browser"
ORT = ROOT / "node_modules" / "onnxruntime-web" / "dist"
SCRIPT, WASM = "ort.wasm.bundle.min.mjs", "ort-wasm-simd-threaded.wasm"
CACHE = ROOT / "_build" / "models"


def lay(target: Path) -> None:
    """Copy and make all of it; without the extra `export` the models are left out."""
    target.mkdir(parents=True, exist_ok=True)
    note = {
        "schema": 1,
        "runtime": lay_runtime(target / "ort"),
        "models": lay_models(target / "models"),
    }
    (target / "models.json").write_text(json.dumps(note, indent=1) + "\n", "utf-8")


def lay_models(target: Path) -> dict[str, Any]:
    """Copy the exported models, made at most once; return what each weighs."""
    if find_spec("onnx") is None or find_spec("onnxscript") is None:
        print("The extra `export` isn't installed: the site gets no live models.", file=sys.stderr)
        return {}
    from course import zoo
    from course.export import export_cached

    weighed = {}
    for name in zoo.names():
        folder = export_cached(name, CACHE)
        shutil.copytree(folder, target / name, dirs_exist_ok=True)
        manifest = json.loads((folder / "model.json").read_text("utf-8"))
        weighed[name] = {key: manifest[key] for key in ("bytes", "files", "parameters")}
    return weighed


def lay_runtime(target: Path) -> dict[str, Any]:
    """Copy the runtime and return what `ort.json` says; packed once, the site gets a copy."""
    wasm = (ORT / WASM).read_bytes()
    source = hashlib.sha256(wasm).hexdigest()
    cache = CACHE / f"ort-{source[:16]}"
    if not (cache / "ort.json").exists():
        cache.mkdir(parents=True, exist_ok=True)
        packed = gzip.compress(wasm, compresslevel=9, mtime=0)
        (cache / f"{WASM}.gz").write_bytes(packed)
        shutil.copy2(ORT / SCRIPT, cache / SCRIPT)
        known = {
            "script": SCRIPT,
            "scriptBytes": (ORT / SCRIPT).stat().st_size,
            "wasm": {
                "url": f"{WASM}.gz",
                "sha256": hashlib.sha256(packed).hexdigest(),
                "bytes": len(packed),
            },
        }
        (cache / "ort.json").write_text(json.dumps(known, indent=1) + "\n", "utf-8")
    shutil.copytree(cache, target, dirs_exist_ok=True)
    return json.loads((target / "ort.json").read_text("utf-8"))


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT / "src"))
    lay(Path(sys.argv[1]))
