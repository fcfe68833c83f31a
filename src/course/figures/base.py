"""The parent of every live figure."""

import sys
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import anywidget
import traitlets

from course.figures import bundle
from course.figures.payload import payload, to_html


class Figure(anywidget.AnyWidget):
    """A figure that the reader operates: a widget in a notebook, plain HTML on the site.

    A subclass names its `kind`: `course/browser/figures/KIND.mjs` is its module, with anywidget's
    contract (`export default { render({ model, el }) }`). JupyterLab takes the widget. The site
    takes the HTML, which holds the same payload, and fetches the module. Colab, where a widget
    would ask other hosts for its manager, takes the HTML and the module in one.

    Args:
        alt: what the figure shows at first, for a reader who can't see it, with its finding.
        caption: one or two sentences below the figure.
        table: `{"columns": [...], "rows": [[...], ...]}`, the numbers that are drawn.
        data: what the module needs besides; anything JSON can hold.

    Raises:
        CourseError: if they don't keep the contract of `course.figures.payload`.
    """

    kind: ClassVar[str]
    data = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        *,
        alt: str,
        caption: str,
        table: Mapping[str, Sequence[Any]] | None = None,
        data: Any = None,
    ):
        self._esm = bundle.module(f"figures/{self.kind}.mjs")
        self._css = bundle.style()
        super().__init__(data=payload(self.kind, alt=alt, caption=caption, table=table, data=data))

    def fallback(self) -> str:
        """Return the HTML that stands for the figure where no script runs."""
        return ""

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        page = to_html(self.data, self.fallback())
        words = {"text/plain": f"Figure: {self.data['alt']}"}
        if "google.colab" in sys.modules:
            return words | {"text/html": page + bundle.inline(self.kind)}, {}
        bundled = super()._repr_mimebundle_(**kwargs)
        data, metadata = bundled if isinstance(bundled, tuple) else (bundled or {}, {})
        return {**data, **words, "text/html": page}, metadata
