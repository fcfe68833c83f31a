"""What a model's own words cost it: errors by position, and after planted mistakes (chapter 3)."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

import torch

from course.data import grammar
from course.experiments import clause_task, slips
from course.experiments.clause_task import Test
from course.experiments.fitting import write_out
from course.models.seq2seq import Seq2Seq
from course.runtime import generator

DISTANCES = range(1, 12)
Found = dict[tuple[int | str, str], float]
"""(x, metric) -> value."""


def gap(model: Seq2Seq, name: str, test: Test, *, by_position: bool) -> Found:
    """Returns the share of words missed, teacher-forced and free-running.

    Args:
        model: A trained model.
        name: The set.
        test: Its sentences.
        by_position: For each position that all sentences have, or for all words together.
    """
    forced = slips.forced_missed(model, *test)
    written = write_out(model, *test)
    aligned = [slips.missed(h, r) for h, r in zip(*written, strict=True)]
    found: Found = {("run", f"token_error_rate.{name}"): written.token_error_rate}
    for how, rows in (("forced", forced), ("written", aligned)):
        if by_position:
            for place in range(min(map(len, rows))):
                found[place + 1, f"{how}.{name}"] = fmean(row[place] for row in rows)
        else:
            found["run", f"{how}.{name}"] = sum(map(sum, rows)) / sum(map(len, rows))
    return found


def recovery(
    model: Seq2Seq,
    name: str,
    test: Test,
    *,
    kinds: Sequence[slips.Kind],
    places: Sequence[int],
    parsed: int = 0,
) -> Found:
    """Returns the share of words missed at each distance behind a mistake, and without one.

    Args:
        model: A trained model.
        name: The set.
        test: Its sentences.
        kinds: The kinds of mistake.
        places: The first and the last place where a mistake may stand, counted from 0.
        parsed: How many whole texts to show to the parser.
    """
    where = generator(0, "c05", "places", name)
    low, high = places[0], places[1] + 1
    at = torch.randint(low, high, (len(test.tgt),), generator=where).tolist()
    words = sorted({token for row in test.tgt for token in row})
    found: Found = {}
    for kind in kinds:
        source = generator(0, "c05", "words", name, kind)
        got = slips.recover(model, kind, *test, places=at, words=words, generator=source)
        after, clean = got.missed_by_distance(len(DISTANCES))
        found |= {(d, f"{kind}.{name}"): a for d, a in zip(DISTANCES, after, strict=True)}
        found |= {(d, f"{kind}.{name}.clean"): c for d, c in zip(DISTANCES, clean, strict=True)}
        if parsed:
            some = slips.Recovery(got.slips[:parsed], got.after[:parsed], got.clean[:parsed])
            shares = some.accepted(clause_task.tokenizer().decode, grammar.accepts)
            for how, share in zip(("written", "corrected", "clean"), shares, strict=True):
                found["run", f"accepted.{kind}.{how}"] = share
    return found
