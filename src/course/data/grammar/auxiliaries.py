"""Auxiliaries, negation, adverbs and pronouns of the verb group, and the verb to be.

Modes pair an English form with a French one; see `verb_group`.
"""

from collections.abc import Iterator

from course.data.grammar.morphology import SLOT, conjugate
from course.data.grammar.rules import Rule, production, rule

MODES = {
    "pres": (("pres", 3), ("prog", 2)),
    "past": (("past", 4), ("pastprog", 1)),
    "fut": (("fut", 1),),
}
# written object: English word, French clitic, gender and number that a participle then takes (""
# if dative)
CLITICS = {
    "me": ("me", "me", "ms"),
    "you": ("you", "te", "ms"),
    "him": ("him", "le", "ms"),
    "her": ("her", "la", "fs"),
    "us": ("us", "nous", "mp"),
    "you all": ("you all", "vous", "mp"),
    "them": ("them", "les", "mp"),
    "it.ms": ("it", "le", "ms"),
    "it.fs": ("it", "la", "fs"),
    "it.mp": ("them", "les", "mp"),
    "it.fp": ("them", "les", "fp"),
    "to me": ("me", "me", ""),
    "to you": ("you", "te", ""),
    "to him": ("him", "lui", ""),
    "to her": ("her", "lui", ""),
    "to us": ("us", "nous", ""),
    "to you all": ("you all", "vous", ""),
    "to them": ("them", "leur", ""),
}
DIRECT = ("me", "you", "him", "her", "us", "you all", "them")
DATIVE = tuple(f"to {c}" for c in DIRECT)
OWN = {
    (1, "s"): {"me", "us"},
    (1, "p"): {"us", "me"},
    (2, "s"): {"you", "you all"},
    (2, "p"): {"you", "you all"},
    (3, "s"): set(),
    (3, "p"): set(),
}
REFLEXIVE = ("me", "te", "se", "nous", "vous", "se")
NEGATIONS = {"not": "pas", "never": "jamais", "no longer": "plus"}
ADVERBS = {"often": "souvent", "always": "toujours", "sometimes": "parfois", "rarely": "rarement"}
POLARITY = {
    "+": (("", 20), ("often", 1), ("always", 0.7), ("sometimes", 1), ("rarely", 0.3)),
    "-": (("not", 6), ("never", 2), ("no longer", 1)),
    "": (("", 1),),
    "not": (("not", 1),),
}


def be(mode: str, p: int, n: str) -> str:
    """English "to be"."""
    if mode in ("past", "pastprog"):
        return "was" if n == "s" and p != 2 else "were"
    return "are" if n == "p" or p == 2 else "am" if p == 1 else "is"


def english_auxiliary(mode: str, p: int, n: str) -> str:
    """The auxiliary that carries negation and questions."""
    if mode in ("prog", "pastprog"):
        return be(mode, p, n)
    third = p == 3 and n == "s"
    return {
        "pres": "does" if third else "do",
        "past": "did",
        "fut": "will",
        "wfut": "does" if third else "do",
    }[mode]


def french_tense(mode: str) -> str:
    """The simple French tense of a mode."""
    tenses = {
        "pres": "present",
        "prog": "present",
        "pastprog": "imperfect",
        "past": "imperfect",
        "fut": "future",
    }
    return tenses.get(mode, "future")


def french_order(aux: str, pol: str, clitic: str, refl: str, infinitive: bool) -> str:
    """French template; ``aux`` is the finite auxiliary of a compound tense or ""."""
    negation = NEGATIONS.get(pol)
    second = [f"{negation or ADVERBS[pol]}/n"] if pol else []
    before = (
        (["ne/n"] if negation else [])
        + ([f"{refl}/0"] if refl else [])
        + ([f"{clitic}/c"] if clitic else [])
    )
    if infinitive:
        return " ".join((["ne/n", *second] if negation else []) + before[bool(negation) :] + ["0"])
    if aux:
        return " ".join([*before, f"{aux}/0x", *second, "0"])
    return " ".join([*before, "0", *second])


@production
def BE(verb: str, mode: str, pols: str, p: int, n: str) -> Iterator[Rule]:
    """English "to be" with French être, or avoir where French has cold, hunger and years."""
    conjugation = conjugate(verb)
    fr = getattr(conjugation, french_tense(mode))[SLOT[p, n]]
    if mode == "inf":
        yield rule(1, "be/v", f"{conjugation.infinitive}/v")
        return
    auxiliary = "will/v" if mode == "fut" else ""
    finite = "be/v" if mode == "fut" else f"{be(mode, p, n)}/v"
    for pol, weight in POLARITY[pols]:
        adverb = " ".join(f"{w}/n" for w in pol.split())
        en = f"{auxiliary} {adverb} {finite}" if auxiliary else f"{finite} {adverb}"
        yield rule(weight, en, french_order("", pol, "", "", False).replace("0", f"{fr}/v"))
