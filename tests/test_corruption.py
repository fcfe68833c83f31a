"""Masked tokens and corrupted spans: shares, what may be touched, and that nothing is lost."""

from collections import Counter

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from course.data.batching import collate
from course.data.corruption import corrupt_spans, mask_tokens
from course.data.tokenizer import BOS, EOS, PAD
from course.errors import CourseError

MASK, ORDINARY = 4, range(5, 1003)
SENTINELS = range(2000, 2100)


def drawn(seed=1):
    return torch.Generator().manual_seed(seed)


def batch(lengths, seed=0):
    """Texts between BOS and EOS, padded."""
    tokens = torch.full((len(lengths), max(lengths) + 2), PAD)
    source = drawn(seed)
    for row, length in zip(tokens, lengths, strict=True):
        row[0], row[length + 1] = BOS, EOS
        row[1 : length + 1] = torch.randint(5, 1003, (length,), generator=source)
    return tokens


def hidden(tokens, **options):
    options = {"mask": MASK, "ordinary": ORDINARY, "generator": drawn()} | options
    return mask_tokens(tokens, **options)


def test_the_rounded_share_of_each_text_is_chosen():
    lengths = [0, 1, 2, 3, 7, 13, 40, 100]
    _, targets = hidden(batch(lengths))
    assert (targets != PAD).sum(1).tolist() == [0, 1, 1, 1, 1, 2, 6, 15]
    _, targets = hidden(batch(lengths), share=0.5)
    assert (targets != PAD).sum(1).tolist() == [0, 1, 1, 2, 4, 6, 20, 50]  # halves to even
    _, targets = hidden(batch(lengths), share=1.0)
    assert (targets != PAD).sum(1).tolist() == lengths


def test_eighty_ten_ten():
    tokens = batch([997] * 60)
    inputs, targets = hidden(tokens)
    chosen = targets != PAD
    count = int(chosen.sum())  # 9,000: a share is within 0.02 of its mean in all but 1 in 10,000
    assert abs((inputs[chosen] == MASK).sum() / count - 0.8) < 0.02
    other = chosen & (inputs != MASK)
    assert abs((inputs == tokens)[other].sum() / count - 0.1) < 0.02
    replacements = inputs[other & (inputs != tokens)]
    assert abs(len(replacements) / count - 0.1) < 0.02
    assert set(replacements.tolist()) <= set(ORDINARY)
    assert replacements.float().mean() == pytest.approx(504, abs=45), "drawn from all of them"


def test_only_real_ordinary_tokens_are_touched():
    tokens = batch([1, 5, 31, 0, 17])
    inputs, targets = hidden(tokens, share=0.9)
    special = (tokens < 5) | (tokens > 1002)
    assert torch.equal(inputs[special], tokens[special])
    assert (targets[special] == PAD).all()
    chosen = targets != PAD
    assert torch.equal(targets[chosen], tokens[chosen])
    assert torch.equal(inputs[~chosen], tokens[~chosen])


def test_every_position_is_chosen_equally_often():
    tokens, times = batch([20]), torch.zeros(22)
    source = drawn()
    for _ in range(2000):
        times += (hidden(tokens, generator=source).targets != PAD)[0]
    assert times[0] == times[-1] == 0
    # 300 expected, standard deviation 16
    assert times[1:-1].min() > 230 and times[1:-1].max() < 370


def test_padding_changes_no_share_and_input_stays():
    tokens = batch([40])
    before = tokens.clone()
    wide = torch.cat([tokens, torch.full((1, 60), PAD)], 1)
    assert (hidden(wide).targets != PAD).sum() == (hidden(tokens).targets != PAD).sum() == 6
    assert torch.equal(tokens, before)


def test_masking_repeats_and_changes_with_the_generator():
    tokens = batch([50, 30])
    assert torch.equal(hidden(tokens).inputs, hidden(tokens).inputs)
    assert not torch.equal(hidden(tokens).inputs, hidden(tokens, generator=drawn(2)).inputs)


def test_another_ignored_id():
    _, targets = hidden(batch([10]), ignore=-100)
    assert (targets == -100).sum() == 10 and (targets == PAD).sum() == 0


@pytest.mark.parametrize(
    "wrong",
    [{"mask": 7}, {"ignore": 7}, {"ordinary": range(5, 5)}, {"share": 0.0}, {"share": 1.1}],
)
def test_masking_refuses(wrong):
    with pytest.raises(CourseError):
        hidden(batch([3]), **wrong)


