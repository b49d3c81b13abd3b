"""The collection of docstrings that the benchmarks read where there is no other."""

from pathlib import Path

import pytest

from benchmarks.standard_library import Docstring, docstrings, json_lines, questions
from index.readers.jsonl import JsonlReader
from index.records import SourceFile

HEAPS = '''"""Heaps."""

class Heap:
    """A tree in a list."""

    def push(self, item):
        """Push an item onto the heap.

        It stays a heap.
        """

    def silent(self):
        return 0
'''


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """A library of one module, its tests, and what somebody installed into it."""
    for place in ("heaps.py", "test/test_heaps.py", "site-packages/theirs.py"):
        file = tmp_path / place
        file.parent.mkdir(exist_ok=True)
        file.write_text(HEAPS, encoding="utf-8")
    return tmp_path


def test_modules_classes_and_functions_are_told_by_qualified_name_and_tests_are_left_out(library: Path) -> None:
    assert docstrings(library) == [
        Docstring("heaps", "", "Heaps."),
        Docstring("heaps", "Heap", "A tree in a list."),
        Docstring("heaps", "Heap.push", "Push an item onto the heap.\n\nIt stays a heap."),
    ]


def test_half_of_the_questions_are_asked_in_the_words_of_an_instruction(library: Path) -> None:
    assert questions(docstrings(library)) == ("What does heaps.Heap do?", "How do I push an item onto the heap?")


def test_a_docstring_is_read_as_an_excerpt_of_a_work_below_its_headings(library: Path) -> None:
    (reading,) = JsonlReader().read(SourceFile("stdlib.jsonl", json_lines(docstrings(library)).encode()))

    excerpt = reading.excerpts[2]
    assert excerpt.text == "Push an item onto the heap.\n\nIt stays a heap."
    assert excerpt.headings == ("heaps", "Heap.push")
    assert excerpt.citation is not None
    assert excerpt.citation.csl is not None
    assert excerpt.citation.csl["title"] == "heaps"


def test_this_pythons_own_library_is_large_enough() -> None:
    told = docstrings()

    assert len(told) > 7000
    assert len(questions(told)) == 1000
