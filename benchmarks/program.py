"""The program that a benchmark of one index is: its options, the index, what is measured on it, and the reports."""

from collections.abc import Callable, Iterable

from benchmarks.homes import Subject, add_subject, subject
from benchmarks.measure import Report, arguments, show


def run(description: str, measure: Callable[[Subject, int], Iterable[Report]], *, rounds: int, on: str = "sample") -> None:
    """Measures what the command line says, and prints a report for each figure.

    Args:
        description: what ``--help`` tells.
        measure: takes the subject and the number of rounds.
        rounds: how many where nothing is said.
        on: the corpus where nothing is said.
    """
    parser = arguments(description, rounds=rounds)
    add_subject(parser, on)
    options = parser.parse_args()
    with subject(options) as indexed:
        for report in measure(indexed, options.rounds):
            show(report, as_json=options.json)
