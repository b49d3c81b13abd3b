"""What the readers found, for a person to check: counts, and everything irregular with its line number."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from index.citations.recognise import is_citation
from index.readers.frontmatter import describe
from index.readers.lines import Line, split_lines
from index.records import Block, BlockKind, Document, LayoutFinding, Reading

_SHOWN = 80
LONG = 8_000
"""Characters above which an excerpt is worth a look: few people copy out three pages."""


class Remark(msgspec.Struct, frozen=True):
    """A place worth a look: its line in the document, what stands there (shortened), and why, where that is not plain."""

    line: int
    text: str
    why: str = ""


class DocumentReport(msgspec.Struct, frozen=True):
    """One document: how many blocks and non-white characters of each kind, and what is irregular.

    ``uncited`` are excerpts without a citation, ``unparsed`` citations kept as written because they could not be parsed
    (whole, or in part), ``unattached`` citations that follow no text, and ``kept`` lines that look like citations
    and were left in their excerpts. ``inferred`` are excerpts whose citation is one further up, ``long`` those of more than
    ``LONG`` characters, and ``layout`` says how citations go with texts, and where that is in doubt. ``cited_as`` is the
    document's own citation and who gives it, ``warnings`` what was not read.
    """

    name: str
    title: str
    reader: str
    encoding: str
    excerpts: int
    blocks: dict[BlockKind, int]
    characters: dict[BlockKind, int]
    furniture: tuple[Remark, ...]
    uncited: tuple[Remark, ...]
    unparsed: tuple[Remark, ...]
    unattached: tuple[Remark, ...]
    kept: tuple[Remark, ...]
    cited_as: str = ""
    warnings: tuple[str, ...] = ()
    inferred: tuple[Remark, ...] = ()
    long: tuple[Remark, ...] = ()
    layout: LayoutFinding | None = None


def report(readings: Iterable[Reading]) -> list[DocumentReport]:
    """One report a document, in the order given."""
    return [_report(reading) for reading in readings]


def _report(reading: Reading) -> DocumentReport:
    blocks, text = reading.blocks, reading.document.text
    lines_of = {block.start: block.line for block in blocks}
    used = {excerpt.citation.start for excerpt in reading.excerpts if excerpt.citation}
    return DocumentReport(
        name=reading.document.name,
        title=reading.document.title,
        reader=reading.document.reader,
        encoding=reading.document.encoding,
        excerpts=len(reading.excerpts),
        blocks=dict(Counter(block.kind for block in blocks)),
        characters=_characters(text, blocks),
        furniture=tuple(_remark(text, block) for block in blocks if block.kind == "furniture"),
        uncited=tuple(
            Remark(lines_of[excerpt.start], _short(excerpt.text)) for excerpt in reading.excerpts if excerpt.citation is None
        ),
        unparsed=tuple(_unparsed(reading, lines_of)),
        unattached=tuple(_remark(text, block) for block in blocks if block.kind == "citation" and block.start not in used),
        kept=tuple(_kept(reading)) if used - {None} else (),
        cited_as=_cited_as(reading.document),
        warnings=reading.warnings,
        inferred=tuple(
            Remark(lines_of[excerpt.start], _short(excerpt.text), excerpt.citation.raw)
            for excerpt in reading.excerpts
            if excerpt.citation and excerpt.citation.inferred
        ),
        long=tuple(
            Remark(lines_of[excerpt.start], _short(excerpt.text), f"{len(excerpt.text):,} characters")
            for excerpt in reading.excerpts
            if len(excerpt.text) > LONG
        ),
        layout=reading.layout,
    )


def _cited_as(document: Document) -> str:
    """The document's own citation and who gives it."""
    own = document.cited_as
    return f"{describe(own.csl)} ({own.origin})" if own else f"{document.name} (each excerpt brings its own citation)"


def _characters(text: str, blocks: Sequence[Block]) -> dict[BlockKind, int]:
    found: Counter[BlockKind] = Counter()
    for block in blocks:
        found[block.kind] += sum(map(len, text[block.start : block.end].split()))
    return dict(found)


def _unparsed(reading: Reading, lines_of: dict[int, int]) -> Iterator[Remark]:
    for excerpt in reading.excerpts:
        citation = excerpt.citation
        if citation and citation.problem:
            line = lines_of[excerpt.start if citation.start is None else citation.start]
            yield Remark(line, citation.raw, citation.problem)


def _kept(reading: Reading) -> Iterator[Remark]:
    texts = iter([block for block in reading.blocks if block.kind == "text"])
    block = next(texts, None)
    for line in split_lines(reading.document.text):
        while block and block.end <= line.start:
            block = next(texts, None)
        if block and block.start <= line.start and _looks_like_citation(line):
            yield Remark(line.number, _short(line.text))


def _looks_like_citation(line: Line) -> bool:
    return len(line.text) <= 500 and any(map(str.isdigit, line.text)) and is_citation(line.text)


def _remark(text: str, block: Block) -> Remark:
    return Remark(block.line, _short(text[block.start : block.end]))


def _short(text: str) -> str:
    line = " ".join(text[: 4 * _SHOWN].split())
    return line if len(line) <= _SHOWN else f"{line[: _SHOWN - 1]}…"
