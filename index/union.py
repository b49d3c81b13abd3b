"""Several collections read as one: one ranking over all, by the statistics of all together.

Rows of the parts stand one after the other: ids of windows and keys of excerpts are shifted so that those of a later part are
higher. How much a word tells, how long an entry is on average and what it could reach at most are taken over all parts, so that
an excerpt has the score that it would have in one collection of all their documents.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, lru_cache
from itertools import chain
from typing import Any, TypeVar

import msgspec
import numpy as np

from index.arrays import WindowMap
from index.collection import Collection
from index.embedders import EmbedderCard, Vectors
from index.errors import EmbedderMismatch, Unknown
from index.filters import Filters
from index.home import WordUnit
from index.records import Counts, DocumentCard, Excerpt, ExcerptTraits, Place, Window, Work
from index.stores import Ids, LexicalEntry, Lexicon, Mask, Numbers, PhraseStore, Scores, Term, VectorStore, WordStore

T = TypeVar("T")

_KEPT = 512
"""Works and documents looked up lately."""


class Shifts:
    """Where the numbers of each part begin among those of all."""

    def __init__(self, highest: Sequence[int]) -> None:
        self.firsts: Ids = np.concatenate([[0], np.cumsum(np.array(highest, np.int64) + 1)]).astype(np.int64)

    def parts(self, numbers: Ids) -> Ids:
        """Which part each number belongs to; one that is beyond all belongs to the last."""
        last = len(self.firsts) - 2
        found: Ids = np.clip(np.searchsorted(self.firsts, numbers, "right") - 1, 0, max(0, last))
        return found

    def joined(self, parts: Sequence[Ids]) -> Ids:
        """The numbers of each part as numbers among all, one part after the other."""
        shifted = [part + first for part, first in zip(parts, self.firsts[:-1], strict=True)]
        return np.concatenate(shifted) if shifted else np.empty(0, np.int64)

    def split(self, numbers: Ids) -> list[Ids]:
        """The numbers of each part, as its own, in the order given."""
        belongs = self.parts(numbers)
        return [numbers[belongs == part] - first for part, first in enumerate(self.firsts[:-1])]

    def looked_up(self, numbers: Sequence[int], look_up: Sequence[Callable[[Sequence[int]], Sequence[T]]]) -> list[T]:
        """What each part's ``look_up`` gives for its numbers, in the order given."""
        asked = np.array(numbers, np.int64)
        found = [iter(get(own.tolist())) for get, own in zip(look_up, self.split(asked), strict=True)]
        return [next(found[part]) for part in self.parts(asked).tolist()]


class JoinedVectors:
    """The vector stores of several collections as one."""

    def __init__(self, stores: Sequence[VectorStore], shifts: Shifts) -> None:
        self._stores = stores
        self._shifts = shifts

    def update(self, removed: Ids, added: Ids, vectors: Vectors) -> None:
        """Never: the parts are changed, each by itself."""
        raise NotImplementedError

    def search(self, queries: Vectors, limit: int, among: Ids | None = None) -> list[tuple[Ids, Scores]]:
        """For each query its best ``limit`` ids and inner products over all parts."""
        within = [None] * len(self._stores) if among is None else self._shifts.split(among)
        found = [store.search(queries, limit, some) for store, some in zip(self._stores, within, strict=True)]
        best = []
        for number in range(len(queries)):
            ids = self._shifts.joined([part[number][0] for part in found])
            scores = np.concatenate([part[number][1] for part in found])
            order = np.argsort(-scores, kind="stable")[:limit]
            best.append((ids[order], scores[order]))
        return best

    def scores(self, queries: Vectors) -> Scores:
        """Inner products, shape (queries, rows), one part after the other."""
        return np.concatenate([store.scores(queries) for store in self._stores], axis=1)

    def scores_of(self, queries: Vectors, rows: Ids) -> Scores:
        """The same of some rows, by number."""
        return self.scores(queries)[:, rows]

    def vectors(self, ids: Ids) -> Vectors:
        """The rows of these ids, in the order given."""
        parts = [store.vectors(own) for store, own in zip(self._stores, self._shifts.split(ids), strict=True)]
        order = np.argsort(self._shifts.parts(ids), kind="stable")
        joined = np.concatenate(parts)
        rows = np.empty_like(joined)
        rows[order] = joined
        return rows


