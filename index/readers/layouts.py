"""How citations go with texts in a document, decided by the evidence of the whole of it, or left undecided.

A wrong attribution is the worst that can happen here. So a text is given a citation only where its place proves it: on the same
line, in the same quotation or list item, alone with it between two delimiters, below the heading that names the work, or on the
side on which this document's citations stand by a clear majority of the evidence. What remains is not attributed, and said to
be so.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

import msgspec
from msgspec.structs import replace

from index.readers.candidates import Token, is_marked
from index.readers.directions import Direction, Votes, count_votes
from index.readers.entries import Entry, Layouts
from index.readers.heading_layout import _MOSTLY, Layout, _headings_that_name
from index.readers.headings import ends_like_prose
from index.readers.proof import UNQUOTED, without_proof_in_doubt
from index.readers.section_layout import _HALF, _SURELY_ALL, _Habit, _of_section

LAYOUTS: tuple[Layout, ...] = ("below", "above", "same block", "heading", "records", "notes", "document", "none")
"""The layouts that a user may name; "unsure" is only ever found."""


def lay_out(tokens: Sequence[Token], *, told: Layout | None = None, work: bool = False) -> Layouts:
    """Decides how the tokens of a document go together.

    Args:
        tokens: all of them, in order.
        told: the layout that the user names; None to decide by the evidence.
        work: whether the document as a whole names a work, which texts with nothing but a page then cite.
    """
    tokens = _with_merged_places(tokens)
    headings, everything = _headings_that_name(tokens, told)
    remarks, tokens = _without_remarks(everything)
    tied = _tied(tokens)
    sections = _sections(tokens, tied)
    votes = count_votes(sections)
    direction = _direction(votes, tokens, tied, told)
    places = count_votes(_split_at_citations(sections), "place")
    habit = _Habit.learn(sections, direction)
    found: list[Entry] = list(tied.entries)
    for section in sections:
        found += _of_section(section, direction, places.direction, habit, told=told is not None)
    entries = _in_scope(
        _with_back_places(sorted(found, key=lambda entry: entry.texts[0].start), tokens, work=work), headings, tokens, told
    )
    if told is None:
        entries = list(without_proof_in_doubt(entries))
    used = {id(entry.citation) for entry in entries} | {id(token) for entry in entries for token in entry.beside}
    unused = tuple(token for token in tokens if token.role == "citation" and id(token) not in used)
    entries = sorted([*entries, *remarks], key=lambda entry: entry.texts[0].start)
    return _decided(entries, unused, votes, everything, told)


def _direction(votes: Votes, tokens: Sequence[Token], tied: "_Tied", told: Layout | None) -> Direction | None:
    if told in ("below", "above"):
        return told
    return "above" if votes.direction == "below" and _lead_in_places(tokens, tied) else votes.direction


def _without_remarks(tokens: Sequence[Token]) -> tuple[list[Entry], list[Token]]:
    """What labels call the compiler's own, which cites nothing, and the tokens without it."""
    remarks: list[Entry] = []
    kept: list[Token] = []
    for token in tokens:
        if token.role == "text" and token.remark:
            remarks.append(Entry((token,)))
        else:
            kept.append(token)
    return remarks, kept


class _Tied(msgspec.Struct):
    entries: list[Entry]
    taken: set[int]


def _tied(tokens: Sequence[Token]) -> _Tied:
    """Texts with the citation on their own line, or in their own quotation or list item."""
    tied = _Tied([], set())
    for at, token in enumerate(tokens):
        if token.tail == "lead" and at + 1 < len(tokens):
            tied.taken |= {at, at + 1}
            tied.entries.append(Entry((tokens[at + 1],), place=token, how="same block"))
        elif token.tail and at and tokens[at - 1].role == "text" and at - 1 not in tied.taken:
            _tie_tail(tied, tokens, at)
    for start, end in _containers(tokens):
        _tie_container(tied, tokens, start, end)
    return tied


