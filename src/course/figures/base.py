"""The parent of every live figure."""

from collections.abc import Mapping
from typing import Any

import anywidget
import traitlets

from course.figures.payload import to_html


class Figure(anywidget.AnyWidget):
    """A figure that the reader operates: a widget in a notebook, plain HTML on the site.

    A subclass sets `_esm`, one ES module with anywidget's contract
    (`export default { render({ model, el }) }`). JupyterLab and Colab take the widget; the site
    takes the HTML, which holds the same payload.

    Args:
        figure: what `course.figures.payload.payload` returned.
    """

    data = traitlets.Dict().tag(sync=True)

    def __init__(self, figure: Mapping[str, Any], **traits: Any):
        super().__init__(data=dict(figure), **traits)

    def fallback(self) -> str:
        """Return the HTML that stands for the figure where no script runs."""
        return ""

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        bundle = super()._repr_mimebundle_(**kwargs)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle or {}, {})
        return {**data, "text/html": to_html(self.data, self.fallback())}, metadata
