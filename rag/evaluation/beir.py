"""BEIR folders: ``corpus.jsonl``, ``queries.jsonl`` and judgements in ``qrels/<split>.tsv`` (Thakur et al. 2021).

Each text of the corpus is an excerpt, its title a heading. A judgement's score is the answer's grade; only queries that are
judged are asked, as BEIR does.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import msgspec

from index.records import SourceFile
from rag.evaluation.questions import Answer, AskedQuestion, PlaceInPassage, QuestionSet, questions_invalid

TYPE = "question"


class _Entry(msgspec.Struct, frozen=True):
    id: str = msgspec.field(name="_id")
    text: str
    title: str = ""

    @property
    def told(self) -> str:
        """What is searched: the text, or of an entry without one its title."""
        return self.text if self.text.strip() else self.title


class _Query(msgspec.Struct, frozen=True):
    id: str = msgspec.field(name="_id")
    text: str


class _Judgement(msgspec.Struct, frozen=True):
    query: str
    entry: str
    score: int


Row = TypeVar("Row", _Entry, _Query)


def read_beir(folder: Path, split: str) -> QuestionSet:
    """The judged questions of a folder, and its corpus as a file to index.

    Raises:
        QuestionsInvalid: a file is missing, a line is none, or a judgement names a query or a text that is not there.
    """
    corpus = {entry.id: entry for entry in _rows(folder / "corpus.jsonl", _Entry)}
    queries = {query.id: query for query in _rows(folder / "queries.jsonl", _Query)}
    judged: dict[str, list[Answer]] = {}
    for number, judgement in _judgements(folder / "qrels" / f"{split}.tsv"):
        entry = corpus.get(judgement.entry)
        if judgement.query not in queries or entry is None or not entry.told.strip():
            raise _bad(
                folder / "qrels" / f"{split}.tsv",
                number,
                f"query {judgement.query} or text {judgement.entry} is missing or empty",
            )
        if judgement.score > 0:
            judged.setdefault(judgement.query, []).append(Answer(PlaceInPassage(entry.told), judgement.score))
    asked = tuple(AskedQuestion(query, queries[query].text, TYPE, tuple(answers)) for query, answers in judged.items())
    return QuestionSet(folder.name, asked, files=(_file(folder.name, list(corpus.values())),), reader="jsonl")


def _rows(path: Path, kind: type[Row]) -> Iterator[Row]:
    decoder = msgspec.json.Decoder(kind)
    for number, written in _lines(path):
        try:
            yield decoder.decode(written)
        except (msgspec.DecodeError, UnicodeDecodeError) as problem:
            raise _bad(path, number, str(problem)) from problem


def _judgements(path: Path) -> Iterator[tuple[int, _Judgement]]:
    for number, written in _lines(path):
        if number == 1 and written.startswith(b"query-id"):
            continue
        parts = written.split(b"\t")
        try:
            query, entry, score = parts
            yield number, _Judgement(query.decode(), entry.decode(), int(score))
        except ValueError as problem:
            raise _bad(path, number, f"{written[:80]!r} is no judgement") from problem


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise questions_invalid(
            f"{path} cannot be read: {error.strerror}",
            "a BEIR folder has corpus.jsonl, queries.jsonl and qrels/<split>.tsv",
            "check the folder, or name another split with --split",
        ) from error
    yield from ((number, line) for number, line in enumerate(data.splitlines(), 1) if line.strip())


def _file(name: str, corpus: list[_Entry]) -> SourceFile:
    lines = [
        msgspec.json.encode({"text": entry.told, "heading": entry.title or None} if entry.text.strip() else {"text": entry.told})
        for entry in corpus
        if entry.told.strip()
    ]
    return SourceFile(f"{name}.jsonl", b"\n".join(lines))


def _bad(path: Path, number: int, what: str) -> Exception:
    return questions_invalid(
        f"line {number} of {path}: {what}",
        'a corpus line has "_id", "title", "text", a query line "_id", "text", a judgement: query, text and score between tabs',
        "correct the line",
    )
