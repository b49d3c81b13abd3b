"""Passages as notes to take away: Markdown, a Word document, or cards (CSV) for a spreadsheet or a card index."""

import csv
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from html import escape, unescape

from index.citations.styles import format_excerpt_citation
from index.errors import CitationInvalid
from service.bibliography import Cited, as_markdown
from service.links import Links
from service.presenters import label

NOTE_MEDIA_TYPES = {
    "markdown": "text/markdown",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "cards": "text/csv",
}
NOTE_EXTENSIONS = {"markdown": "md", "docx": "docx", "cards": "csv"}
NOTE_FORMATS = tuple(NOTE_MEDIA_TYPES)

_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_CONTENT_TYPES = (
    f'<?xml version="1.0" encoding="UTF-8"?><Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/word/document.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)
_ROOT = (
    f'<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="r1" Type="{_OFFICE}/officeDocument" Target="word/document.xml"/></Relationships>'
)
_FORMULA = re.compile(r"[=+@\t]|-\S")
_COLUMNS = ("quotation", "citation", "work", "locator", "quoted in", "headings", "link")


def write_notes(passages: Sequence[Cited], form: str, style: str, links: Links) -> bytes:
    """The passages, verbatim, each with its citation and its link, in one of ``NOTE_FORMATS``.

    Raises:
        CitationInvalid: there is no such format or style.
    """
    match form:
        case "markdown":
            return as_markdown(passages, style, links).encode()
        case "docx":
            return _docx(passages, style, links)
        case "cards":
            return _cards(passages, style, links)
    raise CitationInvalid(
        f"format {form!r} is unknown", rule=f"notes are written as {', '.join(NOTE_FORMATS)}", remedy="ask for one of them"
    )


def _cards(passages: Sequence[Cited], style: str, links: Links) -> bytes:
    """UTF-8 with a byte order mark, which spreadsheets need; no cell begins as a formula would."""
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\r\n")
    rows.writerow(_COLUMNS)
    for passage in passages:
        excerpt, cited = passage.excerpt, passage.excerpt.citation
        locator = f"{cited.locator.label} {cited.locator.value}" if cited and cited.locator else ""
        text = format_excerpt_citation(cited, style, quoted_in=passage.quoted_in)
        work = label(cited.csl if cited else None)
        row = (
            excerpt.text,
            text,
            work,
            locator,
            passage.quoted_in.title,
            " › ".join(excerpt.headings),
            links.excerpt(excerpt.id),
        )
        rows.writerow([f"'{cell}" if _FORMULA.match(cell) else cell for cell in row])
    return out.getvalue().encode("utf-8-sig")


def _docx(passages: Sequence[Cited], style: str, links: Links) -> bytes:
    """A minimal Word document (ECMA-376); the same passages give the same bytes."""
    addresses = [links.excerpt(passage.excerpt.id) for passage in passages]
    body = "".join(paragraph for number, passage in enumerate(passages) for paragraph in _paragraphs(number, passage, style))
    document = (
        f'<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="{_WORD}" xmlns:r="{_OFFICE}">'
        f"<w:body>{body}</w:body></w:document>"
    )
    relations = "".join(
        f'<Relationship Id="l{number}" Type="{_OFFICE}/hyperlink" Target="{escape(address)}" TargetMode="External"/>'
        for number, address in enumerate(addresses)
    )
    head = f'<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="{_PACKAGE}/relationships">'
    parts = {
        "[Content_Types].xml": _CONTENT_TYPES,
        "_rels/.rels": _ROOT,
        "word/document.xml": document,
        "word/_rels/document.xml.rels": f"{head}{relations}</Relationships>",
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(zipfile.ZipInfo(name), text)
    return out.getvalue()


def _paragraphs(number: int, passage: Cited, style: str) -> Iterator[str]:
    indented = '<w:pPr><w:ind w:left="720" w:right="720"/></w:pPr>'
    for line in passage.excerpt.text.splitlines():
        yield f"<w:p>{indented}{_run(line)}</w:p>"
    cited = format_excerpt_citation(passage.excerpt.citation, style, quoted_in=passage.quoted_in, markup="html")
    link = f'<w:hyperlink r:id="l{number}">{_run("Passage", "<w:u w:val=" + chr(34) + "single" + chr(34) + "/>")}</w:hyperlink>'
    yield f"<w:p>{''.join(_cited_runs(cited))}{_run(' ')}{link}</w:p><w:p/>"


def _cited_runs(html: str) -> Iterator[str]:
    """The few tags that a citation has, as runs."""
    properties = {
        "i": "<w:i/>",
        "b": "<w:b/>",
        "sup": '<w:vertAlign w:val="superscript"/>',
        "sub": '<w:vertAlign w:val="subscript"/>',
    }
    open_tags: list[str] = []
    for part in re.split(r"(</?(?:i|b|sup|sub|span)(?: style=\"[^\"]*\")?>)", html):
        if part.startswith("</"):
            open_tags.pop()
        elif part.startswith("<"):
            open_tags.append(part.strip("<>").split()[0])
        elif part:
            upright = "span" in open_tags
            yield _run(
                unescape(part), "".join(properties[tag] for tag in dict.fromkeys(open_tags) if tag in properties and not upright)
            )


def _run(text: str, properties: str = "") -> str:
    look = f"<w:rPr>{properties}</w:rPr>" if properties else ""
    printable = "".join(letter for letter in text if letter == "\t" or (letter >= " " and letter not in "\ufffe\uffff"))
    return f'<w:r>{look}<w:t xml:space="preserve">{escape(printable, quote=False)}</w:t></w:r>'
