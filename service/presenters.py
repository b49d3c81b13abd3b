"""From the nouns of ``index`` and ``rag`` to the shapes in ``service.schemas``: adds links, documents and formatted citations."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import msgspec

from index.citations.styles import check_style, format_bibliography, format_excerpt_citation
from index.collection import Collection
from index.filters import Filters
from index.records import Citation, CslItem, DocumentCard, Excerpt, Locator, QuotedIn, Work, issued_year
from rag.answer_tree import CheckedQuotation, CheckedSentence
from rag.quotes.findings import Finding, Place, PlaceCheck, Verification
from rag.records import FacetCount, Facets, Findings, Hit, Span, SuggestedFilter
from rag.retrieve import Related
from service import proof_schemas
from service import schemas as views
from service.explanations import explain
from service.links import Links
from service.snippets import beginning

if TYPE_CHECKING:
    # A lone question without a language model needs nothing of it: cold start.
    from rag.answering import Answer, Problem

CITATIONS_KEPT = 1024
REFERENCES_KEPT = 10_000
_CITATION = msgspec.json.Decoder(Citation | None)


class Presenter:
    """Shows what one generation of a collection holds, with links below one address and citations in one style.

    Raises:
        CitationInvalid: there is no such style.
    """

    def __init__(self, collection: Collection, links: Links, style: str) -> None:
        check_style(style)
        self._collection = collection
        self._links = links
        self._style = style

    def answer(self, findings: Findings, timing: views.Timing) -> views.AnswerView:
        """What was found for a question."""
        question = findings.question
        return views.AnswerView(
            question=msgspec.convert(question, views.QuestionView, from_attributes=True),
            status=findings.status,
            confidence=findings.confidence,
            hits=tuple(map(self.hit, findings.hits)),
            nearest=tuple(map(self.hit, findings.nearest)),
            works=tuple(self._work_count(count.work_id, count.hits) for count in findings.works),
            generation=findings.generation,
            timing=timing,
            explanation="" if findings.status == "answered" else explain(findings),
            limits=findings.limits,
            more=findings.more,
            facets=self._facets(findings.facets) if findings.facets else None,
            suggested_filters=_suggested(question.suggested_filters),
            applied_filters=_suggested(question.applied_filters),
        )

    def hit(self, hit: Hit) -> views.HitView:
        """One hit with everything needed to show, check and cite it."""
        return views.HitView(
            **self._passage(hit.excerpt),
            rank=hit.rank,
            highlights=tuple(_highlight(hit.excerpt, span) for span in hit.highlights),
            work=hit.excerpt.work_id or None,
            scores=hit.scores,
            duplicates=tuple(
                views.DuplicateView(each.id, self._links.excerpt(each.id), self.place(each)) for each in hit.duplicates
            ),
            missing=hit.missing,
        )

    def excerpt(
        self, excerpt: Excerpt, before: Iterable[Excerpt], after: Iterable[Excerpt], related: Related
    ) -> views.ExcerptView:
        """One excerpt between its neighbours, and what else to read."""
        return views.ExcerptView(
            **self._passage(excerpt),
            work=excerpt.work_id or None,
            before=tuple(map(self.passage, before)),
            after=tuple(map(self.passage, after)),
            related=views.RelatedView(
                tuple(map(self._brief, related.same_heading)), tuple(map(self._brief, related.other_works))
            ),
        )

    def passage(self, excerpt: Excerpt) -> views.PassageView:
        """One excerpt with its citation and its place."""
        return views.PassageView(**self._passage(excerpt))

    def _passage(self, excerpt: Excerpt) -> dict[str, Any]:
        """The fields that every view of an excerpt has."""
        return {
            "id": excerpt.id,
            "url": self._links.excerpt(excerpt.id),
            "text": excerpt.text,
            "headings": excerpt.headings,
            "citation": self.citation(excerpt),
            "document": self.place(excerpt),
        }

    def citation(self, excerpt: Excerpt) -> views.CitationView:
        """An excerpt's citation: as written, as parsed and as formatted."""
        written = excerpt.citation
        formatted, html = _citation(
            msgspec.json.encode(written), self._style, self._collection.document(excerpt.document_id).quoted_in(written)
        )
        return views.CitationView(
            raw=written.raw if written else None,
            csl=written.csl if written else None,
            locator=written.locator if written else None,
            formatted=formatted,
            html=html,
            style=self._style,
            problem=written.problem if written else "the document gives no citation for this excerpt",
            likely=written.likely if written else (),
            inferred=written.inferred if written else False,
            beside=written.beside if written else (),
        )

    def place(self, excerpt: Excerpt) -> views.PlaceView:
        """Where an excerpt stands in its document."""
        card = self._collection.document(excerpt.document_id)
        return views.PlaceView(
            id=card.id,
            name=card.name,
            title=card.title,
            sha256=card.sha256,
            start=excerpt.start,
            end=excerpt.end,
            text_url=self._links.text(card.id, excerpt.start, excerpt.end),
        )

    def source(self, work: Work) -> views.WorkView:
        """One work."""
        return views.WorkView(
            id=work.id,
            url=self._links.source(work.id),
            label=label(work.csl),
            year=issued_year(work.csl),
            csl=work.csl,
            formatted=_reference(msgspec.json.encode(work.csl), self._style),
            excerpts=work.excerpts,
            spellings=work.spellings,
            likely=work.likely,
        )

    def sources(self, filters: Filters, offset: int, limit: int) -> views.WorksView:
        """Works that pass the filters, by author and title: ``limit`` of them from ``offset`` on, the years of all."""
        works = sorted(self._collection.works(filters), key=_by_author_and_title)
        shown = works[offset : offset + limit]
        return views.WorksView(tuple(map(self.source, shown)), _years(works), offset, total=len(works))

    def document(self, card: DocumentCard) -> views.DocumentView:
        """One document."""
        return views.DocumentView(
            id=card.id,
            name=card.name,
            title=card.title,
            sha256=card.sha256,
            reader=card.reader,
            encoding=card.encoding,
            characters=card.characters,
            excerpts=card.excerpts,
            complete=card.complete,
            text_url=self._links.text(card.id, 0, card.characters),
            layout=card.layout,
            compilation=card.compilation,
        )

    def _brief(self, excerpt: Excerpt) -> views.BriefView:
        return views.BriefView(
            excerpt.id, self._links.excerpt(excerpt.id), beginning(excerpt.text), self.citation(excerpt).formatted
        )

    def _facets(self, facets: Facets) -> views.FacetsView:
        def named(counts: Iterable[FacetCount], name: Callable[[str], str] = str) -> tuple[views.FacetView, ...]:
            return tuple(views.FacetView(each.value, name(each.value), each.count) for each in counts)

        return views.FacetsView(
            facets.found,
            facets.complete,
            author=named(facets.authors),
            work=named(facets.works, lambda work: label(self._collection.work(work).csl)),
            year=named(facets.years),
            heading=named(facets.headings),
            document=named(facets.documents, lambda document: self._collection.document(document).title),
        )

    def _work_count(self, work_id: str, hits: int) -> views.WorkCountView:
        work = self._collection.work(work_id)
        return views.WorkCountView(work_id, label(work.csl), hits, self._links.source(work_id))


