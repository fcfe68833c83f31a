"""What all Transformer layers of a model have in common (chapters 7 to 9)."""

from dataclasses import dataclass
from typing import Literal, get_args

from course.errors import CourseError

Activation = Literal["relu", "gelu", "gelu_new", "silu"]
Positions = Literal["none", "sinusoidal", "learned", "rotary", "alibi", "relative"]


@dataclass(frozen=True, kw_only=True)
class LayerConfig:
    """Sizes and kind of the layers; base of the configurations of the three families.

    Attributes:
        d_model: D, the width of the residual stream.
        num_heads: H.
        d_head: K, the width of a head; by default D / H.
        d_ff: F, the width of the feed-forward network's hidden layer.
        activation: its non-linearity; `gelu_new` is GELU by its tanh approximation.
        gated: whether its hidden layer is multiplied by a second, linear one: Shazeer (2020).
        norm: `layer`, or `rms`, which neither subtracts the mean nor adds a bias.
        norm_first: normalise what a sublayer reads ("pre-norm", with one more norm at the end)
            or the sum of what it read and wrote ("post-norm", as in the first Transformer).
        norm_eps: ε, what keeps the norm from dividing by 0.
        bias: whether linear layers have one.
        scale_scores: divide dot products by √K; T5 does not.
        positions: how a model knows the order: added to the embeddings (`sinusoidal`, `learned`),
            turned into queries and keys (`rotary`), or as a bias on scores (`alibi`, `relative`).
        max_length: how many positions `learned` has.
        num_buckets: of distances, for `relative`.
        max_distance: for `relative`: distances from here on are not told apart.
        norm_embeddings: whether a norm follows the embeddings.
        dropout: share dropped in training of embeddings and of what each sublayer writes.

    Raises:
        CourseError: if a size is below 1, a kind is unknown, the dropout is not in [0, 1), ε is not
            above 0, the heads cannot share `d_model`, or a width that comes in pairs is odd.
    """

    d_model: int = 256
    num_heads: int = 4
    d_head: int | None = None
    d_ff: int = 1024
    activation: Activation = "relu"
    gated: bool = False
    norm: Literal["layer", "rms"] = "layer"
    norm_first: bool = True
    norm_eps: float = 1e-5
    bias: bool = True
    scale_scores: bool = True
    positions: Positions = "sinusoidal"
    max_length: int = 512
    num_buckets: int = 32
    max_distance: int = 128
    norm_embeddings: bool = False
    dropout: float = 0.1

    @property
    def head_width(self) -> int:
        """K."""
        return self.d_model // self.num_heads if self.d_head is None else self.d_head

    def __post_init__(self) -> None:
        """Check the settings."""
        self._check_sizes("d_model", "num_heads", "d_ff", "max_length", "num_buckets")
        if self.d_head is not None:
            self._check_sizes("d_head")
        for name, known in (
            ("activation", get_args(Activation)),
            ("norm", ("layer", "rms")),
            ("positions", get_args(Positions)),
        ):
            if getattr(self, name) not in known:
                raise CourseError(
                    f"{name} is one of {', '.join(known)}, not {getattr(self, name)!r}."
                )
        if not (isinstance(self.dropout, (int, float)) and 0 <= self.dropout < 1):
            raise CourseError(f"dropout must be at least 0 and below 1, not {self.dropout!r}.")
        if not (isinstance(self.norm_eps, (int, float)) and self.norm_eps > 0):
            raise CourseError(f"norm_eps must be a number above 0, not {self.norm_eps!r}.")
        self._check_widths()

    def _check_sizes(self, *names: str) -> None:
        for name in names:
            size = getattr(self, name)
            if not (isinstance(size, int) and size >= 1):
                raise CourseError(f"{name} must be a whole number of at least 1, not {size!r}.")

    def _check_widths(self) -> None:
        if self.d_head is None and self.d_model % self.num_heads:
            raise CourseError(
                f"{self.num_heads} heads cannot share a d_model of {self.d_model}; choose a "
                "multiple, or give d_head."
            )
        for name, kind, width in (
            ("d_model", "sinusoidal", self.d_model),
            ("the width of a head", "rotary", self.head_width),
        ):
            if self.positions == kind and width % 2:
                raise CourseError(f"{kind} positions come in pairs, so {name} can't be {width}.")
        if self.positions == "relative" and not 4 <= self.num_buckets < 2 * self.max_distance:
            raise CourseError(
                "relative positions need at least 4 buckets and fewer than twice the "
                f"max_distance, not {self.num_buckets} for {self.max_distance}."
            )
