"""Clauses, lists of clauses, questions: everything above the verb phrase.

Tenses: ``pres``, ``past``, ``fut``; a sentence keeps one tense throughout, apart from relative clauses.
"""

from collections.abc import Iterator

from course.data.grammar.morphology import SLOT, conjugate
from course.data.grammar.nouns import ADJP, AGREEMENT, MASS, N, NP, PEOPLE, PLACE, THINGS, whereabouts
from course.data.grammar.predicates import ANIMATE, BEING, PRO, REASON, SPEAKERS, STATE, SUBJECTS, VP, actor
from course.data.grammar.rules import Rule, Symbol, production, rule, word
from course.data.grammar.verb_group import MODES, be, english_auxiliary, group

THIRD = tuple((PRO(3, n, g), 3, n, g) for n, g in (("s", "m"), ("s", "f"), ("p", "m")))
YOU_ALL = (PRO(2, "p", "m"), 2, "p", "m")
RELATIVE = {"pres": "pres", "past": "past", "fut": "pres"}
TENSES = ("pres", "past", "fut")
TIMES = {
    "pres": {"today": "aujourd'hui", "now": "maintenant", "this morning": "ce~ matin", "this evening": "ce~ soir"},
    "past": {"yesterday": "hier", "last week": "la semaine dernière", "this morning": "ce~ matin", "last year": "l'année dernière"},
    "fut": {"tomorrow": "demain", "next week": "la semaine prochaine", "this evening": "ce~ soir", "next year": "l'année prochaine"},
}  # fmt: skip


@production
def CL(tense: str, rel: str, pronouns: bool) -> Iterator[Rule]:
    """A clause; ``pronouns``: he, she and they may be its subject without an antecedent."""
    for mode, weight in MODES[tense]:
        for t in ANIMATE:
            for g, n in AGREEMENT:
                share = weight * (2 if n == "s" else 1) * (0.4 if t == "kin" else 1)
                subject = NP(t, g, n, "s", rel)
                yield rule(3 * share, "0 1", "0 1", subject, VP(actor(t), mode, 3, n, g, rel, False))
                if mode in BEINGS:
                    yield rule(0.5 * share, "0 1", "0 1", subject, BEING(t, mode, 3, n))
                    yield rule(0.5 * share, "0 1", "0 1", NP(t, g, n, "b", ""), STATE(t, mode, 3, n, g))
        for people in (("m", "m"), ("m", "f"), ("f", "f")):
            g = "f" if people == ("f", "f") else "m"
            vp = VP("h", mode, 3, "p", g, "", False)
            yield rule(0.7 * weight, "0 and/a 1 2", "0 et/a 1 2", *(NP("name", x, "s", "d", "") for x in people), vp)
        for subject, p, n, g in SPEAKERS + (THIRD + (YOU_ALL,) if pronouns else ()):
            yield rule(weight, "0 1", "0 1", subject, VP("h", mode, p, n, g, rel, False))
            if mode in BEINGS:
                yield rule(0.3 * weight, "0 1", "0 1", subject, STATE("per", mode, p, n, g))
        if mode in BEINGS:
            yield from _things(mode, weight, rel)
    yield from _there(tense)
    yield rule(0.3, "0", "0", WEATHER(tense))


BEINGS = ("pres", "past", "fut")  # the modes in which one is something: "is", never "is being"


def _things(mode: str, weight: float, rel: str) -> Iterator[Rule]:
    for t in (*THINGS, *MASS, "room", "at", "bldg"):
        for g, n in AGREEMENT:
            share = 0.3 * weight * (2 if n == "s" else 1)
            yield rule(share, "0 1", "0 1", NP(t, g, n, "b", ""), STATE(t, mode, 3, n, g))
            if t not in (*MASS, "room", "at", "bldg", "wear"):
                yield rule(share, "0 1", "0 1", NP(t, g, n, "s", rel), BEING(t, mode, 3, n))


