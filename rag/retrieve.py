"""From a question and its vector to findings: gather evidence, fuse, fold what is the same, judge whether it suffices."""

import itertools
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache, partial

import msgspec
import numpy as np

from index.collection import Collection
from index.embedders import Vectors
from index.records import Excerpt, Filters
from index.stores import Ids
from index.text import words
from index.windows import search_text
from rag.calibration import Judgement, calibration_of, judge
from rag.facets import facets_of, relevant, sort_key
from rag.highlight import Sentence, TermWeights, highlight, sentences_of
from rag.late_interaction import LateInteraction
from rag.limits import LOOKED_AT, Held, absent_phrases, across_languages, outcome_within_limits, within_premise
from rag.passage_reader import PassageReader, Reading
from rag.passage_reader.confidence import judge_read
from rag.query import NamedSources, parse_question
from rag.ranking import Batch, Ranked, Reranker, rank, rerank
from rag.records import FIRST_PAGE, Facets, Findings, Hit, Question, ResultPage, Scores, Span, WorkCount
from rag.refining import NONE, Refined, Refinements, Refiner
from rag.scoring import LEADING, Evidence, ScoredCandidates, Scorer
from rag.spelling import Corrector, CountTokens
from rag.tracing import step

_SENTENCES_KEPT = 1024
"""Windows whose sentences are kept once they were shown, about 4 kB each."""

_SORTED = 200
"""Excerpts that are put in another order than by relevance: the best of those found."""

_KNOWN_ENOUGH = 0.25
"""How well an embedder has to know a language for its tokens to be compared: single letters say nothing."""

_SPARE = 10
"""Excerpts looked at beyond twice as many as are wanted: what is folded makes room for others."""


