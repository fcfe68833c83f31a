"""Words as sounds: each letter is two tones at once, as a telephone's keys sound (chapter 11).

Five low and six high tones make thirty pairs, and the letters take the first 26. A letter sounds
for a tenth of a second, more or less, and a short silence follows; so nothing tells a listener
where the next letter begins except the sound itself.
"""

from dataclasses import dataclass

import torch
from einops import rearrange
from jaxtyping import Float
from torch import Tensor

from course.data.signals.text import LETTERS

RATE = 4000
"""Samples a second (Hz)."""
LOW = (400.0, 475.0, 550.0, 625.0, 700.0)
HIGH = (900.0, 1000.0, 1100.0, 1200.0, 1300.0, 1400.0)
PAIRS = {letter: (LOW[i // len(HIGH)], HIGH[i % len(HIGH)]) for i, letter in enumerate(LETTERS)}
"""The two frequencies of each letter, in Hz."""


@dataclass(frozen=True, kw_only=True)
class Key:
    """How somebody presses the keys.

    Attributes:
        sound: least and greatest length of a letter, in seconds.
        silence: least and greatest length of the silence after it, and before the first.
        detuned: the most by which all tones of a word are higher or lower, as a share.
    """

    sound: tuple[float, float] = (0.06, 0.14)
    silence: tuple[float, float] = (0.02, 0.06)
    detuned: float = 0.03


MACHINE = Key(sound=(0.1, 0.1), silence=(0.04, 0.04), detuned=0.0)
"""A key that is always pressed alike."""


def play(text: str, *, generator: torch.Generator, key: Key | None = None) -> Float[Tensor, " N"]:
    """The sound of a word, without noise; while a letter sounds, its power is 1.

    Args:
        text: letters a to z.
        generator: source of randomness.
        key: by default the usual one; `MACHINE` for one without any variation.
    """
    key = key or Key()
    shift = 1 + float(_between((-key.detuned, key.detuned), 1, generator))
    sounds = (_between(key.sound, len(text), generator) * RATE).long().tolist()
    silences = (_between(key.silence, len(text) + 1, generator) * RATE).long().tolist()
    parts = [torch.zeros(silences[0])]
    for letter, sound, silence in zip(text, sounds, silences[1:], strict=True):
        time = torch.arange(sound) / RATE
        phases = torch.rand(2, 1, generator=generator)
        turns = torch.tensor(PAIRS[letter])[:, None] * shift * time + phases  # (2, sound)
        parts += [torch.sin(2 * torch.pi * turns).sum(0), torch.zeros(silence)]
    return torch.cat(parts)


def _between(bounds: tuple[float, float], n: int, generator: torch.Generator) -> Tensor:
    low, high = bounds
    return low + (high - low) * torch.rand(n, generator=generator)


def spectrogram(
    sound: Float[Tensor, " N"],
    *,
    window: int = 128,
    hop: int = 64,
    band: tuple[float, float] = (300.0, 1500.0),
) -> Float[Tensor, "T K"]:
    r"""How loud each frequency is at each moment: $\log_{10}$ of the power, its mean subtracted.

    The mean is over the whole sound, so that how loud it is altogether does not count.

    Args:
        sound: samples at `RATE`.
        window: samples that a frame is computed from (128 are 32 ms), under a Hann window.
        hop: samples from one frame to the next (64 are 16 ms).
        band: lowest and highest frequency kept, in Hz; bins are `RATE` / `window` Hz apart.

    Returns:
        T frames of K frequencies, from low to high.
    """
    hann = torch.hann_window(window, dtype=sound.dtype, device=sound.device)
    found = torch.stft(sound, window, hop, window=hann, return_complex=True)  # (bins, T)
    bins = torch.arange(found.shape[0], device=sound.device) * RATE / window
    kept = found[(bins >= band[0]) & (bins <= band[1])].mT
    loud = (kept.abs().square() + 1e-3).log10()
    return loud - loud.mean()


def frames(loudness: Float[Tensor, "T K"], count: int) -> Float[Tensor, "S F"]:
    """Neighbouring frames of a spectrogram put together, F = `count` · K numbers each.

    Args:
        loudness: a spectrogram; its last frame is repeated until the number of frames fits.
        count: how many frames make a piece.
    """
    missing = -len(loudness) % count
    filled = torch.cat([loudness, loudness[-1:].expand(missing, -1)])
    return rearrange(filled, "(s n) k -> s (n k)", n=count)