class JoinedWords:
    """The word stores of several collections as one, with the statistics of all together."""

    def __init__(self, stores: Sequence[WordStore], shifts: Shifts) -> None:
        from index.stores.analysis import stems
        from index.stores.bm25 import Bm25

        own = [store for store in stores if isinstance(store, Bm25)]
        words, entries = sum(each.index.words for each in own), sum(each.index.count for each in own)
        frequencies: Counter[str] = Counter()
        for each in own:
            frequencies.update(each.index.frequencies.all)
        languages = list(dict.fromkeys(language for each in own for language in each.lexicon.languages))
        self.lexicon = Lexicon(
            entries,
            dict(sorted(frequencies.items())),
            lambda text: [stem for language in languages for stem in stems(text, language)],
            languages,
        )
        mean = words / entries if words else 1.0
        self._stores = [Bm25(each.index, lexicon=self.lexicon, mean=mean) for each in own]
        self._shifts = shifts
        self._before = np.cumsum([0, *(each.index.words for each in own)])

    @cached_property
    def ids(self) -> Ids:
        """All ids, ascending."""
        return self._shifts.joined([store.ids for store in self._stores])

    @cached_property
    def ends(self) -> Ids:
        """Where each entry ends among the words of all entries of all parts."""
        return np.concatenate([store.ends + before for store, before in zip(self._stores, self._before, strict=False)])

    def scores(self, questions: Sequence[Sequence[Term]]) -> Scores:
        """BM25 scores, shape (questions, entries), one part after the other."""
        return np.concatenate([store.scores(questions) for store in self._stores], axis=1)

    def places(self, terms: Sequence[str]) -> tuple[Numbers, Ids]:
        """Where terms stand among the words of all entries, by term and then ascending."""
        found = [store.places(terms) for store in self._stores]
        places = np.concatenate([own + before for (own, _), before in zip(found, self._before, strict=False)])
        which = np.concatenate([terms_of for _, terms_of in found])
        order = np.argsort(which, kind="stable")
        return places[order], which[order]

    def holding(self, question: Sequence[Term], limit: int, among: Mask | None = None) -> Ids:
        """Never: several collections are scored whole (``UnionCollection.codes``)."""
        raise NotImplementedError

    def some(self, rows: Ids) -> WordStore:
        """Never, as above."""
        raise NotImplementedError


class JoinedPhrases:
    """The phrase stores of several collections as one."""

    def __init__(self, stores: Sequence[PhraseStore], shifts: Shifts) -> None:
        self._stores = stores
        self._shifts = shifts

    def update(self, removed: Ids, added: Sequence[LexicalEntry]) -> None:
        """Never: the parts are changed, each by itself."""
        raise NotImplementedError

    def holding(self, phrases: Sequence[str], among: Ids | None = None) -> Ids:
        """The ids, ascending, of the entries of all parts that hold every phrase."""
        within = [None] * len(self._stores) if among is None else self._shifts.split(among)
        return self._shifts.joined([store.holding(phrases, some) for store, some in zip(self._stores, within, strict=True)])

    @cached_property
    def words(self) -> Mapping[str, int]:
        """The folded words of all texts, by how many entries hold them."""
        counted: Counter[str] = Counter()
        for store in self._stores:
            counted.update(dict(store.words.items()))
        return counted


