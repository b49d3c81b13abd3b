"""Finds folded text in a collection's excerpts: whole words only, every dash doing what it does in the source."""

import itertools
import re
from array import array
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property, lru_cache
from itertools import islice, pairwise

import msgspec
import regex

from rag.quotes.fold import SINGLE_MARKS, Folded, cuts_word, dash_kind, fold, fold_editions

_WORD = re.compile(r"\w+")
_ASKS = regex.compile(r"[\s\p{Pf}\p{Pi}\"')\]]*[?!？！]")
_ANCHORS = 4
"""So many of a text's rarest words choose the excerpts that are searched through."""


class Occurrence(msgspec.Struct, frozen=True):
    """Where a folded text stands: excerpt number ``row``, folded ``[start, end)``; ``edition`` numbers the reading."""

    row: int
    start: int
    end: int
    edition: int = 0


class QuoteIndex:
    """The excerpts of one collection generation, folded once, and for each word the excerpts that hold it.

    Building folds every text (about 3 MB a second), and the first look-up in all of it lists its words; each then takes well
    under a millisecond, and memory is about four bytes a character. It never changes afterwards, so threads may share it.
    """

    def __init__(self, texts: Iterable[tuple[str, str]]) -> None:
        """Takes (excerpt id, text) pairs."""
        self.ids: Sequence[str] = (ids := [])
        self._originals: list[str] = []
        self._keys: list[str] = []
        self._edition_keys: dict[int, tuple[str, ...]] = {}
        for row, (excerpt_id, text) in enumerate(texts):
            key = _folded(text).text
            ids.append(excerpt_id)
            self._originals.append(text)
            self._keys.append(key)
            if editions := fold_editions(text):
                self._edition_keys[row] = tuple(edition.text for edition in editions)

    @cached_property
    def _rows_of(self) -> "dict[str, array[int]]":
        """The excerpts that hold each word, made when it is first asked for: in one cited passage no word needs it."""
        rows_of: dict[str, array[int]] = {}
        for row, key in enumerate(self._keys):
            for word in {*words(key), *(word for edition in self._edition_keys.get(row, ()) for word in words(edition))}:
                rows_of.setdefault(word, array("I")).append(row)
        return rows_of

    def __len__(self) -> int:
        return len(self.ids)

    def original(self, row: int) -> str:
        """The text of an excerpt as it was given."""
        return self._originals[row]

    def key(self, row: int) -> str:
        """An excerpt's folded text."""
        return self._keys[row]

    def edition_keys(self, row: int) -> Sequence[str]:
        """The same without the marks of its edition, where there are any."""
        return self._edition_keys.get(row, ())

    def folded(self, row: int) -> Folded:
        """An excerpt's folded text with its way back."""
        return _folded(self.original(row))

    def frequency(self, word: str) -> int:
        """How many excerpts hold a folded word."""
        return len(self._rows_of.get(word, ()))

    def rows_with(self, word: str) -> Sequence[int]:
        """The excerpts that hold a folded word, ascending."""
        return self._rows_of.get(word, ())

    def candidates(self, key: str, pieces: Sequence[Sequence[str]] = ()) -> Sequence[int]:
        """The excerpts that hold the rarest words of a folded text, ascending; none where it has no words.

        ``pieces`` are what else is known of the excerpts wanted: of each piece one reading stands in them. An index may leave
        out those in which none does.
        """
        asked = self.anchors(key)
        return self.holding(asked, pieces) if asked and self.frequency(asked[0]) else []

    def anchors(self, key: str) -> list[str]:
        """The rarest words of a folded text, the rarest first."""
        return sorted(set(words(key)), key=self.frequency)[:_ANCHORS]

    def holding(self, anchors: Sequence[str], pieces: Sequence[Sequence[str]]) -> Sequence[int]:  # noqa: ARG002 — all is at hand
        """The excerpts that hold all of some words, ascending; see ``candidates`` for ``pieces``."""
        rows = set(self._rows_of[anchors[0]])
        for word in anchors[1:]:
            rows.intersection_update(self._rows_of.get(word, ()))
        return sorted(rows)

    def readings(self, row: int) -> Iterator[tuple[Folded, int]]:
        """An excerpt's folded text, numbered 0, then, where its edition has marks of its own, the same without them."""
        yield self.folded(row), 0
        if self.edition_keys(row):
            yield from ((folded, number) for number, folded in enumerate(fold_editions(self.original(row)), start=1))

    def span(self, found: Occurrence) -> tuple[int, int]:
        """Where an occurrence stands in the excerpt's text."""
        return next(folded for folded, edition in self.readings(found.row) if edition == found.edition).span(
            found.start, found.end
        )

    def asks_after(self, found: Occurrence) -> bool:
        """Whether the source asks or exclaims right after an occurrence: no full stop can stand for that."""
        return _ASKS.match(self.original(found.row), self.span(found)[1]) is not None

    def find(self, quote: Folded, rows: Iterable[int] | None = None, *, editions: bool = True) -> Iterator[Occurrence]:
        """Where a folded text stands, in order; only in ``rows`` where given; with ``editions`` also across their marks."""
        key = quote.text
        if not words(key):
            return
        for row in self.candidates(key, [[key]]) if rows is None else rows:
            if key in self.key(row):
                yield from occurrences(quote, self.folded(row), row)
            elif editions and any(key in other for other in self.edition_keys(row)):
                for source, edition in self.readings(row):
                    if edition and key in source.text:
                        yield from occurrences(quote, source, row, edition=edition)


