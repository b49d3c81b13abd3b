"""Stacks of a sampler, drawn as a flame graph."""

from xml.etree import ElementTree

from benchmarks.stacks import Node, drawn, merged

SAMPLED = [
    "<module> (ibid:1);ask (rag/ask.py:7);run (numpy/a.py:1);inner (numpy/b.py:2);0x7f00 (libc.so.6) 6",
    "<module> (ibid:1);ask (rag/ask.py:9);find (rag/find.py:3) 2",
    "<module> (ibid:1);ask (rag/ask.py:9);wait (threading.py:3);take_gil (ceval.c) 50",
    "elsewhere (other.py:1) 9",
]


def test_lines_waiting_threads_and_what_a_library_does_within_itself_are_left_out() -> None:
    tree = merged(SAMPLED, "ask")

    run, find = Node("run (numpy/a.py)", 6), Node("find (rag/find.py)", 2)
    assert tree == Node("", 8, {"ask (rag/ask.py)": Node("ask (rag/ask.py)", 8, {run.name: run, find.name: find})})


def test_a_box_is_as_wide_as_its_share_and_tells_it() -> None:
    graph = ElementTree.fromstring(drawn(merged(SAMPLED, "ask"), "Asking <once>"))

    boxes = {group[0].text: float(group[1].get("width", 0)) for group in graph if group.tag.endswith("}g")}
    assert list(boxes) == ["ask (rag/ask.py): 100.0%", "run (numpy/a.py): 75.0%", "find (rag/find.py): 25.0%"]
    assert [round(width) for width in boxes.values()] == [1184, 888, 296]
