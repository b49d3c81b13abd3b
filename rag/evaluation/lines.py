"""Our own question sets: a JSON object a line, answers by their offsets in a document, graded.

``{"id", "question", "type", "answers": [{"start", "end", "grade", "quote", "document"}]}``: ``start`` counts code points of the
decoded document, ``grade`` is 3 (answers fully), 2 (in substantial part) or 1 (context). ``quote`` (the beginning of what stands
there) and ``document`` (name or SHA-256) are optional, as is anything else a line may hold.
"""

from typing import Annotated

import msgspec
from msgspec import Meta

from rag.evaluation.questions import Answer, AskedQuestion, PlaceInDocument, QuestionSet, questions_invalid

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
