"""Figure "Image and sound attention": which strip, which moment, for each letter (chapter 11)."""

import math

from matplotlib.figure import Figure as Canvas
from torch import Tensor

from course import plotting
from course.errors import CourseError
from course.figures.base import Figure
from course.figures.still import still

LEVELS = 15
"""Steps of grey that are stored, above paper."""
LEAST = 0.1
"""The least weight that the table tells."""


class SignalAttention(Figure):
    """A word as a picture and as a spectrogram, and what was read while each letter was written.

    Args:
        word: what was written; after it comes the end, so there are T = its letters + 1 steps.
        picture: (H, W).
        strips: cross-attention over the strips of the picture, (T, S).
        strip: how many columns a strip is wide.
        loudness: the spectrogram, (frames, frequencies).
        moments: cross-attention over the pieces of the sound, (T, S).
        stack: how many frames a piece has.

    Raises:
        CourseError: if weights don't fit the word, or a signal and its pieces.
    """

    kind = "signal-attention"

    def __init__(
        self,
        word: str,
        *,
        picture: Tensor,
        strips: Tensor,
        strip: int,
        loudness: Tensor,
        moments: Tensor,
        stack: int,
    ):
        self.letters = [*word, "end"]
        # high frequencies above, as one draws them
        self.views = {
            "picture": (picture, strips, strip),
            "sound": (loudness.mT.flip(0), moments, stack),
        }
        for name, (image, weights, size) in self.views.items():
            expected = (len(self.letters), -(-image.shape[1] // size))
            if tuple(weights.shape) != expected:
                raise CourseError(
                    f"The weights of the {name} are {tuple(weights.shape)}, not {expected}."
                )
        on = [moved_on(strips[:-1]), moved_on(moments[:-1])]
        super().__init__(
            alt=f"The word {word} as a picture of {strips.shape[1]} strips and as a spectrogram of "
            f"{moments.shape[1]} moments. From letter to letter, {len(word) - 1} steps, the strip "
            f"that is read most moves to the right {on[0]} times, the moment {on[1]} times. Read "
            f"most for each letter and for the end: strips {most_read(strips)}; moments "
            f"{most_read(moments)}.",
            caption="Choose a letter, or a strip or a moment by clicking it or by its slider. "
            "Numbers are percentages of the cross-attention: mean over layers and heads, as "
            "recorded while the model was made to write the word.",
            table={
                "columns": ["written", "strips read", "moments read"],
                "rows": [
                    [letter, told(strips[t]), told(moments[t])]
                    for t, letter in enumerate(self.letters)
                ],
            },
            data={
                "letters": self.letters,
                "views": [
                    {
                        "name": name,
                        "image": digits(image),
                        "piece": size,
                        "weights": [[round(w, 3) for w in row] for row in weights.tolist()],
                    }
                    for name, (image, weights, size) in self.views.items()
                ],
            },
        )

    def fallback(self) -> str:
        """Return both signals, and below each the map of its weights."""
        return still(self._draw, alt=self.data["alt"], size=(7.2, 7.2))

    def _draw(self, figure: Canvas) -> None:
        axes = figure.subplots(4, 1, height_ratios=[1, 2, 1, 2])
        for i, (name, (image, weights, size)) in enumerate(self.views.items()):
            shown, map_ = axes[2 * i], axes[2 * i + 1]
            # "none" stores the pixels as they are, which is small
            shown.imshow(image.tolist(), cmap="gray_r", aspect="auto", interpolation="none")
            end = size * weights.shape[1] - 0.5  # the last piece may be filled up
            shown.set(title=f"as a {name}", xticks=[], yticks=[], xlim=(-0.5, end))
            shown.grid(visible=False)
            places = [str(s + 1) for s in range(weights.shape[1])]
            plotting.heatmap(
                map_, weights.tolist(), self.letters, places, x="", y="written", numbers=False
            )
            map_.set_aspect("auto")


def digits(image: Tensor) -> list[str]:
    """Return an image (H, W) as rows of hexadecimal digits, from its least value to its greatest.

    Args:
        image: any finite numbers.
    """
    low, high = image.min(), image.max()
    steps = ((image - low) / (high - low).clamp(min=1e-9) * LEVELS).round().int().tolist()
    return ["".join(f"{step:x}" for step in row) for row in steps]


def moved_on(weights: Tensor) -> int:
    """Return how often the heaviest place moves to the right, from one row to the next.

    Args:
        weights: (T, S), each row a distribution.
    """
    return int((weights.argmax(1).diff() > 0).sum())


def most_read(weights: Tensor) -> str:
    """Return the number of the heaviest place of each row of weights (T, S), in words."""
    return ", ".join(str(place + 1) for place in weights.argmax(1).tolist())


def told(weights: Tensor) -> str:
    """Return the places of the weights (S,) of at least `LEAST`, in words, heaviest first."""
    order = weights.argsort(descending=True, stable=True).tolist()
    kept = [s for rank, s in enumerate(order) if rank == 0 or weights[s] >= LEAST]
    # three digits are stored, and halves rounded up, as the figure does
    shares = [math.floor(100 * round(weights[s].item(), 3) + 0.5) for s in kept]
    return ", ".join(f"{s + 1} ({share}%)" for s, share in zip(kept, shares, strict=True))
