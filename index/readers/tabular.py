"""Reads tables of quotations: CSV and TSV with a header, the exports of reading apps among them.

A column is known by its header or not at all: where no header names the texts, the file is refused with its headers.
"""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import PurePath

from index.decoding import decode
from index.errors import FileUnreadable
from index.readers.cited_fields import FIELDS, cite_fields
from index.readers.renditions import Rendering
from index.records import Reading, SourceFile

_DELIMITERS = {".csv": ",;\t", ".tsv": "\t", ".tab": "\t"}
_LONGEST_RECORD = 2_000
"""Physical lines after which a quotation mark counts as never closed."""

_LONGEST_FIELD = 1_000_000
_MOST_COLUMNS = 1_000
_LINE = re.compile(r"[^\r\n]*(?:\r\n|[\r\n]|\Z)")
_PAIR = re.compile(r'(?:(?<!\s)\s++)?(?<![a-z])([a-z]++)\s*+=\s*+(?:"([^"]*+)"|([^,"]{0,500}+))\s*+(?:,|\Z)')

HEADERS = {
    "text": "quote quotation quotes highlight highlighted_text highlights excerpt passage selected_text exact quote_text zitat "
    "cita citazione citação цитата 引用 text content body quote_content",
    "author": "author authors book_author book_authors author_name by said_by quoted_author writer speaker creator autor "
    "verfasser auteur autore autor_a автор 著者",
    "editor": "editor editors herausgeber",
    "translator": "translator translators übersetzer traducteur traductor",
    "title": "title book_title book_name full_title document_title publication_title source_title work_title work book "
    "source titel werk buch titre ouvrage livre título titulo obra libro titolo opera название книга 書名",
    "container": "journal container container_title newspaper magazine",
    "date": "publication_date date_published date_of_publication publication_year published issued year jahr "
    "année annee año anno ano год",
    "publisher": "publisher",
    "place": "publisher_place publication_place place_of_publication",
    "volume": "volume vol",
    "issue": "issue",
    "edition": "edition",
    "page": "page pages page_number page_label pagelabel page_no pg pp p seite pagina página страница",
    "location": "location kindle_location loc",
    "chapter": "chapter",
    "section": "section",
    "url": "url source_url uri link",
    "doi": "doi",
    "isbn": "isbn isbn13 isbn_13",
    "citation": "citation full_citation source_citation reference cite",
    "heading": "heading topic category subject theme",
    "note": "note notes comment comments my_note remark annotation anno text review my_review "
    "private_notes summary kommentar anmerkung notiz notizen mes_notes commentaire observaciones nota notas comentario",
    "location_type": "location_type",
}
"""The names of columns that say what they hold, the surest first; case, spaces and signs aside."""

SETTABLE = ("text", "heading", "note", *FIELDS)


class TabularReader:
    """A row a quotation."""

    name = "csv"

    def accepts(self, file: SourceFile) -> bool:
        """Whether the name says so."""
        return PurePath(file.name.lower()).suffix in _DELIMITERS

    def read(self, file: SourceFile) -> list[Reading]:
        """One reading; a row that cannot be read is left out and named in its warnings.

        Raises:
            FileUnreadable: no header names the column of the texts, or one named with --columns is not there.
        """
        csv.field_size_limit(_LONGEST_FIELD)
        text, _ = decode(file)
        lines = [line for line in _LINE.findall(text) if line]
        delimiter, header, taken = _header(file, lines)
        columns = _columns(file, header)
        rendering = Rendering(file)
        for number, row in _rows(lines, taken, delimiter, len(header)):
            fields = row if isinstance(row, str) else _fields(row, columns, len(header))
            if isinstance(fields, str):
                rendering.warnings.append(f"line {number:,} of {file.name!r} is left out: {fields}")
            elif fields:
                add_record(rendering, fields)
        return [rendering.reading(reader=self.name, title=PurePath(file.name).stem)]


def add_record(rendering: Rendering, fields: Mapping[str, str]) -> None:
    """Lays out one quotation from its fields: "text", "heading", "note", and those it is cited by."""
    heading = " ".join(fields.get("heading", "").split())
    if heading and rendering.headings != (heading,):
        rendering.heading(heading)
    rendering.passage(fields["text"], cite_fields(_settled(fields)), note=fields.get("note", ""))


def known_fields(names: Sequence[str]) -> dict[str, int]:
    """The field of each name that says what it holds, with the place of the name; the surest name gives the field."""
    folded = [re.sub(r"[^\w]+", "_", name.strip().lstrip("\ufeff").casefold()).strip("_") for name in names]
    found: dict[str, int] = {}
    for field, known in HEADERS.items():
        at = next(
            (folded.index(name) for name in known.split() if name in folded and folded.index(name) not in found.values()), None
        )
        if at is not None:
            found[field] = at
    return found


