"""Writing a derivation in both languages, with the links between its words."""

from collections.abc import Sequence

from course.data.grammar.rules import CROSSING, LEAF, PLAIN, Derivation, Template

# Shared pairs: making one for each link would keep the garbage collector busy.
LINKS = [[(i, j) for j in range(256)] for i in range(160)]


def write(derivation: Derivation) -> tuple[list[str], list[str], list[tuple[int, int]]]:
    """Write a derivation: underlying English words, underlying French words, links."""
    en: list = []
    fr: list = []
    links: list[tuple[int, int]] = []
    _write(derivation, en, fr, links)
    return en, fr, links


def _write(derivation: Derivation, en: list, fr: list, links: list[tuple[int, int]]) -> None:
    r, children = derivation
    t: Template = r.template
    if t.kind == LEAF:
        i, j = len(en), len(fr)
        en += t.en
        fr += t.fr
        for a, b in t.links:
            links.append(LINKS[i + a][j + b])
    elif t.kind == PLAIN:
        for child in children:
            t = child[0].template
            if t.kind == LEAF:  # most are: written here, for speed
                i, j = len(en), len(fr)
                en += t.en
                fr += t.fr
                for a, b in t.links:
                    links.append(LINKS[i + a][j + b])
            else:
                _write(child, en, fr, links)
    elif t.kind == CROSSING:
        _write_crossing(t, children, en, fr, links)
    else:
        _write_monotone(t, children, en, fr, links)


def _write_monotone(
    t: Template, children: Sequence[Derivation], en: list, fr: list, links: list
) -> None:
    spans_en, spans_fr = [0] * len(t.en), [0] * len(t.fr)
    ends_en, ends_fr = spans_en[:], spans_fr[:]
    j = 0
    for i, item in enumerate(t.en):
        spans_en[i] = len(en)
        if isinstance(item, int):
            while t.fr[j] != item:
                spans_fr[j] = len(fr)
                fr.append(t.fr[j])
                j += 1
            spans_fr[j] = len(fr)
            _write(children[item], en, fr, links)
            ends_en[i], ends_fr[j] = len(en), len(fr)
            j += 1
        else:
            en.append(item)
    for k in range(j, len(t.fr)):
        spans_fr[k] = len(fr)
        fr.append(t.fr[k])
    _link(t, spans_en, ends_en, spans_fr, ends_fr, links)


def _write_crossing(
    t: Template, children: Sequence[Derivation], en: list, fr: list, links: list
) -> None:
    parts = [write(child) for child in children]
    spans_en, ends_en, at_en = _lay(t.en, [p[0] for p in parts], en)
    spans_fr, ends_fr, at_fr = _lay(t.fr, [p[1] for p in parts], fr)
    for k, part in enumerate(parts):
        i, j = at_en[k], at_fr[k]
        for a, b in part[2]:
            links.append(LINKS[i + a][j + b])
    _link(t, spans_en, ends_en, spans_fr, ends_fr, links)


def _lay(
    items: tuple, parts: list[list[str]], out: list[str]
) -> tuple[list[int], list[int], dict[int, int]]:
    starts, ends, at = [], [], {}
    for item in items:
        starts.append(len(out))
        if isinstance(item, int):
            at[item] = len(out)
            out += parts[item]
            ends.append(len(out))
        else:
            out.append(item)
            ends.append(0)
    return starts, ends, at


def _link(
    t: Template, starts_en, ends_en, starts_fr, ends_fr, links: list[tuple[int, int]]
) -> None:
    """Add the links of a rule's own words; a child stands for all its words."""
    for i, j in t.links:
        if j < 0:  # the last word of the child
            links.append(LINKS[ends_en[i] - 1][starts_fr[~j]])
        elif ends_en[i]:
            links += [LINKS[k][starts_fr[j]] for k in range(starts_en[i], ends_en[i])]
        elif ends_fr[j]:
            links += [LINKS[starts_en[i]][k] for k in range(starts_fr[j], ends_fr[j])]
        else:
            links.append(LINKS[starts_en[i]][starts_fr[j]])