def cut(texts, **options):
    return corrupt_spans(texts, **{"sentinels": SENTINELS, "generator": drawn()} | options)


def restored(src, tgt):
    """The text from source and target: each sentinel gives way to what follows it in the target."""
    spans, now = {}, None
    for token in tgt:
        if token >= 2000:
            now = spans.setdefault(token, [])
        else:
            now.append(token)
    return [t for token in src for t in (spans[token] if token >= 2000 else [token])]


def text_of(length, seed=0):
    return torch.randint(5, 1003, (length,), generator=drawn(seed)).tolist()


@settings(max_examples=150, deadline=None)
@given(
    lengths=st.lists(st.integers(0, 300), min_size=1, max_size=4),
    share=st.floats(0.01, 1),
    mean_length=st.floats(1, 400),
    seed=st.integers(0, 2**40),
)
def test_spans_lose_nothing(lengths, share, mean_length, seed):
    texts = [text_of(length, length) for length in lengths]
    found = cut(
        texts,
        share=share,
        mean_length=mean_length,
        generator=drawn(seed),
        sentinels=range(2000, 2400),
    )
    for text, src, tgt in zip(texts, *found, strict=True):
        marks = [token for token in src if token >= 2000]
        assert marks == list(range(2000, 2000 + len(marks))), "sentinels in order"
        assert [token for token in tgt if token >= 2000] == [*marks, 2000 + len(marks)]
        assert tgt[-1] >= 2000
        assert all(a < 2000 or b < 2000 for a, b in zip(src, src[1:], strict=False)), "apart"
        assert all(a < 2000 or b < 2000 for a, b in zip(tgt[:-1], tgt[1:-1], strict=False))
        cut_out = len(tgt) - len(marks) - 1
        assert cut_out == (max(1, round(share * len(text))) if text else 0)
        assert restored(src, tgt) == text


def test_share_and_mean_length_of_spans():
    src, tgt = cut([text_of(200, seed) for seed in range(50)])
    assert all(len(row) == 30 + 10 + 1 for row in tgt), "30 of 200 tokens in 10 spans"
    assert all(len(row) == 170 + 10 for row in src)
    lengths = Counter()
    for row in tgt:
        marks = [i for i, token in enumerate(row) if token >= 2000]
        lengths.update(b - a - 1 for a, b in zip(marks[:-1], marks[1:], strict=True))
    assert set(lengths) >= {1, 2, 3, 4, 5, 6, 7}, "lengths differ"
    assert sum(k * n for k, n in lengths.items()) / lengths.total() == 3


def test_spans_stand_anywhere():
    first = last = 0
    source = drawn()
    for _ in range(300):
        (src,), _ = cut([text_of(7)], generator=source)
        first += src[0] >= 2000
        last += src[-1] >= 2000
    # one token of seven: 43 expected at each end, standard deviation 6
    assert 18 < first < 68 and 18 < last < 68


@pytest.mark.parametrize(
    ("text", "src", "tgt"),
    [([], [], [2000]), ([9], [2000], [2000, 9, 2001])],
)
def test_the_shortest_texts(text, src, tgt):
    assert cut([text]) == ([src], [tgt])


def test_spans_make_a_batch():
    found = cut([text_of(20), text_of(1), text_of(0)])
    made = collate(found.src, found.tgt)
    assert made.src[2].tolist()[:2] == [EOS, PAD]
    assert made.tgt_out[1][:4].tolist() == [2000, *text_of(1), 2001, EOS]


def test_spans_repeat_and_change_with_the_generator():
    texts = [text_of(90)]
    assert cut(texts) == cut(texts) != cut(texts, generator=drawn(2))


@pytest.mark.parametrize(
    "wrong",
    [
        {"share": 0.0},
        {"share": 1.5},
        {"share": float("nan")},
        {"mean_length": 0.5},
        {"sentinels": [2000, 2000, 2001, 2002, 2003]},
        {"sentinels": [2000]},
        {"sentinels": []},
        {"sentinels": [text_of(30)[3], *SENTINELS]},
    ],
)
def test_spans_refuse(wrong):
    with pytest.raises(CourseError):
        cut([text_of(30)], **wrong)