class UnionCollection(Collection):
    """Several collections, which stay open as long as it is used; thread-safe.

    What has an id is the first part's that has it: ids are derived from what they name, so that equal ids name equal things.

    Args:
        parts: at least one, all embedded alike.

    Raises:
        EmbedderMismatch: they are not.
    """

    def __init__(self, parts: Sequence[Collection]) -> None:
        if len({part.embedder.fingerprint for part in parts}) > 1:
            raise EmbedderMismatch(
                f"the collections were embedded with {', '.join(sorted({part.embedder.name for part in parts}))}",
                rule="several collections are asked at once where all were embedded with one model",
                remedy="ask them one by one, or embed one anew with `ibid index --rebuild --model`",
            )
        self.parts = tuple(parts)
        maps = [part.window_map for part in parts]
        self._windows_at = Shifts([each.highest_window for each in maps])
        self._keys_at = Shifts([max(each.keys.max(initial=0), _highest(part)) for each, part in zip(maps, parts, strict=True)])
        self._joined_map = WindowMap.joined(maps, self._windows_at.firsts, self._keys_at.firsts)
        self._joined_vectors = JoinedVectors([part.vectors for part in parts], self._windows_at)
        self._joined_phrases = JoinedPhrases([part.phrases for part in parts], self._keys_at)
        shifts: dict[WordUnit, Shifts] = {"windows": self._windows_at, "excerpts": self._keys_at}
        self._joined_words = {unit: JoinedWords([part.words(unit) for part in parts], at) for unit, at in shifts.items()}
        self.work = lru_cache(_KEPT)(self._work)
        self.document = lru_cache(_KEPT)(self._document)

    def close(self) -> None:
        """Nothing is its own: the parts are closed by who opened them."""

    @property
    def generation(self) -> int:
        """The sum of the generations: another one as soon as one part has a newer one."""
        return sum(part.generation for part in self.parts)

    @property
    def stamp(self) -> str:
        """The stamps of all parts."""
        return "-".join(part.stamp for part in self.parts)

    @property
    def embedder(self) -> EmbedderCard:
        """What all were embedded with."""
        return self.parts[0].embedder

    @cached_property
    def counts(self) -> Counts:
        """How much they hold together; what is in two parts counts twice."""
        told = [msgspec.structs.asdict(part.counts) for part in self.parts]
        return Counts(**{name: sum(each[name] for each in told) for name in told[0]})

    @property
    def vectors(self) -> VectorStore:
        """Nearest neighbours among the windows of all parts."""
        return self._joined_vectors

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """The languages of all parts, those of the first part first."""
        return tuple(dict.fromkeys(language for part in self.parts for language in part.languages))

    @property
    def codes(self) -> None:
        """None: every excerpt is scored, however many there are."""

    def words(self, unit: WordUnit) -> WordStore:
        """BM25 over the entries of all parts."""
        return self._joined_words[unit]

    @property
    def phrases(self) -> PhraseStore:
        """The excerpts of all parts by the phrases they hold."""
        return self._joined_phrases

    @property
    def window_map(self) -> WindowMap:
        """Which windows each excerpt has."""
        return self._joined_map

    @property
    def notices(self) -> tuple[str, ...]:
        """Those of all parts."""
        return tuple(chain.from_iterable(part.notices for part in self.parts))

    def open_searches(self) -> None:
        """They are open."""

    def is_current(self) -> bool:
        """Whether no part has a newer generation."""
        return all(part.is_current() for part in self.parts)

    def windows(self, ids: Sequence[int]) -> list[Window]:
        """The windows of these ids, in the order given; their ids are the parts' own."""
        return self._windows_at.looked_up(ids, [part.windows for part in self.parts])

    def window_ids_of(self, excerpt_ids: Sequence[str]) -> list[list[int]]:
        """The ids of each excerpt's windows. Raises Unknown."""
        return [self._of_excerpt(each, self._window_ids) for each in excerpt_ids]

    def excerpt_keys(self, filters: Filters) -> Ids | None:
        """The keys, ascending, that the filters leave in all parts; None when they limit nothing."""
        found = [part.excerpt_keys(filters) for part in self.parts]
        return self._keys_at.joined([keys for keys in found if keys is not None]) if filters else None

    def excerpts_by_key(self, keys: Sequence[int]) -> list[Excerpt]:
        """The excerpts of these keys, in the order given. Raises Unknown."""
        return self._keys_at.looked_up(keys, [part.excerpts_by_key for part in self.parts])

    def traits(self, keys: Sequence[int]) -> list[ExcerptTraits]:
        """What the excerpts of these keys are sorted and counted by, in the order given. Raises Unknown."""
        found = self._keys_at.looked_up(keys, [part.traits for part in self.parts])
        return [msgspec.structs.replace(each, key=key) for key, each in zip(keys, found, strict=True)]

    def excerpts(self, ids: Sequence[str]) -> list[Excerpt]:
        """The excerpts of these ids, in the order given. Raises Unknown."""
        return [self._first(lambda part, each=each: part.excerpts([each])[0]) for each in ids]  # type: ignore[misc]  # a default

    def excerpt_ids(self, filters: Filters = Filters()) -> list[str]:  # noqa: B008 — frozen
        """The ids that the filters leave, one part after the other, each once."""
        return list(dict.fromkeys(chain.from_iterable(part.excerpt_ids(filters) for part in self.parts)))

    def neighbours(self, excerpt_id: str, before: int = 1, after: int = 1) -> tuple[list[Excerpt], list[Excerpt]]:
        """Those in its document. Raises Unknown."""
        return self._first(lambda part: part.neighbours(excerpt_id, before, after))

    def under_heading(self, headings: tuple[str, ...]) -> list[str]:
        """The ids of the excerpts with exactly these headings, each once."""
        return list(dict.fromkeys(chain.from_iterable(part.under_heading(headings) for part in self.parts)))

    def works(self, filters: Filters = Filters()) -> list[Work]:  # noqa: B008 — frozen
        """The works of all parts; one that several cite is counted in all of them."""
        works: dict[str, Work] = {}
        for work in chain.from_iterable(part.works(filters) for part in self.parts):
            known = works.get(work.id)
            works[work.id] = msgspec.structs.replace(known, excerpts=known.excerpts + work.excerpts) if known else work
        return list(works.values())

    def headings(self, filters: Filters = Filters()) -> list[tuple[tuple[str, ...], int]]:  # noqa: B008 — frozen
        """The headings of all parts with the number of their excerpts."""
        counted: Counter[tuple[str, ...]] = Counter()
        for headings, count in chain.from_iterable(part.headings(filters) for part in self.parts):
            counted[headings] += count
        return list(counted.items())

    def documents(self, filters: Filters = Filters()) -> list[DocumentCard]:  # noqa: B008 — frozen
        """The documents, all or those that the filters leave, one part after the other, each once."""
        found: dict[str, DocumentCard] = {}
        for card in chain.from_iterable(part.documents(filters) for part in self.parts):
            found.setdefault(card.id, card)
        return list(found.values())

    def document_text(self, document_id: str, start: int, end: int) -> str:
        """The slice of a document's text. Raises Unknown."""
        return self._first(lambda part: part.document_text(part.document(document_id).id, start, end))

    def excerpts_of(self, document_id: str) -> list[Excerpt]:
        """The excerpts of a document. Raises Unknown."""
        return self._first(lambda part: part.excerpts_of(part.document(document_id).id))

    def places(self, document_id: str) -> tuple[Place, ...]:
        """Where a document's pages begin. Raises Unknown."""
        return self._first(lambda part: part.places(document_id))

    def file_bytes(self, document_id: str) -> bytes:
        """The bytes of the file. Raises Unknown."""
        return self._first(lambda part: part.file_bytes(document_id))

    def notes(self, *, earlier: bool = False) -> dict[str, Any]:
        """Those of the first part, but for what foreign questions reach: that is the highest of any part."""
        told = [part.notes(earlier=earlier) for part in self.parts]
        levels = [note["calibration"] for note in told if "calibration" in note]
        if len(levels) < len(told):
            return {}
        return {**told[0], "calibration": max(levels, key=lambda level: level["foreign"])}

    def put_note(self, name: str, value: Any) -> None:
        """Never: notes are the parts' own."""
        raise NotImplementedError

    def _work(self, work_id: str) -> Work:
        return self._first(lambda part: part.work(work_id))

    def _document(self, document_id: str) -> DocumentCard:
        return self._first(lambda part: part.document(document_id))

    def _of_excerpt(self, excerpt_id: str, get: Callable[[int, str], T]) -> T:
        numbers = iter(range(len(self.parts)))
        return self._first(lambda _: get(next(numbers), excerpt_id))

    def _window_ids(self, number: int, excerpt_id: str) -> list[int]:
        (own,) = self.parts[number].window_ids_of([excerpt_id])
        return [each + int(self._windows_at.firsts[number]) for each in own]

    def _first(self, get: Callable[[Collection], T]) -> T:
        """What the first part gives that knows it. Raises Unknown where none does."""
        for part in self.parts[:-1]:
            try:
                return get(part)
            except Unknown:
                continue
        return get(self.parts[-1])


def _highest(part: Collection) -> int:
    """The highest key of an excerpt, those without windows too."""
    ids = part.words("excerpts").ids
    return int(ids[-1]) if len(ids) else 0
