"""C16: the tasks, the families on them, what is counted and judged, and the verdicts."""

import pytest
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

import verdict_cases
from course.data.tokenizer import BOS, EOS
from course.experiments import c16_families as c16
from course.experiments import family_models, family_scores, family_tasks, family_writing
from course.experiments.family_costs import one_pass
from course.experiments.family_models import FAMILIES, build
from course.experiments.family_tasks import KINDS, LABELS, TASKS, Pairs, Task
from course.experiments.fitting import number_of_parameters
from course.experiments.rules import CAVEAT, INCONCLUSIVE, NOT_SUPPORTED, SUPPORTED
from course.results.records import Row

SEEDS = (1, 2, 3, 4, 5)


@pytest.fixture(autouse=True)
def few_pairs(monkeypatch):
    monkeypatch.setattr(family_tasks, "TRAIN", dict.fromkeys(TASKS, 60))
    monkeypatch.setattr(family_tasks, "HELD_OUT", {"valid": 7, "test": 11})
    monkeypatch.setattr(family_scores, "HELD_OUT", {"valid": 7, "test": 11})
    family_tasks.task.cache_clear()
    yield
    family_tasks.task.cache_clear()


def toy(name, words=20):
    """A task whose words mean nothing: three labels, sources of five words."""
    labels = [4, 5, 6] if name in LABELS else []
    return Task(name, {}, [str(i) for i in range(words)], labels)


def batch(name, source=5, rows=3):
    draw = torch.Generator().manual_seed(2)
    src = torch.randint(7, 20, (rows, source), generator=draw).tolist()
    if name in LABELS:
        size = {"sentiment": 1, "entities": source}[name]
        tgt = torch.randint(4, 7, (rows, size), generator=draw).tolist()
    else:
        tgt = [list(range(8, 8 + size)) for size in (2, 4, 1)[:rows]]
    return family_tasks.batch(Pairs(src, tgt), range(rows))


@pytest.mark.parametrize("name", TASKS)
def test_a_task_is_what_it_says_and_shares_no_pair(name):
    known = family_tasks.task(name)
    pairs = [pair for split in known.splits.values() for pair in zip(*split, strict=True)]
    texts = [tuple(tuple(side) for side in pair) for pair in pairs]
    assert len(set(texts)) == len(texts) == 78
    assert [known.words[i] for i in known.labels] == list(LABELS.get(name, ()))
    for src, tgt in texts:
        source, target = ([known.words[i] for i in side] for side in (src, tgt))
        if name == "stories":
            assert source == target[:1] and target.count(source[0]) >= 2
        if name == "answers":
            question = source[12:]
            clause = next(c for c in (source[:5], source[6:11]) if target in (c[:2], c[3:]))
            asked = ["who", *clause[2:], "?"], [*clause[:3], "what", "?"]
            assert question in asked
        if name == "entities":
            assert len(source) == len(target)
            named = {w for w, label in zip(source, target, strict=True) if label != "other"}
            assert named == {"<unk>"}


def test_batches_have_sources_of_one_length_in_the_order_of_the_seed():
    first, again, other = (family_tasks.stream("translation", seed, 5) for seed in (1, 1, 2))
    drawn = [next(first) for _ in range(6)]
    assert all(bool(each.src_mask.all()) for each in drawn)
    assert len({each.src.shape[1] for each in drawn}) > 1
    same, different = ([next(s).src for _ in range(6)] for s in (again, other))
    assert all(torch.equal(a.src, b) for a, b in zip(drawn, same, strict=True))
    assert not all(torch.equal(a.src, b) for a, b in zip(drawn, different, strict=True))


@pytest.mark.parametrize("name", TASKS)
def test_families_have_equally_many_parameters_but_the_deep_one(name):
    # 190 words: the fewest that a task has, so that what is not shared weighs most
    sizes = {f: number_of_parameters(build(toy(name, 190), f)) for f in FAMILIES}
    deep = sizes.pop("encoder-decoder-deep")
    assert max(sizes.values()) <= 1.02 * min(sizes.values())
    assert deep > 1.5 * max(sizes.values())


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("name", ["sentiment", "entities", "answers"])
def test_operations_are_what_the_forward_pass_does(name, family):
    known, one = toy(name), batch(name, rows=1)
    model = build(known, family).eval()
    with FlopCounterMode(display=False) as counter, sdpa_kernel(SDPBackend.MATH), torch.no_grad():
        family_models.loss(model, known, one)
    target = one.tgt_out.shape[1] - 1
    assert 2 * one_pass(known, family, 5, target) == counter.get_total_flops()


