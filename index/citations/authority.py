"""Which spellings name one author: "Strong, Anna L." and "Strong, Anna Louise"; "Иванов, Иван" and "Ivanov, Ivan".

Surnames must be the same once folded and written in Latin letters, and the given names must agree word for word or by
initial. Who could be two people ("A. Strong" beside Anna and Albert) stays apart, and so does a surname alone.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from index.citations.works import Name, names_agree
from index.text import words

_CYRILLIC = dict(
    zip(
        "абвгдеёжзийклмнопрстуфхцчшщъыьэюяіїєґў",
        "a b v g d e e zh z i i k l m n o p r s t u f kh ts ch sh shch  y  e iu ia i i ie g u".split(" "),
        strict=True,
    )
)
"""Latin letters for Cyrillic ones, as libraries write them (ALA-LC) but without ties and marks."""
_LATIN = str.maketrans(_CYRILLIC | {"ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i", "ß": "ss"})


class Author(msgspec.Struct, frozen=True):
    """An author in the fullest spelling, the other spellings, and how many excerpts cite him in any of them."""

    name: str
    spellings: tuple[str, ...]
    excerpts: int


def merge_authors(people: Iterable[tuple[Mapping[str, Any], int]]) -> list[Author]:
    """The authors of CSL names, each with the number of excerpts that give it; by name, whatever order they come in."""
    counts: defaultdict[str, int] = defaultdict(int)
    folded: dict[str, Name] = {}
    for person, excerpts in people:
        if written := _written(person):
            counts[written] += excerpts
            folded[written] = _folded(person)
    groups: list[list[str]] = []
    by_surname: defaultdict[str, list[list[str]]] = defaultdict(list)
    for spelling in sorted(folded, key=lambda one: (-len("".join(folded[one][1])), -len(one), one)):
        surname, given = folded[spelling]
        fitting = [
            group for group in by_surname[surname] if all(names_agree((folded[spelling],), (folded[one],)) for one in group)
        ]
        if given and len(fitting) == 1:
            fitting[0].append(spelling)
        else:
            groups.append([spelling])
            by_surname[surname].append(groups[-1])
    authors = [Author(group[0], tuple(sorted(group[1:])), sum(counts[one] for one in group)) for group in groups]
    return sorted(authors, key=lambda author: (author.name.casefold(), author.name))


def spelled_otherwise(value: str, authors: Iterable[Author]) -> tuple[str, ...]:
    """The other spellings of the authors that have all words of ``value`` in one of theirs."""
    wanted = set(words(value))
    found: dict[str, None] = {}
    for author in authors:
        spellings = (author.name, *author.spellings)
        if wanted and author.spellings and any(wanted <= set(words(one)) for one in spellings):
            found |= dict.fromkeys(spellings)
    return tuple(found)


def _written(person: Mapping[str, Any]) -> str:
    family = " ".join(filter(None, (person.get("non-dropping-particle"), person.get("family") or person.get("literal"))))
    given = " ".join(filter(None, (person.get("given"), person.get("dropping-particle"))))
    return ", ".join(filter(None, (family, given)))


def _folded(person: Mapping[str, Any]) -> Name:
    if person.get("literal") or not person.get("family"):
        return " ".join(_latin(str(person.get("literal") or person.get("given") or ""))), ()
    return " ".join(_latin(str(person["family"]))), tuple(_latin(str(person.get("given", "")).replace(".", ". ")))


def _latin(text: str) -> list[str]:
    """The words of a name in small Latin letters without marks."""
    lowered = unicodedata.normalize("NFC", text).lower().translate(_LATIN)
    return [word.translate(_LATIN) for word in words(lowered)]
