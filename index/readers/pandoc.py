"""Reads word processors', e-book and markup formats through pandoc, which runs apart, in its sandbox and within bounds.

Pandoc gives the document as a tree; this module lays it out: headings, paragraphs, block quotes, lists, tables as text, notes
tied to their place. Emphasis is not kept. Headings are its own words, and so is all else but a quotation that the line below it
attributes.
"""

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path, PurePath
from typing import Any

import msgspec

from index.decoding import decode
from index.errors import ExtraMissing, FileUnreadable
from index.readers.cited_fields import Run, cite_runs, date_of, people_of, without_openings
from index.readers.document_citations import own_citation
from index.readers.html_tree import text_of_markup
from index.readers.package_metadata import read_package, refuse_bomb
from index.readers.pandoc_tree import Notes, meta_texts, plain_blocks, read_inlines, table_rows
from index.readers.renditions import Rendering
from index.readers.sandbox import run_bounded
from index.readers.tei import root_name
from index.records import Citation, CslItem, Reading, SourceFile

_HEAP = "1500m"
_SECONDS = 120.0
_REMEDY = "open it in the program it comes from and save it anew, or as plain text"
_SUFFIXES = {
    ".tex": "latex", ".latex": "latex", ".ltx": "latex", ".rst": "rst", ".rest": "rst", ".org": "org", ".wiki": "mediawiki",
    ".mediawiki": "mediawiki", ".wikitext": "mediawiki", ".textile": "textile", ".fb2": "fb2", ".docx": "docx",
    ".odt": "odt", ".epub": "epub", ".nxml": "jats", ".jats": "jats",
}  # fmt: skip
_MEMBERS = (("word/document.xml", "docx"), ("META-INF/container.xml", "epub"), ("content.xml", "odt"))
_ROOTS = {"fictionbook": "fb2", "pmc-articleset": "jats"}
_BINARY = frozenset({"docx", "odt", "epub"})
_DASH = re.compile(r"\s*(?:[—–―]|--+)\s*\S")
_LONGEST_ATTRIBUTION = 300
_DEEPEST = 200


class PandocReader:
    """A document in one of the formats that pandoc reads."""

    name = "pandoc"

    def accepts(self, file: SourceFile) -> bool:
        """Whether the name, the members of the archive or the root element tell one of the formats."""
        return format_of(file) is not None

    def read(self, file: SourceFile) -> list[Reading]:
        """One reading.

        Raises:
            FileUnreadable: the format is none of pandoc's, or the file is damaged or too much for the bounds.
            ExtraMissing: pandoc is not installed.
        """
        form = format_of(file)
        if form is None:
            raise FileUnreadable(
                f"{file.name!r} is in none of the formats that pandoc reads here",
                rule=f"those are {', '.join(sorted({*_SUFFIXES.values(), 'docbook'}))}",
                remedy="give the file the ending of its format, or name another reader",
            )
        tree = _tree(file, form)
        rendering = Rendering(file)
        _Walk(rendering).blocks(tree.get("blocks", []))
        title, csl = _metadata(file, form, tree.get("meta", {}))
        cited_as = own_citation(file, csl, title)
        tools = {"pandoc": pandoc_version(), "format": form}
        return [rendering.reading(reader=self.name, title=title or PurePath(file.name).stem, cited_as=cited_as, tools=tools)]


def format_of(file: SourceFile) -> str | None:
    """What pandoc calls the file's format, by what it holds, else by its name; None for none of them."""
    if file.data.startswith(b"PK\x03\x04"):
        try:
            names = set(zipfile.ZipFile(io.BytesIO(file.data)).namelist())
        except (zipfile.BadZipFile, ValueError, OSError):
            names = set()
        return next((form for member, form in _MEMBERS if member in names), None)
    suffix = PurePath(file.name.lower()).suffix
    if suffix in _SUFFIXES and _SUFFIXES[suffix] not in _BINARY:
        return _SUFFIXES[suffix]
    return _xml_format(file) if suffix in (".xml", ".dbk", ".docbook") or file.data.lstrip()[:5] == b"<?xml" else None


def pandoc_version() -> str:
    """The version of the pandoc that reads. Raises ExtraMissing."""
    return _version(program())


def _xml_format(file: SourceFile) -> str | None:
    root = root_name(file)
    if root == "article":
        head = file.data[:20_000].lower()
        return (
            "docbook" if b"docbook" in head else "jats" if b"<front" in head or b"jats" in head or b"nlm" in head else "docbook"
        )
    return "docbook" if root == "book" else _ROOTS.get(root)


@cache
def _version(program: str) -> str:
    told = run_bounded([program, "--version"], b"", name="pandoc", seconds=30, remedy="reinstall pypandoc_binary")
    return told.decode().split("\n", 1)[0].removeprefix("pandoc").strip()


def program() -> str:
    """Where the pandoc is that reads. Raises ExtraMissing."""
    spec = find_spec("pypandoc")
    program = Path(spec.origin or "").parent / "files" / "pandoc" if spec else Path()
    if not program.is_file():
        raise ExtraMissing(
            "pandoc is not installed",
            rule="word processors' files, e-books and LaTeX are read through it",
            remedy="install it with: pip install pypandoc_binary",
        )
    return str(program)


