"""Reads question sets: our JSON lines, SQuAD-style JSON, and BEIR folders, told apart by what they look like."""

from collections.abc import Iterator
from pathlib import Path, PurePath
from statistics import median
from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta

from index.records import SourceFile
from rag.errors import QuestionsInvalid

# A question set: what is asked, where the answers stand, and what has to be indexed before it can be asked.

FAR = "unanswerable-far"
NEAR = "unanswerable-near"


class PlaceInDocument(msgspec.Struct, frozen=True, tag="document"):
    """A place in a document of the collection: ``document`` is its name or SHA-256, "" where it can be told otherwise.

    ``start`` counts code points of the decoded document; ``quote`` is what stands there, or its beginning, where the set says so.
    """

    start: int
    document: str = ""
    quote: str = ""


class PlaceInPassage(msgspec.Struct, frozen=True, tag="passage"):
    """A place in a passage that the set quotes whole; ``start`` is None where all of the passage is the answer."""

    passage: str
    start: int | None = None


class Answer(msgspec.Struct, frozen=True):
    """Where an answer stands and how good it is: ``grade`` is its gain in nDCG."""

    place: PlaceInDocument | PlaceInPassage
    grade: int = 1


class AskedQuestion(msgspec.Struct, frozen=True):
    """A question and its answers; one whose ``type`` is FAR or NEAR has none."""

    id: str
    text: str
    type: str
    answers: tuple[Answer, ...] = ()

    @property
    def answerable(self) -> bool:
        """Whether the collection answers it."""
        return self.type not in (FAR, NEAR)


class QuestionSet(msgspec.Struct, frozen=True):
    """Questions in the order of their file.

    ``right_from`` is the grade from which an answer is right, below it is context; ``files`` are what the set brings to
    be searched, to be read by ``reader``; there are none where the collection has to be named.
    """

    name: str
    questions: tuple[AskedQuestion, ...]
    right_from: int = 1
    files: tuple[SourceFile, ...] = ()
    reader: str | None = None

    def __post_init__(self) -> None:
        if not self.questions:
            raise questions_invalid(f"{self.name} holds no question", "a question set asks something", "check the file")
        seen: set[str] = set()
        for question in self.questions:
            if question.id in seen or not question.id or question.id.split() != [question.id]:
                raise questions_invalid(
                    f"{self.name} has the id {question.id!r} twice, or it is empty or has white space",
                    "run files name each question by an id of its own without white space",
                    "give the question another id",
                )
            seen.add(question.id)
            if question.answerable and not any(answer.grade >= self.right_from for answer in question.answers):
                raise questions_invalid(
                    f"question {question.id} of {self.name} has no answer of grade {self.right_from} or more",
                    f"a question has such an answer, or its type is {FAR} or {NEAR}",
                    "add the answer, or correct the type",
                )
            if not question.answerable and question.answers:
                raise questions_invalid(
                    f"question {question.id} of {self.name} is {question.type} and has answers",
                    "an unanswerable question has none",
                    "remove the answers, or correct the type",
                )


def questions_invalid(found: str, rule: str, remedy: str) -> QuestionsInvalid:
    """The error of a question set that cannot be used."""
    return QuestionsInvalid(found, rule=rule, remedy=remedy)


# Our own question sets: a JSON object a line, answers by their offsets in a document, graded.
#
# ``{"id", "question", "type", "answers": [{"start", "end", "grade", "quote", "document"}]}``: ``start`` counts code points of the
# decoded document, ``grade`` is 3 (answers fully), 2 (in substantial part) or 1 (context). ``quote`` (the beginning of what
# stands
# there) and ``document`` (name or SHA-256) are optional, as is anything else a line may hold.

RIGHT_FROM = 2


class _Answer(msgspec.Struct, frozen=True):
    start: Annotated[int, Meta(ge=0)]
    grade: Annotated[int, Meta(ge=1, le=3)]
    quote: str = ""
    document: str = ""


class _Line(msgspec.Struct, frozen=True):
    id: str
    question: str
    type: str
    answers: tuple[_Answer, ...] = ()


def read_lines(name: str, data: bytes) -> QuestionSet:
    """The questions of a file. Raises QuestionsInvalid, naming the line that is none."""
    decoder = msgspec.json.Decoder(_Line)
    asked: list[AskedQuestion] = []
    for number, written in enumerate(data.splitlines(), 1):
        if not written.strip():
            continue
        try:
            line = decoder.decode(written)
        except (msgspec.DecodeError, UnicodeDecodeError) as problem:
            raise questions_invalid(
                f"line {number} of {name}: {problem}",
                'each line is an object with "id", "question", "type" and "answers" by "start" and "grade"',
                "correct the line",
            ) from problem
        answers = tuple(Answer(PlaceInDocument(each.start, each.document, each.quote), each.grade) for each in line.answers)
        asked.append(AskedQuestion(line.id, line.question, line.type, answers))
    return QuestionSet(name, tuple(asked), RIGHT_FROM)


