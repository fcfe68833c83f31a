"""Figure "teacher forcing": what follows a mistake is what the model writes."""

from functools import cache

import pytest
import torch

from course import zoo
from course.data.tokenizer import BOS, EOS, UNK
from course.errors import CourseError
from course.figures.planting import KINDS
from course.figures.teacher_forcing import TeacherForcing
from live_figures import shown
from node_tests import run, write

KIND = "teacher-forcing"
TEXTS = [
    ("I have a blue car.", "J'ai une voiture bleue."),
    ("The cat sleeps in the kitchen.", "Le chat dort dans la cuisine."),
]


@cache
def parts():
    translator = zoo.load("tatoeba-en-fr-gru")
    src, tgt = ([translator.tokenizer.encode(pair[side]) for pair in TEXTS] for side in (0, 1))
    return translator.model, translator.tokenizer, src, tgt


@cache
def example():
    return TeacherForcing(*parts())


def step_by_step(src, tokens, count):
    """Probabilities of the model after a beginning, and what it writes, by plain steps."""
    model = parts()[0]
    with torch.no_grad():
        memory = model.encode(torch.tensor([[*src, EOS]]), torch.ones(1, len(src) + 1) > 0)
        state = model.start(memory, torch.zeros(1, 0, dtype=torch.long))
        read, chances, written = [BOS, *tokens], [], list(tokens)
        for i in range(count):
            step = model.step(torch.tensor(read[i : i + 1]), memory, state)
            state = step.state
            allowed = step.log_probs[0].clone()
            allowed[:EOS] = allowed[UNK] = float("-inf")
            if i >= len(tokens):
                written.append(int(allowed.argmax()))
                read.append(written[-1])
            chances.append((written[i], step.log_probs[0].exp()))
            if written[i] == EOS:
                break
    return written, chances


def test_what_follows_each_mistake_is_what_the_model_writes():
    _, tokenizer, src, _ = parts()
    word = lambda token: "" if token == EOS else tokenizer.decode([token])  # noqa: E731
    for ids, sentence in zip(src, example().sentences, strict=True):
        free, chances = step_by_step(ids, [], 30)
        assert [word(token) for token in free] == sentence["free"]["words"]
        assert len(sentence["planted"]) == len(KINDS) * (len(free) - 1)
        for each in sentence["planted"]:
            place = each["place"]
            ranked = [t for t in chances[place][1].argsort(descending=True).tolist() if t > UNK]
            others = [token for token in ranked if token != free[place]]
            wrong = {word(token): token for token in reversed(others[:2])}
            if each["kind"] == "random":
                assert each["words"][place] not in (*wrong, word(free[place]))
                continue
            index = KINDS.index(each["kind"])
            assert each["words"][place] == word(others[index])
            begun = [*free[:place], others[index]]
            written, found = step_by_step(ids, begun, len(each["words"]))
            assert [word(token) for token in written] == each["words"]
            for percent, (token, chance) in zip(each["percent"], found, strict=True):
                assert percent == pytest.approx(100 * chance[token].item(), abs=0.51)


def test_teacher_forced_answers_are_the_models():
    model, tokenizer, src, tgt = parts()
    for ids, row, sentence in zip(src, tgt, example().sentences, strict=True):
        _, chances = step_by_step(ids, row, len(row) + 1)
        for (_, chance), said in zip(chances, sentence["forced"]["words"], strict=True):
            chance[:EOS], chance[UNK] = 0, 0
            best = int(chance.argmax())
            assert said == ("" if best == EOS else tokenizer.decode([best]))


def test_what_is_shown_of_it(tmp_path):
    write(tmp_path, "sentences.json", example().data["data"]["sentences"])
    run("traces", tmp_path)


def test_costs_are_those_of_second_choices():
    figure = example()
    costs = figure.costs()
    assert len(costs) == sum(len(each["free"]["words"]) - 1 for each in figure.sentences)
    assert max(costs) > 1
    with pytest.raises(CourseError, match="at least one sentence"):
        TeacherForcing(parts()[0], parts()[1], [], [])


