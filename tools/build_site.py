"""Build the site from the stored outputs: `_build/html`.

Warnings are errors, and nothing is taken from another host.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

import browser_files
import lighten

ROOT = Path(__file__).resolve().parents[1]
STATIC = ROOT / "_build" / "static"
MATHJAX = ROOT / "node_modules" / "mathjax" / "es5"
# what a page with formulas loads, and what MathJax's own menu may ask for
MATHJAX_PARTS = ("tex-chtml.js", "output/chtml/fonts/woff-v2", "input/tex", "a11y", "sre")
SPOKEN = ("base.json", "en.json", "nemeth.json")  # the book's language, and braille


def main() -> int:
    """Build; exit with Sphinx's status, its warnings on stderr."""
    os.chdir(ROOT)
    copy_static()
    # pages of chapters and modules that are gone must not stay
    shutil.rmtree(STATIC.parent / "html", ignore_errors=True)
    # every page is read anew: a warning must not hide behind a page that Sphinx has cached
    command = [
        str(Path(sys.executable).with_name("jupyter-book")),
        "build",
        ".",
        "--toc",
        str(contents()),
    ]
    command += ["-W", "-n", "--keep-going", "--all", "-q"]
    environment = os.environ | {"PYDEVD_DISABLE_FILE_VALIDATION": "1", "COURSE_DEVICE": "cpu"}
    result = subprocess.run(command, env=environment, capture_output=True, text=True)
    output = re.sub(r"\x1b\[[0-9;]*m", "", result.stdout + result.stderr)
    if result.returncode:
        (STATIC.parent / "html" / "index.html").unlink(missing_ok=True)
        print(output, file=sys.stderr)
    else:
        lighten.lighten(STATIC.parent / "html")
        browser_files.lay(STATIC.parent / "html" / "_static" / "live")
    return result.returncode


def contents() -> Path:
    """Write the table of contents without the chapters whose notebook isn't there yet."""
    toc = yaml.safe_load((ROOT / "book" / "_toc.yml").read_text("utf-8"))
    for part in toc["parts"]:
        part["chapters"] = [
            chapter
            for chapter in part["chapters"]
            if any((ROOT / f"{chapter['file']}{end}").is_file() for end in (".md", ".ipynb"))
        ]
    toc["parts"] = [part for part in toc["parts"] if part["chapters"]]
    path = STATIC.parent / "toc.yml"
    path.write_text(yaml.safe_dump(toc, sort_keys=False), "utf-8")
    return path


def unneeded(folder: str, names: list[str]) -> list[str]:
    """Leave out what MathJax would say of formulas in other languages, and all of TeX in one."""
    if Path(folder).name == "mathmaps":
        return [name for name in names if name not in SPOKEN]
    return [name for name in names if name == "all-packages.js"]


def copy_static() -> None:
    """Lay what the pages load beside the sources: palette, live figures, MathJax."""
    sys.path.insert(0, str(ROOT / "src"))
    from course.figures import bundle, palette

    STATIC.mkdir(parents=True, exist_ok=True)
    (STATIC / "palette.css").write_text(palette.css(), "utf-8")
    (STATIC / "figures.css").write_text(bundle.figures_css(), "utf-8")
    # what is gone must not stay
    shutil.rmtree(STATIC / "live" / "browser", ignore_errors=True)
    shutil.copytree(browser_files.BROWSER, STATIC / "live" / "browser")
    shutil.rmtree(STATIC / "mathjax", ignore_errors=True)
    for part in MATHJAX_PARTS:
        source, target = MATHJAX / part, STATIC / "mathjax" / part
        if source.is_dir():
            shutil.copytree(source, target, dirs_exist_ok=True, ignore=unneeded)
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)


if __name__ == "__main__":
    sys.exit(main())
