"""Scores: how good an output is, and how sure that is (chapters 1, 2 and 5)."""

from course.metrics.alignment import Link, aer, crossing_links, word_links, word_weights
from course.metrics.bootstrap import (
    Comparison,
    Interval,
    confidence_interval,
    paired_bootstrap,
)
from course.metrics.edits import edit_distance, token_error_rate
from course.metrics.lengths import BINS, LengthBin, by_length
from course.metrics.score import Score, bleu, chrf

__all__ = [
    "BINS",
    "Comparison",
    "Interval",
    "LengthBin",
    "Link",
    "Score",
    "aer",
    "bleu",
    "by_length",
    "chrf",
    "confidence_interval",
    "crossing_links",
    "edit_distance",
    "paired_bootstrap",
    "token_error_rate",
    "word_links",
    "word_weights",
]
