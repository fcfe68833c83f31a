"""Record what the shipped models look at, for the figure `attention-explorer` of chapter 5.

    .venv/bin/python tools/record_attention.py [OUT]

`OUT` is by default the file of the package. Run it again after the weights have changed; a test
compares the file with the models.
"""

import json
import sys
from pathlib import Path

from course import zoo
from course.figures.attention_explorer import MODELS
from course.figures.attention_readings import record

OUT = Path(__file__).parents[1] / "src" / "course" / "figures" / "attention_readings.json"


def main(out: Path = OUT) -> None:
    """Write the file, a line for each sentence."""
    opened = {name: zoo.load(model) for name, model in MODELS.items()}
    tokenizer = next(iter(opened.values())).tokenizer  # they were trained with the same one
    found = record([(name, each.model) for name, each in opened.items()], tokenizer)
    lines = (json.dumps(each, ensure_ascii=False, separators=(",", ":")) for each in found)
    out.write_text("[\n" + ",\n".join(lines) + "\n]\n", "utf-8")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
