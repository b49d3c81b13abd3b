"""Follow-up questions: hit@5 of the last question as asked, made self-contained by the rule, and with the whole conversation.

``dialogues.jsonl`` beside this file holds the turns, written for it, and the id of the development question that shares
the right answers.
"""

import argparse
import json
import tempfile
from collections.abc import Callable
from pathlib import Path

import msgspec

from index.build import build_index, find_files
from index.collection import Collection
from index.embedders.registry import load_embedder
from index.home import Home
from prompts import Message
from rag.conversation import rewrite_by_rule
from rag.retrieve import Retriever

DIALOGUES = Path(__file__).with_name("dialogues.jsonl")
GRADE = 2
LIMIT = 5

Ask = Callable[[str], list[tuple[int, int]]]


class Dialogue(msgspec.Struct, frozen=True):
    """Questions in order; the last is searched for. ``shift`` marks one that leaves the subject, which no rewriting may hurt."""

    id: str
    gold: str
    turns: tuple[str, ...]
    shift: bool = False


def main() -> None:
    """Builds an index of the development collection and prints hit@5 by way of asking."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder of the development data")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = measure(options.data, Path(folder) / "home")
    for name, (follow_ups, shifts) in found.items():
        print(f"{name:<22} follow-ups {follow_ups:.3f}  other subject {shifts:.3f}")


def measure(data: Path, home: Path) -> dict[str, tuple[float, float]]:
    """Hit@5 over follow-ups and over changes of subject, for each way of asking."""
    embedder = load_embedder(None, Home(home).models)
    build_index(home, find_files([data / "000_74679c296b4caa77.txt"]), embedder)
    collection = Collection.open(home)
    retriever = Retriever(collection, count_tokens=embedder.count_tokens)

    def ask(text: str) -> list[tuple[int, int]]:
        question = retriever.parse(text)
        findings = retriever.find(question, embedder.embed([question.words], "query")[0], LIMIT)
        return [(hit.excerpt.start, hit.excerpt.end) for hit in (*findings.hits, *findings.nearest)]

    gold = read_gold(data / "fifth-column-questions.jsonl")
    dialogues = read_dialogues()
    return {name: _scores(dialogues, gold, ask, way) for name, way in WAYS.items()}


def read_dialogues() -> list[Dialogue]:
    """The dialogues, in order."""
    return [msgspec.json.decode(line, type=Dialogue) for line in DIALOGUES.read_bytes().splitlines()]


def read_gold(questions: Path) -> dict[str, list[int]]:
    """For each development question where its good answers begin."""
    lines = [json.loads(line) for line in questions.read_text(encoding="utf-8").splitlines()]
    return {line["id"]: [answer["start"] for answer in line["answers"] if answer["grade"] >= GRADE] for line in lines}


def _scores(
    dialogues: list[Dialogue], gold: dict[str, list[int]], ask: Ask, way: Callable[[Dialogue], str]
) -> tuple[float, float]:
    hits: dict[bool, list[bool]] = {False: [], True: []}
    for dialogue in dialogues:
        spans = ask(way(dialogue))
        hits[dialogue.shift].append(any(start <= at < end for at in gold[dialogue.gold] for start, end in spans))
    return sum(hits[False]) / len(hits[False]), sum(hits[True]) / len(hits[True])


def _by_rule(dialogue: Dialogue) -> str:
    history = [Message("user", turn) for turn in dialogue.turns[:-1]]
    return rewrite_by_rule(dialogue.turns[-1], history).text


WAYS: dict[str, Callable[[Dialogue], str]] = {
    "last question as asked": lambda dialogue: dialogue.turns[-1],
    "made self-contained": _by_rule,
    "whole conversation": lambda dialogue: " ".join(dialogue.turns),
}


if __name__ == "__main__":
    main()
