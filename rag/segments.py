"""Cuts a stream of text into sentences, block quotes and code as soon as each is whole, wherever the stream was chopped.

A segment ends where no quotation, code span or citation is open, so each can be judged by itself. The same text
gives the same segments in whatever pieces it arrives: every decision waits for the characters it depends on. After a
fence in a list or an indentation, of which only a full parser could say where it ends, nothing is taken for a code block.
"""

import msgspec
import regex

from rag.checked import SegmentKind
from rag.markdown import closes_fence, fence_of, hide_opaque, may_open_fence, quote_prefix
from rag.quotes.extract import is_open

LONGEST = 8000
"""So many characters are held back at most; what has not ended by then is cut at a white space."""

_LOOKAHEAD = 80
_CITED = r"(?:[ \t]?\\?[\[【][^\]】\n]{1,60}[\]】](?:\([^()\s]{0,200}\))?)"
_STOP = r"(?<![.!?…。！？])[.!?…。！？]++[*_\"'”’»›)\]」』]*+"
_END = regex.compile(rf"(?P<stop>{_STOP}{_CITED}*\.?)[ \t]+(?=(?P<next>\S))|(?P<line>\n\s*?(?=[ \t]*\S))(?=(?P<next>[ \t]*\S))")
_CITATION = regex.compile(_CITED)
_STOPPED = regex.compile(rf"{_STOP}{_CITED}*\.?\s*\Z")
_BLOCK_SEEN = 12
"""So many characters tell what kind of block begins: an indentation, a list's number, the space after it."""

_NEW_BLOCK = regex.compile(r" {0,3}(?:>|`|~~~|#{1,6}[ \t]|[-*+•][ \t]|\d{1,3}[.)][ \t])")
_ABBREVIATION = regex.compile(
    r"(?:(?:\A|\n)[ \t]*\(?\d{1,3}"
    r"|\b(?:\p{L}|Mr|Mrs|Ms|Dr|Prof|St|Gen|Col|Capt|Lt|Rev|Jr|Sr|vol|no|p|pp|ed|eds|cf|vs|e\.g|i\.e))\.\Z",
    regex.IGNORECASE,
)


class Segment(msgspec.Struct, frozen=True):
    """A stretch of an answer; the segments of an answer joined are the answer."""

    kind: SegmentKind
    text: str


class Segmenter:
    """Takes a text in pieces and gives its segments."""

    def __init__(self) -> None:
        self._held = ""
        self._fence = ""
        self._doubtful = False
        self._scanned = 0
        self._at_line_start = True

    def feed(self, piece: str) -> list[Segment]:
        """The segments that this piece completes."""
        self._held += piece
        return self._cut(finished=False)

    def finish(self) -> list[Segment]:
        """What is left, at the end of the text."""
        return self._cut(finished=True)

    def _cut(self, *, finished: bool) -> list[Segment]:
        segments: list[Segment] = []
        at = 0
        while at < len(self._held):
            window = self._held[at : at + LONGEST + _LOOKAHEAD]
            kind, length = self._next(window, last=finished and at + len(window) == len(self._held))
            if not length:
                break
            segments.append(Segment(kind, window[:length]))
            self._doubtful = self._doubtful or (kind != "code" and may_open_fence(window[:length]))
            self._at_line_start = window[length - 1] == "\n"
            self._scanned = 0
            at += length
        self._held = self._held[at:]
        return segments

    def _next(self, window: str, *, last: bool) -> tuple[SegmentKind, int]:
        """Kind and length of the next segment; length 0 while that cannot be said yet."""
        if not self._at_line_start and not self._fence:
            return "sentence", self._sentence(window, last=last)
        line_end = _line_end(window, 0, last=last)
        if not line_end and (self._fence or window.lstrip(" ")[:1] in ("", "`", "~", ">")):
            return "space", 0
        line = window[:line_end] if line_end else window
        if self._fence or (fence_of(line) and not self._doubtful):
            closes = bool(self._fence) and closes_fence(line, self._fence)
            self._fence = "" if closes else self._fence or fence_of(line)
            return "code", line_end
        if quote_prefix(line):
            return "block", _block(window, last=last)
        if not line.strip():
            return "space", line_end
        return "heading" if line.lstrip(" ").startswith("#") else "sentence", self._sentence(window, last=last)

    def _sentence(self, window: str, *, last: bool) -> int:
        for match in _END.finditer(window, self._scanned):
            end = match.start("next")
            if end > LONGEST:
                break
            if match["next"] in "[【\\" and len(window) - end < _LOOKAHEAD and not last:
                return 0  # perhaps a citation of the sentence that has just ended
            if match["line"] and len(window) - match.end("line") < _BLOCK_SEEN and not last:
                return 0  # perhaps the beginning of a list or a heading
            belongs_to_it = not match["line"] and _CITATION.match(window, end)
            if not belongs_to_it and (_ends_line(window, match) if match["line"] else _ends_sentence(window, match)):
                return end
            self._scanned = end
        if len(window) == LONGEST + _LOOKAHEAD:
            return window.rfind(" ", 1, LONGEST) + 1 or LONGEST
        return len(window) if last else 0


def _ends_sentence(window: str, match: regex.Match[str]) -> bool:
    if match["stop"][0] in ".…" and window[match.start("stop") - 1 : match.start("stop")].isspace():
        return False  # dots that stand free leave something out; they end nothing
    stop = window[max(0, match.end("stop") - 40) : match.end("stop")]
    return not match["next"].islower() and not _ABBREVIATION.search(stop) and not _holds(window[: match.start("next")])


def _ends_line(window: str, match: regex.Match[str]) -> bool:
    """A sentence ends with its line where it stops there, or where a new paragraph or block begins."""
    before, end = window[: match.start("next")], match.start("next")
    if match["line"].count("\n") > 1:
        return not is_open(hide_opaque(before) + match["next"].strip())
    if _NEW_BLOCK.match(window, end):
        hidden = hide_opaque(before)
        return not is_open(hidden + match["next"].strip()) and "`" not in hidden
    return _STOPPED.search(before[-200:]) is not None and not _holds(before)


def _holds(text: str) -> bool:
    """Whether a quotation or a code span is open at its end."""
    hidden = hide_opaque(text)
    return "`" in hidden or is_open(hidden)


def _line_end(window: str, start: int, *, last: bool) -> int:
    """Where the line that begins at ``start`` ends; 0 while that is not to be seen."""
    end = window.find("\n", start, LONGEST) + 1
    if end:
        return end
    return min(len(window), LONGEST) if last or len(window) > LONGEST else 0


def _block(window: str, *, last: bool) -> int:
    """As many lines as begin with ``>``; the beginning of the line after must be seen."""
    end = 0
    while line_end := _line_end(window, end, last=last):
        end = line_end
        if end >= min(len(window), LONGEST):
            return end if last or len(window) > LONGEST else 0
        following = window[end : end + 4]
        if not following.strip(" ") and len(following) < 4 and not last:
            return 0
        if not quote_prefix(following):
            return end
    return 0
