"""C17: tasks in words, models that name a label by a head or a word, and the rule."""

import re

import pytest
import torch

import verdict_cases
from course.data.tokenizer import EOS
from course.decoding import greedy
from course.experiments import c17_labels, instructions, labellers, labelling, teaching
from course.experiments.fitting import number_of_parameters
from course.experiments.instructions import FORMS, LABELS, LEVELS, READINGS, SINGLE
from course.experiments.rules import CAVEAT, INCONCLUSIVE, NOT_SUPPORTED, SUPPORTED
from course.results.records import Row


@pytest.fixture(scope="module", autouse=True)
def few_sentences():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(labelling, "DRAWN", 3000)
        patch.setattr(labelling, "HELD", {"test": 60, "valid": 20})
        patch.setattr(labelling, "MOST", 160)
        labelling.data.cache_clear()
        labelling._cut.cache_clear()
        yield
    labelling.data.cache_clear()
    labelling._cut.cache_clear()


def test_levels_hold_out_what_they_say():
    learnt = {t for task in LABELS for t in instructions.learnt(task)}
    levels = {level: instructions.tested(level) for level in LEVELS}
    assert set(levels["seen"]) <= learnt
    assert not learnt & {*levels["recombined"], *levels["reworded"]}
    for templates in levels.values():
        assert len(set(templates)) == 4
        assert sorted(t.reading.noun for t in templates) == ["mood", "mood", "sentiment"] + [
            "sentiment"
        ]


def test_a_recombined_form_is_learnt_with_other_readings_only():
    pairs = {(f, r) for r in range(len(READINGS)) for f in range(len(FORMS))}
    learnt = {pair for pair in pairs if not instructions.held_out(*pair)}
    assert {f for f, _ in learnt} == set(range(len(FORMS)))
    assert {r for _, r in learnt} == set(range(len(READINGS)))
    expected = {
        (instructions.template(READINGS[r], FORMS[f], k).after, READINGS[r].noun)
        for f, r in pairs - learnt
        for k in range(4)
    }
    assert {(t.after, t.reading.noun) for t in instructions.tested("recombined")} <= expected


def test_reworded_questions_have_words_of_their_own():
    def words(templates):
        return {w for t in templates for w in re.findall(r"\w+", f"{t.before} {t.after}")}

    learnt = words(t for task in LABELS for t in instructions.learnt(task))
    assert all(words([t]) - learnt for t in instructions.tested("reworded"))
    assert not words(instructions.tested("recombined")) - learnt


def test_a_template_reads_as_it_should():
    reading = READINGS[2]
    made = instructions.template(reading, "is the {noun} {options}?", 2)
    assert made.before == "sentence: "
    assert made.after == "question: is the tense past, present or future? answer:"


def test_labels_are_words_of_one_token_and_the_prompt_ends_with_them():
    known = labelling.data()
    for reading in READINGS:
        assert [len(known.tokenizer.encode(word)) for word in reading.words] == [1] * len(
            reading.words
        )
        assert len(reading.words) == len(LABELS[reading.task])
    sentence = known.held["test"].ids[0]
    asked = labelling.prompts([sentence, sentence[:2]], [1, 0], [SINGLE, SINGLE])
    assert known.tokenizer.decode(asked.batch.tgt_out[0].tolist()).endswith(
        "name the sentiment. answer: negative"
    )
    at = asked.batch.tgt_out[torch.arange(2), asked.answers]
    assert known.tokenizer.decode(at.tolist()) == "negative positive"
    assert (asked.batch.tgt_out[torch.arange(2), asked.answers + 1] == EOS).all()


