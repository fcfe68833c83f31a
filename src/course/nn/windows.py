"""Where attention may look: everywhere, or in a window of the source (chapter 6).

A window turns scores into weights. The two local ones are those of Luong, Pham and Manning (2015),
section 3.2; positions count from 1, as the paper's do.

Axes: B sentences, T queries, S source positions, H width of a query.
"""

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from course.ops.attention import gaussian_window, masked_softmax, window_mask


class Window(nn.Module):
    """The whole source: global attention.

    Attributes:
        needs_positions: whether it must know which target word is being written.
    """

    needs_positions = False

    def __init__(self, d_state: int, d_attention: int, radius: int):
        super().__init__()
        self.radius = radius

    def forward(
        self,
        scores: Float[Tensor, "B T S"],
        mask: Bool[Tensor, "B S"],
        queries: Float[Tensor, "B T H"],
        positions: Int[Tensor, "B T"],
    ) -> Float[Tensor, "B T S"]:
        """The weights of every source position for every query."""
        return masked_softmax(scores, mask[:, None])


class MonotonicWindow(Window):
    """Target word t looks around source position t, or the last one if that is past it: local-m."""

    needs_positions = True

    def forward(
        self,
        scores: Float[Tensor, "B T S"],
        mask: Bool[Tensor, "B S"],
        queries: Float[Tensor, "B T H"],
        positions: Int[Tensor, "B T"],
    ) -> Float[Tensor, "B T S"]:
        """A softmax over the positions from t - D to t + D."""
        centres = positions.minimum(mask.sum(1)[:, None]).to(scores)
        inside = window_mask(centres, scores.shape[2], self.radius)
        return masked_softmax(scores, mask[:, None] & inside)


class PredictiveWindow(Window):
    r"""The query itself predicts where to look, $p_t = S σ(v^\top \tanh(W q_t))$: local-p.

    The softmax over the window is weighted by a bell around $p_t$, through which $p_t$ learns; so
    the weights sum to less than 1, as in the paper.
    """

    def __init__(self, d_state: int, d_attention: int, radius: int):
        super().__init__(d_state, d_attention, radius)
        self.hidden = nn.Linear(d_state, d_attention, bias=False)
        self.v = nn.Linear(d_attention, 1, bias=False)

    def forward(
        self,
        scores: Float[Tensor, "B T S"],
        mask: Bool[Tensor, "B S"],
        queries: Float[Tensor, "B T H"],
        positions: Int[Tensor, "B T"],
    ) -> Float[Tensor, "B T S"]:
        """A softmax over the positions from p - D to p + D, times the bell. Equation 10."""
        where = torch.sigmoid(self.v(torch.tanh(self.hidden(queries)))[:, :, 0])  # (B, T)
        centres = where * mask.sum(1)[:, None]
        inside = window_mask(centres, scores.shape[2], self.radius)
        weights = masked_softmax(scores, mask[:, None] & inside)
        return weights * gaussian_window(centres, scores.shape[2], self.radius)


WINDOWS: dict[str, type[Window]] = {
    "global": Window,
    "local_m": MonotonicWindow,
    "local_p": PredictiveWindow,
}
