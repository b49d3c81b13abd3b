"""Phrases with tantivy: an incremental index whose commits survive a kill, mapped when read."""

from collections.abc import Callable, ItemsView, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
import tantivy

from index.errors import IndexDamaged
from index.stores import Ids, LexicalEntry, WrittenWords
from index.stores.analysis import PLAIN, SPACED, analyzer, plain_words
from index.text import fold, joined

_PHRASES = "phrases"
"""The field that phrases are looked up in: the text alone, every word as it is, with positions."""

Readings = Callable[[str], Sequence[str]]
"""From an excerpt's text to its readings, words between white space."""

_WRITER_BYTES = 128_000_000
_LONGEST = 200
_REMEMBERED = 4096
_LETTERS = 64


class TantivyPhrases:
    """A PhraseStore in memory, or in a folder; safe to search from many threads.

    Args:
        folder: where the index is kept, made if missing; None keeps it in memory.

    Raises:
        IndexDamaged: the folder holds an index that cannot be opened.
        OSError: a new one cannot be written there.
    """

    words_by = PLAIN
    """Name of the analyzer that cuts an entry's texts into words."""

    def __init__(self, folder: Path | None = None) -> None:
        self._schema = _schema(self.words_by)
        self._folder = folder
        new = folder is None or not (folder / "meta.json").exists()
        with _failures_told(folder, writing=new):
            self._index = self._open(folder)
            self._searcher = self._index.searcher()

    @property
    def count(self) -> int:
        """How many entries are stored."""
        return int(self._searcher.num_docs)

    @property
    def ids(self) -> Ids:
        """All ids stored, ascending."""
        return self._all(tantivy.Query.all_query())

    def update(self, removed: Ids, added: Sequence[LexicalEntry]) -> None:
        """Forgets ``removed``, then stores ``added`` in place of what was there; durable when it returns.

        Raises:
            OSError: it cannot be written, or not where it is.
        """
        outdated = [*removed.tolist(), *(entry.id for entry in added)]
        with _failures_told(self._folder, writing=True):
            writer = self._index.writer(_WRITER_BYTES, num_threads=1)
            # Deleting by term silently forgets nothing where the term is a number (tantivy-py 0.27).
            writer.delete_documents_by_query(tantivy.Query.term_set_query(self._schema, "id", outdated))
            for entry in added:
                writer.add_document(_document(entry.id, self.texts_of(entry)))
            writer.commit()
            writer.wait_merging_threads()
            self._index.reload()
            self._searcher = self._index.searcher()

    def holding(self, phrases: Sequence[str], among: Ids | None = None) -> Ids:
        """The ids, ascending, of the entries that hold every phrase (compared folded, word by word); all for no phrase."""
        limits = [self._phrase(words) for phrase in phrases if (words := plain_words(phrase))]
        found = self._all(_all_of(limits)) if limits else self.ids
        return found if among is None else np.intersect1d(found, among)

    def texts_of(self, entry: LexicalEntry) -> Sequence[str]:
        """What of an entry is looked up: each of these texts for itself, no phrase runs from one into the next."""
        return [fold(joined(entry.text))]

    @property
    def words(self) -> Mapping[str, int]:
        """The folded words of the entries' own texts, not stemmed, by how many entries hold them; read as they are asked for."""
        return _StoredWords(self._searcher, self._folder)

    def _open(self, folder: Path | None) -> tantivy.Index:
        if folder is not None and (folder / "meta.json").exists():
            index = tantivy.Index.open(str(folder))  # makes nothing: whoever removes the folder meanwhile finds it as it was
            if index.schema != self._schema:
                raise ValueError("its schema is another one")
        else:
            if folder is not None:
                folder.mkdir(parents=True, exist_ok=True)
            index = tantivy.Index(self._schema, path=str(folder) if folder else None)
        index.register_tokenizer(self.words_by, analyzer(self.words_by))
        # A reader stays with the commit it has opened; nothing watches the folder behind our back.
        index.config_reader("manual")
        return index

    def _phrase(self, words: list[str]) -> tantivy.Query:
        if len(words) == 1:
            return tantivy.Query.term_query(self._schema, _PHRASES, words[0], "basic")
        return tantivy.Query.phrase_query(self._schema, _PHRASES, [*words])

    def _all(self, query: tantivy.Query) -> Ids:
        searcher = self._searcher
        with _failures_told(self._folder):
            hits = searcher.search(query, max(1, self.count), count=False).hits
            return np.sort(np.array(searcher.fast_field_values("id", [address for _, address in hits]), np.int64))


