"""Scheduled sampling: schedules, what the decoder reads, gradients."""

import pytest
import torch
from torch.testing import assert_close

from course.data.batching import collate
from course.decoding import greedy
from course.errors import CourseError
from course.models.seq2seq import Seq2Seq, Seq2SeqConfig
from course.training import scheduled_sampling as ss
from course.training.loss import token_loss

SRC = [[4, 5, 6, 7, 8], [9, 10], [11, 4, 9]]
TGT = [[8, 7, 6], [5, 9, 9, 4, 10, 11], [7]]


@pytest.fixture(params=["initial", "every_step", "additive"])
def model(request):
    torch.manual_seed(3)
    config = Seq2SeqConfig(
        vocab_size=13, d_embed=5, d_model=11, d_attention=7, context=request.param, dropout=0.0
    )
    return Seq2Seq(config).double()


@pytest.fixture
def batch():
    return collate(SRC, TGT)


def test_a_share_of_one_is_teacher_forcing(model, batch):
    log_probs = ss.mixed_log_probs(model, batch, 1.0)
    assert_close(log_probs, model(batch.src, batch.src_mask, batch.tgt_in).log_softmax(-1))
    assert_close(
        ss.mixed_loss(model, batch, 1.0) * batch.num_tokens,
        token_loss(model, batch).to(log_probs.dtype),
        rtol=1e-5,
        atol=1e-5,
    )


def test_a_share_of_zero_is_what_greedy_search_writes(model, batch):
    chosen = ss.mixed_log_probs(model, batch, 0.0).index_fill(2, torch.tensor([0, 1]), -1e9)
    width = batch.tgt_in.shape[1]
    for row, hypothesis in zip(
        chosen.argmax(-1).tolist(),
        greedy(model, batch.src, batch.src_mask, max_length=width),
        strict=True,
    ):
        assert row[: len(hypothesis.tokens)] == list(hypothesis.tokens)


def test_gradients_equal_those_of_the_parallel_pass(model, batch):
    ss.mixed_loss(model, batch, 1.0).backward()
    mine = [p.grad.clone() for p in model.parameters() if p.grad is not None]
    model.zero_grad()
    logits = model(batch.src, batch.src_mask, batch.tgt_in)
    torch.nn.functional.cross_entropy(
        logits.flatten(0, 1), batch.tgt_out.flatten(), ignore_index=0
    ).backward()
    theirs = [p.grad for p in model.parameters() if p.grad is not None]
    for a, b in zip(mine, theirs, strict=True):
        assert_close(a, b)


class Echo:
    """A model whose next word is the one after the last one read; it notes what it reads."""

    def __init__(self):
        self.read = []

    def __call__(self, src, src_mask, tgt_in):
        raise AssertionError("not asked for")

    def encode(self, src, src_mask):
        return (src,)

    def start(self, memory, prefix):
        return (memory[0][:, :1].double(),)

    def step(self, token, memory, state, *, return_weights=False):
        from course.models.interface import Step

        self.read.append(token)
        log_probs = torch.full((len(token), 23), -9.0)
        log_probs[torch.arange(len(token)), (token + 1).clamp(max=22)] = 0.0
        return Step(log_probs, state)


def test_own_words_are_those_just_chosen():
    echo = Echo()
    ss.mixed_log_probs(echo, collate([[4]], [[9, 9, 9]]), 0.0)
    assert torch.cat(echo.read).tolist() == [1, 2, 3, 4]


def test_a_coin_for_each_word_of_each_sentence():
    echo = Echo()
    batch = collate([[4]] * 401, [[20] * 7] * 401)
    ss.mixed_log_probs(echo, batch, 0.3, generator=torch.Generator().manual_seed(2))
    read = torch.stack(echo.read[1:], 1) == 20  # own words stay below 20 mostly
    assert (echo.read[0] == 1).all()
    assert read.double().mean().item() == pytest.approx(0.3, abs=0.03)
    assert len({tuple(row) for row in read.tolist()}) > 50


def test_sampled_words_follow_the_distribution(batch):
    torch.manual_seed(0)
    model = Seq2Seq(Seq2SeqConfig(vocab_size=13, d_embed=5, d_model=11, dropout=0.0))
    g = torch.Generator().manual_seed(1)
    several = {
        tuple(ss.mixed_log_probs(model, batch, 0.0, generator=g, sampled=True)[0, -1].tolist())
        for _ in range(9)
    }
    assert len(several) > 1


def test_schedules():
    line = ss.linear(50, last=0.2)
    assert [line(0), line(25), line(50), line(99)] == pytest.approx([1, 0.6, 0.2, 0.2])
    assert [ss.exponential(0.5)(u) for u in (0, 1, 3)] == [1, 0.5, 0.125]
    bend = ss.inverse_sigmoid(10.0)
    assert bend(0) == pytest.approx(10 / 11)
    assert bend(23) == pytest.approx(10 / (10 + 2.718281828**2.3))
    assert bend(10**6) == pytest.approx(0)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: ss.linear(0),
        lambda: ss.linear(5, last=1.5),
        lambda: ss.exponential(1.0),
        lambda: ss.inverse_sigmoid(0.5),
        lambda: ss.mixed_log_probs(Echo(), collate([[4]], [[5]]), 1.5),
    ],
)
def test_what_makes_no_sense_is_told(wrong):
    with pytest.raises(CourseError):
        wrong()
