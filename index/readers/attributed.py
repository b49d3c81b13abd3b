"""From the entries of a layout to excerpts with their citations: what each citation says, and every character in one block."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from index.readers.attributions import bare, is_back_reference, parse_attribution, place_only
from index.readers.blocks import Piece
from index.readers.candidates import Token
from index.readers.entries import Entry
from index.readers.readings import Mark, Passage, trimmed
from index.records import Citation, CslItem, Locator

_LINE = re.compile(r"[^\r\n]+")
_MARKS_ONLY = re.compile(r"(?:[\s>*+•-]|\d{1,4}[.)])*")
_ATX = re.compile(r"#{1,6}[ \t]+")
_CLOSING_ATX = re.compile(r"(?<![ \t])[ \t]++#+[ \t]*$")
_CALLOUT = re.compile(r"\[!(?P<kind>[\w-]+)\][-+]?\s*(?P<rest>.*)$")
_QUOTING = frozenset("quote cite citation quotation highlight excerpt extract passage".split())
_AUTHOR = re.compile(r"\W{0,3}(?P<name>[^\W\d_a-z][^,;]{1,60}?),? (?:op|loc)\. ?cit")
_SMALL = frozenset("a an and as at but by for from in of on or the to with de la le du des der die das und et y von van".split())


class Citing(msgspec.Struct):
    """What is needed to say what an entry is cited by.

    ``own`` is the document's citation, which texts without one of their own cite (None: they cite nothing); ``work`` that of
    the work which it excerpts, where it names one; ``title`` names the document; ``works`` are CSL items by citekey; ``notes``
    the spans of notes by name; ``later`` are the works that hold from further down on, by where they begin.
    """

    text: str
    title: str
    own: Citation | None = None
    work: Citation | None = None
    works: Mapping[str, CslItem] = {}
    notes: Mapping[str, tuple[int, int]] = {}
    later: tuple[tuple[int, Citation | None], ...] = ()

    def work_at(self, start: int) -> Citation | None:
        """The work that the text which begins there excerpts, None for none."""
        return next((work for begin, work in reversed(self.later) if begin <= start), self.work)


def passages_of(
    entries: Sequence[Entry], tokens: Sequence[Token], citing: Citing, paths: Mapping[int, tuple[str, ...]] | None = None
) -> list[Passage]:
    """The excerpts, in order: texts of one entry that follow each other are one excerpt. Linear.

    ``paths`` gives the headings of each text by its start, where they are known already.
    """
    paths = _paths(tokens) if paths is None else paths
    cited = _Cited(citing, [token for token in tokens if token.role == "citation"])
    made: list[Passage] = []
    for entry in entries:
        citation = cited.citation_of(entry)
        for start, end in _joined(entry, citing.text):
            made.append(Passage(start, end, paths.get(entry.texts[0].start, ()), citation))
    return sorted(made, key=lambda passage: passage.start)


def marks_of(
    text: str, tokens: Sequence[Token], pieces: Sequence[Piece], passages: Sequence[Passage], begin: int = 0
) -> list[Mark]:
    """Everything else as marks: citations, headings, and furniture for each run of signs that nothing else holds."""
    held = sorted((passage.start, passage.end) for passage in passages)
    marks: list[Mark] = []
    for token in tokens:
        if token.role in ("citation", "place"):
            start, end = citation_span(text, token)
            marks.append(Mark("citation", start, end))
        elif token.role == "heading":
            marks.append(Mark("heading", token.start, token.end))
    marks += [Mark("citation", piece.start, piece.end) for piece in pieces if piece.kind == "note"]
    marks = list(_apart(marks, held))
    return [*marks, *_rest(text, sorted([*held, *((mark.start, mark.end) for mark in marks)]), begin)]


def citation_span(text: str, token: Token) -> tuple[int, int]:
    """Where the words of a citation stand: without the marks of a heading."""
    start, end = token.start, token.end
    if token.role == "heading" or token.name == "heading":
        start += len(found[0]) if (found := _ATX.match(text, start, end)) else 0
        closing = _CLOSING_ATX.search(text, start, end)
        end = closing.start() if closing else text.find("\n", start, end) if "\n" in text[start:end] else end
    return trimmed(text, start, end)


def _apart(marks: Sequence[Mark], held: Sequence[tuple[int, int]]) -> Iterator[Mark]:
    """Without marks inside an excerpt."""
    spans = iter(held)
    span = next(spans, None)
    last = 0
    for mark in sorted(marks, key=lambda mark: (mark.start, mark.end)):
        while span and span[1] <= mark.start:
            span = next(spans, None)
        if (span is None or mark.end <= span[0]) and mark.start >= last and mark.start < mark.end:
            last = mark.end
            yield mark


def _rest(text: str, held: Iterable[tuple[int, int]], begin: int) -> Iterator[Mark]:
    at = begin
    for start, end in [*held, (len(text), len(text))]:
        for line in _LINE.finditer(text, at, start):
            first, last = trimmed(text, line.start(), line.end())
            if first < last:
                yield Mark("furniture", first, last)
        at = max(at, end)


def _joined(entry: Entry, text: str) -> Iterator[tuple[int, int]]:
    """The texts of an entry as spans, those with nothing but white space and marks of quotation between them as one."""
    start, end = entry.texts[0].start, entry.texts[0].end
    for token in entry.texts[1:]:
        if not _MARKS_ONLY.fullmatch(text, end, token.start):
            yield start, end
            start = token.start
        end = token.end
    yield start, end


def _paths(tokens: Sequence[Token]) -> dict[int, tuple[str, ...]]:
    """For each text by its start the headings above it, outermost first."""
    path: list[Token] = []
    paths: dict[int, tuple[str, ...]] = {}
    for token in tokens:
        if token.role == "heading":
            path = [above for above in path if above.level < token.level] + [token]
        elif token.role == "text":
            paths[token.start] = tuple(heading.words for heading in path)
    return paths


class _Cited:
    """Resolves citations in the order of the document, so that back references find what they point at."""

    def __init__(self, citing: Citing, citations: Sequence[Token]) -> None:
        self._citing = citing
        self._parsed: dict[int, Citation] = {}
        self._notes = self._read_notes()
        earlier: list[Citation] = []
        for token in citations:
            self._parsed[token.start] = read = self._read(token, earlier)
            if token.tail != "note":
                earlier.append(read)

    def citation_of(self, entry: Entry) -> Citation | None:
        """What an entry is cited by; None where the document cites nothing for it."""
        citing = self._citing
        if entry.doubt:
            beside = tuple(citing.text[slice(*citation_span(citing.text, token))] for token in entry.beside)
            return Citation(
                citing.title,
                csl={"type": "document", "title": citing.title},
                problem=f"not attributed: {entry.doubt}",
                beside=beside,
            )
        if entry.heading:
            return self._below_heading(entry.heading, entry.place)
        if entry.citation is None:
            return self._placed(entry) if entry.place else citing.own
        if entry.citation.tail == "note":
            return self._noted(entry.citation)
        read = self._parsed[entry.citation.start]
        if entry.place is None:
            return read
        locator = place_of(entry.place.words)
        if entry.inferred:
            raw = f"{read.raw.rstrip('.')}, {_words(citing.text, entry.place)}"
            return replace(read, raw=raw, start=None, end=None, locator=locator, inferred=True)
        return replace(read, locator=read.locator or locator)

    def _read(self, token: Token, earlier: Sequence[Citation]) -> Citation:
        text = self._citing.text
        start, end = citation_span(text, token)
        if token.back:
            return _back(text[start:end], start, end, token.words, earlier)
        if ":" in token.name and token.name.replace(":", "").isdigit():
            first, last = map(int, token.name.split(":"))
            words = text[start:first] if first > start else text[last:end]
            read = parse_attribution(words.strip(), None, None, self._citing.works)
            locator = read.locator or place_of(bare(text[first:last]))
            return replace(read, raw=text[start:end], start=start, end=end, locator=locator)
        return parse_attribution(text[start:end], start, end, self._citing.works)

    def _below_heading(self, heading: Token, place: Token | None) -> Citation:
        text = self._citing.text
        words = text[slice(*citation_span(text, heading))]
        read = parse_attribution(words, None, None, self._citing.works)
        csl = in_usual_case(read.csl) if read.csl and heading.words.isupper() else read.csl
        raw = f"{words}, {_words(text, place)}" if place else words
        return replace(read, raw=raw, csl=csl, locator=place_of(place.words) if place else read.locator)

    def _placed(self, entry: Entry) -> Citation | None:
        """A text with nothing but a place: in the work that the document names, else in none."""
        assert entry.place is not None  # noqa: S101 — the caller has looked
        work, locator = self._citing.work_at(entry.texts[0].start), place_of(entry.place.words)
        callout = _CALLOUT.match(entry.place.words)
        if callout and callout["kind"].lower() not in _QUOTING:
            return self._citing.own
        if work is not None:
            where = _words(self._citing.text, entry.place) if locator else ""
            raw = f"{work.raw.rstrip('.')}, {where}" if where else work.raw
            return replace(work, raw=raw, locator=locator or work.locator)
        if locator is None:
            return self._citing.own
        start, end = trimmed(self._citing.text, entry.place.start, entry.place.end)
        return Citation(
            self._citing.text[start:end], start, end, locator=locator, problem="the line names no work, and nothing above it does"
        )

    def _noted(self, token: Token) -> Citation | None:
        return self._notes.get(token.name, self._citing.own)

    def _read_notes(self) -> dict[str, Citation]:
        """What each note cites, back references resolved in the order of the notes."""
        text, earlier, read = self._citing.text, list[Citation](), dict[str, Citation]()
        for name, (start, end) in sorted(self._citing.notes.items(), key=lambda item: item[1]):
            words = bare(text[start:end])
            if is_back_reference(words):
                read[name] = _back(text[start:end], start, end, words, earlier)
            else:
                read[name] = parse_attribution(text[start:end], start, end, self._citing.works)
            earlier.append(read[name])
        return read


def place_of(words: str) -> Locator | None:
    """The locator of a place token, a callout's among them."""
    callout = _CALLOUT.match(words)
    rest = callout["rest"] if callout else words
    return place_only(rest) or (place_only(f"p. {rest}") if callout and rest else None)


