"""The span of a collection that comes nearest to a quotation, and the word diff between the two.

Rare words choose the excerpts, the diagonal on which most words agree chooses the place, and a longest common
subsequence over words (rapidfuzz) writes the diff. The work is bounded whatever the quotation is.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

import msgspec
import regex
from rapidfuzz.distance import LCSseq, Opcode

from rag.quotes.borders import cuts_word
from rag.quotes.fold import Folded
from rag.quotes.match import QuoteIndex, words
from rag.quotes.records import Change, Place

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
