"""The public interface of Ibid for programs: open or build a collection, ask it, check quotations, cite, export.

    from ibid import Ibid

    with Ibid.open() as collection:
        for hit in collection.ask("Who wrote BibTeX, and when?").hits:
            print(hit.text, hit.citation.formatted)

What is in ``__all__`` is promised between minor versions; nothing else is. ``docs/python-api.md`` shows each call.
"""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self

from index.collection import Collection
from index.embedders import Embedder
from index.errors import (
    CitationInvalid,
    DropRefused,
    EmbedderMismatch,
    EmbedderUnusable,
    ExtraMissing,
    FileUnreadable,
    IbidError,
    IndexDamaged,
    IndexLocked,
    IndexMissing,
    PluginUnusable,
    Unknown,
)
from index.filters import Filters
from rag.errors import BackendFailed, FilterInvalid, QuestionInvalid, QuestionsInvalid, SettingInvalid
from rag.records import ResultPage, Sort
from rag.retrieve import Retriever, related
from service.errors import RequestFailed, RequestInvalid
from service.limits import (
    MAX_LISTED,
    validate_count,
    validate_limit,
    validate_page,
    validate_question,
    validate_quote,
    validate_result_page,
)
from service.links import links_of
from service.presenters import Presenter, ProofPresenter
from service.proof_schemas import VerificationView
from service.refinements import late_interaction_of, passage_reader_of, refinements_for
from service.schemas import AnswerView, CitationView, ExcerptView, HitView, Timing, WorksView, WorkView
from service.settings import Settings, read_settings
from service.wiring import asking_embedder, reranker_of

if TYPE_CHECKING:
    from index.build import BuildSummary
    from prompts import Message
    from rag.evaluation.report import Report
    from service.client import IbidClient
    from service.library import Quotations

__all__ = [
    "AnswerView",
    "BackendFailed",
    "BuildSummary",
    "CitationInvalid",
    "CitationView",
    "DropRefused",
    "EmbedderMismatch",
    "EmbedderUnusable",
    "ExcerptView",
    "ExtraMissing",
    "FileUnreadable",
    "FilterInvalid",
    "Filters",
    "HitView",
    "Ibid",
    "IbidError",
    "IndexDamaged",
    "IndexLocked",
    "IndexMissing",
    "PluginUnusable",
    "QuestionInvalid",
    "QuestionsInvalid",
    "RequestFailed",
    "RequestInvalid",
    "SettingInvalid",
    "Settings",
    "Unknown",
    "VerificationView",
    "WorkView",
    "WorksView",
    "haystack_retriever",
    "langchain_retriever",
    "llamaindex_retriever",
]