def _tree(file: SourceFile, form: str) -> dict[str, Any]:
    if form in _BINARY:
        refuse_bomb(file)
        data = file.data
    else:
        text = text_of_markup(file) if form in ("jats", "docbook", "fb2") else decode(file)[0]
        data = text.encode("utf-8", "replace")
    command = [program(), "+RTS", f"-M{_HEAP}", "-RTS", "--sandbox", "-f", form, "-t", "json"]
    found = run_bounded(command, data, name=file.name, seconds=_SECONDS, remedy=_REMEDY)
    tree = msgspec.json.decode(found)
    return tree if isinstance(tree, dict) else {}


class _Walk:
    """Lays out pandoc's blocks."""

    def __init__(self, rendering: Rendering) -> None:
        self._rendering = rendering
        self._notes = Notes()
        self._quoting = 0

    def blocks(self, blocks: Sequence[Any], depth: int = 0, bullet: str = "") -> None:
        """Lays out blocks in their order; a quotation whose next line attributes it takes that line."""
        at = 0
        while at < len(blocks) and depth < _DEEPEST:
            taken = self._quotation(blocks[at], blocks[at + 1] if at + 1 < len(blocks) else None)
            if not taken:
                self._block(blocks[at], depth, bullet)
            for name, words in self._notes.taken():
                self._rendering.note(words, name)
            at += taken or 1
            bullet = ""

    def _block(self, block: dict[str, Any], depth: int, bullet: str) -> None:
        kind, content = block["t"], block.get("c")
        if kind == "Header" and content:
            if content[1][0]:
                self._rendering.place("anchor", content[1][0])
            self._rendering.heading(read_inlines(content[2], self._notes).words, content[0])
        elif kind in ("Para", "Plain") and content:
            told = read_inlines(content, self._notes)
            within = [(offset + len(bullet), place, label) for offset, place, label in told.within]
            self._rendering.paragraph(bullet + told.words, quoted=self._quoting > 0, within=within)
        elif kind in ("LineBlock", "CodeBlock"):
            self._rendering.paragraph(plain_blocks([block], self._notes), quoted=self._quoting > 0)
        elif kind == "Table" and content:
            self._rendering.paragraph("\n".join("\t".join(row) for row in table_rows(content, self._notes)))
        elif kind == "HorizontalRule":
            self._rendering.end_group()
        elif content:
            self._quoting += kind == "BlockQuote"
            for inner, mark in _inner(kind, content):
                self.blocks(inner, depth + 1, mark)
            self._quoting -= kind == "BlockQuote"

    def _quotation(self, block: dict[str, Any], following: dict[str, Any] | None) -> int:
        """Lays out a block quote that its last line, or the line after it, attributes; how many blocks that took."""
        if block["t"] != "BlockQuote" or not block.get("c"):
            return 0
        inner = block["c"]
        line = self._attribution(inner[-1]) if len(inner) > 1 else None
        below = self._attribution(following) if line is None and following else None
        found = line or below
        if not found:
            return 0
        words = [plain_blocks([each], self._notes) for each in (inner[:-1] if line else inner)]
        self._rendering.passage("\n\n".join(filter(None, words)), found[0], line=found[1])
        return 1 if line else 2

    def _attribution(self, block: dict[str, Any]) -> tuple[Citation, str] | None:
        """The citation in a short line that begins with a dash, and the line."""
        if block["t"] not in ("Para", "Plain") or not block["c"]:
            return None
        told = read_inlines(block["c"], Notes())
        if not _DASH.match(told.words) or len(told.words) > _LONGEST_ATTRIBUTION:
            return None
        runs = list(told.runs)
        cited = cite_runs([Run(without_openings(runs[0].text), runs[0].emphasised), *runs[1:]])
        return cited, " ".join(told.words.split())


def _inner(kind: str, content: Any) -> Iterator[tuple[list[Any], str]]:
    """The blocks within a block, and the mark that goes before the first of them."""
    if kind == "BulletList":
        yield from ((item, "• ") for item in content)
    elif kind == "OrderedList":
        yield from ((item, f"{number}. ") for number, item in enumerate(content[1], content[0][0]))
    elif kind == "DefinitionList":
        for term, definitions in content:
            yield [{"t": "Plain", "c": term}], ""
            yield from ((definition, "") for definition in definitions)
    elif kind in ("BlockQuote", "Div", "Figure"):
        yield (content if kind == "BlockQuote" else content[-1]), ""


def _metadata(file: SourceFile, form: str, meta: dict[str, Any]) -> tuple[str, CslItem | None]:
    """Title and item: of the archive's metadata, else of pandoc's, else the title alone."""
    csl = read_package(file) if form in _BINARY else {}
    told = {name: meta_texts(value) for name, value in meta.items()}
    title = next(iter(told.get("title", [])), "")
    if title and "title" not in csl:
        csl["title"] = title
    authors = [person for name in ("author", "creator") for text in told.get(name, []) for person in people_of(text)]
    if authors and "author" not in csl:
        csl["author"] = authors
    if "issued" not in csl and (issued := date_of(next(iter(told.get("date", [])), ""))):
        csl["issued"] = issued
    known = csl.keys() - {"type", "title", "language"}
    return str(csl.get("title", "")), {"type": "book" if form == "epub" else "document", **csl} if known else None
