"""Verbs: forms on both sides, who does them, and to what.

Columns of a row: English base, English past, French infinitive, subjects (h people, a animals),
what it takes, flags.

It takes `-` (nothing), `@` (nothing, but perhaps a place), `~` (a manner adverb suits it too), a
list of noun types, `to` + types (French à and the dative pronoun), `give` (a thing and a person).

Flags: e = conjugated with être, r = reflexive, s = a state (no English progressive; its past is the
French imparfait), n = no progressive, F and S = may come first or second of two verbs with one
object ("buys the car and washes it"), + and - = its sentiment.
"""

from typing import NamedTuple

from course.data.grammar.morphology import Conjugation, conjugate, english_ing, english_third

_ROWS = """
sing;sang;chanter;h;~;+
dance;danced;danser;h;@;+
sleep;slept;dormir;ha;@;
work;worked;travailler;h;~;
smile;smiled;sourire;h;-;+
laugh;laughed;rire;h;-;+
cry;cried;pleurer;h;@;-
wait;waited;attendre;h;@;
swim;swam;nager;ha;~;
walk;walked;marcher;ha;~;
run;ran;courir;ha;~;
eat;ate;manger;ha;~;
play;played;jouer;ha;@;
cook;cooked;cuisiner;h;@;
travel;travelled;voyager;h;@;
arrive;arrived;arriver;ha;-;e
leave;left;partir;h;-;e
fall;fell;tomber;ha;-;e-
rest;rested;se reposer;ha;@;er
wake up;woke up;se réveiller;ha;-;er
get up;got up;se lever;h;-;er
hurry;hurried;se dépêcher;h;-;er
read;read;lire;h;text,work,mail;S
write;wrote;écrire;h;work,mail;
translate;translated;traduire;h;work,mail;S
understand;understood;comprendre;h;text,kin;s
eat;ate;manger;h;food,meal;S
eat;ate;manger;a;food;
prepare;prepared;préparer;h;dish;
drink;drank;boire;h;drink;
buy;bought;acheter;h;wear,frail,obj,furn,veh,text,work,food,meal,drink;F
sell;sold;vendre;h;obj,furn,veh,text,food,frail;S
choose;chose;choisir;h;wear,obj,furn,veh,text,food;F
find;found;trouver;h;obj,frail,text,mail,work,per,ani;Fn
look for;looked for;chercher;h;obj,text,per,kin,name,ani;
lose;lost;perdre;h;obj,text,mail;S-
take;took;prendre;h;obj,wear,frail,text,food;F
bring;brought;apporter;h;wear,obj,text,food,meal,drink;
break;broke;casser;h;frail;S-
carry;carried;porter;h;wear,obj;
wash;washed;laver;h;veh,wear,food;S
repair;repaired;réparer;h;furn,veh,frail;S
paint;painted;peindre;h;furn,bldg;
draw;drew;dessiner;h;ani,veh,bldg;S
clean;cleaned;nettoyer;h;home,furn,veh;S
leave;left;quitter;h;room,at,CITY;
visit;visited;visiter;h;sight,CITY;
see;saw;voir;h;per,kin,name,ani,veh,bldg,site,sight,obj;n
see;saw;voir;a;ani,per,food;n
watch;watched;regarder;ha;ani,per,kin,name;
follow;followed;suivre;ha;per,kin,name,ani;
hear;heard;entendre;ha;per,name,ani;n
love;loved;aimer;h;per,kin,name,ani,CITY,text;s+
hate;hated;détester;h;per,kin,name,ani,text;s-
know;knew;connaître;h;per,kin,name,CITY;s
meet;met;rencontrer;h;per,kin,name;
help;helped;aider;h;per,kin,name;+
invite;invited;inviter;h;per,kin,name;+
call;called;appeler;h;per,kin,name;
thank;thanked;remercier;h;per,kin,name;+
listen to;listened to;écouter;h;per,kin,name;
wait for;waited for;attendre;h;per,kin,name;
feed;fed;nourrir;h;ani;
have;had;avoir;h;obj,veh,ani,text,furn;s
speak;spoke;parler;h;to per,kin,name;
answer;answered;répondre;h;direct-to per,kin,name;
give;gave;donner;h;give obj,text,food;
show;showed;montrer;h;give obj,text,veh;
send;sent;envoyer;h;give mail;
offer;offered;offrir;h;give obj,text;
lend;lent;prêter;h;give obj,text,veh;
bring;brought;apporter;h;give obj,text,food;
go;went;aller;h;GO;e
return;returned;retourner;h;GO;e
arrive;arrived;arriver;h;ARRIVE;e
stay;stayed;rester;ha;STAY;e
enter;entered;entrer;ha;ENTER;e
think;thought;penser;h;THAT;s
say;said;dire;h;THAT;
believe;believed;croire;h;THAT;s
know;knew;savoir;h;THAT;s
want to;wanted to;vouloir;h;INF;s
"""


class Verb(NamedTuple):
    """A verb; ``takes`` holds its frames: "-", "~", noun types, "to:per", "give:obj", "GO", ..."""

    en: dict[str, str]  # base, third, past, ing
    fr: Conjugation
    subjects: str
    takes: frozenset[str]
    aux: str  # avoir, être
    reflexive: bool
    state: bool
    progressive: bool
    sentiment: int


def _frames(text: str) -> frozenset[str]:
    head, space, types = text.partition(" ")
    if space:
        return frozenset(f"{head}:{t}" for t in types.split(","))
    inner = {"~": {"-", "@", "~"}, "@": {"-", "@"}}  # what suits a manner suits a place
    return frozenset(inner.get(text, text.split(",")))


def _verb(row: str) -> Verb:
    base, past, infinitive, subjects, takes, flags = row.split(";")
    infinitive = infinitive.removeprefix("se ")
    en = {"base": base, "third": english_third(base), "past": past, "ing": english_ing(base)}
    if base in ("can", "must"):
        en["third"] = base
    sentiment = ("+" in flags) - ("-" in flags)
    aux = "être" if "e" in flags else "avoir"
    frames = _frames(takes)
    for flag, name in (("F", "first"), ("S", "second")):
        if flag in flags:
            frames |= {f"{name}:{frame}" for frame in frames if ":" not in frame}
    progressive = "s" not in flags and "n" not in flags
    state = "s" in flags
    return Verb(
        en,
        conjugate(infinitive),
        subjects,
        frames,
        aux,
        "r" in flags,
        state,
        progressive,
        sentiment,
    )


ALL_VERBS = [_verb(row) for row in _ROWS.split("\n") if row]
