r"""Writes the tree of an answer for one outlet each: Markdown for chat windows, HTML, plain text. All of it escapes.

Markdown: signs stand behind a backslash, which every chat window understands; of character references Open WebUI 0.12 shows
the code. An opening bracket needs none while no closing one can match it, and must have none: ``\[`` and ``\(`` begin a formula.
"""

import html
import re
from collections.abc import Sequence
from typing import Protocol

from rag.answer_tree import Cites, Inline, Opening, Outlet, Quoted, Words

_SIGN = re.compile(
    r"(?P<before_bracket>\\(?=[\[(]))"
    r"|[\\`*_~|^={}\]<>$@]"
    r"|&(?=[#A-Za-z])"  # what would be a character reference
    r"|:(?=[A-Za-z:/])"  # directives, emoji, addresses
    r"|(?<=www)\.",
    re.IGNORECASE,
)
_BEGINNING = re.compile(r"\A(?:[-+#]|(?P<number>\d{1,9})(?P<dot>[.)]))")
_LINE_ACTS = re.compile(r"^(\d{0,9})([.)]|[-+#=])(?=[\s#=-]|$)", re.MULTILINE)
"""What two nodes together would begin a line with; one alone is escaped already."""

_CLOSING = re.compile(r"(?:(?<![\\#])|(?<=\\#))#+\Z")
"""What would close a heading, and be lost."""

_EMPTY_LINES = re.compile(r"\n\s*\n")
"""What would end the block that the words stand in: only an opening does."""

_CITED_LINE = re.compile(r"^[^\S\n]*+(?:\[\d+\][^\S\n]*+)+\Z", re.MULTILINE)
_LINE_BREAK = re.compile(r"\r\n|\r|\n")
_CODE_ACTS = re.compile(r"<(?=[A-Za-z/!?])|(?<=[{$])(?=[{$])")
"""What front ends look for even in code: tags that they run, and the marks of their templates and formulas."""


def escape(text: str) -> str:
    """A text as Markdown within a paragraph; line breaks become spaces."""
    return " ".join(filter(None, map(_line, _LINE_BREAK.split(text))))


def paragraphs(text: str) -> str:
    """A text as Markdown, line for line; an empty line parts paragraphs, as it does in the text."""
    return "\n".join(map(_line, _LINE_BREAK.split(text.strip("\r\n"))))


def block_quote(text: str) -> str:
    """A text as a block quote in Markdown, line for line."""
    return "\n".join(f"> {line}".rstrip(" ") for line in paragraphs(text).split("\n"))


class Renderer(Protocol):
    """Writes the sentences of one answer one after another; what it gives, joined, is the answer."""

    def write(self, opens: Opening | None, nodes: Sequence[Inline]) -> str:
        """One more sentence; ``opens`` where it begins a block."""
        ...

    def finish(self) -> str:
        """What is to be written after the last sentence."""
        ...


class MarkdownRenderer:
    """Markdown that shows the tree in any chat window and does nothing else."""

    def __init__(self) -> None:
        self._before: Opening | None = None

    def write(self, opens: Opening | None, nodes: Sequence[Inline]) -> str:
        """One more sentence."""
        if opens is None:
            return f" {self._inline(nodes)}" if self._before else self._inline(nodes)
        depth = min(opens.depth, self._before.depth + 1) if self._before and self._before.kind == "item" else 0
        opens = Opening(opens.kind, depth, opens.number)
        parting = "" if self._before is None else "\n" if _goes_on(self._before, opens) else "\n\n"
        self._before = opens
        return parting + self._block(opens, nodes)

    def finish(self) -> str:
        """Nothing."""
        return ""

    def _block(self, opens: Opening, nodes: Sequence[Inline]) -> str:
        match opens.kind:
            case "heading":
                text = _CLOSING.sub(lambda match: "\\#" * len(match[0]), self._inline(nodes).replace("\n", " "))
                return f"{'#' * max(3, min(6, opens.number or 3))} {text}"
            case "item":
                sign = "-" if opens.number is None else f"{opens.number}."
                return f"{'    ' * opens.depth}{sign} {self._inline(nodes)}"
            case "quotation":
                quoted = [block_quote(node.text) for node in nodes if isinstance(node, Quoted)]
                cites = "".join(f"[{node.number}]" for node in nodes if isinstance(node, Cites))
                return "\n>\n".join([*quoted, *([f"> {cites}"] if cites else [])])
            case "code":
                text = "".join(node.text for node in nodes if isinstance(node, Words))
                return f"```\n{_code(text)}\n```"
        return self._inline(nodes)

    def _inline(self, nodes: Sequence[Inline]) -> str:
        out = ""
        for node in _effective(nodes):
            match node:
                case Words():
                    written = _words(node)
                    out += f" {written}" if _would_link(out, written[:1]) else written
                case Cites():
                    out += f"{' ' if out.endswith(chr(92)) else ''}[{node.number}]"
                case Quoted():
                    out += f"“{escape(node.text)}”"
        return _LINE_ACTS.sub(lambda match: f"{match[1]}\\{match[2]}", _EMPTY_LINES.sub("\n", out.strip()))


