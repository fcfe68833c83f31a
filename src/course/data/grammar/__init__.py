"""A synchronous grammar of English and French: unlimited sentence pairs with gold alignment, tree and labels."""

from course.data.grammar.sample import Sentence, sample, sentence
from course.data.grammar.surface import words

__all__ = ["Sentence", "sample", "sentence", "words"]