def _there(tense: str) -> Iterator[Rule]:
    mode = MODES[tense][0][0]
    for t, where in (("veh", "veh"), ("ani", "a"), ("per", "h"), ("obj", "obj"), ("food", "obj")):
        for g, n in AGREEMENT:
            there = THERE(mode, n, False)
            yield rule(0.6, "0 1 2", "0 1 2", there, NP(t, g, n, "indef", ""), PLACE(where))
            yield rule(0.15, "0 1 2", "0 1 2", THERE(mode, n, True), NP(t, g, n, "none", ""), PLACE(where))


@production
def THERE(mode: str, n: str, negative: bool) -> Iterator[Rule]:
    """There is: il y a."""
    is_, a = {"pres": ("is" if n == "s" else "are", "a"), "past": ("was" if n == "s" else "were", "avait")}.get(
        mode, ("will be", "aura")
    )
    verb = " ".join(f"{w}/a" for w in is_.split())
    if negative:
        if mode != "fut":
            yield rule(1, f"there/a {verb} no/n", f"il/a ne/n y/a {a}/a pas/n de/n")
    else:
        yield rule(1, f"there/a {verb}", f"il/a y/a {a}/a")


@production
def WEATHER(tense: str) -> Iterator[Rule]:
    """It is raining."""
    pairs = {
        "pres": (("it is raining", "il pleut"), ("it is snowing", "il neige"), ("it is cold", "il fait froid")),
        "past": (("it was raining", "il pleuvait"), ("it was snowing", "il neigeait"), ("it was cold", "il faisait froid")),
        "fut": (("it will rain", "il pleuvra"), ("it will snow", "il neigera"), ("it will be cold", "il fera froid")),
        "if": (("it rains", "il pleut"), ("it snows", "il neige"), ("it is cold", "il fait froid")),
        "wpres": (("it rains", "il pleut"), ("it snows", "il neige")),
        "wpast": (("it rained", "il pleuvait"), ("it was cold", "il faisait froid")),
        "wfut": (("it rains", "il pleuvra"), ("it snows", "il neigera")),
    }
    for en, fr in pairs[tense]:
        it, *verb = en.split()
        il, *verbe = fr.split()
        yield rule(1, f"{it}/i " + " ".join(f"{w}/v" for w in verb), f"{il}/i " + " ".join(f"{w}/v" for w in verbe))


@production
def WHEN(tense: str) -> Iterator[Rule]:
    """When ...: English keeps the present for the future, French does not."""
    yield rule(2, "when/a 0", "quand/a 0", WEATHER("w" + tense))
    mode = {"pres": "pres", "past": "past", "fut": "wfut"}[tense]
    for subject, p, n, g in SUBJECTS:
        yield rule(1, "when/a 0 1", "quand/a 0 1", subject, group("-", "h", mode, "+", p, n, g, "", "", False))
    if tense == "fut":
        yield rule(2, "if/a 0", "si/a 0", WEATHER("if"))


@production
def BLOCK(tense: str, first: bool) -> Iterator[Rule]:
    """One clause, or a clause with its reason, its moment, or a thought."""
    yield rule(10, "0", "0", CL(tense, RELATIVE[tense], first))
    for mode, weight in MODES[tense]:
        for t in PEOPLE:
            for g, n in AGREEMENT:
                subject = NP(t, g, n, "d", "")
                yield rule(0.1 * weight, "0 1 2", "0 1 2", subject, VP("h", mode, 3, n, g, "", False), BECAUSE(tense, n, g))
    yield rule(1, "0 1", "0 1", CL(tense, "", first), WHEN(tense))
    yield rule(0.5, "0 because/a 1", "0 parce/a que/a 1", CL(tense, "", False), WEATHER(tense))
    mode = "past" if tense == "past" else "pres"  # one thinks today that it will rain
    for subject, p, n, g in (*SUBJECTS, *(THIRD if first else ())):
        verb = group("THAT", "h", mode, "", p, n, g, "", "", False)
        yield rule(0.2, "0 1 that/a 2", "0 1 que/a 2", subject, verb, EMBEDDED(tense))


