"""Reads Rich Text: paragraphs, headings by their outline level, notes tied to their place.

A reader of our own, because pandoc's drops letters behind quotation marks and runs notes into the text (3.9). Formatting is not
kept; pictures, fields' instructions, headers and whatever else is not shown as text are left out (Rich Text Format 1.9.1).
"""

import codecs
import re
from pathlib import PurePath

from index.errors import FileUnreadable
from index.readers.cited_fields import people_of
from index.readers.document_citations import own_citation
from index.readers.renditions import Rendering
from index.records import CslItem, PlaceKind, Reading, SourceFile

_TOKEN = re.compile(rb"\\([a-z]{1,32})(-?[0-9]{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-z])|([{}])|[\r\n]+|([^\\{}\r\n]+)", re.DOTALL)
_LEFT_OUT = frozenset(
    """
    fonttbl colortbl stylesheet pict object header headerl headerr headerf footer footerl footerr footerf listtable
    listoverridetable
    rsidtbl generator themedata colorschememapping datastore latentstyles xmlnstbl fldinst bkmkstart bkmkend nonshppict template
    ftnsep ftnsepc ftncn aftnsep aftnsepc aftncn revtbl filetbl pgptbl private comment annotation atnid atnauthor
    falt panose shpinst
    """.split()
)
_INFO = frozenset({"title", "author"})
_SIGNS = {
    "tab": "\t", "cell": "\t", "nestcell": "\t", "line": "\n", "lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”",
    "emdash": "—", "endash": "–", "bullet": "•", "emspace": "\u2003", "enspace": "\u2002",
}  # fmt: skip
_ENDS = frozenset({"par", "row", "nestrow", "sect", "page"})
_SYMBOLS = {b"~": "\u00a0", b"_": "\u2011", b"\\": "\\", b"{": "{", b"}": "}", b"\n": "\n", b"\r": "\n"}
_DEEPEST = 2_000
_HIGH_SURROGATES = range(0xD800, 0xDC00)


class _State:
    """What holds within a group."""

    def __init__(self, above: "_State | None" = None) -> None:
        self.left_out: bool = above.left_out if above else False
        self.hidden: bool = above.hidden if above else False
        self.into: str = above.into if above else ""
        self.fallback: int = above.fallback if above else 1


class RtfReader:
    """A Rich Text file."""

    name = "rtf"

    def accepts(self, file: SourceFile) -> bool:
        """Whether the first bytes say so."""
        return file.data.startswith(b"{\\rtf")

    def read(self, file: SourceFile) -> list[Reading]:
        """One reading. Raises FileUnreadable when groups nest too deep, or it is no Rich Text."""
        if not self.accepts(file):
            raise FileUnreadable(f"{file.name!r} is no Rich Text", rule="it begins with {\\rtf", remedy="name another reader")
        document = _Document(Rendering(file))
        document.read(file)
        title, author = document.info.get("title", ""), document.info.get("author", "")
        csl: CslItem = {"type": "document", "title": title, "author": people_of(author)}
        own = own_citation(file, csl if title and author else None, title)
        return [document.rendering.reading(reader=self.name, title=title or PurePath(file.name).stem, cited_as=own)]


class _Document:
    def __init__(self, rendering: Rendering) -> None:
        self.rendering = rendering
        self.info: dict[str, str] = {}
        self._parts: dict[str, list[str]] = {"": [], "footnote": [], "title": [], "author": []}
        self._within: list[tuple[int, PlaceKind, str]] = []
        self._notes: list[tuple[str, str]] = []
        self._level = 0
        self._codec = "cp1252"
        self._skip = 0
        self._count = 0

    def read(self, file: SourceFile) -> None:
        states = [_State()]
        starred = False
        for token in _TOKEN.finditer(file.data):
            word, number, code, symbol, brace, text = token.groups()
            if brace == b"{":
                if len(states) > _DEEPEST:
                    raise FileUnreadable(
                        f"{file.name!r} nests more than {_DEEPEST:,} groups",
                        rule="Rich Text nests some dozens",
                        remedy="leave it out",
                    )
                states.append(_State(states[-1]))
            elif brace == b"}":
                self._close(states.pop() if len(states) > 1 else states[0], states[-1])
            elif symbol == b"*":
                starred = True
                continue
            elif word:
                self._word(word.decode("ascii"), int(number) if number else None, states[-1], starred=starred)
            elif code:
                self._add(bytes([int(code, 16)]).decode(self._codec, "replace"), states[-1], fallback=True)
            elif symbol:
                self._add(_SYMBOLS.get(symbol, ""), states[-1], fallback=True)
            elif text:
                self._text(text.decode(self._codec, "replace"), states[-1])
            starred = False
        self._paragraph()

    def _word(self, word: str, number: int | None, state: _State, *, starred: bool) -> None:
        if word in _LEFT_OUT or (starred and word not in ("footnote", "shppict")):
            state.left_out = True
        elif word == "ansicpg":
            self._codec = _codec(number or 1252)
        elif word == "uc":
            state.fallback = number if number is not None else 1
        elif word == "u" and number is not None:
            self._add(chr(number % 65_536), state)
            self._skip = state.fallback
        elif word == "footnote":
            state.into = "footnote"
            self._parts["footnote"] = []
        elif word in _INFO:
            state.into = word
        elif word == "info":
            state.left_out = False
        elif word == "v":
            state.hidden = number != 0
        elif word == "plain":
            state.hidden = False
        elif word == "pard":
            self._level = 0
        elif word == "outlinelevel":
            self._level = (number or 0) + 1
        elif word in _ENDS and not state.left_out:
            self._end(state)
        elif word in _SIGNS:
            self._add(_SIGNS[word], state)

    def _text(self, text: str, state: _State) -> None:
        skipped = min(self._skip, len(text))
        self._skip -= skipped
        self._add(text[skipped:], state)

    def _add(self, text: str, state: _State, *, fallback: bool = False) -> None:
        """Adds text; a sign that stands for the character before it, where that cannot be shown, is passed over."""
        if fallback and self._skip:
            self._skip -= 1
        elif text and not state.left_out and not state.hidden:
            self._parts[state.into].append(text)

    def _end(self, state: _State) -> None:
        if state.into == "footnote":
            self._parts["footnote"].append("\n")
        elif not state.into:
            self._paragraph()

    def _close(self, state: _State, above: _State) -> None:
        """Ends a group: a note that it holds is kept with the place that refers to it."""
        if state.into == "footnote" and above.into != "footnote":
            words = _whole("".join(self._parts["footnote"])).strip()
            if words and not state.left_out:
                self._count += 1
                name = f"Note {self._count}"
                self._within.append((len(_whole("".join(self._parts[""]))), "anchor", name))
                self._notes.append((words, name))
        elif state.into in _INFO and above.into != state.into:
            self.info[state.into] = " ".join(_whole("".join(self._parts[state.into])).split())

    def _paragraph(self) -> None:
        words = _whole("".join(self._parts[""]))
        if self._level and self._level <= 9 and words.strip():
            self.rendering.heading(words, self._level)
        else:
            self.rendering.paragraph(words.rstrip("\t"), within=self._within)
        for note, name in self._notes:
            self.rendering.note(note, name)
        self._parts[""], self._within, self._notes = [], [], []


def _codec(number: int) -> str:
    try:
        return codecs.lookup(f"cp{number}").name
    except LookupError:
        return "cp1252"


def _whole(text: str) -> str:
    """The text with pairs of surrogates, which Rich Text writes apart, as the characters they are."""
    if not any(ord(character) in _HIGH_SURROGATES for character in text):
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
