"""Finds the quotations of a text and proves them: each becomes a slice of its passage, or plain words without marks."""

from collections.abc import Iterator, Sequence
from itertools import chain, groupby, pairwise, repeat

import msgspec
import regex

from index.records import Excerpt
from rag.answer_parser import Run, read_inline
from rag.answer_tree import (
    Action,
    CheckedQuotation,
    Cites,
    Inline,
    Quoted,
    Style,
    Support,
    Unproved,
    Words,
)
from rag.citation_marks import CitationMark, find_citations, groups, without_citations
from rag.pointing import Pointer, find_pointers, follow
from rag.quotes.extract import Typed, find_typed
from rag.quotes.findings import Finding
from rag.quotes.fold import fold
from rag.quotes.judge import interrupted, look_up_cited, one_quotation
from rag.quotes.match import QuoteIndex, words
from rag.quotes.signs import ADDRESS, plain_words, signs_in, without_signs
from rag.records import Span
from rag.support import judge_support

_TORN = "it reads as one with the quotation beside it, and in the source other words stand between them"
_UNCLOSED = "its closing mark is missing, so nothing says where it ends"
_ACTS = "its passage has an address or characters that change the order of others there, which no answer shows"
_UNSHOWABLE = regex.compile(
    rf"{ADDRESS.pattern}|[\p{{Cs}}\p{{Cc}}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069--[\n\r\t]]", regex.V1 | regex.IGNORECASE
)
_ATTRIBUTION = regex.compile(
    r"(?:\n|(?<=[.!?…\"'”’»\]])) {0,4}(?:[—–―]|--?(?=\s))(?=[^\n]*\d|\s*(?:\S+\s*){1,6}\Z)[^\n]{1,120}\s*\Z"
    r"|\n[ \t]*\([^()\n]{1,120}\)\s*\Z"
)
_BESIDE = regex.compile(r"[\s.,;]*+(?:(?:\([^()]{1,120}\)|[—–―-][^\n]{1,120})[\s.,;]*+)?\Z")
_DEFINITION = regex.compile(r"\s{0,3}\[\^?\d{1,3}\]:[^\n]*\Z")
_LONE = regex.compile(r"[\ud800-\udfff]")
_CODE = "\ufffc"
"""Stands for each character that is not prose, so that offsets hold."""


class Prose(msgspec.Struct, frozen=True):
    """The inline content of a sentence as its reader would see it: its words, the dress of each, and the words without code."""

    text: str
    styles: tuple[Style, ...]
    hidden: str


class _Found(msgspec.Struct, frozen=True):
    """What one sentence came to: its nodes and all that is reported of it."""

    nodes: tuple[Inline, ...]
    citations: tuple[int, ...] = ()
    removed: tuple[str, ...] = ()
    quotations: tuple[CheckedQuotation, ...] = ()


class _Atom(msgspec.Struct, frozen=True):
    """A run of the text that becomes these nodes."""

    span: Span
    nodes: tuple[Inline, ...]


