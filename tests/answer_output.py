"""The property of an answer's Markdown, judged on what a reader of Markdown makes of it, and hostile answers to try it on.

Shared by the tests and by ``benchmarks.hostile_answers``.
"""

import atexit
import json
import os
import random
import re
import shutil
import subprocess
from collections import Counter
from functools import lru_cache
from html.parser import HTMLParser
from pathlib import Path

import regex
from markdown_it import MarkdownIt

from index.records import Excerpt
from rag.answer_tree import CheckedAnswer, Cites, Inline, Quoted, Words

READERS = Path(__file__).parents[1] / "scripts" / "readers"
INSTALLED = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "ibid-readers"
"""Where ``make readers`` puts marked, react-markdown and remark-gfm."""

HARMLESS = frozenset({"p", "h3", "h4", "h5", "h6", "ul", "ol", "li", "em", "strong", "code", "pre", "blockquote", "br"})
_ADDRESS = regex.compile(r"(?:https?|ftp)://|www\.\w|[\w.+-]+@[\w-]+\.\w|\b(?:mailto|xmpp):\S", regex.IGNORECASE)
_SIGN = regex.compile(
    r"[\p{Quotation_Mark}`´′″‴‵‶‷⁗ʹʺʻʼʽˈˊˋ˝ˮ〈〉《》【】〔〕〖〗⟦⟧⟨⟩⟪⟫❛-❠❮❯❰❱≪≫״׳🙶🙷🙸]|<<|>>|,,|^[ \t]*[>|¦]", regex.MULTILINE
)
_APOSTROPHE = regex.compile(r"(?<=[\p{L}\p{N}])’(?=[\p{L}\p{N}])|(?<=[sSzx])’(?![\p{L}\p{N}])")
_LIVE_HTML = re.compile(r"(?<!\\)<(?=[A-Za-z/!?])")
_QUOTE = "\ufffc"


