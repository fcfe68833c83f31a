"""Words as pictures: capital letters drawn with strokes (chapter 11).

Each letter is a few polylines on a grid four units wide and six high. A hand shifts their corners,
slants them and presses more or less. Letters have different widths, so nothing tells a reader where
the next one begins except the picture itself.
"""

from dataclasses import dataclass
from itertools import pairwise

import torch
import torch.nn.functional as F
from einops import rearrange
from jaxtyping import Float
from torch import Tensor

HEIGHT = 16
"""Rows of a picture, in pixels."""
UNIT, MARGIN = 2.0, 2.0
"""Pixels to a unit of the letters' grid, and pixels above and below a letter."""

# Corners as x and y, y counted downwards; a slash lifts the pen.
_STROKES = {
    "a": "06 20 46 / 14 34",
    "b": "06 00 30 41 42 33 03 / 33 44 45 36 06",
    "c": "41 30 10 01 05 16 36 45",
    "d": "06 00 20 42 44 26 06",
    "e": "40 00 06 46 / 03 33",
    "f": "40 00 06 / 03 33",
    "g": "41 30 10 01 05 16 36 45 43 23",
    "h": "00 06 / 40 46 / 03 43",
    "i": "00 06",
    "j": "30 35 26 16 05",
    "k": "00 06 / 40 03 46",
    "l": "00 06 36",
    "m": "06 00 23 40 46",
    "n": "06 00 46 40",
    "o": "10 30 41 45 36 16 05 01 10",
    "p": "06 00 30 41 42 33 03",
    "q": "10 30 41 45 36 16 05 01 10 / 24 46",
    "r": "06 00 30 41 42 33 03 / 23 46",
    "s": "41 30 10 01 02 13 33 44 45 36 16 05",
    "t": "00 40 / 20 26",
    "u": "00 05 16 36 45 40",
    "v": "00 26 40",
    "w": "00 16 23 36 40",
    "x": "00 46 / 40 06",
    "y": "00 23 40 / 23 26",
    "z": "00 40 06 46",
}


def _segments(strokes: str) -> Float[Tensor, "N 2 2"]:
    lines = [[[float(c) for c in corner] for corner in line.split()] for line in strokes.split("/")]
    return torch.tensor([pair for line in lines for pair in pairwise(line)])


LETTERS = {letter: _segments(strokes) for letter, strokes in _STROKES.items()}
"""Line segments of each letter: (segment, begin or end, x or y), in units."""


@dataclass(frozen=True, kw_only=True)
class Hand:
    """How somebody writes; lengths are in pixels.

    Attributes:
        jitter: standard deviation by which each end of a stroke is off.
        thickness: least and greatest width of the strokes of a word.
        slant: the most that letters lean to either side: pixels sideways per pixel of height.
        gap: least and greatest distance from one letter to the next.
    """

    jitter: float = 0.4
    thickness: tuple[float, float] = (1.0, 2.0)
    slant: float = 0.25
    gap: tuple[float, float] = (2.5, 4.5)


PRINTED = Hand(jitter=0.0, thickness=(1.5, 1.5), slant=0.0, gap=(3.5, 3.5))
"""A hand that writes each letter always alike."""


def draw(
    text: str, *, generator: torch.Generator, hand: Hand | None = None
) -> Float[Tensor, "16 W"]:
    """A picture of a word, without noise: ink is 1, paper 0, edges of strokes between.

    Args:
        text: letters a to z.
        generator: source of randomness.
        hand: by default the usual one; `PRINTED` for a hand without any variation.
    """
    hand = hand or Hand()
    gaps = _between(hand.gap, len(text) + 1, generator)
    placed, at = [], float(gaps[0])
    for letter, gap in zip(text, gaps[1:].tolist(), strict=True):
        segments = LETTERS[letter] * UNIT
        segments = segments + hand.jitter * torch.randn(segments.shape, generator=generator)
        placed.append(segments + torch.tensor([at, MARGIN]))
        at += UNIT * float(LETTERS[letter][..., 0].max()) + gap
    strokes = torch.cat(placed)
    slant = hand.slant * float(2 * torch.rand((), generator=generator) - 1)
    strokes[..., 0] += slant * (HEIGHT / 2 - strokes[..., 1])
    width = int(at) + 1
    half = float(_between(hand.thickness, 1, generator)) / 2
    return (half + 0.5 - _distances(strokes, width)).clamp(0, 1)


def _between(bounds: tuple[float, float], n: int, generator: torch.Generator) -> Tensor:
    low, high = bounds
    return low + (high - low) * torch.rand(n, generator=generator)


def _distances(strokes: Float[Tensor, "N 2 2"], width: int) -> Float[Tensor, "16 W"]:
    """How far each pixel's centre is from the nearest stroke."""
    y = torch.arange(HEIGHT)[:, None, None] + 0.5
    x = torch.arange(width)[None, :, None] + 0.5
    (x0, y0), (x1, y1) = strokes[:, 0].mT, strokes[:, 1].mT
    dx, dy = x1 - x0, y1 - y0
    along = ((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy)  # 0 at the begin, 1 at the end
    along = along.clamp(0, 1)
    squared = (x - x0 - along * dx).square() + (y - y0 - along * dy).square()  # (H, W, N)
    return squared.amin(-1).sqrt()


def strips(picture: Float[Tensor, "H W"], width: int) -> Float[Tensor, "S F"]:
    """A picture of one line cut into pieces from left to right, each as high as the picture.

    Args:
        picture: on the right it is filled up with paper.
        width: of a piece, in pixels; F is H times that.
    """
    filled = F.pad(picture, (0, -picture.shape[1] % width))
    return rearrange(filled, "h (s w) -> s (h w)", w=width)
