"""Search on tiny models made of tables, where every sequence can be enumerated."""

import itertools
import math

import pytest
import torch

from course.data.tokenizer import BOS, EOS, PAD, Tokenizer
from course.decoding import (
    Hypothesis,
    LengthPenalty,
    beam_search,
    force_decode,
    greedy,
    keep_min_p,
    keep_top_k,
    keep_top_p,
    sample,
    trace_beam_search,
    translate,
)
from course.decoding.lattice import Beam
from course.decoding.sampling import draw
from course.errors import CourseError
from course.models.interface import SpecialTokens, Step

VOCABULARY = 7  # PAD, BOS, EOS and four more that may be generated
USABLE = [EOS, 3, 4, 5, 6]
NEVER = float("-inf")


class TableModel:
    """Next-token probabilities looked up by (source, position, last token, sum of tokens so far).

    The state carries position and sum, so a search that reorders it wrongly gives other results.
    """

    def __init__(self, seed: int, *, sources: int = 5, end: float = 0.0, zeros: float = 0.0):
        gen = torch.Generator().manual_seed(seed)
        shape = (sources, 8, VOCABULARY, 11, VOCABULARY)
        logits = 2 * torch.randn(*shape, generator=gen, dtype=torch.float64)
        logits[..., EOS] += end
        # mass on PAD and BOS that no search may ever take
        logits[..., PAD] += 2.0
        if zeros:
            logits[torch.rand(*shape, generator=gen) < zeros] = NEVER
            logits[..., PAD] = 0.0  # so that a distribution exists
        self.table = logits.log_softmax(-1)

    def __call__(self, src, src_mask, tgt_in):
        raise AssertionError("search must not run the teacher-forced pass")

    def encode(self, src, src_mask):
        return (src[:, :1], src_mask)

    def start(self, memory, prefix):
        position = torch.full((len(memory[0]),), prefix.shape[1])
        return (position, prefix.sum(1))

    def step(self, token, memory, state, *, return_weights=False):
        source, mask = memory
        position, total = state[0], state[1] + token
        log_probs = self.table[source[:, 0], position.clamp(max=7), token, total % 11]
        weights = None
        if return_weights:
            # weights that tell which hypothesis they belong to: the running sum of its tokens
            weights = mask.double()[:, None, None, :] * total[:, None, None, None].double()
            weights = weights.expand(-1, 2, 3, -1)
        return Step(log_probs, (position + 1, total), weights)

    def log_prob(self, source: int, tokens) -> float:
        total, log_prob, last = 0, 0.0, BOS
        for position, token in enumerate(tokens):
            total += last
            log_prob += float(self.table[source, min(position, 7), last, total % 11, token])
            last = token
        return log_prob


def batch(*sources: int, widths=None):
    widths = widths or [2] * len(sources)
    src = torch.full((len(sources), max(widths)), PAD)
    for row, (source, width) in enumerate(zip(sources, widths, strict=True)):
        src[row, :width] = source
    return src, torch.arange(max(widths)) < torch.tensor(widths)[:, None]


def brute_force(model, source, limit, penalty):
    """Every finished sequence of at most `limit` tokens, best first."""
    found = []
    for length in range(limit):
        for text in itertools.product(USABLE[1:], repeat=length):
            log_prob = model.log_prob(source, (*text, EOS))
            if log_prob > NEVER:
                found.append((penalty.score(log_prob, length + 1), text))
    return sorted(found, reverse=True)


PENALTIES = [
    LengthPenalty(alpha=0.0),
    LengthPenalty(),
    LengthPenalty(alpha=0.6),
    LengthPenalty(alpha=0.6, kind="gnmt"),
]


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("penalty", PENALTIES, ids=lambda p: f"{p.kind}-{p.alpha}")
@pytest.mark.parametrize("zeros", [0.0, 0.3])
def test_a_beam_as_wide_as_the_space_is_exact(seed, penalty, zeros):
    model = TableModel(seed, zeros=zeros)
    found = beam_search(
        model, *batch(0, 1, 2), max_length=4, beam=64, n_best=9, length_penalty=penalty
    )
    for source, hypotheses in enumerate(found):
        expected = brute_force(model, source, 4, penalty)[:9]
        got = [(h.score, h.tokens) for h in hypotheses if h.finished]
        assert [text for _, text in got] == [text for _, text in expected]
        assert [score for score, _ in got] == pytest.approx([score for score, _ in expected])