def _suggested(filters: Iterable[SuggestedFilter]) -> tuple[views.SuggestedFilterView, ...]:
    return tuple(views.SuggestedFilterView(each.field, each.value, each.named) for each in filters)


def _highlight(excerpt: Excerpt, span: Span) -> views.HighlightView:
    return views.HighlightView(span.start, span.end, excerpt.start + span.start, excerpt.start + span.end)


def _by_author_and_title(work: Work) -> tuple[str, str, str]:
    return label(work.csl).casefold(), str(work.csl.get("title", "")).casefold(), work.id


def _years(works: Iterable[Work]) -> tuple[views.YearCount, ...]:
    counted: dict[int | None, list[Work]] = defaultdict(list)
    for work in works:
        counted[issued_year(work.csl)].append(work)
    return tuple(
        views.YearCount(year, len(these), sum(work.excerpts for work in these))
        for year, these in sorted(counted.items(), key=lambda item: (item[0] is None, item[0] or 0))
    )


@lru_cache(CITATIONS_KEPT)
def _citation(citation: bytes, style: str, quoted_in: QuotedIn) -> tuple[str, str]:
    """An excerpt's citation as text and as HTML; kept, because the same excerpts are shown again and again."""
    written = _CITATION.decode(citation)
    text = format_excerpt_citation(written, style, quoted_in=quoted_in)
    return text, format_excerpt_citation(written, style, quoted_in=quoted_in, markup="html")


@lru_cache(REFERENCES_KEPT)
def _reference(csl: bytes, style: str) -> str:
    """One entry of a bibliography; kept, because formatting takes milliseconds."""
    return format_bibliography([msgspec.json.decode(csl)], style)[0]


# From what was checked to the shapes in ``service.schemas``: adds the source's own words, their places and links.

TITLES = {
    "BackendFailed": "The language model did not answer",
    "ContextTooSmall": "The language model cannot read enough",
    "NothingRelevant": "Nothing in this collection answers that",
    "AnswerRefused": "The language model refused to answer",
    "NothingStands": "Nothing the language model wrote stands",
}


