"""Edit distance and errors per reference token (chapter 2, claim C1).

Exact match of a whole sequence falls as pⁿ for any model that gets each of n tokens right with
probability p. Errors per token don't, so only they can show whether length itself hurts.
"""

from collections.abc import Hashable, Sequence

from course.errors import CourseError

Tokens = str | Sequence[Hashable]
"""A sequence of tokens or of token ids; a string stands for its white-space words."""


def edit_distance(a: Tokens, b: Tokens) -> int:
    """The fewest insertions, deletions and substitutions that turn `a` into `b` (Levenshtein 1966).

    Examples:
        >>> edit_distance("la voiture bleue", "le voiture est bleue")
        2
    """
    first, second = _split(a), _split(b)
    above = list(range(len(second) + 1))  # from no token of `a` to each prefix of `b`
    for i, token in enumerate(first, start=1):
        row = [i]
        for j, other in enumerate(second, start=1):
            row.append(min(above[j] + 1, row[-1] + 1, above[j - 1] + (token != other)))
        above = row
    return above[-1]


def token_error_rate(hyps: Sequence[Tokens], refs: Sequence[Tokens]) -> float:
    """Edits per reference token over a corpus: 0 is perfect, and it may exceed 1.

    Edits and tokens are summed over sentences first, so that a long sentence weighs more.

    Args:
        hyps: outputs, as token sequences or strings.
        refs: one reference for each.

    Raises:
        CourseError: if the numbers differ, or the references hold no token at all.
    """
    if len(hyps) != len(refs):
        raise CourseError(f"{len(hyps)} outputs cannot be scored against {len(refs)} references.")
    tokens = sum(len(_split(ref)) for ref in refs)
    if not tokens:
        raise CourseError("The references hold no token, so there is no error rate per token.")
    return sum(edit_distance(hyp, ref) for hyp, ref in zip(hyps, refs, strict=True)) / tokens


def closest_reference(hyp: Tokens, refs: Sequence[Tokens]) -> tuple[int, int]:
    """Edits to, and length of, the reference with the fewest edits per token."""
    options = [(edit_distance(hyp, ref), len(_split(ref))) for ref in refs]
    return min(options, key=lambda option: (option[0] / max(option[1], 1), option[1]))


def _split(tokens: Tokens) -> Sequence[Hashable]:
    return tokens.split() if isinstance(tokens, str) else tokens
