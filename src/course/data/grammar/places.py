"""Places: where somebody or something is."""

from collections.abc import Iterator

from course.data.grammar import lexicon
from course.data.grammar.adjectives import PEOPLE
from course.data.grammar.nouns import NP
from course.data.grammar.rules import Rule, production, rule, word


def whereabouts(t: str) -> str:
    """Which places suit this type."""
    if t in PEOPLE:
        return "h"
    if t in ("ani", "furn"):
        return "a" if t == "ani" else t
    return "veh" if t in ("veh", "bldg", "site", "sight") else "obj"


@production
def CITY() -> Iterator[Rule]:
    """A city."""
    for en, fr in lexicon.CITIES.items():
        yield word(1, en, fr, tags=(("place", en),))


@production
def COUNTRY(preposition: str) -> Iterator[Rule]:
    """A country with its preposition: "in France", "to Japan"."""
    for en, fr in lexicon.COUNTRIES.items():
        *before, name = fr.split()
        french = " ".join(f"{w}/p" for w in before)
        yield rule(1, f"{preposition}/p {en}/n", f"{french} {name}/n", tags=(("place", en),))


BESIDE = {
    "in front of": "devant",
    "behind": "derrière",
    "near": "près de",
    "next to": "à côté de",
    "far from": "loin de",
    "opposite": "en face de",
}


@production
def BY() -> Iterator[Rule]:
    """A preposition that places something beside a building."""
    for en, fr in BESIDE.items():
        yield word(2 if en == "in front of" else 1, en, fr)


@production
def SITE(t: str) -> Iterator[Rule]:
    """A place, mostly one."""
    for g in "mf":
        yield rule(5, "0", "0", NP(t, g, "s", "d", ""))
        if t in ("bldg", "site"):
            yield rule(0.5, "0", "0", NP(t, g, "p", "d", ""))


@production
def PLACE(who: str) -> Iterator[Rule]:
    """Where.

    Of people (h), of animals (a), of vehicles and buildings (veh), of other things (obj).
    """
    if who not in ("obj", "furn"):
        yield rule(3, "0 1", "0 1", BY(), SITE("bldg"))
        yield rule(1, "0 1", "0 1", BY(), SITE("site"))
    if who in ("h", "furn"):
        yield rule(1, "in/a 0", "dans/a 0", SITE("home"))
    if who in ("h", "a"):
        yield rule(3, "in/a 0", "dans/a 0", SITE("room" if who == "h" else "out"))
    if who == "h":
        yield rule(3, "at/a 0", "à/a 0", SITE("at"))
        yield rule(1, "in/a 0", "à/a 0", CITY())
        yield rule(0.5, "0", "0", COUNTRY("in"))
    if who == "obj":
        yield rule(3, "on/a 0", "sur/a 0", SITE("furn"))
        yield rule(1, "under/a 0", "sous/a 0", SITE("furn"))
        yield rule(1, "in/a 0", "dans/a 0", SITE("home"))
