"""The picture that stands for a live figure where no script runs."""

import base64
import html
import io
from collections.abc import Callable

import matplotlib
from matplotlib.figure import Figure

from course import plotting
from course.errors import CourseError

MAX_BYTES = 100_000


def still(draw: Callable[[Figure], None], *, alt: str, size: tuple[float, float]) -> str:
    """Draw a picture in the style of the book and return it as an HTML image.

    It is an SVG, the same on every run; the settings of matplotlib are left as they were.

    Args:
        draw: draws on the empty matplotlib figure that it is given.
        alt: what the picture shows, for a reader who can't see it.
        size: width and height in inches.

    Raises:
        CourseError: if the picture is larger than 100 kB.
    """
    stream = io.BytesIO()
    with matplotlib.rc_context():
        plotting.use_style()
        matplotlib.rcParams["svg.hashsalt"] = "course"
        figure = Figure(figsize=size, layout="constrained")
        draw(figure)
        figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None})
    picture = stream.getvalue()
    if len(picture) > MAX_BYTES:
        raise CourseError("The picture is larger than 100 kB: draw less of it.")
    source = "data:image/svg+xml;base64," + base64.b64encode(picture).decode()
    width = round(size[0] * 96)
    alt = html.escape(alt, quote=True)
    return f'<img class="s2s-still" width="{width}" alt="{alt}" src="{source}">'