@pytest.mark.parametrize("penalty", PENALTIES, ids=lambda p: f"{p.kind}-{p.alpha}")
def test_early_stopping_returns_what_running_on_returns(penalty, monkeypatch):
    arguments = {"max_length": 9, "beam": 5, "n_best": 2, "length_penalty": penalty}
    models = [TableModel(seed, end=1.5) for seed in range(8)]
    stopped = [trace_beam_search(model, *batch(0, 1, 2, 3), **arguments) for model in models]
    monkeypatch.setattr(LengthPenalty, "bound", lambda self, log_prob, limit: math.inf)
    in_full = [trace_beam_search(model, *batch(0, 1, 2, 3), **arguments) for model in models]
    early = 0
    for a, b in zip(sum(stopped, []), sum(in_full, []), strict=True):
        early += len(a.steps) < len(b.steps)
        assert a.hypotheses == b.hypotheses and b.stopped != "bound"
        assert (a.stopped == "bound") == (len(a.steps) < len(b.steps))
    assert early >= 4


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("zeros", [0.0, 0.4])
def test_beam_of_one_is_greedy(seed, zeros):
    model = TableModel(seed, zeros=zeros)
    by_beam = beam_search(model, *batch(0, 1, 2, 3, 4), max_length=6, beam=1)
    by_greedy = greedy(model, *batch(0, 1, 2, 3, 4), max_length=6)
    assert len({len(h.tokens) for h in by_greedy}) > 1
    for (a,), b in zip(by_beam, by_greedy, strict=True):
        assert (a.tokens, a.finished) == (b.tokens, b.finished)
        assert (a.log_prob, a.score) == pytest.approx((b.log_prob, b.score))


def same(a: Hypothesis, b: Hypothesis) -> None:
    assert (a.tokens, a.log_prob, a.score, a.finished) == (
        b.tokens,
        b.log_prob,
        b.score,
        b.finished,
    )
    torch.testing.assert_close(a.weights, b.weights, rtol=0, atol=0)


@pytest.mark.parametrize("seed", range(5))
def test_batched_equals_one_by_one(seed):
    model = TableModel(seed, end=-0.5)
    limits, widths = [2, 7, 5, 3, 11], [3, 1, 5, 2, 4]
    src, mask = batch(0, 1, 2, 3, 4, widths=widths)
    arguments = {"beam": 3, "n_best": 3, "return_weights": True}
    together = beam_search(model, src, mask, max_length=limits, **arguments)
    greedily = greedy(model, src, mask, max_length=limits, return_weights=True)
    for row, limit in enumerate(limits):
        one_src, one_mask = batch(row, widths=[widths[row]])
        (alone,) = beam_search(model, one_src, one_mask, max_length=limit, **arguments)
        assert len(alone) == len(together[row])
        for a, b in zip(together[row], alone, strict=True):
            same(a, b)
        same(
            greedily[row],
            greedy(model, one_src, one_mask, max_length=limit, return_weights=True)[0],
        )


def test_results_carry_the_models_own_log_probability_and_weights():
    model = TableModel(3)
    src, mask = batch(0, 1, 2, widths=[3, 2, 5])
    for row, hypotheses in enumerate(
        beam_search(model, src, mask, max_length=6, beam=4, n_best=4, return_weights=True)
    ):
        for h in hypotheses:
            generated = [*h.tokens, EOS] if h.finished else [*h.tokens]
            assert h.log_prob == pytest.approx(model.log_prob(row, generated))
            assert h.score == pytest.approx(h.log_prob / h.length)
            # row t of the weights was made by the hypothesis' own first t tokens
            sums = torch.tensor([BOS, *generated[:-1]]).cumsum(0).double()
            assert h.weights.shape == (len(generated), 2, 3, int(mask[row].sum()))
            torch.testing.assert_close(
                h.weights, sums[:, None, None, None].expand_as(h.weights), rtol=0, atol=0
            )


