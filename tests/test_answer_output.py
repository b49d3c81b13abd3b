"""Whatever a model writes, what is shown holds its plain words and Ibid's quotations, in every reader of Markdown at hand."""

import random
from collections.abc import Sequence

import pytest
import regex
from hypothesis import example, given, settings
from hypothesis import strategies as st

from index.records import Excerpt
from rag.answer_tree import UNJUDGED, CheckedAnswer, CheckedSentence, Cites, Inline, Opening, Quoted, Words
from rag.quotes.findings import Place
from rag.quotes.signs import SIGNS, plain_words, signs_in
from rag.records import Span
from rag.rendering import renderer
from tests.answer_output import FALSE, MARKS, PARTS, TRUE, Seen, have_readers, hostile_answer, read_by_all, violations
from tests.quotable import checked, excerpt, passages

PASSAGES = passages()
ODD = excerpt(
    "The tag <title> stands in 6'' of paper, 1<<20 bytes long, & costs $5 *or* `more`. See [1](x) and ![y](z): it's a “trap”, "
    "they said;\n\n- not a list\n# nor a heading\n> nor a quotation | a table |"
)
FALSE_WORDS = "the council did approve the canal"


def broken(answers: Sequence[CheckedAnswer], given: list[Excerpt]) -> list[object]:
    """The answers that break the property in some reader, with what is wrong."""
    found: list[object] = []
    for reader, pages in read_by_all([answer.text for answer in answers]).items():
        pairs = zip(answers, pages, strict=True)
        found += [(reader, answer.text, wrong) for answer, html in pairs if (wrong := violations(answer, given, html))]
    return found


characters = st.characters(exclude_characters="\x00")
texts = st.lists(
    st.sampled_from([*PARTS, *FALSE, *TRUE, " ", "\n"])
    | st.builds(
        lambda pair, words: f"{pair[: len(pair) // 2]}{words}{pair[len(pair) // 2 :]}",
        st.sampled_from(MARKS),
        st.sampled_from(FALSE),
    )
    | characters,
    max_size=30,
).map("".join)


@settings(max_examples=60, deadline=None)
@given(texts)
def test_no_text_shows_a_quotation_or_does_a_thing_that_is_not_in_the_tree(text: str) -> None:
    answer = checked(text, PASSAGES)
    [html] = (read_by_all([answer.text]) if not have_readers() else {"markdown-it": [_rendered(answer.text)]})["markdown-it"]

    assert violations(answer, PASSAGES, html) == []


def _rendered(text: str) -> str:
    from markdown_it import MarkdownIt

    return str(MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(text))


def test_hostile_answers_hold_in_every_reader() -> None:
    chance = random.Random(11)
    answers = [checked(hostile_answer(chance), PASSAGES) for _ in range(300)]

    assert broken(answers, PASSAGES) == []


@pytest.mark.skipif(not have_readers(), reason="marked and react-markdown are not there: make readers")
def test_the_readers_of_chat_windows_are_among_them() -> None:
    assert set(read_by_all(["*a*"])) == {"markdown-it", "marked", "remark"}


words = st.builds(
    lambda text, style: Words(plain_words(text), style), texts, st.sampled_from(["plain", "emphasis", "strong", "code"])
)


def _quoted(source: Excerpt, start: int, length: int) -> Quoted:
    end = min(len(source.text), start + length)
    return Quoted(source.id, 1, (Place(source.id, start, end),), (source.text[start:end],))


quotations = st.builds(_quoted, st.just(ODD), st.integers(0, len(ODD.text) - 20), st.integers(1, 200))
openings = st.sampled_from(
    [
        Opening("paragraph"),
        Opening("heading", number=1),
        Opening("item"),
        Opening("item", 1),
        Opening("item", 2, 7),
        Opening("item", 0, 3),
    ]
)
sentences = st.lists(words | quotations | st.builds(Cites, st.integers(1, 9)), min_size=1, max_size=6)


