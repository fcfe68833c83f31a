"""The harness of the exercises: reading them from the chapters, trying answers, mutating solutions.

`chapter_05.py` lists wrong answers; `reading.py` runs an exercise as a reader would;
`mutations.py` makes the small mistakes; `differing.py` says whether one changes an output.
"""

from collections import Counter
from dataclasses import dataclass


@dataclass(frozen=True)
class Wrong:
    """A plausible wrong answer, in place of the solution, and a part of what it is told."""

    code: str
    message: str


COUNTS: Counter[str] = Counter()
"""What the tests of this run have tried; shown at their end."""
