"""Gives every quotation its verdict: first where it ought to stand, then anywhere, then how it differs."""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import islice, pairwise

import msgspec
import regex
from rapidfuzz.distance import LCSseq, Opcode

from rag.citation_marks import without_citations
from rag.quotes.extract import Typed
from rag.quotes.findings import Change, Finding, Place
from rag.quotes.fold import Folded, broken_words, cuts_word, fold, word_spans
from rag.quotes.match import Occurrence, QuoteIndex, arrange, hidden_negation, split_pieces, stitches, variants, words
from rag.quotes.scope import scoped

# The span of a collection that comes nearest to a quotation, and the word diff between the two.
#
# Rare words choose the excerpts, the diagonal on which most words agree chooses the place, and a longest common
# subsequence over words (rapidfuzz) writes the diff. The work is bounded whatever the quotation is.

LONGEST = 1500
"""A quotation of more words has no nearest span looked for."""

_VOTERS = 16
_MOST_ROWS = 20_000
_CANDIDATES = 4
_TOKEN = regex.compile(r"\w+|[^\w\s]")
Token = tuple[str, int, int]


class Nearest(msgspec.Struct, frozen=True):
    """The nearest span, the share of words in common with it (2 × common / both, in [0, 1]), and the diff."""

    place: Place
    similarity: float
    changes: tuple[Change, ...]


def nearest(quote: Folded, index: QuoteIndex, rows: Iterable[int] | None = None) -> Nearest | None:
    """The most similar span in the collection, or only in ``rows``; None where no word is shared or the quotation is too long."""
    asked = words(quote.text)
    if not asked or len(asked) > LONGEST:
        return None
    best = [_align(quote, index, row) for row in _likely_rows(asked, index, rows)]
    return max((found for found in best if found), key=lambda found: found.similarity, default=None)


def _likely_rows(asked: Sequence[str], index: QuoteIndex, rows: Iterable[int] | None) -> list[int]:
    """The excerpts that share the most of the rarest words, weighed by rarity; ties by number."""
    among = None if rows is None else set(rows)
    rarest = sorted({word for word in asked if index.frequency(word)}, key=lambda word: (index.frequency(word), word))
    votes: Counter[int] = Counter()
    counted = 0
    for word in rarest[:_VOTERS]:
        counted += index.frequency(word)
        if votes and counted > _MOST_ROWS:
            break
        weight = math.log1p(len(index) / index.frequency(word))
        for row in index.rows_with(word):
            if among is None or row in among:
                votes[row] += weight  # type: ignore[assignment]  # Counter is typed for whole numbers only
    return sorted(votes, key=lambda row: (-votes[row], row))[:_CANDIDATES]


def _align(quote: Folded, index: QuoteIndex, row: int) -> Nearest | None:
    source = index.folded(row)
    asked, given = _tokens(quote.text), _tokens(source.text)
    asked_words, given_words = [token for token, _, _ in asked], [token for token, _, _ in given]
    first, last = _window(asked_words, given_words)
    blocks = _without_stragglers(_equal_blocks(asked_words, given_words[first:last]))
    if not blocks:
        return None
    # Words that differ at either end have a counterpart in the source, too: as many words further out.
    begin = max(0, first + blocks[0].dest_start - blocks[0].src_start)
    end = min(len(given), first + blocks[-1].dest_end + len(asked) - blocks[-1].src_end)
    equal = _equal_blocks(asked_words, given_words[begin:end])
    common = sum(_word_count(asked_words[block.src_start : block.src_end]) for block in equal)
    both = _word_count(asked_words) + _word_count(given_words[begin:end])
    while end < len(given) and cuts_word(source, given[end - 1][2]):
        end += 1
    while begin and cuts_word(source, given[begin][1]):
        begin -= 1
    start, stop = source.span(given[begin][1], given[end - 1][2])
    return Nearest(
        place=Place(index.ids[row], start, stop),
        similarity=2 * common / both if both else 0.0,
        changes=tuple(_changes(quote, source, asked, given[begin:end])),
    )