# SQuAD-style question sets (SQuAD 1 and 2, XQuAD, COVID-QA): contexts with questions, answers by their start in the context.
#
# Contexts that are short are excerpts, one each: the question is which paragraph answers. Contexts that are long are documents,
# read as any text is, and the question is where in them the answer stands. The median length decides: above what the plain reader
# lets one excerpt hold, contexts cannot be excerpts. SQuAD 2's impossible questions were written to look answerable: near misses.

ANSWERABLE = "question"

_LONGEST_EXCERPT = 2_500
"""Characters that the plain reader lets one excerpt hold (index/readers/plain.py)."""


class _SquadAnswer(msgspec.Struct, frozen=True):
    answer_start: int
    text: str


class _Question(msgspec.Struct, frozen=True):
    id: str | int
    question: str
    answers: tuple[_SquadAnswer, ...] = ()
    is_impossible: bool = False


class _Paragraph(msgspec.Struct, frozen=True):
    context: str
    qas: tuple[_Question, ...]


class _Article(msgspec.Struct, frozen=True):
    paragraphs: tuple[_Paragraph, ...]


class _Squad(msgspec.Struct, frozen=True):
    data: tuple[_Article, ...]


def read_squad(name: str, data: bytes) -> QuestionSet:
    """The questions of a file, and its contexts as files to index.

    Raises:
        QuestionsInvalid: it is no such JSON, or an answer does not stand where it says.
    """
    try:
        articles = msgspec.json.decode(data, type=_Squad).data
    except (msgspec.DecodeError, UnicodeDecodeError) as problem:
        raise questions_invalid(
            f"{name} is no SQuAD-style JSON: {problem}",
            'it is {"data": [{"paragraphs": [{"context", "qas": [{"id", "question", "answers": [{"answer_start", "text"}]}]}]}]}',
            "correct the file; our own questions are in a file named .jsonl, BEIR's in a folder",
        ) from problem
    paragraphs = [paragraph for article in articles for paragraph in article.paragraphs]
    asked = tuple(_asked(name, paragraph.context, question) for paragraph in paragraphs for question in paragraph.qas)
    contexts = list(dict.fromkeys(paragraph.context for paragraph in paragraphs))
    if contexts and median(map(len, contexts)) > _LONGEST_EXCERPT:
        return QuestionSet(name, asked, files=_documents(contexts), reader="plain")
    return QuestionSet(name, asked, files=(_excerpts(name, contexts),), reader="jsonl")


def _asked(name: str, context: str, question: _Question) -> AskedQuestion:
    if question.is_impossible:
        return AskedQuestion(str(question.id), question.question, NEAR)
    for answer in question.answers:
        if answer.answer_start < 0 or not context[answer.answer_start :].lstrip().startswith(answer.text.strip()):
            raise questions_invalid(
                f"question {question.id} of {name} has the answer {answer.text!r} at {answer.answer_start}",
                "the context holds the answer's text, but for white space around it, at its answer_start, in code points",
                "correct the offset",
            )
    starts = dict.fromkeys(answer.answer_start for answer in question.answers)
    return AskedQuestion(
        str(question.id), question.question, ANSWERABLE, tuple(Answer(PlaceInPassage(context, start)) for start in starts)
    )


def _documents(contexts: list[str]) -> tuple[SourceFile, ...]:
    return tuple(SourceFile(f"{number:04}.txt", context.encode()) for number, context in enumerate(contexts, 1))


def _excerpts(name: str, contexts: list[str]) -> SourceFile:
    """One file of excerpts, as the reader of JSON lines takes them."""
    lines = [msgspec.json.encode({"text": context}) for context in contexts]
    return SourceFile(f"{PurePath(name).stem}.jsonl", b"\n".join(lines))


# BEIR folders: ``corpus.jsonl``, ``queries.jsonl`` and judgements in ``qrels/<split>.tsv`` (Thakur et al. 2021).
#
# Each text of the corpus is an excerpt, its title a heading. A judgement's score is the answer's grade; only queries that are
# judged are asked, as BEIR does.

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


def read_questions(path: Path, split: str = "test") -> QuestionSet:
    """The question set at ``path``: a folder is BEIR's, a name ending in .jsonl our own, any other file SQuAD-style JSON.

    Args:
        path: file or folder.
        split: which judgements of a BEIR folder are meant: ``qrels/<split>.tsv``.

    Raises:
        QuestionsInvalid: nothing is there, or it is none of these, with the line or question that shows it.
    """
    if path.is_dir():
        return read_beir(path, split)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise questions_invalid(
            f"{path} cannot be read: {error.strerror}",
            "a question set is a .jsonl file, a SQuAD-style .json file, or a BEIR folder",
            "check the path",
        ) from error
    return read_lines(path.name, data) if path.suffix.lower() in (".jsonl", ".ndjson") else read_squad(path.name, data)