class Prover:
    """Makes nodes of prose: citations of passages that were given, quotations that stand in them, plain words."""

    def __init__(self, passages: Sequence[Excerpt], collection: QuoteIndex | None, unproved: Unproved) -> None:
        self._passages = passages
        self._index = QuoteIndex((excerpt.id, excerpt.text) for excerpt in passages)
        self._collection = collection
        self._unproved = unproved
        self._texts = {excerpt.id: excerpt.text for excerpt in passages}
        self._titles = _titles(passages)

    def prove(self, prose: Prose, beside: Finding | None = None) -> _Found:
        """One sentence; ``beside`` is the quotation with which the sentence before it ended."""
        pointers = find_pointers(prose.hidden)
        hidden = _blank(prose.hidden, [pointer.span for pointer in pointers])
        marks = find_citations(hidden)
        typed = find_typed(hidden)
        cited = list(_with_citations(hidden, typed, marks, len(self._passages)))
        torn = self._torn(hidden, cited)
        if beside and typed and not words(fold(hidden[: typed[0].span.start]).text):
            torn += [] if self._one(beside, self._judge(typed[0].words, cited[0][1])) else [typed[0]]
        atoms: list[_Atom] = []
        quotations: list[CheckedQuotation] = []
        for pointer in pointers:
            quotation, nodes = self._point(pointer)
            quotations.append(quotation)
            atoms.append(_Atom(pointer.span, nodes))
        for words_typed, numbers in cited:
            span = words_typed.span
            if not any(atom.span.start <= span.start and span.end <= atom.span.end for atom in atoms):
                checked, shown = self._typed(words_typed, numbers, marks, torn=words_typed in torn)
                quotations += [checked] if checked else []
                atoms += [_Atom(span, shown)] if shown else []
        return self._assemble(prose, atoms, marks, quotations)

    def prove_block(self, prose: Prose, before: tuple[int, ...], beside: Finding | None, *, whole: bool) -> tuple[_Found, _Found]:
        """A block quote that is one quotation, and the words of its last line that say whose; without nodes where it is not one.

        ``beside`` is the block quote right before it; ``whole`` is false where this one holds more than paragraphs.
        """
        marks = find_citations(prose.hidden)
        own = tuple(dict.fromkeys(number for mark in marks for number in mark.kept(len(self._passages))))
        bare = without_citations(prose.text).strip()
        tries = _bounded(bare)
        findings = [self._judge(each, own or before) for each, _ in tries]
        accepted = [at for at, finding in enumerate(findings) if finding.accepted and (not beside or self._one(beside, finding))]
        if not accepted or not whole:
            finding = Finding("not_found", note="it holds more than one run of words") if accepted else findings[-1]
            failed = CheckedQuotation(without_signs(tries[-1][0]), own or before, finding, "unquoted")
            return _Found((), quotations=(failed,)), _Found(())
        (typed, said), finding = tries[accepted[0]], findings[accepted[0]]
        rest = plain_words(said).strip(" .,;\n")
        checked = CheckedQuotation(without_signs(typed), own or before, finding, "kept")
        quoted = _Found((self._quoted(finding), *map(Cites, own)), own or before, (), (checked,))
        return quoted, _Found((Words(rest),) if rest else ())

    def support(self, nodes: Sequence[Inline], numbers: Sequence[int]) -> Support:
        """Whether the passages cited say what these nodes say."""
        said = "".join(node.text if isinstance(node, Words | Quoted) else " " for node in nodes)
        return judge_support(said, [self._passages[number - 1] for number in numbers])

    def _point(self, pointer: Pointer) -> tuple[CheckedQuotation, tuple[Inline, ...]]:
        finding = self._showable(follow(pointer, self._index))
        given = (pointer.number,) if 1 <= pointer.number <= len(self._passages) else ()
        action: Action = "kept" if finding.accepted else "unquoted"
        checked = CheckedQuotation(without_signs(pointer.typed), given, finding, action)
        cites = tuple(map(Cites, given))
        if finding.accepted:
            return checked, (self._quoted(finding), Words(" "), *cites)
        return checked, (Words(plain_words(pointer.typed)), Words(" "), *cites)

    def _typed(
        self, typed: Typed, numbers: tuple[int, ...], marks: Sequence[CitationMark], *, torn: bool
    ) -> tuple[CheckedQuotation | None, tuple[Inline, ...]]:
        """What became of words between marks; no nodes where they are plain words."""
        finding, inner = self._judged(typed, numbers, marks)
        if not finding.accepted and typed.closed and _bare(typed.words) in self._titles:
            return None, (Words(self._titles[_bare(typed.words)], "emphasis"),)
        if torn and finding.accepted:
            finding = msgspec.structs.replace(finding, verdict="stitched", note=_TORN)
        source = (
            finding if finding.accepted else self._source(finding, numbers) if typed.closed and typed.inside is None else None
        )
        action: Action = "kept" if finding.accepted else "replaced" if source else "unquoted"
        checked = CheckedQuotation(without_signs(typed.words), numbers, finding, action)
        if source is None:
            return checked, ()
        quoted = self._quoted(source)
        left = typed.words.rstrip()[-1:]
        point = left if left in (",", ".") and not quoted.text.endswith(left) else ""
        cites = tuple(node for mark in inner for node in (Words(" "), *map(Cites, mark.kept(len(self._passages)))))
        return checked, (quoted, *cites, *((Words(point),) if point else ()))

    def _judged(
        self, typed: Typed, numbers: tuple[int, ...], marks: Sequence[CitationMark]
    ) -> tuple[Finding, list[CitationMark]]:
        """The finding, and the citations within the quotation that are not the source's own."""
        finding = self._judge(typed.words, numbers)
        if not typed.closed and finding.accepted:
            return msgspec.structs.replace(finding, verdict="altered", note=_UNCLOSED), []
        plain = without_citations(typed.words)
        if finding.accepted or plain == typed.words:
            return finding, []
        inner = [mark for mark in marks if typed.span.start < mark.span.start and mark.span.end < typed.span.end]
        return self._judge(plain, numbers), inner

    def _judge(self, typed: str, numbers: Sequence[int]) -> Finding:
        cited = {self._passages[number - 1].id for number in numbers}
        return self._showable(look_up_cited(typed, self._index, cited, self._collection))

    def _showable(self, finding: Finding) -> Finding:
        if finding.accepted and any(
            _UNSHOWABLE.search(self._slice(place.excerpt_id, place.start, place.end)) for place in finding.places
        ):
            return msgspec.structs.replace(finding, verdict="altered", note=_ACTS)
        return finding

    def _quoted(self, finding: Finding) -> Quoted:
        places = finding.places if finding.verdict == "elided" else finding.places[:1]
        excerpt_id = places[0].excerpt_id
        number = next(number for number, excerpt in enumerate(self._passages, start=1) if excerpt.id == excerpt_id)
        if finding.verdict == "elided" and any(right.start < left.end for left, right in pairwise(places)):
            places = places[:1]  # an ellipsis at an edge: every place holds all of the words
        slices = tuple(self._slice(place.excerpt_id, place.start, place.end) for place in places)
        return Quoted(excerpt_id, number, tuple(places), slices)

    def _slice(self, excerpt_id: str, start: int, end: int) -> str:
        return self._texts[excerpt_id][start:end]

    def _source(self, finding: Finding, numbers: tuple[int, ...]) -> Finding | None:
        """What the source says where a quotation was altered, if that is in a passage it may quote and the settings want it."""
        if self._unproved != "source" or finding.verdict != "altered" or len(finding.places) != 1 or finding.note == _ACTS:
            return None
        place = finding.places[0]
        allowed = {self._passages[number - 1].id for number in numbers} or set(self._texts)
        shown = self._showable(Finding("normalised", (place,))) if place.excerpt_id in allowed else finding
        return shown if shown.accepted else None

    def _one(self, first: Finding, second: Finding) -> bool:
        """Whether two quotations side by side are one in their source, or plainly two: of different passages, each cited."""
        apart = first.places[0].excerpt_id != second.places[0].excerpt_id if second.accepted else True
        return not second.accepted or apart or one_quotation(first, second, "", self._texts.__getitem__)

    def _torn(self, text: str, cited: Sequence[tuple[Typed, tuple[int, ...]]]) -> list[Typed]:
        """Quotations that read as one but stand in different places, or with other words between them."""
        numbers_of = {typed.span: numbers for typed, numbers in cited}
        torn: list[Typed] = []
        for left, right, between in interrupted(text, [typed for typed, _ in cited]):
            first, second = (self._judge(without_citations(part.words), numbers_of[part.span]) for part in (left, right))
            apart = (
                set(numbers_of[left.span]).isdisjoint(numbers_of[right.span])
                and text[left.span.end : right.span.start] != between
            )
            if (
                first.accepted
                and second.accepted
                and not (apart or one_quotation(first, second, between, self._texts.__getitem__))
            ):
                torn += [left, right]
        return torn

    def _assemble(
        self, prose: Prose, atoms: list[_Atom], marks: Sequence[CitationMark], quotations: list[CheckedQuotation]
    ) -> _Found:
        given = len(self._passages)
        taken = [atom.span for atom in atoms]
        free = [mark for mark in marks if not any(span.start <= mark.span.start < span.end for span in taken)]
        atoms = sorted(
            [*atoms, *(_Atom(mark.span, tuple(map(Cites, mark.kept(given)))) for mark in free)], key=lambda atom: atom.span.start
        )
        nodes: list[Inline] = []
        at = 0
        for atom in atoms:
            before = _dressed(prose, at, atom.span.start, trim=not atom.nodes)
            nodes += [*before, *atom.nodes]
            at = atom.span.end
        nodes += _dressed(prose, at, len(prose.text))
        nodes = _settled(nodes)
        shown = tuple(dict.fromkeys(node.number for node in nodes if isinstance(node, Cites)))
        removed = tuple(mark.raw.strip() for mark in free if mark.kept(given) != mark.numbers)
        return _Found(tuple(nodes), shown, removed, tuple(quotations))


