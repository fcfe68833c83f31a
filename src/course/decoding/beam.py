"""Beam search: keep the k most probable partial hypotheses at every step (chapter 4)."""

from collections.abc import Sequence

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from course.decoding.hypothesis import CoveragePenalty, Hypothesis, LengthPenalty
from course.decoding.lattice import Beam, Trace
from course.decoding.preparation import (
    OURS,
    evaluating,
    limits,
    prefix_or_start,
    select,
    without_special,
)
from course.errors import CourseError
from course.models.interface import SequenceModel, Sources, SpecialTokens

NEVER = float("-inf")


def beam_search(
    model: SequenceModel,
    src: Sources,
    src_mask: Bool[Tensor, "B S"],
    *,
    max_length: int | Sequence[int],
    beam: int = 5,
    n_best: int = 1,
    length_penalty: LengthPenalty | None = None,
    coverage_penalty: CoveragePenalty | None = None,
    prefix: Int[Tensor, "B P"] | None = None,
    special: SpecialTokens = OURS,
    return_weights: bool = False,
) -> list[list[Hypothesis]]:
    """Search for the sequences of the highest score, `beam` hypotheses wide.

    At every step each live hypothesis is extended by every token, and the `beam` most probable
    extensions are kept. One that ends with the end token is finished and leaves the beam for
    good; the next step fills its place. All live hypotheses have the same length, so that length
    normalisation changes nothing among them: it decides between finished ones.

    A sentence's search stops when no live hypothesis is left, at `max_length`, or as soon as
    `n_best` finished hypotheses score at least as high as the best live one could still reach
    (`LengthPenalty.bound`). That is exact: running on to `max_length` returns nothing better.
    The greater `max_length` is, the later the bound bites. A coverage penalty is never above 0,
    so the same bound stays exact with it, and bites later still.

    With `beam=1` this is greedy search; with a beam as wide as the space it is exact.

    Args:
        model: anything that offers `encode`, `start` and `step`.
        src: source token ids, or what else the model reads.
        src_mask: True at real tokens.
        max_length: the most tokens to generate, the end token included; one number, or one for
            each sentence.
        beam: how many hypotheses to keep, at least 1.
        n_best: how many to return for each sentence, from 1 to `beam`.
        length_penalty: how log-probability becomes score; by default log p / L.
        coverage_penalty: what an overlooked source token costs; by default nothing. Like length
            normalisation it decides between finished hypotheses, not which ones the beam keeps.
        prefix: tokens that the output begins with, not returned; by default the start token.
        special: the vocabulary's start and end token; a published model has others than ours.
        return_weights: keep the attention weights.

    Returns:
        For each sentence at least one and at most `n_best` hypotheses, best first. Unfinished
        ones (`finished=False`) come after all finished ones, and only where those are too few.

    Raises:
        CourseError: if an argument is out of its range, or a coverage penalty is asked for and
            the model has no attention weights.
    """
    beams = _beams(
        src_mask,
        limits(max_length, len(src)),
        width=beam,
        n_best=n_best,
        penalty=length_penalty or LengthPenalty(),
        end=special.end,
        coverage=coverage_penalty,
        keep_weights=return_weights,
    )
    _search(model, src, src_mask, prefix_or_start(src, prefix, special), beams, special)
    return [each.hypotheses() for each in beams]


def trace_beam_search(
    model: SequenceModel,
    src: Sources,
    src_mask: Bool[Tensor, "B S"],
    *,
    max_length: int | Sequence[int],
    beam: int = 5,
    n_best: int = 1,
    length_penalty: LengthPenalty | None = None,
    coverage_penalty: CoveragePenalty | None = None,
    prefix: Int[Tensor, "B P"] | None = None,
    special: SpecialTokens = OURS,
    return_weights: bool = False,
) -> list[Trace]:
    """The same search with its history: one `Trace` a sentence, which holds the results too.

    Each step lists the kept and finished hypotheses and, as pruned, the runners-up: twice the
    beam in all. Arguments and errors are those of `beam_search`.
    """
    beams = _beams(
        src_mask,
        limits(max_length, len(src)),
        width=beam,
        n_best=n_best,
        penalty=length_penalty or LengthPenalty(),
        end=special.end,
        coverage=coverage_penalty,
        keep_weights=return_weights,
        traced=True,
    )
    _search(model, src, src_mask, prefix_or_start(src, prefix, special), beams, special)
    return [each.history() for each in beams]


