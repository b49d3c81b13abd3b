"""Reads Markdown: excerpts with what each cites where it is a collection, else its sections, which cite the document.

What no citation closes cites what the front matter tells of the document.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePath

from msgspec.structs import replace

from index.decoding import decode
from index.readers.attributed import Citing, marks_of, passages_of
from index.readers.blocks import Piece, markdown_pieces
from index.readers.candidates import Token, tokens
from index.readers.cited_markdown import Section, cited_passages
from index.readers.commonmark import MarkdownBlock, markdown_blocks
from index.readers.findings import LONGEST_EXCERPT, finding_of, is_collection, is_explicit
from index.readers.frontmatter import FrontMatter, read_front_matter
from index.readers.layouts import Layouts, lay_out
from index.readers.literature_notes import WorkNotes, read_fields
from index.readers.plain import cite_document, cut_at_paragraphs
from index.readers.readings import Mark, Passage, make_reading
from index.readers.spans import trimmed
from index.records import Citation, LayoutFinding, Reading, SourceFile

_SUFFIXES = (".md", ".markdown", ".mdown", ".mkd")
_NOTE_MARK = re.compile(r"\[\^([^\]\s]+)\](?!:)")
_MOST_NOTES = 40


class MarkdownReader:
    """CommonMark with optional YAML front matter."""

    name = "markdown"

    def accepts(self, file: SourceFile) -> bool:
        """Whether the name says so: prose may hold every mark of Markdown by accident."""
        return file.name.lower().endswith(_SUFFIXES)

    def read(self, file: SourceFile) -> list[Reading]:
        """One reading. Raises FileUnreadable when the file cannot be decoded or its front matter is no YAML."""
        text, encoding = decode(file)
        front = read_front_matter(text, file.name)
        blocks = list(markdown_blocks(text, front.end))
        headings = [block for block in blocks if block.kind == "heading"]
        title = front.title or next((heading.words for heading in headings if heading.level == 1), "") or PurePath(file.name).stem
        passages, marks, layout = _passages(text, file, front, blocks, title)
        if front.end:
            marks.append(Mark("furniture", 0, front.end))
        return [
            make_reading(
                file, reader=self.name, encoding=encoding, title=title, text=text, passages=passages, marks=marks, layout=layout
            )
        ]


def _passages(
    text: str, file: SourceFile, front: FrontMatter, blocks: Sequence[MarkdownBlock], title: str
) -> tuple[list[Passage], list[Mark], LayoutFinding]:
    """By citations below the text where the strict rules for these see a collection, by other layouts, or by sections."""
    own = front.citation or cite_document(title)
    told = file.told.layout or None
    sections = list(_sections(text, front.end, blocks))
    pieces = markdown_pieces(text, front.end)
    notes = {piece.name: (piece.start, piece.end) for piece in pieces if piece.kind == "note"}
    fields = read_fields(pieces)
    made = tokens(text, pieces, fields.aside)
    work = fields.citation or (own if _names_author(front.citation) else None)
    layouts = lay_out(made, told=told, work=work is not None)  # type: ignore[arg-type]
    headings = [Mark("heading", block.start, block.end) for block in blocks if block.kind == "heading"]
    if told is None and not _has_places(layouts) and not _is_hard(layouts):
        strict = cited_passages(text, sections, own)
        if strict and layouts.votes.direction == "below" and not layouts.doubted:
            return [*strict[0]], [*strict[1], *headings], finding_of(text, layouts, strict[0], told=told)
    if told != "none" and (told or _is_collection(text, layouts, work)):
        citing = Citing(text, title, _own(work, own, layouts, title), work, file.told.works, notes)
        passages = passages_of(layouts.entries, layouts.tokens, citing)
        passages = [part for passage in passages for part in _bounded(text, passage, bool(headings))]
        return passages, marks_of(text, layouts.tokens, pieces, passages, front.end), finding_of(text, layouts, passages, told=told)
    passages = [
        part
        for section in sections
        for part in _bounded(text, Passage(section.start, section.end, section.headings, own), bool(headings))
    ]
    passages = [_with_notes(text, passage, notes) for passage in passages]
    marks = [*headings, *marks_of_rest(text, passages, headings, front.end)]
    return passages, marks, LayoutFinding("none", tuple(layouts.scores.items()), told=bool(told))


def _is_hard(layouts: Layouts) -> bool:
    """Whether most texts are tied to their citations by more than the order of lines."""
    return layouts.layout in ("same block", "heading", "notes", "records") and 2 * layouts.attributed > layouts.texts


def marks_of_rest(text: str, passages: Sequence[Passage], headings: Sequence[Mark], begin: int) -> list[Mark]:
    """What neither an excerpt nor a heading holds, as furniture."""
    return [mark for mark in marks_of(text, _heading_tokens(headings), [], passages, begin) if mark.kind == "furniture"]


def _heading_tokens(headings: Sequence[Mark]) -> list[Token]:
    return [Token("heading", mark.start, mark.end, "", 0, 0) for mark in headings]


def _names_author(citation: Citation | None) -> bool:
    csl = (citation.csl if citation else None) or {}
    return bool(csl.keys() & {"author", "editor", "translator"})


def _has_places(layouts: Layouts) -> bool:
    return any(entry.place for entry in layouts.entries)


def _own(work: Citation | None, own: Citation, layouts: Layouts, title: str) -> Citation:
    """What texts without an attribution cite: the document, and not the work that its highlights are from."""
    return cite_document(title) if work and _has_places(layouts) else own


def _is_collection(text: str, layouts: Layouts, work: Citation | None) -> bool:
    if layouts.layout == "notes" and not _mostly_quoted(layouts):
        return False
    if work and _has_places(layouts):
        return True
    return is_collection(layouts) and (_mostly_quoted(layouts) or is_explicit(text, layouts))


def _mostly_quoted(layouts: Layouts) -> bool:
    """Whether most texts that have an attribution are quotations by their marks, or have it on their own line."""
    texts = [text for entry in layouts.entries if entry.attributed or entry.place or entry.doubt for text in entry.texts]
    marked = sum(text.quotation or text.quoted or bool(text.container) for text in texts)
    return 2 * marked > len(texts)


def _bounded(text: str, passage: Passage, headed: bool) -> Iterator[Passage]:
    """The excerpt; in a file without headings cut between paragraphs where it is very long."""
    if headed or passage.end - passage.start <= LONGEST_EXCERPT:
        yield passage
        return
    for start, end in cut_at_paragraphs(text, passage.start, passage.end, LONGEST_EXCERPT):
        yield replace(passage, start=start, end=end)


def _with_notes(text: str, passage: Passage, notes: Mapping[str, tuple[int, int]]) -> Passage:
    """An excerpt of an essay with the notes it refers to beside its citation: they are about it, not its source."""
    names = dict.fromkeys(_NOTE_MARK.findall(text, passage.start, passage.end))
    beside = tuple(text[slice(*notes[name])] for name in names if name in notes)[:_MOST_NOTES]
    return replace(passage, citation=replace(passage.citation, beside=beside)) if beside and passage.citation else passage


def _sections(text: str, begin: int, blocks: Sequence[MarkdownBlock]) -> Iterator[Section]:
    """What stands before the first heading and below each, where there is anything."""
    path: list[MarkdownBlock] = []
    within: list[MarkdownBlock] = []
    for block in [*blocks, MarkdownBlock("heading", len(text), len(text))]:
        if block.kind != "heading":
            within.append(block)
            continue
        start, end = trimmed(text, begin, block.start)
        if start < end:
            yield Section(start, end, tuple(above.words for above in path), tuple(within))
        path = [above for above in path if above.level < block.level] + [block]
        begin, within = block.end, []