@pytest.mark.parametrize("search", ["greedy", "beam", "sample"])
def test_special_tokens_are_never_generated_and_limits_hold(search):
    model = TableModel(4, end=-9.0)
    limits = [1, 3, 6, 2, 4]
    src, mask = batch(0, 1, 2, 3, 4)
    if search == "greedy":
        found = greedy(model, src, mask, max_length=limits)
    elif search == "beam":
        found = [h for h, *_ in beam_search(model, src, mask, max_length=limits, beam=3)]
    else:
        found = sample(model, src, mask, max_length=limits, generator=torch.Generator())
    for h, limit in zip(found, limits, strict=True):
        assert not {PAD, BOS, EOS} & set(h.tokens)
        assert h.length == limit and not h.finished  # the end token is all but impossible here


def test_unfinished_hypotheses_come_last_and_only_where_needed():
    model = TableModel(5, end=-1.0)
    for hypotheses in beam_search(model, *batch(0, 1, 2, 3, 4), max_length=3, beam=5, n_best=5):
        flags = [h.finished for h in hypotheses]
        assert flags == sorted(flags, reverse=True)
        for group in (True, False):
            scores = [h.score for h in hypotheses if h.finished is group]
            assert scores == sorted(scores, reverse=True)


class DeadEnd(TableModel):
    """Writes token 3, token 4, and then nothing has any probability."""

    def __init__(self, depth: int):
        super().__init__(0)
        self.table = torch.full_like(self.table, NEVER)
        self.table[..., PAD] = 0.0
        for position in range(depth):
            self.table[:, position, ..., PAD] = NEVER
            self.table[:, position, ..., 3 + position] = 0.0


@pytest.mark.parametrize("depth", [0, 2])
def test_a_dead_end_is_an_unfinished_result_without_nan(depth):
    model = DeadEnd(depth)
    found = [
        greedy(model, *batch(0), max_length=5)[0],
        beam_search(model, *batch(0), max_length=5, beam=3, n_best=2)[0][0],
        sample(model, *batch(0), max_length=5, generator=torch.Generator(), top_p=0.9, min_p=0.1)[
            0
        ],
    ]
    for h in found:
        assert h.tokens == (3, 4)[:depth] and not h.finished and h.empty is (depth == 0)
        assert h.log_prob == 0.0 and h.score == 0.0


def test_an_empty_result_says_so():
    model = TableModel(0, end=50.0)
    (h,) = greedy(model, *batch(0), max_length=5)
    assert h.empty and h.finished and h.length == 1
    assert beam_search(model, *batch(0), max_length=5)[0][0].empty


@pytest.mark.parametrize("seed", range(4))
def test_the_trace_tells_the_same_story_as_the_result(seed):
    model = TableModel(seed)
    arguments = {
        "max_length": 5,
        "beam": 3,
        "n_best": 2,
        "length_penalty": LengthPenalty(alpha=0.7),
    }
    results = beam_search(model, *batch(0, 1, 2), **arguments)
    for row, trace in enumerate(trace_beam_search(model, *batch(0, 1, 2), **arguments)):
        assert list(trace.hypotheses) == results[row]
        paths, finished = {None: ()}, []
        for length, step in enumerate(trace.steps, start=1):
            new = {}
            assert [c.status == "pruned" for c in step] == [i >= 3 for i in range(len(step))]
            assert [c.log_prob for c in step] == sorted((c.log_prob for c in step), reverse=True)
            for rank, c in enumerate(step):
                path = (*paths[c.parent], c.token)  # a KeyError here: a dead one was extended
                assert c.log_prob == pytest.approx(model.log_prob(row, path))
                assert c.score == pytest.approx(c.log_prob / length**0.7)
                assert (c.status == "finished") == (c.token == EOS and c.status != "pruned")
                if c.status == "kept":
                    new[rank] = path
                elif c.status == "finished":
                    finished.append((c.score, path[:-1]))
            paths = new
        best = [tokens for _, tokens in sorted(finished, reverse=True)]
        kept = [h.tokens for h in trace.hypotheses if h.finished]
        assert best[: len(kept)] == kept and kept
        assert (trace.stopped == "exhausted") == (not paths)
        assert (trace.stopped == "max_length") == (bool(paths) and len(trace.steps) == 5)


