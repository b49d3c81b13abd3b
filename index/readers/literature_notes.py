"""Notes on one work: the fields that name it ("Author: …", "title:: …"), and which lines are the reader's own.

Exports of reading apps and notebooks name the work once, above its highlights; their marks are looked at, not their names.
"""

import re
from collections.abc import Iterator, Sequence

import msgspec

from index.citations.locators import parse_date
from index.citations.people import parse_names
from index.readers.attributions import place_only
from index.readers.blocks import Piece
from index.records import Citation, CslItem

_FIELD = re.compile(r"(?P<name>[A-Za-z][A-Za-z _-]{1,24}?)\s*(?:::|:)\s*(?P<value>\S.*)$")
_DATE_ONLY = re.compile(
    r"[(\[]?(?:\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}"
    r"|(?:\w{3,9},? )?\d{1,2}\.? \w{3,9},? \d{4}|(?:\w{3,9},? )?\w{3,9} \d{1,2}(?:st|nd|rd|th)?,? \d{4})"
    r"(?:,? (?:at )?\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?:\s?[AaPp]\.?[Mm]\.?)?)?[)\]]?$"
)
_TEXTS = {
    "title": "title", "full title": "title", "book title": "title", "publisher": "publisher", "isbn": "ISBN", "doi": "DOI",
    "url": "URL", "link": "URL", "journal": "container-title", "publication": "container-title", "place": "publisher-place",
}  # fmt: skip
_NAMES = {
    "author": "author",
    "authors": "author",
    "by": "author",
    "editor": "editor",
    "editors": "editor",
    "translator": "translator",
}
_DATES = frozenset({"year", "date", "published", "publication date", "issued"})
_OTHERS = frozenset(
    "category source summary document note tags tag type status rating genre genres format pages cover topics related updated "
    "created added "
    "language highlights aliases alias citekey citation key id read started finished date read last highlighted attachments item "
    "type".split()
) | {"document note", "date read", "citation key", "item type", "last highlighted", "number of pages"}
_OWN = re.compile(
    r"(?:\W{0,3})(?:note|notes|my note|comment|thought|reflection|tags?|tagged|colou?r|created|updated|ls-type"
    r"|hl-\w+|id)\s*:",
    re.IGNORECASE,
)
_FEWEST = 1
_PLACES = re.compile(r"(?:hl-)?(?:page|location|loc|pagina|seite)\s*(?:::|:)\s*(?P<value>\d[\d\s–-]*|[ivxlc]+)$", re.IGNORECASE)


class WorkNotes(msgspec.Struct, frozen=True):
    """The work that fields name, its citation, and the places (in the list of pieces) of the lines that are no excerpts.

    ``later`` are the works that fields further down name, by where in the text each begins; None where they name none.
    """

    citation: Citation | None
    aside: frozenset[int]
    later: tuple[tuple[int, Citation | None], ...] = ()


def read_fields(pieces: Sequence[Piece]) -> WorkNotes:
    """The fields at the top of a document, or below its heading "Metadata". Linear."""
    fields, places = _fields(pieces)
    heading = next((piece.text for piece in pieces if piece.kind == "heading" and piece.level == 1), "")
    citation = _cite(fields, heading)
    if citation is None:
        return WorkNotes(None, frozenset(_asides(pieces)))
    later = list(_later(pieces, places[-1] + 1))
    taken = [at for _, group, _ in later for at in group]
    works = tuple((pieces[start].start, cited) for start, _, cited in later)
    return WorkNotes(citation, frozenset([*places, *taken, *_asides(pieces)]), works)


def _cite(fields: dict[str, str], heading: str) -> Citation | None:
    csl = _csl(fields, heading) if fields else {}
    if "author" not in csl and "editor" not in csl:
        return None
    names = "; ".join(value for name, value in fields.items() if name in _NAMES)
    return Citation(f"{names}. {csl['title']}.", csl=csl)


