"""Reads question sets: our JSON lines, SQuAD-style JSON, and BEIR folders, told apart by what they look like."""

from pathlib import Path

from rag.evaluation.beir import read_beir
from rag.evaluation.lines import read_lines
from rag.evaluation.questions import QuestionSet, questions_invalid
from rag.evaluation.squad import read_squad


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
