"""SQuAD-style question sets (SQuAD 1 and 2, XQuAD, COVID-QA): contexts with questions, answers by their start in the context.

Contexts that are short are excerpts, one each: the question is which paragraph answers. Contexts that are long are documents,
read as any text is, and the question is where in them the answer stands. The median length decides: above what the plain reader
lets one excerpt hold, contexts cannot be excerpts. SQuAD 2's impossible questions were written to look answerable: near misses.
"""

from pathlib import PurePath
from statistics import median

import msgspec

from index.records import SourceFile
from rag.evaluation.questions import NEAR, Answer, AskedQuestion, PlaceInPassage, QuestionSet, questions_invalid

ANSWERABLE = "question"

_LONGEST_EXCERPT = 2_500
"""Characters that the plain reader lets one excerpt hold (index/readers/plain.py)."""


class _Answer(msgspec.Struct, frozen=True):
    answer_start: int
    text: str


class _Question(msgspec.Struct, frozen=True):
    id: str | int
    question: str
    answers: tuple[_Answer, ...] = ()
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
