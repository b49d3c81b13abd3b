"""DOI and ISBN as a document itself prints them, on its first pages; they are shown, and never looked up."""

import re
from collections.abc import Sequence

from msgspec.structs import replace

from index.records import CslItem, DocumentCitation, Place

_DOI = re.compile(r"\b10\.[0-9]{4,9}/[^\s\"<>]+[^\s\"<>.,;:)\]]")
_ISBN = re.compile(r"\bISBN(?:[-‐– ]?1[03])?\s*(?:\([^()\n]{1,30}\))?\s*:?\s*(?P<number>[0-9][0-9 ‐–-]{8,16}[0-9Xx])")
_HEAD = 3_000
"""Characters of a document without pages in which its own DOI stands."""

_FIRST_PAGES = 4
"""Pages on which the title page and the imprint of a book stand."""

_LONGEST_HEAD = 12_000
_MOST_NUMBERS = 3
"""Numbers of one book: bound, paperback, electronic. More are those of other books."""

_GIVEN = ("its metadata", "its title", "its file name")


def with_identifiers(own: DocumentCitation | None, text: str, places: Sequence[Place] = ()) -> DocumentCitation | None:
    """The document's own citation with the DOI and ISBN that its first pages print, where nobody stated what it is cited by."""
    if own is None or own.origin not in _GIVEN:
        return own
    found = {name: value for name, value in identifiers_in(text, places).items() if name not in own.csl}
    return replace(own, csl={**own.csl, **found}, origin=f"{own.origin} and its first pages") if found else own


def identifiers_in(text: str, places: Sequence[Place] = ()) -> CslItem:
    """The DOI and ISBN printed at the beginning of a text, as fields of a CSL item; {} for none.

    A DOI counts where it is the only one on the first page, else the only one on the first four; several may be those of other
    works. Without pages the first 3,000 characters are the first page.
    """
    pages = [place.start for place in places if place.kind == "page"][1 : _FIRST_PAGES + 1]
    heads = [text[: min(end, _LONGEST_HEAD)] for end in (pages[:1] or [_HEAD]) + (pages[-1:] or [_HEAD])]
    dois = [{found.rstrip(").").casefold(): found for found in _DOI.findall(head)} for head in heads]
    doi = next((next(iter(found.values())) for found in dois if len(found) == 1), "")
    isbns = _isbns(heads[-1] if pages else text[:_LONGEST_HEAD])
    return {**({"DOI": doi} if doi else {}), **({"ISBN": " ".join(isbns)} if isbns else {})}


def _isbns(head: str) -> list[str]:
    numbers = dict.fromkeys(
        re.sub(r"[^0-9X]", "", found["number"].upper()) for found in _ISBN.finditer(head) if is_isbn(found["number"])
    )
    return [*numbers] if len(numbers) <= _MOST_NUMBERS else []


def is_isbn(written: str) -> bool:
    """Whether the check digit of ten or thirteen digits is right (ISO 2108)."""
    digits = [10 if sign == "X" else int(sign) for sign in re.sub(r"[^0-9X]", "", written.upper())]
    if len(digits) == 10 and 10 not in digits[:-1]:
        return sum(digit * weight for digit, weight in zip(digits, range(10, 0, -1), strict=True)) % 11 == 0
    return len(digits) == 13 and 10 not in digits and sum(digit * (1, 3)[at % 2] for at, digit in enumerate(digits)) % 10 == 0