def _search(
    model: SequenceModel,
    src: Sources,
    src_mask: Bool[Tensor, "B S"],
    prefix: Int[Tensor, "B P"],
    beams: list[Beam],
    special: SpecialTokens,
) -> None:
    """Run all sentences' searches side by side: sentence b owns rows b·width … (b+1)·width - 1."""
    if not beams:
        return
    first = beams[0]
    width, read = first.width, first.keep_weights or first.coverage is not None
    with evaluating(model):
        memory = model.encode(src, src_mask)
        state = model.start(memory, prefix[:, :-1])
        every = torch.arange(len(src), device=src.device).repeat_interleave(width)
        memory, state, token = select(memory, every), select(state, every), prefix[:, -1][every]
        log_prob = _first_slot_only(len(src), width, src.device)
        active = list(beams)
        while active:
            step = model.step(token, memory, state, return_weights=read)
            if first.coverage is not None and step.weights is None:
                raise CourseError(
                    "A coverage penalty needs attention weights, and this model has none; search "
                    "without it."
                )
            log_probs = without_special(step.log_probs, special).unflatten(0, (-1, width))
            total = log_prob.to(log_probs)[:, :, None] + log_probs  # (B, K, V)
            best, parent, token = _best(total, 2 * width if first.traced else width)
            weights = None if step.weights is None else step.weights.unflatten(0, (-1, width))
            going = _advance(active, best, parent, token, weights)
            # Carry on with the kept slots of the sentences that are not done.
            active = [active[i] for i in going]
            chosen = token.new_tensor(going)
            best, parent, token = (x[chosen, :width] for x in (best, parent, token))
            log_prob = best.masked_fill(
                token == special.end, NEVER
            )  # a finished hypothesis is not extended
            rows = (chosen[:, None] * width + parent).flatten()
            memory, state, token = select(memory, rows), select(step.state, rows), token.flatten()


def _first_slot_only(sentences: int, width: int, device: torch.device) -> Float[Tensor, "B K"]:
    """At the start all slots hold the same empty hypothesis: only the first may be extended."""
    log_prob = torch.full((sentences, width), NEVER, device=device)
    log_prob[:, 0] = 0.0
    return log_prob


def _best(
    total: Float[Tensor, "B K V"], count: int
) -> tuple[Float[Tensor, "B C"], Int[Tensor, "B C"], Int[Tensor, "B C"]]:
    """The most probable extensions: log-probability, slot of the parent, token; best first."""
    vocabulary = total.shape[2]
    best, index = total.flatten(1).topk(min(count, total.shape[1] * vocabulary), dim=-1)
    return best, index // vocabulary, index % vocabulary


def _advance(
    active: list[Beam],
    best: Float[Tensor, "B C"],
    parent: Int[Tensor, "B C"],
    token: Int[Tensor, "B C"],
    weights: Float[Tensor, "B K L H S"] | None,
) -> list[int]:
    """Tell each sentence's beam its new candidates; return the positions of those that go on."""
    going = []
    columns = zip(parent.tolist(), token.tolist(), best.tolist(), strict=True)
    for i, (parents, tokens, log_probs) in enumerate(columns):
        candidates = list(zip(parents, tokens, log_probs, strict=True))
        if active[i].advance(candidates, None if weights is None else weights[i]):
            going.append(i)
    return going


def _beams(
    src_mask: Bool[Tensor, "B S"],
    each: list[int],
    *,
    width: int,
    n_best: int,
    penalty: LengthPenalty,
    end: int,
    coverage: CoveragePenalty | None,
    keep_weights: bool,
    traced: bool = False,
) -> list[Beam]:
    if width < 1:
        raise CourseError(f"The beam must be at least 1 wide, not {width}.")
    if not 1 <= n_best <= width:
        raise CourseError(f"n_best must lie between 1 and the beam ({width}), not {n_best}.")
    return [
        Beam(
            width=width,
            limit=limit,
            n_best=n_best,
            penalty=penalty,
            end=end,
            real=real,
            coverage=coverage,
            keep_weights=keep_weights,
            traced=traced,
        )
        for limit, real in zip(each, src_mask, strict=True)
    ]
