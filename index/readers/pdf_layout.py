"""From pieces of text on a printed page to lines in reading order: columns, running heads and folios, paragraphs."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from statistics import median
from typing import Literal, NamedTuple

_ZONE = 0.15
"""Share of the page's height at its top and at its bottom where running heads and folios stand."""

_OUTERMOST = 3
_FEWEST_REPEATS = 3
_SAME_PLACE = 4.0
"""Points by which the same running head may move from page to page."""

_GUTTER = 3.0
"""Half of the narrowest white space between two columns, in points."""

_CROSSING = 0.3
_FEWEST_IN_COLUMN = 4
_NUMBER = re.compile(r"[0-9]{1,4}|[ivxlc]{1,7}", re.IGNORECASE)
_FOLIO = re.compile(r"[^\w]*(?P<number>[0-9]{1,4}|[ivxlc]{1,7}|[IVXLC]{1,7})[^\w]*")
_FOLIO_IN_HEAD = re.compile(r"(?P<first>[0-9]{1,4})\s+\D.*|.*\D\s(?P<last>[0-9]{1,4})")
_ENDS = re.compile(r"[.!?:;…][\"”’)\]»]*$")
_LARGE = 1.2
_SMALL = 0.9
_LONGEST_HEADING = 200
_INDENT, _OTHER_SIZE, _WIDE_SPACE = 0.5, 0.15, 0.6
"""In heights of a line: what begins a paragraph."""

_SHORT = 0.12
"""Share of the column's width that a paragraph's last line leaves free."""

_NOTE = re.compile(r"(?:[0-9]{1,3}|[*†‡§]+)[.)]?\s?\S")

Kind = Literal["paragraph", "heading", "note", "furniture"]


class Line(NamedTuple):
    """A printed line: its box in points from the lower left corner of the page, its text, its column."""

    left: float
    bottom: float
    right: float
    top: float
    text: str
    column: int = 0

    @property
    def height(self) -> float:
        """Points from its lowest to its highest letter's room."""
        return self.top - self.bottom


class PageLines(NamedTuple):
    """A page: its size, its label in the file ("" for none), its lines in reading order, and those that are furniture."""

    width: float
    height: float
    label: str
    lines: tuple[Line, ...]
    furniture: tuple[Line, ...] = ()


class PrintedBlock(NamedTuple):
    """Lines that belong together; ``continues``: they go on with the last paragraph before them."""

    kind: Kind
    lines: tuple[Line, ...]
    continues: bool = False

    @property
    def text(self) -> str:
        """The lines as they are broken."""
        return "\n".join(line.text for line in self.lines)


def lines_of(segments: Sequence[tuple[float, float, float, float, str]], width: float, height: float, label: str) -> PageLines:
    """A page's pieces (left, bottom, right, top, text) as lines in reading order."""
    pieces = [Line(*segment) for segment in segments]
    lines: list[Line] = []
    for column, members in enumerate(_columns(pieces)):
        lines += [line._replace(column=column) for line in _joined(members)]
    return PageLines(width, height, label, tuple(lines))


def without_furniture(pages: Sequence[PageLines]) -> list[PageLines]:
    """The pages with their running heads and folios apart: lines at the edge that come again in the same place."""
    places: defaultdict[tuple[str, str], list[tuple[int, float]]] = defaultdict(list)
    largest = _LARGE * body_height(pages)
    for at, page in enumerate(pages):
        for zone, line in _edges(page, largest):
            places[zone, _pattern(line.text)].append((at, line.bottom))
    repeated = {key for key, found in places.items() if _repeats(key[1], found, len(pages))}
    told = []
    for page in pages:
        apart = [line for zone, line in _edges(page, largest) if (zone, _pattern(line.text)) in repeated]
        told.append(page._replace(lines=tuple(line for line in page.lines if line not in apart), furniture=tuple(apart)))
    return told


def printed_labels(pages: Sequence[PageLines]) -> list[str]:
    """The number printed on each page, "" where none can be told.

    A number at the edge of a page counts when it runs with the pages: at least three, and most of those that have one, differ
    from the page's place in the file by the same amount. Pages between two such take the number between.
    """
    numbers = [_folio(page) for page in pages]
    arabic = Counter(int(number) - at for at, number in enumerate(numbers) if number.isdecimal())
    if not arabic:
        return (
            [number if number and not number.isdecimal() else "" for number in numbers]
            if sum(map(bool, numbers)) > 2
            else [""] * len(pages)
        )
    offset, count = arabic.most_common(1)[0]
    if count < min(_FEWEST_REPEATS, len(pages)) or count < arabic.total() / 2:
        return [""] * len(pages)
    fitting = [at for at, number in enumerate(numbers) if number.isdecimal() and int(number) - at == offset]
    labels = []
    for at, number in enumerate(numbers):
        between = fitting[0] <= at <= fitting[-1]
        labels.append(str(at + offset) if between else number if number and not number.isdecimal() else "")
    return labels


