"""Numbers in prose: which need a mark, and whether each mark agrees with what it names.

A decimal, a percentage or a ratio is followed at once by a mark: `93%<!--r:RECORD/ARM/X/METRIC-->`
(drawn from a record), `28.8<!--cite:bengio2015-->` (a paper's) or `0.5<!--exact-->` (arithmetic).
Numbers in code, in formulas and in links need none, nor do names such as Python 3.11.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

SIGN = r"[+\-−–]?"
NUMBER = rf"{SIGN}\d[\d,]*(?:\.\d+)?"
UNIT = r"(?:\s?%|\s?‰|\s?×|(?:k|M|ppm)\b)?"
CLOSING = r"[*_)\]”\"]*"
MARK = re.compile(rf"({NUMBER})({UNIT}){CLOSING}<!--\s*(.*?)\s*-->")

# what has to be marked
DECIMAL = r"\d[\d,]*\.\d+"
PERCENT = r"\d[\d,.]*\s?(?:%|‰|per cent\b|percent\b|percentage points?\b)"
RATIO = r"\d[\d,.]*(?:\s?×|\s?:\s?\d[\d.]*| times\b| out of \d+)"
NEEDS_MARK = re.compile(rf"(?<![\w.,]){SIGN}(?:{PERCENT}|{RATIO}|{DECIMAL})")
NAMES = re.compile(
    r"\b(?:Python|PyTorch|torch|Jupyter Book|CC.BY(?:.SA)?|MIT|Exercises?|exercises?|Predict|"
    r"Sections?|sections?|§|Figures?|Tables?|Equations?|equations?|Eq\.|eq\.|arXiv:?|WCAG)\s*"
    r"\d+(?:\.\d+)*(?:(?:,| and|–|-)\s?\d+(?:\.\d+)*)*"
)
VERSION = re.compile(r"\b\d+\.\d+\.\d+[\w.]*")
URL = re.compile(r"https?://\S+|doi:\S+")


@dataclass(frozen=True)
class Marked:
    """A marked number: as shown, its unit, the mark, and the line on which it stands."""

    shown: str
    unit: str
    mark: str
    line: int


def prose(text: str) -> str:
    """Return the prose of a Markdown page: code, formulas, links and front matter blanked out."""

    def blank(match: re.Match[str]) -> str:
        return re.sub(r"[^\n]", " ", match[0])

    text = re.sub(r"\A---\n.*?\n---\n", blank, text, flags=re.S)
    text = re.sub(r"(?m)^(`{3,}|~{3,}).*?^\1`*\s*$", blank, text, flags=re.S)
    text = re.sub(r"\$\$.*?\$\$", blank, text, flags=re.S)
    text = re.sub(r"(?<![\\$])\$(?!\s)[^$\n]+?\$", blank, text)
    text = re.sub(r"(`+)(?!`).+?(?<!`)\1(?!`)", blank, text)
    text = re.sub(r"\]\([^)\s]*\)", lambda m: "]" + " " * (len(m[0]) - 1), text)
    return URL.sub(blank, text)


def unmarked(text: str) -> list[str]:
    """Return each number that lacks its mark, with its line and its surroundings."""
    words = prose(text)
    covered = MARK.sub(lambda m: re.sub(r"[^\n]", "·", m[0]), words)
    covered = re.sub(r"<!--.*?-->", lambda m: re.sub(r"[^\n]", " ", m[0]), covered, flags=re.S)
    for names in (NAMES, VERSION):
        covered = names.sub(lambda m: re.sub(r"[^\n]", " ", m[0]), covered)
    found = []
    for match in NEEDS_MARK.finditer(covered):
        line = words.count("\n", 0, match.start()) + 1
        around = " ".join(words[max(0, match.start() - 40) : match.end() + 25].split())
        found.append(f"line {line}: {match[0].strip()} in “{around}”")
    return found


def marked(text: str) -> list[Marked]:
    """Return all marked numbers of a page."""
    words = prose(text)
    return [
        Marked(match[1], match[2].strip(), match[3], words.count("\n", 0, match.start()) + 1)
        for match in MARK.finditer(words)
    ]


def loose(text: str) -> list[str]:
    """Return marks that do not stand right behind a number, and marks of no known kind."""
    words = prose(text)
    all_marks = re.findall(r"<!--\s*((?:r|cite):.*?|exact)\s*-->", words)
    bound = [number.mark for number in marked(text)]
    unknown = [m for m in bound if not re.match(r"(r|cite):\S|exact$", m)]
    for mark in bound:
        if mark in all_marks:
            all_marks.remove(mark)
    return all_marks + unknown


def agrees(number: Marked, value: float) -> bool:
    """Return whether a number says its record's value, rounded to the digits that it shows.

    A percentage may stand for a fraction (93% for 0.93) or for a value in per cent.
    """
    shown = number.shown.replace(",", "").replace("−", "-").replace("–", "-").lstrip("+")
    digits = len(shown.partition(".")[2])
    scale = {"k": 1e3, "M": 1e6, "ppm": 1e-6}.get(number.unit, 1.0)
    values = [value / scale]
    if number.unit == "%":
        values = [100 * value]
    # the sign may be said in words ("falls by 3 points")
    signed = shown.startswith("-") or number.shown.startswith("+")
    stated = float(shown)
    tolerance = 0.5 * 10**-digits + 1e-9 * max(1.0, abs(stated))
    return any(abs((v if signed else abs(v)) - stated) <= tolerance for v in values)


def problems(text: str, value: Callable[[str], float], known_papers: set[str]) -> list[str]:
    """Return all that is wrong with the numbers of a page, one sentence each.

    Args:
        text: the page, as Markdown.
        value: gives the number that a mark `RECORD/…` names; raises if there is none.
        known_papers: keys of the bibliography.
    """
    found = [f"{number} has no mark" for number in unmarked(text)]
    found += [f"<!--{mark}--> does not stand behind a number" for mark in loose(text)]
    for number in marked(text):
        where = f"line {number.line}: {number.shown}{number.unit}"
        if number.mark.startswith("r:"):
            try:
                stored = value(number.mark[2:])
            except Exception as error:
                found.append(f"{where}: {error}")
                continue
            if not agrees(number, stored):
                found.append(f"{where} but {number.mark} is {stored:.6g}")
        elif number.mark.startswith("cite:") and number.mark[5:] not in known_papers:
            found.append(f"{where}: no paper {number.mark[5:]} in references.bib")
    return found


def pages() -> list[Path]:
    """Return all pages whose prose is held to this."""
    chapters = sorted((ROOT / "book" / "chapters").glob("*.md"))
    others = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "book").glob("*.md"))]
    return [path for path in [*chapters, *others] if path.is_file()]


def papers() -> set[str]:
    """Return the keys of the bibliography."""
    text = (ROOT / "book" / "references.bib").read_text("utf-8")
    return set(re.findall(r"(?m)^@\w+\{([^,\s]+),", text))
