"""How a recurrent decoder gets at the source: readers with one interface (chapters 2, 5 and 6).

A decoder asks its reader for a context. The classic model has nothing to read but one vector;
attention looks at every encoder output. Because all readers answer the same call, the decoder has
no branch for each kind. The kinds of attention differ only in their scores, and share what turns
scores into weights (`course.nn.windows`) and the weighted read.

What they read is the memory of a recurrent encoder, `(outputs, keys, mask, summary)`: outputs
(B, S, D), one vector for each source token; keys (B, S, A), the outputs as the reader's scores
want them (A = 0 without attention); mask (B, S), True at real tokens; summary (B, D), the one
vector of the classic model.

Axes: B sentences, T target positions, S source positions, D width of an encoder output, H width of
the decoder state.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from course.nn.windows import Window
from course.ops.attention import additive_scores, dot_product_scores, weighted_read

Memory = tuple[Tensor, ...]


class ContextReader(nn.Module):
    """Base of the readers.

    Args:
        d_memory: D.
        d_state: H.
        d_attention: width of the hidden layer of those scores that have one.
        window: what turns scores into weights.

    Attributes:
        width: how many numbers the reader gives the decoder.
        attends: whether what it reads depends on the query. Where it does not, a whole target can
            be decoded by one call of the recurrent layer.
    """

    width: int
    attends: bool = False

    def __init__(self, d_memory: int, d_state: int, d_attention: int, window: Window):
        super().__init__()
        self.width = d_memory

    def keys(self, outputs: Float[Tensor, "B S D"]) -> Float[Tensor, "B S A"]:
        """What can be computed from the encoder outputs once per sentence; nothing by default."""
        return outputs[:, :, :0]


class InitialStateOnly(ContextReader):
    """No context at all: the source reaches the decoder only as its initial state.

    Sutskever, Vinyals and Le (2014), section 2.
    """

    def __init__(self, d_memory: int, d_state: int, d_attention: int, window: Window):
        super().__init__(d_memory, d_state, d_attention, window)
        self.width = 0

    def forward(
        self, queries: Float[Tensor, "B T H"], memory: Memory, positions: Int[Tensor, "B T"]
    ) -> tuple[Float[Tensor, "B T W"], Float[Tensor, "B T S"] | None]:
        """An empty context, and no weights."""
        return queries[:, :, :0], None


class EveryStep(ContextReader):
    """The same summary vector at every step. Cho et al. (2014), equation 7."""

    def forward(
        self, queries: Float[Tensor, "B T H"], memory: Memory, positions: Int[Tensor, "B T"]
    ) -> tuple[Float[Tensor, "B T W"], Float[Tensor, "B T S"] | None]:
        """The summary, and no weights."""
        return memory[3][:, None].expand(-1, queries.shape[1], -1), None


class Attention(ContextReader):
    r"""A new weighted average of the encoder outputs for every query: the base of all scores.

    $\alpha_t$ are the window's weights of the scores $e_{ts}$, and $c_t = \sum_s \alpha_{ts} m_s$.
    """

    attends = True

    def __init__(self, d_memory: int, d_state: int, d_attention: int, window: Window):
        super().__init__(d_memory, d_state, d_attention, window)
        self.window = window

    def scores(
        self, queries: Float[Tensor, "B T H"], keys: Float[Tensor, "B S A"]
    ) -> Float[Tensor, "B T S"]:
        """How well each source position answers each query."""
        raise TypeError(f"{type(self).__name__} does not say how to score")

    def forward(
        self, queries: Float[Tensor, "B T H"], memory: Memory, positions: Int[Tensor, "B T"]
    ) -> tuple[Float[Tensor, "B T W"], Float[Tensor, "B T S"] | None]:
        """The contexts for decoder states, and the weights they were read with.

        Args:
            queries: decoder states.
            memory: see the module.
            positions: which target words are being written, counted from 1.
        """
        outputs, keys, mask, _ = memory
        weights = self.window(self.scores(queries, keys), mask, queries, positions)
        return weighted_read(weights, outputs), weights


class AdditiveAttention(Attention):
    r"""A hidden layer over query and key, $e_{ts} = v^\top \tanh(W q_t + U m_s)$.

    Bahdanau, Cho and Bengio (2015), section 3.1. Luong's "concat" is the same: the matrix of the
    joined vector is W and U side by side.
    """

    def __init__(self, d_memory: int, d_state: int, d_attention: int, window: Window):
        super().__init__(d_memory, d_state, d_attention, window)
        self.query = nn.Linear(d_state, d_attention, bias=False)
        self.key = nn.Linear(d_memory, d_attention)
        self.v = nn.Parameter(torch.empty(d_attention).uniform_(-1, 1) * d_attention**-0.5)

    def keys(self, outputs: Float[Tensor, "B S D"]) -> Float[Tensor, "B S A"]:
        """The projected keys $U m_s$."""
        return self.key(outputs)

    def scores(
        self, queries: Float[Tensor, "B T H"], keys: Float[Tensor, "B S A"]
    ) -> Float[Tensor, "B T S"]:
        """See the class."""
        return additive_scores(self.query(queries), keys, self.v)


class DotAttention(Attention):
    r"""No parameters: $e_{ts} = q_t^\top m_s$. Luong, Pham and Manning (2015), equation 8, "dot".

    It needs states and encoder outputs of the same width.
    """

    def keys(self, outputs: Float[Tensor, "B S D"]) -> Float[Tensor, "B S A"]:
        """The outputs themselves."""
        return outputs

    def scores(
        self, queries: Float[Tensor, "B T H"], keys: Float[Tensor, "B S A"]
    ) -> Float[Tensor, "B T S"]:
        """See the class."""
        return dot_product_scores(queries, keys)


class ScaledDotAttention(DotAttention):
    r"""The dot product divided by √H, $e_{ts} = q_t^\top m_s / \sqrt{H}$.

    Vaswani et al. (2017), section 3.2.1.
    """

    def scores(
        self, queries: Float[Tensor, "B T H"], keys: Float[Tensor, "B S A"]
    ) -> Float[Tensor, "B T S"]:
        """See the class."""
        return super().scores(queries, keys) * queries.shape[2] ** -0.5


class GeneralAttention(DotAttention):
    r"""A learnt matrix between query and key: $e_{ts} = q_t^\top W m_s$.

    Luong, Pham and Manning (2015), equation 8, "general".
    """

    def __init__(self, d_memory: int, d_state: int, d_attention: int, window: Window):
        super().__init__(d_memory, d_state, d_attention, window)
        self.key = nn.Linear(d_memory, d_state, bias=False)

    def keys(self, outputs: Float[Tensor, "B S D"]) -> Float[Tensor, "B S A"]:
        """The projected keys $W m_s$."""
        return self.key(outputs)


class LocationAttention(DotAttention):
    r"""Scores from the query alone, $e_t = W q_t$: it knows positions, not what stands there.

    Luong, Pham and Manning (2015), equation 9, "location". The matrix has a row for each of the
    first `LONGEST` positions; what comes after them gets no weight.
    """

    LONGEST = 64

    def __init__(self, d_memory: int, d_state: int, d_attention: int, window: Window):
        super().__init__(d_memory, d_state, d_attention, window)
        self.position = nn.Linear(d_state, self.LONGEST, bias=False)

    def scores(
        self, queries: Float[Tensor, "B T H"], keys: Float[Tensor, "B S A"]
    ) -> Float[Tensor, "B T S"]:
        """See the class."""
        known = self.position(queries)[:, :, : keys.shape[1]]
        # Not -inf: a window may hold nothing but positions that are past the last one known.
        lowest = torch.finfo(known.dtype).min
        return nn.functional.pad(known, (0, keys.shape[1] - known.shape[2]), value=lowest)


READERS: dict[str, type[ContextReader]] = {
    "initial": InitialStateOnly,
    "every_step": EveryStep,
    "additive": AdditiveAttention,
    "dot": DotAttention,
    "scaled_dot": ScaledDotAttention,
    "general": GeneralAttention,
    "concat": AdditiveAttention,
    "location": LocationAttention,
}
