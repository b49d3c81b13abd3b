"""Run files as TREC writes them: ``question Q0 excerpt rank score tag``, one hit a line."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from rag.evaluation.formats import questions_invalid

Ranking = tuple[tuple[str, float], ...]
"""Ids of excerpts with their scores, best first; scores fall strictly."""

Run = Mapping[str, Ranking]
"""The ranking of each question, by its id."""

_FIELDS = 6


def falling(excerpts: Sequence[str], scores: Sequence[float]) -> Ranking:
    """A ranking whose scores fall strictly: programs that read run files order by score, not by rank.

    A score that does not fall is put just below the one before, in the single precision that those programs keep.
    """
    ranking: list[tuple[str, float]] = []
    before = np.float32(np.inf)
    for excerpt, score in zip(excerpts, scores, strict=True):
        before = min(np.float32(score), np.nextafter(before, np.float32(-np.inf)))
        ranking.append((excerpt, float(before)))
    return tuple(ranking)


def write_run(path: Path, run: Run, tag: str) -> None:
    """Writes a run; ``tag`` names what made it."""
    lines = [
        f"{question} Q0 {excerpt} {rank} {score!r} {tag}\n"
        for question, ranking in run.items()
        for rank, (excerpt, score) in enumerate(ranking, 1)
    ]
    path.write_text("".join(lines), encoding="utf-8")


def read_run(path: Path) -> dict[str, Ranking]:
    """The rankings of a run file, ordered by score; ties by rank, as they are written.

    Raises:
        QuestionsInvalid: the file cannot be read, or a line is no line of a run.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise questions_invalid(f"{path} cannot be read: {error}", "a run is a text file", "check the path") from error
    found: dict[str, list[tuple[str, float, int]]] = {}
    for number, line in enumerate(lines, 1):
        parts = line.split()
        try:
            if len(parts) != _FIELDS:
                raise ValueError(f"{len(parts)} fields")
            question, _, excerpt, rank, score, _ = parts
            found.setdefault(question, []).append((excerpt, float(score), int(rank)))
        except ValueError as problem:
            raise questions_invalid(
                f"line {number} of {path} is no line of a run: {problem}",
                "a line is: question Q0 excerpt rank score tag",
                "name a file that --run has written",
            ) from problem
    return {question: _ordered(hits) for question, hits in found.items()}


def _ordered(hits: list[tuple[str, float, int]]) -> Ranking:
    best_first = sorted(hits, key=lambda hit: (-hit[1], hit[2]))
    return falling([excerpt for excerpt, _, _ in best_first], [score for _, score, _ in best_first])
