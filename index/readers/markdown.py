"""Reads Markdown: excerpts with what each cites where it is a collection, else its sections, which cite the document.

What no citation closes cites what the front matter tells of the document.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import PurePath
from typing import Literal, NamedTuple

import msgspec
from markdown_it import MarkdownIt
from msgspec.structs import replace

from index.citations.recognise import citation_score
from index.decoding import decode
from index.readers.attributed import Citing, marks_of, passages_of
from index.readers.attributions import parse_attribution
from index.readers.blocks import markdown_pieces
from index.readers.candidates import Token, tokens
from index.readers.cited_lines import LIKELY, SURE, Form, Manner, form_of
from index.readers.document_citations import cite_text
from index.readers.entries import Layouts
from index.readers.findings import LONGEST_EXCERPT, finding_of, is_collection, is_explicit, is_mostly_quoted
from index.readers.frontmatter import FrontMatter, read_front_matter
from index.readers.layouts import lay_out
from index.readers.lines import line_starts
from index.readers.literature_notes import read_fields
from index.readers.plain import cite_document, cut_at_paragraphs
from index.readers.readings import Mark, Passage, make_reading, trimmed
from index.readers.renditions import quoted_in
from index.records import Citation, LayoutFinding, Reading, SourceFile

# A Markdown text as CommonMark's outermost blocks: what each is, and where it stands.

MarkdownKind = Literal["heading", "paragraph", "quotation", "rule", "other"]

_KINDS: dict[str, MarkdownKind] = {
    "heading_open": "heading",
    "paragraph_open": "paragraph",
    "blockquote_open": "quotation",
    "hr": "rule",
}
_INLINE_MARKS = re.compile(r"\\(?=[!-/:-@\[-`{-~])|\*+|(?<!\w)_+|_+(?!\w)|\[([^\[\]]*)\]\([^()\s]*\)")


class MarkdownBlock(msgspec.Struct, frozen=True):
    """A block outside lists, quotations and code, its marks included; a heading has a level from 1 to 6 and plain words."""

    kind: MarkdownKind
    start: int
    end: int
    level: int = 0
    words: str = ""


def markdown_blocks(text: str, begin: int) -> Iterator[MarkdownBlock]:
    """The outermost blocks of what follows ``begin``, in order; definitions of links belong to none."""
    body = text[begin:]
    starts = [*line_starts(body), len(body)]
    # Only blocks matter; parsing inline marks would take most of the time.
    commonmark = MarkdownIt("commonmark")
    tokens = MarkdownIt("commonmark").disable("inline").parse(body)
    for at, token in enumerate(tokens):
        if token.level == 0 and token.map:
            first, last = token.map
            start, end = trimmed(text, begin + starts[first], begin + starts[last])
            kind = _KINDS.get(token.type, "other")
            if kind == "heading":
                yield MarkdownBlock(kind, start, end, int(token.tag[1]), _plain(commonmark, tokens[at + 1].content))
            else:
                yield MarkdownBlock(kind, start, end)


def without_marks(line: str) -> str:
    """A line without emphasis, escapes and the addresses of links, for judging; code and HTML stay."""
    return _INLINE_MARKS.sub(r"\1", line)


def _plain(commonmark: MarkdownIt, heading: str) -> str:
    """A heading without its emphasis, links and code marks."""
    inline = commonmark.parseInline(heading)[0].children or []
    return " ".join("".join(token.content or " " * (token.type == "softbreak") for token in inline).split())


# Markdown that carries a citation below each excerpt: which spans are excerpts, and which citation closes each.
#
# An essay that quotes, or that lists its references, is no such collection. In doubt a file is none: then it cites itself,
# which is less than it could say, but puts nobody's words into another's mouth.

_FEWEST = 2
_LINES = 3
"""So many lines may a citation take that follows its text without a blank line."""

_LONGEST_CITATION = 600
_LONGEST_EXCERPT = 20_000
"""Characters for each citation above which a file is prose that cites, as in other texts."""

_CLOSED = 0.9
"""What citations close of the sections they stand in: a note below the last does not make an essay of a collection."""

_SET_OFF = frozenset({"dashed", "labelled"})
_LINE = re.compile(r"[^\r\n]+")
_MARKS_BELOW = " \t>\r\n"


class Section(NamedTuple):
    """What stands below a heading, or above the first: its span, the headings it stands under, its blocks."""

    start: int
    end: int
    headings: tuple[str, ...]
    blocks: Sequence[MarkdownBlock]


class Closing(NamedTuple):
    """A citation, its form, and the block it stands in.

    ``quotation`` is the first of the blocks of quotation it closes, None where it closes other text.
    """

    block: MarkdownBlock
    citation: Citation
    form: Form
    start: int
    end: int
    quotation: MarkdownBlock | None

    @property
    def is_explicit(self) -> bool:
        """Whether it gives a place in the work or is set off by a dash or a label, as entries of a list of references are not."""
        return self.citation.locator is not None or self.form.opening in _SET_OFF


class Run(NamedTuple):
    """A text without headings and rules in it, and the citation that closes it."""

    start: int
    end: int
    headings: tuple[str, ...]
    closing: Closing | None


def cited_passages(text: str, sections: Sequence[Section], citation: Citation) -> tuple[list[Passage], list[Mark]] | None:
    """The excerpts with what each cites, and what else stands in the sections; None where the file is no such collection.

    ``citation`` is the document's own: what no citation closes cites it.
    """
    closings = _own([list(_closings(text, section.blocks)) for section in sections])
    quoting = all(closing.quotation for closing in chain.from_iterable(closings))
    runs = [list(_runs(text, *each, quoting=quoting)) for each in zip(sections, closings, strict=True)]
    if not _is_collection(runs, quoting=quoting):
        return None
    passages: list[Passage] = []
    marks = [Mark("furniture", rule.start, rule.end) for section in sections for rule in section.blocks if rule.kind == "rule"]
    for run in chain.from_iterable(runs):
        passages.append(Passage(run.start, run.end, run.headings, run.closing.citation if run.closing else citation))
        marks += _marks(text, run, quoting=quoting)
    return passages, marks


def _own(closings: Sequence[Sequence[Closing]]) -> list[list[Closing]]:
    """Without those in another manner than the document's, which were copied along with the text they stand in."""
    manner = Manner.learn(closing.form for found in closings for closing in found)
    manner = manner.with_endings(found[-1].form for found in closings if found)
    return [[closing for closing in found if not manner.is_foreign(closing.form)] for found in closings]