def _later(pieces: Sequence[Piece], begin: int) -> Iterator[tuple[int, list[int], Citation | None]]:
    """Further works: where each begins (its heading above the fields, else the first field), the places of its fields, it."""
    at, heading = begin, -1
    while at < len(pieces):
        if pieces[at].kind == "heading":
            heading = at if pieces[at].level == 1 or heading < 0 else heading
        if _named_field(pieces[at]) not in _NAMES and _named_field(pieces[at]) not in _TEXTS:
            at += 1
            continue
        group = [at]
        while group[-1] + 1 < len(pieces) and _named_field(pieces[group[-1] + 1]):
            group.append(group[-1] + 1)
        fields = {_named_field(pieces[each]): _FIELD.match(pieces[each].text)["value"].strip(" ,;") for each in group}  # type: ignore[index]
        if fields.keys() & (_NAMES.keys() | {"title", "full title", "book title"}):
            yield (heading if heading >= 0 else at), group, _cite(fields, pieces[heading].text if heading >= 0 else "")
        at, heading = group[-1] + 1, -1


def _named_field(piece: Piece) -> str:
    """The known name of a field line, "" for any other."""
    found = _FIELD.match(piece.text) if piece.kind in ("paragraph", "item") else None
    name = found["name"].strip().lower() if found else ""
    return name if name in _TEXTS or name in _NAMES or name in _DATES or name in _OTHERS else ""


def is_own_remark(words: str) -> bool:
    """Whether a line is the note-taker's: "Note: …", "Tags: …"."""
    return _OWN.match(words) is not None


def _asides(pieces: Sequence[Piece]) -> Iterator[int]:
    """Lines that note apps write around highlights: dates in brackets, tags, colours, identifiers."""
    for at, piece in enumerate(pieces):
        if piece.kind in ("paragraph", "item", "quotation") and (
            (piece.text[:1] in "([" and _DATE_ONLY.match(piece.text))
            or (is_own_remark(piece.text) and not _PLACES.match(piece.text))
        ):
            yield at


def is_date(words: str) -> bool:
    """Whether a line is nothing but a date."""
    return len(words) <= 60 and _DATE_ONLY.match(words) is not None


def _fields(pieces: Sequence[Piece]) -> tuple[dict[str, str], list[int]]:
    """Lines "name: value" on end, with known names only, before any other text or below a heading that says metadata."""
    fields: dict[str, str] = {}
    places: list[int] = []
    for at, piece in enumerate(pieces):
        name = _named_field(piece)
        found = _FIELD.match(piece.text) if name else None
        if found:
            fields.setdefault(name, found["value"].strip(" ,;"))
            places.append(at)
        elif piece.kind in ("heading", "furniture", "delimiter"):
            if len(fields) > _FEWEST and piece.kind == "heading":
                break
        elif piece.kind == "heading" or not _is_lead(piece, bool(fields)):
            break
    return fields, places


def _is_lead(piece: Piece, begun: bool) -> bool:
    return not begun and len(piece.text) < 80 and piece.text.endswith(":")


def _csl(fields: dict[str, str], heading: str) -> CslItem:
    csl: CslItem = {"type": "book"}
    for name, value in fields.items():
        variable = _NAMES.get(name)
        if variable:
            names = parse_names(value.replace(";", " and "))
            csl[variable] = names.csl() if names else [{"literal": value}]
        elif name in _TEXTS and _TEXTS[name] not in csl:
            csl[_TEXTS[name]] = value
        elif name in _DATES:
            csl["issued"] = parse_date(value) or {"literal": value}
    if fields.get("full title"):
        csl["title"] = fields["full title"]
    csl.setdefault("title", heading)
    if fields.get("category", "").strip("#").lower() in ("articles", "tweets", "podcasts"):
        csl["type"] = "article"
    return csl if csl["title"] else {}


def place_field(words: str) -> str:
    """The page of a property line ("hl-page:: 14"), "" for none."""
    found = _PLACES.match(words)
    return found["value"].strip() if found and place_only(f"p. {found['value']}") else ""
