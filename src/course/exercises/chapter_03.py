"""Checks of the exercises of chapter 3, teacher forcing and exposure bias."""

from collections.abc import Callable
from typing import Any, Literal

import torch
from torch import Tensor

from course.data.batching import Batch, collate, source_batch
from course.data.tokenizer import EOS
from course.decoding import greedy
from course.exercises.checking import call, expect_close, fresh_generator, fresh_seed, require
from course.exercises.predictions import Prediction
from course.metrics import edit_distance
from course.models.interface import Step
from course.models.seq2seq import Seq2Seq, Seq2SeqConfig
from course.training.scheduled_sampling import mixed_log_probs

VOCABULARY = 13
Context = Literal["every_step", "additive"]
CONTEXTS: tuple[Context, ...] = ("every_step", "additive")


def _rows(g: torch.Generator, sizes: tuple[int, ...] = (5, 2, 3)) -> list[list[int]]:
    return [torch.randint(4, VOCABULARY, (size,), generator=g).tolist() for size in sizes]


def _model(g: torch.Generator, context: Context = "every_step") -> Seq2Seq:
    """A random model that has strong opinions and never prefers padding or the start token."""
    config = Seq2SeqConfig(
        vocab_size=VOCABULARY, d_embed=5, d_model=7, d_attention=3, context=context, dropout=0.0
    )
    model = Seq2Seq(config).double()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(0.7 * torch.randn(parameter.shape, generator=g, dtype=torch.float64))
        model.output_bias[:2] = -50.0
    return model


def _batch(g: torch.Generator) -> Batch:
    return collate(_rows(g), _rows(g, (3, 7, 2)))


def shift_the_target(answer: Any) -> str:
    """3.2: what the decoder reads, and what it should write."""
    for sizes in ((3,), (4, 2, 5)):
        rows = _rows(fresh_generator(), sizes)
        found = call(answer, rows)
        require(
            isinstance(found, tuple | list) and len(found) == 2,
            "Two tensors are asked for: what the decoder reads, and what it should write.",
        )
        batch, what = collate(rows, rows), f"For rows of {', '.join(map(str, sizes))} tokens"
        reads, writes = found
        for name, mine, right in (
            ("reads", reads, batch.tgt_in),
            ("writes", writes, batch.tgt_out),
        ):
            expect_close(mine, right, f"{what}, what the decoder {name} is not right.")
    return (
        "Reading is one step behind writing, row by row, and padding fills up the end. Notice that "
        "the reference's last token is read too: to know that the end token follows."
    )


def inverse_sigmoid(answer: Any) -> str:
    """3.3: k / (k + exp(update / k)), for late updates too."""
    g = fresh_generator()
    for k in (1.0, *(2 + 40 * torch.rand(3, generator=g)).tolist()):
        share = call(answer, k)
        for update in torch.randint(1, 200, (4,), generator=g).tolist():
            expect_close(
                call(share, update),
                float(1 / (1 + torch.tensor(update / k, dtype=torch.float64).exp() / k)),
                f"With k = {k:.2f}, the share at update {update} does not follow the formula.",
            )
        expect_close(
            call(share, 0), k / (k + 1), f"With k = {k:.2f}, the share at update 0 is not right."
        )
    expect_close(
        call(call(answer, 300.0), 2000),
        float(1 / (1 + torch.tensor(2000 / 300, dtype=torch.float64).exp() / 300)),
        "With k = 300.00, the share at update 2000 does not follow the formula.",
    )
    late = "With k = 5 the share at update 1,000,000 should be practically 0."
    expect_close(call(call(answer, 5.0), 10**6), 0.0, late)
    return (
        "The formula holds, early and late. Notice that even the first update reads a few own "
        "words: the share starts at k / (k + 1), not at 1."
    )


