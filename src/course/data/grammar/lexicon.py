"""Nouns, names, adjectives and determiners, with gender, forms and what they can be said of.

*Types* keep sentences sensible: a verb or an adjective names the types it goes with. ``per``
people, ``kin`` relatives, ``ani`` animals, ``obj`` things one carries, ``furn`` furniture, ``veh``
vehicles, ``text`` what is read, ``food`` counted food, ``meal``/``drink`` mass nouns; places by
preposition: ``room`` (in), ``at`` (at), ``bldg`` (buildings) and ``site`` (in front of, behind,
near).

English nouns for people that show no gender ("friend", "teacher") are rendered by the French
masculine.
"""

from typing import NamedTuple

from course.data.grammar.morphology import english_plural, french_feminine, french_plural


class Noun(NamedTuple):
    """A noun: singular and plural on both sides, French gender, types."""

    en: tuple[str, str]
    fr: tuple[str, str]
    gender: str
    types: frozenset[str]


class Adjective(NamedTuple):
    """An adjective.

    ``fr`` maps (gender, number) to its form; ``before`` says whether it precedes the noun.
    """

    en: str
    fr: dict[tuple[str, str], str]
    types: frozenset[str]
    before: bool
    sentiment: int


# english[/plural] french[/plural] gender; underscores stand for spaces in English
NOUNS = {
    "per": "man/men homme m, woman/women femme f, boy garçon m, girl fille f, "
    "child/children enfant m, "
    "king roi m, queen reine f, actor acteur m, actress actrice f, waiter serveur m, "
    "waitress serveuse f, "
    "prince prince m, princess princesse f",
    "per pro": "doctor médecin m, teacher professeur m, friend ami m, neighbour voisin m, "
    "student étudiant m, "
    "artist artiste m, farmer fermier m, baker boulanger m, nurse infirmière f, writer écrivain m, "
    "tourist touriste m, engineer ingénieur m, singer chanteur m, lawyer avocat m",
    "kin one": "mother mère f, father père m, grandmother grand-mère/grands-mères f, "
    "grandfather grand-père/grands-pères m",
    "kin": "brother frère m, sister sœur f, son fils m, daughter fille f, "
    "uncle oncle m, aunt tante f, cousin cousin m, nephew neveu m, niece nièce f",
    "ani": "dog chien m, cat chat m, horse cheval m, bird oiseau m, rabbit lapin m, "
    "cow vache f, donkey âne m, "
    "duck canard m, goat chèvre f, mouse/mice souris f, hen poule f, animal animal m, pig cochon m",
    "ani wild": "wolf/wolves loup m, bear ours m, lion lion m, lioness lionne f",
    "obj": "key clé f, bag sac m, umbrella parapluie m, gift cadeau m, jewel bijou/bijoux m, "
    "painting tableau m, "
    "knife/knives couteau m, box boîte f",
    "obj wear": "hat chapeau m, coat manteau m, dress robe f, shirt chemise f, "
    "scarf/scarves écharpe f, skirt jupe f",
    "obj frail": "watch montre f, toy jouet m, plate assiette f, glass verre m, "
    "phone téléphone m, bottle bouteille f, "
    "camera appareil_photo/appareils_photo m, lamp lampe f, computer ordinateur m",
    "furn": "table table f, chair chaise f, bed lit m, armchair fauteuil m, desk bureau m, "
    "wardrobe armoire f",
    "veh": "car voiture f, bike vélo m, boat bateau m, truck camion m, motorbike moto f, "
    "van camionnette f",
    "text work": "book livre m, novel roman m, poem poème m, story histoire f, article article m",
    "text mail": "letter lettre f, message message m, email courriel m",
    "text": "newspaper journal m",
    "food": "apple pomme f, egg œuf m, orange orange f, pear poire f, tomato/tomatoes tomate f, "
    "carrot carotte f, strawberry fraise f, banana banane f, onion oignon m, cake gâteau m, "
    "sandwich sandwich m",
    "meal": "bread pain m, cheese fromage m, butter beurre m, chocolate chocolat m",
    "meal dish": "soup soupe f, meat viande f, rice riz m, salad salade f",
    "drink": "wine vin m, juice jus m, beer bière f, lemonade limonade f",
    "drink warm": "water eau f, milk lait m, coffee café m, tea thé m",
    "room home": "kitchen cuisine f, bedroom chambre f, living_room salon m, "
    "garage garage m, office bureau m",
    "room out": "street rue f, forest forêt f, village village m, courtyard cour f, "
    "field champ m, barn grange f",
    "room bldg sight": "castle château m, church église f, tower tour f",
    "room bldg home": "house maison f",
    "room site home out": "garden jardin m",
    "room site out": "park parc m",
    "at bldg": "school école f, hospital hôpital m, hotel hôtel m, restaurant restaurant m, "
    "library bibliothèque f, station gare f, cinema cinéma m, theatre théâtre m, "
    "bakery boulangerie f",
    "at bldg sight": "museum musée m",
    "at site": "market marché m, airport aéroport m",
    "bldg": "bridge pont m, fountain fontaine f, bank banque f, shop magasin m, wall mur m",
    "site": "tree arbre m, river rivière f, lake lac m",
}
# english french types; french may give feminine/… ; a leading ^ puts it before the noun, + or -
# is its sentiment
ADJECTIVES = (
    "^big grand ani,veh,obj,furn,room,at,bldg,site; "
    "^small petit ani,veh,obj,furn,room,at,bldg,site,per; "
    "^beautiful+ beau|belle ani,veh,obj,room,at,bldg,site,per,text; "
    "^old vieux|vieille per,ani,veh,obj,furn,room,at,bldg,site,text; "
    "^new nouveau|nouvelle veh,obj,furn,at,pro,text; ^young jeune per,ani; "
    "^pretty+ joli obj,room,ani,bldg; "
    "^good+ bon|bonne text,food,meal,drink,pro; ^bad- mauvais text,meal,drink; "
    "^long long|longue work,mail; "
    "blue bleu obj,furn,veh,bldg; red rouge obj,furn,veh,bldg; green vert obj,furn,veh,bldg; "
    "white blanc|blanche obj,furn,veh,bldg,ani; black noir obj,furn,veh,ani; "
    "yellow jaune obj,furn,veh,bldg; "
    "grey gris obj,furn,veh,bldg,ani; brown marron| obj,furn,veh,ani; heavy lourd furn; "
    "expensive- cher obj,veh,furn,food; famous célèbre pro,sight; "
    "modern+ moderne veh,at,frail; clean+ propre veh,wear,home; "
    "dirty- sale veh,ani,wear,home; broken- cassé frail,furn; quiet+ tranquille room,at; "
    "interesting+ intéressant work,mail,sight; boring- ennuyeux text; funny+ drôle text,per; "
    "sad- triste text,per,kin; "
    "happy+ heureux per,kin; tired- fatigué per,kin,ani; kind+ gentil|gentille per,kin; "
    "intelligent+ intelligent per,kin,ani; "
    "polite+ poli per,kin; brave+ courageux per,ani,kin; round rond furn; "
    "fresh+ frais|fraîche food; "
    "delicious+ délicieux food,meal; hot chaud dish,warm; cold froid dish,drink; "
    "original+ original work,obj; "
    "rich riche per,kin; strange étrange text,ani; useful+ utile text,frail; "
    "dangerous- dangereux wild; "
    "empty vide at; shy timide per,kin"
)
# said only after "to be": they would mean something else, or sound odd, beside the noun
PREDICATE_ONLY = (
    "tall grand per,kin; ill- malade per,kin,ani; ready+ prêt per,kin; "
    "late- en_retard| per,kin; alone- seul per,kin; poor- pauvre per,kin"
)
COLOURS = {"blue", "red", "green", "white", "black", "yellow", "grey", "brown"}
MALE = "Paul Pierre Hugo Thomas Louis Martin Lucas Nicolas Antoine Daniel".split()
FEMALE = "Marie Julie Claire Sophie Alice Emma Nathalie Louise Anne Isabelle".split()
CITIES = {
    "Paris": "Paris",
    "Lyon": "Lyon",
    "London": "Londres",
    "Brussels": "Bruxelles",
    "Rome": "Rome",
    "Geneva": "Genève",
    "Montreal": "Montréal",
    "Marseille": "Marseille",
    "Lisbon": "Lisbonne",
    "Vienna": "Vienne",
}
COUNTRIES = {
    "France": "en France",
    "Italy": "en Italie",
    "Spain": "en Espagne",
    "Canada": "à le Canada",
    "Japan": "à le Japon",
    "Belgium": "en Belgique",
    "Portugal": "à le Portugal",
    "Germany": "en Allemagne",
}
NUMBERS = {
    "two": "deux",
    "three": "trois",
    "four": "quatre",
    "five": "cinq",
    "six": "six",
    "seven": "sept",
    "eight": "huit",
    "nine": "neuf",
    "ten": "dix",
    "eleven": "onze",
    "twelve": "douze",
}
# English possessive: French masculine, feminine, plural (the written form before a vowel is the
# surface's business)
POSSESSIVES = {
    "my": "mon ma mes",
    "your": "ton ta tes",
    "his": "son sa ses",
    "her": "son sa ses",
    "our": "notre notre nos",
    "their": "leur leur leurs",
}


