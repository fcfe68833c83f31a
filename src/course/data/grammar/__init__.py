"""A synchronous grammar of English and French: the embedded data of the course (chapters 1 on).

Unlimited sentence pairs with gold word alignment, tree and labels, of any length, and a parser that
judges what a model wrote. One set of rules (`rules`, `nouns`, `verb_group`, `predicates`,
`sentences`, `questions`) makes, parses and translates.

Conventions that make the French a function of the English:

- "you" is tu, "you all" vous; "I", "we", "you" and an unresolved "they" are masculine.
- People's nouns without gender in English (doctor, friend) are masculine; "his" and "her" are both
  son/sa/ses.
- An event in the past is passé composé, a state or an action in progress imparfait; "read" is
  always past unless it ends in -s, since "they read" would be ambiguous.
- "it" and "them" for things appear only where the sentence names the thing before.

French to English stays ambiguous in places: son (his, her), the present (reads, is reading),
aimait, lui. There `parse` returns one of the readings.

Not covered: the subjunctive, the conditional, the passive, the imperative, inversion in questions,
comparatives, y and en, two clitics together.
"""

from course.data.grammar.labels import Entity, Labels, pairs
from course.data.grammar.parsing import accepts, parse, translate
from course.data.grammar.sample import Sentence, deeds, sample, sentence
from course.data.grammar.splits import (
    Split,
    corpus_pairs,
    held_out,
    split_by_composition,
    split_by_length,
)
from course.data.grammar.surface import words

__all__ = [
    "Entity",
    "Labels",
    "Sentence",
    "Split",
    "accepts",
    "corpus_pairs",
    "deeds",
    "held_out",
    "pairs",
    "parse",
    "sample",
    "sentence",
    "split_by_composition",
    "split_by_length",
    "translate",
    "words",
]
