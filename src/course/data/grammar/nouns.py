"""Noun phrases.

Features: ``t`` type, ``g`` gender, ``n`` number; ``role`` says which determiners suit: ``d``
    definite ones, ``s`` a subject's, ``o`` an object's, ``n`` the indefinite object of a negated
    verb ("pas de"); ``rel`` is the tense of a relative clause that may follow, or ``""`` for none.
"""

from collections.abc import Iterator

from course.data.grammar import lexicon
from course.data.grammar.adjectives import AGREEMENT, MASS, NBAR, OWNED, N
from course.data.grammar.rules import Rule, Symbol, production, rule, word


@production
def D(g: str, n: str, role: str, owned: bool) -> Iterator[Rule]:
    """A determiner whose form does not depend on an adjective.

    ``owned``: possessives suit the noun.
    """
    sex = "mf".index(g)
    if role == "n":
        yield word(1, "a" if n == "s" else "any", "de")
        return
    if role == "indef":
        if n == "s":
            yield word(10, "a", ("un", "une")[sex])
        else:
            yield word(1, "several", "plusieurs")
            for en, fr in lexicon.NUMBERS.items():
                yield word(0.5, en, fr)
        return
    yield word(12, "the", ("les" if n == "p" else ("le", "la")[sex]))
    yield word(2, "this" if n == "s" else "these", "ces" if n == "p" else ("ce~", "cette")[sex])
    for en, forms in lexicon.POSSESSIVES.items() if owned else ():
        yield word(1.2, en, forms.split()[2 if n == "p" else sex])
    if role not in "db" and n == "s":
        yield word(10 if role == "o" else 3, "a", ("un", "une")[sex])
        if role == "s":
            yield word(0.4, "every", "chaque")
    if role not in "db" and n == "p":
        for en, fr in lexicon.NUMBERS.items():
            yield word(0.5, en, fr)
            if role == "s":
                yield rule(0.1, f"the/a {en}/b", f"les/a {fr}/b")
        yield word(1, "several", "plusieurs")
        yield rule(1, "many/a", "beaucoup/a de/a")


@production
def SOME(before: bool) -> Iterator[Rule]:
    """Plural "some": des, or de before an adjective."""
    yield rule(1, "some/a", "de/a" if before else "de/a les/a")


@production
def POSS(g: str, n: str) -> Iterator[Rule]:
    """A possessive determiner."""
    for en, forms in lexicon.POSSESSIVES.items():
        fr = forms.split()[2 if n == "p" else "mf".index(g)]
        yield word(1, en, fr)
        if n == "p":
            yield word(0.1, f"{en} two", f"{fr} deux")
            yield word(0.1, f"{en} three", f"{fr} trois")


@production
def NAME(g: str) -> Iterator[Rule]:
    """A person's name."""
    for name in lexicon.MALE if g == "m" else lexicon.FEMALE:
        yield word(1, name, name, tags=(("person", name),))


@production
def NAMES(g: str) -> Iterator[Rule]:
    """Two different people; feminine only if both are."""
    for one in lexicon.MALE + lexicon.FEMALE:
        for other in lexicon.MALE + lexicon.FEMALE:
            both = one in lexicon.FEMALE and other in lexicon.FEMALE
            if one != other and both == (g == "f"):
                tags = (("person", one), ("person", other))
                yield rule(1, f"{one}/a and/b {other}/c", f"{one}/a et/b {other}/c", tags=tags)


@production
def CORE(t: str, g: str, n: str, role: str) -> Iterator[Rule]:
    """A noun phrase without modifiers after the noun."""
    if t == "name":
        if n == "s" and role != "n":
            yield rule(1, "0", "0", NAME(g))
    elif t == "kin":
        if role != "n":
            yield rule(5, "0 1", "0 1", POSS(g, n), N(t, g, n))
            yield rule(1, "0 's/b 1", f"{_the(g, n)} 1 de/b 0", NAME("m"), N(t, g, n))
            yield rule(1, "0 's/b 1", f"{_the(g, n)} 1 de/b 0", NAME("f"), N(t, g, n))
    elif t in MASS:
        if n == "s":
            yield from _mass(t, g, role)
    else:
        yield from _counted(t, g, n, role)


def _the(g: str, n: str, link: str = "b") -> str:
    return f"{'les' if n == 'p' else 'le' if g == 'm' else 'la'}/{link}"


def _mass(t: str, g: str, role: str) -> Iterator[Rule]:
    if role == "b":
        yield rule(1, "the/a 0", f"{_the(g, 's', 'a')} 0", N(t, g, "s"))
        return
    for before in (False, True):
        if role == "n":
            yield rule(1, "any/a 0", "de/a 0", NBAR(t, g, "s", before))
            continue
        yield rule(4, "the/a 0", f"{_the(g, 's', 'a')} 0", NBAR(t, g, "s", before))
        yield rule(1, "this/a 0", f"{'ce~' if g == 'm' else 'cette'}/a 0", NBAR(t, g, "s", before))
        if role == "o":
            yield rule(6, "some/a 0", f"de/a {_the(g, 's', 'a')} 0", NBAR(t, g, "s", before))


def _counted(t: str, g: str, n: str, role: str) -> Iterator[Rule]:
    if role == "b":
        yield rule(1, "0 1", "0 1", D(g, n, role, t in OWNED), N(t, g, n))
        return
    if t == "per" and role in "dso":
        yield rule(3, "0 1", "0 1", POSS(g, n), N("pro", g, n))
    for before in (False, True):
        weight = 1 if before else 3
        if role == "none":
            yield rule(weight, "0", "0", NBAR(t, g, n, before))
            continue
        yield rule(5 * weight, "0 1", "0 1", D(g, n, role, t in OWNED), NBAR(t, g, n, before))
        if n == "p" and role in ("o", "indef"):
            yield rule(3 * weight, "0 1", "0 1", SOME(before), NBAR(t, g, n, before))
    if role in "so" and t in ("obj", "wear", "veh", "text", "frail"):
        for owner in (NAME("m"), NAME("f")):
            for before in (False, True):
                yield rule(0.3, "0 's/b 1", f"{_the(g, n)} 1 de/b 0", owner, NBAR(t, g, n, before))


@production
def NP(t: str, g: str, n: str, role: str, rel: str) -> Iterator[Rule]:
    """A noun phrase."""
    yield rule(10, "0", "0", CORE(t, g, n, role))
    if rel and role not in ("n", "b") and t not in ("name", "kin"):
        yield rule(
            1.2, "0 1", "0 1", CORE(t, g, n, "d" if role == "s" else role), _relative(t, g, n, rel)
        )
        if t in ("per", "veh", "obj", "text", "frail"):
            yield rule(0.5, "0 1", "0 1", CORE(t, g, n, "d"), _place(t))


def _relative(*features: str) -> Symbol:
    return ("REL", *features)  # its production stands on this module


def _place(t: str) -> Symbol:
    return ("PLACE", "h" if t == "per" else "veh" if t == "veh" else "obj")


@production
def NPO(t: str, role: str, rel: str) -> Iterator[Rule]:
    """A noun phrase of any gender and number."""
    for g, n in AGREEMENT:
        yield rule(2 if n == "s" else 1, "0", "0", NP(t, g, n, role, rel))
