"""Checks of the exercises of chapter 9, three families."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from course.exercises.checking import (
    call,
    describe,
    expect_close,
    expect_gradient_close,
    fresh_generator,
    require,
)
from course.exercises.corrupted_text import berts_masking, spans_out_and_in_again
from course.exercises.label_words import (
    classify_by_the_labels_words,
    measure_entities_not_tags,
    take_out_what_the_prompt_says_by_itself,
)
from course.exercises.predictions import Prediction
from course.exercises.published_layer import a_small_project_a_published_layer_in_our_code
from course.exercises.stand_ins import draw
from course.ops.masks import causal_mask, padding_mask

DOUBLE = torch.float64


def the_mask_of_a_prefix(answer: Any) -> str:
    """9.2: the prefix is read both ways, the rest forwards, padding never."""
    g = fresh_generator()
    for size in (7, 5, 2):
        lengths = torch.tensor([size, *draw(2, size, g, 3)])[torch.randperm(4, generator=g)]
        half = (torch.rand(4, generator=g) * (lengths - 1)).long() + 1  # from 1 to length - 1
        for prefixes in (0 * lengths, lengths, half):
            _try_prefixes(answer, prefixes, lengths, size)
    return (
        "Batches of four texts with no prefix, with nothing else, and with both. Notice that two "
        "families are its ends: with no prefix it is a decoder's mask, and with nothing but a "
        "prefix an encoder's."
    )


def _try_prefixes(answer: Any, prefixes: Tensor, lengths: Tensor, size: int) -> None:
    given = f"prefixes {prefixes.tolist()}, lengths {lengths.tolist()} and size {size}"
    found = call(answer, prefixes, lengths, size)
    bools = isinstance(found, Tensor) and found.dtype == torch.bool
    require(bools, f"For {given}: a mask is a tensor of True and False, not {describe(found)}.")
    require(
        found.shape == (4, 1, size, size),
        f"For {given}, the shape is {tuple(found.shape)}. Asked for are a text, all heads alike, "
        "who looks, and where: four axes.",
    )
    real = padding_mask(lengths, size)[:, None, None]
    order, prefix = causal_mask(size), padding_mask(prefixes, size)[:, None, None]
    padded = f"For {given}, a place may look at padding: which axis is read?"
    require(not (found & ~real).any(), padded)
    early = f"For {given}, a place may look at a later one that is not in the prefix."
    require(not (found & ~order & ~prefix).any(), early)
    missed = f"For {given}, a place misses real words that stand before it, or itself."
    require(not (order & real & ~found).any(), missed)
    ways = f"For {given}, a place in the prefix doesn't see the rest of the prefix."
    require(torch.equal(found, (order | prefix) & real), ways)


def find_the_bugs_in_one_vector_for_a_text(answer: Any) -> str:
    """9.5: a text's vector doesn't depend on what stands beside it, nor behind it."""
    g = fresh_generator()
    features = torch.randn(3, 5, 7, generator=g, dtype=DOUBLE)
    lengths = torch.tensor([3, 5, 1])
    full = torch.full_like(lengths, 5)
    alone: dict[str, Callable[[Tensor], Tensor]] = {
        "first": lambda text: text[0],
        "mean": lambda text: text.mean(0),
        "max": lambda text: text.amax(0),
        "last": lambda text: text[-1],
    }
    for kind, pool in alone.items():
        given = f"kind {kind!r}, features (3, 5, 7)"
        message = f"For {given} and no padding, where there was no bug, the vectors are off."
        wanted = torch.stack([pool(text) for text in features])
        expect_close(call(answer, features, full, kind), wanted, message)
    for kind, pool in alone.items():
        given = f"kind {kind!r}, features (3, 5, 7) and lengths {lengths.tolist()}"
        found = call(answer, features, lengths, kind)
        louder = features.masked_fill(~padding_mask(lengths, 5)[:, :, None], 1000.0)
        message = f"For {given}: put other numbers into the padding, and the vectors change."
        expect_close(call(answer, louder, lengths, kind), found, message)

        def reference(features: Tensor, pool: Callable[[Tensor], Tensor] = pool) -> Tensor:
            texts = zip(features, lengths.tolist(), strict=True)
            return torch.stack([pool(text[:length]) for text, length in texts])

        for shift, words in ((9, "all features above 0"), (-9, "all of them below 0")):
            moved = features + shift
            message = f"For {given}, {words}, a text gets another vector in the batch than alone."
            expect_close(call(answer, moved, lengths, kind), reference(moved), message)
        message = f"For {given}: the numbers are right, but not what could be learnt through them."
        expect_gradient_close(
            lambda f, kind=kind: answer(f, lengths, kind), reference, [features], message
        )
    return (
        "Four kinds, alone and in a padded batch, whatever the padding holds. Notice why a search "
        "by cosine never met the bug in the mean: a vector that is too short has the same "
        "direction."
    )


CHECKS: dict[str, Callable[[Any], str]] = {
    "9.2": the_mask_of_a_prefix,
    "9.3": berts_masking,
    "9.4": spans_out_and_in_again,
    "9.5": find_the_bugs_in_one_vector_for_a_text,
    "9.6": measure_entities_not_tags,
    "9.7": classify_by_the_labels_words,
    "9.8": take_out_what_the_prompt_says_by_itself,
    "9.9": a_small_project_a_published_layer_in_our_code,
}

PREDICTIONS: dict[str, Prediction] = {
    "9.1": Prediction(
        count=1,
        tolerance=0.05,
        low=0.0,
        high=4.0,
        surprise="Equal parameters are not equal work. In the decoder-only model each token goes "
        "through all the matrices; in an encoder–decoder a token of the source goes through those "
        "of the encoder and the cross-attention's keys and values, a token of the target through "
        "the rest.",
        notice="It is one half whatever the lengths: of 168 D² parameters each token, of either "
        "text, meets 84 D². So equal work would allow twice the parameters.",
    ),
}