def test_a_deep_encoder_decoder_does_as_much_as_a_single_stack():
    for source, target in ((10, 1), (10, 10), (16, 2)):
        costs = {f: one_pass(toy("answers", 200), f, source, target) for f in FAMILIES}
        assert costs["encoder-decoder-deep"] == pytest.approx(costs["decoder"], rel=0.05)
        assert costs["encoder-decoder"] == pytest.approx(costs["decoder"] / 2, rel=0.2)


@pytest.mark.parametrize(
    ("name", "family"),
    [(name, "encoder") for name in TASKS]
    + [(name, family) for name in ("entities", "answers") for family in FAMILIES[1:]],
)
def test_the_loss_of_what_has_been_learnt_by_heart_is_low(name, family):
    torch.manual_seed(1)
    known, pairs = toy(name), batch(name)
    model = build(known, family).eval()
    optimiser = torch.optim.Adam(model.parameters(), lr=3e-3)
    source = torch.Generator().manual_seed(3)
    first = family_models.loss(model, known, pairs, source).detach()
    for _ in range(25):
        optimiser.zero_grad()
        loss = family_models.loss(model, known, pairs, source)
        loss.backward()
        optimiser.step()
    assert loss.detach() < 0.5 < first
    wanted = [row[row > 0].tolist()[:-1] for row in pairs.tgt_out]
    if name in LABELS:
        assert family_writing.label(model, known, pairs.src, len(wanted[0])) == wanted


class Sure(family_models.MaskedLanguageModel):
    """Guesses word 7 + t at place t; the surer the later the place. Notes what it was shown."""

    def __init__(self):
        torch.nn.Module.__init__(self)
        self.shown = []

    def forward(self, tokens, mask, segments=None):
        self.shown.append(tokens[0, 2:].tolist())
        logits = torch.zeros(*tokens.shape, 21)
        for place in range(2, tokens.shape[1]):
            logits[:, place, 5 + place] = 2.0 * place
        return logits


def test_unmasking_keeps_the_surest_words():
    model, known = Sure(), toy("answers")
    src = torch.tensor([[9, EOS], [9, EOS]])
    written = family_writing.unmask(model, known, src, [4, 3], iterations=4)
    assert written == [[7, 8, 9, 10], [7, 8, 9]]
    hidden = [[word == known.mask for word in words] for words in model.shown]
    assert hidden == [[True] * n + [False] * (4 - n) for n in (4, 3, 2, 1)]


def test_unmasking_by_chance_keeps_what_it_has_written():
    model, known = Sure(), toy("answers")
    source = torch.Generator().manual_seed(5)
    src, way = torch.tensor([[9, EOS]]), {"temperature": 1.0, "surest": False}
    family_writing.unmask(model, known, src, [6], iterations=6, source=source, **way)
    for before, after in zip(model.shown, model.shown[1:], strict=False):
        kept = [(a, b) for a, b in zip(before, after, strict=True) if a != known.mask]
        assert all(a == b for a, b in kept)
        assert after.count(known.mask) == before.count(known.mask) - 1


def test_labels_are_chosen_among_the_labels():
    for family in FAMILIES:
        torch.manual_seed(4)
        given = family_writing.label(
            build(toy("entities"), family).eval(), toy("entities"), batch("entities").src, 5
        )
        assert torch.tensor(given).shape == (3, 5)
        assert set(sum(given, [])) <= {4, 5, 6}


def test_names_are_scored_by_kind():
    known = toy("entities")
    found = family_scores.named(known, [[4, 5, 6], [5, 4, 4]], [[4, 5, 4], [5, 5, 4]])
    assert found == {"score": pytest.approx(0.4), "5": pytest.approx(0.8), "6": 0.0}


