"""Whether a single line is a citation line: evidence for and against, on the line alone.

The line is taken apart as for parsing, and every part that has the shape of a citation's part counts:
names, quoted title, place and publisher, date, locator, link. Words of running prose, speaker labels,
letter heads and shouting count against. What stands before and after the line is for the reader to weigh.
"""

import math
import re

from index.citations.lines import LONGEST, lay_bare, squeeze
from index.citations.parse import Line, take_apart
from index.citations.prose import prose_weight

THRESHOLD = 0.5
"""Lines that score at least this are citation lines (see docs/citation-lines.md for what it was measured on)."""

_IBID = re.compile(r"(?:ibid|op\. cit|loc\. cit|idem)\b[.,]?(?:,? ?(?:at )?(?:pp?\. ?)?[0-9ivxl][^.]{0,30})?\.?$", re.IGNORECASE)
_ANCHOR = re.compile(r"[0-9]|https?:|www\.|doi:|\bn\.d\.|\bpp?\. ?[ivxl]|[”\"»’],? ", re.IGNORECASE)
_LETTERHEAD = re.compile(r"\W*(?:To|From|Date|Re|Subject|Cc|Dear|Sent|By|Image|Photo|Caption|Footnote|Note|NB|Question|Answer|Q|A)\s*:|\W*(?:Footnote|Dear|Chapter [0-9IVX]+\W*$)", re.IGNORECASE)
_SPEAKER = re.compile(r"(?:[^\W\d_a-z]{2,}[.]? ?){1,4}:")
_ELLIPSIS = re.compile(r"^\W*(?:…|\.\.\.)|(?:…|\.\.\.)\W*$")
_STARTS = re.compile(r"[“\"‘«„'(\[]?(?:[^\W_a-z]|(?:von|van|de|der|di|da|du|le|la|el|al|bin|ibn|ten|ter|bell|danah)\b|d[’'])")
_SENTENCES = re.compile(r"[a-z]{3,}[.!?][”\"]? (?=[A-Z][a-z]+ [a-z]+ [a-z]+ [a-z]+)")


def is_citation(line: str) -> bool:
    """Whether a line scores at least THRESHOLD."""
    return citation_score(line) >= THRESHOLD


def citation_score(line: str) -> float:
    """How surely a line is a citation line, in [0, 1]; a line of prose costs microseconds."""
    if not 6 <= len(line) <= 2 * LONGEST:
        return 1.0 if len(line) < 6 and _IBID.match(line.strip()) else 0.0
    line = squeeze(line)
    if len(line) > LONGEST or not line or _LETTERHEAD.match(line):
        return 0.0
    if _IBID.match(line):
        return 0.95
    if not _ANCHOR.search(line) or _ELLIPSIS.search(line):
        return 0.0
    bare = lay_bare(line)
    if _IBID.match(bare):
        return 0.95
    if not bare or not _STARTS.match(bare) or (_SPEAKER.match(bare) and not _ANCHOR.search(bare)):
        return 0.0
    against = _against(bare)
    return 0.0 if against > 6 else _logistic(_evidence(take_apart(bare)) - against)


def _against(line: str) -> float:
    """Signs of something other than a citation, over the line as it stands."""
    weight = 0.8 * max(0.0, prose_weight(line) - 1)
    weight += 1.5 * len(_SENTENCES.findall(line))
    letters = [letter for letter in line if letter.isalpha()]
    if sum(letter.isupper() for letter in letters) > 0.8 * len(letters):
        weight += 4
    if _SPEAKER.match(line):
        weight += 3
    if line.startswith("[") or line.endswith(("?", "!", ",", ";", ":", "”", "—")):
        weight += 2
    return weight + max(0.0, (len(line) - 260) / 60)


def _evidence(read: Line) -> float:
    """Signs of a citation, from the parts the line was taken apart into."""
    csl, tail, reference = read.reference.csl, read.tail, read.reference
    names = {"inverted": 2.2, "direct": 1.6, "surnames": 1.0, "corporate": 1.4}.get(reference.shape, 0.0)
    if any(role in csl for role in ("editor", "translator")):
        names += 1.0
    titled = 0.8 if "title" in csl or "container-title" in csl else 0.0
    weight = names + titled + 1.2 * reference.quoted * (names > 0 or "container-title" in csl)
    weight += 2.4 if tail.labelled else 1.2 if tail.units else 0.0
    weight += 1.2 * ("issued" in csl) + 0.8 * (reference.in_brackets and "issued" in csl)
    weight += 1.4 * ("publisher-place" in csl) + 1.2 * ("publisher" in csl)
    weight += 1.6 * ("volume" in csl or "issue" in csl) + 2.6 * ("URL" in csl or "DOI" in csl) + 3.5 * ("archive" in csl)
    weight += 1.0 * ("container-title" in csl)
    if "title" in csl:
        weight -= 0.7 * max(0.0, len(str(csl["title"]).split()) - 18) / 4
    if "title" not in csl and "container-title" not in csl and "archive" not in csl:
        weight -= 0.5
    return weight - 4.2


def _logistic(weight: float) -> float:
    return 1 / (1 + math.exp(-1.5 * weight))
