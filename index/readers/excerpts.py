"""Reads texts that cite: passages with their citations below, above, in the same block, under headings or between delimiters."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import PurePath
from statistics import median

import msgspec

from index.citations.recognise import citation_score
from index.decoding import decode
from index.readers.attributed import Citing, marks_of, passages_of
from index.readers.attributions import is_back_reference, parse_attribution
from index.readers.blocks import Piece, plain_pieces
from index.readers.candidates import Token, blocks_as_tokens, tokens
from index.readers.cited_lines import join_two_lines, set_brackets_apart
from index.readers.document_citations import cite_text
from index.readers.entries import Layouts
from index.readers.findings import finding_of, is_collection
from index.readers.frames import find_frame
from index.readers.headings import Outline, Style, style_of
from index.readers.layouts import lay_out
from index.readers.lines import Line, split_lines
from index.readers.page import Page
from index.readers.plain import PlainReader
from index.readers.readings import Mark, Passage, make_reading
from index.records import BlockKind, LayoutFinding, Reading, SourceFile

# Cuts a document's lines into titles, headings, excerpts, citations and furniture.
#
# Evidence, not layout, decides. A line's own looks are one witness (how much it reads like a citation, in which style it
# could be a heading); what stands before and after it is another; the third is the document itself, whose habits
# ``Page`` has learned. See docs/reader.md for the rules and what they found.


class Segment(msgspec.Struct, frozen=True):
    """Lines ``first`` to ``last`` with one role; a text segment is one excerpt.

    ``style`` is that of a heading; ``cited`` is true of a citation that ends an excerpt.
    """

    role: BlockKind
    first: int
    last: int
    style: Style | None = None
    cited: bool = False


def segments(page: Page) -> Iterator[Segment]:
    """Every line of the page in exactly one segment, in order. Linear in the number of lines."""
    at, any_cited = 0, False
    while at < len(page.lines):
        outside = _outside(page, at)
        if outside:
            yield outside
            at += 1
            continue
        text, furniture, cited = _excerpt(page, at, any_cited)
        yield text
        yield from furniture
        at = text.last + 1 + len(furniture)
        if cited:
            yield Segment("citation", at, at, cited=True)
            at, any_cited = at + 1, True


def _outside(page: Page, at: int) -> Segment | None:
    """What a line is that follows a citation, a heading, furniture or nothing; None: an excerpt begins."""
    if at in page.furniture:
        return Segment("furniture", at, at)
    style = page.heads(at)
    if style:
        return Segment("heading", at, at, style=style)
    if page.stands_as_citation(at):
        return Segment("citation", at, at)
    return Segment("furniture", at, at) if page.is_furniture(at) else None


def _excerpt(page: Page, first: int, any_cited: bool) -> tuple[Segment, list[Segment], bool]:
    """The excerpt that begins here, the furniture between it and what ends it, and whether a citation does."""
    last = first
    for at in range(first + 1, len(page.lines)):
        if page.cites(at):
            return Segment("text", first, last), _furniture(last + 1, at), True
        if at in page.furniture or (not any_cited and page.stands_out(at)):
            return Segment("text", first, last), _furniture(last + 1, at), False
        if not page.is_furniture(at):  # what stands between two texts of one excerpt belongs to it
            last = at
    return Segment("text", first, last), _furniture(last + 1, len(page.lines)), False


def _furniture(start: int, end: int) -> list[Segment]:
    return [Segment("furniture", at, at) for at in range(start, end)]


_SAMPLE = 100_000
"""Code points that are looked at before a file is taken for something else."""

_LONGEST_EXCERPT = 20_000
"""Characters for each citation above which a file is prose that cites, not a collection of excerpts."""

_SHORTEST_EXCERPT = 6
"""Characters that at least half of the excerpts of a collection reach: more than the number of a reference, "[12]"."""

_TELLING = 4
"""Excerpts from which their lengths tell a collection from an article: two or three may well be this unequal."""

_AS_MANY = 0.95
"""Share of the texts attributed by lines of their own, from which a layout that ties texts harder is preferred."""

_SURE = 0.95
_A_FEW = 0.05
_CONTRARY = 0.15
"""Share of the evidence against citations below their texts from which the rules for these are not used."""


class ExcerptReader:
    """Excerpts of one or more paragraphs, and what each cites, wherever the document puts it."""

    name = "excerpts"

    def accepts(self, file: SourceFile) -> bool:
        """Whether the evidence says that the text is a collection; in doubt which layout it has, too."""
        text, _ = decode(file)
        if file.told.layout:
            return file.told.layout != "none"
        return _read(text[:_SAMPLE], whole=len(text) <= _SAMPLE, file=file) is not None

    def read(self, file: SourceFile) -> list[Reading]:
        """One reading; as plain text where it is no collection after all. Raises FileUnreadable when it cannot be decoded."""
        text, encoding = decode(file)
        found = _read(text, whole=True, file=file)
        if found is None:
            return PlainReader().read(file)
        return [
            make_reading(
                file,
                reader=self.name,
                encoding=encoding,
                title=found.title,
                text=text,
                passages=found.passages,
                marks=found.marks,
                layout=found.finding,
            )
        ]


class _Found(msgspec.Struct, frozen=True):
    title: str
    passages: list[Passage]
    marks: list[Mark]
    finding: LayoutFinding


class _Kind(msgspec.Struct, frozen=True):
    """One way to see the text: how its tokens go together, its title, and the headings of each text where they are known."""

    layouts: Layouts
    title: str
    pieces: tuple[Piece, ...] = ()
    paths: dict[int, tuple[str, ...]] | None = None


def _read(text: str, *, whole: bool, file: SourceFile) -> _Found | None:
    """The better of two views: by the rules for citations on lines of their own below the text, and by all layouts."""
    frame = find_frame(text)
    lines = [line for line in split_lines(text) if frame.start <= line.start and line.end <= frame.end]
    if not lines:
        return None
    told = file.told.layout or None
    work, cited_as = cite_text(file, text, frame.citation, "")
    below = _by_lines(text, lines, whole=whole, told=told)
    other = _by_layouts(text, lines, told, work=work is not None)
    kind = _better(below, other, told)
    if kind is None:
        return None
    title = kind.title or frame.csl.get("title", "") or PurePath(file.name).stem
    notes = {piece.name: (piece.start, piece.end) for piece in kind.pieces if piece.kind == "note"}
    citing = Citing(text, title, work=work if cited_as and frame.citation is None else None, works=file.told.works, notes=notes)
    passages = passages_of(kind.layouts.entries, kind.layouts.tokens, citing, kind.paths)
    marks = marks_of(text, kind.layouts.tokens, kind.pieces, passages)
    return _Found(title, passages, marks, finding_of(text, kind.layouts, passages, told=told))


def _better(below: _Kind | None, other: _Kind, told: str | None) -> _Kind | None:
    if told:
        return below if told == "below" and below else other
    seen = other if other.layouts.layout != "none" and is_collection(other.layouts) else None
    parted = any(token.role == "boundary" for token in other.layouts.tokens)
    if below is None or parted or below.layouts.votes.direction != "below" or below.layouts.layout not in ("below", "unsure"):
        return seen
    if seen is None:
        return below
    votes = seen.layouts.votes
    if votes.above > _CONTRARY * (votes.above + votes.below):
        return seen
    hard = seen.layouts.layout in ("same block", "heading", "notes", "records") or any(
        entry.place for entry in seen.layouts.entries
    )
    if hard and (seen.layouts.share >= _AS_MANY * below.layouts.share or _cites_in_lines(seen)):
        return seen
    as_many = seen.layouts.share >= _AS_MANY * below.layouts.share
    return seen if as_many and _swallowed(below, seen) else below


def _cites_in_lines(kind: _Kind) -> bool:
    """Whether most texts have their citation on their own line."""
    tails = sum(bool(token.tail) for token in kind.layouts.tokens)
    return 2 * tails >= sum(token.role == "text" for token in kind.layouts.tokens)


def _score(line: str) -> float:
    """How much a line alone reads like a citation, back references to an author included."""
    return _SURE if is_back_reference(line) else citation_score(line)


def _swallowed(below: _Kind, seen: _Kind) -> bool:
    """Whether texts of the first view hold more than a few lines that are citations for the second, in their usual place."""
    cited = [token for token in seen.layouts.tokens if token.role == "citation" and not token.tail]
    usual = Counter(token.gap for token in cited).most_common(1)
    texts = iter([token for token in below.layouts.tokens if token.role == "text"])
    text, inside = next(texts, None), 0
    for token in cited:
        while text and text.end <= token.start:
            text = next(texts, None)
        inside += text is not None and text.start <= token.start and token.gap == usual[0][0]
    return inside > _A_FEW * len(cited)


def _by_lines(text: str, lines: Sequence[Line], *, whole: bool, told: str | None) -> _Kind | None:
    """The text by the rules of ``segments``; None where these see an article or no citations."""
    joined = join_two_lines(lines, _score)
    page = Page(set_brackets_apart(text, joined, _score), _score)
    parts = list(segments(page))
    if not told and not _is_cited(text, page, parts, whole=whole):
        return None
    made, paths = _tokens_of(text, page.lines, parts)
    title = page.lines[page.title].text if page.title >= 0 else ""
    return _Kind(lay_out(made, told="below" if told else None), title, paths=paths)


def _by_layouts(text: str, lines: Sequence[Line], told: str | None, *, work: bool) -> _Kind:
    pieces = plain_pieces(text, lines)
    titled = len(pieces) > 1 and pieces[0].alone and style_of(pieces[0].text) is not None and pieces[1].kind != "delimiter"
    made = tokens(text, pieces)
    titled = titled and made[0].role == "heading" and not made[0].work
    title = made[0].words if titled else ""
    if (titled and len(made) > 1 and made[1].role != "text") or (
        titled and not any(token.role == "heading" for token in made[1:])
    ):
        made = made[1:]
    return _Kind(lay_out(made, told=told, work=work), title, tuple(pieces))  # type: ignore[arg-type]


def _is_cited(text: str, page: Page, parts: Sequence[Segment], *, whole: bool) -> bool:
    """Whether at least two lines, or the last one, cite the text above them, and not too rarely."""
    parts = [part for part in parts if part.role in ("text", "citation")]
    lengths = [_length(page.lines, before) for before, part in pairwise(parts) if part.cited]
    if len(lengths) == 1 and parts[-1].cited and whole:
        return not page.is_listed(parts[-1].first - 1) and not _may_be_essay(page, parts)
    return len(lengths) > 1 and len(text) / len(lengths) <= _LONGEST_EXCERPT and not _is_article(lengths, len(text))


def _may_be_essay(page: Page, parts: Sequence[Segment]) -> bool:
    """Whether one line that gives no place in its work closes several paragraphs: the book that an essay is about, perhaps."""
    paragraphs = sum(page.lines[at].closes for at in range(parts[-2].first, parts[-2].last + 1))
    cited = page.lines[parts[-1].first].text
    return paragraphs > 1 and parse_attribution(cited, None, None).locator is None


def _is_article(lengths: Sequence[int], seen: int) -> bool:
    """Whether these lengths of cited texts are those of prose with its references behind it.

    There the first reference closes the whole article, and the others close next to nothing.
    """
    if len(lengths) < _TELLING:
        return False
    return median(lengths) < _SHORTEST_EXCERPT or max(lengths) > seen / 2


def _length(lines: Sequence[Line], part: Segment) -> int:
    return lines[part.last].end - lines[part.first].start


def _tokens_of(text: str, lines: Sequence[Line], parts: Sequence[Segment]) -> tuple[list[Token], dict[int, tuple[str, ...]]]:
    """The segments as tokens, a text for each of its blocks, and the headings above each text."""
    outline = Outline()
    paths: dict[int, tuple[str, ...]] = {}
    made: list[Token] = []
    for part in parts:
        first = lines[part.first]
        if part.role == "text":
            tokens = [_text_token(text, *block) for block in _blocks(lines, part)]
            made += tokens
            paths |= dict.fromkeys((token.start for token in tokens), outline.path)
            continue
        if part.style:
            outline.enter(first.text, part.style)
        if part.role in ("heading", "citation"):
            made.append(
                Token(
                    part.role,
                    first.start,
                    lines[part.last].end,
                    first.text,
                    first.number,
                    0,
                    likeness=1.0,
                    back=is_back_reference(first.text),
                )
            )
    return blocks_as_tokens(text, made), paths


def _text_token(text: str, first: Line, last: Line) -> Token:
    words = " ".join(text[first.start : last.end].split())
    return Token("text", first.start, last.end, words, first.number, first.number)


def _blocks(lines: Sequence[Line], part: Segment) -> Iterator[tuple[Line, Line]]:
    first = lines[part.first]
    for at in range(part.first, part.last + 1):
        if lines[at].closes or at == part.last:
            yield first, lines[at]
            first = lines[min(at + 1, len(lines) - 1)]
