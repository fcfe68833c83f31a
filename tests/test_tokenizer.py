"""Text goes in, ids come out, and the same text comes back."""

import json
import subprocess
import sys
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course.data.tokenizer import BOS, EOS, PAD, UNK, Tokenizer, normalise
from course.errors import CourseError

TEXTS = [
    "The blue car is in front of the house.",
    "La voiture bleue est devant la maison.",
    "L'homme n'a pas mangé aujourd'hui.",
    "Don't you think that's the king's horse?",
    "Est-ce que c'est l'école où tu vas ?",
    "Les œufs coûtent 1984 euros !",
] * 5
SUBWORDS = Tokenizer.train(TEXTS, vocab_size=379)
WORDS = Tokenizer.words(TEXTS)

# Any code point at all, with those that trip tokenizers over-represented.
ANY = st.text(st.characters(categories=None)) | st.text(
    st.sampled_from(
        "e\u0301\u0327ß▁Ġ \xa0\u202f\u2028\x85\n\0\x1c\x7f'’-<pad></s>😀🇫🇷\u200d\ufeff가각"
    )
)
# Surrogates apart: they are no characters and have their own tests.
UNICODE = ANY.map(lambda text: "".join(c for c in text if not 0xD800 <= ord(c) < 0xE000))


@settings(max_examples=500, deadline=None)
@given(UNICODE)
def test_decoding_gives_the_normal_form_back(text):
    ids = SUBWORDS.encode(text)
    assert SUBWORDS.decode(ids) == normalise(text)
    assert not {PAD, BOS, EOS, UNK} & set(ids)


@settings(deadline=None)
@given(UNICODE)
def test_normal_form_is_what_the_documentation_says(text):
    expected = " ".join(unicodedata.normalize("NFC", text).split())
    # The library's Unicode tables may be newer than Python's, so only known characters compare.
    if all(unicodedata.category(character) != "Cn" for character in text):
        assert normalise(text) == expected
    assert normalise(normalise(text)) == normalise(text)


def test_every_single_character_survives():
    codes = [*range(0x20000), *range(0x20000, 0x110000, 29)]
    characters = [chr(code) for code in codes if not 0xD800 <= code < 0xE000]
    chunks = [" ".join(characters[start : start + 997]) for start in range(0, len(characters), 997)]
    for chunk, ids in zip(chunks, SUBWORDS.encode_batch(chunks), strict=True):
        assert SUBWORDS.decode(ids) == normalise(chunk)


def test_the_short_way_of_common_text_is_exact():
    for code in [*range(0x300), *range(0x2010, 0x2030), ord("€")]:
        text = f"a{chr(code)}{chr(code)}e {chr(code)}b{chr(code)}"
        assert normalise(text) == normalise(text + " 你").removesuffix("你").rstrip(" "), hex(code)


def test_white_space_is_what_python_calls_so():
    for code in (*range(0x3100), 0xFEFF, 0x1680, 0xE0020):
        if 0xD800 <= code < 0xE000:
            continue
        assert (normalise(f"a{chr(code)}{chr(code)}b") == "a b") == chr(code).isspace(), hex(code)
    assert normalise("\u202f\nCours\u202f!\xa0") == "Cours !"


@pytest.mark.parametrize(
    ("broken", "normal"),
    [("a\ud800b", "a�b"), ("\udc00", "�"), ("\ud83d\ude00", "😀"), ("é\ud83d", "é�")],
)
def test_lone_surrogates_become_the_replacement_character(broken, normal):
    assert normalise(broken) == normal
    assert SUBWORDS.decode(SUBWORDS.encode(broken)) == normal
    assert "".join(WORDS.tokens(broken)).strip("▁") == normal


def test_special_tokens_have_fixed_ids_and_cannot_be_typed():
    for tokenizer in (SUBWORDS, WORDS):
        assert not {PAD, BOS, EOS} & set(tokenizer.encode("<pad> <s> </s>"))
    assert (PAD, BOS, EOS, UNK) == (0, 1, 2, 3)
    assert SUBWORDS.decode(SUBWORDS.encode("<pad></s> <unk>")) == "<pad></s> <unk>"
    assert SUBWORDS.decode([BOS, *SUBWORDS.encode("maison"), EOS, PAD, PAD]) == "maison"


def test_size():
    assert len(SUBWORDS) == 379
    assert len(Tokenizer.train(["a"], vocab_size=4000)) < 379  # nothing left to merge


def test_tokens_are_readable_and_spell_the_text():
    text = "L'homme n'a pas mangé, aujourd'hui ; don't!"
    pieces = SUBWORDS.tokens(text)
    assert len(pieces) == len(SUBWORDS.encode(text))
    assert "".join(pieces) == "▁" + text.replace(" ", "▁")
    assert "▁L'" in pieces and "homme" in pieces and "▁mangé" in pieces
    assert not any(mark in piece for piece in pieces for mark in "ĠÃ©")