class ProofPresenter:
    """Shows checks against one generation of a collection, with links below one address."""

    def __init__(self, collection: Collection, links: Links) -> None:
        self._collection = collection
        self._links = links

    def check(self, answer: "Answer") -> proof_schemas.CheckView | None:
        """How an answer was made and checked; None where no model was asked."""
        if (checked := answer.checked) is None:
            return None
        return proof_schemas.CheckView(
            backend=answer.model.name,
            model=answer.model.model,
            prompt_digest=answer.prompt_digest,
            usage=answer.usage,
            truncated=answer.truncated,
            finish=answer.finish,
            abstained=checked.abstained,
            text=checked.text,
            sentences=tuple(map(self.sentence, checked.sentences)),
        )

    def passages(self, given: Sequence[Excerpt]) -> tuple[proof_schemas.NumberedView, ...]:
        """What ``[1]``, ``[2]`` … cite."""
        return tuple(
            proof_schemas.NumberedView(number, excerpt.id, self._links.excerpt(excerpt.id))
            for number, excerpt in enumerate(given, start=1)
        )

    def sentence(self, sentence: CheckedSentence) -> proof_schemas.SentenceView:
        """One stretch of an answer."""
        return proof_schemas.SentenceView(
            kind=sentence.kind,
            opens=sentence.opens,
            nodes=sentence.nodes,
            start=sentence.span.start,
            end=sentence.span.end,
            text=sentence.text,
            citations=sentence.citations,
            removed=sentence.removed,
            cites=sentence.cites,
            support=sentence.support,
            stands=sentence.stands,
            quotations=tuple(map(self._quotation, sentence.quotations)),
        )

    def verification(self, quote: str, verified: Verification) -> proof_schemas.VerificationView:
        """What became of a quotation that was sent in."""
        read = verified.read_as
        return proof_schemas.VerificationView(
            quote=quote,
            verbatim=verified.finding.accepted,
            finding=self._finding(verified.finding),
            cited=verified.cited,
            places=tuple(map(self._cited_there, verified.places)),
            read_as=None if read is None else proof_schemas.CitationReadView(read.raw, read.csl, read.locator, read.problem),
            generation=self._collection.generation,
        )

    def _quotation(self, quotation: CheckedQuotation) -> proof_schemas.QuotationView:
        return proof_schemas.QuotationView(quotation.words, quotation.cited, quotation.action, self._finding(quotation.finding))

    def _finding(self, finding: Finding) -> proof_schemas.FindingView:
        excerpts = self._collection.excerpts([place.excerpt_id for place in finding.places])
        return proof_schemas.FindingView(
            verdict=finding.verdict,
            accepted=finding.accepted,
            places=tuple(self._place(place, excerpt) for place, excerpt in zip(finding.places, excerpts, strict=True)),
            changes=finding.changes,
            similarity=finding.similarity,
            note=finding.note,
            flags=finding.flags,
            scope=finding.scope,
        )

    def _place(self, place: Place, excerpt: Excerpt) -> proof_schemas.StandsView:
        return proof_schemas.StandsView(
            excerpt=excerpt.id,
            url=self._links.excerpt(excerpt.id),
            start=place.start,
            end=place.end,
            document=excerpt.document_id,
            document_start=excerpt.start + place.start,
            document_end=excerpt.start + place.end,
            text=excerpt.text[place.start : place.end],
        )

    def _cited_there(self, check: PlaceCheck) -> proof_schemas.CitedThereView:
        (excerpt,) = self._collection.excerpts([check.excerpt_id])
        raw = excerpt.citation.raw if excerpt.citation else ""
        return proof_schemas.CitedThereView(excerpt.id, self._links.excerpt(excerpt.id), raw, check.agreement, check.fields)


def reason(problem: "Problem") -> proof_schemas.ReasonView:
    """Why there is no answer, in the form of a problem document."""
    name = "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in problem.kind).lstrip("-")
    return proof_schemas.ReasonView(
        type=f"urn:ibid:{name}",
        title=TITLES.get(problem.kind, "There is no answer"),
        detail=f"{problem.found}; {problem.rule}; {problem.remedy}",
        found=problem.found,
        rule=problem.rule,
        remedy=problem.remedy,
    )


# What a passage is called where there is room for a few words: "Doe 1951, p. 61".

LONGEST = 80


def label(csl: CslItem | None) -> str:
    """A work in a few words: the authors' family names and the year, else the title ("Doe 1951")."""
    if csl is None:
        return ""
    names: Sequence[dict[str, str]] = csl.get("author") or csl.get("editor") or ()
    families = [name.get("family") or name.get("literal") or "" for name in names]
    who = f"{families[0]} et al." if len(families) > 3 else " & ".join(filter(None, families)) or csl.get("title", "")
    when = issued_year(csl)
    return f"{who} {when}" if when is not None else who


def short_title(csl: CslItem | None, locator: Locator | None, otherwise: str) -> str:
    """Author, year and page; the beginning of ``otherwise`` where the citation could not be parsed."""
    named = label(csl)
    return f"{_shortened(named)}{_located(locator)}" if named else _shortened(" ".join(otherwise.split()))


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1].rstrip()}…"


def _located(locator: Locator | None) -> str:
    if locator is None or not locator.value:
        return ""
    if locator.label != "page":
        return f", {locator.label} {locator.value}"
    return f", {'p.' if locator.value.isalnum() else 'pp.'} {locator.value}"
