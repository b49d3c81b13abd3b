"""Which excerpts of a collection answer each question of a set, and how well."""

import hashlib
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from index.build import build_index
from index.catalog.writer import Progress
from index.collection import Collection
from index.embedders import Embedder
from index.home import Home
from index.records import Excerpt, Filters, SourceFile
from index.windows import WindowSize
from rag.evaluation.formats import Answer, AskedQuestion, PlaceInDocument, PlaceInPassage, QuestionSet, questions_invalid
from rag.learning import learn

_SHOWN = 60


class Gold(msgspec.Struct, frozen=True):
    """The answers to one question in one collection.

    ``grades`` maps ids of excerpts to the best grade of an answer that starts there; ``starts`` maps ids of right excerpts
    to where in their text right answers start, where the set says so; ``unplaced`` counts answers that start in no excerpt.
    """

    question: AskedQuestion
    grades: dict[str, int]
    starts: dict[str, tuple[int, ...]]
    right_from: int
    unplaced: int = 0

    @property
    def right(self) -> frozenset[str]:
        """The excerpts that are right."""
        return frozenset(excerpt for excerpt, grade in self.grades.items() if grade >= self.right_from)


class _Placed(msgspec.Struct, frozen=True):
    """An answer's place found: its excerpt, and where in its text the answer starts; None where the whole excerpt answers."""

    excerpt: Excerpt
    start: int | None


def gold_of(questions: QuestionSet, collection: Collection) -> list[Gold]:
    """The gold of every question, in the order of the set.

    Raises:
        QuestionsInvalid: a question whose answers stand in no excerpt, or in a document that cannot be told.
    """
    places = _Places(collection)
    found = [_gold(question, questions.right_from, places) for question in questions.questions]
    lost = [gold.question for gold in found if gold.question.answerable and not gold.right]
    if lost:
        others = f" (and {len(lost) - 1} more: {', '.join(question.id for question in lost[1:6])} …)" if len(lost) > 1 else ""
        raise questions_invalid(
            f"no excerpt holds a right answer to question {lost[0].id}, {_cut(lost[0].text)!r}{others}",
            "at least one right answer of each question starts within an excerpt of the collection",
            "evaluate on the collection the questions were written for, or correct the answer's place",
        )
    return found


def _gold(question: AskedQuestion, right_from: int, places: "_Places") -> Gold:
    grades: dict[str, int] = {}
    starts: dict[str, list[int]] = {}
    unplaced = 0
    for answer in question.answers:
        placed = places.find(question, answer)
        unplaced += not placed
        for each in placed:
            grades[each.excerpt.id] = max(answer.grade, grades.get(each.excerpt.id, 0))
            if answer.grade >= right_from and each.start is not None:
                starts.setdefault(each.excerpt.id, []).append(each.start)
    return Gold(question, grades, {excerpt: tuple(each) for excerpt, each in starts.items()}, right_from, unplaced)


class _Places:
    """Finds the excerpts at places in documents, and passages wherever they stand."""

    def __init__(self, collection: Collection) -> None:
        self._texts = {card.id: collection.document_text(card.id, 0, card.characters) for card in collection.documents()}
        self._called: dict[str, list[str]] = {}
        for card in collection.documents():
            for name in {card.id, card.name, card.name.rpartition("/")[2], card.sha256, card.file_sha256}:
                self._called.setdefault(name, []).append(card.id)
        self._excerpts: dict[str, list[Excerpt]] = {}
        self._whole: dict[str, list[Excerpt]] = {}
        for excerpt in sorted(collection.excerpts(collection.excerpt_ids(Filters())), key=lambda excerpt: excerpt.start):
            self._excerpts.setdefault(excerpt.document_id, []).append(excerpt)
            self._whole.setdefault(excerpt.text, []).append(excerpt)

    def find(self, question: AskedQuestion, answer: Answer) -> list[_Placed]:
        """The excerpts in which the answer starts, or which it is."""
        match answer.place:
            case PlaceInDocument():
                return self._at(self._document(question, answer.place), answer.place.start)
            case PlaceInPassage():
                return list(self._in_passage(answer.place))

    def _in_passage(self, place: PlaceInPassage) -> Iterator[_Placed]:
        """The same passage may stand in several places: each of them answers."""
        text = place.passage.strip()
        before = len(place.passage) - len(place.passage.lstrip())
        offset = None if place.start is None else place.start - before
        for excerpt in self._whole.get(text, ()):
            yield _Placed(excerpt, offset)
        if text in self._whole:
            return
        for document, held in self._texts.items():
            at = held.find(text)
            if at < 0:
                continue
            if offset is not None:
                yield from self._at(document, at + offset)
            else:
                yield from (
                    _Placed(each, None) for each in self._excerpts[document] if each.start < at + len(text) and at < each.end
                )

    def _at(self, document: str, start: int) -> list[_Placed]:
        excerpts = self._excerpts.get(document, [])
        nearest = bisect_right(excerpts, start, key=lambda excerpt: excerpt.start) - 1
        holds = nearest >= 0 and start < excerpts[nearest].end
        return [_Placed(excerpts[nearest], start - excerpts[nearest].start)] if holds else []

    def _document(self, question: AskedQuestion, place: PlaceInDocument) -> str:
        """The one document that is meant."""
        named: Sequence[str] = self._called.get(place.document, ()) if place.document else tuple(self._texts)
        fitting = [each for each in named if not place.quote or self._texts[each].startswith(place.quote, place.start)]
        if len(fitting) == 1:
            return fitting[0]
        among = f"the document {place.document!r}" if place.document else f"{len(self._texts):,} documents"
        told = f"{_cut(place.quote)!r} at {place.start}" if place.quote else f"place {place.start}"
        raise questions_invalid(
            f"question {question.id}: {told} stands in {len(fitting)} of {among}",
            "an answer stands in exactly one document: the one it names, the only one, or the only one with its quote there",
            'evaluate on the collection the questions were written for, or give the answer a "document" (name or SHA-256)',
        )


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


# Indexes what a question set brings along, once: the index is kept by what went into it.


def indexed(
    folder: Path,
    files: Sequence[SourceFile],
    reader: str | None,
    embedder: Embedder,
    progress: Progress | None = None,
    size: WindowSize | None = None,
) -> Collection:
    """The collection of these files, below ``folder``; built now if it has not been, with this embedder, or stopped half-way.

    Args:
        folder: where such indexes are kept, one a folder.
        files: what to index.
        reader: the reader of all of them; None lets each decide.
        embedder: what embeds them.
        progress: told how many windows have a vector.
        size: how large windows are; None for the default.

    Raises:
        QuestionsInvalid: a file cannot be read, so that its answers could not be found.
    """
    size = size or WindowSize(embedder.card.max_tokens)
    home = folder / _key(files, reader, embedder, size)
    summary = build_index(home, files, embedder, reader=reader, size=size, progress=progress)
    if summary.failures:
        failure = summary.failures[0]
        raise questions_invalid(
            f"{failure.name} cannot be indexed: {failure.error.found}", failure.error.rule, failure.error.remedy
        ) from failure.error
    collection = Collection.open(home)
    learn(collection, embedder)
    return collection


def is_index(path: Path) -> bool:
    """Whether a folder is the home of an index."""
    return Home(path).catalog.exists()


def _key(files: Sequence[SourceFile], reader: str | None, embedder: Embedder, size: WindowSize) -> str:
    told = hashlib.sha256(f"{embedder.card.fingerprint} {reader} {size.told}".encode())
    for file in sorted(files, key=lambda file: file.name):
        told.update(f" {file.name} {file.sha256}".encode())
    return told.hexdigest()[:16]
