"""Checks what a language model wrote: every citation, every quotation, sentence by sentence, as it arrives.

Shown as a quotation is only what stands in a passage; the rest loses its marks or gives way to the source's words.
"""

from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise

import msgspec

from index.records import Excerpt
from rag.checked import Action, CheckedAnswer, CheckedQuotation, CheckedSentence, Unproved
from rag.citation_marks import CitationMark, find_citations, groups, without_citations
from rag.markdown import disarm, quote_prefix
from rag.quotes.extract import Quotation, disguised_marks, find_quotations
from rag.quotes.fold import fold
from rag.quotes.judge import interrupted, look_up_cited, one_quotation
from rag.quotes.match import QuoteIndex, words
from rag.quotes.records import Finding
from rag.records import Span
from rag.segments import Segment, Segmenter

_TORN = "it reads as one with the quotation beside it, and in the source other words stand between them"


class AnswerCheck:
    """The check of one answer, fed as it streams in.

    Args:
        passages: what the model was given; ``[1]`` is the first.
        collection: where a quotation that is in none of them is looked for, to say so.
        unproved: what becomes of a quotation that is not one.
        abstention: the sentence by which the model says that the passages do not answer.
        fence: the code around the passages in the prompt; a sentence that repeats it is the prompt's, not the answer's, and goes.
    """

    def __init__(
        self,
        passages: Sequence[Excerpt],
        collection: QuoteIndex | None = None,
        *,
        unproved: Unproved = "unquote",
        abstention: str = "",
        fence: str = "",
    ) -> None:
        self._fence = fence
        self._passages = passages
        self._index = QuoteIndex((excerpt.id, excerpt.text) for excerpt in passages)
        self._collection = collection
        self._unproved = unproved
        self._abstention = _bare(abstention)
        self._titles = _titles(passages)
        self._segments = Segmenter()
        self._sentences: list[CheckedSentence] = []
        self._length = 0

    def feed(self, piece: str) -> list[CheckedSentence]:
        """The sentences that this piece completes, checked."""
        return [self._check(segment) for segment in self._segments.feed(piece)]

    def finish(self) -> list[CheckedSentence]:
        """What is left at the end, checked."""
        return [self._check(segment) for segment in self._segments.finish()]

    def answer(self) -> CheckedAnswer:
        """All of it so far."""
        text = "".join(sentence.text for sentence in self._sentences)
        return CheckedAnswer(text, tuple(self._sentences), abstained=bool(self._abstention) and _bare(text) == self._abstention)

    def _check(self, segment: Segment) -> CheckedSentence:
        if self._fence and self._fence in segment.text:
            segment = Segment("space", "")
        prose = _Prose("") if segment.kind == "code" else self._check_prose(segment)
        text = segment.text if segment.kind == "code" else self._apart(prose.shown())
        numbers = tuple(dict.fromkeys(number for mark in prose.citations for number in mark.kept(len(self._passages))))
        start, self._length = self._length, self._length + len(text)
        sentence = CheckedSentence(
            kind=segment.kind,
            span=Span(start, self._length),
            text=text,
            citations=numbers,
            removed=tuple(
                mark.raw.strip() for mark in prose.citations if mark.kept(len(self._passages)) != mark.numbers or mark.definition
            ),
            quotations=tuple(prose.quotations),
            stands=segment.kind in ("sentence", "block")
            and bool(numbers)
            and bool(words(without_citations(text)))
            and all(quotation.finding.accepted for quotation in prose.quotations),
        )
        self._sentences.append(sentence)
        return sentence

    def _check_prose(self, segment: Segment) -> "_Prose":
        prose = _Prose(segment.text)
        prose.drop_disguised()
        marks = find_citations(segment.text)
        quotations = [
            quotation for quotation in find_quotations(segment.text, fences=False) if _bare(quotation.words) not in self._titles
        ]
        cited = list(_with_citations(segment.text, quotations, marks, len(self._passages)))
        torn = self._torn(segment.text, cited)
        for quotation, numbers in cited:
            if not prose.is_settled(quotation.span):
                own = numbers or (self._cited_before() if segment.kind == "block" else ())
                self._check_quotation(prose, quotation, own, torn=quotation in torn)
        for mark in marks:
            if not prose.is_settled(mark.span, literally=True):
                prose.citations.append(mark)
                prose.put_citation(mark, len(self._passages))
        prose.disarm()
        return prose

    def _torn(self, text: str, cited: Sequence[tuple[Quotation, tuple[int, ...]]]) -> list[Quotation]:
        """Quotations that read as one but stand in different places, or with other words between them."""
        numbers_of = {quotation.span: numbers for quotation, numbers in cited}
        texts = {excerpt.id: excerpt.text for excerpt in self._passages}
        torn: list[Quotation] = []
        for left, right, between in interrupted(text, [quotation for quotation, _ in cited]):
            first, second = (self._judge(part.words, numbers_of[part.span])[0] for part in (left, right))
            if first.accepted and second.accepted and not one_quotation(first, second, between, texts.__getitem__):
                torn += [left, right]
        return torn

    def _apart(self, text: str) -> str:
        """What follows a block quote on its next line would be shown as part of it."""
        last = self._sentences[-1] if self._sentences else None
        quoted = last is not None and last.kind == "block" and quote_prefix(last.text) > 0
        return f"\n{text}" if quoted and text.split("\n", 1)[0].strip() else text

    def _check_quotation(self, prose: "_Prose", quotation: Quotation, numbers: tuple[int, ...], *, torn: bool) -> None:
        finding, literal = self._judge(quotation.words, numbers)
        if torn and finding.accepted:
            finding = msgspec.structs.replace(finding, verdict="stitched", note=_TORN)
        source = self._source(finding, numbers) if self._unproved == "source" and _replaceable(quotation) else ""
        if finding.accepted:
            prose.settle(quotation, literal=literal)
        elif source:
            prose.replace(quotation, source)
        else:
            prose.unquote(quotation)
        action: Action = "kept" if finding.accepted else "replaced" if source else "unquoted"
        prose.quotations.append(CheckedQuotation(quotation.words, numbers, finding, action))

    def _judge(self, words: str, numbers: tuple[int, ...]) -> tuple[Finding, bool]:
        """The finding, and whether the words were found with the citations in them, which are the source's own then."""
        cited = {self._passages[number - 1].id for number in numbers}
        finding = look_up_cited(words, self._index, cited, self._collection)
        plain = without_citations(words)
        if finding.accepted or plain == words:
            return finding, plain != words
        return look_up_cited(plain, self._index, cited, self._collection), False

    def _source(self, finding: Finding, numbers: tuple[int, ...]) -> str:
        """What the source says where a quotation was altered, if that is in a passage it may quote."""
        if finding.verdict != "altered" or len(finding.places) != 1:
            return ""
        place = finding.places[0]
        for number, excerpt in enumerate(self._passages, start=1):
            if excerpt.id == place.excerpt_id and (number in numbers or not numbers):
                return excerpt.text[place.start : place.end]
        return ""

    def _cited_before(self) -> tuple[int, ...]:
        """A block quote that cites nothing belongs to the sentence that introduces it."""
        return next((sentence.citations for sentence in reversed(self._sentences) if sentence.kind == "sentence"), ())


