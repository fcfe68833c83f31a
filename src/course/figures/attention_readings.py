"""Which source word three translators look at while they write the grammar's references.

The grammar knows every link between the words of its sentences, so attention can be laid beside
them (chapter 5). `tools/record_attention.py` stores what `read` finds, so that the figure needs no
model and is the same on every machine; a test compares the file with the models.
"""

from collections.abc import Sequence
from typing import Any

from course.data import grammar
from course.data.alibi import AlignedSentence
from course.data.batching import collate
from course.data.grammar import Sentence
from course.data.tokenizer import Tokenizer
from course.decoding import force_decode
from course.errors import CourseError
from course.experiments import stories
from course.metrics.alignment import crossing_links
from course.models.interface import SequenceModel
from course.runtime import generator

END = "</s>"
CROSSINGS, SENTENCES = 4, 4


def sentences() -> list[Sentence]:
    """Return the first four of chapter 5's sixty sentences in which four links or more cross."""
    drawn = grammar.sample(60, generator=generator(5, "links"), words=(4, 8))
    return [s for s in drawn if len(crossing_links(s.alignment)) >= CROSSINGS][:SENTENCES]


def sides(sentence: Sentence, tokenizer: Tokenizer) -> dict[str, Any]:
    """Return a sentence as the browser shows it: on each side text, pieces, the word of each piece.

    `gold` are its links, (source word, target word). Words are the grammar's, so that a full stop
    is one of its own; the end token follows the pieces.

    Raises:
        CourseError: if a word has no piece of its own.
    """
    tokens = stories.tokens(_aligned(sentence), tokenizer)
    words = (sentence.src_words, sentence.tgt_words)
    if tokens is None or any(
        set(owners) != set(range(len(side)))
        for owners, side in zip((tokens.src_words, tokens.tgt_words), words, strict=True)
    ):
        raise CourseError("A word of this sentence has no token of its own.")
    owners = (tokens.src_words, tokens.tgt_words)
    source, target = (
        {
            "text": " ".join(side),
            "pieces": [*tokenizer.tokens(stories.natural(side, lang)), END],
            "words": list(owner),
        }
        for side, lang, owner in zip(words, ("en", "fr"), owners, strict=True)
    )
    return {"source": source, "target": target, "gold": sorted(map(list, sentence.alignment))}


def read(model: SequenceModel, tokenizer: Tokenizer, sentence: Sentence) -> dict[str, Any]:
    """Return the attention with which a model writes a reference, in thousandths.

    `data` holds for each target token (the end token last) its weights, flat over layers, heads and
    source tokens (the end token last): (T, L·H·S).

    Raises:
        CourseError: if the model has no attention.
    """
    tokens = stories.tokens(_aligned(sentence), tokenizer)
    if tokens is None:
        raise CourseError("The tokens of this sentence don't spell its words.")
    batch = collate([tokens.src], [tokens.tgt])
    forced = force_decode(model, batch.src, batch.src_mask, batch.tgt_in, return_weights=True)
    if forced.weights is None:
        raise CourseError("This model has no attention, so there are no weights to look at.")
    weights = forced.weights[0]  # (T, L, H, S)
    _, layers, heads, source = weights.shape
    data = (1000 * weights.flatten(1)).round().int().tolist()
    return {"layers": layers, "heads": heads, "source": source, "data": data}


def record(models: Sequence[tuple[str, SequenceModel]], tokenizer: Tokenizer) -> list[Any]:
    """Return all sentences, each with what every model looks at; models are (name, model)."""
    return [
        {
            **sides(sentence, tokenizer),
            "weights": {name: read(model, tokenizer, sentence) for name, model in models},
        }
        for sentence in sentences()
    ]


def _aligned(sentence: Sentence) -> AlignedSentence:
    links = frozenset(sentence.alignment)
    return AlignedSentence(sentence.src_words, sentence.tgt_words, links, frozenset())