def test_a_longer_prefix_is_consumed_and_not_returned():
    model = TableModel(2)
    prefix = torch.tensor([[BOS, 4, 3]])
    (h,) = greedy(model, *batch(1), max_length=3, prefix=prefix)
    ((b,),) = beam_search(model, *batch(1), max_length=3, prefix=prefix, beam=1)
    assert h.tokens == b.tokens
    generated = (*h.tokens, EOS) if h.finished else h.tokens
    expected = model.log_prob(1, (4, 3, *generated)) - model.log_prob(1, (4, 3))
    # (the table's prefix sum counts BOS + 4, then token 3 is fed by the first step)
    assert h.log_prob == pytest.approx(expected)


def test_force_decode_gives_each_positions_distribution():
    model = TableModel(6)
    src, mask = batch(0, 3, widths=[3, 2])
    tgt_in = torch.tensor([[BOS, 4, 5, 3], [BOS, 3, 3, 6]])
    forced = force_decode(model, src, mask, tgt_in, return_weights=True)
    assert forced.log_probs.shape == (2, 4, VOCABULARY) and forced.weights.shape == (2, 4, 2, 3, 3)
    for row, source in enumerate([0, 3]):
        text = [*tgt_in[row, 1:].tolist(), EOS]
        chosen = forced.log_probs[row].gather(1, torch.tensor(text)[:, None]).sum()
        assert float(chosen) == pytest.approx(model.log_prob(source, text))
    assert force_decode(model, src, mask, tgt_in).weights is None


# --- sampling


def test_filters_on_an_example_by_hand():
    log_probs = torch.tensor([[0.1, 0.5, 0.25, 0.15], [0.4, 0.1, 0.3, 0.2]]).double().log()

    def kept(filtered):
        torch.testing.assert_close(filtered.where(filtered > NEVER, log_probs), log_probs)
        return [[i for i, value in enumerate(row) if value > NEVER] for row in filtered.tolist()]

    assert kept(keep_top_k(log_probs, 2)) == [[1, 2], [0, 2]]
    assert kept(keep_top_k(log_probs, 0)) == [[0, 1, 2, 3]] * 2
    assert kept(keep_top_k(log_probs, 9)) == [[0, 1, 2, 3]] * 2
    assert kept(keep_top_p(log_probs, 0.45)) == [[1], [0, 2]]
    assert kept(keep_top_p(log_probs, 0.8)) == [[1, 2, 3], [0, 2, 3]]
    assert kept(keep_top_p(log_probs, 1e-9)) == [[1], [0]]
    assert kept(keep_top_p(log_probs, 1.0)) == [[0, 1, 2, 3]] * 2
    assert kept(keep_min_p(log_probs, 0.45)) == [[1, 2], [0, 2, 3]]
    assert kept(keep_min_p(log_probs, 0.0)) == [[0, 1, 2, 3]] * 2
    assert (keep_top_k(torch.zeros(1, 4), 2) == 0).sum() == 2  # equals are cut off too


def test_filters_take_impossible_tokens_without_nan():
    log_probs = torch.tensor([[NEVER, 0.6, NEVER, 0.4], [NEVER] * 4]).double()
    log_probs[0] = torch.tensor([0.0, 0.6, 0.0, 0.4]).double().log()
    for filtered in (
        keep_top_k(log_probs, 3),
        keep_top_p(log_probs, 0.9),
        keep_min_p(log_probs, 0.1),
    ):
        assert filtered.tolist() == log_probs.tolist()