def the_forgetful_pass(answer: Any) -> str:
    """3.4: free-running, the state carried along."""
    g = fresh_generator()
    for context in CONTEXTS:
        model, batch = _model(g, context), _batch(g)
        found, right = call(answer, model, batch), mixed_log_probs(model, batch, 0.0)
        shape = tuple(right.shape)
        require(
            isinstance(found, Tensor) and tuple(found.shape) == shape,
            f"For a batch of {shape[0]} sentences and {shape[1]} steps, log-probabilities of "
            f"shape {shape} are asked for.",
        )
        expect_close(
            found[:, 0], right[:, 0], "The first step, which reads the start token, is not right."
        )
        expect_close(
            found[:, 1],
            right[:, 1],
            "The first step is right, and the second is not: what does "
            "the decoder know then, and which word should it read?",
        )
        expect_close(found, right, "The first two steps are right, and later ones are not.")
        require(found.requires_grad, "No gradient flows back from the result.")
        weight = model.encoder.directions[0][0].weight_hh_l0  # pyright: ignore
        grads = [torch.autograd.grad(x.square().sum(), weight)[0] for x in (found, right)]
        message = "The log-probabilities are right, but not the encoder's gradient: it has to flow "
        expect_close(grads[0], grads[1], message + "back through every state.")
    return (
        "Every step is that of free-running training, with and without attention. Notice that "
        "nothing crashed before: a decoder that forgets still gives well-formed probabilities."
    )


def both_ways(answer: Any) -> str:
    """3.5: the teacher-forced and the free-running error of one model."""
    g = fresh_generator()
    for _ in range(2):
        model, src, tgt = _model(g), _rows(g, (5, 2, 3, 4)), _rows(g, (3, 7, 2, 5))
        limit, (sources, mask) = 11, source_batch(src)
        written = greedy(model, sources, mask, max_length=limit)
        # What it writes becomes part of the references, so that not every word is wrong.
        for row, hypothesis in zip(tgt[:2], written[:2], strict=True):
            row[:2] = hypothesis.tokens[:2]
        batch = collate(src, tgt)
        with torch.no_grad():
            best = model(batch.src, batch.src_mask, batch.tgt_in).argmax(-1)
        wrong = (best != batch.tgt_out) & batch.tgt_mask
        forced = float(wrong.sum()) / batch.num_tokens
        edits = sum(edit_distance(h.tokens, r) for h, r in zip(written, tgt, strict=True))
        free = edits / sum(map(len, tgt))
        found = call(answer, model, src, tgt, limit)
        require(
            isinstance(found, tuple | list) and len(found) == 2,
            "Two numbers are asked for: the teacher-forced error and the free-running one.",
        )
        sizes = "On 4 sentences of 2 to 7 words and a random model"
        expect_close(
            found[0],
            forced,
            f"{sizes}, the first number is not the share of the references' tokens (end tokens "
            "counted, padding not) for which another token is the most probable one.",
        )
        expect_close(
            found[1],
            free,
            f"{sizes}, the second number is not the number of edits a reference word.",
        )
    return (
        "Both numbers are right, on the same model and the same sentences. Notice that the first "
        "can't exceed 1, and the second can: a model may write more words than it was asked for."
    )


def what_own_words_teach(answer: Any) -> str:
    """3.6: the optimum of scheduled sampling on a language of n sentences of two words."""
    g = fresh_generator()
    for n in (2, 3, 7):
        for share in (0.0, 1.0, float(torch.rand((), generator=g))):
            found = call(answer, share, n)
            mine = f"With {n} sentences and a share of {share:.2f}"
            expect_close(
                found,
                share + (1 - share) / n,
                f"{mine}, the probability is not right. Of all cases in which the decoder reads a "
                "given first word, in which part is it the reference's, and what is right then?",
            )
    return (
        "Right for any share and any number of sentences. Notice what it means: only a share of 1 "
        "learns the language, however long the training and however large the model."
    )