def words(figure, way):
    found = figure.locator(f".s2s-track-{way} .s2s-writes > span:first-child").all_inner_texts()
    return ["" if each == "end" else each for each in found]


def reads(figure, way):
    return figure.locator(f".s2s-track-{way} .s2s-reads").all_inner_texts()


def said(figure):
    return figure.locator(".s2s-result").inner_text()


def planted(sentence, place, kind):
    found = example().sentences[sentence]["planted"]
    return next(each for each in found if (each["place"], each["kind"]) == (place, kind))


def test_a_click_plants_a_mistake_and_only_own_words_follow_it(browser, tmp_path):
    sentence = example().sentences[0]
    with shown(browser, tmp_path, KIND) as (_, figure):
        assert words(figure, "free") == sentence["free"]["words"]
        forced = words(figure, "forced")
        assert forced == sentence["forced"]["words"]
        undo = figure.get_by_role("button", name="Take it back")
        assert undo.is_disabled()
        figure.locator(".s2s-track-free button").nth(2).click()
        follows = planted(0, 2, "second")
        assert words(figure, "free") == follows["words"]
        assert reads(figure, "free")[3] == follows["words"][2]
        assert words(figure, "forced") == [*forced[:2], follows["words"][2], *forced[3:]]
        assert reads(figure, "forced")[3] == sentence["reference"][2]
        assert figure.locator(".s2s-track-forced .s2s-mended").count() == 1
        assert f"{follows['missed']} of {len(sentence['reference']) - 1} words" in said(figure)
        undo.click()
        assert words(figure, "free") == sentence["free"]["words"]
        assert words(figure, "forced") == forced


def test_by_keyboard_in_either_track(browser, tmp_path):
    with shown(browser, tmp_path, KIND) as (page, figure):
        buttons = figure.locator(".s2s-track-forced button")
        assert figure.locator(".s2s-track-forced button[tabindex='0']").count() == 1
        buttons.first.focus()
        for key in ("ArrowRight", "ArrowRight", "ArrowLeft", "Enter"):
            page.keyboard.press(key)
        assert words(figure, "free") == planted(0, 1, "second")["words"]
        focused = "document.activeElement.closest('.s2s-track').className"
        assert "s2s-track-forced" in page.evaluate(focused)
        figure.get_by_label("its second choice").focus()
        page.keyboard.press("ArrowRight")
        assert words(figure, "free") == planted(0, 1, "third")["words"]
        page.keyboard.press("ArrowRight")
        assert words(figure, "free") == planted(0, 1, "random")["words"]
        buttons.nth(1).focus()
        page.keyboard.press("End")
        page.keyboard.press("Space")
        last = figure.locator(".s2s-track-free .s2s-planted")
        assert last.count() == 1
        figure.get_by_role("button", name="Take it back").press("Enter")
        assert figure.locator(".s2s-planted").count() == 0
        assert "s2s-track-free" in page.evaluate(focused)


def test_another_sentence_begins_anew(browser, tmp_path):
    with shown(browser, tmp_path, KIND, width=375) as (_, figure):
        figure.locator(".s2s-track-free button").nth(1).click()
        figure.get_by_label("Sentence").select_option("1")
        assert figure.locator(".s2s-planted").count() == 0
        assert words(figure, "free") == example().sentences[1]["free"]["words"]
        assert TEXTS[1][1] in figure.inner_text()


def test_what_follows_appears_word_by_word_unless_motion_is_unwanted(browser, tmp_path):
    for motion, moving in (("no-preference", True), ("reduce", False)):
        with shown(browser, tmp_path, KIND, motion=motion) as (_, figure):
            figure.locator(".s2s-track-free button").nth(1).click()
            name = figure.locator(".s2s-appears").last.evaluate(
                "e => getComputedStyle(e).animationName"
            )
            assert (name == "s2s-teacher-forcing-appear") == moving
