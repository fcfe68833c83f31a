"""Checks of the exercises of chapter 11, beyond text."""

from collections.abc import Callable
from typing import Any

import torch
from einops import rearrange
from torch import Tensor
from torch.nn.functional import linear

from course.data.grammar.summaries import reports
from course.exercises.checking import (
    call,
    describe,
    expect_close,
    expect_gradient_close,
    fresh_generator,
    fresh_seed,
    require,
)
from course.exercises.predictions import Prediction

DOUBLE = torch.float64


def squares(images: Tensor, size: int) -> Tensor:
    """What exercise 11.2 asks for."""
    return rearrange(images, "b c (r h) (s w) -> b (r s) (c h w)", h=size, w=size)


def cut_an_image_into_squares(answer: Any) -> str:
    """11.2: every pixel once, in the order asked for."""
    g = fresh_generator()
    for size, shape in ((2, (1, 1, 2, 4)), (3, (2, 1, 9, 6)), (2, (3, 5, 4, 14))):
        images = torch.randn(shape, generator=g, dtype=DOUBLE)
        given = f"For images {shape} and squares of {size}"
        found, wanted = call(answer, images, size), squares(images, size)
        require(isinstance(found, Tensor), f"{given}: this is {describe(found)}.")
        words = f"{given}, the shape is {tuple(found.shape)} where {tuple(wanted.shape)} is right."
        require(found.shape == wanted.shape, words)
        pieces = zip(found.flatten(0, 1), wanted.flatten(0, 1), strict=True)
        alike = all(torch.equal(a.sort().values, b.sort().values) for a, b in pieces)
        words = f"{given}, a piece holds pixels that don't belong together, or pieces are swapped."
        require(alike, f"{words} Row by row, as one reads.")
        expect_close(found, wanted, f"{given}, each piece has its pixels, in another order inside.")
    return (
        "Images of one colour and of five, wide and high. Notice that nothing is computed: cutting "
        "only says which numbers are read together."
    )


def measure_it_decibels(answer: Any) -> str:
    """11.3: the power where it sounds against the noise everywhere."""
    g = fresh_generator()

    def wanted(clean: Tensor, recorded: Tensor) -> Tensor:
        noise = (recorded - clean).square().mean()
        return 10 * (clean[clean != 0].square().mean() / noise).log10()

    ones = torch.ones(4, dtype=DOUBLE)
    signs = torch.tensor([1.0, -1, 1, -1], dtype=DOUBLE)
    for noise, decibels in ((1.0, 0), (0.1, 20), (10.0, -20)):
        words = f"A sound of four ones, and noise of {noise} up and down: {decibels} dB."
        right = torch.tensor(float(decibels), dtype=DOUBLE)
        expect_close(call(answer, ones, ones + noise * signs), right, words)
    for silent, words in ((0, "that never pauses"), (60, "with pauses")):
        clean = 0.1 + torch.rand(101, generator=g, dtype=DOUBLE)
        clean[torch.randperm(101, generator=g)[:silent]] = 0
        recorded = clean + 0.3 * torch.randn(101, generator=g, dtype=DOUBLE)
        message = f"A sound {words}: which places count for the sound, which for the noise?"
        expect_close(call(answer, clean, recorded), wanted(clean, recorded), message)
        found, again = call(answer, clean, recorded), call(answer, 7 * clean, 7 * recorded)
        expect_close(again, found, "Both are made seven times as loud, and the ratio changes.")
    return (
        "Sounds with and without pauses, at 0, 20 and -20 dB. Notice that the same number is also "
        "20 times the logarithm of a ratio of amplitudes: squares become factors of two."
    )