class Ibid:
    """One generation of a collection on this machine; thread-safe. ``Ibid.connect`` gives the same calls over HTTP.

    Records are those of the HTTP interface (``docs/http.md``). Offsets are code points, half open: ``[start, end)``.
    """

    def __init__(self, settings: Settings, collection: Collection) -> None:
        self.settings = settings
        self._collection = collection
        self._links = links_of(settings)

    @classmethod
    def open(cls, home: Path | str | None = None, *, settings: Settings | None = None) -> Self:
        """Opens the collection at ``home`` as it is now.

        Args:
            home: folder of the index; None: what ``ibid.toml`` and ``IBID_HOME`` say, else ``.ibid``.
            settings: all settings at once, in place of ``ibid.toml`` and the variables.

        Raises:
            IndexMissing, IndexDamaged: there is nothing to answer from.
            SettingInvalid: ``ibid.toml`` or a variable cannot be read.
        """
        settings = settings or read_settings(home=Path(home) if home else None)
        return cls(settings, Collection.open(settings.home))

    @classmethod
    def build(
        cls,
        paths: Sequence[Path | str],
        home: Path | str | None = None,
        *,
        only: bool = False,
        rebuild: bool = False,
        allow_drops: bool = False,
        reader: str | None = None,
        progress: Callable[[int, int], None] = lambda _done, _total: None,
        settings: Settings | None = None,
    ) -> Self:
        """Reads files, brings the collection up to date, calibrates it and opens it; ``summary`` says what changed.

        Args:
            paths: files and folders.
            home: as for ``open``.
            only: these paths are the whole collection: what was indexed from elsewhere is dropped.
            rebuild: reads unchanged files again, and accepts another embedder than before.
            allow_drops: most of the collection may go, because its files have gone.
            reader: name of the reader for all files; None: each file decides.
            progress: called with how many windows of how many have a vector.
            settings: as for ``open``.

        Raises:
            EmbedderMismatch, EmbedderUnusable: the embedder is another one than before, or cannot be loaded.
            DropRefused: more than half of the files have gone, without ``allow_drops``.
            IndexLocked: another process is writing.
            IndexMissing: no file could be read, and there was no collection before.
        """
        from index.files import find_files
        from service.building import build_collection

        settings = settings or read_settings(home=Path(home) if home else None)
        scope = find_files([Path(path) for path in paths], leave_out=settings.home)
        summary = build_collection(
            settings,
            scope.alone() if only else scope,
            reader=reader,
            rebuild=rebuild,
            progress=progress,
            may_drop=lambda *_: allow_drops,
        )
        opened = cls.open(settings=settings)
        opened.summary = summary
        return opened

    summary: "BuildSummary | None" = None
    """What ``build`` changed; None after ``open``."""

    @staticmethod
    def connect(url: str, *, timeout_seconds: float = 60.0, key: str | None = None) -> "IbidClient":
        """The same calls, answered by the Ibid that serves at ``url``. Connects when it is first asked.

        ``key`` is the API key to send; None: what the variable ``IBID_KEY`` says, "" none.
        """
        from service.client import IbidClient

        return IbidClient(url, timeout_seconds=timeout_seconds, key=os.environ.get("IBID_KEY", "") if key is None else key)

    def ask(
        self,
        question: str,
        *,
        limit: int | None = None,
        filters: Filters | Literal["suggested"] = Filters(),  # noqa: B008 — frozen
        per_work: int | None = None,
        style: str | None = None,
        language_model: str | None = None,
        history: Sequence["Message"] = (),
        closely: bool = False,
        offset: int = 0,
        sort: Sort = "relevance",
        facets: bool = False,
    ) -> AnswerView:
        """What the collection holds on a question: passages, best first, or that it holds nothing.

        Args:
            question: in plain language; "words in quotation marks" must occur, ``author:``, ``year:`` … limit it.
            limit: hits at most; None: the setting.
            filters: limit the search further; "suggested": to the authors and titles that the question names as its sources.
            per_work: hits of one work at most.
            style: style of formatted citations; None: the setting.
            language_model: name of a backend of the settings that is to write an answer, which is checked; "" for the first;
                None: passages alone.
            history: the conversation before the question, oldest first; with it the question is understood in its context.
            closely: give the leading passages the closer looks whose settings (``read``, ``late_interaction``) are "auto".
            offset: hits to leave out, from the first.
            sort: by "relevance", by year of issue ("oldest" or "newest" first), or as they stand in the collection ("place").
            facets: count the authors, works, years, headings and documents of all that was found.

        Raises:
            QuestionInvalid, FilterInvalid, RequestInvalid, CitationInvalid: it cannot be asked like that.
            EmbedderMismatch, EmbedderUnusable: the collection's embedder cannot be had.
        """
        page = validate_result_page(ResultPage(offset, sort, facets))
        suggested = filters == "suggested"
        within = Filters() if filters == "suggested" else filters
        if language_model is not None or history:
            from service.api import AskRequest
            from service.in_process import answer_in_process

            return answer_in_process(
                self.settings,
                AskRequest(
                    question,
                    within,
                    limit,
                    per_work,
                    tuple(history),
                    language_model,
                    closely=closely,
                    page=page,
                    suggested=suggested,
                ),
                style,
            )
        wanted, count = validate_question(self.settings, question), validate_limit(self.settings, limit)
        parsed = self._retriever.parse(wanted, within, suggested=suggested)
        started = time.perf_counter()
        (vector,) = self._embedder.embed([parsed.words], "query")
        encoded = time.perf_counter()
        refinements = refinements_for(self.settings, for_a_person=closely)
        findings = self._retriever.find(parsed, vector, count, per_work, refinements, page)
        timing = Timing.between(started, encoded, time.perf_counter())
        return self._presenter(style).answer(findings, timing)

    def search(self, question: str, **options: Any) -> tuple[HitView, ...]:
        """The hits alone; options and errors as for ``ask``."""
        return self.ask(question, **options).hits

    def verify_quote(self, quote: str, citation: str = "") -> VerificationView:
        """Whether words occur verbatim in the collection, and, apart from that, whether they stand where they were cited.

        The first call folds the collection's text, about a second for each three million characters.

        Raises:
            QuestionInvalid: the quotation is empty or too long.
        """
        quote = validate_quote(self.settings, quote)
        return ProofPresenter(self._collection, self._links).verification(quote, self._quotations.verify(quote, citation))

    def excerpt(self, excerpt_id: str, *, before: int = 1, after: int = 1, style: str | None = None) -> ExcerptView:
        """One excerpt between its neighbours. Raises Unknown, RequestInvalid, CitationInvalid."""
        (excerpt,) = self._collection.excerpts([excerpt_id])
        around = self._collection.neighbours(excerpt_id, validate_count("before", before), validate_count("after", after))
        return self._presenter(style).excerpt(excerpt, *around, related(self._collection, excerpt_id, 3))

    def cite(self, excerpts: Sequence[str] = (), *, form: str = "text", style: str | None = None) -> str:
        """Citations of excerpts by their ids, or, without any, all works of the collection.

        Args:
            excerpts: ids of excerpts.
            form: ``text``, ``html``, ``csl-json``, ``bibtex`` or ``ris``.
            style: style of the first two; None: the setting.

        Raises:
            Unknown: an id names no excerpt.
            CitationInvalid: there is no such form or style.
        """
        from service.bibliography import cited, write_bibliography, write_citations
        from service.limits import style_of

        style = style_of(self.settings, style, files_too=True)
        if excerpts:
            return write_citations(cited(self._collection, excerpts), form, style)
        return write_bibliography(self._collection.works(), form, style)

    def works(self, filters: Filters = Filters(), *, offset: int = 0, limit: int = MAX_LISTED) -> WorksView:  # noqa: B008
        """The works that excerpts cite, from ``offset`` on. Raises RequestInvalid, FilterInvalid."""
        return self._presenter(None).sources(filters, *validate_page(offset, limit))

    def export(self) -> Iterator[str]:
        """Every excerpt as one JSON line, in the order of the documents; ``build`` reads such a file back whole."""
        from index.readers.jsonl import export_lines

        return export_lines(self._collection)

    def evaluate(self, questions: Path | str, *, limit: int = 10, split: str = "test") -> "Report":
        """Scores retrieval on a question set about this collection, stage by stage.

        Raises:
            QuestionsInvalid: the set cannot be read, or an answer is in no excerpt.
        """
        from rag.evaluation.formats import read_questions
        from rag.evaluation.gold import gold_of
        from rag.evaluation.outcomes import Asking
        from rag.evaluation.report import report_on

        golds = gold_of(read_questions(Path(questions), split), self._collection)
        late, reader = late_interaction_of(self.settings, self._embedder), passage_reader_of(self.settings)
        asking = Asking(self._collection, self._embedder, reranker_of(self.settings), late, reader)
        outcomes = asking.ask(golds, limit, lambda _done, _total: None)
        return report_on(outcomes, self._collection)

    def close(self) -> None:
        """Closes the collection."""
        self._collection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self.close()

    @cached_property
    def _embedder(self) -> Embedder:
        return asking_embedder(self.settings, self._collection.embedder)

    @cached_property
    def _retriever(self) -> Retriever:
        late, reader = late_interaction_of(self.settings, self._embedder), passage_reader_of(self.settings)
        exact = self.settings.search == "exact"
        return Retriever(self._collection, reranker_of(self.settings), self._embedder.count_tokens, late, reader, exact=exact)

    @cached_property
    def _quotations(self) -> "Quotations":
        from service.library import Quotations

        return Quotations(self._collection)

    def _presenter(self, style: str | None) -> Presenter:
        from service.limits import style_of

        return Presenter(self._collection, self._links, style_of(self.settings, style, files_too=True))