def _quoted_last(found: _Found) -> Finding | None:
    """The quotation with which a sentence ends, where no words of the model's follow it."""
    rest = [node for node in found.nodes if not isinstance(node, Cites)]
    while rest and isinstance(last := rest[-1], Words) and not words(fold(last.text).text):
        rest.pop()
    accepted = [quotation.finding for quotation in found.quotations if quotation.finding.accepted]
    return accepted[-1] if rest and isinstance(rest[-1], Quoted) and accepted else None


def read_prose(text: str) -> Prose:
    """Inline Markdown as its reader would see it."""
    runs: list[Run] = read_inline(text)
    styles = tuple(chain.from_iterable(repeat(run.style, len(run.text)) for run in runs))
    hidden = "".join(_CODE * len(run.text) if run.style == "code" else run.text for run in runs)
    return Prose("".join(run.text for run in runs), styles, hidden)


def _dressed(prose: Prose, start: int, end: int, *, trim: bool = False) -> list[Inline]:
    """The model's words of a stretch, each run in its dress; ``trim`` takes the space before a citation that goes."""
    nodes: list[Inline] = []
    at = start
    for style, run in groupby(prose.styles[start:end]):
        before, at = at, at + sum(1 for _ in run)
        nodes.append(Words(plain_words(prose.text[before:at]), style))
    if trim and nodes and isinstance(last := nodes[-1], Words):
        nodes[-1] = Words(last.text.rstrip(" "), last.style)
    return [node for node in nodes if isinstance(node, Words) and node.text]