def _is_collection(runs: Sequence[Sequence[Run]], *, quoting: bool) -> bool:
    """Whether citations close more than half of the text, none of them another citation.

    Where they close more than quotations, most of them must be explicit, and next to nothing may follow them in their sections.
    """
    closed = [run for run in chain.from_iterable(runs) if run.closing]
    length, length_closed = _length(chain.from_iterable(runs)), _length(closed)
    if len(closed) < _FEWEST or any(run.start == run.end for run in closed):
        return False
    if length_closed <= length / 2 or length > _LONGEST_EXCERPT * len(closed):
        return False
    explicit = sum(run.closing.is_explicit for run in closed if run.closing)
    citing = chain.from_iterable(section for section in runs if any(run.closing for run in section))
    return quoting or (explicit > len(closed) / 2 and length_closed >= _CLOSED * _length(citing))


def _length(runs: Iterable[Run]) -> int:
    return sum(run.end - run.start for run in runs)


def _closings(text: str, blocks: Sequence[MarkdownBlock]) -> Iterator[Closing]:
    quotation: MarkdownBlock | None = None
    for block in blocks:
        closing = None
        if block.kind == "quotation":
            quotation = quotation or block
            lines = _lines(text, block)
            closing = _closing(text, block, lines, 1, quotation) if len(lines) > 1 else None
        elif block.kind == "paragraph":
            closing = _closing(text, block, _lines(text, block), _LINES, quotation)
        if closing:
            yield closing
        if closing or block.kind != "quotation":
            quotation = None


def _closing(
    text: str, block: MarkdownBlock, lines: Sequence[tuple[int, int]], most: int, quotation: MarkdownBlock | None
) -> Closing | None:
    """The citation in the last lines of a block: of one line to ``most``, those that read most like one."""
    end = lines[-1][1] if lines else block.end
    starts = [start for start, _ in lines[-most:] if end - start <= _LONGEST_CITATION]
    score, start = max(((citation_score(without_marks(text[start:end])), start) for start in starts), default=(0.0, end))
    apart = block.kind == "quotation" or start == block.start
    if score < (LIKELY if apart else SURE):
        return None
    bare = without_marks(text[start:end])
    citation = parse_attribution(text[start:end], start, end)
    return Closing(block, citation, form_of(bare), start, end, quotation if apart else None)


def _lines(text: str, block: MarkdownBlock) -> list[tuple[int, int]]:
    """The lines of a block that are not white, without the marks of a quotation."""
    spans = [line.span() for line in _LINE.finditer(text, block.start, block.end)]
    if block.kind == "quotation":
        spans = [(_within_quotation(text, *span), span[1]) for span in spans]
    return [(start, end) for start, end in (trimmed(text, *span) for span in spans) if start < end]


def _within_quotation(text: str, start: int, end: int) -> int:
    """Where the words begin behind the marks of a quotation."""
    return end - len(text[start:end].lstrip("> \t"))