class Retriever:
    """Finds what one generation of a collection holds on a question; thread-safe.

    Args:
        collection: where to find it.
        reranker: a cross-encoder that orders the best hits anew.
        count_tokens: word pieces of texts, for putting typos right; None corrects nothing.
        late: late interaction with the collection's embedder.
        reader: reads the leading windows.
        exact: scores every excerpt, however many there are.
    """

    def __init__(
        self,
        collection: Collection,
        reranker: Reranker | None = None,
        count_tokens: CountTokens | None = None,
        late: LateInteraction | None = None,
        reader: PassageReader | None = None,
        *,
        exact: bool = False,
    ) -> None:
        self._collection = collection
        self._reranker = reranker
        self._refiner = Refiner(collection, late, reader)
        self.reader = reader
        self._window_map = collection.window_map
        self.calibration = calibration_of(collection)
        self._searches = Scorer(collection, self.calibration, count_tokens, exact=exact)
        self._lexicon = collection.words("windows").lexicon
        self._sources = NamedSources(collection)
        self._corrector = Corrector(self._lexicon, collection.phrases.words, count_tokens) if count_tokens else None
        self._sentences = lru_cache(_SENTENCES_KEPT)(self._split)
        self._terms = lru_cache(_SENTENCES_KEPT)(lambda text: frozenset(self._lexicon.terms(text)))

    def parse(self, text: str, filters: Filters = Filters(), *, suggested: bool = False) -> Question:  # noqa: B008 — frozen
        """The question that a line asks, with typos corrected; phrases stay as they are typed.

        Args:
            text: the line.
            filters: what it is limited to.
            suggested: whether it is limited to the authors and titles, too, that it names as its sources.

        Raises:
            FilterInvalid: a field of the line has no value, or a year is none.
        """
        question = self._sources.told(parse_question(text, filters), apply=suggested)
        absent = absent_phrases(self._collection, question.phrases)
        held = tuple(phrase for phrase in question.phrases if phrase not in absent)
        words, corrections = self._corrector.correct(question.words) if self._corrector else (question.words, ())
        told = (*question.corrections, *corrections)
        return msgspec.structs.replace(question, words=words, corrections=told, phrases=held, absent_phrases=absent)

    def find(
        self,
        question: Question,
        vector: Vectors,
        limit: int,
        per_work: int | None = None,
        refinements: Refinements = NONE,
        page: ResultPage = FIRST_PAGE,
    ) -> Findings:
        """The best ``limit`` excerpts, best first; ties by place in the collection.

        Args:
            question: what is asked.
            vector: ``question.words`` embedded as a query, shape (dimension,), length 1.
            limit: hits at most.
            per_work: hits of one work at most; None for no limit.
            refinements: which closer looks the leading excerpts are given, where those are installed.
            page: where the hits begin, their order, and whether facets of all that was found are counted.
        """
        (gathered,) = self.search([question], vector[np.newaxis])
        return self.conclude(question, gathered, limit, per_work, refinements, page)

    def search(self, questions: Sequence[Question], vectors: Vectors) -> list[ScoredCandidates]:
        """The evidence that ``find`` concludes from, for several questions at once; vectors of shape (questions, dimension)."""
        return self._searches.gather(questions, vectors)

    def conclude(
        self,
        question: Question,
        gathered: ScoredCandidates,
        limit: int,
        per_work: int | None = None,
        refinements: Refinements = NONE,
        page: ResultPage = FIRST_PAGE,
    ) -> Findings:
        """What the evidence on a question adds up to; arguments as for ``find``."""
        wanted = page.offset + limit if page.sort == "relevance" else _SORTED
        best = gathered.best(max(LEADING, 2 * wanted + _SPARE))
        if gathered.asked.known < _KNOWN_ENOUGH:
            refinements = refinements._replace(late_interaction=False)
        refined = self._refiner.refine(question.words, best, refinements)
        judgement = self.judge(question, gathered, refined.evidence, tuple(refined.readings.values()))
        pieces: list[Evidence] = []
        with step("rank"):
            best, reranked = self._rerank(question, refined.evidence)
            ranked = list(enumerate(rank(self._batches(gathered, best, 2 * wanted + _SPARE, pieces), wanted, per_work), 1))
        found = relevant(gathered, self.calibration) if page != FIRST_PAGE else None
        if found is not None and page.sort != "relevance":
            ranked = self._sorted(ranked, pieces, found, page.sort, limit)
        shown = ranked[page.offset : page.offset + limit]
        hits = self._hits(gathered, pieces, shown, refined._replace(evidence=best), reranked)
        if page.facets:
            hits = self._with_missing(question, gathered, hits)
        is_relevant = judgement.status != "nothing_relevant"
        status, limits = outcome_within_limits(self._collection, question, gathered, judgement.status, self.calibration)
        return Findings(
            question,
            status,
            judgement.confidence,
            hits=hits if is_relevant else (),
            nearest=() if is_relevant else hits,
            works=_count_works(hits) if is_relevant else (),
            generation=self._collection.generation,
            limits=limits,
            more=is_relevant and len(hits) == limit,
            facets=self._facets(gathered, found) if page.facets and is_relevant else None,
        )

    def judge(
        self, question: Question, gathered: ScoredCandidates, best: Evidence, readings: Sequence[Reading] = ()
    ) -> Judgement:
        """Whether the best excerpts answer: by their evidence, what was read in them, and what the question takes for granted.

        Args:
            question: what is asked.
            gathered: its evidence.
            best: the best of it, or of a part of it.
            readings: of the first windows, where they were read.
        """
        asked = gathered.asked
        with step("judge"):
            judgement = judge(best.strength[:LEADING], self.calibration, asked.allowed)
            judgement = judge_read(judgement, readings) if readings else judgement
        foreign = asked.language not in self._collection.languages
        if judgement.status != ("nothing_relevant" if foreign else "answered"):
            return judgement
        first = best.among(slice(LOOKED_AT))
        excerpts = self._collection.excerpts_by_key(first.keys.tolist())
        windows = [self._held(*each) for each in zip(excerpts, first.place.tolist(), strict=True)]
        look = across_languages if foreign else within_premise
        return look(judgement, question.words, asked, windows, self._terms)

    def _held(self, excerpt: Excerpt, place: int) -> Held:
        """The terms of a window, by its place, and of its headings and citation."""
        start, end = self._window_map.span(place)
        cited = excerpt.citation.raw if excerpt.citation else ""
        context = self._terms(" ".join((*excerpt.headings, cited)))
        return Held(context, [each.terms for each in self._sentences(excerpt.text[start:end])])

    def _facets(self, gathered: ScoredCandidates, found: Evidence | None) -> Facets | None:
        return found and facets_of(self._collection, found, complete=gathered.complete)

    def _sorted(
        self, ranked: Sequence[tuple[int, Ranked]], pieces: Sequence[Evidence], found: Evidence, sort: str, least: int
    ) -> list[tuple[int, Ranked]]:
        """Those that are found, and the ``least`` best, in another order; each keeps its place by relevance."""
        enough = set(found.keys.tolist())
        keys = {place: int(pieces[each.batch].keys[each.at]) for place, each in ranked}
        kept = [(place, each) for place, each in ranked if place <= least or keys[place] in enough]
        traits = {each.key: each for each in self._collection.traits([keys[place] for place, _ in kept])}
        return sorted(kept, key=lambda each: sort_key(traits[keys[each[0]]], sort))

    def _rerank(self, question: Question, best: Evidence) -> tuple[Evidence, dict[int, float]]:
        """The evidence in the reranker's order, and the reranker's scores by the keys of excerpts."""
        order, scores = rerank(self._reranker, question.words, np.arange(len(best.keys)), partial(self._passages, best))
        if not scores:
            return best, {}
        return best.among(order), {int(best.keys[row]): score for row, score in scores.items()}

    def _batches(self, gathered: ScoredCandidates, best: Evidence, first: int, pieces: list[Evidence]) -> Iterator[Batch]:
        """The excerpts in their order, in pieces: the ``first`` will do for most questions, the rest of ``best``, all others.

        ``pieces`` comes to hold the evidence on each batch that was asked for.
        """
        for piece in _pieces(best, [0, first, len(best.keys)]):
            yield self._batch(piece, pieces)
        given = best.keys
        # Where candidates were chosen, all of these come before what is beyond them.
        for limit in (gathered.count, *([] if gathered.complete else [self._collection.counts.excerpts])):
            rest = gathered.best(max(1, limit))
            rest = rest.among(np.flatnonzero(~np.isin(rest.keys, given)))
            given = np.concatenate([given, rest.keys])
            for piece in _pieces(rest, range(0, len(rest.keys) + LEADING, LEADING)):
                yield self._batch(piece, pieces)

    def _batch(self, piece: Evidence, pieces: list[Evidence]) -> Batch:
        pieces.append(piece)
        vectors = self._collection.vectors.vectors(self._window_map.ids(piece.place))
        return Batch(vectors, lambda wanted: self._collection.excerpts_by_key(piece.keys[wanted].tolist()))

    def _passages(self, best: Evidence, rows: Ids) -> list[str]:
        """What a reranker reads: the windows that answer best, with their context."""
        windows = self._window_map.ids(best.place[rows])
        return [search_text(window) for window in self._collection.windows(windows.tolist())]

    def _hits(
        self,
        gathered: ScoredCandidates,
        pieces: Sequence[Evidence],
        ranked: Sequence[tuple[int, Ranked]],
        refined: Refined,
        reranked: Mapping[int, float],
    ) -> tuple[Hit, ...]:
        """What is shown; ``reranked`` are the reranker's scores by the keys of excerpts."""
        telling = TermWeights(gathered.asked.telling())
        hits = []
        for place, each in ranked:
            piece, at = pieces[each.batch], each.at
            key = piece.keys.item(at)
            scores = Scores(
                piece.fused.item(at), piece.dense.item(at), piece.bm25.item(at), reranked.get(key), refined.late.get(key)
            )
            start, end = self._window_map.span(piece.place.item(at))
            window = each.excerpt.text[start:end]
            spans = highlight(window, self._sentences(window), telling, refined.readings.get(key))
            moved = tuple(Span(start + span.start, start + span.end) for span in spans)
            hits.append(Hit(place, each.excerpt, moved, scores, each.duplicates))
        return tuple(hits)

    def _with_missing(self, question: Question, gathered: ScoredCandidates, hits: Sequence[Hit]) -> tuple[Hit, ...]:
        """The hits, each with the telling words of the question that its excerpt holds in no spelling."""
        spellings = [frozenset(spelling for spelling, _ in each.spellings.spellings) for each in gathered.asked.telling_words]
        asked = {word: set(self._lexicon.terms(word)) for word in words(question.words)}
        named = {word: spelled for word, terms in asked.items() for spelled in spellings if terms & spelled}
        held = [frozenset(self._lexicon.terms(hit.excerpt.text)) for hit in hits]
        return tuple(
            msgspec.structs.replace(hit, missing=tuple(word for word, spelled in named.items() if not spelled & terms))
            for hit, terms in zip(hits, held, strict=True)
        )

    def _split(self, text: str) -> tuple[Sentence, ...]:
        return sentences_of(text, self._lexicon.terms)


