"""Properties of the grammar: agreement by an independent checker, alignment, parsing, splits."""

import time

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from course.data import corpora, grammar
from course.data.grammar import lexicon
from course.data.grammar.surface import join
from course.errors import CourseError


def draw(n, seed=1, **options):
    return grammar.sample(n, generator=torch.Generator().manual_seed(seed), **options)


def lengths_of(sentences):
    return {len(s.src.split()) for s in sentences}


@pytest.fixture(scope="module")
def many():
    return draw(900, seed=7)


seeds = st.integers(0, 2**40)
quick = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))


# --- agreement, by an independent checker -----------------------------------------------------

NOUN = {}  # French form -> {(gender, number)}
for noun in lexicon.ALL_NOUNS:
    for number, form in zip("sp", noun.fr, strict=True):
        NOUN.setdefault(form.split()[0], set()).add((noun.gender, number))
ADJECTIVE = {}
for adjective in lexicon.ALL_ADJECTIVES:
    for features, form in adjective.fr.items():
        ADJECTIVE.setdefault(form, set()).add(features)
for special in ("bel", "vieil", "nouvel"):
    ADJECTIVE[special] = {("m", "s")}
ALL = {(g, n) for g in "mf" for n in "sp"}
MASCULINE, FEMININE, PLURAL = {("m", "s")}, {("f", "s")}, {("m", "p"), ("f", "p")}
DETERMINER = {
    **dict.fromkeys(("un", "ce", "cet", "du", "au"), MASCULINE),
    **dict.fromkeys(("une", "cette", "ma", "ta", "sa"), FEMININE),
    **dict.fromkeys(("les", "des", "aux", "ces", "mes", "tes", "ses", "nos", "leurs"), PLURAL),
    **dict.fromkeys(("mon", "ton", "son"), {("m", "s"), ("f", "s")}),
    **dict.fromkeys((*lexicon.NUMBERS.values(), "plusieurs"), PLURAL),
    "chaque": {("m", "s"), ("f", "s")},
}
VOWELS = "aeiouyâàéèêëîïôœh"


def disagreements(words):
    """Determiner (adjective) noun (adjective) sequences that share no gender and number."""
    words = [w.lower() for w in words]
    found = []
    for i, word in enumerate(words):
        if word not in DETERMINER or words[i + 1] in ("lit", "montre"):  # also verbs: "les lit"
            continue
        phrase = [word]
        possible = set(DETERMINER[word])
        j = i + 1
        if words[j] in ADJECTIVE and words[j] not in NOUN:
            possible &= ADJECTIVE[words[j]]
            phrase.append(words[j])
            j += 1
        if j < len(words) and words[j] in NOUN:
            possible &= NOUN[words[j]]
            phrase.append(words[j])
            if not possible:
                found.append(phrase)
    return found


def unelided(words):
    """Words that should have been elided, contracted, or given their form before a vowel."""
    full = {"le", "la", "je", "ne", "de", "que", "me", "te", "se", "ce", "ma", "ta", "sa"}
    apart = {("de", "le"), ("de", "les"), ("à", "le"), ("à", "les")}
    words = [w.lower() for w in words]
    found = []
    for a, b in zip(words, words[1:], strict=False):
        vowel = b[0] in VOWELS and b not in ("huit", "onze")
        if (a in full and vowel) or (a.endswith("'") and not vowel) or (a, b) in apart:
            found.append((a, b))
    return found


def test_the_checkers_can_fail():
    assert disagreements(grammar.words("Une chien dort.", "fr"))
    assert disagreements(grammar.words("Les grand chiens dorment.", "fr"))
    assert unelided(grammar.words("Le homme va à le marché.", "fr")) == [
        ("le", "homme"),
        ("à", "le"),
    ]


def test_agreement_and_elision_are_never_violated(many):
    for s in many:
        assert not disagreements(s.tgt_words), s.tgt
        assert not unelided(s.tgt_words), s.tgt


def test_the_checker_sees_many_phrases(many):
    determiners = sum(w.lower() in DETERMINER for s in many for w in s.tgt_words)
    assert determiners > 2 * len(many)


ETRE = {
    "arrived in Paris": "arrivé à Paris",
    "went to Rome": "allé à Rome",
    "returned to Rome": "retourné à Rome",
    "stayed in the garden": "resté dans le jardin",
    "entered the garden": "entré dans le jardin",
    "fell": "tombé",
    "left": "parti",
}
SUBJECT = {
    "Paul": ("Paul est", ""),
    "Marie": ("Marie est", "e"),
    "The men": ("Les hommes sont", "s"),
    "The women": ("Les femmes sont", "es"),
    "Marie and Julie": ("Marie et Julie sont", "es"),
    "Paul and Julie": ("Paul et Julie sont", "s"),
    "She": ("Elle est", "e"),
    "We": ("Nous sommes", "s"),
}


