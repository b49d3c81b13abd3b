"""HTML and XML as trees that are safe to walk, and the words in them as a browser would show them."""

import re
from collections.abc import Iterator
from itertools import accumulate
from typing import TYPE_CHECKING

from index.decoding import decode
from index.errors import FileUnreadable
from index.records import SourceFile

if TYPE_CHECKING:
    from lxml.etree import _Element

_CHARSET = re.compile(
    rb"""<meta[^>]{0,200}charset\s*=\s*+(?:["']\s*+)?([\w.:-]{2,40})|<\?xml[^>]{0,100}encoding\s*=\s*["']([\w.:-]{2,40})""",
    re.IGNORECASE,
)
_HEAD = 4_096
_WINDOWS = {"iso-8859-1": "cp1252", "latin1": "cp1252", "latin-1": "cp1252", "us-ascii": "cp1252", "ascii": "cp1252"}
"""As the HTML standard has it: pages that claim Latin-1 are Windows-1252."""

_SPACES = re.compile(r"[ \t\r\n\f\u200b]+")
_BREAKS = re.compile(r"(?:(?<![ \t])[ \t]++)?\n[ \t]*+")
_NOTE = "\ufdd0"
"""Stands for a reference to a note while words are gathered; a noncharacter, which no text holds."""

_LONGEST_NUMBER = 6
_DEEPEST = 400
BLOCKS = frozenset(
    """
    address article aside blockquote center dd details dialog div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6
    header hgroup hr li main nav ol p pre section summary table tbody td tfoot th thead tr ul body html
    """.split()
)
UNSEEN = frozenset("script style template noscript iframe object embed svg math button input select textarea".split())


def text_of_markup(file: SourceFile) -> str:
    """The file's text, by the encoding it declares or else by its bytes. Raises FileUnreadable."""
    declared = _CHARSET.search(file.data[:_HEAD])
    codec = (declared[1] or declared[2]).decode("ascii").lower() if declared else ""
    if codec and not file.data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        try:
            return file.data.decode(_WINDOWS.get(codec, codec))
        except (LookupError, UnicodeDecodeError):
            pass
    return decode(file)[0]


_LONGEST_TEXT = 10_000_000
"""Bytes of one text that libxml2 keeps by default."""


def parse_html(file: SourceFile) -> "_Element":
    """The page as a tree, mended as browsers do. Raises FileUnreadable when there is none."""
    from lxml import etree

    data = text_of_markup(file).encode("utf-8", "replace")
    # Without huge_tree libxml2 drops a text of 10 MB without a word; with it, nothing else bounds how deep elements nest.
    huge = len(data) >= _LONGEST_TEXT
    parser = etree.HTMLParser(remove_comments=True, remove_pis=True, no_network=True, huge_tree=huge, encoding="utf-8")
    root = etree.fromstring(data, parser)
    if root is None:
        raise FileUnreadable(f"{file.name!r} holds no element", rule="an HTML file has some markup", remedy="leave it out")
    return root


def parse_xml(file: SourceFile) -> "_Element":
    """The document as a tree; entities of its own are not expanded, nothing outside it is fetched.

    Raises:
        FileUnreadable: it is not well-formed; the message says where.
    """
    from lxml import etree

    parser = etree.XMLParser(
        remove_comments=True, remove_pis=True, no_network=True, resolve_entities=False, load_dtd=False, huge_tree=False
    )
    try:
        return etree.fromstring(file.data, parser)
    except etree.XMLSyntaxError as problem:
        raise FileUnreadable(
            f"{file.name!r} is no well-formed XML: {problem.msg}",
            rule="every element is closed and no file nests too deep",
            remedy="correct the file, or save it anew from the program it comes from",
        ) from problem


def name_of(element: "_Element | None") -> str:
    """The element's name without its namespace, in small letters; "" for what is no element."""
    if element is None:
        return ""
    return element.tag.rpartition("}")[2].lower() if isinstance(element.tag, str) else ""


def words_of(element: "_Element", *, but: "_Element | None" = None) -> str:
    """The words in an element as they are shown: white space as in HTML, a line end for each break and block.

    ``but`` is an element within that is left out. Numbers that refer to notes are none of the words.
    """
    return words_and_notes(element, but=but)[0]


def words_and_notes(element: "_Element", *, but: "_Element | None" = None) -> tuple[str, list[tuple[int, str]]]:
    """The words in an element, and the ids of the notes that it refers to, with the offsets in the words."""
    parts: list[str] = []
    notes: list[str] = []
    _gather(element, parts, notes, but, 0)
    lines = _BREAKS.sub("\n", "".join(parts)).split("\n")
    marked = "\n".join(line for line in (line.strip(" \t\r\f") for line in lines) if line.strip(_NOTE))
    pieces = marked.split(_NOTE)
    offsets = accumulate(map(len, pieces[:-1]))
    return "".join(pieces), list(zip(offsets, notes, strict=False))


def note_referred_to(element: "_Element") -> str:
    """The id of the note that a raised number, or a link that says so, refers to; "" for any other element."""
    link = element if name_of(element) == "a" else next(below(element, "a"), None) if name_of(element) == "sup" else None
    target = (link.get("href") or "") if link is not None else ""
    if link is None or not target.startswith("#") or len("".join(element.itertext()).strip()) > _LONGEST_NUMBER:
        return ""
    raised = name_of(element) == "sup" or any(name_of(child) == "sup" for child in element)
    named = {link.get("role"), link.get("{http://www.idpf.org/2007/ops}type"), link.get("epub:type")} & {"doc-noteref", "noteref"}
    return target[1:] if raised or named or "footnote-ref" in (link.get("class") or "") else ""


def below(element: "_Element", *names: str) -> Iterator["_Element"]:
    """Elements of these names within, in their order; namespaces aside."""
    return (each for each in element.iter() if each is not element and name_of(each) in names)


def _is_way_back(element: "_Element") -> bool:
    """Whether an element is the arrow from a note to where it is referred to."""
    return name_of(element) == "a" and (element.get("role") == "doc-backlink" or "footnote-back" in (element.get("class") or ""))


def _gather(element: "_Element", parts: list[str], notes: list[str], but: "_Element | None", depth: int) -> None:
    name = name_of(element)
    if not name or name in UNSEEN or depth > _DEEPEST or element is but or _is_way_back(element):
        return
    if note := note_referred_to(element):
        parts.append(_NOTE)
        notes.append(note)
        return
    if name in ("br", "lb"):
        parts.append("\n")
    edge = "\n" if name in BLOCKS else ""
    parts.append(edge)
    keep = name == "pre"
    parts.append(_shown(element.text, keep=keep))
    for child in element:
        _gather(child, parts, notes, but, depth + 1)
        parts.append(_shown(child.tail, keep=keep))
    parts.append(edge)


def _shown(text: str | None, *, keep: bool = False) -> str:
    text = (text or "").replace(_NOTE, "\ufffd")
    return text if keep else _SPACES.sub(" ", text)