def _runs(text: str, section: Section, closings: Sequence[Closing], *, quoting: bool) -> Iterator[Run]:
    """The section's text, cut after citations and at rules, and where ``quoting`` before the quotations that are cited, too."""
    closing_of = {closing.block.start: closing for closing in closings}
    begin = section.start
    for block in section.blocks:
        closing = closing_of.get(block.start)
        cut = block if block.kind == "rule" else closing.quotation if closing and quoting else None
        if cut:
            yield from _open_run(text, begin, cut.start, section)
            begin = cut.end if cut.kind == "rule" else cut.start
        if closing:
            end = _above_marks(text, begin, closing.start)
            yield Run(*trimmed(text, _within_quotation(text, begin, end) if quoting else begin, end), section.headings, closing)
            begin = block.end
    yield from _open_run(text, begin, section.end, section)


def _above_marks(text: str, begin: int, end: int) -> int:
    """Where the line ends below which only marks of quotation stand, up to ``end``."""
    last = begin + len(text[begin:end].rstrip(_MARKS_BELOW))
    return next((at for at in range(last, end) if text[at] in "\r\n"), end)


def _open_run(text: str, start: int, end: int, section: Section) -> Iterator[Run]:
    start, end = trimmed(text, start, end)
    if start < end:
        yield Run(start, end, section.headings, None)


def _marks(text: str, run: Run, *, quoting: bool) -> Iterator[Mark]:
    """The citation of a run, and the marks of quotation before it and before its text."""
    if run.closing is None:
        return
    edges = [(run.end, run.closing.start)]
    if quoting and run.closing.quotation:
        edges.append((run.closing.quotation.start, run.start))
    for start, end in (trimmed(text, *edge) for edge in edges):
        if start < end:
            yield Mark("furniture", start, end)
    yield Mark("citation", run.closing.start, run.closing.end)


_SUFFIXES = (".md", ".markdown", ".mdown", ".mkd")
_NOTE_MARK = re.compile(r"\[\^([^\[\]\s]+)\](?!:)")
_MOST_NOTES = 40
_MOSTLY = 0.8
"""Share of a text from which block quotes are its usual form, and no quotation."""


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
        known, cited_as = cite_text(file, text, front.citation, front.title or title)
        passages, marks, layout = _passages(text, file, replace(front, citation=known), blocks, title)
        if front.end:
            marks.append(Mark("furniture", 0, front.end))
        return [
            make_reading(
                file,
                reader=self.name,
                encoding=encoding,
                title=title,
                text=text,
                passages=passages,
                marks=marks,
                layout=layout,
                cited_as=cited_as,
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
    if told != "none" and (told or _markdown_is_collection(text, layouts, work)):
        citing = Citing(text, title, _markdown_own(work, own, layouts, title), work, file.told.works, notes, fields.later)
        passages = passages_of(layouts.entries, layouts.tokens, citing)
        passages = [part for passage in passages for part in _bounded(text, passage, bool(headings))]
        return (
            passages,
            marks_of(text, layouts.tokens, pieces, passages, front.end),
            finding_of(text, layouts, passages, told=told),
        )
    passages = [
        part for passage in _with_quotations(text, sections, own, title) for part in _bounded(text, passage, bool(headings))
    ]
    passages = [_with_notes(text, passage, notes) for passage in passages]
    marks = [*headings, *marks_of_rest(text, passages, headings, front.end)]
    return passages, marks, LayoutFinding("none", tuple(layouts.scores.items()), told=bool(told))


def _with_quotations(text: str, sections: Sequence[Section], own: Citation, title: str) -> Iterator[Passage]:
    """The sections, cited as the document; what its author sets off as a quotation stands apart, and is not cited as his."""
    quoted = [block for section in sections for block in section.blocks if block.kind == "quotation"]
    length = sum(section.end - section.start for section in sections)
    set_off = sum(block.end - block.start for block in quoted) <= _MOSTLY * length and quoted_in(title, own) is not own
    for section in sections:
        at = section.start
        for block in section.blocks if set_off else ():
            if block.kind == "quotation":
                before = trimmed(text, at, block.start)
                if before[0] < before[1]:
                    yield Passage(*before, section.headings, own)
                yield Passage(block.start, block.end, section.headings, quoted_in(title, own))
                at = block.end
        rest = trimmed(text, at, section.end)
        if rest[0] < rest[1]:
            yield Passage(*rest, section.headings, own)


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


def _markdown_own(work: Citation | None, own: Citation, layouts: Layouts, title: str) -> Citation:
    """What texts without an attribution cite: the document, and not the work that its highlights are from."""
    return cite_document(title) if work and _has_places(layouts) else own


def _markdown_is_collection(text: str, layouts: Layouts, work: Citation | None) -> bool:
    if work and _has_places(layouts):
        return True
    return is_collection(layouts) and (is_mostly_quoted(layouts) or is_explicit(text, layouts))


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
