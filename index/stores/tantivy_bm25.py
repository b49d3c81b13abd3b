"""BM25 and phrases with tantivy: an incremental index whose commits survive a kill, mapped when read.

Lengths above 39 words are rounded down to one byte's precision. Entries forgotten count in the lexicon
until their segment is merged.
"""

from collections.abc import Callable, Sequence
from functools import cached_property, partial
from pathlib import Path

import numpy as np
import tantivy

from index.errors import IndexDamaged
from index.folding import fold
from index.lexicon import Lexicon
from index.stores import Ids, LexicalEntry, LexicalQuery, Scores, Term

_STEMMED = "stemmed-1"
_PLAIN = "plain-1"
"""Names of analyzers are part of the schema that an index on disk must have: another number makes it anew."""

_WORDS = "words"
"""The field that is scored: text and context together, stemmed."""

_PHRASES = "phrases"
"""The field that phrases are looked up in: the text alone, every word as it is, with positions."""

_LANGUAGE = "english"
"""Whose endings the stemmer knows; words of other languages are found as they are written, for the most part."""

_WRITER_BYTES = 128_000_000
_MOST_RANGES = 32
"""Ids in up to this many runs are asked for as ranges; more runs cost more than one set of ids."""


class TantivyBm25:
    """A LexicalStore in memory, or in a folder; safe to search from many threads.

    Args:
        folder: where the index is kept, made if missing; None keeps it in memory.

    Raises:
        IndexDamaged: the folder holds an index that cannot be opened.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._schema = _schema()
        self._analyzers = {_STEMMED: _analyzer(_LANGUAGE), _PLAIN: _analyzer(None)}
        self._index = self._open(folder)
        self._searched = _Searched(self._index.searcher(), self._analyse)

    @property
    def count(self) -> int:
        """How many entries are stored."""
        return int(self._searched.searcher.num_docs)

    @property
    def ids(self) -> Ids:
        """All ids stored, ascending."""
        ids, _ = self._best(tantivy.Query.all_query(), max(1, self.count))
        return np.sort(ids)

    def update(self, removed: Ids, added: Sequence[LexicalEntry]) -> None:
        """Forgets ``removed``, then stores ``added`` in place of what was there; durable when it returns."""
        writer = self._index.writer(_WRITER_BYTES, num_threads=1)
        outdated = [*removed.tolist(), *(entry.id for entry in added)]
        # Deleting by term silently forgets nothing where the term is a number (tantivy-py 0.27).
        writer.delete_documents_by_query(tantivy.Query.term_set_query(self._schema, "id", outdated))
        for entry in added:
            writer.add_document(_document(entry))
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()
        self._searched = _Searched(self._index.searcher(), self._analyse)

    def search(self, query: LexicalQuery, limit: int, among: Ids | None = None) -> tuple[Ids, Scores]:
        """The best ``limit`` ids and BM25 scores. Phrases limit and do not score: without terms all that hold them score 0."""
        scored = [one for term in query.terms if (one := self._scored(term))]
        limits = [self._phrase(words) for phrase in query.phrases if (words := self._analyse(_PLAIN, phrase))]
        if limit <= 0 or not (scored or limits):
            return np.empty(0, np.int64), np.empty(0, np.float32)
        clauses = [(tantivy.Occur.Must, _unscored(limiting)) for limiting in limits]
        if scored:
            clauses.append((tantivy.Occur.Must, tantivy.Query.boolean_query([(tantivy.Occur.Should, one) for one in scored])))
        if among is not None:
            clauses.append((tantivy.Occur.Must, _unscored(self._among(among))))
        return self._best(tantivy.Query.boolean_query(clauses), limit)

    @property
    def lexicon(self) -> Lexicon:
        """The stems of text and context, and how many entries hold each; read when first asked for."""
        return self._searched.lexicon

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

    def _scored(self, term: Term) -> tantivy.Query | None:
        spellings = [
            tantivy.Query.boost_query(tantivy.Query.term_query(self._schema, _WORDS, spelling, "freq"), weight)
            for spelling, weight in term.spellings
            if weight > 0
        ]
        return tantivy.Query.disjunction_max_query(spellings) if len(spellings) > 1 else next(iter(spellings), None)

    def _phrase(self, terms: list[str]) -> tantivy.Query:
        if len(terms) == 1:
            return tantivy.Query.term_query(self._schema, _PHRASES, terms[0], "basic")
        return tantivy.Query.phrase_query(self._schema, _PHRASES, [*terms])

    def _among(self, ids: Ids) -> tantivy.Query:
        """The entries of these ids: as ranges where they run on, as they do within a document."""
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
        searcher = self._searched.searcher
        limit = min(limit, max(1, self.count))
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


class _Searched:
    """One commit of the index, and its lexicon."""

    def __init__(self, searcher: tantivy.Searcher, analyse: Callable[[str, str], list[str]]) -> None:
        self.searcher = searcher
        self._analyse = analyse

    @cached_property
    def lexicon(self) -> Lexicon:
        stems, written = (dict(self.searcher.terms_with_prefix(field, "")) for field in (_WORDS, _PHRASES))
        return Lexicon(int(self.searcher.num_docs), stems, partial(self._analyse, _STEMMED), written)


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder().add_unsigned_field("id", indexed=True, fast=True)
    builder = builder.add_text_field(_WORDS, tokenizer_name=_STEMMED, index_option="freq")
    return builder.add_text_field(_PHRASES, tokenizer_name=_PLAIN, index_option="position").build()


def _analyzer(language: str | None) -> tantivy.TextAnalyzer:
    """Words of folded text; what folding leaves of Latin letters (ø, œ) becomes ASCII; no stop words are dropped."""
    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
    builder = builder.filter(tantivy.Filter.lowercase()).filter(tantivy.Filter.ascii_fold())
    return builder.filter(tantivy.Filter.stemmer(language)).build() if language else builder.build()


def _document(entry: LexicalEntry) -> tantivy.Document:
    text = fold(entry.text)
    document = tantivy.Document()
    document.add_unsigned("id", entry.id)
    document.add_text(_WORDS, f"{fold(entry.context)}\n{text}")
    document.add_text(_PHRASES, text)
    return document


def _unscored(query: tantivy.Query) -> tantivy.Query:
    return tantivy.Query.const_score_query(query, 0.0)
