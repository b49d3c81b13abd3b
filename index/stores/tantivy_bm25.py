"""BM25 and phrases with tantivy: an incremental index whose commits survive a kill, mapped when read.

BM25 is tantivy's, k1 = 1.2 and b = 0.75, in the form of Lucene (Robertson and Zaragoza 2009, "The
Probabilistic Relevance Framework", section 3.3): idf = ln(1 + (N - n + .5) / (n + .5)). Lengths above 39
words are rounded down to one byte's precision. Windows forgotten count in N and n until their segment is merged.
"""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import tantivy

from index.errors import IndexDamaged, RecordInvalid
from index.folding import fold
from index.stores import Ids, LexicalEntry, LexicalQuery, Scores

_STEMMED = "stemmed-1"
_PLAIN = "plain-1"
"""Names of analyzers are part of the schema that an index on disk must have: another number makes it anew."""

_PHRASES = "phrases"
_ANALYZERS = {"text": _STEMMED, "headings": _STEMMED, "title": _STEMMED, "author": _PLAIN, "year": _PLAIN, "all": _STEMMED}
"""How each field that can be scored is analysed: names and years are not stemmed (Davies is not Davis)."""

_WRITER_BYTES = 128_000_000
_MOST_RANGES = 32
"""Ids in up to this many runs are asked for as ranges; more runs cost more than one set of ids."""