def test_draw_inverts_the_cumulative_sum():
    log_probs = torch.tensor([[0.0, 0.25, 0.0, 0.5, 0.25, 0.0]]).double().log()
    for uniform, token in [(0.0, 1), (0.2499, 1), (0.25, 3), (0.7499, 3), (0.75, 4), (1.0, 4)]:
        assert draw(log_probs, torch.tensor([uniform]).double()).tolist() == [token]
    assert draw(log_probs - 1e6, torch.tensor([0.5]).double()).tolist() == [3]


def frequencies(model, n, **arguments):
    src, mask = batch(*[0] * n)
    drawn = sample(
        model, src, mask, max_length=1, generator=torch.Generator().manual_seed(3), **arguments
    )
    first = torch.tensor([h.tokens[0] if h.tokens else EOS for h in drawn])
    return first.bincount(minlength=VOCABULARY).double()


@pytest.mark.parametrize("temperature", [1.0, 0.5, 2.0])
def test_samples_follow_the_distribution(temperature):
    model, n = TableModel(1), 4000
    expected = model.table[0, 0, BOS, BOS % 11] / temperature
    expected[[PAD, BOS]] = NEVER
    expected = n * expected.softmax(-1)
    counts = frequencies(model, n, temperature=temperature)
    possible = expected > 0
    assert counts[~possible].sum() == 0
    chi_square = ((counts - expected)[possible] ** 2 / expected[possible]).sum()
    assert chi_square < 18.47  # 99.9% point at 4 degrees of freedom


def test_sampling_filters_reach_the_draws():
    model = TableModel(1)
    assert (frequencies(model, 300, top_k=2) > 0).sum() == 2
    assert (frequencies(model, 300, top_p=1e-6) > 0).sum() == 1
    assert (frequencies(model, 300, min_p=1.0) > 0).sum() == 1
    for temperature in (1e-3, 1e-50, 5e-324):
        assert (frequencies(model, 300, temperature=temperature) > 0).sum() == 1


def test_top_k_of_one_is_greedy_and_log_probs_are_the_models_own():
    model = TableModel(7)
    src, mask = batch(0, 1, 2, 3, 4)
    drawn = sample(
        model, src, mask, max_length=6, generator=torch.Generator(), top_k=1, temperature=3.0
    )
    assert drawn == greedy(model, src, mask, max_length=6)


def test_samples_do_not_depend_on_how_long_the_neighbours_grow():
    model = TableModel(8, end=-1.0)

    def draws(seed, limits):
        gen = torch.Generator().manual_seed(seed)
        return sample(model, *batch(0, 1, 2), max_length=limits, generator=gen)

    drawn = [(draws(seed, [9, 9, 9])[1], draws(seed, [1, 9, 2])[1]) for seed in range(20)]
    assert all(long == short for long, short in drawn)
    assert sum(long.length > 2 for long, _ in drawn) > 10


# --- arguments, modes and text


@pytest.mark.parametrize(
    ("search", "arguments", "words"),
    [
        (beam_search, {"beam": 0}, "beam"),
        (beam_search, {"beam": 2, "n_best": 3}, "n_best"),
        (beam_search, {"n_best": 0}, "n_best"),
        (beam_search, {"max_length": 0}, "max_length"),
        (beam_search, {"max_length": [3, 3]}, "2 limits for 1"),
        (greedy, {"max_length": [0]}, "max_length"),
        (greedy, {"prefix": torch.zeros(1, 0, dtype=torch.long)}, "prefix"),
        (sample, {"temperature": 0.0}, "temperature"),
        (sample, {"temperature": float("nan")}, "temperature"),
        (sample, {"temperature": float("inf")}, "temperature"),
        (sample, {"top_k": -1}, "top_k"),
        (sample, {"top_p": 0.0}, "top_p"),
        (sample, {"top_p": 1.1}, "top_p"),
        (sample, {"min_p": -0.1}, "min_p"),
        (sample, {"min_p": 1.5}, "min_p"),
    ],
)
def test_bad_arguments_are_named(search, arguments, words):
    if search is sample:
        arguments = {"generator": torch.Generator(), **arguments}
    with pytest.raises(CourseError, match=words):
        search(TableModel(0), *batch(0), **{"max_length": 3, **arguments})