class _Prose:
    """A segment under revision: what is to change in it, and what has been settled."""

    def __init__(self, text: str) -> None:
        self.quotations: list[CheckedQuotation] = []
        self.citations: list[CitationMark] = []
        self._text = text
        self._edits: list[tuple[Span, str]] = []
        self._settled: list[tuple[Span, bool]] = []

    def is_settled(self, span: Span, *, literally: bool = False) -> bool:
        return any(
            around.start <= span.start and span.end <= around.end for around, literal in self._settled if literal or not literally
        )

    def settle(self, quotation: Quotation, *, literal: bool) -> None:
        self._settled.append((quotation.span, literal))

    def replace(self, quotation: Quotation, source: str) -> None:
        inner = Span(quotation.marks[0].end, quotation.marks[-1].start)
        self._edits.append((inner, source))
        self._settled.append((quotation.span, True))

    def unquote(self, quotation: Quotation) -> None:
        self._edits += [(mark, "") for mark in quotation.marks]

    def disarm(self) -> None:
        self._edits += [edit for edit in disarm(self._text) if not any(_overlap(edit[0], other) for other, _ in self._edits)]

    def drop_disguised(self) -> None:
        self._edits += disguised_marks(self._text)

    def put_citation(self, mark: CitationMark, given: int) -> None:
        shown = mark.shown(given)
        start = mark.span.start
        while not shown and not mark.definition and start and self._text[start - 1] == " ":
            start -= 1
        if shown != mark.raw:
            self._edits.append((Span(start, mark.span.end), shown))

    def shown(self) -> str:
        pieces, at = [], 0
        for span, replacement in sorted(self._edits, key=lambda edit: (edit[0].start, edit[0].end)):
            if span.start >= at:
                pieces += [self._text[at : span.start], replacement]
                at = span.end
        return "".join([*pieces, self._text[at:]])


def _with_citations(
    text: str, quotations: list[Quotation], marks: list[CitationMark], given: int
) -> Iterator[tuple[Quotation, tuple[int, ...]]]:
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


def _overlap(left: Span, right: Span) -> bool:
    return left.start < right.end and right.start < left.end


def _replaceable(quotation: Quotation) -> bool:
    return quotation.kind == "inline" and quotation.closed and len(quotation.marks) == 2


def _titles(passages: Sequence[Excerpt]) -> Collection[str]:
    """What the passages' citations call their works: in quotation marks, they quote no passage."""
    items = [excerpt.citation.csl for excerpt in passages if excerpt.citation and excerpt.citation.csl]
    return {_bare(str(item[field])) for item in items for field in ("title", "container-title") if item.get(field)}


def _bare(text: str) -> str:
    return fold(text.strip(' \n\t.,*_"“”')).text