def _of_hypothesis(header: Sequence[str]) -> dict[str, int]:
    """The columns of an export of Hypothesis, whose author is the reader who marked the text; {} for any other table."""
    names = {name.strip().casefold(): at for at, name in enumerate(header)}
    if not {"quotes", "comments", "page url"} <= names.keys():
        return {}
    return {"text": names["quotes"], "note": names["comments"], "url": names["page url"]}


def parse_columns(told: str) -> dict[str, str]:
    """``text=Highlight,title="Book Title"`` as header by field; quotation marks keep a comma in a header.

    Raises:
        FileUnreadable: it is not written like that, or names a field that there is not.
    """
    pairs = {found[1]: (found[2] if found[2] is not None else found[3]).strip() for found in _PAIR.finditer(told)}
    if _PAIR.sub("", told).strip() or "text" not in pairs or not pairs.keys() <= set(SETTABLE) or not all(pairs.values()):
        raise FileUnreadable(
            f"--columns is {told!r}",
            rule=f"it is field=Header, several apart by commas, text among them; the fields are {', '.join(SETTABLE)}",
            remedy="write for example --columns 'text=Highlight,title=\"Book Title\"'",
        )
    return pairs


def _header(file: SourceFile, lines: Sequence[str]) -> tuple[str, list[str], int]:
    """The delimiter, the header, and the lines it takes."""
    best: tuple[str, list[str], int] = (",", [], 1)
    for delimiter in _DELIMITERS.get(PurePath(file.name.lower()).suffix, ",;\t"):
        reader = csv.reader(iter(lines), delimiter=delimiter)
        try:
            row = next(reader, [])
        except csv.Error:
            continue  # with this delimiter a cell is longer than any
        if len(row) > len(best[1]):
            best = (delimiter, row, reader.line_num)
    if not 0 < len(best[1]) <= _MOST_COLUMNS:
        raise _unknown(file, best[1], f"it has {len(best[1]):,} columns")
    return best


def _columns(file: SourceFile, header: Sequence[str]) -> dict[str, int]:
    if not file.told.columns:
        known = _of_hypothesis(header) or known_fields(header)
        if "text" in known:
            return known
        raise _unknown(file, header, "no column's header says that it holds the texts")
    names = [name.strip() for name in header]
    missing = [name for name in file.told.columns.values() if name not in names]
    if missing:
        raise _unknown(file, header, f"there is no column {', '.join(map(repr, missing))}")
    return {field: names.index(name) for field, name in file.told.columns.items()}


def _rows(lines: Sequence[str], at: int, delimiter: str, width: int) -> Iterator[tuple[int, list[str] | str]]:
    """Each record with the number of its first line, or in place of it what is wrong.

    A quotation mark that is never closed swallows what follows. So a record of several lines has to be of the right width;
    if not, its first line alone is given up, and reading goes on with the second.
    """
    while at < len(lines):
        reader = csv.reader(islice(lines, at, at + _LONGEST_RECORD), delimiter=delimiter, strict=True)
        begun, start = at, at
        try:
            for row in reader:
                if start + 1 < begun + reader.line_num and len(row) != width:
                    raise csv.Error("a quotation mark in it is not closed")
                yield start + 1, row
                start = begun + reader.line_num
        except csv.Error as problem:
            yield start + 1, str(problem)
            start += 1
        at = start


def _fields(row: Sequence[str], columns: Mapping[str, int], width: int) -> dict[str, str] | str:
    """The fields of a row, none of a blank one, or what is wrong with it."""
    if not any(cell.strip() for cell in row):
        return {}
    if len(row) <= max(columns.values()) or any(cell.strip() for cell in row[width:]):
        return f"it has {len(row)} cells where the header has {width}"
    fields = {name: row[at] for name, at in columns.items()}
    return fields if fields["text"].strip() else "its text is empty"


def _settled(fields: Mapping[str, str]) -> dict[str, str]:
    """The fields with a location as what its type says, and an address in a title's place as an address."""
    settled = {name: value for name, value in fields.items() if name in FIELDS}
    kind = fields.get("location_type", "").strip().casefold()
    if kind in ("page", "chapter", "section") and "location" in settled:
        settled.setdefault(kind, settled.pop("location"))
    elif kind in ("order", "none", "offset"):
        settled.pop("location", None)
    if settled.get("title", "").startswith(("http://", "https://")):
        settled.setdefault("url", settled.pop("title"))
    return settled


def _unknown(file: SourceFile, header: Sequence[str], what: str) -> FileUnreadable:
    names = ", ".join(repr(name) for name in header[:30])
    return FileUnreadable(
        f"{file.name!r} is a table whose header is {names}: {what}",
        rule=f"a header calls a column {', '.join(HEADERS['text'].split()[:4])} or the like, or --columns tells which is which",
        remedy="say for example --columns 'text=NAME,author=NAME,title=NAME,page=NAME' with names of this header",
    )