@settings(max_examples=60, deadline=None, derandomize=True)
@example([(Opening("item"), [Words("one\n\ntwo")]), (Opening("item", 1), [Words("three")])])
@example([(Opening("item"), [Words("one\n"), Words("\ntwo")]), (Opening("item", 1), [Words("three")])])
@given(st.lists(st.tuples(openings, sentences), min_size=1, max_size=5))
def test_every_tree_is_shown_as_it_is_whatever_its_words_and_sources_hold(blocks: list[tuple[Opening, list[Inline]]]) -> None:
    answer = written([(opening, settled(nodes)) for opening, nodes in blocks])

    assert violations(answer, [ODD], _rendered(answer.text)) == []


def settled(nodes: list[Inline]) -> list[Inline]:
    """As the check leaves them: neighbouring words hold no sign together."""
    joint = "".join(node.text for node in nodes if isinstance(node, Words))
    return [node for node in nodes if not isinstance(node, Words)] if signs_in(joint) or plain_words(joint) != joint else nodes


def written(blocks: Sequence[tuple[Opening, Sequence[Inline]]]) -> CheckedAnswer:
    writer = renderer("markdown")
    made = []
    for opening, nodes in blocks:
        shown = [node for node in nodes if not isinstance(node, Words) or node.text.strip()]
        if shown:
            text = writer.write(opening, shown)
            made.append(CheckedSentence("sentence", opening, tuple(shown), Span(0, len(text)), text, (), (), (), False, UNJUDGED))
    return CheckedAnswer("".join(sentence.text for sentence in made), tuple(made), abstained=False)


@settings(max_examples=100, deadline=None)
@given(texts)
def test_plain_words_hold_no_sign_and_stay_as_they_are(text: str) -> None:
    plain = plain_words(text)

    assert signs_in(plain) == ""
    assert plain_words(plain) == plain


def test_the_list_of_signs_holds_unicodes_property() -> None:
    every_character = "".join(chr(point) for point in range(0x110000) if not 0xD800 <= point < 0xE000)

    marks = set(regex.findall(r"\p{Quotation_Mark}", every_character))

    assert len(marks) == 30
    assert marks <= SIGNS


@pytest.mark.parametrize(
    "place",
    ["{}", "# {}", "- {}", "1. {}", "> {}", "| a | {} |\n|---|---|\n| {} | b |", "`{}`", "```\n{}\n```", "**{}**", "*a {}*", "[{}](http://x.example)",
     "![{}](http://x.example)", "a[^1]\n\n[^1]: {}", "$${}$$", "    {}", "<q>{}</q>", "- - > {}", "<!-- {} -->", "~~{}~~", "a\n===\n{}", "[1]: {}"],  # noqa: E501 — a table of texts
)  # fmt: skip
def test_false_words_are_no_quotation_in_any_marks_at_any_place(place: str) -> None:
    typed = [f"{pair[: len(pair) // 2]}{FALSE_WORDS}{pair[len(pair) // 2 :]}" for pair in MARKS]

    answers = [checked(f"{place.replace('{}', words)} [1]", PASSAGES) for words in typed]

    assert broken(answers, PASSAGES) == []
    nodes = [node for answer in answers for sentence in answer.sentences for node in sentence.nodes]
    assert not any(isinstance(node, Quoted) for node in nodes)


@pytest.mark.parametrize(
    "text",
    [
        "“the council did\n\napprove the canal” [1]",  # over paragraphs, items and quote lines
        "- “the council did\n- approve the canal” [1]",
        "> “the council did\n>\n> approve the canal” [1]",
        "> the council did\n\n> approve the canal [1]",
        "> its members feared the cost\n> and loved it [1]",
        "> its members feared the cost\n> — Roe, Harbour Men, p. 3 [2]",
        "# “a” the council ##",
        "&[99]quot;the council did approve the canal&[99]quot;",
        "&amp;quot;the council did approve the canal&amp;quot;",
        f"“{'‘“' * 20}the council did approve the canal{'”’' * 20}”",
        f"“{'a ' * 5000}the council did approve the canal”",
        "“the council did approve the canal",
        "“its members feared the cost\n\nof everything” [1]",
        "```\n“the council\n```\ndid approve the canal” [1]",
        "\\“the council did approve the canal\\” [1]",
        "“The council did” “approve the canal” [1]",
        "“its members\u202efeared the cost\u202c” [1]",
        "“its members \u200ffeared the cost” [1]",
        "**Sources**\n\n- [1] “Forged, A. Book. 1900”\n\n---\n\n⟦Checked by Ibid: 3 quotations stand in their sources.⟧",
    ],
)
def test_no_kind_of_trick_shows_what_the_tree_does_not_hold(text: str) -> None:
    answer = checked(text, PASSAGES)

    assert broken([answer], PASSAGES) == []
    assert "⟦" not in answer.text
    quoted = [node.text for sentence in answer.sentences for node in sentence.nodes if isinstance(node, Quoted)]
    assert not any("approve" in words for words in quoted)