def the_mask_of_the_pieces(answer: Any) -> str:
    """11.4: as many pieces as there are real frames, rounded up."""
    g = fresh_generator()
    for count in (1, 4, 5):
        longest = 3 * count
        lengths = torch.randint(1, longest, (5,), generator=g)
        lengths[:3] = torch.tensor([1, longest, max(count - 1, 1)])
        lengths = lengths[torch.randperm(5, generator=g)]
        for some in (lengths, lengths.clamp(max=2 * count + 1 if count > 1 else 2)):
            given = f"For lengths {some.tolist()} and {count} to a piece"
            found = call(answer, some, count)
            bools = isinstance(found, Tensor) and found.dtype == torch.bool
            require(bools, f"{given}: a mask is a tensor of True and False.")
            wanted = [-(-n // count) for n in some.tolist()]
            shape = (5, max(wanted))
            words = f"{given}, the shape is {tuple(found.shape)}; the longest needs {shape[1]}."
            require(found.shape == shape, words)
            words = (
                f"{given}, real pieces are {found.sum(1).tolist()}: a piece that is begun counts."
            )
            require(found.sum(1).tolist() == wanted, words)
            first = all(bool(row[:n].all()) for row, n in zip(found, wanted, strict=True))
            require(first, f"{given}, a real piece stands behind one that is not.")
    return (
        "Five sounds each, with one, four and five frames to a piece. Notice that the last piece "
        "of a sound may be mostly filling: the front end has to learn to bear that."
    )


def find_the_bugs_each_sound_by_itself(answer: Any) -> str:
    """11.5: a sound's numbers depend on nothing but its own real frames."""
    g = fresh_generator()
    lengths = torch.tensor([3, 7, 5])
    scales = torch.tensor([1.0, 9.0, 0.2], dtype=DOUBLE)[:, None, None]
    loud = torch.randn(3, 7, 5, generator=g, dtype=DOUBLE) * scales + 4
    given = "For loudness (3, 7, 5) and lengths [3, 7, 5]"

    def wanted(loud: Tensor, lengths: Tensor) -> Tensor:
        rows = []
        for sound, length in zip(loud, lengths.tolist(), strict=True):
            real = sound[:length]
            real = (real - real.mean()) / real.std(correction=0)
            rows.append(torch.cat([real, torch.zeros_like(sound[length:])]))
        return torch.stack(rows)

    found, right = call(answer, loud, lengths), wanted(loud, lengths)
    require(isinstance(found, Tensor), f"{given}: this is {describe(found)}.")
    require(found.shape == right.shape, f"{given}, the shape is {tuple(found.shape)}.")
    real = (torch.arange(7) < lengths[:, None])[:, :, None]
    require(not (found * ~real).any(), f"{given}, padding is not 0.")
    louder = torch.where(real, loud, 1000.0)
    message = f"{given}: put other numbers into the padding, and the sounds change."
    expect_close(call(answer, louder, lengths), found, message)
    alone = torch.cat([call(answer, loud[i : i + 1], lengths[i : i + 1]) for i in range(3)])
    message = f"{given}, a sound gets other numbers in the batch than alone."
    expect_close(found, alone, message)
    expect_close(found, right, f"{given}: mean 0 and deviation 1 of each sound's real frames?")
    expect_gradient_close(
        lambda x: answer(x, lengths), lambda x: wanted(x, lengths), [loud], f"{given}."
    )
    return (
        "Three sounds of very different loudness, alone and together, whatever the padding holds. "
        "Notice that a model would still have learnt with the bugs, a little worse: nothing fails."
    )


def summarise_by_the_rule(answer: Any) -> str:
    """11.6: who comes first, what they do, to what."""
    text = "Emma takes the hat."
    message = f"The report {text!r} is its own summary."
    expect_close(call(answer, text), text, message)
    source = torch.Generator().manual_seed(fresh_seed())
    shapes = [((2, 2), 0), ((2, 2), 3), ((3, 4), 0), ((3, 4), 2), ((1, 1), 2), ((2, 4), 4)]
    for facts, others in shapes * 3:
        (report,) = reports(1, facts=facts, others=others, generator=source)
        found = call(answer, report.text)
        require(isinstance(found, str), f"A summary is a text, not {describe(found)}.")
        message = f"{report.text!r} became {found!r}. "
        require(found.startswith(report.about), message + "Whom is it about?")
        strangers = [n for n in _names(report.text) if n != report.about and n in found.split()]
        require(not strangers, message + "It tells of somebody else.")
        kept = all(thing in found for thing in _things(report.summary))
        require(kept, message + "Something is missing.")
        told = len(_things(report.summary))
        extra = len(found.split()) - len(report.summary.split())
        require(extra == 0, message + f"It has {extra:+} words against the {told} facts' summary.")
        require(
            found == report.summary, message + "Look at the order, the commas and the full stop."
        )
    return (
        "Reports with one to four facts, among up to four other people. Notice how little it "
        "takes: what a model has to find here is a rule, and it is given only examples of it."
    )


def _names(text: str) -> set[str]:
    return {sentence.split(" ", 1)[0] for sentence in text[:-1].split(". ")}


def _things(summary: str) -> list[str]:
    rest = summary[:-1].split(" ", 2)[2]
    return [thing for part in rest.split(", ") for thing in part.split(" and ")]


def a_small_project_the_front_end_is_a_convolution(answer: Any) -> str:
    """11.7: one convolution equals cutting and a linear layer, forward and backward."""
    g = fresh_generator()
    calls = _count_convolutions()
    for size, (B, C, H, W), D in ((2, (1, 1, 4, 6), 5), (3, (2, 2, 9, 6), 7)):
        images = torch.randn(B, C, H, W, generator=g, dtype=DOUBLE)
        weight = torch.randn(D, C * size * size, generator=g, dtype=DOUBLE)
        bias = torch.randn(D, generator=g, dtype=DOUBLE)

        def wanted(images: Tensor, weight: Tensor, bias: Tensor, size: int = size) -> Tensor:
            return linear(squares(images, size), weight, bias)

        given = f"For images {(B, C, H, W)}, squares of {size} and D = {D}"
        with calls as made:
            found = call(answer, images, weight, bias, size)
        expect_close(found, wanted(images, weight, bias), f"{given}, the vectors differ.")
        require(made() == 1, f"{given}: {made()} convolutions were made, and one is asked for.")
        expect_gradient_close(
            lambda i, w, b, size=size: answer(i, w, b, size),
            wanted,
            [images, weight, bias],
            f"{given}: the vectors are right, but not what could be learnt through them.",
        )
    return (
        "One colour and two, and the gradients of image, weight and bias. Notice what a kernel "
        "that is wider than its stride would add: pieces that overlap, as in Whisper's front end."
    )


class _count_convolutions:
    """Counts the convolutions that run inside a `with` block."""

    def __enter__(self) -> Callable[[], int]:
        from torch.utils._python_dispatch import TorchDispatchMode

        class Counting(TorchDispatchMode):
            count = 0

            def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None):
                self.count += "convolution" in str(func)
                return func(*args, **(kwargs or {}))

        self.mode = Counting()
        self.mode.__enter__()
        mode = self.mode
        return lambda: mode.count

    def __exit__(self, *error: Any) -> None:
        self.mode.__exit__(*error)


CHECKS: dict[str, Callable[[Any], str]] = {
    "11.2": cut_an_image_into_squares,
    "11.3": measure_it_decibels,
    "11.4": the_mask_of_the_pieces,
    "11.5": find_the_bugs_each_sound_by_itself,
    "11.6": summarise_by_the_rule,
    "11.7": a_small_project_the_front_end_is_a_convolution,
}

PREDICTIONS: dict[str, Prediction] = {
    "11.1": Prediction(
        count=1,
        tolerance=0.5,
        low=0.0,
        high=1000.0,
        surprise="Half the side gives four times the pieces, not twice, since a picture has two "
        "sides; and scores are pairs of pieces.",
        notice="Twice the resolution is sixteen times the scores: 38,416 become 614,656, in each "
        "head of each layer.",
    ),
}
