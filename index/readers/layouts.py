"""How citations go with texts in a document, decided by the evidence of the whole of it, or left undecided.

A wrong attribution is the worst that can happen here. So a text is given a citation only where its place proves it: on the same
line, in the same quotation or list item, alone with it between two delimiters, below the heading that names the work, or on the
side on which this document's citations stand by a clear majority of the evidence. What remains is not attributed, and said to
be so.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Literal

import msgspec
from msgspec.structs import replace

from index.readers.candidates import Token
from index.readers.directions import Direction, Votes, count_votes, place_vote, section_votes
from index.readers.headings import ends_like_prose

Layout = Literal["below", "above", "same block", "heading", "records", "notes", "document", "none", "unsure"]

LAYOUTS: tuple[Layout, ...] = ("below", "above", "same block", "heading", "records", "notes", "document", "none")
"""The layouts that a user may name; "unsure" is only ever found."""

_NAMES_WORK = 0.6
_MOSTLY = 0.6
_HALF = 0.5
_NEARLY_ALL = 0.8
_SURELY_ALL = 0.9
_FEWEST_SINGLE = 4
_SELDOM = 0.34
_QUARTER = 0.25
_OFTEN = 12
_LONG = 100


class Entry(msgspec.Struct, frozen=True):
    """Texts that belong together, and what they are cited by.

    ``citation`` and ``place`` stand beside them, ``heading`` above them; ``how`` is the layout that ties them; ``inferred``
    says that the citation is one further up; ``doubt`` says why there is none although one stands near; ``beside`` are the
    citations near.
    """

    texts: tuple[Token, ...]
    citation: Token | None = None
    place: Token | None = None
    heading: Token | None = None
    how: Layout = "none"
    inferred: bool = False
    doubt: str = ""
    beside: tuple[Token, ...] = ()

    @property
    def attributed(self) -> bool:
        """Whether something says whose words these are."""
        return self.citation is not None or self.heading is not None


class Layouts(msgspec.Struct, frozen=True):
    """What was decided: the entries in order, the layout, and the score of each layout that came into question.

    ``tokens`` are the document's as they were understood: headings that stand below their texts are citations among them.
    """

    tokens: tuple[Token, ...]
    entries: tuple[Entry, ...]
    layout: Layout
    scores: dict[Layout, float]
    votes: Votes
    unused: tuple[Token, ...] = ()

    @property
    def attributed(self) -> int:
        """How many texts have an attribution."""
        return sum(len(entry.texts) for entry in self.entries if entry.attributed)

    @property
    def texts(self) -> int:
        """How many texts there are."""
        return sum(len(entry.texts) for entry in self.entries)

    @property
    def share(self) -> float:
        """The share of the texts that have an attribution."""
        return self.attributed / (self.texts or 1)

    @property
    def doubted(self) -> int:
        """How many texts have none although one stands near."""
        return sum(len(entry.texts) for entry in self.entries if entry.doubt)


def lay_out(tokens: Sequence[Token], *, told: Layout | None = None, work: bool = False) -> Layouts:
    """Decides how the tokens of a document go together.

    Args:
        tokens: all of them, in order.
        told: the layout that the user names; None to decide by the evidence.
        work: whether the document as a whole names a work, which texts with nothing but a page then cite.
    """
    tokens = _with_merged_places(tokens)
    headings, tokens = _headings_that_name(tokens, told)
    tied = _tied(tokens)
    sections = _sections(tokens, tied)
    votes = count_votes(sections)
    direction: Direction | None = votes.direction
    if told in ("below", "above"):
        direction = told
    places = count_votes(_split_at_citations(sections), "place")
    habit = _Habit.learn(sections, direction)
    found: list[Entry] = list(tied.entries)
    for section in sections:
        found += _of_section(section, direction, places.direction, habit, told=told is not None)
    entries = _in_scope(
        _with_back_places(sorted(found, key=lambda entry: entry.texts[0].start), tokens, work=work), headings, tokens
    )
    used = {id(entry.citation) for entry in entries}
    unused = tuple(token for token in tokens if token.role == "citation" and id(token) not in used)
    return _decided(entries, unused, votes, tokens, told)


class _Tied(msgspec.Struct):
    entries: list[Entry]
    taken: set[int]


def _tied(tokens: Sequence[Token]) -> _Tied:
    """Texts with the citation on their own line, or in their own quotation or list item."""
    tied = _Tied([], set())
    for at, token in enumerate(tokens):
        if token.tail and at and tokens[at - 1].role == "text" and at - 1 not in tied.taken:
            _tie_tail(tied, tokens, at)
    for start, end in _containers(tokens):
        _tie_container(tied, tokens, start, end)
    return tied


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


class _Habit(msgspec.Struct, frozen=True):
    """What the entries of a document are like: of how many texts they are, one a section or several, quoted or not."""

    single: bool = False
    one_each: bool = False
    quoted: bool = False
    gapped: bool = False

    @classmethod
    def learn(cls, sections: Sequence[Sequence[Token]], direction: Direction | None) -> "_Habit":
        runs = [len(run) for section in sections for run, cited in _runs(section, direction or "below") if cited]
        several = sum(length > 1 for length in runs)
        single = len(runs) - several
        seldom = single >= _FEWEST_SINGLE and several <= _SELDOM * len(runs) and not (several >= _OFTEN and len(runs) >= _LONG)
        cited = [sum(token.role == "citation" for token in section) for section in sections]
        cited = [count for count in cited if count]
        texts = [token for section in sections for token in section if token.role == "text"]
        toward = [
            _is_toward(section, at, direction)
            for section in sections
            for at, token in enumerate(section)
            if token.role == "citation" and direction
        ]
        known = [side for side in toward if side is not None]
        return cls(
            single=seldom,
            one_each=len(cited) > 1 and sum(count == 1 for count in cited) >= _NEARLY_ALL * len(cited),
            quoted=bool(texts) and sum(text.quoted for text in texts) >= _MOSTLY * len(texts),
            gapped=len(known) > 1 and sum(known) >= _SURELY_ALL * len(known),
        )


def _is_toward(section: Sequence[Token], at: int, direction: Direction | None) -> bool | None:
    """Whether the gaps around a citation fit the direction; None where they say nothing."""
    before = section[at - 1] if at else None
    after = section[at + 1] if at + 1 < len(section) else None
    if before is None or after is None:
        return None
    vote = place_vote(before, section[at], after)
    if vote.below == vote.above:
        return None
    return (vote.below > vote.above) == (direction == "below")


def _runs(section: Sequence[Token], direction: Direction) -> Iterator[tuple[list[Token], Token | None]]:
    """The texts between citations, each run with the citation on the given side; those beyond the last have none."""
    ordered = section if direction == "below" else section[::-1]
    run: list[Token] = []
    for token in ordered:
        if token.role == "text":
            run.append(token)
        elif token.role == "citation":
            if run:
                yield (run if direction == "below" else run[::-1]), token
            run = []
    if run:
        yield (run if direction == "below" else run[::-1]), None


def _of_section(
    section: Sequence[Token], direction: Direction | None, places: Direction | None, habit: _Habit, *, told: bool
) -> Iterator[Entry]:
    """The entries of one section."""
    cited = any(token.role == "citation" for token in section)
    if any(token.role == "place" for token in section):
        yield from _placed(section, direction, places)
        return
    if not cited:
        yield from (Entry((token,)) for token in section if token.role == "text")
        return
    votes = section_votes(section)
    if direction is None:
        direction = _self_evident(section, votes)
    elif not told and _contradicts(votes, direction):
        direction = None
    if direction is None:
        yield from _undecided(section, "its citations stand on either side, and nothing tells to which text they belong")
        return
    alone = told or (habit.one_each and sum(token.role == "citation" for token in section) == 1)
    doubtful = set() if told else _doubtful(section, direction, habit)
    if len(doubtful) > 1 and len(doubtful) >= _QUARTER * sum(token.role == "citation" for token in section):
        yield from _undecided(section, "several of its citations stand as if they belonged to the text on the other side")
        return
    for run, citation in _runs(section, direction):
        yield from _of_run(run, citation, direction, habit, doubtful, whole=alone)


def _self_evident(section: Sequence[Token], votes: Votes) -> Direction | None:
    """In a document that is undecided: a section with one citation at one of its ends, and texts on one side of it only."""
    if sum(token.role == "citation" for token in section) != 1 or sum(token.role == "text" for token in section) != 1:
        return None
    return votes.direction


def _contradicts(votes: Votes, direction: Direction) -> bool:
    other: Direction = "above" if direction == "below" else "below"
    return votes.share(other) > _HALF and votes.above + votes.below >= 1


def _undecided(section: Sequence[Token], why: str) -> Iterator[Entry]:
    for at, token in enumerate(section):
        if token.role == "text":
            beside = tuple(
                other for other in (*section[max(0, at - 1) : at], *section[at + 1 : at + 2]) if other.role == "citation"
            )
            yield Entry((token,), doubt=why, beside=beside)


def _of_run(
    run: Sequence[Token], citation: Token | None, direction: Direction, habit: _Habit, doubtful: set[int], *, whole: bool
) -> Iterator[Entry]:
    """The texts between two citations: all of them, or the one beside its citation where others may have lost theirs."""
    if citation is None:
        yield from (Entry((text,)) for text in run)
        return
    if id(citation) in doubtful:
        yield from (
            Entry((text,), doubt="the citations around it stand as if it were cited on the other side", beside=(citation,))
            for text in run
        )
        return
    kept = list(run) if whole or len(run) == 1 else _kept(run, direction, habit)
    if len(kept) < len(run):
        why = "one citation follows several texts here, which is not how the document cites elsewhere"
        yield from (Entry((text,), doubt=why, beside=(citation,)) for text in run if text not in kept)
    yield Entry(tuple(kept), citation, how=direction)


def _kept(run: Sequence[Token], direction: Direction, habit: _Habit) -> list[Token]:
    """The texts of a run that surely share its citation, counted from the citation."""
    ordered = list(run) if direction == "above" else list(run)[::-1]
    kept = [ordered[0]]
    for text in ordered[1:]:
        first, second = (kept[-1], text) if direction == "above" else (text, kept[-1])
        separate = habit.quoted and (first.quoted or second.quoted)
        if first.quotation != second.quotation or ((separate or habit.single) and not _goes_on(first, second)):
            break
        kept.append(text)
    return kept if direction == "above" else kept[::-1]


def _goes_on(first: Token, second: Token) -> bool:
    """Whether the second text visibly continues the first."""
    if first.container and first.container == second.container:
        return True
    if second.words.startswith(("…", "...", "[…", "[...")) or first.words.endswith((",", ";", ":", "—", "–")):
        return True
    if second.words[:1].islower() and not ends_like_prose(first.words):
        return True
    return first.words.count("“") > first.words.count("”")


def _doubtful(section: Sequence[Token], direction: Direction, habit: _Habit) -> set[int]:
    """Citations (by id) whose place speaks for the other side, by their gaps or by what stands on end around them."""
    doubtful: set[int] = set()
    if habit.gapped:
        for at, token in enumerate(section):
            if token.role == "citation" and _is_toward(section, at, direction) is False:
                doubtful.add(id(token))
                doubtful |= _neighbours(section, at, direction)
    if direction == "below":
        doubtful |= _tagged(section)
    return doubtful | _shifted(section, direction, habit)


def _tagged(section: Sequence[Token]) -> set[int]:
    """Citations with a line like a heading right above, from the first with nothing else above it: it may head what follows."""
    tagged: list[int] = []
    begun = -1
    for run, citation in _runs(section, "below"):
        if citation is None or not run[-1].headish:
            continue
        if all(text.headish for text in run):
            begun = len(tagged) if begun < 0 else begun
        if begun >= 0:
            tagged.append(id(citation))
    return set(tagged) if len(tagged) > 1 else set()


def _neighbours(section: Sequence[Token], at: int, direction: Direction) -> set[int]:
    """The citation that would else take the text which this one may belong to."""
    beyond = range(at + 1, len(section)) if direction == "below" else range(at - 1, -1, -1)
    for other in beyond:
        if section[other].role == "citation":
            return {id(section[other])}
    return set()


def _shifted(section: Sequence[Token], direction: Direction, habit: _Habit) -> set[int]:
    """Citations that may be shifted by one: after two citations on end, up to two texts on end or a last text without one.

    In reading order where citations stand below, else backwards. Two texts on end say nothing where excerpts have several
    paragraphs.
    """
    ordered = list(section) if direction == "below" else list(section)[::-1]
    shifted: set[int] = set()
    zone: list[Token] | None = None
    for first, second in pairwise(ordered):
        if first.role == second.role == "citation":
            zone = []
        elif zone is not None and first.role == second.role == "text" and habit.single:
            shifted |= {id(token) for token in zone}
            zone = None
        elif zone is not None and second.role == "citation":
            zone.append(second)
    if zone and ordered[-1].role == "text":
        shifted |= {id(token) for token in zone}
    return shifted


def _placed(section: Sequence[Token], direction: Direction | None, places: Direction | None) -> Iterator[Entry]:
    """A section with places: each text with the place on its side, and the citation that the section gives it."""
    if places is None:
        yield from _undecided(section, "it stands between two pages, and nothing tells which of them is its own")
        return
    starts_with_citation = section[0].role == "citation"
    for part, citation in _parts(section):
        ordered = part if places == "below" else part[::-1]
        run: list[Token] = []
        for token in ordered:
            if token.role == "text":
                run.append(token)
            elif run:
                yield from _with_place(run, token, citation if starts_with_citation or direction == "above" else None)
                run = []
        for text in run:
            alone = citation is not None and len(part) == 1 and direction == "above"
            yield Entry((text,), citation if alone else None, how="above" if alone else "none")


def _parts(section: Sequence[Token]) -> Iterator[tuple[list[Token], Token | None]]:
    """The section cut at its citations, each part with the citation above it."""
    part: list[Token] = []
    citation: Token | None = None
    for token in section:
        if token.role == "citation":
            yield part, citation
            part, citation = [], token
        else:
            part.append(token)
    yield part, citation


def _with_place(run: Sequence[Token], place: Token, citation: Token | None) -> Iterator[Entry]:
    """Only the text beside the place has it; the others of the run have none."""
    beside = run[-1]
    yield from (Entry((text,)) for text in run[:-1])
    yield Entry((beside,), citation, place, how="above" if citation else "none", inferred=citation is not None)


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


def _headings_that_name(tokens: Sequence[Token], told: Layout | None) -> tuple[dict[int, Token], list[Token]]:
    """The headings that name works, by their start, and the tokens: headings below their texts have become citations."""
    levels = Counter(token.level for token in tokens if token.role == "heading")
    named = Counter(token.level for token in tokens if token.role == "heading" and token.work >= _NAMES_WORK)
    places = sum(token.role == "place" for token in tokens)
    adopted = {
        level
        for level, count in named.items()
        if count >= _MOSTLY * levels[level] and (count > 1 or places > 1 or told == "heading" or _is_only_work(tokens, level))
    }
    naming = [
        at for at, token in enumerate(tokens) if token.role == "heading" and token.level in adopted and token.work >= _NAMES_WORK
    ]
    if not naming:
        return {}, list(tokens)
    as_citations = [
        replace(token, role="citation", name="heading") if at in set(naming) else token for at, token in enumerate(tokens)
    ]
    direction = _heading_direction(as_citations, adopted, told)
    if direction == "below":
        return {}, as_citations
    if direction == "above":
        return {tokens[at].start: tokens[at] for at in naming}, list(tokens)
    return {}, list(tokens)


def _is_only_work(tokens: Sequence[Token], level: int) -> bool:
    """One heading, at the top, and quotations below it."""
    first = next((token for token in tokens if token.role in ("heading", "text")), None)
    return (
        first is not None
        and first.role == "heading"
        and first.level == level
        and any(token.role == "text" and (token.quotation or token.quoted) for token in tokens)
    )


def _heading_direction(tokens: Sequence[Token], levels: set[int], told: Layout | None) -> Direction | None:
    """Where the texts of headings that name works stand: headings stand above, unless gaps and edges say otherwise."""
    if told in ("heading", "above"):
        return "above"
    stream: list[list[Token]] = [[]]
    for token in tokens:
        if token.role == "heading" and token.level in levels:
            stream[-1].append(replace(token, role="citation"))
        elif token.role == "boundary" or (token.role == "heading" and stream[-1]):
            stream.append([])
        elif token.role == "text" or (token.role == "citation" and token.name == "heading"):
            stream[-1].append(token)
    votes = count_votes(part for part in stream if part)
    if votes.below + votes.above < 3:
        votes += Votes(above=1)
    return votes.direction


def _with_back_places(entries: Sequence[Entry], tokens: Sequence[Token], *, work: bool) -> Iterator[Entry]:
    """Texts with nothing but a place take the work of the citation before them, unless places come before any citation."""
    cited = [token for token in tokens if token.role in ("citation", "heading") and (token.role == "heading" or not token.back)]
    at, last = 0, None
    for entry in entries:
        while at < len(cited) and cited[at].start < entry.texts[0].start:
            last = None if cited[at].role == "heading" else cited[at]
            at += 1
        needs = entry.place is not None and not entry.attributed and not entry.doubt
        yield (
            replace(entry, citation=last, how="above", inferred=True)
            if needs and last and not work and last.tail != "note"
            else entry
        )


def _in_scope(entries: Iterator[Entry], headings: dict[int, Token], tokens: Sequence[Token]) -> list[Entry]:
    """Entries below a heading that names a work cite it, unless they cite otherwise or are remarks among quotations."""
    if not headings:
        return list(entries)
    scopes = _scopes(headings, tokens)
    quoting = any(token.role == "text" and (token.quotation or token.quoted or token.container) for token in tokens)
    placed = any(token.role == "place" for token in tokens)
    made: list[Entry] = []
    for entry in entries:
        heading = scopes.get(entry.texts[0].start)
        text = entry.texts[0]
        own = entry.place is not None or text.quotation or text.quoted or bool(text.container)
        if heading is None or (entry.attributed and not entry.inferred) or not (own or not (quoting or placed)):
            made.append(entry)
        else:
            made.append(replace(entry, heading=heading, citation=None, how="heading", inferred=False, doubt=""))
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
