"""How a recurrent decoder gets at the source: three readers with one interface (chapters 2 and 5).

A decoder asks its reader, before every step, for a context. The classic model has nothing to read
but one vector; attention looks at every encoder output. Because all readers answer the same call,
the decoder has no branch for each kind.

What they read is the memory of a recurrent encoder, `(outputs, keys, mask, summary)`: outputs
(B, S, D), one vector for each source token; keys (B, S, A), the outputs as the reader's scores
want them (A = 0 without attention); mask (B, S), True at real tokens; summary (B, D), the one
vector of the classic model.

Axes: B sentences, S source positions, D width of an encoder output, H width of the decoder state.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from course.ops.attention import additive_scores, masked_softmax, weighted_read


class ContextReader(nn.Module):
    """Base of the readers.

    Attributes:
        width: how many numbers the reader adds to each decoder input.
        needs_state: whether the context depends on the decoder state. Where it does not, a whole
            target can be decoded by one call of the recurrent layer.
    """

    width: int
    needs_state: bool = False

    def keys(self, outputs: Float[Tensor, "B S D"]) -> Float[Tensor, "B S A"]:
        """What can be computed from the encoder outputs once per sentence; nothing by default."""
        return outputs[:, :, :0]


class InitialStateOnly(ContextReader):
    """No context at all: the source reaches the decoder only as its initial state.

    Sutskever, Vinyals and Le (2014), section 2.
    """

    def __init__(self, d_memory: int, d_state: int, d_attention: int):
        super().__init__()
        self.width = 0

    def forward(
        self, hidden: Float[Tensor, "B H"], memory: tuple[Tensor, ...]
    ) -> tuple[Float[Tensor, "B W"], Float[Tensor, "B S"] | None]:
        """An empty context, and no weights."""
        return hidden[:, :0], None


class EveryStep(ContextReader):
    """The same summary vector at every step. Cho et al. (2014), equation 7."""

    def __init__(self, d_memory: int, d_state: int, d_attention: int):
        super().__init__()
        self.width = d_memory

    def forward(
        self, hidden: Float[Tensor, "B H"], memory: tuple[Tensor, ...]
    ) -> tuple[Float[Tensor, "B W"], Float[Tensor, "B S"] | None]:
        """The summary, and no weights."""
        return memory[3], None


class AdditiveAttention(ContextReader):
    r"""A new weighted average of the encoder outputs at every step.

    $e_{ts} = v^\top \tanh(W h_{t-1} + U m_s)$, $\alpha_t = \mathrm{softmax}(e_t)$,
    $c_t = \sum_s \alpha_{ts} m_s$. Bahdanau, Cho and Bengio (2015), section 3.1.
    """

    needs_state = True

    def __init__(self, d_memory: int, d_state: int, d_attention: int):
        super().__init__()
        self.width = d_memory
        self.query = nn.Linear(d_state, d_attention, bias=False)
        self.key = nn.Linear(d_memory, d_attention)
        self.v = nn.Parameter(torch.empty(d_attention).uniform_(-1, 1) * d_attention**-0.5)

    def keys(self, outputs: Float[Tensor, "B S D"]) -> Float[Tensor, "B S A"]:
        """The projected keys $U m_s$."""
        return self.key(outputs)

    def forward(
        self, hidden: Float[Tensor, "B H"], memory: tuple[Tensor, ...]
    ) -> tuple[Float[Tensor, "B W"], Float[Tensor, "B S"] | None]:
        """The context for a decoder state, and the weights it was read with."""
        outputs, keys, mask, _ = memory
        scores = additive_scores(self.query(hidden)[:, None], keys, self.v)  # (B, 1, S)
        weights = masked_softmax(scores, mask[:, None])
        return weighted_read(weights, outputs)[:, 0], weights[:, 0]


READERS: dict[str, type[ContextReader]] = {
    "initial": InitialStateOnly,
    "every_step": EveryStep,
    "additive": AdditiveAttention,
}