def test_stories_are_valid_new_and_different():
    known = family_tasks.task("stories")
    copied, fresh = (known.splits[split].tgt[0] for split in ("train", "test"))
    period = known.words.index(".")
    other = next(t for t in known.splits["test"].tgt if t[0] != fresh[0])
    stories = [copied, fresh, fresh, fresh[::-1], fresh[: fresh.index(period) + 1], other]
    names = [copied[0], *[fresh[0]] * 5]
    found = family_scores.told(known, names, stories)
    assert found == {"score": 1 / 6, "valid": 3 / 6, "new": 5 / 6, "different": 5 / 6}
    assert family_scores.grammar_stories(known, 1)["valid"] == 1


@pytest.mark.parametrize("arm", ["sentiment.encoder", "stories.encoder", "stories.decoder"])
def test_one_run_is_measured(arm, monkeypatch):
    monkeypatch.setitem(c16.CONFIG, "updates", 2)
    found = {row.metric: row.value for row in c16.measure(arm, 1, 1e-3)}
    assert 0 <= found["score"] <= 1
    assert found["updates"] == 2 and found["operations"] > 1e5
    assert (found["temperature"] > 0) == arm.startswith("stories")
    assert c16.trial(arm, 1e-3) > 0


@pytest.mark.parametrize("family", ["encoder", "prefix", "encoder-decoder"])
def test_targets_are_written_in_the_order_of_the_pairs(family):
    torch.manual_seed(1)
    known = family_tasks.task("translation")
    model = build(known, family).eval()
    way = family_writing.settings("translation", family)[0]
    test = known.splits["test"]
    every = family_writing.write(model, known, test, way, 1)
    last = Pairs(test.src[-1:], test.tgt[-1:])
    assert family_writing.write(model, known, last, way, 1) == every[-1:]
    assert BOS not in sum(every, [])


def test_marks_know_words_without_order():
    found = family_scores.linear(family_tasks.task("entities"), 1)
    assert 0 <= found["score"] <= 1
    rows = c16.measure("sentiment.linear", 1, 0.0)
    assert [row.metric for row in rows] == ["score"]


def table(best=None, deep=0.6, noise=0.01, by=0.2):
    """Scores of 0.6, `by` more for the best of each kind: by default the one the claim names."""
    best = best or c16.OWN
    signs = (-1, 1, 0, 1, -1)
    rows = []
    for kind, names in KINDS.items():
        for name in names:
            for family in FAMILIES:
                own = family == best[kind] or (
                    family == c16.DEEP and best[kind] == "encoder-decoder"
                )
                value = 0.6 + by if own else deep if family == c16.DEEP else 0.6
                for seed, sign in zip(SEEDS, signs, strict=True):
                    wobble = sign * noise * (1 if own else -1)
                    rows.append(Row(f"{name}.{family}", seed, "run", "score", value + wobble, 9))
    rows += [Row(mark, seed, "run", "score", 0.5, 9) for mark in c16.MARKS for seed in SEEDS]
    return rows


SWAPPED = {"classify": "decoder", "generate": "encoder-decoder", "transduce": "decoder"}
CASES = {
    "each is best at its own": (table(), SUPPORTED),
    "one is not": (table(c16.OWN | {"generate": "encoder-decoder"}), CAVEAT),
    "not with as many operations": (table(deep=0.9), CAVEAT),
    "others are best": (table(SWAPPED), NOT_SUPPORTED),
    "all are alike": (table(by=0.0, noise=0.001), NOT_SUPPORTED),
    "seeds disagree": (table(noise=0.2), INCONCLUSIVE),
}


@pytest.mark.parametrize(("rows", "expected"), CASES.values(), ids=CASES)
def test_made_up_rows_reach_each_verdict(rows, expected):
    verdict_cases.rows_lead_to(c16, rows, expected)
    verdict_cases.intervals_hold_their_numbers(c16, rows)


def test_every_verdict_is_reached():
    verdict_cases.every_verdict_is_reached(CASES)


def test_the_deep_one_stands_for_equal_operations():
    found = c16.summary(table(deep=0.9, noise=0.0))
    assert found["sentiment.parameters"] == pytest.approx(0.2)
    assert found["sentiment.operations"] == pytest.approx(-0.1)
    assert (found["classify.won"], found["classify.lost"]) == (0, 2)
    assert found["transduce.won"] == 2
