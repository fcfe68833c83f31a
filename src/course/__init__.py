"""Code, records and weights of the course "From Bottleneck to Breakthrough"."""

__version__ = "0.1.0"