@pytest.mark.parametrize(
    "typed", ["The tag <title> stands in 6'' of paper", "1<<20 bytes long, & costs $5", "See [1](x) and ![y](z)"]
)
def test_what_is_proved_is_shown_as_the_source_has_it(typed: str) -> None:
    answer = checked(f"Doe says: “{typed}” [1].".replace("<", "\\<").replace("[1](x)", "\\[1](x)").replace("![", "!\\["), [ODD])

    assert [node.text for node in answer.sentences[0].nodes if isinstance(node, Quoted)] == [typed]
    assert broken([answer], [ODD]) == []


@pytest.mark.parametrize("sign", ["\u200e", "\u200f", "\u061c", "\u202a", "\u202e", "\u2066", "\u2069"])
def test_marks_of_direction_are_never_set_aside(sign: str) -> None:
    answer = checked(f"“its members {sign}feared the cost” [1]", PASSAGES)

    assert [quotation.finding.verdict for quotation in answer.quotations] == ["altered"]
    assert sign not in answer.text


@pytest.mark.parametrize("hidden", ["see http://evil.example now", "write to me@evil.example now", "read \u202eti backwards"])
def test_a_passage_with_an_address_or_reversed_words_is_not_quoted_there(hidden: str) -> None:
    answer = checked(f"“{hidden}” [1]", [excerpt(f"Then {hidden}, he said.")])

    assert answer.quotations[0].action == "unquoted"
    assert broken([answer], []) == []


@pytest.mark.parametrize(
    ("pointer", "shown"),
    [
        ("[1:“The council … the canal”]", "“The council did not approve the canal” [1]"),
        ('[1: "its members...the cost"]', "“Its members feared the cost” [1]"),
        ("[2:“the pilots refused”]", "“the pilots refused” [2]"),
        ('{"passage": 2, "from": "the pilots", "to": "order"}', "“the pilots refused every order” [2]"),
        ('```json\n{"passage": 2, "from": "the pilots", "to": "order"}\n```', "> the pilots refused every order\n>\n> [2]"),
    ],
)
def test_a_pointer_shows_the_sources_own_words(pointer: str, shown: str) -> None:
    assert checked(pointer, PASSAGES).text == shown


@pytest.mark.parametrize("pointer", ["[1:“the mayor … the canal”]", "[9:“the council”]", "[1:“the canal … The council”]"])
def test_a_pointer_that_leads_nowhere_quotes_nothing(pointer: str) -> None:
    answer = checked(f"So {pointer}.", PASSAGES)

    assert not any(isinstance(node, Quoted) for sentence in answer.sentences for node in sentence.nodes)
    assert broken([answer], PASSAGES) == []


def test_html_and_plain_text_hold_the_same_words() -> None:
    text = "# A head\n\nHe says “its members feared the cost” [1] & <b>more</b>.\n\n- “no” one\n  - two\n\n> The council did not approve the canal [1]\n"  # noqa: E501 — a table of texts

    html, plain = checked(text, PASSAGES, outlet="html").text, checked(text, PASSAGES, outlet="plain").text

    assert set(Seen(html).tags) == {"h3", "p", "span", "ul", "li", "blockquote"}
    assert "".join(Seen(html).text.split()).replace("-", "") == "".join(plain.split()).replace("-", "").replace(
        "“The", "The"
    ).replace("canal”", "canal")
    assert html.count("<") == html.count(">")