def _folded(text: str) -> Folded:
    """A text folded; of short ones, such as the passages of an answer, the last are kept."""
    return _kept(text) if len(text) <= _KEPT else fold(text)


_KEPT = 8000
_kept = lru_cache(maxsize=64)(fold)


def occurrences(quote: Folded, source: Folded, row: int, *, edition: int = 0) -> Iterator[Occurrence]:
    """Every place of a source where the quote stands as whole words, its dashes compatible."""
    at = source.text.find(quote.text)
    while at >= 0:
        end = at + len(quote.text)
        if not cuts_word(source, at) and not cuts_word(source, end) and _same_dashes(quote, source, at):
            yield Occurrence(row, at, end, edition)
        at = source.text.find(quote.text, at + 1)


def words(key: str) -> list[str]:
    """The words of a folded text, in order."""
    return _WORD.findall(key)


def _same_dashes(quote: Folded, source: Folded, at: int) -> bool:
    """False where one side joins a word with a hyphen that the other parts with a dash."""
    dash = quote.text.find("-")
    while dash >= 0:
        if {dash_kind(quote, dash), dash_kind(source, at + dash)} == {"hyphen", "dash"}:
            return False
        dash = quote.text.find("-", dash + 1)
    return True


# The readings of a quotation that editors allow: its final point, its edge ellipses, a capital in brackets, a "[sic]".

_EDGE = r"(?:\[\s?(?:…|\.\s?\.\s?\.)\s?\]|\(\s?(?:…|\.\s?\.\s?\.)\s?\)|…|\.(?:\s?\.){2,15})"
_LEADING = regex.compile(_EDGE)
_TRAILING = regex.compile(rf"{_EDGE}\s?\.?\Z")
_LONGEST_EDGE = 16
_FINAL_POINT = regex.compile(r"(?<![.…\s])[.,](['\"’”»]?)\Z")
_CAPITAL = regex.compile(r"\[(\p{L})\](?=\p{L})")
_SIC = regex.compile(r"\s?\[sic[.!]?\]", regex.IGNORECASE)


class Variant(msgspec.Struct, frozen=True):
    """One reading of a quotation, what was set aside for it, and whether that was an ellipsis, or a final point or comma."""

    text: str
    note: str = ""
    elided: bool = False
    pointed: bool = False


def variants(quote: str) -> list[Variant]:
    """The quotation as it stands, then with ever more set aside; none twice."""
    readings = [Variant(quote.strip())]
    for change in (_without_edge_ellipses, _without_brackets, _without_final_point):
        readings += [changed for reading in readings if (changed := change(reading)).text != reading.text]
    unique = {reading.text: reading for reading in reversed(readings) if reading.text}
    return sorted(unique.values(), key=readings.index)


def _without_edge_ellipses(reading: Variant) -> Variant:
    text = reading.text
    if leading := _LEADING.match(text):
        text = text[leading.end() :].lstrip()
    if trailing := _TRAILING.search(text, max(0, len(text) - _LONGEST_EDGE)):
        text = text[: trailing.start()].rstrip()
    return Variant(text, _noted(reading, "an ellipsis at its edge"), elided=True)


def _without_brackets(reading: Variant) -> Variant:
    text = _SIC.sub("", _CAPITAL.sub(r"\1", reading.text))
    return Variant(text, _noted(reading, "an editor's brackets"), reading.elided)


def _without_final_point(reading: Variant) -> Variant:
    return Variant(
        _FINAL_POINT.sub(r"\1", reading.text), _noted(reading, "its final point or comma"), reading.elided, pointed=True
    )


def _noted(reading: Variant, aside: str) -> str:
    return f"{reading.note} and {aside}" if reading.note else f"set aside: {aside}"


