"""Whatever an excerpt holds, a chat window shows it as text: rendered Markdown gives the words back and nothing else."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from rag.rendering import block_quote, escape, paragraphs

WORDS = (
    "a b 1 9. 12) - + # > * _ ` ``` ~ ~~~ | ^ = == { } [ ] ( ) [1] ![x](y) <b> </details> <!-- & &amp; &#65; &copy $x$ $$ "
    "@ a@b.c : :see :smile: :: :// http://a.b www.a.b \\ \\( \\[ \\n ! \" ' ; é “”  … 📚 --- *** ___ 1. \\* [a]: b |--|"
).split()
SPACE = ["\n", "\r\n", "\r", "\t", "  ", "    ", "\n\n", "  \n", "\n    ", "\u2028", "\x0b", "\u00a0"]
characters = st.characters(exclude_categories=["Cs"], exclude_characters="\x00")
texts = st.lists(st.sampled_from([*WORDS, *SPACE]) | characters, max_size=40).map("".join)


class Shown(HTMLParser):
    """What a browser would show of HTML, and with which tags."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002 — HTMLParser's signature
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def rendered(markdown: str) -> Shown:
    return Shown(MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(markdown))


@settings(deadline=None, max_examples=500)
@given(texts)
def test_a_block_quote_shows_the_text_and_nothing_else(text: str) -> None:
    shown = rendered(block_quote(text))

    assert shown.text.split() == text.split()
    assert shown.tags <= {"blockquote", "p"}


@settings(deadline=None, max_examples=500)
@given(texts)
def test_a_line_and_paragraphs_show_the_text_and_nothing_else(text: str) -> None:
    for shown in (rendered(escape(text)), rendered(paragraphs(text))):
        assert shown.text.split() == text.split()
        assert shown.tags <= {"p"}


@settings(deadline=None, max_examples=500)
@given(texts)
def test_nothing_reads_as_a_formula_a_citation_or_a_directive(text: str) -> None:
    written = paragraphs(text)

    for sign in ("\\[", "\\(", "[1]", "<think>", "<b>"):
        assert sign not in written
    assert not re.search(r"(?<!\\)(?:\\\\)*(?:[$@<`*_]|://|:see)", written)


def test_lines_stay_lines_and_an_empty_one_parts_paragraphs() -> None:
    assert block_quote("One\ntwo.\n\nThree") == "> One\n> two.\n>\n> Three"


def test_signs_stand_behind_backslashes_because_open_webui_shows_the_code_of_a_reference() -> None:
    assert escape("see [ch. 8] & <b>*x*</b> at $5 &c.") == r"see [ch. 8\] & \<b\>\*x\*\</b\> at \$5 \&c."


def test_white_space_around_a_line_is_left_out() -> None:
    assert block_quote("    One  \n\ttwo") == "> One\n> two"


def test_plain_prose_is_left_alone() -> None:
    prose = "In 1936, Mr. Marsh wrote: “It's a lamp (of sorts); 50% oil & gas!” — twice."

    assert escape(prose) == prose


@pytest.mark.parametrize(
    "text", ["[" * 20_000, " " * 20_000 + "x", "\\" * 20_000, "> " * 10_000, "`" * 20_000, "a\n" * 10_000, "&" * 20_000]
)
def test_hostile_texts_take_no_time(text: str) -> None:
    assert block_quote(text)
