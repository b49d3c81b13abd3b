"""Whether a single line is a citation line: evidence for and against, on the line alone.

The line is taken apart as for parsing, and every part that has the shape of a citation's part counts:
names, quoted title, place and publisher, date, locator, link. Words of running prose, speaker labels,
letter heads and shouting count against. A line that the grammar does not know well enough gets a second vote, by its
character n-grams (trained by ``scripts/train_line_recogniser.py``). What stands before and after the line is for the
reader to weigh.
"""

import math
import re
import zlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from index.citations.parse import Line, parse_citation, take_apart
from index.citations.words import (
    LONGEST,
    OPENING_QUOTES,
    is_back_reference,
    is_city,
    is_given,
    is_region,
    lay_bare,
    prose_weight,
    squeeze,
)

THRESHOLD = 0.5
"""Lines that score at least this are citation lines (see docs/citation-lines.md for what it was measured on)."""

_ANCHOR = re.compile(
    r"[0-9]|https?:|www\.|doi:|\bn\.d\.|forthcoming|in (?:press|preparation)|to appear|\bpp?\. ?[ivxl]|[”\"»’],? ", re.IGNORECASE
)
_NAMES = {"inverted": 2.2, "direct": 1.6, "surnames": 1.0, "corporate": 1.4}
_NEEDED = 4.2
_HOPELESS = 6.0
_BACK_REFERENCE = 0.95
_OTHER_KIND = 0.8
_MOST_PROSE = 2

LINE_WEIGHTS = Path(__file__).parent / "vendor" / "citation-tagger" / "lines.bin"
GRAMS = 1 << 17
"""Buckets of n-grams: one byte each in the file of weights."""

VOTE = 0.7
"""The vote from which a line that the grammar does not know is a citation line (docs/citation-lines.md says what it costs)."""

_FEWEST_WORDS = 2
_SHAPES = re.compile(r"[^\W\d_A-Z]+|[0-9]+")
_SCALE = 6.0
_OTHER_LINES = re.compile(
    r"\W*(?:(?:To|From|Date|Re|Subject|Signed|Next|Previous|Cc|Sent|By|Image|Photo|Caption|Note|NB|Question|Answer|Q|A)\s*:"
    r"|Footnote|Dear|Copyright|©|Posted|Updated|Published|Table [0-9]|Fig(?:ure|\.) [0-9]|Yours|Chapter [0-9IVX]+\W*$)",
    re.IGNORECASE,
)
"""Heads of letters, captions, signatures and furniture."""

_UNDATED = re.compile(r"(?<![^\W_])(?:forthcoming|in (?:press|preparation)|to appear)(?![^\W_])", re.IGNORECASE)
_INITIAL = re.compile(r"(?<![^\W_])[^\W\d_a-z]\.(?=[\s,;]|[^\W\d_a-z]\.)")
_LETTERS_OF_NAME = 12
_SPEAKER = re.compile(r"(?:[^\W\d_a-z]{2,}+[.]? ?){1,4}:")
_ELLIPSIS = re.compile(r"^\W*(?:…|\.\.\.)|(?:…|\.\.\.)\W*$")
_STARTS = re.compile(
    r"[—_.\s]*[“\"‘«„'(\[]? ?(?:[^\W_a-z]|(?:von|van|de|der|di|da|du|le|la|el|al|bin|ibn|ten|ter|bell|danah)\b|d[’'])"
)
_SENTENCES = re.compile(r"(?<![a-z])[a-z]{3,}[.!?][”\"]? (?=[A-Z][a-z]+ [a-z]+ [a-z]+ [a-z]+)")


def is_citation(line: str) -> bool:
    """Whether a line scores at least THRESHOLD."""
    return citation_score(line) >= THRESHOLD


def citation_score(line: str) -> float:
    """How surely a line is a citation line, in [0, 1]; a line of prose costs microseconds."""
    if len(line) > 2 * LONGEST:
        return 0.0
    line = squeeze(line)
    bare = lay_bare(line) if 0 < len(line) <= LONGEST else ""
    if is_back_reference(bare):
        return _BACK_REFERENCE
    if not bare or _is_something_else(line) or not _STARTS.match(bare) or not _ANCHOR.search(bare):
        return 0.0
    against = _against(bare)
    if against > _HOPELESS:
        return 0.0
    read = take_apart(bare)
    if read.kind is not None and prose_weight(bare) <= _MOST_PROSE:
        return _OTHER_KIND
    score = _logistic(_evidence(read, enclosed=line[0] in "([") - against)
    if score < THRESHOLD and against < _HOPELESS / 2 and line_vote(bare) >= VOTE and _names_a_work(bare):
        return THRESHOLD
    return score


