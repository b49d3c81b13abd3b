"""One person's name as a CSL style wants it: its particles found, its given names abbreviated, its parts in order.

Rules of CSL 1.0.2 ("Names", "Non-Western Names"); which of them a style asks for is the CSL processor's business.
"""

import re

import msgspec

from index.citations.csl import Person

_LATIN = re.compile(r"[^\W\d_\u1100-\u11ff\u2e80-\ua4cf\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]")
"""A letter of a script that puts a space between the parts of a name: any but Chinese, Japanese and Korean."""
_CLINGING = re.compile(r"([^\W\d_]{1,4}['’‐-])(?=[^\W\d_])")
"""A particle that a name begins with and no space follows: "d’Alembert", "al-Hamadi"."""
_SUFFIX = re.compile(r"(?:(?<!\s)\s++)?,\s*((?:[JS]r\.?|[IVX]+|Ph\.?\s?D\.?|M\.?D\.?|Esq\.?))$")
_CLINGS = ("'", "’", "-", "‐")


def split_particles(person: Person) -> Person:
    """The person with the particles that its names hold set apart: "de Gaulle", "Jean de", "al-Hamadi", "John, Jr."."""
    if person.literal or person.dropping_particle or person.non_dropping_particle:
        return person
    given, suffix = _without_suffix(person.given) if not person.suffix else (person.given, person.suffix)
    before, family = _leading(person.family)
    given, after = _trailing(given)
    return msgspec.structs.replace(
        person, family=family, given=given, suffix=suffix, non_dropping_particle=before, dropping_particle=after
    )


def _without_suffix(given: str) -> tuple[str, str]:
    found = _SUFFIX.search(given)
    return (given[: found.start()], found[1]) if found else (given, "")


def _leading(family: str) -> tuple[str, str]:
    """The small words before a family name that begins with a capital, and that name."""
    words = family.split()
    count = 0
    while count < len(words) - 1 and words[count].islower():
        count += 1
    rest = " ".join(words[count:])
    clinging = _CLINGING.match(rest)
    if clinging and clinging[1].islower():
        words[count:] = [clinging[1], rest[clinging.end() :]]
        count += 1
    rest = " ".join(words[count:])
    return (" ".join(words[:count]), rest) if count and rest[0].isupper() else ("", family)


def _trailing(given: str) -> tuple[str, str]:
    """Given names, and the small words after them."""
    words = given.split()
    count = len(words)
    while count > 1 and words[count - 1].islower():
        count -= 1
    return (" ".join(words[:count]), " ".join(words[count:])) if count < len(words) else (given, "")


def beside(*parts: str | None) -> str:
    """The parts with a space between them, but none after an apostrophe or a hyphen: "d’Alembert", "al-Hamadi"."""
    out = ""
    for part in filter(None, parts):
        out += part if not out or out.endswith(_CLINGS) else f" {part}"
    return out


def without_spaces(family: str, given: str) -> bool:
    """Whether a name is written in one piece, family name first, as in Chinese, Japanese and Korean letters."""
    return bool(family and given) and not _LATIN.search(family + given)


def initials(given: str, mark: str, *, hyphen: bool) -> str:
    """Given names as initials with ``mark`` after each: "Jean-Paul Marie" as "J.-P. M."; particles stay whole.

    Abbreviations of two letters ("Yu.", "Ph. D.") are initials already.
    """
    words = re.sub(r"(?<=\w\.)(?=[^\W\d_])", " ", given).split()
    written = [_initial(word, mark, hyphen=hyphen) for word in words]
    out = ""
    for word, short in zip(words, written, strict=True):
        small = word == word.lower() and word != word.upper()
        out += (" " if small and out and not out.endswith(" ") else "") + short + (" " if small else "")
    return out.strip()


def tidied(given: str, mark: str) -> str:
    """Given names written out, with ``mark`` after those that are initials: "J.R.R." and "J R R" as "J. R. R."."""
    words = re.sub(r"(?<=\b\w\.)(?=\w)", " ", given).split()
    return " ".join(
        f"{word[0]}{mark.strip()}" if re.fullmatch(r"[^\W\d_]\.?", word) and word[0].isupper() else word for word in words
    )


def _initial(word: str, mark: str, *, hyphen: bool) -> str:
    if word == word.lower() and word != word.upper():
        return word
    if re.fullmatch(r"[^\W\d_]{2,}\.", word):
        return f"{word[:-1]}{mark}"
    parts = [part for part in word.split("-") if part and part[0].isupper()]
    letters = [_letters(part) for part in parts]
    if not letters:
        return word
    return f"{mark.strip()}-".join(letters) + mark if hyphen else mark.join(letters) + mark


def _letters(word: str) -> str:
    """The initial of a name; one spelled with two capitals has both letters in it: "TSerendorj" is "Ts."."""
    double = re.match(r"([^\W\d_])([^\W\d_])[^\W\d_]", word)
    return word[0] + word[1].lower() if double and word[1].isupper() and word[2].islower() else word[0]
