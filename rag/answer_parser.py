"""Reads a model's text as far as it has come: blocks and sentences as soon as each is whole, then what stands in them.

The lines of a text fall into chunks by where a block begins; markdown-it reads each chunk, and of what it finds only the words
and their dress are kept. No address, HTML, definition or fence of the model's is ever passed on. The same text gives the same
pieces in whatever parts it arrives: every decision waits for the characters that it depends on.
"""

from functools import lru_cache
from html import unescape
from typing import TYPE_CHECKING, Literal

import msgspec
import regex

from rag.answer_tree import Opening, Style
from rag.quotes.extract import is_open

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

LONGEST = 8000
"""So many characters are held back at most; what has not ended by then is cut, and what was open at the cut is not closed."""

MOST_TRIED = 64
"""So many ends of sentences are tried within something that is open; then the paragraph is read as one."""

MOST_ITEMS = 99
"""What begins with a higher number and a point is no list item: it is a year."""

DEEPEST = 3
"""List items nested deeper are shown at this depth."""

_LOOKAHEAD = 80
_HEAD = 16
"""So many characters tell what kind of block a line begins, unless its end decides."""

_CITED = r"(?:[ \t]?\\?[\[【][^\]】\n]{1,60}[\]】](?:\([^()\s]{0,200}\))?)"
_STOP = r"(?<![.!?…。！？])[.!?…。！？]++[*_\"'”’»›)\]」』]*+"
_END = regex.compile(rf"(?P<stop>{_STOP}{_CITED}{{0,8}}+\.?)(?:[ \t]*+\n[ \t]*+|[ \t]++|(?<=[。！？][”」』]?))(?=(?P<next>\S))")
_CITATION = regex.compile(_CITED)
_ABBREVIATION = regex.compile(
    r"(?:(?:\A|\n)[ \t]*\(?\d{1,3}"
    r"|\b(?:\p{L}|Mr|Mrs|Ms|Dr|Prof|St|Gen|Col|Capt|Lt|Rev|Jr|Sr|vol|no|p|pp|ed|eds|cf|vs|e\.g|i\.e))\.\Z",
    regex.IGNORECASE,
)
_FENCE = regex.compile(r"(?P<indent> {0,3})(?P<fence>`{3,}(?=[^`]*\Z)|~{3,})")
_CLOSING = regex.compile(r" {0,3}(`{3,}|~{3,})[ \t]*\Z")
_ITEM = regex.compile(r"(?P<indent> {0,3})(?:[-*+]|\d{1,9}[.)])(?=[ \t]|\Z)")
_RULE = regex.compile(r" {0,3}([-*_])[ \t]*+(?:\1[ \t]*+){2,}\Z")
_HEADING = regex.compile(r" {0,3}#{1,6}(?=[ \t]|\Z)")
_QUOTE = regex.compile(r" {0,3}>")
_DEFINITION = regex.compile(r" {0,3}\[\^?\d{1,3}\]:")
_SPECIAL = frozenset("`~-*_+>#[0123456789")
_UNDERSCORES = regex.compile(r"(?<!\w)_+|_+(?!\w)")
_TAG_OPEN = regex.compile(r"<[A-Za-z/!][^<>]*\Z")
_POINTER_OPEN = regex.compile(r"\{[^{}]*\Z")

LineKind = Literal["blank", "fence", "rule", "heading", "item", "quote", "definition", "indented", "text"]


class Piece(msgspec.Struct, frozen=True):
    """A stretch of the text as it came: a sentence of a paragraph (``opens`` where it is its first), or a whole block."""

    kind: Literal["sentence", "block"]
    text: str
    opens: bool = True


class Run(msgspec.Struct, frozen=True):
    """Words in one dress, as a reader of Markdown would see them."""

    text: str
    style: Style = "plain"


class Leaf(msgspec.Struct, frozen=True):
    """What stands in one block: the source of its inline content, or code; ``quoted`` within a block quote."""

    opening: Opening
    content: str
    quoted: bool = False


