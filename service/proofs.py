"""From what was checked to the shapes in ``proof_views``: adds the source's own words, their places and links."""

from collections.abc import Sequence

from index.collection import Collection
from index.records import Excerpt
from rag.answer_tree import CheckedQuotation, CheckedSentence
from rag.answering import Answer, Problem
from rag.quotes.records import Finding, Place, PlaceCheck, Verification
from service import proof_views as views
from service.links import Links

TITLES = {
    "BackendFailed": "The language model did not answer",
    "ContextTooSmall": "The language model cannot read enough",
    "NothingRelevant": "Nothing in this collection answers that",
    "AnswerRefused": "The language model refused to answer",
    "NothingStands": "Nothing the language model wrote stands",
}


class Proofs:
    """Shows checks against one generation of a collection, with links below one address."""

    def __init__(self, collection: Collection, links: Links) -> None:
        self._collection = collection
        self._links = links

    def check(self, answer: Answer) -> views.CheckView | None:
        """How an answer was made and checked; None where no model was asked."""
        if (checked := answer.checked) is None:
            return None
        return views.CheckView(
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

    def passages(self, given: Sequence[Excerpt]) -> tuple[views.NumberedView, ...]:
        """What ``[1]``, ``[2]`` … cite."""
        return tuple(
            views.NumberedView(number, excerpt.id, self._links.excerpt(excerpt.id))
            for number, excerpt in enumerate(given, start=1)
        )

    def sentence(self, sentence: CheckedSentence) -> views.SentenceView:
        """One stretch of an answer."""
        return views.SentenceView(
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

    def verification(self, quote: str, verified: Verification) -> views.VerificationView:
        """What became of a quotation that was sent in."""
        read = verified.read_as
        return views.VerificationView(
            quote=quote,
            verbatim=verified.finding.accepted,
            finding=self._finding(verified.finding),
            cited=verified.cited,
            places=tuple(map(self._cited_there, verified.places)),
            read_as=None if read is None else views.CitationReadView(read.raw, read.csl, read.locator, read.problem),
            generation=self._collection.generation,
        )

    def _quotation(self, quotation: CheckedQuotation) -> views.QuotationView:
        return views.QuotationView(quotation.words, quotation.cited, quotation.action, self._finding(quotation.finding))

    def _finding(self, finding: Finding) -> views.FindingView:
        excerpts = self._collection.excerpts([place.excerpt_id for place in finding.places])
        return views.FindingView(
            verdict=finding.verdict,
            accepted=finding.accepted,
            places=tuple(self._place(place, excerpt) for place, excerpt in zip(finding.places, excerpts, strict=True)),
            changes=finding.changes,
            similarity=finding.similarity,
            note=finding.note,
        )

    def _place(self, place: Place, excerpt: Excerpt) -> views.StandsView:
        return views.StandsView(
            excerpt=excerpt.id,
            url=self._links.excerpt(excerpt.id),
            start=place.start,
            end=place.end,
            document=excerpt.document_id,
            document_start=excerpt.start + place.start,
            document_end=excerpt.start + place.end,
            text=excerpt.text[place.start : place.end],
        )

    def _cited_there(self, check: PlaceCheck) -> views.CitedThereView:
        (excerpt,) = self._collection.excerpts([check.excerpt_id])
        raw = excerpt.citation.raw if excerpt.citation else ""
        return views.CitedThereView(excerpt.id, self._links.excerpt(excerpt.id), raw, check.agreement, check.fields)


def reason(problem: Problem) -> views.ReasonView:
    """Why there is no answer, in the form of a problem document."""
    name = "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in problem.kind).lstrip("-")
    return views.ReasonView(
        type=f"urn:ibid:{name}",
        title=TITLES.get(problem.kind, "There is no answer"),
        detail=f"{problem.found}; {problem.rule}; {problem.remedy}",
        found=problem.found,
        rule=problem.rule,
        remedy=problem.remedy,
    )