class _Echo:
    """Writes the token after the one it reads; notes what it reads. Tokens of references: 90."""

    def __init__(self) -> None:
        self.read: list[Tensor] = []

    def __call__(self, src: Tensor, src_mask: Tensor, tgt_in: Tensor) -> Tensor:
        return self._after(tgt_in)

    def encode(self, src: Tensor, src_mask: Tensor) -> tuple[Tensor, ...]:
        return (src,)

    def start(self, memory: tuple[Tensor, ...], prefix: Tensor) -> tuple[Tensor, ...]:
        return (memory[0][:, :1].double(),)

    def step(
        self,
        token: Tensor,
        memory: tuple[Tensor, ...],
        state: tuple[Tensor, ...],
        *,
        return_weights: bool = False,
    ) -> Step:
        self.read.append(token)
        return Step(self._after(token).float().log_softmax(-1), state)

    def _after(self, token: Tensor) -> Tensor:
        return 50.0 * torch.nn.functional.one_hot((token + 1).clamp(EOS + 2, 99), 100).double()


def scheduled_sampling(answer: Any) -> str:
    """3.7: one pass in which a coin decides what the decoder reads."""
    g = fresh_generator()
    for context in CONTEXTS:
        model, batch = _model(g, context), _batch(g)
        forced = model(batch.src, batch.src_mask, batch.tgt_in).log_softmax(-1)
        found = call(answer, model, batch, 1.0, fresh_generator())
        expect_close(found, forced, "With a share of 1 it is not the teacher-forced pass.")
        own = mixed_log_probs(model, batch, 0.0)
        expect_close(
            call(answer, model, batch, 0.0, fresh_generator()),
            own,
            "With a share of 0 it is not the free-running pass, in which the decoder reads its "
            "own most probable word.",
        )
        weight = model.encoder.directions[0][0].weight_hh_l0  # pyright: ignore
        require(found.requires_grad, "No gradient flows back from the result.")
        grads = [torch.autograd.grad(x.square().sum(), weight)[0] for x in (found, forced)]
        expect_close(grads[0], grads[1], "With a share of 1 the encoder's gradient is not right.")
    _expect_coins(answer, g)
    return (
        "Teacher forcing at 1, free-running at 0, and in between a coin for every word of every "
        "sentence. Notice that the choice of a word has no gradient: only the states carry one."
    )


def _expect_coins(answer: Any, g: torch.Generator) -> None:
    model, batch, seed = _model(g), _batch(g), fresh_seed()
    twice = [call(answer, model, batch, 0.5, torch.Generator().manual_seed(seed)) for _ in range(2)]
    expect_close(
        twice[0],
        twice[1],
        "With a share of 0.50, two passes with the same seed in the generator read different "
        "words. All coins should come from the generator that is given.",
    )
    rows, words, share = 101, 11, 0.3 + 0.4 * float(torch.rand((), generator=g))
    echo = _Echo()
    call(answer, echo, collate([[4]] * rows, [[90] * words] * rows), share, g)
    require(
        len(echo.read) == words + 1,
        f"For targets of {words} tokens and an end token the decoder takes {words + 1} steps, not "
        f"{len(echo.read)}.",
    )
    read = torch.stack(echo.read[1:], 1) == 90
    require(
        len({tuple(row) for row in read.tolist()}) > rows // 2,
        f"With a share of {share:.2f} and {rows} equal sentences, many read the same mixture: each "
        "needs coins of its own, for every word.",
    )
    require(
        abs(float(read.double().mean()) - share) < 0.09,
        f"With a share of {share:.2f}, that share of the words read should be the reference's, and "
        f"of {rows * words} words it is {float(read.double().mean()):.2f}.",
    )


CHECKS: dict[str, Callable[[Any], str]] = {
    "3.2": shift_the_target,
    "3.3": inverse_sigmoid,
    "3.4": the_forgetful_pass,
    "3.5": both_ways,
    "3.6": what_own_words_teach,
    "3.7": scheduled_sampling,
}

PREDICTIONS: dict[str, Prediction] = {
    "3.1": Prediction(
        count=1,
        tolerance=0.03,
        low=0.0,
        high=1.0,
        notice="It never gets beyond its first word, since nothing tells it to; with the "
        "reference in its hand that was needed only eight times.",
        surprise="Under teacher forcing each of its errors is mended at once, by the reference. "
        "Alone, its first error is also its last change: it reads what it wrote, and repeats it. "
        "How many steps is the first symbol right for?",
    ),
}
