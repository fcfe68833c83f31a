"""White noise, as much as is asked for (chapter 11)."""

import torch
from jaxtyping import Float
from torch import Tensor


def add_noise(
    signal: Float[Tensor, "*N"], snr: float, *, generator: torch.Generator
) -> Float[Tensor, "*N"]:
    r"""A signal of power 1 with white Gaussian noise of standard deviation $σ$ all over it.

    $$\text{SNR} = 10 \log_{10} \frac{1}{σ^2}$$

    The power of a signal is 1 where there is any: ink, or a letter that sounds. Paper and silence
    do not count, so that the noise does not depend on what is written.

    Args:
        signal: a picture (H, W) or a sound (N,).
        snr: signal-to-noise ratio in decibels (dB): at 0 dB noise and signal are equally strong,
            with each 10 dB less
            the noise has ten times the power.
        generator: source of randomness, on the CPU.
    """
    deviation = 10 ** (-snr / 20)
    noise = torch.randn(signal.shape, generator=generator, dtype=signal.dtype)
    return signal + deviation * noise.to(signal.device)