def line_kind(line: str, *, complete: bool) -> LineKind | None:
    """What a line begins as; None while its rest could change that. ``line`` has no line break."""
    bare = line.lstrip(" \t")
    if not complete and (not bare or (bare[0] in _SPECIAL and len(bare) < _HEAD)):
        return None
    if not bare:
        return "blank"
    if line.startswith(("    ", "\t", " \t", "  \t", "   \t")):
        return "indented"
    if bare.startswith(("```", "~~~")) and not complete:
        return None
    if _FENCE.match(line):
        return "fence"
    if bare[0] in "-*_" and not complete and not bare.strip(f"{bare[0]} \t"):
        return None
    kinds: tuple[tuple[regex.Pattern[str], LineKind], ...] = (
        (_RULE, "rule"), (_HEADING, "heading"), (_ITEM, "item"), (_QUOTE, "quote"), (_DEFINITION, "definition"),
    )  # fmt: skip
    return next((kind for pattern, kind in kinds if pattern.match(line)), "text")


class AnswerReader:
    """Takes a text in parts and gives its pieces."""

    def __init__(self) -> None:
        self._held = ""
        self._chunk: list[str] = []
        self._length = 0
        self._kind: LineKind | None = None
        self._fence = ""
        self._indent = 0
        self._blank_before = False
        self._sentences: _Sentences | None = None
        self._line_begins = True
        self._waits = False

    def feed(self, part: str) -> list[Piece]:
        """The pieces that this part completes."""
        self._held += part
        if self._waits and "\n" not in part and len(self._held) < LONGEST:
            return []
        return self._read(last=False)

    def finish(self) -> list[Piece]:
        """What is left, at the end of the text."""
        pieces = self._read(last=True)
        return pieces + self._close()

    def _read(self, *, last: bool) -> list[Piece]:
        pieces: list[Piece] = []
        at, self._waits = 0, False
        while at < len(self._held):
            end = self._held.find("\n", at, at + LONGEST)
            line = self._held[at:end] if end >= 0 else self._held[at : at + LONGEST]
            complete = end >= 0 or last or len(line) == LONGEST
            if self._sentences is not None and not self._line_begins:
                pieces += self._sentences.feed(line)
            else:
                kind = line_kind(line.removesuffix("\r"), complete=complete)
                self._waits = kind is not None and self._whole_lines(kind) and not complete
                if kind is None or self._waits:
                    break
                pieces += self._take(line.removesuffix("\r"), kind)
            self._line_begins = end >= 0
            at = end + 1 if end >= 0 else at + len(line)
        self._held = self._held[at:]
        return pieces

    def _whole_lines(self, kind: LineKind) -> bool:
        return kind not in ("text", "definition") if self._sentences is not None or self._kind is None else True

    def _take(self, line: str, kind: LineKind) -> list[Piece]:
        """One more line, or the beginning of one of a paragraph."""
        pieces: list[Piece] = []
        if self._ends_block(line, kind):
            pieces += self._close()
        if self._sentences is not None:
            return pieces + self._sentences.feed("\n" + line)
        if self._kind is None:
            if kind in ("blank", "rule"):
                return pieces
            if kind in ("text", "definition"):
                self._sentences = _Sentences()
                return pieces + self._sentences.feed(line)
            self._begin(line, kind)
        self._chunk.append(line)
        self._length += len(line) + 1
        self._blank_before = kind == "blank"
        closes = self._kind == "fence" and len(self._chunk) > 1 and _closes_fence(line, self._fence)
        if closes or self._kind == "heading":
            pieces += self._close()
        elif self._length > LONGEST:
            fence = self._fence
            pieces += self._close()
            if fence:
                self._begin(fence, "fence")
                self._chunk = [fence]
        return pieces

    def _begin(self, line: str, kind: LineKind) -> None:
        self._kind = kind
        self._indent = len(line) - len(line.lstrip(" "))
        match = _FENCE.match(line)
        self._fence = match["fence"] if kind == "fence" and match else ""

    def _ends_block(self, line: str, kind: LineKind) -> bool:
        """Whether the block that is open ends before this line."""
        if self._sentences is not None:
            return kind not in ("text", "indented")
        indent = len(line) - len(line.lstrip(" "))
        match self._kind:
            case "indented":
                return kind not in ("indented", "blank")
            case "quote":
                return kind not in ("quote", "text", "indented")
            case "item" if kind == "blank":
                return False
            case "item":
                begins = kind not in ("text", "indented") and indent <= self._indent + 1
                return begins or (self._blank_before and indent < self._indent + 2 and not line.startswith("\t"))
        return False

    def _close(self) -> list[Piece]:
        if self._sentences is not None:
            pieces = self._sentences.finish()
        else:
            pieces = [Piece("block", "\n".join(self._chunk))] if self._chunk else []
        self._chunk, self._length, self._kind, self._fence, self._sentences = [], 0, None, "", None
        return pieces


