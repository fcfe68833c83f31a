"""What chapter 11 adds to the models, and that training, search and batches take it as it is."""

import ast
from pathlib import Path

import pytest
import torch

import course
from course.data.batching import Encoded, collate, source_batch, token_batches
from course.decoding import beam_search, exact_search, force_decode, greedy, sample
from course.experiments.beyond import OneVector
from course.models.seq2seq import Seq2Seq, Seq2SeqConfig
from course.models.transformer import Transformer, TransformerConfig
from course.nn.front_ends import FrontEnd
from course.runtime import generator
from course.training import TrainingConfig, train

PACKAGE = Path(course.__file__).parent
F, D, V = 7, 12, 11


def transformer(kind=Transformer):
    config = TransformerConfig(vocab_size=V, d_model=D, num_heads=3, d_ff=17, num_layers=2)
    return kind(config, FrontEnd(F, D)).double().eval()


def recurrent():
    config = Seq2SeqConfig(vocab_size=V, d_embed=D, d_model=10, context="general", query="current")
    return Seq2Seq(config, FrontEnd(F, D)).double().eval()


MODELS = {
    "transformer": transformer,
    "one vector": lambda: transformer(OneVector),
    "gru": recurrent,
}


def signals(*lengths, seed=0):
    source = generator(seed, "pieces")
    return [torch.randn(n, F, generator=source, dtype=torch.float64) for n in lengths]


def test_a_front_end_looks_at_each_piece_alone():
    front = FrontEnd(F, D).double()
    pieces = torch.randn(2, 5, F, dtype=torch.float64)
    vectors = front(pieces)
    assert vectors.shape == (2, 5, D)
    torch.testing.assert_close(vectors.mean(-1), torch.zeros(2, 5, dtype=torch.float64))
    torch.testing.assert_close(
        vectors.var(-1, unbiased=False), torch.ones(2, 5).double(), rtol=1e-2, atol=0
    )
    other = pieces.clone()
    other[1, 3] += 1
    changed = (front(other) - vectors).abs().amax(-1) > 1e-9
    assert changed.nonzero().tolist() == [[1, 3]]


def test_signals_are_padded_and_have_no_end_token():
    rows = signals(3, 5, 2)
    batch = collate(rows, [[4, 5], [6], [7, 8, 9]])
    assert batch.src.shape == (3, 5, F)
    assert batch.src_mask.sum(1).tolist() == [3, 5, 2]
    for padded, mask, row in zip(batch.src, batch.src_mask, rows, strict=True):
        assert torch.equal(padded[mask], row) and not padded[~mask].any()
    assert batch.tgt_out.tolist()[1] == [6, 2, 0, 0]


def test_batches_of_signals_keep_the_budget():
    data = Encoded(signals(*range(2, 19)), [[4] * (n % 5 + 1) for n in range(17)])
    batches = token_batches(data, max_tokens=41, generator=generator(1, "b"))
    assert sorted(i for rows in batches for i in rows) == list(range(17))
    assert all(len(rows) * (max(len(data.src[i]) for i in rows) + 1) <= 41 for rows in batches)


@pytest.mark.parametrize("make", MODELS.values(), ids=MODELS)
def test_padding_changes_nothing(make):
    model = make()
    first, longer = signals(3, 8)
    tgt = torch.tensor([[1, 4, 5]])
    alone = model(*source_batch([first]), tgt)
    batch, mask = source_batch([first, longer])
    batch[~mask] = 99.0
    together = model(batch, mask, tgt.expand(2, -1))
    torch.testing.assert_close(together[:1], alone)
    assert (together[1] - alone[0]).abs().max() > 1e-3


@pytest.mark.parametrize("make", MODELS.values(), ids=MODELS)
def test_every_search_takes_a_signal(make):
    torch.manual_seed(3)
    model = make()
    src, mask = source_batch(signals(4, 6))
    best = greedy(model, src, mask, max_length=7)
    (one, *_) = zip(*beam_search(model, src, mask, max_length=7, beam=1), strict=True)
    assert [h.tokens for h in best] == [h.tokens for h in one]
    wide = beam_search(model, src, mask, max_length=7, beam=3)
    assert [len(found) for found in wide] == [1, 1]
    assert len(exact_search(model, src, mask, max_length=2)) == 2
    drawn = sample(model, src, mask, max_length=7, generator=generator(1, "s"))
    assert len(drawn) == 2
    forced = force_decode(model, src, mask, torch.tensor([[1, 4], [1, 5]]))
    torch.testing.assert_close(
        forced.log_probs, model(src, mask, torch.tensor([[1, 4], [1, 5]])).log_softmax(-1)
    )


def test_weights_are_over_the_pieces_of_each_signal():
    model = transformer()
    src, mask = source_batch(signals(4, 6))
    found = greedy(model, src, mask, max_length=5, return_weights=True)
    for hypothesis, pieces in zip(found, (4, 6), strict=True):
        assert hypothesis.weights.shape == (hypothesis.length, 2, 3, pieces)
        torch.testing.assert_close(
            hypothesis.weights.sum(-1), torch.ones(()).double().expand(hypothesis.length, 2, 3)
        )


def test_one_vector_is_the_mean_of_the_real_places():
    model = transformer(OneVector)
    rows = signals(3, 8)
    mask, mean, *_ = model.encode(*source_batch(rows))
    assert mask.shape == (2, 1) and mask.all() and mean.shape == (2, 1, D)
    outputs = Transformer.encode(model, *source_batch(rows[:1]))[1]
    torch.testing.assert_close(mean[:1], outputs.mean(1, keepdim=True))


def test_without_a_front_end_nothing_has_changed():
    config = TransformerConfig(vocab_size=V, d_model=D, num_heads=3, d_ff=17, num_layers=2)
    assert not [name for name in Transformer(config).state_dict() if "front" in name]
    assert not [
        name for name in Seq2Seq(Seq2SeqConfig(vocab_size=V)).state_dict() if "front" in name
    ]


def test_the_translators_training_loop_learns_from_signals():
    """Which of four directions do most pieces point in? A few updates are enough to see it."""
    source = generator(2, "directions")
    kinds = torch.randint(4, (200,), generator=source).tolist()
    rows = [torch.eye(F)[k] * 2 + torch.randn(5, F, generator=source) * 0.3 for k in kinds]
    data = Encoded(rows, [[4 + k] for k in kinds])
    torch.manual_seed(0)
    model = transformer().float()
    config = TrainingConfig(
        max_updates=150, max_tokens=200, learning_rate=5e-3, warmup=5, eval_every=50
    )
    history = train(model, data, Encoded(rows[:40], data.tgt[:40]), config, progress=False)
    assert history.best_loss < 0.2
    src, mask = source_batch(rows[:40])
    wrote = [list(h.tokens) for h in greedy(model, src, mask, max_length=4)]
    assert sum(a == b for a, b in zip(wrote, data.tgt[:40], strict=True)) > 36


def test_the_front_end_is_short_and_nobody_else_knows_of_signals():
    source = (PACKAGE / "nn" / "front_ends.py").read_text("utf-8")
    assert len(source.splitlines()) <= 60
    for part in ("training", "decoding", "metrics"):
        for path in (PACKAGE / part).glob("*.py"):
            names = {
                node.id
                for node in ast.walk(ast.parse(path.read_text("utf-8")))
                if isinstance(node, ast.Name)
            }
            assert not names & {"FrontEnd", "signals", "strips", "frames", "spectrogram"}, path.name
