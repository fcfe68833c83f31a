"""Pictures and sounds of words: readable by a simple rule without noise, as noisy as promised."""

import pytest
import torch

from course.data import signals
from course.data.signals import strokes, tones
from course.runtime import generator

PANGRAM = "sphinxofblackquartzjudgemyvow"


def seeded():
    return generator(11, "signals")


def test_letters_and_tokens_are_each_others_inverse():
    assert set(PANGRAM) == set(signals.LETTERS)
    ids = signals.tokens(PANGRAM)
    assert min(ids) == 4 and max(ids) == signals.VOCABULARY - 1
    assert signals.letters([1, *ids, 2, 0]) == PANGRAM
    with pytest.raises(ValueError, match="substring"):
        signals.tokens("Paul")


def test_strings_have_every_length_and_letter():
    drawn = signals.strings(977, lengths=(2, 5), generator=seeded())
    assert {len(text) for text in drawn} == {2, 3, 4, 5}
    assert set("".join(drawn)) == set(signals.LETTERS)
    assert drawn == signals.strings(977, lengths=(2, 5), generator=seeded())


def test_the_grammars_words_can_be_written():
    words = signals.grammar_words((3, 8))
    assert "sandwich" in words and len(words) > 300 and words == sorted(set(words))
    assert {len(word) for word in words} == set(range(3, 9))
    assert all(signals.letters(signals.tokens(word)) == word for word in words)


def template(letter):
    return strokes.draw(letter, generator=seeded(), hand=strokes.PRINTED)


def split_at_paper(picture):
    """The pieces of a picture between columns without ink."""
    inked = [bool(column.any()) for column in picture.mT]
    pieces, start = [], None
    for x, ink in enumerate([*inked, False]):
        if ink and start is None:
            start = x
        elif not ink and start is not None:
            pieces.append(picture[:, start:x])
            start = None
    return pieces


def test_a_printed_word_is_read_by_comparing_with_printed_letters():
    known = {letter: split_at_paper(template(letter)) for letter in signals.LETTERS}
    assert all(len(found) == 1 for found in known.values())

    def distance(piece, letter):
        (other,) = known[letter]
        width = max(piece.shape[1], other.shape[1])
        padded = [torch.nn.functional.pad(p, (0, width - p.shape[1])) for p in (piece, other)]
        return float((padded[0] - padded[1]).abs().sum())

    # Gaps are whole pixels here, so that a letter looks the same wherever it stands.
    hand = strokes.Hand(jitter=0.0, thickness=(1.5, 1.5), slant=0.0, gap=(4.5, 4.5))
    picture = signals.draw(PANGRAM, generator=seeded(), hand=hand)
    pieces = split_at_paper(picture)
    read = [min(known, key=lambda letter: distance(piece, letter)) for piece in pieces]
    assert "".join(read) == PANGRAM


def test_a_picture_is_ink_on_paper():
    picture = signals.draw("paris", generator=seeded())
    assert picture.shape[0] == signals.HEIGHT and picture.dtype == torch.float32
    assert picture.min() == 0 and 0.9 < picture.max() <= 1
    assert 0.1 < float((picture > 0.5).float().mean()) < 0.4
    assert torch.equal(picture, signals.draw("paris", generator=seeded()))


@pytest.mark.parametrize(
    "change", [{"jitter": 0.0}, {"thickness": (3.0, 3.0)}, {"slant": 0.0}, {"gap": (9.0, 9.0)}]
)
def test_every_habit_of_a_hand_shows(change):
    plain = signals.draw("wolf", generator=seeded())
    other = signals.draw("wolf", generator=seeded(), hand=strokes.Hand(**change))
    assert plain.shape != other.shape or (plain - other).abs().max() > 0.2


def test_thickness_is_the_width_of_a_stroke():
    for width in (2.0, 3.0):
        hand = strokes.Hand(jitter=0.0, thickness=(width, width), slant=0.0, gap=(6.0, 6.0))
        picture = signals.draw("i", generator=seeded(), hand=hand)
        assert float(picture[8].sum()) == pytest.approx(width, abs=0.01)