class TantivyBm25:
    """A LexicalStore in memory, or in a folder; safe to search from many threads.

    Args:
        folder: where the index is kept, made if missing; None keeps it in memory.
        language: whose stemmer is used; words of other languages are found as they are written.

    Raises:
        IndexDamaged: the folder holds an index that cannot be opened.
    """

    def __init__(self, folder: Path | None = None, language: str = "english") -> None:
        self._schema = _schema()
        self._analyzers = {_STEMMED: _analyzer(language), _PLAIN: _analyzer(None)}
        self._index = self._open(folder)
        self._searcher = self._index.searcher()

    def __len__(self) -> int:
        return int(self._searcher.num_docs)

    @property
    def ids(self) -> Ids:
        """All ids stored, ascending."""
        ids, _ = self._best(tantivy.Query.all_query(), max(1, self._searcher.num_docs))
        return np.sort(ids)

    def update(self, removed: Ids, added: Sequence[LexicalEntry]) -> None:
        """Forgets ``removed``, then stores ``added`` in place of what was there; durable when it returns."""
        writer = self._index.writer(_WRITER_BYTES, num_threads=1)
        for number in (*removed.tolist(), *(entry.id for entry in added)):
            writer.delete_documents_by_term("id", number)
        for entry in added:
            writer.add_document(_document(entry))
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()
        self._searcher = self._index.searcher()

    def search(self, query: LexicalQuery, limit: int, among: Ids | None = None) -> tuple[Ids, Scores]:
        """The best ``limit`` ids and BM25 scores of the windows that hold a word and all phrases.

        Phrases limit and do not score. Without a word to score by, every window with the phrases scores 0.
        """
        scored = self._scored(query)
        limits = [self._phrase(terms) for phrase in query.phrases if (terms := self._analyse(_PLAIN, phrase))]
        if limit <= 0 or not (scored or limits):
            return np.empty(0, np.int64), np.empty(0, np.float32)
        clauses = [(tantivy.Occur.Must, _unscored(limiting)) for limiting in limits]
        if scored:
            clauses.append((tantivy.Occur.Must, tantivy.Query.boolean_query([(tantivy.Occur.Should, one) for one in scored])))
        if among is not None:
            clauses.append((tantivy.Occur.Must, _unscored(self._among(among))))
        return self._best(tantivy.Query.boolean_query(clauses), limit)

    def document_frequencies(self, words: str) -> dict[str, int]:
        """For each stem of ``words``, in order: how many windows hold it in text or headings."""
        frequencies = {}
        for term in self._analyse(_STEMMED, words):
            either = [(tantivy.Occur.Should, self._term(field, term)) for field in ("text", "headings")]
            frequencies[term] = int(self._searcher.search(tantivy.Query.boolean_query(either), 1).count)  # type: ignore[attr-defined]  # its stubs miss it
        return frequencies

    def _open(self, folder: Path | None) -> tantivy.Index:
        try:
            if folder is not None:
                folder.mkdir(parents=True, exist_ok=True)
            index = tantivy.Index(self._schema, path=str(folder) if folder else None)
            for name, analyzer in self._analyzers.items():
                index.register_tokenizer(name, analyzer)
            # A reader stays with the commit it has opened; nothing watches the folder behind our back.
            index.config_reader("manual")
        except (ValueError, OSError) as error:
            raise IndexDamaged(
                f"the lexical index in {folder} cannot be opened: {error}",
                rule="it is a tantivy index as this version of Ibid makes it",
                remedy="delete the folder; it is made again from the catalog",
            ) from error
        return index

    def _analyse(self, analyzer: str, text: str) -> list[str]:
        return list(self._analyzers[analyzer].analyze(fold(text)))

    def _scored(self, query: LexicalQuery) -> list[tantivy.Query]:
        """One boosted term query a field and term: a word asked twice counts twice."""
        scored = []
        for field, boost in query.boosts:
            if field not in _ANALYZERS:
                raise RecordInvalid(
                    f"there is no field {field!r} to search",
                    rule=f"fields are {', '.join(_ANALYZERS)}",
                    remedy="name one of these",
                )
            weights: Counter[str] = Counter()
            for text, weight in ((query.words, 1.0), *query.expansions):
                for term in self._analyse(_ANALYZERS[field], text):
                    weights[term] += weight  # type: ignore[assignment]  # a Counter of floats is a sum by key
            scored += [
                tantivy.Query.boost_query(self._term(field, term), boost * weight)
                for term, weight in weights.items()
                if boost * weight > 0
            ]
        return scored

    def _term(self, field: str, term: str) -> tantivy.Query:
        return tantivy.Query.term_query(self._schema, field, term, "freq")

    def _phrase(self, terms: list[str]) -> tantivy.Query:
        if len(terms) == 1:
            return tantivy.Query.term_query(self._schema, _PHRASES, terms[0], "basic")
        return tantivy.Query.phrase_query(self._schema, _PHRASES, [*terms])

    def _among(self, ids: Ids) -> tantivy.Query:
        """The windows of these ids: as ranges where they run on, as they do within a document."""
        ascending = np.unique(ids)
        starts = np.flatnonzero(np.diff(ascending, prepend=-2) > 1)
        if len(starts) > _MOST_RANGES:
            return tantivy.Query.term_set_query(self._schema, "id", ascending.tolist())
        ends = [*(starts[1:] - 1), len(ascending) - 1]
        runs = [
            tantivy.Query.range_query(self._schema, "id", tantivy.FieldType.Unsigned, int(ascending[first]), int(ascending[last]))
            for first, last in zip(starts, ends, strict=False)
        ]
        return tantivy.Query.boolean_query([(tantivy.Occur.Should, run) for run in runs])

    def _best(self, query: tantivy.Query, limit: int) -> tuple[Ids, Scores]:
        """Asks for one more than wanted: at the cut, tantivy keeps any of those that tie, we keep the lowest ids."""
        searcher = self._searcher
        wanted = limit + 1
        while True:
            hits = searcher.search(query, wanted, count=False).hits
            if len(hits) < wanted or hits[limit - 1][0] != hits[-1][0]:
                break
            wanted *= 2
        ids = np.array(searcher.fast_field_values("id", [address for _, address in hits]), np.int64)
        scores = np.array([score for score, _ in hits], np.float32)
        order = np.lexsort((ids, -scores))[:limit]
        return ids[order], scores[order]


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder().add_unsigned_field("id", indexed=True, fast=True)
    for field, analyzer in _ANALYZERS.items():
        builder = builder.add_text_field(field, tokenizer_name=analyzer, index_option="freq")
    return builder.add_text_field(_PHRASES, tokenizer_name=_PLAIN, index_option="position").build()


def _analyzer(language: str | None) -> tantivy.TextAnalyzer:
    """Words of folded text; what folding leaves of Latin letters (ø, œ) becomes ASCII; no stop words are dropped."""
    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
    builder = builder.filter(tantivy.Filter.lowercase()).filter(tantivy.Filter.ascii_fold())
    return builder.filter(tantivy.Filter.stemmer(language)).build() if language else builder.build()


def _document(entry: LexicalEntry) -> tantivy.Document:
    parts = {name: fold(getattr(entry, name)) for name in ("text", "headings", "author", "title", "year")}
    document = tantivy.Document()
    document.add_unsigned("id", entry.id)
    for name, folded in parts.items():
        document.add_text(name, folded)
    document.add_text("all", "\n".join(parts.values()))
    document.add_text(_PHRASES, parts["text"])
    return document


def _unscored(query: tantivy.Query) -> tantivy.Query:
    return tantivy.Query.const_score_query(query, 0.0)
