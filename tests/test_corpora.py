"""Corpora by name: what is read, how it is split, and that nothing of the test is in training."""

import gzip
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from course.data import alibi as alibi_module
from course.data import corpora, download, tatoeba
from course.data.corpora import Example, Pair
from course.errors import CourseError


def invented(count: int) -> list[Pair]:
    """Clusters of 1 to 4 English sentences that share French ones, and one big cluster."""
    pairs = []
    for n in range(count):
        for variant in range(n % 4 + 1):
            pairs.append(Pair(f"Sentence {n} {variant}.", f"Phrase {n} commune."))
            pairs.append(Pair(f"Sentence {n} {variant}.", f"Phrase {n} {variant}."))
    pairs += [Pair(f"Giant {i}.", f"Géant {i // 2}.") for i in range(60)]
    pairs += [Pair(f"Giant {i}.", f"Géant {(i + 1) // 2}.") for i in range(60)]
    return pairs


def sides(pairs) -> set[tuple[int, str]]:
    return {(side, tatoeba.key(text)) for pair in pairs for side, text in enumerate(pair)}


def test_keys_see_words_only():
    same = ["Come in!", "come in.", " Come, in", "COME IN"]
    assert len({tatoeba.key(sentence) for sentence in same}) == 1
    assert tatoeba.key("Come on.") != tatoeba.key("Come in.")
    assert tatoeba.key("Où ?") != tatoeba.key("Ou ?")
    assert tatoeba.key("?") != tatoeba.key("!")


def test_components_reach_through_both_sides():
    pairs = [
        Pair("a", "x"),
        Pair("b", "y"),
        Pair("c", "z"),
        Pair("b", "x"),  # joins the first two through both sides
        Pair("C!", "w"),  # joins the third by its key
        Pair("w", "a"),  # an English "w" is no French "w", nor the other way round
    ]
    groups = {frozenset(group) for group in tatoeba.components(pairs)}
    assert groups == {
        frozenset([pairs[0], pairs[1], pairs[3]]),
        frozenset([pairs[2], pairs[4]]),
        frozenset([pairs[5]]),
    }


def test_split_is_exact_disjoint_and_complete():
    pairs = invented(101)
    parts = tatoeba.split(pairs, held_out=23)
    assert len({pair.src for pair in parts.test}) == len({pair.src for pair in parts.valid}) == 23
    assert set().union(*parts) == set(pairs)
    assert sum(map(len, parts)) == len(set(pairs))
    for a, b in ((0, 1), (0, 2), (1, 2)):
        assert not sides(parts[a]) & sides(parts[b])
    # The check can fail: a split of the lines as they come does leak.
    assert sides(pairs[::2]) & sides(pairs[1::2])


def test_split_depends_on_the_sentences_only():
    pairs = invented(101)
    once = tatoeba.split(pairs, held_out=23)
    again = tatoeba.split(iter(pairs[::-1]), held_out=23)
    assert set(once.test) == set(again.test) and set(once.valid) == set(again.valid)
    assert once.train == [pair for pair in dict.fromkeys(pairs) if pair in set(once.train)]
    more = tatoeba.split([*pairs, Pair("Quite new.", "Tout neuf.")], held_out=23)
    assert len(set(once.test) & set(more.test)) > 0.8 * len(set(once.test))


def test_a_giant_component_stays_in_training():
    parts = tatoeba.split(invented(101), held_out=101)
    held = [pair for pair in (*parts.test, *parts.valid) if pair.src.startswith("Giant")]
    assert not held


def test_too_few_sentences_to_hold_out():
    with pytest.raises(CourseError, match="not 7 separate sentences"):
        tatoeba.split(invented(3), held_out=7)


def test_examples_collect_all_references():
    pairs = [Pair("a", "x"), Pair("b", "y"), Pair("a", "z"), Pair("a", "x")]
    assert tatoeba.examples(pairs) == [Example("a", ("x", "z")), Example("b", ("y",))]


@pytest.fixture
def small_tatoeba(tmp_path, monkeypatch):
    """A zip of invented pairs in the place of the real one."""
    path = tmp_path / "fra-eng.zip"
    lines = [f"{pair.src}\t{pair.tgt.replace('.', ' .')}\tcolumn 3" for pair in invented(2600)]
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("fra-eng/fra.txt", "\r\n".join(lines))
    monkeypatch.setattr(tatoeba, "fetch", lambda file: path)


def test_tatoeba_both_ways(small_tatoeba):
    there, back = corpora.load("tatoeba"), corpora.load("tatoeba", src="fr", tgt="en")
    assert len(there.test) == len(there.valid) == 2000
    assert (there.src_lang, there.tgt_lang) == ("en", "fr")
    assert (back.src_lang, back.tgt_lang) == ("fr", "en")
    assert {Pair(pair.tgt, pair.src) for pair in back.train} == set(there.train)
    for name in ("valid", "test"):
        forth = {(e.src, ref) for e in getattr(there, name) for ref in e.refs}
        assert {(ref, e.src) for e in getattr(back, name) for ref in e.refs} == forth
    assert "www.manythings.org/anki and tatoeba.org" in there.licence and "CC-BY" in there.licence


