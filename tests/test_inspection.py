"""Attention as the model itself computes it, captured and read."""

import pytest
import torch

from course.data.pairs import Pair
from course.data.tokenizer import BOS, Tokenizer
from course.decoding import translate
from course.errors import CourseError
from course.inspection import capture_attention, read_attention, silence_head
from course.models.seq2seq import Seq2Seq, Seq2SeqConfig
from course.nn.layer_config import LayerConfig
from course.nn.transformer import MultiHeadAttention

PAIRS = [
    Pair("the blue car", "la voiture bleue"),
    Pair("the car", "la voiture"),
    Pair("the car is blue", "la voiture est bleue"),
]


@pytest.fixture
def tokenizer():
    return Tokenizer.train([text for pair in PAIRS for text in pair], vocab_size=270)


def model_of(tokenizer, context="additive"):
    torch.manual_seed(3)
    config = Seq2SeqConfig(
        vocab_size=len(tokenizer), d_embed=7, d_model=10, d_attention=5, context=context
    )
    return Seq2Seq(config).double().eval()


def test_read_attention_gives_each_pair_its_own_weights(tokenizer):
    model = model_of(tokenizer)
    together = read_attention(model, tokenizer, PAIRS)
    for pair, found in zip(PAIRS, together, strict=True):
        (alone,) = read_attention(model, tokenizer, [pair])
        torch.testing.assert_close(found.weights, alone.weights)
        rows, columns = len(found.tgt_tokens) + 1, len(found.src_tokens) + 1
        assert found.weights.shape == (rows, 1, 1, columns)
        torch.testing.assert_close(found.weights.sum(-1), torch.ones(rows, 1, 1).double())
        words = found.by_word()
        assert words.shape == (len(pair.tgt.split()), len(pair.src.split()))
        assert "".join(found.src_tokens).replace("▁", " ").strip() == pair.src


def test_capture_attention_sees_what_force_decoding_returns(tokenizer):
    model = model_of(tokenizer)
    (found,) = read_attention(model, tokenizer, PAIRS[:1])
    src, tgt = tokenizer.encode(PAIRS[0].src), tokenizer.encode(PAIRS[0].tgt)
    src_ids = torch.tensor([[*src, 2]])
    with capture_attention(model) as captured:
        model(src_ids, torch.ones_like(src_ids, dtype=torch.bool), torch.tensor([[BOS, *tgt]]))
    assert list(captured) == ["decoder.reader"]
    weights = torch.cat(captured["decoder.reader"], 1)[0]  # one call a step
    torch.testing.assert_close(weights, found.weights[:, 0, 0])
    assert not weights.requires_grad


def test_capture_attention_leaves_no_hook_behind(tokenizer):
    model = model_of(tokenizer)
    with pytest.raises(ZeroDivisionError), capture_attention(model) as captured:
        _ = 1 / 0
    translate(model, tokenizer, ["the car"])
    assert not captured


def test_a_model_without_attention_says_so(tokenizer):
    model = model_of(tokenizer, context="every_step")
    with capture_attention(model) as captured:
        translate(model, tokenizer, ["the car"], return_weights=True)
    assert not captured
    with pytest.raises(CourseError, match="no attention"):
        read_attention(model, tokenizer, PAIRS)


def test_a_silenced_head_leaves_the_others_as_they_were():
    torch.manual_seed(5)
    attention = MultiHeadAttention(LayerConfig(d_model=15, num_heads=3, positions="none")).double()
    x = torch.randn(2, 7, 15).double()
    keys_values = attention.keys_values(x)
    whole, _ = attention(x, keys_values)
    without = []
    for head in range(3):
        with silence_head(attention, head):
            without.append(attention(x, keys_values)[0])
    of_heads = sum(whole - one for one in without)  # what the heads write, one by one
    torch.testing.assert_close(of_heads + attention.output.bias, whole)
    assert not torch.allclose(without[0], without[1])
    torch.testing.assert_close(attention(x, keys_values)[0], whole)  # the hook is gone
    with pytest.raises(CourseError, match="0 to 2"), silence_head(attention, 3):
        pass
