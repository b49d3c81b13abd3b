"""Editors and translators: the words that give a name its role, beside an author's name or inside a title."""

import re

import msgspec

from index.citations.people import Names, parse_names
from index.citations.reference import is_initial, sentence_breaks

# Editors and translators: the words that give a name its role, beside an author's name or inside a title.

_ROLES_WORD = r"(?:eds?|editors?|edited|trans|tr|transl|translators?|translated|comps?|compilers?|compiled|introd?|introduced)"
_WORDS = rf"{_ROLES_WORD}\.?(?:\s?(?:,|,?\s?and|&|/)\s?{_ROLES_WORD}\.?(?![^\W_]))*"
_ANY_ROLE = re.compile(r"(?<![^\W_])(?:ed|trans|tr|comp|intro)", re.IGNORECASE)
_AFTER_NAME = re.compile(rf"[.,]?\s{{0,9}}[\[(]?(?<![^\W_])({_WORDS})[\])]?[.,:]?(?=\s|$)", re.IGNORECASE)
_CLAUSE = re.compile(
    r"(?:^|(?<=[.,;?!”\"’)])\s+|[.,;]\s+|\s\(|\s(?:and|&)\s(?=(?:eds?\.|edited by|trans\.|transl\.|translated by)\s))"
    rf"((?:{_WORDS})(?:\s+by)?):?\s+",
    re.IGNORECASE,
)
_TRAILING = re.compile(rf",?\s[\[(]?({_WORDS})[\])]?[.,]?$", re.IGNORECASE)
_LAST_ROLE = 50
_CLAUSE_END = re.compile(r"[,.;)]|$")
_REACH = 200
_ROLES = (
    ("editor", re.compile(r"\bed", re.IGNORECASE)),
    ("translator", re.compile(r"\btr", re.IGNORECASE)),
    ("compiler", re.compile(r"\bcomp", re.IGNORECASE)),
)


class Contributors(msgspec.Struct, frozen=True):
    """Names in one or more roles, and where in the text their clause stands."""

    roles: tuple[str, ...]
    names: Names
    start: int
    end: int


def roles_of(words: str) -> tuple[str, ...]:
    """CSL variables for role words: "Trans. and Ed." gives editor and translator."""
    return tuple(role for role, pattern in _ROLES if pattern.search(words))


def leading_contributors(text: str) -> Contributors | None:
    """Names at the start of a reference that carry a role: "Shore, Steven, trans. …", "Lund and Uhl. Trans. and Ed. …"."""
    if not _ANY_ROLE.search(text, 2, _REACH):
        return None
    for found in _AFTER_NAME.finditer(text, 0, _REACH):
        if found.start() < 2 or not roles_of(found[1]):
            continue
        stop = text[found.start()] == "." and is_initial(text[: found.start()].rpartition(" ")[2])
        names = parse_names(text[: found.start() + stop].strip(" ,"))
        if names is None:
            return None
        return Contributors(roles_of(found[1]), names, 0, found.end())
    return None


def inner_contributors(text: str) -> Contributors | None:
    """The last clause such as "translated by Vera A. Storm" or "ed. J. Arch Rowe and Roberta Manley" inside a text."""
    last = None
    if not _ANY_ROLE.search(text):
        return None
    for found in _CLAUSE.finditer(text):
        if not roles_of(found[1]) or text[found.end() : found.end() + 1].islower():
            continue
        best = None
        for end in _CLAUSE_END.finditer(text, found.end()):
            names = parse_names(text[found.end() : end.start()])
            if names is not None and names.shape != "corporate":
                best = Contributors(roles_of(found[1]), names, found.start(), end.start())
            elif best is not None or end.start() - found.end() > 120:
                break
        last = best or last
    return last or _trailing_contributors(text)


def _trailing_contributors(text: str) -> Contributors | None:
    """Names that are a sentence of their own at the end of a text, with their role: "… The Notebook. Ann Crane, ed."."""
    found = _TRAILING.search(text, max(0, len(text) - _LAST_ROLE))
    breaks = list(sentence_breaks(text[: found.start()])) if found else []
    if found is None or not breaks or not roles_of(found[1]):
        return None
    names = parse_names(text[breaks[-1] : found.start()].strip(" ,"))
    if names is None or names.shape not in ("direct", "inverted"):
        return None
    return Contributors(roles_of(found[1]), names, breaks[-1], len(text))