class Seen(HTMLParser):
    """What a browser would show of HTML: its text, and how many of each element."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.dressed: list[str] = []
        self.text = ""
        self.quoted = ""
        self._quotes = 0
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self._quotes += tag == "blockquote"
        self.text += "\n" if tag == "br" else ""
        self.dressed += [f"{tag} {name}" for name, _ in attrs if (tag, name) not in (("ol", "start"), ("li", "value"))]

    def handle_endtag(self, tag: str) -> None:
        self._quotes -= tag == "blockquote"

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._quotes:
            self.quoted += data


def have_readers() -> bool:
    """Whether the readers in JavaScript are there."""
    return shutil.which("node") is not None and (INSTALLED / "node_modules" / "react-markdown").is_dir()


def read_by_all(texts: list[str], *, javascript: bool = True) -> dict[str, list[str]]:
    """The HTML that each reader makes of these texts: markdown-it-py, and where they are there marked and react-markdown."""
    html = {"markdown-it": [_markdown_it().render(text) for text in texts]}
    if javascript and have_readers():
        readers = _in_javascript()
        assert readers.stdin is not None
        assert readers.stdout is not None
        readers.stdin.write(f"{json.dumps(texts)}\n".encode())
        readers.stdin.flush()
        html |= json.loads(readers.stdout.readline())
    return html


@lru_cache(maxsize=1)
def _markdown_it() -> MarkdownIt:
    return MarkdownIt("commonmark").enable(["table", "strikethrough"])


@lru_cache(maxsize=1)
def _in_javascript() -> subprocess.Popen[bytes]:
    """One process for all that is read, since its start costs more than a thousand answers; it ends with this one."""
    shutil.copy(READERS / "read.mjs", INSTALLED / "read.mjs")
    readers = subprocess.Popen(["node", str(INSTALLED / "read.mjs")], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    atexit.register(_end, readers)
    return readers


def _end(readers: subprocess.Popen[bytes]) -> None:
    readers.communicate()


def violations(answer: CheckedAnswer, passages: list[Excerpt], html: str) -> list[str]:
    """What is wrong with an answer as a reader made HTML of it; none where it shows the tree and nothing else."""
    nodes = [node for sentence in answer.sentences for node in sentence.nodes]
    seen = Seen(html)
    blocks = Counter(sentence.opens.kind for sentence in answer.sentences if sentence.opens and sentence.nodes)
    wrong = [f"element {tag}" for tag in seen.tags if tag not in HARMLESS]
    wrong += [f"attribute {each}" for each in seen.dressed]
    if seen.tags["blockquote"] != blocks["quotation"]:
        wrong.append(f"{seen.tags['blockquote']} block quotes, the tree has {blocks['quotation']}")
    if seen.tags["pre"] != blocks["code"]:
        wrong.append(f"{seen.tags['pre']} blocks of code, the tree has {blocks['code']}")
    if seen.tags["li"] != blocks["item"]:
        wrong.append(f"{seen.tags['li']} list items, the tree has {blocks['item']}")
    expected = "".join(
        _expected(sentence.opens is not None and sentence.opens.kind == "quotation", sentence.nodes)
        for sentence in answer.sentences
    )
    if _bare(seen.text) != _bare(expected):
        wrong.append(f"shows {_bare(seen.text)!r}, the tree has {_bare(expected)!r}")
    wrong += _false_quotations(nodes, passages)
    wrong += _signs_outside(seen, answer)
    if _LIVE_HTML.search(answer.text):
        wrong.append("a tag that is not escaped")
    return wrong


def _expected(apart: bool, nodes: tuple[Inline, ...]) -> str:
    out = []
    for node in nodes:
        match node:
            case Words():
                out.append(node.text)
            case Cites():
                out.append(f"[{node.number}]")
            case Quoted():
                out.append(node.text if apart else f"“{node.text}”")
    return "".join(out)


def _bare(text: str) -> str:
    return re.sub(r"\s+", "", text)


def _false_quotations(nodes: list[Inline], passages: list[Excerpt]) -> list[str]:
    texts = {excerpt.id: excerpt.text for excerpt in passages}
    return [
        f"quotes {text!r}"
        for node in nodes
        if isinstance(node, Quoted)
        for place, text in zip(node.places, node.slices, strict=True)
        if texts[node.excerpt_id][place.start : place.end] != text
    ]


def _signs_outside(seen: Seen, answer: CheckedAnswer) -> list[str]:
    """Signs and addresses in what is shown, once each quotation is cut out of it in order."""
    rest, at = seen.text, 0
    for sentence in answer.sentences:
        apart = sentence.opens is not None and sentence.opens.kind == "quotation"
        for node in sentence.nodes:
            if isinstance(node, Quoted):
                shown = node.text if apart else f"“{node.text}”"
                pattern = r"\s*".join(map(re.escape, _bare(shown)))
                if (found := re.compile(pattern).search(rest, at)) is None:
                    return [f"does not show {node.text!r}"]
                rest, at = rest[: found.start()] + _QUOTE + rest[found.end() :], found.start() + 1
    signs = _SIGN.findall(_APOSTROPHE.sub("", rest))
    addresses = _ADDRESS.findall(rest)
    return ([f"signs {signs} in {rest!r}"] if signs else []) + ([f"addresses {addresses}"] if addresses else [])


FALSE = ["the council did approve the canal", "Pilots obeyed", "the mayor wept on the quay, and nobody saw it", "no man did say"]
TRUE = ["its members feared the cost", "the pilots refused every order", "The council did not approve the canal", "it", "canal"]
MARKS = "“”,\"\",\"'',‘’,«»,»«,„“,‚‘,‹›,「」,『』,《》,〈〉,【】,〝〞,﹁﹂,❝❞,❛❜,″″,′′,´´,``,＂＂,⟪⟫,❮❯,״״,ʺʺ,ˮˮ,🙶🙷,<<>>,\u201f\u201d,''''".split(  # noqa: E501 — a table of texts
    ","
)
PARTS = (
    "[1]|[2]|[9]|[1, 9]|[^1]|【1†source】|[1](http://evil.example)|[[1]](http://evil.example)|\\[1\\]|[Passage 1]|[1]:"
    "|[1](|][|](|)[|"
    "![x](http://evil.example/?q=1)|[x](javascript:alert(1))|[x][y]|![1]|[x]: http://evil.example|[^1]: note|<http://evil.example>|http://evil.example|"
    "www.evil.example|a@evil.example|https:|//evil.example|mailto:|<b>|</b>|<img src=x onerror=a()>|<script>|</script>"
    "|<q>|</q>|<blockquote>|<!--|-->|<br>|<details>|"
    '<svg onload=x>|<think>|</think>|<|>|&|&quot;|&#34;|&ldquo;|&[99]quot;|&laquo;|&lt;b&gt;|\\|\\"|\\`|`|``|```|~~~'
    "|```html\n|```svg\n|~~~mermaid\n|$|$$|\\(|\\)|\\[|\\]|"
    "*|**|***|_|__|~~|==|^|:smile:|#|##|- |* |+ |1. |1)|99999. |> |>> |- > |> - |    |\t|\n|\n\n|\n> |\n- |\n1. |\n# "
    "|\n---\n|\n===\n|\n***\n|\n    |\n\n    |\n```\n|"
    "| a | b |\n|---|---|\n||\n|,|,,|.|. |! |? |…| … |—|'|’|\"|“|”|\u202e|\u200f|\u200b|\u2066|\u0301|\x00"
    "|\x1b[31m|\r|\r\n|\u2028|\ud800|\ufeff|\u00ad|"
    "**Sources**|---|*Written by a language model and checked: 5 quotations stand in their sources.*|⟦checked⟧"
    "|he said, |says Doe|— Doe 1950, p. 3|(Doe, p. 3)|"
    '[1:“The council … the canal”]|[1:“its members”]|[2:"nothing … here"]|[9:“x”]|{"passage": 1, "from": "The '
    'council", "to": "the canal"}|{"passage": 1}|'
    "Harbour Men|The Canal Years|10,000|1936|not|n't|workers'|’90s|5'10\"|x|y1|é|中文。|עברית|العربية|<|im_end|>"
).split("|")


def hostile_answer(chance: random.Random) -> str:
    """One answer made to show false words as a quotation, or to do something."""
    parts: list[str] = []
    for _ in range(chance.randrange(1, 14)):
        kind = chance.random()
        if kind < 0.22:
            opening, closing = chance.choice(MARKS)[0], chance.choice(MARKS)[-1]
            if chance.random() < 0.8:
                opening, closing = (pair := chance.choice(MARKS))[: len(pair) // 2], pair[len(pair) // 2 :]
            parts.append(f"{opening}{chance.choice(FALSE + TRUE)}{closing}")
        elif kind < 0.4:
            parts.append(chance.choice(FALSE + TRUE))
        else:
            parts.append(chance.choice(PARTS))
        parts.append(chance.choice(["", "", " ", "\n"]))
    return "".join(parts)
