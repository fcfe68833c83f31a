"""The checks of exercises 8.6 and 8.7: what a Transformer is trained with."""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from course.exercises.checking import (
    call,
    describe,
    expect_close,
    expect_gradient_close,
    fresh_generator,
    require,
)
from course.exercises.stand_ins import draw

DOUBLE = torch.float64
ROUGH = 1e-6  # shares of a target may well be kept in 32 bits
LEARNT = "the numbers are right, but not what could be learnt through them."


def _random(*shape: int, g: torch.Generator) -> Tensor:
    return torch.randn(*shape, generator=g, dtype=DOUBLE)


def label_smoothing_without_padding(answer: Any) -> str:
    """8.6: the mean over real words; padding counts nowhere; what is shared among all words."""
    g = fresh_generator()
    logits = 2 * _random(2, 3, 7, g=g)
    targets = torch.tensor([draw(1, 6, g, 3), [*draw(1, 6, g, 1), 0, 0]])
    given = "logits (2, 3, 7)"
    full = targets[:1]
    message = "For logits (1, 3, 7), no padding and smoothing 0, this should be the mean of the "
    message += "cross-entropy, in nats: a single number."
    mean = F.cross_entropy(logits[0], full[0])
    expect_close(call(answer, logits[:1], full, 0.0, 0), mean, message, rtol=ROUGH)
    certain = torch.zeros(1, 3, 7, dtype=DOUBLE).scatter(2, (7 - full)[..., None], 1e4)
    message = "For logits (1, 3, 7), 10,000 for a wrong word and 0 for the others, and smoothing 0,"
    message += " the loss should be finite: a probability of 0 has no logarithm."
    wanted = F.cross_entropy(certain[0], full[0])
    expect_close(call(answer, certain, full, 0.0, 0), wanted, message, rtol=ROUGH)
    noisy = logits + 3 * (targets == 0)[..., None] * _random(2, 3, 7, g=g)
    message = f"For {given}, the second target has one word and two of padding (pad 0), smoothing "
    plain = call(answer, logits, targets, 0.0, 0)
    changes = "0: change the logits *at the padding*, and the loss changes."
    expect_close(call(answer, noisy, targets, 0.0, 0), plain, message + changes, rtol=ROUGH)
    divisor = "0: padding is left out of the sum, but by what is the sum divided?"
    expect_close(plain, _smoothed(logits, targets, 0.0), message + divisor, rtol=ROUGH)
    even = torch.full((2, 3, 7), 0.4, dtype=DOUBLE)
    words = "0.3: all seven words are equally probable, so that however the target is spread, each "
    words += "real word should cost ln 7."
    expect_close(
        call(answer, even, targets, 0.3, 0),
        _smoothed(even, targets, 0.3),
        message + words,
        rtol=ROUGH,
    )
    shares = "0.3: how much of the target goes to each of the seven words? It sums to one."
    wanted = _smoothed(logits, targets, 0.3)
    expect_close(call(answer, logits, targets, 0.3, 0), wanted, message + shares, rtol=ROUGH)
    other = torch.where(targets == 0, 6, torch.where(targets == 6, 0, targets))
    say = f"For {given} and pad 6 in place of 0, the result is off: padding is what equals `pad`."
    wanted = _smoothed(logits, other, 0.3, pad=6)
    expect_close(call(answer, logits, other, 0.3, 6), wanted, say, rtol=ROUGH)
    expect_gradient_close(
        lambda logits: answer(logits, targets, 0.3, 0),
        lambda logits: _smoothed(logits, targets, 0.3),
        [logits],
        f"For {given}: {LEARNT}",
        rtol=ROUGH,
    )
    return (
        "With and without smoothing and padding, with the gradient. Notice that a smoothed loss "
        "can't be zero: even the best distribution pays for the share that goes to other words."
    )


def _smoothed(logits: Tensor, targets: Tensor, smoothing: float, pad: int = 0) -> Tensor:
    flat = logits.flatten(0, 1), targets.flatten()
    return F.cross_entropy(*flat, ignore_index=pad, label_smoothing=smoothing)


def adam_with_a_warm_up(answer: Any) -> str:
    """8.7: the size of the first update; the rate up and down; two averages; ε."""
    g = fresh_generator()
    start, width, warmup = _random(3, g=g), 16, 4
    changing = _random(9, 3, g=g)
    changing = changing + changing.sign() / 2  # clear of zero: ε counts only where it should
    steady = changing[:1].expand(9, 3).contiguous()
    given = "start (3,), gradients (9, 3), d_model 16 and warmup 4"

    def path(gradients: Tensor) -> Tensor:
        found = call(answer, start, gradients, width, warmup)
        shape = tuple(found.shape) if isinstance(found, Tensor) else describe(found)
        require(
            shape == tuple(gradients.shape),
            f"For {given}, the parameters after each of 9 updates are asked for, (9, 3), not "
            f"{shape}.",
        )
        return found

    right, found = _adam(start, steady, width, warmup), path(steady)
    message = f"For {given}, the first update should move each number against the sign of its "
    message += "gradient, by exactly the rate of update 1. Are both averages corrected?"
    expect_close(found[0], right[0], message, rtol=ROUGH)
    message = f"For {given} and the same gradient nine times, each update should move by exactly "
    message += "its rate. The first one is right; among the others up to the fourth, while the "
    message += "rate rises, one is off."
    expect_close(found[:4], right[:4], message, rtol=ROUGH)
    message = f"For {given} and the same gradient nine times, it is right up to the fourth update. "
    message += "Afterwards the rate should fall with the root of the count."
    expect_close(found, right, message, rtol=ROUGH)
    message = f"For {given}, it is right where the gradient stays as it is, but not where it "
    message += "changes: which average forgets faster, and what is averaged?"
    expect_close(path(changing), _adam(start, changing, width, warmup), message, rtol=ROUGH)
    tiny = 1e-8 * changing
    message = f"For {given}, it is right, but not for gradients of about 1e-8, where ε counts: "
    message += "where is it added?"
    expect_close(path(tiny), _adam(start, tiny, width, warmup), message)
    return (
        "Nine updates with steady, changing and tiny gradients. Notice that gradients a thousand "
        "times as large would have led the same way: it is the rate that says how far the first "
        "updates go, when next to nothing is known."
    )


def _adam(start: Tensor, gradients: Tensor, width: int, warmup: int) -> Tensor:
    """PyTorch's, with the settings and the rate of Vaswani et al. (2017), section 5.3."""
    parameter, path = start.clone().requires_grad_(), []
    optimiser = torch.optim.Adam([parameter], betas=(0.9, 0.98), eps=1e-9)
    for update, gradient in enumerate(gradients.tolist(), start=1):
        rate = width**-0.5 * min(update**-0.5, update * warmup**-1.5)
        optimiser.param_groups[0]["lr"] = rate
        parameter.grad = parameter.new_tensor(gradient)
        optimiser.step()
        path.append(parameter.detach().clone())
    return torch.stack(path)