def langchain_retriever(collection: "Ibid | IbidClient", **options: Any) -> Any:
    """A LangChain ``BaseRetriever``; ``options`` as for ``Ibid.search``. Raises ExtraMissing without LangChain."""
    return _adapter("langchain").LangChainRetriever(collection=collection, options=options)


def llamaindex_retriever(collection: "Ibid | IbidClient", **options: Any) -> Any:
    """A LlamaIndex ``BaseRetriever``; ``options`` as for ``Ibid.search``. Raises ExtraMissing without LlamaIndex."""
    return _adapter("llamaindex").LlamaIndexRetriever(collection, options)


def haystack_retriever(collection: "Ibid | IbidClient", **options: Any) -> Any:
    """A Haystack component with the output ``documents``; ``options`` as for ``Ibid.search``. Raises ExtraMissing without it."""
    return _adapter("haystack").HaystackRetriever(collection, options)


def _adapter(framework: str) -> Any:
    try:
        return import_module(f"service.adapters.{framework}")
    except ImportError as error:
        raise ExtraMissing(
            f"{framework} cannot be imported ({error})",
            rule=f"a retriever for {framework} needs it",
            remedy=f"install it with: pip install 'ibid-rag[{framework}]'",
        ) from error


def __getattr__(name: str) -> Any:
    """Imports what only building needs when it is first asked for (PEP 562): a lone question must not wait for it."""
    if name == "BuildSummary":
        from index.build import BuildSummary

        return BuildSummary
    raise AttributeError(f"module 'ibid' has no attribute {name!r}")