def _settled(nodes: list[Inline]) -> list[Inline]:
    """Neighbouring words that together hold a sign or an address lose their dress, and with it the sign."""
    settled: list[Inline] = []
    for is_words, run in groupby(nodes, key=lambda node: isinstance(node, Words)):
        together = list(run)
        whole = "".join(node.text for node in together if isinstance(node, Words))
        if is_words and len(together) > 1 and (signs_in(whole) or plain_words(whole) != whole):
            together = [Words(plain_words(whole))]
        settled += [node for node in together if not isinstance(node, Words) or node.text]
    return _stripped(settled)


def _stripped(nodes: list[Inline]) -> list[Inline]:
    """Without white space at either end; nothing where only white space is left."""
    if nodes and isinstance(first := nodes[0], Words):
        nodes = [msgspec.structs.replace(first, text=first.text.lstrip()), *nodes[1:]]
    if nodes and isinstance(last := nodes[-1], Words):
        nodes = [*nodes[:-1], msgspec.structs.replace(last, text=last.text.rstrip())]
    whole = [node for node in nodes if not isinstance(node, Words) or node.text]
    return whole if whole == nodes else _stripped(whole)


def _plainly(node: Inline) -> str:
    return f"[{node.number}]" if isinstance(node, Cites) else node.text


def _blank(text: str, spans: Sequence[Span]) -> str:
    for span in spans:
        text = text[: span.start] + _CODE * (span.end - span.start) + text[span.end :]
    return text


def _bounded(bare: str) -> list[tuple[str, str]]:
    """What a block quote may quote, and the rest, which says whose: all of it, all but its last line, what its marks bound."""
    said = _ATTRIBUTION.search(bare)
    own = (bare[: said.start()], said[0]) if said else (bare, "")
    outer = [typed for typed in find_typed(bare) if typed.inside is None and typed.closed and typed.span.start == 0]
    bounded = [(typed.words, bare[typed.span.end :]) for typed in outer[:1] if _BESIDE.match(bare, typed.span.end)]
    return list(dict.fromkeys([(bare, ""), own, *bounded]))


def _with_citations(
    text: str, quotations: Sequence[Typed], marks: list[CitationMark], given: int
) -> Iterator[tuple[Typed, tuple[int, ...]]]:
    """Each quotation with the passages it cites.

    That is the next citation after it and before another quotation, and any that stands between the quotation before and it
    without being that one's; where there is neither, all of the sentence.
    """
    cited = [
        (group[0].span.start, tuple(number for mark in group for number in mark.kept(given))) for group in groups(text, marks)
    ]
    all_numbers = tuple(dict.fromkeys(number for _, numbers in cited for number in numbers))
    taken = -1
    before = 0
    outer = [quotation for quotation in quotations if quotation.inside is None]
    following = {id(left): right.span.start for left, right in pairwise(outer)}
    own: tuple[int, ...] = ()
    for quotation in quotations:
        if quotation.inside is None:
            until = following.get(id(quotation), len(text))
            inside_or_after = [at for at, _ in cited if quotation.span.start <= at < until]
            after = next(
                (at for at in inside_or_after if at >= quotation.span.end), inside_or_after[-1] if inside_or_after else -1
            )
            near = [numbers for at, numbers in cited if at == after or (before <= at < quotation.span.start and at != taken)]
            own = tuple(dict.fromkeys(number for numbers in near for number in numbers)) or all_numbers
            taken, before = after, quotation.span.end
        yield quotation, own


def _titles(passages: Sequence[Excerpt]) -> dict[str, str]:
    """What the passages' citations call their works, by folded text: a title in marks quotes no passage.

    And is set in italics.
    """
    items = [excerpt.citation.csl for excerpt in passages if excerpt.citation and excerpt.citation.csl]
    titles = [str(item[field]) for item in items for field in ("title", "container-title") if item.get(field)]
    return {_bare(title): plain_words(title) for title in titles if _bare(title)}


def _bare(text: str) -> str:
    return fold(text.strip(' \n\t.,*_"“”')).text