class _Sentences:
    """Cuts one paragraph into sentences, each where nothing is open."""

    def __init__(self) -> None:
        self._text = ""
        self._scanned = 0
        self._tried = 0
        self._opens = True

    def feed(self, part: str) -> list[Piece]:
        self._text += part
        pieces: list[Piece] = []
        while end := self._next(last=False):
            pieces += self._cut(end)
        return pieces

    def finish(self) -> list[Piece]:
        pieces: list[Piece] = []
        while end := self._next(last=True):
            pieces += self._cut(end)
        return pieces + self._cut(len(self._text))

    def _cut(self, end: int) -> list[Piece]:
        text, self._text = self._text[:end], self._text[end:]
        self._scanned = self._tried = 0
        if not text.strip():
            return []
        piece = Piece("sentence", text, opens=self._opens)
        self._opens = False
        return [piece]

    def _next(self, *, last: bool) -> int:
        """Where the next sentence ends; 0 while that cannot be said."""
        if self._tried < MOST_TRIED:
            for match in _END.finditer(self._text, self._scanned):
                end = match.start("next")
                if end > LONGEST or self._tried == MOST_TRIED:
                    break
                if match["next"] in "[【\\" and len(self._text) - end < _LOOKAHEAD and not last:
                    return 0  # perhaps a citation of the sentence that has just ended
                if not _CITATION.match(self._text, end) and _ends_sentence(self._text, match):
                    return end
                self._tried += 1
                self._scanned = end
        if len(self._text) > LONGEST + _LOOKAHEAD:
            return max(self._text.rfind(mark, 1, LONGEST) for mark in " \n") + 1 or LONGEST
        return 0


def read_block(text: str) -> list[Leaf]:
    """What stands in a block that is no paragraph: the inline contents and the code in it, each with where it stands."""
    leaves: list[Leaf] = []
    quotes, lists = 0, 0
    item: int | None = None
    in_item, delimiter = False, ""
    level = 0
    for token in _markdown().parse(text):
        match token.type:
            case "blockquote_open" | "blockquote_close":
                quotes += token.nesting
            case "bullet_list_open" | "ordered_list_open" | "bullet_list_close" | "ordered_list_close":
                lists += token.nesting
            case "list_item_open":
                item, in_item, delimiter = int(token.info) if token.info.isdigit() else None, True, token.markup
            case "list_item_close":
                in_item = False
            case "heading_open":
                level = int(token.tag[1:])
            case "heading_close":
                level = 0
            case "inline":
                opening = _opening(level, lists, item, in_item=in_item)
                year = f"{item}\\{delimiter} " if opening.kind == "paragraph" and in_item else ""
                leaves.append(Leaf(opening, year + token.content, quotes > 0))
                in_item = False
            case "fence" | "code_block":
                leaves.append(Leaf(Opening("code"), token.content, quotes > 0))
                in_item = False
    return leaves


