"""Reads the clippings of e-book readers: a title with its author, a line that says where and when, the words, a line of ``=``.

The interface's language decides every word of the second line, so only its structure is read: a dash, numbers, bars, a date. A
page comes before a location; with one number alone, the word beside it tells which it is. The reader's own notes are kept
apart: they are not the author's words.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

import msgspec

from index.citations.locators import expand_pages
from index.citations.people import parse_names
from index.decoding import decode
from index.readers.readings import Mark, Passage, make_reading, trimmed
from index.records import Citation, CslItem, LayoutFinding, LayoutRemark, Locator, Reading, SourceFile

_END = re.compile(r"^={8,}[ \t]*\r?$", re.MULTILINE)
_LINE = re.compile(r"[^\r\n]+")
_META = re.compile(r"[-–—•][ \t]*+\S[^\r\n\d]*+\d(?:[^\r\n|｜]*+[|｜][^\r\n\d]*+\d|[^\r\n]*?\d[:.]\d{2})")
_AUTHOR = re.compile(r"(?:(?<!\s)\s++)?[(（](?P<name>[^()（）]+)[)）]\s*$")
_NUMBER = re.compile(r"#?(\d+(?:\s*[-–]\s*\d+)?)")
_ROMAN = re.compile(r"\b(?=[ivxlc]{1,8}\b)([ivxlc]+(?:-[ivxlc]+)?)\b")
_TIME = re.compile(r"\d{1,2}[:.]\d{2}")
_PAGE_WORDS = re.compile(r"pag|pág|seite|page|ページ|页|頁|стр|sid|stron|oldal|sayfa|σελ|페이지", re.IGNORECASE)
_NOTE_WORDS = re.compile(
    r"\bnote\b|\bnota\b|notiz|notitie|メモ|笔记|筆記|注释|заметк|notat|anteckning|notatka|메모", re.IGNORECASE
)
_FEWEST = 1
_SHARE = 0.8


class Clipping(msgspec.Struct, frozen=True):
    """One record: the spans of its title and text, its second line, and whether it is the reader's own note."""

    title: tuple[int, int]
    text: tuple[int, int]
    name: str
    meta: str
    words: str
    own: bool = False


class ClippingsReader:
    """What an e-book reader writes into "My Clippings.txt", in the language of any interface."""

    name = "clippings"

    def accepts(self, file: SourceFile) -> bool:
        """Whether nearly all records between lines of ``=`` have a second line with a dash, numbers, and a bar or a time."""
        text, _ = decode(file)
        if not _END.search(text[:200_000]):
            return False
        heads = [[text[line.start() : line.end()] for line in lines[:2]] for lines in _records(text)]
        fitting = sum(len(head) == 2 and _META.match(head[1].strip()) is not None for head in heads)
        return fitting >= _FEWEST and fitting >= _SHARE * len(heads)

    def read(self, file: SourceFile) -> list[Reading]:
        """One reading; duplicates and what a longer clipping of the same place holds are furniture. Raises FileUnreadable."""
        text, encoding = decode(file)
        clippings = _with_own(list(_clippings(text)))
        folded = _folded(clippings)
        passages = [
            Passage(*clipping.text, (clipping.name,), None if clipping.own else _citation(text, clipping))
            for at, clipping in enumerate(clippings)
            if at not in folded
        ]
        held = {passage.start for passage in passages}
        marks = [Mark("citation", *clipping.title) for clipping in clippings if clipping.text[0] in held and not clipping.own]
        marks += list(
            _furniture(text, [*((mark.start, mark.end) for mark in marks), *((each.start, each.end) for each in passages)])
        )
        remarks = tuple(
            LayoutRemark(
                text.count("\n", 0, clippings[at].text[0]) + 1, clippings[at].words[:80], "folded into a longer clipping"
            )
            for at in sorted(folded)
        )
        finding = LayoutFinding("records", (("records", 1.0),), remarks=remarks)
        return [
            make_reading(
                file,
                reader=self.name,
                encoding=encoding,
                title=file.name.rsplit("/", 1)[-1].rsplit(".", 1)[0],
                text=text,
                passages=passages,
                marks=marks,
                layout=finding,
            )
        ]


def _records(text: str) -> Iterator[list[re.Match[str]]]:
    """The lines of each record that are not white."""
    at = 0
    for end in [*(found.span() for found in _END.finditer(text)), (len(text), len(text))]:
        lines = [line for line in _LINE.finditer(text, at, end[0]) if line[0].strip(" \t\ufeff")]
        if lines:
            yield lines
        at = end[1]