def test_a_bad_length_penalty_is_named():
    with pytest.raises(CourseError, match="alpha"):
        LengthPenalty(alpha=-1.0)
    assert LengthPenalty(alpha=2.0).score(-9.0, 3) == -1.0
    # Wu et al. 2016, equation 14: (5 + 7)^0.5 / 6^0.5
    gnmt = LengthPenalty(alpha=0.5, kind="gnmt")
    assert gnmt.score(-2.0, 7) == pytest.approx(-2.0 / math.sqrt(2))


class Switched(torch.nn.Module):
    """A module that remembers in which mode it was asked."""

    def __init__(self, tables):
        super().__init__()
        self.tables, self.weight = tables, torch.nn.Parameter(torch.zeros(()))
        self.modes = set()

    def encode(self, src, src_mask):
        return self.tables.encode(src, src_mask)

    def start(self, memory, prefix):
        return self.tables.start(memory, prefix)

    def step(self, token, memory, state, *, return_weights=False):
        self.modes.add((self.training, torch.is_grad_enabled()))
        step = self.tables.step(token, memory, state)
        return step._replace(log_probs=step.log_probs + self.weight)


def test_search_runs_without_dropout_or_gradients_and_restores_the_mode():
    model = Switched(TableModel(0)).train()
    beam_search(model, *batch(0), max_length=3)
    greedy(model, *batch(0), max_length=3)
    assert model.modes == {(False, False)} and model.training and torch.is_grad_enabled()


TEXTS = ["a b b", "", "b", "b a b a b a", " \n", "a a"]


@pytest.fixture
def copier():
    """A model that copies its source, and its tokenizer."""
    tokenizer = Tokenizer.words(["a b b"])

    class Copier(TableModel):
        def encode(self, src, src_mask):
            return (src, src_mask)

        def start(self, memory, prefix):
            return (torch.zeros(len(memory[0]), dtype=torch.long),)

        def step(self, token, memory, state, *, return_weights=False):
            src, mask = memory
            position = state[0].clamp(max=src.shape[1] - 1)
            log_probs = torch.full((len(src), len(tokenizer)), -8.0)
            log_probs.scatter_(1, src.gather(1, position[:, None]), -0.01)
            weights = torch.nn.functional.one_hot(position, src.shape[1]).float()[:, None, None]
            return Step(log_probs, (state[0] + 1,), weights if return_weights else None)

    return Copier(0), tokenizer


@pytest.mark.parametrize("batch_size", [1, 2, 64])
def test_translate_keeps_the_order_and_leaves_blank_texts_blank(copier, batch_size):
    found = translate(*copier, TEXTS, beam=2, batch_size=batch_size, return_weights=True)
    assert [best.text for best, *_ in found] == [" ".join(text.split()) for text in TEXTS]
    assert [best.empty for best, *_ in found] == [not text.strip() for text in TEXTS]
    best = found[3][0]
    assert best.src_words == best.tgt_words == (0, 1, 2, 3, 4, 5)
    torch.testing.assert_close(best.hypothesis.weights[:, 0, 0], torch.eye(7))


def test_translate_n_best_and_length(copier):
    (found,) = translate(*copier, ["a b a"], beam=4, n_best=3)
    assert len(found) == 3 and found[0].text == "a b a"
    assert [t.score for t in found] == sorted((t.score for t in found), reverse=True)
    ((cut,),) = translate(*copier, ["a b a"], max_length=2, beam=1)
    assert cut.text == "a b" and not cut.finished
    assert translate(*copier, []) == []
    with pytest.raises(CourseError, match="batch_size"):
        translate(*copier, ["a"], batch_size=0)
    with pytest.raises(CourseError, match="max_length"):
        translate(*copier, ["a"], max_length=0)