def test_a_cut_character_shows_its_bytes():
    assert SUBWORDS.tokens("Les€") == ["▁Les", "<E2>", "<82>", "<AC>"]
    assert SUBWORDS.decode(SUBWORDS.encode("Les€")[:-1]) == "Les�"


def test_word_ids_count_white_space_words():
    text = "  L'homme n'a pas ▁mangé\u202f! "
    for tokenizer in (SUBWORDS, WORDS):
        ids = tokenizer.word_ids(text)
        assert len(ids) == len(tokenizer.encode(text))
        by_word = {}
        for index, piece in zip(ids, tokenizer.tokens(text), strict=True):
            by_word[index] = by_word.get(index, "") + piece
        expected = ["L'homme", "n'a", "pas", "▁mangé", "!"]
        if tokenizer is SUBWORDS:  # a character that was never seen is shown in bytes
            expected[3] = "<E2><96><81>mangé"
        assert [by_word[i].removeprefix("▁") for i in range(5)] == expected


@settings(max_examples=200, deadline=None)
@given(UNICODE)
def test_word_ids_for_any_text(text):
    words = normalise(text).split(" ") if normalise(text) else []
    for tokenizer in (SUBWORDS, WORDS):
        ids = tokenizer.word_ids(text)
        assert len(ids) == len(tokenizer.encode(text)) == len(tokenizer.tokens(text))
        assert ids == sorted(ids) and set(ids) == set(range(len(words)))


def test_the_empty_text():
    assert SUBWORDS.encode(" \n") == SUBWORDS.tokens("") == SUBWORDS.word_ids("") == []
    assert SUBWORDS.decode([]) == ""


def test_a_word_has_the_same_token_first_and_inside():
    first, inside = SUBWORDS.encode("maison"), SUBWORDS.encode("la maison")
    assert inside[-len(first) :] == first


def test_words_are_split_as_in_the_grammar():
    text = "Est-ce qu'il voit l'homme, Mary's arc-en-ciel ?"
    words = Tokenizer.words([text])
    pieces = [piece.removeprefix("▁") for piece in words.tokens(text)]
    expected = ["Est-ce", "qu'", "il", "voit", "l'", "homme", ",", "Mary", "'s", "arc-en-ciel", "?"]
    assert pieces == expected
    assert len(words) == 4 + len(expected)
    assert words.decode(words.encode(text)) == text


@pytest.mark.parametrize("text", dict.fromkeys(TEXTS))
def test_words_rejoin_to_natural_text(text):
    assert WORDS.decode(WORDS.encode(text)) == text


def test_unknown_words_are_unk_and_visible():
    ids = WORDS.encode("The zebra is in front of the house.")
    assert ids.count(UNK) == 1 and ids[1] == UNK
    assert WORDS.decode([BOS, *ids, EOS]) == "The <unk> is in front of the house."
    assert WORDS.tokens("The zebra") == ["▁The", "▁zebra"]


def test_training_is_deterministic(tmp_path):
    code = (
        "import sys, pathlib; from course.data.tokenizer import Tokenizer;"
        f"texts = {TEXTS!r} + [f'mot{{i % 97}} word{{i % 89}}' for i in range(2000)];"
        "Tokenizer.train(texts, vocab_size=601).save(pathlib.Path(sys.argv[1]));"
        "Tokenizer.words(texts).save(pathlib.Path(sys.argv[1] + '.words'))"
    )
    for name in ("a", "b"):
        subprocess.run([sys.executable, "-c", code, tmp_path / name], check=True)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert (tmp_path / "a.words").read_bytes() == (tmp_path / "b.words").read_bytes()


def test_saved_and_loaded_it_is_the_same(tmp_path):
    text = "L'homme <pad> 😀 l'école"
    for tokenizer in (SUBWORDS, WORDS):
        path = tmp_path / "new" / "tokenizer.json"
        tokenizer.save(path)
        again = Tokenizer.load(path)
        assert again.encode(text) == tokenizer.encode(text)
        assert again.tokens(text) == tokenizer.tokens(text)
        assert again.decode(again.encode(text)) == tokenizer.decode(tokenizer.encode(text))
        assert len(again) == len(tokenizer)
        assert [entry.name for entry in path.parent.iterdir()] == ["tokenizer.json"]
        assert json.loads(path.read_text(encoding="utf-8"))["model"]["type"]


def test_mistakes_are_told(tmp_path):
    with pytest.raises(CourseError, match="at least 260"):
        Tokenizer.train(TEXTS, vocab_size=259)
    for make in (Tokenizer.train, Tokenizer.words):
        with pytest.raises(CourseError, match="needs text"):
            make(["", " "])
    with pytest.raises(CourseError, match="no tokenizer at"):
        Tokenizer.load(tmp_path / "none.json")
    wrong = tmp_path / "wrong.json"
    for content in ("{", "{}", '{"model": 1}'):
        wrong.write_text(content)
        with pytest.raises(CourseError, match=r"wrong\.json"):
            Tokenizer.load(wrong)
    with pytest.raises(CourseError, match="Token id 379 is not in the vocabulary"):
        SUBWORDS.decode([379])
