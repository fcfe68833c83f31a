"""Our greedy and beam search on published models equals transformers' `generate`.

Theirs differs from ours in two ways: it refills the places of finished hypotheses within the same
step, and at the maximal length it ranks cut-off hypotheses among finished ones. So the two are
compared where both are defined alike: in a beam as wide as the space, where both are exact, the
finished hypotheses must be the same in the same order; and in a narrow beam that nothing may leave,
because the end token is ruled out, all hypotheses must be.

`generate` rounds log-probabilities to float32 whatever the model computes in, so the order of
hypotheses is defined only where their scores differ by more than that: the tests assert it. And its
cache has a layer for each layer of the encoder, so T5's `generate` fails where the decoder has more
of them; there it does without its cache.
"""

from itertools import pairwise

import pytest
import torch

from course.decoding import LengthPenalty, beam_search, greedy
from parity import source, tokens
from published_cases import BART, GPT2, MARIAN, T5

V, PAD, END = 23, 0, 2
CASES = [GPT2[0], GPT2[3], T5[1], T5[2], BART[0], BART[2], MARIAN[0], MARIAN[1]]
cases = pytest.mark.parametrize("case", CASES, ids=str)


class Both:
    """A model in both codes, with the same special tokens and the same inputs."""

    def __init__(self, case, folder):
        self.theirs, (self.ours, special, *_) = case.both(folder, seed=2)
        t5 = case.config.model_type == "t5"
        self.cache = not t5 or case.config.num_decoder_layers <= case.config.num_layers
        self.decoder_only = case.config.model_type == "gpt2"
        self.special = special._replace(end=END)
        self.text, self.mask = source()
        if self.decoder_only:  # prompts of one length: ours knows no padding before a prompt
            self.text = tokens(5)
            self.mask = torch.ones_like(self.text).bool()
        self.prefix = self.text if self.decoder_only else None

    def generate(self, never, **settings):
        """Their result, without what it was given."""
        found = self.theirs.generate(
            input_ids=self.text,
            attention_mask=self.mask.long(),
            eos_token_id=END,
            pad_token_id=PAD,
            do_sample=False,
            suppress_tokens=[*never],
            return_dict_in_generate=True,
            output_scores=True,
            use_cache=self.cache,
            **settings,
        )
        given = self.text.shape[1] if self.decoder_only else 1
        return found.sequences[:, given:].tolist(), getattr(found, "sequences_scores", None)

    def search(self, search, never, **settings):
        """Our result."""
        return search(
            self.ours,
            self.text,
            self.mask,
            prefix=self.prefix,
            special=self.special._replace(never=tuple(never)),
            **settings,
        )


def apart(hypotheses) -> bool:
    """Whether the scores differ by well more than float32 rounds them."""
    scores = [h.score for h in hypotheses]
    return all(a - b > 3e-6 * abs(b) for a, b in pairwise(scores))


@cases
def test_greedy(case, tmp_path):
    both, never = Both(case, tmp_path), (PAD,)
    expected, _ = both.generate(never, num_beams=1, max_new_tokens=9)
    for theirs, found in zip(expected, both.search(greedy, never, max_length=9), strict=True):
        ours = [*found.tokens, *([END] * found.finished)]
        assert theirs == ours + [PAD] * (len(theirs) - len(ours))


@cases
@pytest.mark.parametrize("alpha", [0.0, 1.0])
def test_a_beam_that_nothing_leaves(case, alpha, tmp_path):
    both, never = Both(case, tmp_path), (PAD, END)
    expected, scores = both.generate(
        never, num_beams=4, num_return_sequences=4, max_new_tokens=7, length_penalty=alpha
    )
    found = both.search(
        beam_search,
        never,
        beam=4,
        n_best=4,
        max_length=7,
        length_penalty=LengthPenalty(alpha=alpha),
    )
    assert all(apart(hypotheses) for hypotheses in found)
    ours = [h for hypotheses in found for h in hypotheses]
    assert [list(h.tokens) for h in ours] == expected
    assert [h.score for h in ours] == pytest.approx(scores.tolist(), rel=1e-4)


@cases
@pytest.mark.parametrize("alpha", [0.0, 0.6, 1.0])
def test_a_beam_as_wide_as_the_space(case, alpha, tmp_path):
    both = Both(case, tmp_path)
    usable = {END, 5, 11, 17}  # 40 finished texts of at most 4 tokens, 81 that are cut off
    never = [token for token in range(V) if token not in usable]
    expected, scores = both.generate(
        never,
        num_beams=121,
        num_return_sequences=121,
        max_new_tokens=4,
        length_penalty=alpha,
        early_stopping="never",
    )
    found = both.search(
        beam_search,
        never,
        beam=121,
        n_best=40,
        max_length=4,
        length_penalty=LengthPenalty(alpha=alpha),
    )
    for b, hypotheses in enumerate(found):
        rows = slice(121 * b, 121 * (b + 1))
        finished = [
            (row[: row.index(END)], score)
            for row, score in zip(expected[rows], scores[rows].tolist(), strict=True)
            if END in row and score > -1e8  # the beam is filled up with copies of that score
        ]
        assert len(hypotheses) == len(finished) == 40 and apart(hypotheses)
        assert [list(h.tokens) for h in hypotheses] == [text for text, _ in finished]
        assert [h.score for h in hypotheses] == pytest.approx(
            [score for _, score in finished], rel=1e-4
        )