def test_strips_put_together_are_the_picture():
    picture = torch.rand(7, 13)
    pieces = signals.strips(picture, 5)
    assert pieces.shape == (3, 35)
    again = torch.cat([piece.view(7, 5) for piece in pieces], 1)
    assert torch.equal(again[:, :13], picture) and not again[:, 13:].any()


def sounding(sound):
    """Stretches of a sound between silences of at least ten milliseconds."""
    loud = torch.nn.functional.max_pool1d(sound.abs()[None], 41, 1, 20)[0] > 1e-3
    edges = torch.diff(loud.int(), prepend=torch.zeros(1, dtype=torch.int))
    starts, ends = ((edges == sign).nonzero()[:, 0].tolist() for sign in (1, -1))
    return [sound[a + 20 : b - 20] for a, b in zip(starts, ends, strict=True)]


def test_a_word_is_heard_by_the_two_loudest_tones_of_each_letter():
    sound = signals.play(PANGRAM, generator=seeded(), key=tones.MACHINE)

    def power(stretch, frequency):
        turns = 2 * torch.pi * frequency * torch.arange(len(stretch)) / tones.RATE
        return float((stretch * torch.exp(1j * turns)).sum().abs())

    heard = []
    for stretch in sounding(sound):
        pair = tuple(
            max(group, key=lambda f: power(stretch, f)) for group in (tones.LOW, tones.HIGH)
        )
        heard.append(next(letter for letter, tones_ in tones.PAIRS.items() if tones_ == pair))
    assert "".join(heard) == PANGRAM


def test_letters_sound_for_as_long_as_the_key_says():
    key = tones.Key(sound=(0.05, 0.05), silence=(0.03, 0.03), detuned=0.0)
    sound = signals.play("abcde", generator=seeded(), key=key)
    assert len(sound) == (5 * 0.05 + 6 * 0.03) * tones.RATE
    usual = {len(signals.play("abcde", generator=generator(i, "x"))) for i in range(5)}
    assert len(usual) == 5


def test_pairs_of_tones_differ_and_can_be_heard():
    assert len(set(tones.PAIRS.values())) == 26
    assert max(tones.HIGH) * 1.03 < tones.RATE / 2


def test_the_power_of_a_letter_is_one():
    sound = signals.play("q", generator=seeded(), key=tones.Key(sound=(2.0, 2.0)))
    assert float(sound[1000:-1000].square().mean()) == pytest.approx(1, abs=0.01)
    picture = signals.draw("i", generator=seeded(), hand=strokes.Hand(thickness=(5.0, 5.0)))
    assert float(picture.max().square()) == 1


@pytest.mark.parametrize("snr", [20.0, 0.0, -7.0])
def test_noise_is_as_strong_as_promised(snr):
    for clean in (torch.rand(101, 307), torch.rand(30011)):
        noisy = signals.add_noise(clean, snr, generator=seeded())
        power = float((noisy - clean).square().mean())
        assert 10 * torch.log10(torch.tensor(1 / power)) == pytest.approx(snr, abs=0.15)
    assert torch.equal(noisy, signals.add_noise(clean, snr, generator=seeded()))


def test_the_spectrogram_is_loudest_at_the_tones():
    sound = signals.play("q", generator=seeded(), key=tones.Key(sound=(1.0, 1.0), detuned=0.0))
    loud = signals.spectrogram(sound)
    assert loud.shape == (len(sound) // 64 + 1, 39)
    bins = 312.5 + torch.arange(39) * 31.25  # Hz
    middle = loud[len(loud) // 2]
    low, high = tones.PAIRS["q"]
    assert abs(float(bins[middle[:19].argmax()]) - low) <= 16
    assert abs(float(bins[19 + middle[19:].argmax()]) - high) <= 16
    assert float(loud.mean()) == pytest.approx(0, abs=1e-5)
    noisy = signals.add_noise(sound, 0.0, generator=seeded())
    louder = signals.spectrogram(10 * noisy) - signals.spectrogram(noisy)
    assert float(louder.abs().mean()) < 0.01, "how loud it is altogether does not count"


def test_frames_put_together_are_the_spectrogram():
    loud = torch.rand(11, 5)
    pieces = signals.frames(loud, 3)
    assert pieces.shape == (4, 15)
    again = pieces.view(12, 5)
    assert torch.equal(again[:11], loud) and torch.equal(again[11], loud[10])