def body_height(pages: Sequence[PageLines]) -> float:
    """The height of most lines of text."""
    heights = [line.height for page in pages for line in page.lines for _ in range(1 + len(line.text) // 20)]
    return median(heights) if heights else 10.0


def blocks_of(page: PageLines, body: float, titles: Sequence[str] = ()) -> Iterator[PrintedBlock]:
    """The page's blocks in reading order, its notes last; ``titles`` are headings known to begin on this page, folded."""
    notes = _notes(page.lines, body)
    lines = page.lines[: len(page.lines) - len(notes)]
    headings = _headings(lines, body, titles)
    edges = _edges_of_columns(lines)
    at, after_heading = 0, False
    while at < len(lines):
        if run := headings.get(at, 0):
            yield PrintedBlock("heading", lines[at : at + run])
            at, after_heading = at + run, True
            continue
        end = at + 1
        while end < len(lines) and end not in headings and not _begins_paragraph(lines, end, edges):
            end += 1
        goes_on = at == 0 or lines[at].column != lines[at - 1].column
        indented = lines[at].left - edges[lines[at].column][0] > _INDENT * lines[at].height
        yield PrintedBlock("paragraph", lines[at:end], continues=goes_on and not after_heading and not indented)
        at, after_heading = end, False
    yield from (PrintedBlock("note", tuple(each)) for each in _split_notes(notes))


def fold_title(words: str) -> str:
    """Letters and digits only, in small letters: how titles are compared."""
    return "".join(character for character in words.casefold() if character.isalnum())


def ends_sentence(text: str) -> bool:
    """Whether a paragraph could end here."""
    return bool(_ENDS.search(text.rstrip()))


def _columns(pieces: Sequence[Line]) -> Iterator[list[Line]]:
    """Groups of pieces in reading order: what spans the page, then the left column, then the right, from above to below."""
    gutter = _gutter(pieces)
    ordered = sorted(pieces, key=lambda piece: (-piece.top, piece.left))
    if gutter is None:
        yield ordered
        return
    left: list[Line] = []
    right: list[Line] = []
    for piece in ordered:
        if piece.left < gutter - _GUTTER and piece.right > gutter + _GUTTER:
            yield from (column for column in (left, right) if column)
            left, right = [], []
            yield [piece]
        else:
            (left if piece.right <= gutter + _GUTTER else right).append(piece)
    yield from (column for column in (left, right) if column)


def _gutter(pieces: Sequence[Line]) -> float | None:
    """Where the white space between two columns runs, None on a page of one."""
    if len(pieces) < 2 * _FEWEST_IN_COLUMN:
        return None
    left, right = min(piece.left for piece in pieces), max(piece.right for piece in pieces)
    best: tuple[int, float, float] | None = None
    for step in range(30, 71, 2):
        x = left + (right - left) * step / 100
        crossing = sum(piece.left < x - _GUTTER and piece.right > x + _GUTTER for piece in pieces)
        touching = sum(piece.left < x + _GUTTER and piece.right > x - _GUTTER for piece in pieces)
        candidate = (max(crossing, touching), abs(step - 50), x)
        best = min(best, candidate) if best else candidate
    if best is None or best[0] > _CROSSING * len(pieces):
        return None
    before = [piece for piece in pieces if piece.right <= best[2] + _GUTTER]
    after = [piece for piece in pieces if piece.left >= best[2] - _GUTTER]
    return best[2] if _stand_beside(before, after) else None


def _stand_beside(before: Sequence[Line], after: Sequence[Line]) -> bool:
    """Whether both sides hold enough lines of text, next to each other, and are as wide as columns."""
    if min(len(before), len(after)) < _FEWEST_IN_COLUMN:
        return False
    low, high = (
        max(min(line.bottom for line in side) for side in (before, after)),
        min(max(line.top for line in side) for side in (before, after)),
    )
    shortest = min(max(line.top for line in side) - min(line.bottom for line in side) for side in (before, after))
    widths = [median(line.right - line.left for line in side) for side in (before, after)]
    return high - low > shortest / 2 and min(widths) > 8 * median(line.height for line in before)


def _joined(pieces: Sequence[Line]) -> Iterator[Line]:
    """Pieces of one column as lines: those at the same height become one, from left to right."""
    row: list[Line] = []
    for piece in sorted(pieces, key=lambda each: (-(each.top + each.bottom), each.left)):
        if row and _same_row(row[0], piece):
            row.append(piece)
            continue
        if row:
            yield _line(row)
        row = [piece]
    if row:
        yield _line(row)


def _same_row(first: Line, piece: Line) -> bool:
    overlap = min(first.top, piece.top) - max(first.bottom, piece.bottom)
    return overlap > 0.5 * min(first.height, piece.height)


def _line(row: list[Line]) -> Line:
    row.sort(key=lambda piece: piece.left)
    return Line(
        row[0].left,
        min(piece.bottom for piece in row),
        max(piece.right for piece in row),
        max(piece.top for piece in row),
        " ".join(piece.text.strip() for piece in row),
    )


def _edges(page: PageLines, largest: float) -> Iterator[tuple[str, Line]]:
    """The outermost lines at the head and at the foot, but for headings, which are large."""
    by_height = sorted((line for line in page.lines if line.height < largest), key=lambda line: line.bottom)
    yield from (("foot", line) for line in by_height[:_OUTERMOST] if line.top < _ZONE * page.height)
    yield from (("head", line) for line in by_height[::-1][:_OUTERMOST] if line.bottom > (1 - _ZONE) * page.height)


def _pattern(text: str) -> str:
    """A line with its numbers as one sign, a roman one only where it stands alone."""
    if _FOLIO.fullmatch(text):
        return "#"
    return re.sub(r"[0-9]+", "#", " ".join(text.casefold().split()))


def _repeats(pattern: str, found: Sequence[tuple[int, float]], pages: int) -> bool:
    """Whether a line at the edge comes again in about the same place on enough pages."""
    middle = median(bottom for _, bottom in found)
    near = {at for at, bottom in found if abs(bottom - middle) <= _SAME_PLACE}
    fewest = min(_FEWEST_REPEATS, max(2, pages)) if pattern == "#" else _FEWEST_REPEATS
    return len(near) >= fewest and len(near) >= len(found) / 2


def _folio(page: PageLines) -> str:
    """The number among the furniture of a page."""
    for line in page.furniture:
        alone = _FOLIO.fullmatch(line.text)
        if alone:
            return alone["number"]
    for line in page.furniture:
        within = _FOLIO_IN_HEAD.fullmatch(line.text)
        if within:
            return within["first"] or within["last"]
    return ""


def _notes(lines: Sequence[Line], body: float) -> list[Line]:
    """The small lines at the foot of the page, where the first of them begins as a note does."""
    start = len(lines)
    while start and lines[start - 1].height <= _SMALL * body and lines[start - 1].column == lines[-1].column:
        start -= 1
    while start < len(lines) and not _NOTE.match(lines[start].text):
        start += 1
    return list(lines[start:]) if start else []


def _split_notes(notes: Sequence[Line]) -> Iterator[list[Line]]:
    note: list[Line] = []
    for line in notes:
        if note and _NOTE.match(line.text) and line.left <= min(each.left for each in note) + line.height:
            yield note
            note = []
        note.append(line)
    if note:
        yield note


def _headings(lines: Sequence[Line], body: float, titles: Sequence[str]) -> dict[int, int]:
    """Where headings begin, and of how many lines: known titles, and lines larger than the text."""
    found: dict[int, int] = {}
    wanted = list(titles)
    for at in range(len(lines)):
        for run in (1, 2, 3):
            folded = fold_title("".join(line.text for line in lines[at : at + run]))
            if folded and folded in wanted and at + run <= len(lines):
                wanted.remove(folded)
                found[at] = run
                break
    covered = {at + offset for at, run in found.items() for offset in range(run)}
    at = 0
    while at < len(lines):
        run = 0
        while (
            at + run < len(lines)
            and at + run not in covered
            and _is_large(lines[at + run], body)
            and (not run or abs(lines[at + run].height - lines[at].height) < 1)
        ):
            run += 1
        if run and sum(len(line.text) for line in lines[at : at + run]) <= _LONGEST_HEADING:
            found[at] = run
        at += max(run, 1)
    return found


def _is_large(line: Line, body: float) -> bool:
    return line.height >= _LARGE * body and any(map(str.isalpha, line.text))


def _edges_of_columns(lines: Sequence[Line]) -> dict[int, tuple[float, float]]:
    """Where the lines of each column begin, indented ones aside, and where they end."""
    members: defaultdict[int, list[Line]] = defaultdict(list)
    for line in lines:
        members[line.column].append(line)
    edges: dict[int, tuple[float, float]] = {}
    for column, own in members.items():
        lefts = Counter(round(line.left) for line in own)
        often = max(1.0, max(lefts.values()) / 2)
        edges[column] = (min(left for left, count in lefts.items() if count >= often), max(line.right for line in own))
    return edges


def _begins_paragraph(lines: Sequence[Line], at: int, edges: Mapping[int, tuple[float, float]]) -> bool:
    """Whether a line begins a paragraph: after more white space, indented, after a short line that ends, or in other size."""
    line, before = lines[at], lines[at - 1]
    if line.column != before.column or abs(line.height - before.height) > _OTHER_SIZE * before.height:
        return True
    if before.bottom - line.top > _WIDE_SPACE * line.height:
        return True
    left, right = edges[line.column]
    indented, was_indented = (each.left - left > _INDENT * line.height for each in (line, before))
    if indented != was_indented:
        return indented
    return not indented and before.right < right - _SHORT * (right - left) and ends_sentence(before.text)
