"""How words change form: French nouns, adjectives and verbs, English plurals and verbs.

Regular forms follow rules; exceptions are in the lexicon. Grammatical codes used everywhere: gender
``"m"``/``"f"``, number ``"s"``/``"p"``, person 1, 2, 3.
"""

from functools import cache
from typing import NamedTuple

IMPERFECT = ("ais", "ais", "ait", "ions", "iez", "aient")
FUTURE = ("ai", "as", "a", "ons", "ez", "ont")
SLOT = {(1, "s"): 0, (2, "s"): 1, (3, "s"): 2, (1, "p"): 3, (2, "p"): 4, (3, "p"): 5}


def french_plural(word: str) -> str:
    """The plural of a French noun or masculine adjective (bijoux and the like: see the lexicon)."""
    if word[-1] in "sxz":
        return word
    if word.endswith("al"):
        return word[:-2] + "aux"
    takes_x = word.endswith(("au", "eu")) and word != "bleu"
    return word + ("x" if takes_x else "s")


def french_feminine(word: str) -> str:
    """The feminine of a regular French adjective."""
    for ending, feminine in (
        ("e", "e"),
        ("eux", "euse"),
        ("er", "ère"),
        ("f", "ve"),
        ("on", "onne"),
        ("el", "elle"),
    ):
        if word.endswith(ending):
            return word[: -len(ending)] + feminine
    return word + "e"


def english_plural(word: str) -> str:
    """The plural of a regular English noun (of its last word)."""
    if word.endswith(("s", "x", "ch", "sh")):
        return word + "es"
    if word.endswith("y") and word[-2] not in "aeiou":
        return word[:-1] + "ies"
    return word + "s"


def english_third(base: str) -> str:
    """Third person singular present: the first word of ``base`` takes the ending ("wakes up")."""
    first, _, rest = base.partition(" ")
    form = {"have": "has", "go": "goes", "do": "does"}.get(first, english_plural(first))
    return f"{form} {rest}".strip()


DOUBLING = {"run", "swim", "sit", "get", "cut", "stop", "forget", "travel"}


def english_ing(base: str) -> str:
    """The -ing form."""
    first, _, rest = base.partition(" ")
    if first in DOUBLING and first != "travel":
        form = first + first[-1] + "ing"
    elif first.endswith("ie"):
        form = first[:-2] + "ying"
    elif first.endswith("e") and not first.endswith("ee"):
        form = first[:-1] + "ing"
    else:
        form = first + "ing"
    return f"{form} {rest}".strip()


class Conjugation(NamedTuple):
    """The forms of a French verb that the grammar uses; six persons each for the tenses."""

    infinitive: str
    present: tuple[str, ...]
    imperfect: tuple[str, ...]
    future: tuple[str, ...]
    participle: str


