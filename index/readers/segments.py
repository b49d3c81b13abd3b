"""Cuts a document's lines into titles, headings, excerpts, citations and furniture.

Evidence, not layout, decides. A line's own looks are one witness (how much it reads like a citation, in which style it
could be a heading); what stands before and after it is another; the third is the document itself, whose habits
``Page`` has learned. See docs/reader.md for the rules and what they found.
"""

from collections.abc import Iterator

import msgspec

from index.readers.headings import Style
from index.readers.page import Page
from index.records import BlockKind


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
