"""Texts as pictures and as sounds, made here: what a model of chapter 11 has to read.

- `text`: what is written: random letters, and words of the grammar
- `strokes`: letters drawn as strokes; a picture is (H, W), ink 1 on paper 0
- `tones`: letters as pairs of tones; a sound is (N,), and its spectrogram (T, K)
- `noise`: white noise at a given signal-to-noise ratio in decibels

Nothing is downloaded, and the same `torch.Generator` state gives the same signals.
"""

from course.data.signals.noise import add_noise
from course.data.signals.strokes import HEIGHT, Hand, draw, strips
from course.data.signals.text import LETTERS, VOCABULARY, grammar_words, letters, strings, tokens
from course.data.signals.tones import Key, frames, play, spectrogram

__all__ = [
    "HEIGHT",
    "LETTERS",
    "VOCABULARY",
    "Hand",
    "Key",
    "add_noise",
    "draw",
    "frames",
    "grammar_words",
    "letters",
    "play",
    "spectrogram",
    "strings",
    "strips",
    "tokens",
]