@production
def BECAUSE(tense: str, n: str, g: str) -> Iterator[Rule]:
    """Because he is tired: the pronoun stands for the subject of the main clause."""
    mode = MODES[tense][0][0]
    yield rule(1, "because/a 0 1", "parce/a que/a 0 1", PRO(3, n, g), REASON(mode, 3, n, g))


@production
def EMBEDDED(tense: str) -> Iterator[Rule]:
    """What one thinks or says; after a past tense it is a state or an action in progress."""
    if tense != "past":
        for inner in ("pres", "past") if tense == "pres" else ("fut",):
            yield rule(1, "0", "0", CL(inner, RELATIVE[inner], False))
        return
    for mode in ("past", "pastprog"):
        for t in (*ANIMATE, *THINGS, "bldg"):
            for g, n in AGREEMENT:
                if mode == "past":
                    yield rule(2, "0 1", "0 1", NP(t, g, n, "b", "past"), STATE(t, "past", 3, n, g))
                    yield rule(1, "0 1", "0 1", NP(t, g, n, "d", "past"), BEING(t, "past", 3, n))
                elif t in ANIMATE:
                    yield rule(1, "0 1", "0 1", NP(t, g, n, "d", "past"), VP(actor(t), "pastprog", 3, n, g, "past", False))


@production
def LIST(tense: str, first: bool) -> Iterator[Rule]:
    """Two or more blocks."""
    yield rule(3, "0 and/a 1", "0 et/a 1", BLOCK(tense, first), BLOCK(tense, False))
    yield rule(1, "0 but/a 1", "0 mais/a 1", BLOCK(tense, first), BLOCK(tense, False))
    yield rule(2, "0 ,/c 1", "0 ,/c 1", BLOCK(tense, first), LIST(tense, False))


@production
def TIME(tense: str) -> Iterator[Rule]:
    """Yesterday, today, tomorrow."""
    for en, fr in TIMES[tense].items():
        yield word(1, en, fr.replace("l'", "la "))


@production
def TEXT(tense: str) -> Iterator[Rule]:
    """A statement without its mark."""
    yield rule(10, "0", "0", BLOCK(tense, True))
    yield rule(6, "0", "0", LIST(tense, True))
    yield rule(1, "0 ,/c 1", "0 ,/c 1", TIME(tense), BLOCK(tense, True))
    yield rule(0.7, "0 ,/c 1", "0 ,/c 1", TIME(tense), LIST(tense, True))
    yield rule(0.7, "0 ,/c 1", "0 ,/c 1", WHEN(tense), BLOCK(tense, False))
    yield rule(0.7, "0 ,/c 1", "0 ,/c 1", WHEN(tense), LIST(tense, False))


@production
def QUESTION() -> Iterator[Rule]:
    """A question without its mark."""
    for tense in TENSES:
        for mode, weight in MODES[tense]:
            for subject, p, n, g in (*SUBJECTS, *THIRD):
                yield from _asked(subject, mode, weight, p, n, g)
        for t in ("per", "kin", "name", "veh", "obj", "text", "food", "bldg", "ani"):
            for g, n in AGREEMENT:
                yield from _about(NP(t, g, n, "b", ""), t, MODES[tense][0][0], n, g)
    yield rule(20, "do/e you/u think/v that/t 0", "est-ce/e que/e tu/u penses/v que/t 0", THOUGHT())
    yield rule(10, "0 and/a 1", "0 et/a 1", ASKED_SHORT(), ASKED_SHORT())