def _pieces(evidence: Evidence, bounds: Sequence[int]) -> Iterator[Evidence]:
    """What stands between two bounds, where anything does."""
    for start, end in itertools.pairwise(bounds):
        if len((piece := evidence.among(slice(start, end))).keys):
            yield piece


def _count_works(hits: Sequence[Hit]) -> tuple[WorkCount, ...]:
    """Most hits first, then as they rank."""
    counted = Counter(hit.excerpt.work_id for hit in hits if hit.excerpt.work_id)
    return tuple(WorkCount(work, count) for work, count in counted.most_common())


# What to read beside an excerpt: the rest under its heading, and other works on the same point.

_WINDOWS = 200
"""Nearest windows looked through for other works; an excerpt whose own work fills all of them has no others near."""

_NEAR = 0.5
"""Cosine from which two passages speak of the same point: between MiniLM's everyday answers and their questions (.7) and
chance (.05), nearer to the former."""


class Related(msgspec.Struct, frozen=True):
    """``same_heading`` in the order of the document, ``other_works`` nearest first, one excerpt of each."""

    same_heading: tuple[Excerpt, ...]
    other_works: tuple[Excerpt, ...]


def related(collection: Collection, excerpt_id: str, limit: int) -> Related:
    """Up to ``limit`` excerpts of each kind.

    Raises:
        Unknown: the id names no excerpt.
    """
    excerpt = collection.excerpts([excerpt_id])[0]
    beside = [other for other in collection.under_heading(excerpt.headings) if other != excerpt_id] if excerpt.headings else []
    return Related(
        tuple(collection.excerpts(beside[:limit])),
        _other_works(collection, excerpt, limit),
    )


def _other_works(collection: Collection, excerpt: Excerpt, limit: int) -> tuple[Excerpt, ...]:
    own = np.array(collection.window_ids_of([excerpt.id])[0], np.int64)
    if not len(own):
        return ()
    ids, scores = collection.vectors.search(_centre(collection.vectors.vectors(own)), _WINDOWS)[0]
    keys = collection.window_map.excerpts_of(ids[scores >= _NEAR])
    near = collection.excerpts_by_key(list(dict.fromkeys(keys.tolist())))
    by_work: dict[str, Excerpt] = {}
    for other in near:
        if other.work_id and other.work_id != excerpt.work_id:
            by_work.setdefault(other.work_id, other)
    return tuple(by_work.values())[:limit]


def _centre(vectors: Vectors) -> Vectors:
    """The direction in which all windows lie, shape (1, dimension)."""
    mean = vectors.mean(axis=0, keepdims=True)
    centre: Vectors = mean / np.linalg.norm(mean)
    return centre