@pytest.mark.parametrize("subject", SUBJECT)
def test_participles_agree_with_the_subject_of_etre(subject):
    french, ending = SUBJECT[subject]
    for predicate, expected in ETRE.items():
        participle, space, rest = expected.partition(" ")
        right = f"{french} {participle}{ending}{space}{rest}."
        assert grammar.translate(f"{subject} {predicate}.") == right
        for other in {"", "e", "s", "es"} - {ending}:
            assert not grammar.accepts(f"{french} {participle}{other}{space}{rest}.")


# --- form -------------------------------------------------------------------------------------


@quick
@given(seed=seeds, n=st.integers(3, 60))
def test_lengths_are_exact(seed, n):
    assert lengths_of(draw(2, seed=seed, words=(n, n))) == {n}


def test_default_lengths_cover_the_range(many):
    assert lengths_of(many) == set(range(3, 61))


@quick
@given(seed=seeds)
def test_words_join_and_split(seed):
    for s in draw(3, seed=seed):
        assert grammar.words(s.src, "en") == s.src_words
        assert grammar.words(s.tgt, "fr") == s.tgt_words
        assert s.src[0].isupper() and s.tgt[0].isupper()
        assert s.src[-1] == s.tgt[-1] and s.src[-1] in ".?"
        assert s.tgt[-2] != " " if s.tgt[-1] == "." else s.tgt[-2] == " "


@quick
@given(seed=seeds)
def test_alignment_is_in_range_and_complete(seed):
    for s in draw(3, seed=seed):
        assert all(0 <= i < len(s.src_words) and 0 <= j < len(s.tgt_words) for i, j in s.alignment)
        assert list(s.alignment) == sorted(set(s.alignment))
        assert {i for i, _ in s.alignment} == set(range(len(s.src_words))), s
        assert {j for _, j in s.alignment} == set(range(len(s.tgt_words))), s
        assert (len(s.src_words) - 1, len(s.tgt_words) - 1) in s.alignment


def test_names_align_with_themselves_alone(many):
    for s in many:
        for i, j in s.alignment:
            if s.src_words[i] in lexicon.MALE + lexicon.FEMALE:
                assert s.tgt_words[j] == s.src_words[i]


def test_deterministic_and_dependent_on_the_seed():
    assert draw(40, seed=3) == draw(40, seed=3)
    assert [s.src for s in draw(40, seed=3)] != [s.src for s in draw(40, seed=4)]


def test_vocabulary_is_large(many):
    for side in ("src_words", "tgt_words"):
        assert len({w.lower() for s in many for w in getattr(s, side)}) >= 400


def test_impossible_lengths_are_refused():
    with pytest.raises(CourseError, match="no sentence of 1 to 1"):
        draw(1, words=(1, 1))
    with pytest.raises(CourseError, match="no sentence of 8 to 9"):
        draw(1, words=(8, 9), structure="clauses")
    with pytest.raises(CourseError, match="clauses, objects, relatives"):
        draw(1, structure="tower")


# --- parsing ----------------------------------------------------------------------------------


@quick
@given(seed=seeds)
def test_what_is_generated_is_parsed(seed):
    for s in draw(4, seed=seed):
        french, english = grammar.parse(s.tgt), grammar.parse(s.src, "en")
        assert french is not None and english is not None, s
        assert grammar.sentence(french).tgt == s.tgt
        assert grammar.translate(s.src) == s.tgt  # French is a function of English


SWAPS = {
    "la": "le",
    "le": "la",
    "les": "la",
    "un": "une",
    "une": "un",
    "cette": "ce",
    "est": "sont",
}


def test_corruptions_are_rejected(many):
    tried = 0
    for s in many[:300]:
        for i, word in enumerate(s.tgt_words[1:], start=1):
            other = SWAPS.get(word)
            after = s.tgt_words[min(i + 1, len(s.tgt_words) - 1)]
            if word in ("la", "le", "les", "un", "une", "cette") and after not in NOUN:
                continue  # a clitic, or before an adjective of one form for both genders
            if other is None or len(NOUN.get(after, ())) > 1:
                continue
            wrong = list(s.tgt_words)
            wrong[i] = other
            text = join(wrong, "fr")
            assert not grammar.accepts(text), text
            tried += 1
    assert tried > 300


def test_swapped_neighbours_and_lost_words_are_mostly_rejected(many):
    accepted = tried = 0
    for s in many[:150]:
        k = len(s.tgt_words) // 2
        words = list(s.tgt_words)
        words[k - 1], words[k] = words[k], words[k - 1]
        accepted += grammar.accepts(join(words, "fr"))
        tried += 1
    assert accepted < 0.05 * tried