def _lead_in_places(tokens: Sequence[Token], tied: _Tied) -> bool:
    """Whether most citations stand right above a text that ends in a place: they are then those of the texts below them."""
    cited = [at for at, token in enumerate(tokens) if token.role == "citation" and not token.tail]
    leading = sum(
        at + 2 < len(tokens) and at + 1 in tied.taken and "place" in (tokens[at + 1].role, tokens[at + 2].role) for at in cited
    )
    return tokens[0].role == "citation" and 2 * leading > len(cited)


def _tie_tail(tied: _Tied, tokens: Sequence[Token], at: int) -> None:
    text, token = tokens[at - 1], tokens[at]
    how: Layout = "notes" if token.tail == "note" else "same block"
    tied.taken |= {at - 1, at}
    if token.role == "place":
        tied.entries.append(Entry((text,), place=token, how=how))
    else:
        tied.entries.append(Entry((text,), token, how=how))


def _containers(tokens: Sequence[Token]) -> Iterator[tuple[int, int]]:
    """The runs of tokens inside one outermost quotation or list item."""
    at = 0
    while at < len(tokens):
        end = at + 1
        while end < len(tokens) and tokens[end].container == tokens[at].container:
            end += 1
        if tokens[at].container:
            yield at, end
        at = end


def _tie_container(tied: _Tied, tokens: Sequence[Token], start: int, end: int) -> None:
    """Ties the one citation or place that stands first or last in a container to all texts there; others were copied along."""
    within = [at for at in range(start, end) if at not in tied.taken]
    texts = [at for at in within if tokens[at].role == "text"]
    places = [at for at in within if tokens[at].role == "place"]
    cited = [at for at in within if tokens[at].role == "citation"]
    if not texts or len(places) > 1 or not (cited or places):
        return
    if len(cited) > 1 and cited[-1] == within[-1] and within[0] == texts[0]:
        texts, cited = sorted([*texts, *cited[:-1]]), cited[-1:]
    marks = sorted([*cited, *places])
    if len(cited) > 1 or (marks[-1] > texts[0] and marks[0] < texts[-1]):
        return
    tied.taken |= {*texts, *marks}
    citation = tokens[cited[0]] if cited else None
    place = tokens[places[0]] if places else None
    parts = [texts] if marks[0] > texts[-1] or not _are_separate([tokens[at] for at in texts]) else [[at] for at in texts]
    tied.entries += [Entry(tuple(tokens[at] for at in part), citation, place, how="same block") for part in parts]


def _are_separate(texts: Sequence[Token]) -> bool:
    """Whether each of these texts is a quotation of its own."""
    return len(texts) > 1 and all(text.quoted for text in texts)


def _sections(tokens: Sequence[Token], tied: _Tied) -> list[list[Token]]:
    """What stands between headings and delimiters, without what is tied already; a tied text parts its neighbours."""
    sections: list[list[Token]] = [[]]
    for at, token in enumerate(tokens):
        if token.role in ("heading", "boundary") or at in tied.taken:
            sections.append([])
        else:
            sections[-1].append(token)
    return [section for section in sections if section]


def _split_at_citations(sections: Sequence[Sequence[Token]]) -> list[list[Token]]:
    parts: list[list[Token]] = []
    for section in sections:
        parts.append([])
        for token in section:
            if token.role == "citation":
                parts.append([])
            else:
                parts[-1].append(token)
    return [part for part in parts if part]


def _with_merged_places(tokens: Sequence[Token]) -> list[Token]:
    """A place right below or above a citation made part of it, where nearly all places of the document stand so."""
    places = [at for at, token in enumerate(tokens) if token.role == "place" and not token.tail]
    made = list(tokens)
    for step in (-1, 1):
        beside = [
            at
            for at in places
            if 0 <= at + step < len(tokens) and tokens[at + step].role == "citation" and not tokens[at + step].tail
        ]
        lone = [at for at in places if at not in beside]
        if not beside or len(beside) < _SURELY_ALL * len(places) or (step == 1 and lone):
            continue
        if step == 1 and not all(tokens[at + 1].gap <= tokens[at].gap for at in beside):
            continue
        gone = set()
        for at in beside:
            first, second = sorted((at, at + step))
            citation = tokens[at + step]
            made[at + step] = replace(
                citation,
                start=tokens[first].start,
                end=tokens[second].end,
                gap=tokens[first].gap,
                name=f"{tokens[at].start}:{tokens[at].end}",
            )
            gone.add(at)
        return [token for at, token in enumerate(made) if at not in gone]
    return made


