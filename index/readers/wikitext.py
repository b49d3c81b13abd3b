"""Reads MediaWiki text of quotations: list items with their source below, as in Wikiquote, and templates for quotations."""

import re
from collections.abc import Iterator, Mapping
from html import unescape
from pathlib import PurePath
from typing import Literal, NamedTuple

from index.citations.people import parse_names
from index.citations.words import is_given
from index.decoding import decode
from index.readers.cited_fields import Run, cite_fields, cite_runs, without_openings
from index.readers.document_citations import own_citation
from index.readers.heading_works import Trail
from index.readers.renditions import Rendering
from index.records import Citation, Reading, SourceFile

SUFFIXES = (".wiki", ".wikitext", ".mediawiki", ".mw")
_HEADING = re.compile(r"(={1,6})\s*+(.+?)(?<!\s)\s*+\1\s*+")
_PAIRS = re.compile(r"^\*(?![*#:]).+\n(?:\*[*:])(?!\*).+", re.MULTILINE)
_ITEM = re.compile(r"(?P<marks>[*#:;]+)\s*(?P<words>.+)")
_TEMPLATE = re.compile(r"\{\{\s*+(?P<name>[^{}|]+?)(?<!\s)\s*+(?P<rest>\|[^{}]*+)?\}\}")
_QUOTING = frozenset("quote cquote blockquote quotation quote_box quotebox bquote rquote".split())
_POSITIONS = ("text", "author", "title", "page")
_NAMED = {"text": "text", "quote": "text", "1": "text", "author": "author", "2": "author", "sign": "author", "title": "title",
          "source": "title", "work": "title", "3": "title", "publication": "title", "page": "page", "pages": "page",
          "date": "date", "year": "date"}  # fmt: skip
_LINK = re.compile(r"\[\[(?:[^\[\]|]*\|)?([^\[\]|]+)\]\]")
_ADDRESS = re.compile(r"\[(https?://[^\s\[\]]+)(?:\s++([^\[\]]*+))?\]")
_REFERENCE = re.compile(r"<ref[^<>/]*+>((?:(?!<ref).)*?)</ref>|<ref[^<>]*/>", re.DOTALL | re.IGNORECASE)
_LINK_OR_BAR = re.compile(r"\[\[[^\[\]]*\]\]|\|")
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_TAG = re.compile(r"</?(?:poem|small|big|i|b|em|strong|span|div|blockquote|nowiki|center|sup|sub|ref)\b[^>]*>", re.IGNORECASE)
_CATEGORY = re.compile(r"\[\[(?:Category|File|Image)[:][^\[\]]*\]\]", re.IGNORECASE)


class _Piece(NamedTuple):
    kind: Literal["heading", "quotation", "text"]
    words: str
    source: str = ""
    level: int = 0
    fields: Mapping[str, str] = {}
    trail: Trail = ()


class WikitextReader:
    """A page of MediaWiki with quotations."""

    name = "wikitext"

    def accepts(self, file: SourceFile) -> bool:
        """Whether the name says so, or a text has wiki headings and list items with their sources below."""
        suffix = PurePath(file.name.lower()).suffix
        if suffix not in (*SUFFIXES, ".txt"):
            return False
        text, _ = decode(file)
        pairs = len(_PAIRS.findall(text))
        if suffix in SUFFIXES:
            return any(piece.kind == "quotation" and (piece.source or piece.fields) for piece in _pieces(text))
        return pairs > 1 and bool(re.search(r"^==[^=\n]+==\s*$", text, re.MULTILINE)) and "''" in text

    def read(self, file: SourceFile) -> list[Reading]:
        """One reading. Raises FileUnreadable when the file cannot be decoded."""
        text, _ = decode(file)
        pieces = list(_pieces(_CATEGORY.sub("", _without_comments(text))))
        people = _headings_are_people(pieces)
        rendering = Rendering(file)
        for piece in pieces:
            if piece.kind == "heading":
                rendering.heading(plain_wiki(piece.words), piece.level)
            elif piece.kind == "text":
                rendering.paragraph(plain_wiki(piece.words))
            else:
                citation = _cite(piece, people=people)
                rendering.passage(plain_wiki(piece.words), citation, line=plain_wiki(piece.source).replace("\n", " "))
        return [rendering.reading(reader=self.name, title=PurePath(file.name).stem, cited_as=own_citation(file, None))]


def plain_wiki(words: str) -> str:
    """Words without the marks of links, emphasis, references and tags; a break is a line end."""
    words = _BREAK.sub("\n", _REFERENCE.sub("", words))
    words = _ADDRESS.sub(lambda link: link[2] or link[1], _LINK.sub(r"\1", words))
    words = _TEMPLATE.sub(lambda found: (found["rest"] or "").rpartition("|")[2], words)
    return unescape(_TAG.sub("", words.replace("'''", "").replace("''", ""))).strip()