def test_the_words_of_generated_tokens_never_outnumber_the_words_of_the_text():
    from course.data.tokenizer import Tokenizer
    from course.decoding.translating import _generated_words

    tokenizer = Tokenizer.train(["a b"], vocab_size=260)  # bytes only
    space, letter = tokenizer.encode("a")
    _, first, second, _ = tokenizer.encode("\u3001")  # the bytes E3 80 81
    # An ideographic space is E3 80 80: a word of its own until its last byte comes.
    tokens = (space, letter, space, first, second, second)
    assert tokenizer.decode(tokens).split() == ["a"]
    assert _generated_words(tokenizer, tokens) == (0,) * 6


@pytest.mark.parametrize("kind", ["subwords", "words"])
def test_the_words_of_a_long_translation_are_counted_in_linear_time(kind, monkeypatch):
    from course.data.tokenizer import Tokenizer
    from course.decoding.translating import _generated_words

    text = "l'été d'Anne était-il froid ? « Non ! » 😀 café\u3000noir " * 40
    if kind == "words":
        tokenizer = Tokenizer.words([text])
    else:
        tokenizer = Tokenizer.train([text], vocab_size=290)
    tokens = tuple(tokenizer.encode(text))
    ends = [len(tokenizer.decode(tokens[: i + 1]).split()) for i in range(len(tokens))]
    read = []
    decode = Tokenizer.decode
    monkeypatch.setattr(
        Tokenizer, "decode", lambda self, ids: (read.append(len(ids)), decode(self, ids))[1]
    )
    assert _generated_words(tokenizer, tokens) == tuple(max(min(n, ends[-1]) - 1, 0) for n in ends)
    assert sum(read) < 20 * len(tokens)


def test_a_beam_keeps_only_the_finished_hypotheses_that_it_may_return():
    real = torch.ones(1).bool()
    beam = Beam(width=3, limit=99, n_best=2, penalty=LengthPenalty(), end=EOS, real=real)
    scores = []
    for length in range(1, 41):
        ends = -1.0 - length * 7 % 10
        scores.append(ends / length)
        assert beam.advance([(0, 5, -1e-6 * length), (0, EOS, ends)], None)
        assert len(beam.finished) <= 2
    found = beam.hypotheses()
    assert [each.score for each in found] == sorted(scores, reverse=True)[:2]


def test_another_vocabulary_has_its_own_special_tokens():
    class Renamed(TableModel):
        """The same model with the ids of end and start token swapped with others."""

        new = torch.tensor([0, 5, 4, 3, 2, 1, 6])

        def step(self, token, memory, state, *, return_weights=False):
            step = super().step(self.new[token], memory, state, return_weights=return_weights)
            return step._replace(log_probs=step.log_probs[:, self.new])

    special = SpecialTokens(start=5, end=4, never=(PAD, 5))
    src, mask = batch(0, 1, 2)
    for search in (
        lambda model, **own: beam_search(model, src, mask, max_length=5, beam=3, **own),
        lambda model, **own: [[h] for h in greedy(model, src, mask, max_length=5, **own)],
        lambda model, **own: [
            t.hypotheses for t in trace_beam_search(model, src, mask, max_length=5, **own)
        ],
    ):
        ours, theirs = search(TableModel(1)), search(Renamed(1), special=special)
        for (a, *_), (b, *_) in zip(ours, theirs, strict=True):
            assert a.tokens == tuple(Renamed.new[list(b.tokens)].tolist())
            assert a.log_prob == pytest.approx(b.log_prob) and a.finished == b.finished
    drawn = sample(
        Renamed(1),
        src,
        mask,
        generator=torch.Generator().manual_seed(1),
        max_length=20,
        special=special,
    )
    assert all(h.finished and not {0, 4, 5} & {*h.tokens} for h in drawn)
