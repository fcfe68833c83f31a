"""Do cheap attentions come near full attention? The arithmetic of C19 (chapter 10)."""

from __future__ import annotations

from collections.abc import Mapping

from course.experiments.rules import (
    CAVEAT,
    INCONCLUSIVE,
    NOT_SUPPORTED,
    SUPPORTED,
    Verdict,
    flat,
    interval,
    paired,
)

CLAIMED = {"sparse": ("window", "global"), "linear": ("linear",), "kernel": ("performer",)}
"""What the claim speaks of, and the kinds of layer that stand for it; the better one counts."""


def compared(lack: Mapping[str, Mapping[int, float]]) -> dict[str, float]:
    """Returns each kind's mean, and what it lacks to full attention.

    Keys, each with `.low` and `.high`: KIND; KIND.gap, KIND − full; and for each of `CLAIMED` its
    `.gap`, that of the better of its kinds, by the mean.

    Args:
        lack: For each kind by seed how bad it is: a loss, or a share of wrong answers.
    """
    gaps = {kind: paired(values, lack["full"]) for kind, values in lack.items() if values}
    found = flat(**{kind: interval(lack[kind].values()) for kind in gaps})
    found |= flat(**{f"{kind}__gap": gap for kind, gap in gaps.items() if kind != "full"})
    for family, kinds in CLAIMED.items():
        best = min(kinds, key=lambda kind: gaps[kind].mean)
        found |= flat(**{f"{family}__gap": gaps[best]})
    return found


def judge(
    summary: Mapping[str, float],
    effect: float,
    families: Mapping[str, tuple[str, ...]] = CLAIMED,
) -> Verdict:
    """Judges over whole intervals.

    A family comes near if it lacks at most the effect, and stays behind if it surely lacks more.
    Supported: all come near. Not supported: all stay behind. With a caveat: some do
    the one and the others the other. Else inconclusive.

    Args:
        summary: See `compared`.
        effect: The smallest that matters.
        families: Those judged.
    """
    near = sum(summary[f"{family}.gap.high"] <= effect for family in families)
    behind = sum(summary[f"{family}.gap.low"] > effect for family in families)
    if near + behind < len(families):
        return INCONCLUSIVE
    if near == len(families):
        return SUPPORTED
    return CAVEAT if near else NOT_SUPPORTED


RULE = (repr(CLAIMED), compared, judge)
