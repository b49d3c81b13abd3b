"""Who made a work: where the names at the start of a reference end, and the names that a word for a role stands beside."""

import re
from itertools import islice

import msgspec

from index.citations.imprints import cut_extent, is_city, is_region
from index.citations.people import MARKS_OF_NO_NAME, Names, holds_other_words, is_given, parse_names
from index.citations.reference import is_initial, sentence_breaks
from index.records import CslItem

# Where the names at the start of a reference end and its title begins.

_BOUNDARY = re.compile(r"[.,](?=\s)|\s(?=[“\"‘«„*_])|:(?=\s)")
_CLIPPED = re.compile(r"(?!(?:and|et|und|in|of|by|to|for|on|at|von|van|de|der|du|la|le) )[a-z]{1,3} [A-Z]")
_MOST_BOUNDARIES = 16
_AUTHORS_REACH = 260
_FEWEST = 1.0
_STRIP = " ,.;:"


class Authorship(msgspec.Struct, frozen=True):
    """Names and their roles (CSL variables), and the text after them; without names ``rest`` is the whole text."""

    rest: str
    names: Names | None = None
    roles: tuple[str, ...] = ()

    @property
    def shape(self) -> str:
        """The shape of the first name, "" without names."""
        return self.names.shape if self.names else ""

    def csl(self) -> CslItem:
        """The names as CSL fields, one for each role."""
        return {role: self.names.csl() for role in self.roles} if self.names else {}


def cut_authors(text: str) -> Authorship:
    """Cuts the names off the start of a reference.

    Every place where they could end is tried; the likeliest list of names that leaves a title wins, of
    equals the longest ("Rowe, J. Arch. Origins of …" is by J. Arch Rowe).
    """
    led = leading_contributors(text)
    if led is not None and text[led.end :].strip(_STRIP):
        return Authorship(text[led.end :].strip(), led.names, led.roles)
    best = Authorship(text)
    weight = _FEWEST
    for boundary in islice(_BOUNDARY.finditer(text, 0, _reach_of_names(text)), _MOST_BOUNDARIES):
        before = text[: boundary.end()].strip()
        if not MARKS_OF_NO_NAME.isdisjoint(before):
            break
        names = parse_names(before)
        if names is None or names.weight < weight or is_place(names) or (boundary[0] == ":" and names.shape != "inverted"):
            continue
        following = text[boundary.end() :].strip()
        if _holds_title(following):
            best, weight = Authorship(following, names, ("author",)), names.weight
    return best


def _reach_of_names(text: str) -> int:
    """How far the names at the start of a text can reach: to the end of the first sentence with a word that no name holds."""
    start = 0
    for end in sentence_breaks(text[:_AUTHORS_REACH]):
        if holds_other_words(text[start:end]) and not text.startswith("United"):
            return end + 1
        start = end
    return _AUTHORS_REACH


def read_authors(text: str) -> Authorship | None:
    """The names and roles a text wholly consists of, or None."""
    led = leading_contributors(f"{text} ")
    if led is not None:
        return None if text[led.end :].strip(_STRIP) else Authorship("", led.names, led.roles)
    names = parse_names(text)
    return Authorship("", names, ("author",)) if names else None


def leaves_title(text: str, *, strictly: bool) -> bool:
    """Whether a text holds more than names: the rule that keeps an imprint from swallowing the title.

    Not ``strictly``, two words that may be a name may also be a title ("Anna Karenina. New York: …").
    """
    text = text.strip(_STRIP)
    if not text:
        return False
    names = parse_names(text)
    if names is None:
        led = leading_contributors(f"{text} ")
        return led is None or bool(text[led.end :].strip(_STRIP))
    if strictly:
        return (names.shape == "surnames" and len(names.people) == 1) or (names.shape == "corporate" and names.weight < _FEWEST)
    return names.shape != "inverted" or not _is_surely_given(names.people[0]["given"])


def _holds_title(text: str) -> bool:
    return starts_title(text) and cut_extent(f"– {text.rstrip(_STRIP)}").rest.strip(" –") != ""


def starts_title(text: str) -> bool:
    """Whether a text could begin a title: a capital, a digit, an opening mark, or one clipped word before a capital."""
    return bool(text) and (
        text[0].isupper()
        or text[0].isdigit()
        or _is_caseless(text[0])
        or text[0] in "“\"‘«„'([…¿¡*_"
        or _CLIPPED.match(text) is not None
    )


def _is_caseless(letter: str) -> bool:
    """Whether a letter is of a script without capitals (Chinese, Japanese, Korean, Arabic, Hebrew)."""
    return letter.isalpha() and letter.lower() == letter.upper()


def is_place(names: Names) -> bool:
    """Whether what looks like one surname is a listed place ("Vienna, 1913")."""
    only = names.people[0].get("family", "") if len(names.people) == 1 and names.shape == "surnames" else ""
    return is_city(only) or is_region(only)


def _is_surely_given(name: str) -> bool:
    """Whether nothing of a given name could be a title, as "Norway" could in "Moss, B. Norway"."""
    first, last = name.split(maxsplit=1)[0], name.rsplit(maxsplit=1)[-1]
    return is_given(first) or is_initial(last.rstrip("."))


# Editors and translators: the words that give a name its role, beside an author's name or inside a title.

_ROLES_WORD = r"(?:eds?|editors?|edited|trans|tr|transl|translators?|translated|comps?|compilers?|compiled|introd?|introduced)"
_WORDS = rf"{_ROLES_WORD}\.?(?:\s?(?:,|,?\s?and|&|/)\s?{_ROLES_WORD}\.?(?![^\W_])){{0,4}}"
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
