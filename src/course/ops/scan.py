"""A recurrence without a loop over time (chapter 8).

Axes: B sentences, T time steps, D features.
"""

from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import pad


def linear_recurrence(
    decay: Float[Tensor, "B T D"], inputs: Float[Tensor, "B T D"]
) -> Float[Tensor, "B T D"]:
    r"""All states of $h_t = a_t ⊙ h_{t-1} + b_t$ with $h_0 = 0$, in ⌈log₂ T⌉ rounds.

    Two steps in a row are one step of the same kind: $a_2(a_1 h + b_1) + b_2 = (a_1 a_2) h +
    (a_2 b_1 + b_2)$. So each round joins what ends at a position with what ended just before it:
    after round r it spans 2^r steps. That is T·⌈log₂ T⌉ products where the loop takes T, but each
    round is one operation for all positions. Hillis and Steele (1986), "Data parallel algorithms".

    It works because the step is linear in h; GRU's is not.

    Args:
        decay: a, by which the state before is multiplied.
        inputs: b, what is added.
    """
    states, decays = inputs, decay
    span, length = 1, inputs.shape[1]
    while span < length:
        # What ended `span` steps earlier; nothing (a = 1, b = 0) before the first step.
        earlier = pad(states, (0, 0, span, 0))[:, :length]
        states = states + decays * earlier
        decays = decays * pad(decays, (0, 0, span, 0), value=1.0)[:, :length]
        span *= 2
    return states