# Recognises words from different places presented as one: each piece verbatim, the whole nowhere.

FEWEST_WORDS = 4
MOST_PIECES = 5
LONGEST = 600
"""A quotation of more words is not taken apart."""

_NEAR = 60
"""Pieces of one excerpt fewer folded characters apart are one place with words left out: altered, not stitched."""


def stitches(quote: Folded, spans: Sequence[tuple[int, int]], index: QuoteIndex) -> list[Occurrence]:
    """The places a quotation was put together from, in its order; empty when it was not.

    ``spans`` are its folded words. The longest run found anywhere is taken from the front, again and again.
    """
    if len(spans) > LONGEST:
        return []
    pieces: list[Occurrence] = []
    done = 0
    while done < len(spans):
        length, place = _longest_run(quote, spans[done:], index)
        if place is None or length < FEWEST_WORDS or len(pieces) == MOST_PIECES:
            return []
        pieces.append(place)
        done += length
    return pieces if len(pieces) > 1 and not _one_place(pieces) else []


def _longest_run(quote: Folded, spans: Sequence[tuple[int, int]], index: QuoteIndex) -> tuple[int, Occurrence | None]:
    """Binary search: where a run of words stands, its beginning stands too."""
    found: Occurrence | None = None
    low, high = 0, len(spans)
    while low < high:
        middle = (low + high + 1) // 2
        place = next(index.find(_part(quote, spans[0][0], spans[middle - 1][1]), editions=False), None)
        if place is None:
            high = middle - 1
        else:
            low, found = middle, place
    return low, found


def _part(quote: Folded, start: int, end: int) -> Folded:
    return Folded(quote.original, quote.text[start:end], quote.starts[start:end], quote.ends[start:end])


def _one_place(pieces: list[Occurrence]) -> bool:
    return all(left.row == right.row and 0 <= right.start - left.end <= _NEAR for left, right in itertools.pairwise(pieces))


# Words that turn a sentence into its opposite: an ellipsis may hide much, but never one of these beside what it joins.

_NEGATIONS = frozenset(
    # English
    "not no never none nobody nothing nowhere neither nor cannot without hardly scarcely barely seldom rarely unless except "
    "false falsely untrue deny denies denied denying refuse refuses refused refusing fail fails failed failing "
    "lack lacks lacked lacking impossible "
    # German, Dutch, the Nordic languages
    "nicht kein keine keinen keinem keiner keines nie niemals niemand nichts ohne weder niet geen nooit ikke inte ingen aldrig "
    # French, Spanish, Portuguese, Italian
    "ne pas jamais aucun aucune rien sans nunca nada ningún ninguna ninguno não nem sem non nessuno nessuna niente senza "
    # Russian, Ukrainian, Polish, Czech, Greek, Turkish
    "не ни нет никогда ничего никто без немає ані nigdy nikt bez nikdy nikdo δεν μη μην ούτε ποτέ κανείς χωρίς değil yok".split()
)
_NEGATION_WORD = regex.compile(r"[\w']+")
_APOSTROPHES = str.maketrans(dict.fromkeys(SINGLE_MARKS, "'"))
_ABBREVIATED = r"(?<!\b(?:\p{L}|Mr|Mrs|Ms|Dr|Prof|St|Gen|Col|Capt|Sgt|Lt|Rev|Hon|Jr|Sr|vol|no|No|pp|ed|eds|cf|vs|etc|e\.g|i\.e))"
_SENTENCE_END = regex.compile(rf"(?:[!?。！？]|{_ABBREVIATED}[.…])[\"'”’»)\]]*(?=\s+[^\s\p{{Ll}}]|\s*$)")


def hidden_negation(text: str, start: int, end: int) -> str:
    """The word of negation that leaving out ``text[start:end]`` hides from the sentences it touches, else "".

    Whole sentences within may say what they like; what is left of the sentence that breaks off at ``start``, and the
    beginning of the one that is taken up again at ``end``, may not negate.
    """
    ends = sentence_ends(text, start, end)
    rest = text[start : ends[0]] if ends else text[start:end]
    lead = text[ends[-1] : end] if ends else ""
    return negation_in(f"{rest} {lead}")


def negation_in(text: str) -> str:
    """The first word of negation in a text, in lower case; "" where there is none."""
    for word in _NEGATION_WORD.findall(text.lower().translate(_APOSTROPHES)):
        if word in _NEGATIONS:
            return str(word)
        if "'" in word:
            plain = word.strip("'")
            if plain in _NEGATIONS or plain.endswith("n't") or plain.startswith("n'"):
                return str(plain)
    return ""


