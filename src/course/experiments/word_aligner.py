"""eflomal, an established word aligner, as the mark that attention is held against (chapter 5).

Östling and Tiedemann 2016, "Efficient word alignment with Markov Chain Monte Carlo": a Bayesian
model with jumps (HMM) and fertility, learnt from the sentence pairs alone. It is optional
(`pip install "seq2seq-course[align]"`): only the records of C8 need it, and they are stored.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from course.errors import CourseError
from course.metrics import Link

WAYS = ("forward", "backward", "both", "either")
"""One direction, the other, links found in both, links found in either."""

Sides = Sequence[tuple[Sequence[str], Sequence[str]]]


def align(pairs: Sides) -> dict[str, list[set[Link]]]:
    """Learns from sentence pairs and links them, (source word, target word), in four ways.

    Args:
        pairs: Words of each side; none may be empty.

    Raises:
        CourseError: If eflomal is not installed.
    """
    try:
        import eflomal  # pyright: ignore[reportMissingImports]
    except ImportError:
        raise CourseError(
            "This measurement compares with the word aligner eflomal, which is not installed: "
            'pip install "seq2seq-course[align]" (it needs a C compiler).'
        ) from None
    # it separates words by spaces and sentences by line ends
    sides = [
        [" ".join(w.replace(" ", "") for w in words) for words in side]
        for side in zip(*pairs, strict=True)
    ]
    with tempfile.TemporaryDirectory() as folder:
        files = [str(Path(folder) / name) for name in ("forward", "backward")]
        eflomal.Aligner().align(
            sides[0], sides[1], links_filename_fwd=files[0], links_filename_rev=files[1]
        )
        forward, backward = (_read(Path(file)) for file in files)
    both = zip(forward, backward, strict=True)
    crossed = [(a & b, a | b) for a, b in both]
    return {
        "forward": forward,
        "backward": backward,
        "both": [a for a, _ in crossed],
        "either": [b for _, b in crossed],
    }


def _read(path: Path) -> list[set[Link]]:
    """Reads lines such as "0-0 2-1"."""
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        links = (link.split("-") for link in line.split())
        found.append({(int(src), int(tgt)) for src, tgt in links})
    return found
