"""What servers really stream: content in parts, thoughts, refusals, several choices at once, calls of a tool that quotes."""

from types import SimpleNamespace
from typing import Any

import pytest

from rag.models import Piece
from rag.models.deltas import DeltaReader, Thoughts


def chunk(content: Any = None, finish: str | None = None, index: int = 0, usage: Any = None, **delta: Any) -> Any:
    choice = SimpleNamespace(index=index, delta=SimpleNamespace(content=content, **delta), finish_reason=finish)
    return SimpleNamespace(choices=[choice], usage=usage)


def read(*chunks: Any) -> list[Piece]:
    reader = DeltaReader()
    return [reader.read(each) for each in chunks]


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (None, ""),
        ("It rained.", "It rained."),
        (12, "12"),
        ([{"type": "text", "text": "It "}, {"type": "text", "text": "rained."}], "It rained."),
        (["It ", "rained."], "It rained."),
        ({"text": "It rained."}, "It rained."),
        ([{"type": "image_url", "image_url": {}}, None], ""),
    ],
)
def test_content_comes_in_every_form(content: Any, text: str) -> None:
    assert read(chunk(content))[0].text == text


def test_choices_that_stand_between_those_of_the_first_are_passed_over() -> None:
    pieces = read(chunk("It "), chunk("Another", index=1), chunk("rained.", finish="stop"))

    assert "".join(piece.text for piece in pieces) == "It rained."


@pytest.mark.parametrize("finish", ["stop", "length", "content_filter", "eos_token"])
def test_why_it_ended_is_told(finish: str) -> None:
    assert read(chunk("x"), chunk(finish=finish))[-1].finish == finish


def test_a_refusal_is_told_as_one() -> None:
    assert read(chunk(refusal="I cannot."), chunk(finish="stop"))[-1].finish == "refusal"


def test_a_tool_call_that_quotes_becomes_a_pointer_in_the_text() -> None:
    calls = [SimpleNamespace(index=0, function=SimpleNamespace(arguments=part)) for part in ('{"passage": 1, ', '"from": "a"}')]

    pieces = read(*(chunk(tool_calls=[call]) for call in calls), chunk(finish="tool_calls"))

    assert "".join(piece.text for piece in pieces).strip() == '{"passage": 1, "from": "a"}'


@pytest.mark.parametrize("size", [1, 2, 5, 1000])
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<think>no [1]</think>It rained [1].", "It rained [1]."),
        ("It <thinking>a < b</thinking>rained < 5.", "It rained < 5."),
        ("It rained.<THINK>for ever", "It rained."),
        ("a <b> c <", "a <b> c <"),
        ("<think></think></think>x", "</think>x"),
    ],
)
def test_thoughts_are_not_said_however_the_stream_is_cut(text: str, said: str, size: int) -> None:
    thoughts = Thoughts()

    told = "".join(thoughts.feed(text[start : start + size]) for start in range(0, len(text), size)) + thoughts.finish()

    assert told == said