def _goes_on(before: Opening, opens: Opening) -> bool:
    """Whether a list item belongs to the list before it; another list needs an empty line, or it is read as the item's words."""
    alike = (before.number is None) == (opens.number is None) and before.depth == opens.depth
    return before.kind == opens.kind == "item" and alike


def _would_link(before: str, sign: str) -> bool:
    """Whether a citation and the sign after it would be a link, or at the beginning of a line a definition."""
    return before.endswith("]") and (sign in ("(", "[") or (sign == ":" and _CITED_LINE.search(before) is not None))


def _effective(nodes: Sequence[Inline]) -> list[Inline]:
    """The nodes with dress only where it holds: letters at both ends of the words, and no letter or other dress beside them.

    What has none is one run, so that no sign is escaped without its neighbour.
    """
    dressed: list[Inline] = []
    for at, node in enumerate(nodes):
        last = dressed[-1] if dressed else None
        if not isinstance(node, Words):
            dressed.append(node)
            continue
        follows = nodes[at + 1] if at + 1 < len(nodes) else None
        after = "" if not isinstance(follows, Words) else "*" if follows.style != "plain" else follows.text[:1]
        before = last.text[-1:] if isinstance(last, Words) else ""
        style = node.style if node.style == "plain" or _holds(node, before, after) else "plain"
        if style == "plain" and isinstance(last, Words) and last.style == "plain":
            dressed[-1] = Words(last.text + node.text)
        else:
            dressed.append(Words(node.text, style))
    return dressed


def _holds(node: Words, before: str, after: str) -> bool:
    text = node.text
    bare = text.strip()
    free = (text[:1].isspace() or not (before.isalnum() or before in ("*", "`", "\\"))) and (
        text[-1:].isspace() or not (after.isalnum() or after in ("*", "`"))
    )
    return bool(bare) and free and (node.style == "code" or (bare[0].isalnum() and bare[-1].isalnum()))


def _words(node: Words) -> str:
    text, bare = node.text, node.text.strip()
    if not bare:
        return _spaced(text)
    lead, trail = _spaced(text[: len(text) - len(text.lstrip())]), _spaced(text[len(text.rstrip()) :])
    match node.style:
        case "plain":
            return f"{lead}{paragraphs(bare)}{trail}"
        case "code":
            return f"{lead}`{_code(bare).replace(chr(10), ' ')}`{trail}"
        case _:
            sign = "**" if node.style == "strong" else "*"
            return f"{lead}{sign}{escape(bare)}{sign}{trail}"


def _spaced(space: str) -> str:
    return "\n" if "\n" in space else " " if space else ""


def _code(text: str) -> str:
    return _CODE_ACTS.sub(lambda match: f"{match[0]} ", text.strip("\n"))


