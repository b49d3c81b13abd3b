"""A question set: what is asked, where the answers stand, and what has to be indexed before it can be asked."""

import msgspec

from index.records import SourceFile
from rag.errors import QuestionsInvalid

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