def _names_a_work(bare: str) -> bool:
    """Whether the parsed line names a work by title and something besides: a signature ("Ada Sample, Lisbon, 1951") does not."""
    citation = parse_citation(bare)
    csl = citation.csl or {}
    title = str(csl.get("title") or csl.get("container-title", ""))
    places = {"volume", "publisher", "container-title", "URL", "DOI", "archive", "edition"}
    people = bool(csl.keys() & {"author", "editor", "translator"})
    named = people or "container-title" in csl
    whole = {"title", "container-title"} <= csl.keys() or "volume" in csl or citation.locator is not None
    dated = "issued" in csl or "status" in csl or (people and whole) or _UNDATED.search(bare) is not None
    placed = bool(csl.keys() & places) or citation.locator is not None or len(title.split()) > _FEWEST_WORDS
    return named and placed and dated and not (is_city(title) or is_region(title))


def line_vote(bare: str) -> float:
    """How surely a bare line is a citation line by its character n-grams alone, in [0, 1]."""
    weights, intercept = line_weights()
    grams = set(line_grams(bare))
    total = sum(weights[gram] for gram in grams) - 128 * len(grams)
    return 1 / (1 + math.exp(-max(-30.0, intercept + total / _SCALE / max(1, len(grams)) ** 0.5)))


def line_grams(bare: str) -> Iterator[int]:
    """Buckets of the n-grams of a line: of its letters (with every digit a 0), and of its shape (with every word a letter)."""
    letters = "^" + re.sub("[0-9]", "0", bare.casefold()) + "$"
    shape = "^" + _SHAPES.sub(lambda run: "0" if run[0].isdigit() else "a", bare) + "$"
    for name, text, sizes in ((1, letters, (3, 4)), (2, shape, (3, 5, 7))):
        data = text.encode("utf-32-le", "replace")
        for size in sizes:
            for start in range(0, len(data) - 4 * size + 1, 4):
                yield zlib.crc32(data[start : start + 4 * size], name * size) % GRAMS


@cache
def line_weights() -> tuple[bytes, float]:
    """A byte for each bucket of n-grams (128 counts neither way), and the intercept."""
    data = LINE_WEIGHTS.read_bytes()
    return data[:GRAMS], int.from_bytes(data[GRAMS:], "big", signed=True) / 1000


def _is_something_else(line: str) -> bool:
    return bool(_OTHER_LINES.match(line) or _ELLIPSIS.search(line))


def _against(line: str) -> float:
    """Signs of something other than a citation, over the line as it stands."""
    weight = 0.8 * max(0.0, prose_weight(line) - 1)
    if weight > _HOPELESS:
        return weight
    weight += 1.5 * len(_SENTENCES.findall(line))
    letters = [letter for letter in line if letter.isalpha()]
    if sum(letter.isupper() for letter in letters) > 0.8 * len(letters):
        weight += 4
    if _SPEAKER.match(line):
        weight += 3
    if line.startswith("[") or line.endswith(("?", "!", ",", ";", ":", "”", "—")):
        weight += 2
    listed = _LETTERS_OF_NAME * len(_INITIAL.findall(line))  # a list of very many names makes no prose of a line
    return weight + max(0.0, (len(line) - listed - 260) / 60)


def _evidence(read: Line, *, enclosed: bool) -> float:
    """Signs of a citation, from the parts the line was taken apart into."""
    csl, tail, reference = read.reference.csl, read.tail, read.reference
    named = _NAMES.get(reference.shape, 0.0) + 1.0 * ("editor" in csl or "translator" in csl)
    located = 2.4 if tail.labelled else 1.2 if tail.units else 0.0
    held = "container-title" in csl
    weight = named + located - _NEEDED
    weight += 0.8 * ("title" in csl or held) + 1.0 * held
    weight += 1.2 * (reference.quoted and (named > 0 or held or "URL" in csl))
    weight += 1.2 * ("issued" in csl or "status" in csl) + 0.8 * (reference.in_brackets and "issued" in csl)
    weight += 1.4 * ("publisher-place" in csl) + 1.2 * ("publisher" in csl)
    weight += 1.6 * ("volume" in csl or "issue" in csl) + 2.6 * ("URL" in csl or "DOI" in csl) + 3.5 * ("archive" in csl)
    title = str(csl.get("title", ""))
    weight -= 0.2 * max(0, len(title.split()) - 18)
    if not named and not (located or "URL" in csl or "archive" in csl or "publisher" in csl):
        weight -= 1.0
    if csl["type"] == "article-newspaper":
        weight += 1.8
    if title and not reference.quoted and named < 1.2 and not _is_title_case(title):
        weight -= 4.0
    if named and located and "issued" not in csl and _is_title_case(title) and not is_given(title):
        weight += 1.6 if reference.shape in ("surnames", "inverted") else 1.0
    if named and not title and "issued" in csl:
        weight += 2.0 * bool(located) + 2.0 * enclosed - 0.5
    return weight


def _is_title_case(title: str) -> bool:
    words = [word for word in title.split() if len(word) > 3]
    return bool(words) and sum(word[0].isupper() or word[0] in OPENING_QUOTES for word in words) >= 0.7 * len(words)


def _logistic(weight: float) -> float:
    return 1 / (1 + math.exp(-1.5 * weight))
