"""Whether a document is a collection at all, and what there is to say about the layout that was found."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from index.readers.attributions import LIKELY, likeness, parse_attribution
from index.readers.blocks import is_delimiter
from index.readers.candidates import Token
from index.readers.cited_lines import form_of
from index.readers.entries import Entry, Layouts
from index.readers.readings import Passage
from index.records import LayoutFinding, LayoutRemark

LONGEST_EXCERPT = 4_000
"""Characters from which an excerpt of a file without headings is cut between its paragraphs."""

_HALF = 0.5
_FEW = 3
_TENTH = 0.1
_THIRD = 1 / 3
_SHOWN = 80
_MOST_REMARKS = 50
_LONGEST_LINE = 300
_LONGEST_RECORD = 1_500
_LINE = re.compile(r"[^\r\n]+")


def is_collection(layouts: Layouts) -> bool:
    """Whether most texts have an attribution, or delimiters part short records, or it is only unsure which one each has."""
    if not layouts.texts:
        return False
    tokens = layouts.tokens
    boundaries = sum(token.role == "boundary" for token in tokens)
    lengths = sorted(token.end - token.start for token in tokens if token.role == "text")
    if (
        boundaries >= _FEW
        and layouts.attributed >= max(1, _TENTH * layouts.texts)
        and lengths[len(lengths) // 2] <= _LONGEST_RECORD
    ):
        return True
    if layouts.layout in ("below", "above", "unsure") and _is_list(tokens):
        return False
    if layouts.layout == "notes" and not is_mostly_quoted(layouts):
        return False
    known = sum(len(entry.texts) for entry in layouts.entries if entry.attributed or entry.place)
    sources = {(entry.place or entry.citation or entry.heading) for entry in layouts.entries if entry.attributed or entry.place}
    if known >= _HALF * layouts.texts and known > 1 and (len(sources) > 1 or any(entry.heading for entry in layouts.entries)):
        return True
    if layouts.doubted < 2 or layouts.doubted + known < _HALF * layouts.texts:
        return False
    return _alternate(tokens) or any(token.role == "heading" for entry in layouts.entries for token in entry.beside)


def is_mostly_quoted(layouts: Layouts) -> bool:
    """Whether most texts that have an attribution are quotations by their marks, or have it on their own line."""
    texts = [text for entry in layouts.entries if entry.attributed or entry.place or entry.doubt for text in entry.texts]
    marked = sum(text.quotation or text.quoted or bool(text.container) for text in texts)
    return 2 * marked > len(texts)


def is_explicit(text: str, layouts: Layouts) -> bool:
    """Whether most attributions give a place in the work, follow a dash or a label, or stand on the line of their text.

    Entries of a list of references do not; without that, paragraphs above them may be anybody's.
    """
    cited = [entry for entry in layouts.entries if entry.attributed or entry.place]
    explicit = sum(
        bool(entry.place or entry.heading or (entry.citation and _says_where(text, entry.citation))) for entry in cited
    )
    return 2 * explicit > len(cited) or (not cited and layouts.doubted > 1)


def _says_where(text: str, citation: Token) -> bool:
    if citation.tail or citation.name or citation.words[:1] in "—–―-":
        return True
    read = parse_attribution(text[citation.start : citation.end], None, None)
    return read.locator is not None or form_of(citation.words).opening == "labelled"


def _alternate(tokens: Sequence[Token]) -> bool:
    """Whether citations stand among texts, and not on end as references do, one for at most a few texts."""
    citations = sum(token.role in ("citation", "place") for token in tokens)
    return citations >= _FEW and 2 * citations >= sum(token.role == "text" for token in tokens)


def _is_list(tokens: Sequence[Token]) -> bool:
    """Whether many citations follow each other, as those of a list of references do."""
    citations = [at for at, token in enumerate(tokens) if token.role == "citation" and not token.tail]
    listed = sum(first + 1 == second for first, second in pairwise(citations))
    return listed > _THIRD * len(citations)


def finding_of(text: str, layouts: Layouts, passages: Sequence[Passage], *, told: str | None) -> LayoutFinding:
    """What is reported of a layout: its score and the others', and every place that a person should look at."""
    scores = sorted(layouts.scores.items(), key=lambda item: (item[0] != layouts.layout, -item[1]))
    doubts = list(_doubts(layouts.entries))
    broken = list(_broken(text, passages, layouts.tokens))
    remarks = sorted([*doubts, *broken, *_inferred(layouts.entries)], key=lambda remark: remark.line)
    sure = layouts.layout != "unsure" and not doubts and not broken
    known = sum(len(entry.texts) for entry in layouts.entries if entry.attributed or entry.place)
    return LayoutFinding(layouts.layout, tuple(scores), sure, bool(told), layouts.texts, known, tuple(remarks[:_MOST_REMARKS]))


def _doubts(entries: Sequence[Entry]) -> Iterator[LayoutRemark]:
    for entry in entries:
        if entry.doubt:
            yield LayoutRemark(entry.texts[0].number, _short(entry.texts[0].words), f"not attributed: {entry.doubt}")


def _inferred(entries: Sequence[Entry]) -> Iterator[LayoutRemark]:
    for entry in entries:
        if entry.inferred or (entry.citation and entry.citation.back):
            yield LayoutRemark(
                entry.texts[0].number, _short(entry.texts[0].words), "its citation is inferred from one further up"
            )


def _broken(text: str, passages: Sequence[Passage], tokens: Sequence[Token]) -> Iterator[LayoutRemark]:
    """Excerpts that span a delimiter, or hold a line shaped like the attributions of the others."""
    manner = {_shape(token.words) for token in tokens if token.role == "citation" and not token.tail}
    for passage in passages:
        for found in _LINE.finditer(text, passage.start, passage.end):
            line = found[0].strip()
            if is_delimiter(line):
                yield LayoutRemark(_number(text, found.start()), _short(line), "an excerpt spans this delimiter")
            elif len(line) <= _LONGEST_LINE and _shape(line) in manner and likeness(line) >= LIKELY:
                yield LayoutRemark(
                    _number(text, found.start()), _short(line), "a line like the citations of others stands in an excerpt"
                )


def _shape(line: str) -> str:
    """The first signs of a line, letters made alike: "— Aaa" for a dash and a name."""
    return re.sub(r"\w", "a", line[:2]) + ("." if line[-1:] == "." else "")


def _number(text: str, at: int) -> int:
    return len(re.findall("\r\n|[\r\n]", text[:at])) + 1


def _short(words: str) -> str:
    return words if len(words) <= _SHOWN else f"{words[: _SHOWN - 1]}…"