class HtmlRenderer:
    """HTML of a few elements without attributes but one class; every character of the tree is text in it."""

    def __init__(self) -> None:
        self._closing = ""
        self._list = ""

    def write(self, opens: Opening | None, nodes: Sequence[Inline]) -> str:
        """One more sentence."""
        if opens is None:
            return f" {_html(nodes)}"
        closing, self._closing = self._closing, ""
        kind = "" if opens.kind != "item" else "ul" if opens.number is None else "ol"
        if kind != self._list:
            closing += (f"</{self._list}>" if self._list else "") + (f"<{kind}>" if kind else "")
            self._list = kind
        match opens.kind:
            case "heading":
                tag = f"h{max(3, min(6, opens.number or 3))}"
                start, self._closing = f"<{tag}>", f"</{tag}>"
            case "item":
                start, self._closing = "<li>" if opens.number is None else f'<li value="{opens.number}">', "</li>"
            case "quotation":
                start, self._closing = "<blockquote><p>", "</p></blockquote>"
            case "code":
                start, self._closing = "<pre>", "</pre>"
            case _:
                start, self._closing = "<p>", "</p>"
        return closing + start + _html(_set_apart(opens, nodes), bare=opens.kind == "quotation")

    def finish(self) -> str:
        """The end of what is open."""
        closing = self._closing + (f"</{self._list}>" if self._list else "")
        self._closing = self._list = ""
        return closing


_TAGS = {"emphasis": "em", "strong": "strong", "code": "code"}


def _html(nodes: Sequence[Inline], *, bare: bool = False) -> str:
    out = []
    for node in nodes:
        match node:
            case Words():
                text, tag = html.escape(node.text), _TAGS.get(node.style)
                out.append(f"<{tag}>{text}</{tag}>" if tag else text)
            case Cites():
                out.append(f"[{node.number}]")
            case Quoted():
                text = html.escape(node.text)
                out.append(text if bare else f'<span class="quoted">“{text}”</span>')
    return "".join(out)


class PlainRenderer:
    """Text without any markup, for terminals, logs and voices."""

    def __init__(self) -> None:
        self._before: Opening | None = None

    def write(self, opens: Opening | None, nodes: Sequence[Inline]) -> str:
        """One more sentence."""
        text = "".join(_plain(node) for node in _set_apart(opens, nodes)).strip()
        if opens is None:
            return f" {text}" if self._before else text
        parting = "" if self._before is None else "\n" if opens.kind == self._before.kind == "item" else "\n\n"
        self._before = opens
        sign = "" if opens.kind != "item" else "- " if opens.number is None else f"{opens.number}. "
        return parting + "  " * opens.depth + sign + text

    def finish(self) -> str:
        """Nothing."""
        return ""


def _plain(node: Inline) -> str:
    match node:
        case Words():
            return node.text
        case Cites():
            return f"[{node.number}]"
        case Quoted():
            return f"“{node.text}”"


def _set_apart(opens: Opening | None, nodes: Sequence[Inline]) -> Sequence[Inline]:
    """A quotation that is a block, with a space before its citation."""
    if opens is None or opens.kind != "quotation":
        return nodes
    quoted: list[Inline] = [node for node in nodes if isinstance(node, Quoted)]
    return [*quoted, Words(" "), *(node for node in nodes if isinstance(node, Cites))]


def renderer(outlet: Outlet) -> Renderer:
    """A new renderer for one answer."""
    renderers: dict[Outlet, type[MarkdownRenderer | HtmlRenderer | PlainRenderer]] = {
        "markdown": MarkdownRenderer, "html": HtmlRenderer, "plain": PlainRenderer,
    }  # fmt: skip
    return renderers[outlet]()


def _line(line: str) -> str:
    """One line, without the white space around it, which Markdown would read as code or as a line break."""
    return _BEGINNING.sub(_disarmed, _SIGN.sub(_escaped, line.strip(" \t")))


def _escaped(sign: re.Match[str]) -> str:
    return "&#92;" if sign["before_bracket"] else f"\\{sign[0]}"


def _disarmed(beginning: re.Match[str]) -> str:
    return f"{beginning['number']}\\{beginning['dot']}" if beginning["number"] else f"\\{beginning[0]}"