class TantivyQuoted(TantivyPhrases):
    """The excerpts that hold a quotation's words, in each way a text is read when quotations are compared with it.

    A text's readings are given, words between white space. Of a word the first ``_LONGEST`` characters count.

    Args:
        readings: the readings of an excerpt's text.
        folder: as for ``TantivyPhrases``.
    """

    words_by = SPACED

    def __init__(self, readings: Readings, folder: Path | None = None) -> None:
        super().__init__(folder)
        self._readings = readings
        self.frequency = lru_cache(_REMEMBERED)(self._count)

    def texts_of(self, entry: LexicalEntry) -> Sequence[str]:
        """Its readings, long words cut."""
        return [" ".join(word[:_LONGEST] for word in reading.split()) for reading in self._readings(entry.text)]

    def with_words(self, words: Sequence[str], runs: Sequence[Sequence[Sequence[str]]] = ()) -> Ids:
        """The ids, ascending, of the excerpts with all of some words.

        Args:
            words: one or more.
            runs: for each piece of a quotation the runs of words of which one must stand in the excerpt, in its order.
        """
        limits = [self._run([word]) for word in words]
        limits += [_one_of([self._run(run) for run in alternatives]) for alternatives in runs]
        return self._all(_all_of(limits))

    def _count(self, word: str) -> int:
        """How many excerpts hold a word; those taken away do not count."""
        found = self._searcher.search(tantivy.Query.const_score_query(self._run([word]), 0.0), 1, count=True)
        return int(found.count or 0)  # type: ignore[attr-defined]  # tantivy's stubs do not name it

    def _run(self, words: Sequence[str]) -> tantivy.Query:
        return self._phrase([word[:_LONGEST] for word in words])


def _all_of(limits: Sequence[tantivy.Query]) -> tantivy.Query:
    return tantivy.Query.boolean_query([(tantivy.Occur.Must, tantivy.Query.const_score_query(limit, 0.0)) for limit in limits])


def _one_of(limits: Sequence[tantivy.Query]) -> tantivy.Query:
    return tantivy.Query.boolean_query([(tantivy.Occur.Should, tantivy.Query.const_score_query(limit, 0.0)) for limit in limits])


class _StoredWords(WrittenWords):
    """The words of one commit of the index."""

    def __init__(self, searcher: tantivy.Searcher, folder: Path | None) -> None:
        self._searcher = searcher
        self._folder = folder
        self._kept = lru_cache(_LETTERS)(self._starting_with)

    def __getitem__(self, word: str) -> int:
        return self._starting_with(word)[word]

    def starting_with(self, letters: str) -> Mapping[str, int]:
        """Those that begin with some letters."""
        return self._kept(letters)

    def __iter__(self) -> Iterator[str]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    def items(self) -> ItemsView[str, int]:
        """All words with their numbers."""
        return self._all.items()

    def _starting_with(self, letters: str) -> dict[str, int]:
        with _failures_told(self._folder):
            return dict(self._searcher.terms_with_prefix(_PHRASES, letters))

    @cached_property
    def _all(self) -> dict[str, int]:
        return self._starting_with("")


@contextmanager
def _failures_told(folder: Path | None, *, writing: bool = False) -> Iterator[None]:
    """Turns tantivy's errors into ours, and its panics, which Python lets through every ``except Exception``."""
    try:
        yield
    except BaseException as error:
        if not isinstance(error, ValueError | OSError) and type(error).__module__ != "pyo3_runtime":
            raise
        if writing:
            raise OSError(f"tantivy: {error}") from error
        raise IndexDamaged(
            f"the phrase index in {folder or 'memory'} cannot be used: {error}",
            rule="it is a tantivy index as this version of Ibid makes it, on a disk with room for it",
            remedy="delete the folder; it is made again from the catalog",
        ) from error


def _schema(words_by: str) -> tantivy.Schema:
    builder = tantivy.SchemaBuilder().add_unsigned_field("id", indexed=True, fast=True)
    return builder.add_text_field(_PHRASES, tokenizer_name=words_by, index_option="position").build()


def _document(number: int, texts: Sequence[str]) -> tantivy.Document:
    document = tantivy.Document()
    document.add_unsigned("id", number)
    for text in texts:
        document.add_text(_PHRASES, text)
    return document