def read_sentences(content: str) -> list[str]:
    """The sentences of one block's inline content."""
    sentences = _Sentences()
    return [piece.text for piece in [*sentences.feed(content), *sentences.finish()]]


def read_inline(text: str) -> list[Run]:
    """The words of inline Markdown, each run with its dress; links and pictures are what they are called, HTML is nothing.

    A link called by a number is a citation and gets its brackets back.
    """
    runs: list[Run] = []
    emphasis = strong = 0
    links: list[int] = []
    (inline,) = _markdown().parseInline(text)
    for token in inline.children or ():
        match token.type:
            case "em_open" | "em_close":
                emphasis += token.nesting
            case "strong_open" | "strong_close":
                strong += token.nesting
            case "link_open":
                links.append(len(runs))
            case "link_close":
                _bracket(runs, links.pop())
            case "code_inline":
                runs.append(Run(token.content, "code"))
            case _ if shown := _shown(token):
                runs.append(Run(shown, "strong" if strong else "emphasis" if emphasis else "plain"))
    return _joined(runs)


def _shown(token: "Token") -> str:
    match token.type:
        case "softbreak" | "hardbreak":
            return "\n"
        case "html_inline":
            if not _TAG.fullmatch(token.content):
                return token.content
            return " " if _PARTING.match(token.content) else ""
        case "image":
            return "".join(_shown(child) for child in token.children or ())
        case "text" | "text_special":
            return token.content
    return ""


_TAG = regex.compile(r"</?[a-z][a-z0-9-]*\s*/?>|<[^<>]*=[^<>]*>|<[!?][^<>]*>", regex.IGNORECASE)
"""What is surely HTML: words between angle brackets are shown."""

_PARTING = regex.compile(r"</?(?:br|p|div|li|td|th|tr|h[1-6]|q|blockquote)\b", regex.IGNORECASE)
_LABEL = regex.compile(r"\^?\d{1,3}(?:[,;–-] ?\d{1,3}){0,30}")


def _bracket(runs: list[Run], start: int) -> None:
    if _LABEL.fullmatch("".join(run.text for run in runs[start:])):
        runs[start:] = [Run("["), *runs[start:], Run("]")]


def _joined(runs: list[Run]) -> list[Run]:
    joined: list[Run] = []
    for run in runs:
        if joined and joined[-1].style == run.style:
            joined[-1] = Run(joined[-1].text + run.text, run.style)
        else:
            joined.append(run)
    return joined


def _opening(level: int, lists: int, item: int | None, *, in_item: bool) -> Opening:
    if level:
        return Opening("heading", number=level)
    numbered = item is None or item <= MOST_ITEMS
    return Opening("item", min(lists - 1, DEEPEST), item) if in_item and lists and numbered else Opening("paragraph")


def _closes_fence(line: str, fence: str) -> bool:
    match = _CLOSING.match(line)
    return match is not None and match[1].startswith(fence)


def _ends_sentence(text: str, match: regex.Match[str]) -> bool:
    start, end = match.start(), match.start("next")
    if match["stop"][0] in ".…" and text[start - 1 : start].isspace():
        return False  # dots that stand free leave something out; they end nothing
    stop = text[max(0, match.end("stop") - 40) : match.end("stop")]
    return not match["next"].islower() and not _ABBREVIATION.search(stop) and not _holds(text[:end])


def _holds(text: str) -> bool:
    """Whether something is open at the end of a text that its rest could close."""
    if text.count("`") % 2 or text.count("*") % 2 or text.count("[") > text.count("]"):
        return True
    if text.rfind("](") > text.rfind(")") or _TAG_OPEN.search(text[-LONGEST:]) or _POINTER_OPEN.search(text):
        return True
    return len(_UNDERSCORES.findall(text)) % 2 == 1 or is_open(unescape(text) if "&" in text else text)


@lru_cache(maxsize=1)
def _markdown() -> "MarkdownIt":
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": True}).enable("strikethrough").disable(["reference", "html_block", "lheading"])