def _words(text: str, place: Token) -> str:
    callout = _CALLOUT.match(place.words)
    if "::" in text[place.start : place.end]:
        return place.words
    return callout["rest"] if callout else bare(text[place.start : place.end]).strip("()[]{}:,. ") or place.words


def _back(raw: str, start: int, end: int, words: str, earlier: Sequence[Citation]) -> Citation:
    """The citation that a back reference points at, with its own place; or why it is not known."""
    named = _AUTHOR.match(words)
    family = named["name"].split()[-1] if named else ""
    found = [read for read in earlier if read.csl and (not family or family in _families(read.csl))]
    target = found[-1] if found else None
    if named and target and len({str(read.csl.get("title")) for read in found if read.csl}) > 1:
        return Citation(raw, start, end, problem=f"the line refers to a citation of {family} before it, and there are several")
    if target is None or (not named and earlier and earlier[-1] is not target):
        return Citation(raw, start, end, problem="the line refers to the citation before it, which could not be parsed")
    place = re.search(r"[,;:. ](?P<place>(?:at |pp?\.? ?|S\. ?|ch\. ?|vol\. ?)?[\divxlc][\d\s,\-–ivxlcf]*)\W*$", words)
    locator = None
    if place:
        locator = place_only(place["place"]) or place_only(f"p. {place['place'].removeprefix('at ')}")
    locator = locator or (None if place else target.locator)
    return Citation(raw, start, end, dict(target.csl or {}), locator, likely=target.likely, inferred=True)


def _families(csl: CslItem) -> set[str]:
    return {str(person.get("family", "")) for role in ("author", "editor") for person in csl.get(role, [])}


def in_usual_case(csl: CslItem) -> CslItem:
    """The fields of a heading written in capitals, as they are written elsewhere."""

    def told(value: Any) -> Any:
        if isinstance(value, str) and value.isupper():
            words = [
                word.capitalize() if "-" not in word else "-".join(map(str.capitalize, word.split("-"))) for word in value.split()
            ]
            return " ".join(word.lower() if at and word.lower() in _SMALL else word for at, word in enumerate(words))
        if isinstance(value, list):
            return [told(part) for part in value]
        return {key: told(part) for key, part in value.items()} if isinstance(value, dict) else value

    return {key: told(value) for key, value in csl.items()}
