"""Search: from a model's next-token distribution to whole sequences (chapters 3 and 4).

Everything here is written against `course.models.interface` alone, so one greedy search, one beam
search and one sampler serve every model of the course.
"""

from course.decoding.beam import beam_search, trace_beam_search
from course.decoding.exact import Exact, exact_search
from course.decoding.forcing import Forced, force_decode
from course.decoding.greedy import greedy
from course.decoding.hypothesis import CoveragePenalty, Hypothesis, LengthPenalty
from course.decoding.lattice import Candidate, Trace
from course.decoding.sampling import keep_min_p, keep_top_k, keep_top_p, sample
from course.decoding.translating import Translation, translate

__all__ = [
    "Candidate",
    "CoveragePenalty",
    "Exact",
    "Forced",
    "Hypothesis",
    "LengthPenalty",
    "Trace",
    "Translation",
    "beam_search",
    "exact_search",
    "force_decode",
    "greedy",
    "keep_min_p",
    "keep_top_k",
    "keep_top_p",
    "sample",
    "trace_beam_search",
    "translate",
]