def test_parsing_is_quick():
    sentences = draw(20, seed=5, words=(60, 60))
    grammar.accepts(sentences[0].tgt)
    start = time.process_time()
    assert all(grammar.accepts(s.tgt) for s in sentences)
    assert time.process_time() - start < 20


# --- labels -----------------------------------------------------------------------------------


def labels_of(english):
    return grammar.sentence(grammar.parse(english, "en")).labels


def test_labels():
    found = labels_of("Marie loves Paul.")
    assert (found.kind, found.tense, found.sentiment) == ("statement", "pres", "positive")
    assert [(e.kind, e.start, e.end, e.text) for e in found.entities] == [
        ("person", 0, 1, "Marie"),
        ("person", 2, 3, "Paul"),
    ]
    assert labels_of("Marie does not love Paul.").sentiment == "negative"
    assert labels_of("The soup was not delicious.").sentiment == "negative"
    assert labels_of("The soup was not cold.").sentiment == "neutral"
    assert labels_of("Paul will sell the car.").tense == "fut"
    assert labels_of("Where is Paul?").kind == "question"
    assert labels_of("Paul visited Rome.").entities[1].kind == "place"


def test_all_sentiments_occur(many):
    assert {s.labels.sentiment for s in many} == {"positive", "negative", "neutral"}


# --- structures -------------------------------------------------------------------------------


@pytest.mark.parametrize("structure", ["clauses", "objects", "relatives"])
def test_structures_are_in_the_grammar_and_only_grow(structure):
    sentences = draw(60, seed=2, structure=structure)
    assert len(lengths_of(sentences)) > 5
    for s in sentences:
        assert grammar.accepts(s.tgt) and grammar.accepts(s.src, "en"), s.src
        assert grammar.translate(s.src) == s.tgt
        assert s.labels.kind == "statement" and s.labels.tense == "pres"
        assert grammar.pairs(s.tree) == set()  # its nouns have no adjectives
    for n in lengths_of(sentences):
        assert lengths_of(draw(3, words=(n, n), structure=structure)) == {n}


# --- splits -----------------------------------------------------------------------------------


def test_split_by_length_shares_nothing():
    split = grammar.split_by_length(
        150, 60, generator=torch.Generator().manual_seed(1), train_words=(3, 9), test_words=(10, 14)
    )
    assert len(split.train) == 150 and len(split.test) == 60
    assert max(lengths_of(split.train)) <= 9 < 10 <= min(lengths_of(split.test))
    for side in ("src", "tgt"):
        assert not {getattr(s, side) for s in split.train} & {getattr(s, side) for s in split.test}
    with pytest.raises(CourseError, match="overlap"):
        grammar.split_by_length(
            1, 1, generator=torch.Generator(), train_words=(3, 9), test_words=(9, 14)
        )


def test_split_by_composition_holds_pairs_apart():
    split = grammar.split_by_composition(1000, 60, generator=torch.Generator().manual_seed(1))
    trained = {pair for s in split.train for pair in grammar.pairs(s.tree)}
    assert not any(grammar.held_out(*pair) for pair in trained)
    for s in split.test:
        held = [p for p in grammar.pairs(s.tree) if grammar.held_out(*p)]
        assert held, s.src
    assert {a for a, _ in trained} >= lexicon.COLOURS
    assert {s.src for s in split.train}.isdisjoint(s.src for s in split.test)
    # each noun of a held-out pair occurs in training with something else
    words = {w for s in split.train for w in s.src_words}
    singular = {p[1] for s in split.test for p in grammar.pairs(s.tree) if grammar.held_out(*p)}
    assert len([noun for noun in singular if noun.split()[-1] in words]) > 0.8 * len(singular)


def test_pairs_are_found_beside_the_noun_and_after_to_be():
    for text in ("The blue car is in front of the house.", "Is the car blue?", "The car is blue."):
        assert ("blue", "car") in grammar.pairs(grammar.parse(text, "en")), text


def test_corpus_is_disjoint_and_repeatable():
    corpus = grammar.corpus_pairs(train=300, valid=50, test=50)
    assert corpus == grammar.corpus_pairs(train=300, valid=50, test=50)
    src = [p.src for p in corpus.train + corpus.valid + corpus.test]
    tgt = [p.tgt for p in corpus.train] + [e.refs[0] for e in corpus.valid + corpus.test]
    assert len(set(src)) == len(src) == 400 and len(set(tgt)) == 400
    other_way = grammar.corpus_pairs(src="fr", tgt="en", train=300, valid=50, test=50)
    assert other_way.train[0] == corpora.Pair(corpus.train[0].tgt, corpus.train[0].src)
    with pytest.raises(CourseError, match="en and fr"):
        grammar.corpus_pairs(src="en", tgt="de")