def sentence_ends(text: str, start: int, end: int) -> list[int]:
    """Where sentences end within ``[start, end]``, ascending; one that ends at ``start`` counts."""
    from_here = max(0, start - 8)
    nearby = text[from_here : end + 8]
    return [at for match in _SENTENCE_END.finditer(nearby) if start <= (at := from_here + match.end()) <= end]


# Quotations with something left out: whole pieces joined by an ellipsis, in order, in one excerpt.

ELIDE_MOST_PIECES = 12
SHORT_PIECE = 3
"""A piece of fewer words must be a whole sentence: single words can be found in any order."""

_MOST_PLACES = 40
_ELLIPSIS = regex.compile(
    r"(?:\[\s?(?:…|\.\s?\.\s?\.)\s?\.?\s?\]|\(\s?(?:…|\.\s?\.\s?\.)\s?\)|…|\.(?:\s?\.){2,})(?:\s?(?:…|\.(?=\s|$)))?"
)


class Arrangement(msgspec.Struct, frozen=True):
    """The pieces of an elided quotation in one excerpt, and why they may not be joined there ("" when they may)."""

    pieces: tuple[Occurrence, ...]
    objection: str

    @property
    def length(self) -> int:
        """Folded characters from the first piece to the last."""
        return self.pieces[-1].end - self.pieces[0].start


def split_pieces(quote: str) -> list[str]:
    """The pieces of a quotation between its ellipses, without those that hold no word."""
    return [piece for piece in _ELLIPSIS.split(quote) if words(fold(piece).text)]


def arrange(pieces: Sequence[str], index: QuoteIndex, rows: Sequence[int] | None = None) -> Arrangement | None:
    """The way to find all pieces in order in one excerpt: without objection if there is one, then the tightest."""
    if not 1 <= len(pieces) <= ELIDE_MOST_PIECES:
        return None
    readings = [[(fold(variant.text), variant.pointed) for variant in variants(piece)] for piece in pieces]
    joined = " ".join(word for texts in readings for word in words(texts[-1][0].text))
    among = index.candidates(joined, [[text.text for text, _ in texts] for texts in readings])
    if rows is not None:
        among = [row for row in among if row in rows]
    ways = [way for row in among if (way := _arrange_in(readings, index, row)) is not None]
    return min(ways, key=lambda way: (way.objection != "", way.length), default=None)


def _arrange_in(readings: list[list[tuple[Folded, bool]]], index: QuoteIndex, row: int) -> Arrangement | None:
    for source, edition in index.readings(row):
        found = [_first_found(texts, source, index, row, edition=edition) for texts in readings]
        ways = [way for first in found[0] if (way := _in_order(first, found[1:])) is not None]
        judged = [Arrangement(way, _objection(way, source)) for way in ways]
        if judged:
            return min(judged, key=lambda way: (way.objection != "", way.length))
    return None


def _first_found(
    texts: list[tuple[Folded, bool]], source: Folded, index: QuoteIndex, row: int, *, edition: int
) -> list[Occurrence]:
    for text, pointed in texts:
        found = (place for place in occurrences(text, source, row, edition=edition) if not pointed or not index.asks_after(place))
        if places := list(islice(found, _MOST_PLACES)):
            return places
    return []


def _in_order(first: Occurrence, rest: list[list[Occurrence]]) -> tuple[Occurrence, ...] | None:
    way = [first]
    for places in rest:
        following = next((place for place in places if place.start >= way[-1].end), None)
        if following is None:
            return None
        way.append(following)
    return tuple(way)


def _objection(way: tuple[Occurrence, ...], source: Folded) -> str:
    for left, right in pairwise(way):
        start, end = source.ends[left.end - 1], source.starts[right.start]
        if hidden := hidden_negation(source.original, start, end):
            return f"the ellipsis leaves out “{hidden}” from a sentence that is quoted"
        if any(_is_scrap(source, piece) for piece in (left, right)):
            return f"a piece of fewer than {SHORT_PIECE} words is joined to others: single words can be found in any order"
    return ""


def _is_scrap(source: Folded, piece: Occurrence) -> bool:
    """Whether a piece is a word or two that are no sentence of their own."""
    if len(words(source.text[piece.start : piece.end])) >= SHORT_PIECE:
        return False
    start, end = source.span(piece.start, piece.end)
    before = source.original[max(0, start - 8) : start]
    begins = not before.strip() or bool(sentence_ends(source.original, max(0, start - len(before)), start))
    return not (begins and sentence_ends(source.original, end, min(len(source.original), end + 3)))