@production
def ASKED_SHORT() -> Iterator[Rule]:
    """A question short enough to be joined with another."""
    for mode, weight in MODES["pres"] + MODES["past"]:
        for subject, p, n, g in SUBJECTS:
            auxiliary = english_auxiliary(mode, p, n)
            verb = VP("h", mode, p, n, g, "", True)
            yield rule(weight, f"{auxiliary}/e 0 1", "est-ce/e que/e 0 1", subject, verb)


@production
def THOUGHT() -> Iterator[Rule]:
    """What is asked about after "do you think that"."""
    for tense in TENSES:
        yield rule(1, "0", "0", BLOCK(tense, True))
        yield rule(1, "0", "0", LIST(tense, True))


def _asked(subject: Symbol, mode: str, weight: float, p: int, n: str, g: str) -> Iterator[Rule]:
    auxiliary = english_auxiliary(mode, p, n)
    verb = VP("h", mode, p, n, g, "", True)

    def asked(frame: str, before: str = "") -> Symbol:
        return group(frame, "h", mode, "", p, n, g, "", before, True)

    yield rule(3 * weight, f"{auxiliary}/e 0 1", "est-ce/e que/e 0 1", subject, verb)
    yield rule(weight, f"why/w {auxiliary}/e 0 1", "pourquoi/w est-ce/e que/e 0 1", subject, verb)
    yield rule(0.5 * weight, f"when/w {auxiliary}/e 0 1", "quand/w est-ce/e que/e 0 1", subject, verb)
    yield rule(0.5 * weight, f"where/w {auxiliary}/e 0 1", "où/w est-ce/e que/e 0 1", subject, asked("~"))
    for t in ("obj", "text", "food"):
        yield rule(0.5 * weight, f"what/w {auxiliary}/e 0 1", "que/w est-ce/e que/e 0 1", subject, asked(t))
        for gender in "mf":
            counted = N(t, gender, "p")
            yield rule(
                0.2 * weight, f"how/w many/w 0 {auxiliary}/e 1 2", "combien/w de/w 0 est-ce/e que/e 1 2",
                counted, subject, asked(t, gender + "p"),
            )  # fmt: skip
    yield rule(0.5 * weight, f"who/w {auxiliary}/e 0 1", "qui/w est-ce/e que/e 0 1", subject, asked("per"))


def _about(subject: Symbol, t: str, mode: str, n: str, g: str) -> Iterator[Rule]:
    etre = conjugate("être")
    if mode == "fut":
        fr = etre.future[SLOT[3, n]]
        yield rule(1, "will/v 0 be/v 1", f"est-ce/v que/v 0 {fr}/v 1", subject, ADJP(t, g, n))
        return
    fr = (etre.present if mode == "pres" else etre.imperfect)[SLOT[3, n]]
    en = be(mode, 3, n)
    yield rule(1, f"{en}/v 0 1", f"est-ce/v que/v 0 {fr}/v 1", subject, ADJP(t, g, n))
    yield rule(1, f"{en}/v 0 1", f"est-ce/v que/v 0 {fr}/v 1", subject, PLACE(whereabouts(t)))
    yield rule(2, f"where/w {en}/v 0", f"où/w {fr}/v 0", subject)


@production
def WHO(mode: str) -> Iterator[Rule]:
    """Who did it."""
    yield rule(3, "who/w 0", "qui/w 0", VP("h", mode, 3, "s", "m", "", False))
    yield rule(1, "who/w 0", "qui/w 0", STATE("per", mode, 3, "s", "m"))


@production
def ROOT() -> Iterator[Rule]:
    """A whole sentence."""
    for tense, weight in (("pres", 5), ("past", 4), ("fut", 2)):
        yield rule(weight, "0 ./p", "0 ./p", TEXT(tense), tags=(("tense", tense), ("kind", "statement")))
        for mode, share in MODES[tense]:
            yield rule(0.05 * share, "0 ?/p", "0 ?/p", WHO(mode), tags=(("kind", "question"),))
    yield rule(1.5, "0 ?/p", "0 ?/p", QUESTION(), tags=(("kind", "question"),))
