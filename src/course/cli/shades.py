"""The purple of attention as a terminal background."""

from rich.style import Style

_PURPLE = (0x8E, 0x5E, 0xA2)  # as in every heatmap of the book
_LEAST = 0.05


def shade(weight: float) -> Style:
    """A background from almost white to purple; none for hardly any attention."""
    if weight < _LEAST:
        return Style()
    red, green, blue = (round(255 - (255 - full) * min(weight, 1.0)) for full in _PURPLE)
    ink = "rgb(255,255,255)" if weight > 0.9 else "rgb(0,0,0)"
    return Style.parse(f"{ink} on rgb({red},{green},{blue})")