# infinitive: present (6 forms, or a regular model), future stem, past participle
IRREGULAR = {
    "être": ("suis es est sommes êtes sont", "ser", "été"),
    "avoir": ("ai as a avons avez ont", "aur", "eu"),
    "aller": ("vais vas va allons allez vont", "ir", "allé"),
    "venir": ("viens viens vient venons venez viennent", "viendr", "venu"),
    "revenir": ("reviens reviens revient revenons revenez reviennent", "reviendr", "revenu"),
    "partir": ("pars pars part partons partez partent", "partir", "parti"),
    "sortir": ("sors sors sort sortons sortez sortent", "sortir", "sorti"),
    "dormir": ("dors dors dort dormons dormez dorment", "dormir", "dormi"),
    "courir": ("cours cours court courons courez courent", "courr", "couru"),
    "offrir": ("offre offres offre offrons offrez offrent", "offrir", "offert"),
    "ouvrir": ("ouvre ouvres ouvre ouvrons ouvrez ouvrent", "ouvrir", "ouvert"),
    "lire": ("lis lis lit lisons lisez lisent", "lir", "lu"),
    "écrire": ("écris écris écrit écrivons écrivez écrivent", "écrir", "écrit"),
    "dire": ("dis dis dit disons dites disent", "dir", "dit"),
    "rire": ("ris ris rit rions riez rient", "rir", "ri"),
    "sourire": ("souris souris sourit sourions souriez sourient", "sourir", "souri"),
    "boire": ("bois bois boit buvons buvez boivent", "boir", "bu"),
    "croire": ("crois crois croit croyons croyez croient", "croir", "cru"),
    "voir": ("vois vois voit voyons voyez voient", "verr", "vu"),
    "savoir": ("sais sais sait savons savez savent", "saur", "su"),
    "devoir": ("dois dois doit devons devez doivent", "devr", "dû"),
    "pouvoir": ("peux peux peut pouvons pouvez peuvent", "pourr", "pu"),
    "vouloir": ("veux veux veut voulons voulez veulent", "voudr", "voulu"),
    "prendre": ("prends prends prend prenons prenez prennent", "prendr", "pris"),
    "comprendre": (
        "comprends comprends comprend comprenons comprenez comprennent",
        "comprendr",
        "compris",
    ),
    "connaître": (
        "connais connais connaît connaissons connaissez connaissent",
        "connaîtr",
        "connu",
    ),
    "suivre": ("suis suis suit suivons suivez suivent", "suivr", "suivi"),
    "traduire": ("traduis traduis traduit traduisons traduisez traduisent", "traduir", "traduit"),
    "peindre": ("peins peins peint peignons peignez peignent", "peindr", "peint"),
    "faire": ("fais fais fait faisons faites font", "fer", "fait"),
    "pleuvoir": ("pleus pleus pleut pleuvons pleuvez pleuvent", "pleuvr", "plu"),
}
# -er verbs whose stem changes before a mute ending; the flag says whether the future changes too.
WEAK_STEM = {
    "acheter": ("achèt", True),
    "appeler": ("appell", True),
    "nettoyer": ("nettoi", True),
    "préférer": ("préfèr", False),
    "espérer": ("espèr", False),
    "promener": ("promèn", True),
    "envoyer": ("envoi", False),
    "répéter": ("répèt", False),
    "lever": ("lèv", True),
    "célébrer": ("célèbr", False),
}


@cache
def conjugate(infinitive: str) -> Conjugation:
    """Conjugate a French verb."""
    if infinitive in IRREGULAR:
        present, future, participle = IRREGULAR[infinitive]
        forms = tuple(present.split())
    else:
        forms, future, participle = _regular(infinitive)
    nous = forms[3]
    stem = {"être": "ét"}.get(infinitive, nous[:-3])
    imperfect = tuple(_soft(stem, e) for e in IMPERFECT)
    return Conjugation(infinitive, forms, imperfect, tuple(future + e for e in FUTURE), participle)


def _soft(stem: str, ending: str) -> str:
    """Undo the softening letter of "mangeons" and "commençons" before i."""
    if ending[0] == "i":
        if stem.endswith("ge"):
            stem = stem[:-1]
        elif stem.endswith("ç"):
            stem = stem[:-1] + "c"
    return stem + ending


def _regular(infinitive: str) -> tuple[tuple[str, ...], str, str]:
    stem, ending = infinitive[:-2], infinitive[-2:]
    if ending == "er":
        weak, in_future = WEAK_STEM.get(infinitive, (stem, True))
        strong = (
            stem + "e" if stem.endswith("g") else stem[:-1] + "ç" if stem.endswith("c") else stem
        )
        forms = (weak + "e", weak + "es", weak + "e", strong + "ons", stem + "ez", weak + "ent")
        future = "enverr" if infinitive == "envoyer" else (weak if in_future else stem) + "er"
        return forms, future, stem + "é"
    if ending == "ir":
        forms = tuple(stem + e for e in ("is", "is", "it", "issons", "issez", "issent"))
        return forms, infinitive, stem + "i"
    forms = tuple(stem + e for e in ("s", "s", "", "ons", "ez", "ent"))
    return forms, infinitive[:-1], stem + "u"


def agree(participle: str, gender: str, number: str) -> str:
    """A past participle with its agreement.

    Vu, vue, vus, vues (pris, mis keep their s in the plural).
    """
    if gender == "f":
        participle = {"dû": "du"}.get(participle, participle) + "e"
    return participle + "s" if number == "p" and participle[-1] != "s" else participle