def _with_back_places(entries: Sequence[Entry], tokens: Sequence[Token], *, work: bool) -> Iterator[Entry]:
    """Texts with nothing but a place take the work of the citation before them, unless places come before any citation.

    A line between them that is no sentence may name another work.
    """
    cited = [token for token in tokens if token.role in ("citation", "heading") and (token.role == "heading" or not token.back)]
    at, last = 0, None
    for entry in entries:
        while at < len(cited) and cited[at].start < entry.texts[0].start:
            last = None if cited[at].role == "heading" else cited[at]
            at += 1
        needs = entry.place is not None and not entry.attributed and not entry.doubt
        if entry.place is None and not entry.attributed and not ends_like_prose(entry.texts[-1].words):
            last = None
        yield (
            replace(entry, citation=last, how="above", inferred=True)
            if needs and last and not work and last.tail != "note"
            else entry
        )


def _in_scope(entries: Iterator[Entry], headings: dict[int, Token], tokens: Sequence[Token], told: Layout | None) -> list[Entry]:
    """Entries below a heading that names a work cite it where they are quotations by their marks or their place.

    What else stands there may be a summary or a remark: it is left alone among quotations, and in doubt where there are none.
    """
    if not headings:
        return list(entries)
    scopes = _scopes(headings, tokens)
    quoting = any(token.role == "place" or (token.role == "text" and is_marked(token)) for token in tokens)
    made: list[Entry] = []
    for entry in entries:
        heading = scopes.get(entry.texts[0].start)
        own = entry.place is not None or is_marked(entry.texts[0]) or (told == "heading" and not quoting)
        if heading is None or (entry.attributed and not entry.inferred) or (quoting and not own):
            made.append(entry)
        elif own:
            made.append(replace(entry, heading=heading, citation=None, how="heading", inferred=False, doubt=""))
        else:
            made.append(replace(entry, citation=None, how="none", inferred=False, doubt=UNQUOTED, beside=(heading,)))
    return made


def _scopes(headings: dict[int, Token], tokens: Sequence[Token]) -> dict[int, Token]:
    """For each text by its start the heading that names its work: the last above it whose section has not ended."""
    scopes: dict[int, Token] = {}
    holds: Token | None = None
    for token in tokens:
        if token.role == "heading":
            if token.start in headings:
                holds = token
            elif holds and token.level <= holds.level:
                holds = None
        elif token.role == "text" and holds:
            scopes[token.start] = holds
    return scopes


def _decided(
    entries: Sequence[Entry], unused: tuple[Token, ...], votes: Votes, tokens: Sequence[Token], told: Layout | None
) -> Layouts:
    """The layout that most entries share; a score is the share of texts it ties, times its share of the evidence."""
    texts = sum(len(entry.texts) for entry in entries) or 1
    counts: Counter[Layout] = Counter()
    for entry in entries:
        if entry.attributed or (entry.place and entry.how != "none"):
            counts[entry.how] += len(entry.texts)
    scores: dict[Layout, float] = {how: round(count / texts, 3) for how, count in counts.items()}
    citing = sum(token.role == "citation" and not token.tail for token in tokens)
    for direction in ("below", "above"):
        fits = min(1.0, citing / texts) * votes.share(direction)
        scores[direction] = (
            round(max(scores.get(direction, 0.0), fits) * (votes.share(direction) or 1.0), 3)
            if citing
            else scores.get(direction, 0.0)
        )
    scores = {how: score for how, score in scores.items() if score}
    doubted = sum(len(entry.texts) for entry in entries if entry.doubt)
    layout: Layout = max(counts, key=lambda how: counts[how]) if counts else "none"
    boundaries = sum(token.role == "boundary" for token in tokens)
    if layout in ("below", "above") and boundaries >= _MOSTLY * max(1, len(entries) - 1):
        layout = "records"
        scores["records"] = max(scores.get("below", 0.0), scores.get("above", 0.0))
    if not told and doubted > _HALF * texts:
        layout = "unsure"
    return Layouts(tuple(tokens), tuple(entries), told or layout, scores, votes, unused)
