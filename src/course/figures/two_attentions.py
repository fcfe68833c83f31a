"""Figure "Bahdanau and Luong": one step of either decoder, part after part (chapter 6).

The numbers are those of `course.figures.attention_steps`: the package's layers, with parameters
chosen by hand.
"""

from collections.abc import Mapping

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from torch import Tensor

from course.figures.attention_steps import OUTPUTS, SOURCE, TARGET, Step, decoder, steps
from course.figures.base import Figure
from course.figures.palette import text
from course.figures.still import still

NAMES = {"bahdanau": "Bahdanau", "luong": "Luong"}
SHOWN = (1, 2)
"""The steps to choose from: those that write "voiture" and "bleue"."""
_PARTS = {"bahdanau": ("scores", "context", "state"), "luong": ("state", "scores", "context")}
_ASKS = {"bahdanau": "h[t-1]", "luong": "h[t]"}


class TwoAttentions(Figure):
    """The steps of both decoders side by side, with what differs marked."""

    kind = "two-attentions"

    def __init__(self) -> None:
        self.steps = {kind: steps(kind) for kind in NAMES}
        super().__init__(
            alt="One step of two decoders, about to write “bleue” after “voiture”. Bahdanau first "
            f"asks with the old state and reads {_vector(self._last('bahdanau').context)}, then "
            "feeds the word and what it read into the new state. Luong first feeds the word, then "
            f"asks with the new state and reads {_vector(self._last('luong').context)}, which goes "
            "into the prediction alone. Both look most at “blue”: "
            + " and ".join(f"{self._last(kind).weights[1]:.2f}" for kind in NAMES)
            + ".",
            caption="Step through both, and press a box to see where its numbers come from. The "
            "layers are the package's; their parameters were chosen by hand, so that the first "
            "number of a vector is about nouns and the second about colours.",
            table=self._table(),
            data={
                "source": SOURCE,
                "outputs": OUTPUTS,
                "target": TARGET,
                "shown": SHOWN,
                "steps": {kind: [vars(step) for step in self.steps[kind]] for kind in NAMES},
                "learnt": {kind: _learnt(kind) for kind in NAMES},
            },
        )

    def _last(self, kind: str) -> Step:
        return self.steps[kind][SHOWN[-1]]

    def _table(self) -> dict[str, list]:
        rows = []
        for kind, name in NAMES.items():
            for t in SHOWN:
                step = self.steps[kind][t]
                weights = [round(weight, 2) for weight in step.weights.tolist()]
                vectors = [_vector(v) for v in (step.previous, step.context, step.state)]
                share = round(step.predicted[t].item(), 2)
                rows.append([name, TARGET[t], *vectors, *weights, share])
        words = (f"weight of “{word}”" for word in SOURCE)
        columns = ["decoder", "writes", "h[t-1]", "c[t]", "h[t]", *words, "its probability"]
        return {"columns": columns, "rows": rows}

    def fallback(self) -> str:
        """Return a picture of both orders of events, top to bottom."""
        return still(self._draw, alt=self.data["alt"], size=(7.6, 3.4))

    def _draw(self, figure: Canvas) -> None:
        axes = figure.subplots(1, 2)
        for ax, kind in zip(axes, NAMES, strict=True):
            _column(ax, kind, self._last(kind))


def _column(ax: Axes, kind: str, step: Step) -> None:
    """Draw the parts of a step in their order of events, below one another."""
    best = int(step.predicted.argmax())
    said = {
        "scores": f"weights of {', '.join(SOURCE)}: {_vector(step.weights)}",
        "context": f"context c[t] = {_vector(step.context)}",
        "state": f"state h[t] = {_vector(step.state)}",
    }
    first = f"state h[t-1] = {_vector(step.previous)}, word {TARGET[SHOWN[-1] - 1]}"
    lines = [(first, "target")]
    roles = {"scores": "attention", "context": "attention", "state": "target"}
    lines += [(said[part], roles[part]) for part in _PARTS[kind]]
    lines.append((f"writes {TARGET[best]}, {step.predicted[best]:.0%}", "target"))
    ax.set(xlim=(0, 1), ylim=(len(lines) - 0.5, -0.5), title=f"{NAMES[kind]}: {_ASKS[kind]} asks")
    ax.axis("off")
    for i, (words, role) in enumerate(lines):
        frame = {"boxstyle": "round,pad=0.4", "facecolor": "white", "edgecolor": text(role)}
        ax.text(0.5, i, words, ha="center", va="center", fontsize=8.5, bbox=frame)
        if i:
            arrow = {"arrowstyle": "->", "color": "0.35"}
            ax.annotate("", (0.5, i - 0.24), (0.5, i - 0.76), arrowprops=arrow)


def _learnt(kind: str) -> Mapping[str, Tensor]:
    """Return the parameters of the scores, as the figure works them out."""
    reader = decoder(kind).reader
    names = {"W": "query.weight", "U": "key.weight", "b": "key.bias", "v": "v"}
    names = names if kind == "bahdanau" else {"W": "key.weight"}
    return {name: reader.get_parameter(path).detach() for name, path in names.items()}


def _vector(numbers: Tensor) -> str:
    return "(" + ", ".join(f"{number:.2f}" for number in numbers.tolist()) + ")"