def _nouns() -> list[Noun]:
    made = []
    for types, line in NOUNS.items():
        for entry in line.split(", "):
            en, fr, gender = entry.split()
            en_one, _, en_many = en.replace("_", " ").partition("/")
            fr_one, _, fr_many = fr.replace("_", " ").partition("/")
            en_forms = (en_one, en_many or english_plural(en_one))
            made.append(
                Noun(
                    en_forms,
                    (fr_one, fr_many or french_plural(fr_one)),
                    gender,
                    frozenset(types.split()),
                )
            )
    return made


def _adjective(en: str, fr: str, types: str) -> Adjective:
    before = en.startswith("^")
    sentiment = 1 if en.endswith("+") else -1 if en.endswith("-") else 0
    masculine, bar, feminine = fr.replace("_", " ").partition("|")
    forms = [masculine, french_plural(masculine), feminine or french_feminine(masculine)]
    forms.append(forms[2] + "s")
    if bar and not feminine:  # invariable
        forms = [masculine] * 4
    keys = (("m", "s"), ("m", "p"), ("f", "s"), ("f", "p"))
    return Adjective(
        en.strip("^+-"),
        dict(zip(keys, forms, strict=True)),
        frozenset(types.split(",")),
        before,
        sentiment,
    )


def _adjectives(table: str) -> list[Adjective]:
    return [_adjective(*entry.split()) for entry in table.split("; ")]


ALL_NOUNS = _nouns()
ALL_ADJECTIVES = _adjectives(ADJECTIVES)
ALL_PREDICATES = _adjectives(PREDICATE_ONLY)
