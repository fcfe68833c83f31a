"""The verb with everything that clings to it: auxiliary, negation, object pronoun, adverb.

Both languages keep these together in a statement, in different orders: "did not see him" is "ne l'a
pas vu".

Modes pair an English form with a French one: ``pres`` reads/lit, ``prog`` is reading/lit, ``past``
read/a lu (a state: loved/aimait), ``pastprog`` was reading/lisait, ``fut`` will read/lira, ``wfut``
(after "when") reads/lira, ``inf`` read/lire.
"""

from collections.abc import Iterator

from course.data.grammar.auxiliaries import (
    ADVERBS,
    CLITICS,
    POLARITY,
    REFLEXIVE,
    english_auxiliary,
    french_order,
    french_tense,
)
from course.data.grammar.morphology import SLOT, Conjugation, agree, conjugate
from course.data.grammar.rules import Rule, Symbol, production, rule, word
from course.data.grammar.verbs import ALL_VERBS


def group(
    frame: str,
    s: str,
    mode: str,
    pols: str,
    p: int,
    n: str,
    g: str,
    clitic: str = "",
    before: str = "",
    q: bool = False,
) -> Symbol:
    """The symbol of a verb group, without the features that make no difference to it."""
    if mode != "past":
        g, before = "m", ""
    return VG(frame, s, mode, pols, p, n, g, clitic, before, q)


@production
def V(frame: str, s: str, en: str, fr: tuple, aux: str, refl: bool, kind: str) -> Iterator[Rule]:
    """A verb in a pair of forms; ``kind`` is state, event, progressive or any."""
    for verb in ALL_VERBS:
        if frame not in verb.takes or s not in verb.subjects or verb.reflexive != refl:
            continue
        if (aux and verb.aux != aux) or (kind != "any" and (kind == "state") != verb.state):
            continue
        if kind == "progressive" and not verb.progressive:
            continue
        if en == "finite base" and verb.en["base"] == verb.en["past"]:
            continue  # "they read": present or past? Only the past is kept.
        english = verb.en[en.removeprefix("finite ")]
        yield word(
            1,
            english,
            french_form(verb.fr, fr),
            tags=(("verb", verb.en["base"]), ("sentiment", verb.sentiment)),
        )


def french_form(verb: Conjugation, form: tuple) -> str:
    """Pick a form: ("present", 2), ("infinitive",) or ("participle", "f", "s")."""
    if form[0] == "participle":
        return agree(verb.participle, form[1], form[2])
    stored = getattr(verb, form[0])
    return stored if len(form) == 1 else stored[form[1]]


def _english(mode: str, p: int, n: str, pol: str, q: bool, obj: str) -> tuple[str, str]:
    """English template and the verb form it asks for.

    Its auxiliary stands elsewhere in a question (q).
    """
    third = p == 3 and n == "s"
    form = "ing" if mode in ("prog", "pastprog") else "base"
    front = []
    if not q and mode != "inf":
        bare = mode in ("pres", "past", "wfut") and pol != "not"
        if bare:
            form = "past" if mode == "past" else "third" if third else "finite base"
        else:
            front.append(f"{english_auxiliary(mode, p, n)}/0x")
    if pol:
        front += [f"{w}/n" for w in pol.split()]
    return " ".join([*front, "0", *(f"{w}/c" for w in obj.split())]), form


@production
def VG(
    frame: str,
    s: str,
    mode: str,
    pols: str,
    p: int,
    n: str,
    g: str,
    clitic: str,
    before: str,
    q: bool,
) -> Iterator[Rule]:
    """The verb group.

    ``before``: gender and number of a direct object that precedes (relative clause, "combien de").
    """
    if not any(frame in verb.takes and s in verb.subjects for verb in ALL_VERBS):
        return
    obj, pronoun, agreement = CLITICS.get(clitic, ("", "", ""))
    for pol, weight in POLARITY[pols]:
        if (
            mode in ("prog", "pastprog")
            and (pol in ADVERBS or pol == "never")
            or (pol in ADVERBS and mode == "inf")
        ):
            continue
        if pol == "no longer" and mode == "past":
            continue
        en, form = _english(mode, p, n, pol, q, obj)
        for refl in (False, True) if frame == "-" else (False,):
            own = REFLEXIVE[SLOT[p, n]] if refl else ""
            if mode == "inf":
                fr = french_order("", pol, pronoun, own, True)
                yield rule(weight, en, fr, V(frame, s, form, ("infinitive",), "", refl, "any"))
                continue
            if mode == "past":
                yield from _compound(
                    weight, en, form, pol, frame, s, p, n, g, pronoun, own, agreement or before
                )
            kind = {"past": "state", "prog": "progressive", "pastprog": "progressive"}.get(
                mode, "any"
            )
            fr = french_order("", pol, pronoun, own, False)
            yield rule(
                weight, en, fr, V(frame, s, form, (french_tense(mode), SLOT[p, n]), "", refl, kind)
            )


def _compound(
    weight: float,
    en: str,
    form: str,
    pol: str,
    frame: str,
    s: str,
    p: int,
    n: str,
    g: str,
    pronoun: str,
    own: str,
    agreement: str,
) -> Iterator[Rule]:
    """Passé composé.

    With être the participle agrees with the subject, with avoir with an object that precedes.
    """
    for aux in ("avoir", "être"):
        finite = conjugate(aux).present[SLOT[p, n]]
        ending = (g, n) if aux == "être" else tuple(agreement or "ms")
        fr = french_order(finite, pol, pronoun, own, False)
        yield rule(
            weight, en, fr, V(frame, s, form, ("participle", *ending), aux, bool(own), "event")
        )