def _clippings(text: str) -> Iterator[Clipping]:
    """Records with words; bookmarks have none."""
    for lines in _records(text):
        if len(lines) > 2 and _META.match(lines[1][0].strip()):
            title = trimmed(text, lines[0].start() + lines[0][0].startswith("\ufeff"), lines[0].end())
            words = trimmed(text, lines[2].start(), lines[-1].end())
            yield Clipping(title, words, text[slice(*title)], lines[1][0].strip(), " ".join(text[slice(*words)].split()))


def _with_own(clippings: Sequence[Clipping]) -> list[Clipping]:
    """The reader's notes marked: by the word for a note, or by a manner that never gives a range of places."""
    manners = Counter(_manner(clipping.meta) for clipping in clippings)
    ranged = {_manner(clipping.meta) for clipping in clippings if _has_range(clipping.meta)}
    return [
        msgspec.structs.replace(
            clipping,
            own=_NOTE_WORDS.search(_manner(clipping.meta)) is not None
            or (
                bool(ranged) and _manner(clipping.meta) not in ranged and manners[_manner(clipping.meta)] < max(manners.values())
            ),
        )
        for clipping in clippings
    ]


def _manner(meta: str) -> str:
    """The second line up to its date, without its numbers."""
    return re.sub(r"[\d#\s–-]+", " ", "|".join(_places(meta))).strip()


def _has_range(meta: str) -> bool:
    return re.search(r"\d\s*[-–]\s*\d", "|".join(_places(meta))) is not None


def _places(meta: str) -> list[str]:
    """The parts of the second line that say where, without the date at its end."""
    parts = meta.lstrip("-–—• ").split("|")
    return parts[:-1] if len(parts) > 1 and (_TIME.search(parts[-1]) or re.search(r"\d{4}", parts[-1])) else parts


def _folded(clippings: Sequence[Clipping]) -> set[int]:
    """Those whose words a longer clipping of the same book and place holds, or a later one as long. Linear but for sorting."""
    books: dict[str, list[int]] = {}
    for at, clipping in enumerate(clippings):
        if not clipping.own:
            books.setdefault(clipping.name, []).append(at)
    folded: set[int] = set()
    for places in books.values():
        spans = {at: _location(clippings[at].meta) for at in places}
        ordered = sorted(places, key=lambda at: (spans[at], at))
        for position, at in enumerate(ordered):
            for other in ordered[max(0, position - 12) : position + 13]:
                if (
                    other != at
                    and other not in folded
                    and _holds(clippings[other], clippings[at], spans[other], spans[at], later=other > at)
                ):
                    folded.add(at)
                    break
    return folded


def _holds(long: Clipping, short: Clipping, one: tuple[int, int], other: tuple[int, int], *, later: bool) -> bool:
    if short.words not in long.words or (len(short.words) == len(long.words) and not later):
        return False
    return one == other or (one[0] <= other[1] + 1 and other[0] <= one[1] + 1)


def _location(meta: str) -> tuple[int, int]:
    numbers = _NUMBER.findall(" ".join(_places(meta)))
    if not numbers:
        return (0, 0)
    ends = [int(part) for part in re.split(r"(?:(?<!\s)\s++)?[-–]\s*", numbers[-1])]
    return (ends[0], max(ends))


def _citation(text: str, clipping: Clipping) -> Citation:
    start, end = clipping.title
    author = _AUTHOR.search(clipping.name)
    csl: CslItem = {"type": "book", "title": clipping.name}
    if author and not any(sign.isdigit() for sign in author["name"]):
        names = parse_names(author["name"].replace(";", " and "))
        csl = {
            "type": "book",
            "title": clipping.name[: author.start()].strip(),
            "author": names.csl() if names else [{"literal": author["name"].strip()}],
        }
    return Citation(text[start:end], start, end, csl, _locator(clipping.meta))


def _locator(meta: str) -> Locator | None:
    places = " | ".join(_places(meta))
    numbers = [re.sub(r"\s", "", number) for number in _NUMBER.findall(places)]
    roman = _ROMAN.search(places.lower()) if _PAGE_WORDS.search(places) else None
    if len(numbers) > 1:
        return Locator("page", numbers[0], expand_pages(numbers[0]), f"location {numbers[1]}")
    if not numbers:
        return Locator("page", roman[1]) if roman else None
    if roman and "|" in places:
        return Locator("page", roman[1], note=f"location {numbers[0]}")
    if _PAGE_WORDS.search(places):
        return Locator("page", numbers[0], expand_pages(numbers[0]))
    return Locator("location", numbers[0])


def _furniture(text: str, held: Sequence[tuple[int, int]]) -> Iterator[Mark]:
    at = 0
    for start, end in [*sorted(held), (len(text), len(text))]:
        for line in _LINE.finditer(text, at, start):
            first, last = trimmed(text, line.start(), line.end())
            if first < last:
                yield Mark("furniture", first, last)
        at = max(at, end)
