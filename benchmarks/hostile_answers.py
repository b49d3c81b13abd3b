"""Checks hostile answers and reads what would be shown in every reader of Markdown at hand: how many break the property?

``python -m benchmarks.hostile_answers --answers 100000 --seed 1``
"""

import argparse
import random
import time
from collections import Counter

from rag.answer_tree import CheckedAnswer
from tests.answer_output import hostile_answer, read_by_all, violations
from tests.quotable import checked, passages

BATCH = 500


def main() -> None:
    """Prints counts, and the first answers that break it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answers", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--every", type=int, default=1, help="of so many batches one goes through the readers in JavaScript, too")
    parser.add_argument("--show", type=int, default=5, help="how many broken answers are shown")
    options = parser.parse_args()
    chance, given = random.Random(options.seed), passages()  # noqa: S311 — no secret
    broken: Counter[str] = Counter()
    read: Counter[str] = Counter()
    quoted = 0
    started = time.process_time()
    for first in range(0, options.answers, BATCH):
        texts = [hostile_answer(chance) for _ in range(min(BATCH, options.answers - first))]
        answers: list[CheckedAnswer] = [checked(text, given) for text in texts]
        quoted += sum(quotation.finding.accepted for answer in answers for quotation in answer.quotations)
        shown, javascript = [answer.text for answer in answers], first // BATCH % options.every == 0
        for reader, pages in read_by_all(shown, javascript=javascript).items():
            for text, answer, html in zip(texts, answers, pages, strict=True):
                read[reader] += 1
                if wrong := violations(answer, given, html):
                    broken[reader] += 1
                    if broken.total() <= options.show:
                        print(f"{reader}: {text!r}\n  shown {answer.text!r}\n  {wrong}", flush=True)
    seconds = time.process_time() - started
    print(f"{options.answers:,} hostile answers, seed {options.seed}, {quoted:,} quotations proved, {seconds:.0f} s")
    for reader, count in read.items():
        print(f"{reader}: {broken[reader]} violations in {count:,}")


if __name__ == "__main__":
    main()