def test_sentences_are_balanced_and_held_ones_are_not_learnt():
    known = labelling.data()
    held = {tuple(row) for part in known.held.values() for row in part.ids}
    assert len(held) == 80
    assert not held & {tuple(row) for row in known.unlabelled}
    for task, part in known.tasks.items():
        assert not held & {tuple(row) for row in part.ids}
        counts = torch.bincount(torch.tensor(part.labels))
        assert len(counts) == len(LABELS[task]) and counts.max() - counts.min() <= 1
    for part in (known.held["test"], known.tasks["sentiment"]):
        cells = torch.tensor(part.labels) * 2 + torch.tensor(part.negated)
        assert (torch.bincount(cells) == len(cells) // 4).all()


@pytest.mark.parametrize("kind", ["bag", "head-decoder-small", "head-encoder-small"])
def test_heads_are_not_moved_by_padding_and_only_bags_not_by_order(kind):
    torch.manual_seed(0)
    model = teaching.build(f"{kind}-160").eval()
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    long, short = sorted(labelling.data().held["test"].ids[:20], key=len)[::-19]
    with torch.no_grad():
        alone, both = model.logits([short]), model.logits([short, long])[:1]
        turned = model.logits([short[::-1]])
    torch.testing.assert_close(alone, both)
    assert torch.allclose(alone, turned, atol=1e-6) == (kind == "bag")


def test_heads_of_one_size_have_about_as_many_parameters():
    decoder = number_of_parameters(labellers.DecoderHead("large").model)
    encoder = number_of_parameters(labellers.EncoderHead("large").model)
    assert encoder == pytest.approx(decoder, rel=0.05)


@pytest.fixture(scope="module")
def writer():
    return teaching.teach("words-single-small-160", 1, 1e-2, 60)[0]


def test_free_writing_is_what_greedy_search_writes(writer):
    part = labelling.data().held["test"]
    found = teaching.written(writer, [SINGLE], "test")
    words = labelling.label_words(SINGLE)
    for row, (ids, label) in enumerate(zip(part.ids, part.labels, strict=True)):
        batch = labelling.prompts([ids], [label], [SINGLE]).batch
        written = greedy(
            writer.model, batch.src, batch.src_mask, max_length=3, prefix=batch.tgt_in[:, :-1]
        )[0]
        assert bool(found.free[0, row]) == (list(written.tokens) == [words[label]])
        assert bool(found.off[0, row]) == (list(written.tokens)[:1] not in ([w] for w in words))
    assert 0 < found.free.mean() < 1
    assert (found.free <= found.restricted).all()
    assert found.means()["worst"] == pytest.approx(float(found.restricted.mean()))


class Biased(labellers.Writer):
    """Prefers the first label word whatever it reads; what it reads counts for less."""

    def answers(self, asked):
        part, words = labelling.data().held["test"], labelling.label_words(SINGLE)
        label = {tuple(ids): value for ids, value in zip(part.ids, part.labels, strict=True)}
        cut = len(labelling.data().tokenizer.encode(SINGLE.after))
        logits = torch.zeros(len(asked.answers), 2, len(labelling.data().tokenizer))
        logits[:, 0, words[0]], logits[:, 1, EOS] = 2.0, 1.0
        rows = zip(logits, asked.batch.tgt_out.tolist(), asked.answers.tolist(), strict=True)
        for row, ids, answer in rows:
            row[0, words[1]] = 1.5 * label.get(tuple(ids[: answer - cut]), 0)
        return logits


def test_calibration_takes_away_what_a_prompt_without_content_prefers():
    found = teaching.written(Biased("small"), [SINGLE], "test").means()
    assert found["restricted"] == found["free"] == 0.5
    assert found["calibrated"] == 1
    assert found["off"] == 0


def test_arms_with_one_seed_learn_from_the_same_sentences(monkeypatch):
    seen = []
    labelled, hidden = labellers.DecoderHead.logits, labellers.next_word
    put = labelling.prompts

    def logits(self, ids):
        seen.append(ids)
        return labelled(self, ids)

    def prompts(ids, labels, templates):
        seen.append(ids[: teaching.ROWS])
        return put(ids, labels, templates)

    def next_word(model, rows):
        seen.append(rows)
        return hidden(model, rows)

    monkeypatch.setattr(labellers.DecoderHead, "logits", logits)
    monkeypatch.setattr(teaching, "prompts", prompts)
    monkeypatch.setattr(labellers, "next_word", next_word)
    for kind in ("head-decoder", "words-single", "words-mixture"):
        teaching.teach(f"{kind}-small-160", 3, 1e-3, 2)
    assert seen[:4] == seen[4:8] == seen[8:]
    assert seen[0] != seen[2]


@pytest.mark.parametrize("arm", [f"{kind}-small-160" for kind in c17_labels.KINDS] + ["bag-160"])
def test_one_run_is_measured(arm, monkeypatch):
    monkeypatch.setitem(c17_labels.CONFIG, "updates", 2)
    found = {(row.x, row.metric): row.value for row in c17_labels.measure(arm, 1, 1e-3)}
    metric = "restricted" if arm.startswith("words") else "accuracy"
    x = "seen" if arm.startswith("words") else "test"
    assert 0 <= found[x, metric] <= 1
    assert found["negated", metric] + found["plain", metric] == pytest.approx(2 * found[x, metric])
    assert found["run", "updates"] == 2 and found["run", "parameters"] > 1000
    assert ("reworded", "calibrated") in found or metric == "accuracy"


def table(*, restricted=0.95, free=0.95, reworded=0.94, noise=0.004):
    """Rows of all arms: the heads are right for 0.96; noise alternates from seed to seed."""
    rows = []
    for seed, sign in enumerate((-1, 1, 0, 1, -1), start=1):

        def add(arm, x, metric, value, seed=seed):
            rows.append(Row(arm, seed, x, metric, value, 1000))

        for n in c17_labels.COUNTS:
            add(f"bag-{n}", "test", "accuracy", 0.8)
        for cell in c17_labels.CELLS:
            add(f"head-encoder-{cell}", "test", "accuracy", 0.96)
            add(f"head-decoder-{cell}", "test", "accuracy", 0.96 - sign * noise)
            for kind in ("words-single", "words-mixture"):
                for level in LEVELS:
                    value = reworded if level == "reworded" else free
                    add(f"{kind}-{cell}", level, "free", value + sign * noise)
                    for metric in ("restricted", "calibrated", "off", "worst"):
                        add(f"{kind}-{cell}", level, metric, restricted + sign * noise)
    return rows


CASES = {
    "words do as well, however one asks": (table(), SUPPORTED),
    "other wordings cost": (table(reworded=0.8), CAVEAT),
    "only when the choice is restricted": (table(free=0.8, reworded=0.8), CAVEAT),
    "words do worse": (table(restricted=0.9, free=0.9, reworded=0.9), NOT_SUPPORTED),
    "seeds disagree": (table(noise=0.05), INCONCLUSIVE),
}


@pytest.mark.parametrize(("rows", "expected"), CASES.values(), ids=CASES)
def test_made_up_rows_reach_each_verdict(rows, expected):
    verdict_cases.rows_lead_to(c17_labels, rows, expected)
    verdict_cases.intervals_hold_their_numbers(c17_labels, rows)


def test_every_verdict_is_reached():
    verdict_cases.every_verdict_is_reached(CASES)


def test_summary_compares_the_mixture_with_the_decoders_head():
    found = c17_labels.summary(table(free=0.9, reworded=0.8))
    assert found["large-3200.gap"] == pytest.approx(0.06)
    assert found["large-3200.gap_restricted"] == pytest.approx(0.01)
    assert found["large-3200.reworded"] == pytest.approx(0.1)
    assert found["small-3200.single"] == 0