def _pieces(text: str) -> Iterator[_Piece]:
    trail: list[tuple[int, str]] = []
    waiting = ""
    sources: list[str] = []
    for line in [*_lines(text), ""]:
        heading, item, template = _HEADING.fullmatch(line), _ITEM.fullmatch(line), _TEMPLATE.fullmatch(line.strip())
        deeper = item is not None and len(item["marks"]) > 1
        if waiting and item and deeper:
            sources.append(item["words"])
            continue
        if waiting:
            yield _quotation(waiting, sources, tuple(words for _, words in trail))
            waiting, sources = "", []
        if heading:
            level = len(heading[1])
            trail = [above for above in trail if above[0] < level] + [(level, plain_wiki(heading[2]))]
            yield _Piece("heading", heading[2], level=level)
        elif template and _name(template["name"]) in _QUOTING:
            fields = _fields(template["rest"] or "")
            yield _Piece("quotation", fields.pop("text", ""), fields=fields, trail=tuple(words for _, words in trail))
        elif item:
            waiting = item["words"]
        elif line.strip() and not template:
            yield _Piece("text", line)


def _quotation(words: str, sources: list[str], trail: Trail) -> _Piece:
    """A list item with its first sub-item as its source, or with its only reference."""
    references = [found for found in _REFERENCE.findall(words) if found]
    if not sources and len(references) == 1:
        sources = references
    return _Piece("quotation", words, sources[0] if sources else "", trail=trail) if sources else _Piece("text", words)


def _lines(text: str) -> Iterator[str]:
    """Lines, with templates and tags that go over several joined."""
    open_line = ""
    for line in text.splitlines():
        open_line = f"{open_line}\n{line}" if open_line else line
        if open_line.count("{{") <= open_line.count("}}") or len(open_line) > 20_000:
            yield open_line
            open_line = ""
    if open_line:
        yield open_line


def _fields(rest: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    position = 0
    for part in _split(rest[1:]):
        name, sign, value = part.partition("=")
        if sign and name.strip().lower() in _NAMED:
            fields.setdefault(_NAMED[name.strip().lower()], value.strip())
        elif not sign or not name.strip().isalnum():
            if position < len(_POSITIONS):
                fields.setdefault(_POSITIONS[position], part.strip())
            position += 1
    return {name: value for name, value in fields.items() if value}


def _split(rest: str) -> list[str]:
    """Parts at "|", but not within links."""
    bars = [found.start() for found in _LINK_OR_BAR.finditer(rest) if found[0] == "|"]
    return [rest[start:end] for start, end in zip([0, *(bar + 1 for bar in bars)], [*bars, len(rest)], strict=True)]


def _without_comments(text: str) -> str:
    """The text without them; one that is not closed is none. An expression would look for the end of each opening anew."""
    kept, at = [], 0
    while (start := text.find("<!--", at)) >= 0 and (end := text.find("-->", start + 4)) >= 0:
        kept.append(text[at:start])
        at = end + 3
    return "".join([*kept, text[at:]])


def _cite(piece: _Piece, *, people: bool) -> Citation | None:
    if piece.fields:
        author, source = piece.fields.get("author", ""), piece.fields.get("title", "")
        if "''" in source or not author:
            return cite_runs([Run(f"{plain_wiki(author)}, " if author else ""), *_runs(source or author)])
        return cite_fields({name: plain_wiki(value) for name, value in piece.fields.items()})
    citation = cite_runs(_runs(piece.source)) if piece.source else None
    if citation and people and "author" not in (citation.csl or {}):
        names = parse_names(piece.trail[-1])
        if names and citation.csl:
            return Citation(
                citation.raw, csl={**citation.csl, "author": names.csl()}, locator=citation.locator, problem=citation.problem
            )
    return citation


def _runs(source: str) -> list[Run]:
    """A source with its emphasis; two apostrophes open and close it."""
    source = _BREAK.sub(" ", _REFERENCE.sub("", source.replace("'''", "")))
    parts = source.split("''")
    runs = [Run(_plain_part(part), at % 2 == 1) for at, part in enumerate(parts)]
    return [Run(without_openings(runs[0].text), runs[0].emphasised), *runs[1:]] if runs and runs[0].text.strip() else runs[1:]


def _plain_part(part: str) -> str:
    """A part with the white space at its ends, which parts the words of a line."""
    plain = plain_wiki(part)
    return f"{' ' if part[:1].isspace() else ''}{plain}{' ' if part[-1:].isspace() else ''}"


def _headings_are_people(pieces: list[_Piece]) -> bool:
    """Whether every heading right over quotations whose sources name no author is a person's name."""
    headings = {piece.trail[-1] if piece.trail else "" for piece in pieces if piece.kind == "quotation" and not piece.fields}
    found = [(name, parse_names(name)) for name in headings]
    sure = sum(bool(names and name and is_given(name.split()[0])) for name, names in found)
    return bool(found) and all(names and names.shape == "direct" for _, names in found) and sure > len(found) / 2


def _name(name: str) -> str:
    return name.strip().casefold().replace(" ", "_")
