"""What turns pictures and sounds into vectors: all the model code that chapter 11 adds."""

from jaxtyping import Float
from torch import Tensor, nn


class FrontEnd(nn.Module):
    """A vector for each piece of a signal: two linear layers with GELU between, then a norm.

    With pieces of a picture it is the patch embedding of Dosovitskiy et al. (2021), "An image is
    worth 16x16 words", section 3.1, with a hidden layer; with pieces of a spectrogram it stands
    where Radford et al. (2023), "Robust speech recognition via large-scale weak supervision"
    (Whisper), section 2.2, have two convolutions with GELU. It knows nothing of neighbours and of
    places: the encoder behind it does.

    Args:
        numbers: F, how many numbers a piece has.
        d_model: D, the width of the vectors.
    """

    def __init__(self, numbers: int, d_model: int):
        super().__init__()
        self.hidden = nn.Linear(numbers, d_model)
        self.output = nn.Linear(d_model, d_model)
        self.norm = nn.LayerNorm(d_model)

    def forward(self, pieces: Float[Tensor, "B S F"]) -> Float[Tensor, "B S D"]:
        """Vectors of mean 0 and variance 1, as embeddings have them."""
        return self.norm(self.output(nn.functional.gelu(self.hidden(pieces))))
