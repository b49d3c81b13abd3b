"""How the citations of one section go with its texts, by the habits of the whole document."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import msgspec

from index.readers.candidates import Token, is_marked
from index.readers.directions import Direction, Votes, place_vote, section_votes
from index.readers.entries import Entry
from index.readers.headings import ends_like_prose

_HALF = 0.5
_NEARLY_ALL = 0.8
_SURELY_ALL = 0.9
_FEWEST_RUNS = 4
_QUARTER = 0.25
_OFTEN = 12
_LONG = 100


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
        seldom = len(runs) >= _FEWEST_RUNS and several <= single and not (several >= _OFTEN and len(runs) >= _LONG)
        cited = [sum(token.role == "citation" for token in section) for section in sections]
        cited = [count for count in cited if count]
        below = direction or "below"
        marked = [any(map(is_marked, run)) for section in sections for run, cited in _runs(section, below) if cited]
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
            quoted=len(marked) > 1 and sum(marked) >= _NEARLY_ALL * len(marked),
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
    marked = [text for text in run if is_marked(text)] if habit.quoted else []
    if 0 < len(marked) < len(run):
        why = "it stands without quotation marks where the texts that are cited have them"
        yield from (Entry((text,), doubt=why, beside=(citation,)) for text in run if not is_marked(text))
        run = marked
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
    for part, above in _parts(section):
        ordered = part if places == "below" else part[::-1]
        named = any(_may_name(token) for token in _unplaced(ordered)) and any(token.role == "place" for token in part)
        citation = None if named else above
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


def _unplaced(ordered: Sequence[Token]) -> Iterator[Token]:
    """The texts that no place follows, in the order in which places follow texts."""
    for at, token in enumerate(ordered):
        if token.role == "text" and (at + 1 == len(ordered) or ordered[at + 1].role != "place"):
            yield token


def _may_name(text: Token) -> bool:
    """Whether a text is no sentence, and so may be a line that names another work."""
    return not text.quoted and not ends_like_prose(text.words)


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
