"""What the check of a language model's answer costs: to the first sentence that may be shown, and for all of the answer.

``python -m benchmarks.answer_check --text collection.txt``. Eight passages, an answer of six sentences with two quotations, in
parts of four characters, as a stream brings them. Processor time, beside that of markdown-it-py for the same text, once.
"""

import argparse
import random
import statistics
import time
from collections.abc import Sequence
from pathlib import Path

from markdown_it import MarkdownIt

from index.records import Excerpt, excerpt_id
from rag.checking import AnswerCheck

PASSAGES = 8
_PART = 4


def answer_to(passages: Sequence[Excerpt]) -> str:
    """Six sentences about the passages; the first quotes the first of them."""
    taken = [passage.text.split() for passage in passages]
    first, second = " ".join(taken[0][3:15]), " ".join(taken[1][5:20])
    return (
        f"The source says that “{first}” [1]. It was a matter of some weight, as others tell, too [2][3].\n\n"
        f"- Another one writes: “{second}” [2].\n- Of this nothing else is known [4].\n\n"
        f"In *short*, {' '.join(taken[2][:12]).lower()} [3]. All of this took place long before the end of the war [5]."
    ).replace("\n\n\n", "\n\n")


def checked(passages: Sequence[Excerpt], text: str) -> tuple[float, float]:
    """Processor milliseconds to the first sentence that stands, and to the end."""
    started = time.process_time_ns()
    check = AnswerCheck(passages)
    first = 0
    for at in range(0, len(text), _PART):
        sentences = check.feed(text[at : at + _PART])
        if not first and any(sentence.stands for sentence in sentences):
            first = time.process_time_ns() - started
    check.finish()
    return first / 1e6, (time.process_time_ns() - started) / 1e6


def parsed(text: str) -> float:
    """Processor milliseconds of markdown-it-py for the same text."""
    parser = MarkdownIt("commonmark")
    started = time.process_time_ns()
    parser.parse(text)
    return (time.process_time_ns() - started) / 1e6


def main() -> None:
    """Prints medians and the ratio to the parser alone."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--text", type=Path, required=True, help="a collection of excerpts, one a line")
    options.add_argument("--rounds", type=int, default=200)
    told = options.parse_args()
    lines = [line for line in told.text.read_text(encoding="utf-8").split("\n") if 60 < len(line.split()) < 400]
    chance = random.Random(1)  # noqa: S311 — no secret
    times: list[tuple[float, float, float]] = []
    for _ in range(told.rounds + 5):
        texts = chance.sample(lines, PASSAGES)
        passages = [Excerpt(excerpt_id(text, ""), "benchmark", 0, len(text), text) for text in texts]
        text = answer_to(passages)
        times.append((*checked(passages, text), parsed(text)))
    first, whole, parser = map(statistics.median, zip(*times[5:], strict=True))
    print(
        f"first sentence {first:.2f} ms, whole answer {whole:.2f} ms, markdown-it-py alone {parser:.2f} ms of processor, medians"
    )
    print(f"first sentence ÷ parser {first / parser:.2f}, whole answer ÷ parser {whole / parser:.2f}")


if __name__ == "__main__":
    main()