def check_real_tatoeba() -> None:
    """Run by the test below, in a process of its own: half a million checked calls take long."""
    pairs = tatoeba.english_french()
    parts = tatoeba.split(pairs)
    assert len({pair.src for pair in parts.test}) == len({pair.src for pair in parts.valid}) == 2000
    train, valid, test = (sides(part) for part in parts)
    assert not train & test and not train & valid and not valid & test
    assert sum(map(len, parts)) == len(set(pairs)) > 160_000
    assert not any("\u202f" in text or "\xa0" in text for pair in pairs for text in pair)
    examples = tatoeba.examples(parts.test)
    assert len(examples) == 2000
    assert sum(len(example.refs) for example in examples) == len(parts.test)


def test_tatoeba_does_not_leak(data_mirror):
    code = "import test_corpora; test_corpora.check_real_tatoeba()"
    folder = Path(__file__).parent
    subprocess.run([sys.executable, "-c", code], check=True, cwd=folder)


def test_multi30k(data_mirror):
    corpus = corpora.load("multi30k", src="fr", tgt="en")
    assert (len(corpus.train), len(corpus.valid), len(corpus.test)) == (29_000, 1_014, 1_000)
    assert corpus.train[0] == Pair(
        "Deux jeunes hommes blancs sont dehors près de buissons.",
        "Two young, White males are outside near many bushes.",
    )
    assert all(len(example.refs) == 1 for example in corpus.test)
    assert "research" in corpus.licence


def test_multi30k_in_german_needs_the_network(data_mirror, monkeypatch):
    asked = []
    monkeypatch.setattr(download, "_attempt", lambda entry, arrival: asked.append(entry.url) or "x")
    with pytest.raises(CourseError, match=r"multi30k/train\.de\.gz could not be downloaded"):
        corpora.load("multi30k", src="en", tgt="de")
    assert set(asked) == {download.manifest()["multi30k/train.de.gz"].url}


def test_multi30k_reads_any_two_languages(tmp_path, monkeypatch):
    for lang in ("en", "de", "fr"):
        for part in ("train", "val", "test_2016_flickr"):
            with gzip.open(tmp_path / f"{part}.{lang}.gz", "wt", encoding="utf-8") as stream:
                stream.write(f"{part} {lang} 1\n{part}\u2028{lang} 2\n")
    monkeypatch.setattr(corpora, "fetch", lambda file: tmp_path / file.split("/")[1])
    corpus = corpora.load("multi30k", src="de", tgt="en")
    assert corpus.train == [Pair("train de 1", "train en 1"), Pair("train de 2", "train en 2")]
    assert corpus.valid[1] == Example("val de 2", ("val en 2",))
    assert corpus.test[0] == Example("test_2016_flickr de 1", ("test_2016_flickr en 1",))


def test_alibi(data_mirror):
    stories = corpora.alibi()
    assert len(stories) == 5
    assert sum(len(story.sentences) for story in stories) == 522
    for story in stories:
        for sentence in story.sentences:
            assert not sentence.sure & sentence.possible
            for english, french in sentence.sure | sentence.possible:
                assert english < len(sentence.english) and french < len(sentence.french)
    cat = next(story for story in stories if story.title == "The Master Cat")
    last = cat.sentences[-1]
    assert last.english[:5] == ("Puss", "became", "a", "great", "lord")
    assert last.french[:5] == ("Le", "Chat", "devint", "grand", "seigneur")
    linked = {(last.english[e], last.french[f]) for e, f in last.sure}
    assert {("became", "devint"), ("lord", "seigneur")} <= linked
    assert ("Puss", "Chat") in {(last.english[e], last.french[f]) for e, f in last.possible}


def test_links_are_turned_english_first():
    sentence = alibi_module._sentence(["the", "cat"], ["le", "chat", "gris"], "0-0 2p1 1-1 1p1 ")
    assert sentence.sure == {(0, 0), (1, 1)}
    assert sentence.possible == {(1, 2)}
    with pytest.raises(CourseError, match="'3~1' is not a link"):
        alibi_module._sentence(["the"], ["le"], "3~1")


def test_shakespeare(data_mirror):
    text = corpora.shakespeare()
    assert text.startswith("First Citizen:\nBefore we proceed") and text.endswith("\n")
    assert len(text) == 1_115_394


def test_unknown_names_list_the_known():
    assert corpora.names() == ["grammar", "tatoeba", "multi30k"]
    with pytest.raises(CourseError, match="grammar, tatoeba, multi30k"):
        corpora.load("wmt")
    with pytest.raises(CourseError, match="two of en, fr, not from en to de"):
        corpora.load("tatoeba", tgt="de")
    with pytest.raises(CourseError, match="not from en to en"):
        corpora.load("multi30k", tgt="en")


def test_the_grammar_makes_its_own_corpus(monkeypatch):
    from course.data import grammar

    made = corpora.Corpus(
        name="grammar", src_lang="fr", tgt_lang="en", train=[], valid=[], test=[], licence="ours"
    )
    asked = []
    monkeypatch.setattr(
        grammar, "corpus_pairs", lambda **which: asked.append(which) or made, raising=False
    )
    assert corpora.load("grammar", src="fr", tgt="en") is made
    assert asked == [{"src": "fr", "tgt": "en"}]