def _equal_blocks(asked: Sequence[str], given: Sequence[str]) -> list[Opcode]:
    return [step for step in LCSseq.opcodes(asked, given) if step.tag == "equal"]


def _without_stragglers(blocks: list[Opcode]) -> list[Opcode]:
    """Leaves out a common word at either end that stands farther off in the source than it is long."""
    while len(blocks) > 1 and _farther_than_long(blocks[0], blocks[0], blocks[1]):
        blocks = blocks[1:]
    while len(blocks) > 1 and _farther_than_long(blocks[-1], blocks[-2], blocks[-1]):
        blocks = blocks[:-1]
    return blocks


def _farther_than_long(block: Opcode, left: Opcode, right: Opcode) -> bool:
    skipped = (right.dest_start - left.dest_end) - (right.src_start - left.src_end)
    return bool(skipped > 2 * (block.src_end - block.src_start))


def _window(asked: Sequence[str], given: Sequence[str]) -> tuple[int, int]:
    """The run of ``given`` in which most of ``asked`` stands in its order."""
    at: dict[str, list[int]] = defaultdict(list)
    for position, token in enumerate(given):
        at[token].append(position)
    width = max(4, len(asked) // 4)
    votes: Counter[int] = Counter()
    for position, token in enumerate(asked):
        if len(at[token]) <= 30:
            for bucket in {(found - position) // width for found in at[token]}:
                votes[bucket] += 1
    if not votes:
        return 0, len(given)
    bucket = max(votes, key=lambda found: (votes[found] + votes[found + 1], -found))
    slack = width + 2
    return max(0, bucket * width - slack), min(len(given), (bucket + 2) * width + len(asked) + slack)


def _changes(quote: Folded, source: Folded, asked: list[Token], given: list[Token]) -> Iterable[Change]:
    """The diff in reading order; what was added and what was dropped at one place are one replacement."""
    blocks = _equal_blocks([token for token, _, _ in asked], [token for token, _, _ in given])
    done_asked = done_given = 0
    for src_start, src_end, dest_start, dest_end in [
        *((block.src_start, block.src_end, block.dest_start, block.dest_end) for block in blocks),
        (len(asked), len(asked), len(given), len(given)),
    ]:
        quoted = _slice(quote, asked[done_asked:src_start])
        meant = _slice(source, given[done_given:dest_start])
        if quoted or meant:
            yield Change("replaced" if quoted and meant else "added" if quoted else "dropped", quoted, meant)
        if src_end > src_start:
            yield Change("same", _slice(quote, asked[src_start:src_end]), _slice(source, given[dest_start:dest_end]))
        done_asked, done_given = src_end, dest_end


def _slice(folded: Folded, tokens: list[Token]) -> str:
    if not tokens:
        return ""
    start, end = folded.span(tokens[0][1], tokens[-1][2])
    return folded.original[start:end]


def _tokens(text: str) -> list[Token]:
    return [(match[0], match.start(), match.end()) for match in _TOKEN.finditer(text)]


def _word_count(tokens: Iterable[str]) -> int:
    return sum(1 for token in tokens if token[0].isalnum())


ALTERED_FROM = 0.6
"""From this share of common words on, the nearest span is what the quotation was meant to be."""

TERM = 2
"""A quotation of at most so many words is a term: it is looked up in the passages given, and never called misattributed."""

_MOST_PLACES = 20


def look_up(quote: str, index: QuoteIndex, among: Collection[str] | None = None) -> Finding:
    """The verdict on a quotation in a collection, or only in the excerpts named.

    Raises nothing: a text without words is ``not_found`` with a note.
    """
    rows = _rows(index, among)
    if found := accept(quote, index, rows):
        return found
    return _explain(quote, index, rows)


def look_up_cited(quote: str, passages: QuoteIndex, cited: Collection[str], collection: QuoteIndex | None) -> Finding:
    """The verdict on a quotation in an answer: in the passages it cites, in those given, in the whole collection.

    Without ``cited``, any passage given will do. Verbatim elsewhere is ``misattributed``, except for terms of
    one or two words, which stand in many places and prove nothing.
    """
    rows = _rows(passages, cited) if cited else None
    if found := accept(quote, passages, rows):
        return found
    if len(words(fold(quote).text)) > TERM:
        if cited and (elsewhere := accept(quote, passages, None)):
            return _misattributed(elsewhere, "it stands in another passage than the one cited")
        if collection is not None and (elsewhere := accept(quote, collection, None)):
            return _misattributed(elsewhere, "it stands in the collection, but in no passage that was cited or given")
    explained = _explain(quote, passages, rows)
    return explained if explained.verdict != "not_found" or collection is None else _explain(quote, collection, None)


def accept(quote: str, index: QuoteIndex, rows: Sequence[int] | None) -> Finding | None:
    """The finding when a quotation may stand as one, else None."""
    for variant in variants(quote):
        found = (place for place in index.find(fold(variant.text), rows) if not variant.pointed or not index.asks_after(place))
        places = list(islice(found, _MOST_PLACES))
        if places:
            return _verbatim(variant.text, variant.note, variant.elided, places, index)
    if len(pieces := split_pieces(quote)) > 1:
        arranged = arrange(pieces, index, rows)
        if arranged is not None and not arranged.objection:
            places_of = tuple(_places(arranged.pieces, index))
            return scoped(Finding("elided", places_of, similarity=1.0), index.original(arranged.pieces[0].row), elided=True)
    return None


def _verbatim(text: str, note: str, elided: bool, places: list[Occurrence], index: QuoteIndex) -> Finding:
    stood = [(_place(place, index), place) for place in places]
    exact = [index.original(found.row)[place.start : place.end] == text for place, found in stood]
    ranked = sorted(zip(stood, exact, strict=True), key=lambda pair: not pair[1])
    found = tuple(place for (place, _), _ in ranked)
    original = index.original(ranked[0][0][1].row)
    if any(exact) and not note:
        return scoped(Finding("exact", found, similarity=1.0), original)
    first = ranked[0][0][1]
    if first.edition:
        note = f"{note}; " * bool(note) + "set aside: note marks, page marks or line-end hyphens of the edition"
    finding = Finding("elided" if elided else "normalised", found, similarity=1.0, note=note)
    if first.edition and broken_words(original[found[0].start : found[0].end]):
        finding = msgspec.structs.replace(finding, flags=("rejoined",))
    return scoped(finding, original)


def _misattributed(elsewhere: Finding, note: str) -> Finding:
    return msgspec.structs.replace(elsewhere, verdict="misattributed", note=note)


def _explain(quote: str, index: QuoteIndex, rows: Sequence[int] | None) -> Finding:
    """Why a quotation is not accepted: altered, stitched, or not found."""
    folded = fold(quote)
    spans = word_spans(folded)
    if not spans:
        return Finding("not_found", note="there are no words in it")
    if len(pieces := split_pieces(quote)) > 1:
        if found := _explain_pieces(pieces, index, rows):
            return found
    elif pieces_of := stitches(folded, spans, index):
        return Finding("stitched", tuple(_places(pieces_of, index)))
    closest = nearest(folded, index, rows)
    if closest is None or closest.similarity < ALTERED_FROM or len(spans) <= TERM:
        return Finding("not_found", similarity=closest.similarity if closest else 0.0)
    note = (
        ""
        if any(change.kind != "same" for change in closest.changes)
        else "the words are the same, but one is cut, or a dash joins what it parts in the source"
    )
    return Finding("altered", (closest.place,), closest.changes, closest.similarity, note)


def _explain_pieces(pieces: list[str], index: QuoteIndex, rows: Sequence[int] | None) -> Finding | None:
    """Pieces that all stand somewhere, only not so that an ellipsis may join them."""
    arranged = arrange(pieces, index, rows)
    if arranged is not None:
        refused = Finding("altered", tuple(_places(arranged.pieces, index)), note=arranged.objection)
        return scoped(refused, index.original(arranged.pieces[0].row), elided=True)
    found = [_first_place(piece, index) for piece in pieces]
    if any(place is None for place in found):
        return None
    return Finding("stitched", tuple(_places([place for place in found if place], index)))


def _first_place(piece: str, index: QuoteIndex) -> Occurrence | None:
    readings: Iterable[Folded] = (fold(variant.text) for variant in variants(piece))
    return next((place for reading in readings for place in index.find(reading)), None)


def _places(found: Iterable[Occurrence], index: QuoteIndex) -> list[Place]:
    return [_place(place, index) for place in found]


def _place(found: Occurrence, index: QuoteIndex) -> Place:
    return Place(index.ids[found.row], *index.span(found))


def _rows(index: QuoteIndex, among: Collection[str] | None) -> list[int] | None:
    return None if among is None else [row for row, excerpt_id in enumerate(index.ids) if excerpt_id in among]


# Tells one quotation interrupted by who says it (“…,” he said, “…”) from two: it must not hide what the source has between.

_SAYING = (
    r"(?:sa(?:ys?|id|ying)|wr(?:ites?|ote|iting)|(?:add|note|state|recall|explain|report|declare|argue|claim|observe|remark|insist"
    r"|conclude|continue|admit|answer|ask|recount|assert|comment|maintain|stress|warn|announce|testifie|replie)(?:s|d|ed)?"
    r"|repl(?:y|ies)|testif(?:y|ies)|tells?|told|go(?:es)? on|went on|according)"
)
_INTERRUPTION = regex.compile(
    rf"\s*(?P<comma>[,—–-])?(?=[^.;:!?\n]{{1,80}}\Z)[^\n]*\b{_SAYING}\b[^\n]*[,—–-]\s*\Z", regex.IGNORECASE
)
_TERM = 2
"""Quotations of so few words in a list, parted by commas, are read as single terms."""

_ELLIPSIS = regex.compile(r"[\s\[(]*(?:…|\.\s?\.\s?\.)[\s\])]*\Z")


def interrupted(text: str, quotations: Sequence[Typed]) -> Iterator[tuple[Typed, Typed, str]]:
    """Neighbouring quotations that read as one, and what stands between them: who says it, an ellipsis, or no word at all."""
    outer = [quotation for quotation in quotations if quotation.inside is None]
    for left, right in pairwise(outer):
        between = without_citations(text[left.span.end : right.span.start])
        attributed = _INTERRUPTION.match(between)
        told = attributed and (attributed["comma"] or left.words.rstrip()[-1:] in ",—–-")
        listed = "," in between and len(words(fold(right.words).text)) <= _TERM
        if _ELLIPSIS.match(between) or told or not (words(fold(between).text) or listed):
            yield left, right, between


def one_quotation(left: Finding, right: Finding, between: str, text_of: Callable[[str], str]) -> bool:
    """Whether two accepted quotations stand side by side in a source, or there, too, have just these words between them.

    Where an ellipsis joins them, what it may leave out is what it may leave out inside a quotation.
    """
    return any(
        _one_place(first, second, between, text_of(first.excerpt_id))
        for first in left.places
        for second in right.places
        if first.excerpt_id == second.excerpt_id and first.end <= second.start
    )


def _one_place(first: Place, second: Place, between: str, source: str) -> bool:
    gap = words(fold(source[first.end : second.start]).text)
    if _ELLIPSIS.match(between):
        return not hidden_negation(source, first.end, second.start)
    return gap in ([], words(fold(between).text))
