"""What each piece of a document may be: text, citation, a place in a work, heading or boundary, by the document's habits.

Nothing is decided here about which text a citation belongs to: that is the business of ``layouts``.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from typing import Literal

import msgspec
from msgspec.structs import replace

from index.readers.attributions import (
    LIKELY,
    LONGEST,
    WEAK,
    bare,
    heading_names_work,
    is_back_reference,
    is_name,
    likeness,
    place_only,
)
from index.readers.blocks import Piece
from index.readers.cited_lines import form_of
from index.readers.headings import ends_like_prose, style_of
from index.readers.literature_notes import place_field
from index.readers.tail_habits import TEXTUAL, accepted_tails
from index.readers.tails import Tail, bare_page, is_quoted

Role = Literal["text", "citation", "place", "heading", "boundary"]

_FEW = 3
_HALF = 0.5
_MOSTLY = 0.6
_NEARLY_ALL = 0.8
_RARELY = 0.25
_LONGEST_HEADING = 120
_LINES_OF_A_CITATION = 3
_NAMES_WORK = 0.6
_OF_NOTES = frozenset("notes endnotes footnotes references sources citations anmerkungen fußnoten quellen".split())
_CALLOUT = "[!"
_OPENING = frozenset('“"«„')
_REMARK = re.compile(
    r"(?:my|own)\s+(?:notes?|comments?|remarks?|thoughts?|reactions?|questions?|summary)\s*:"
    r"|(?:comments?|commentary|remarks?|notes?|thoughts?|reflections?|reactions?|summary|kommentar|anmerkung|eigene notiz"
    r"|commentaire|remarque|comentario|commento|comentário|nb|n\.b\.|anm\.|nota|примечание|комментарий)\s*:"
    r"|(?:=>|->|→|⇒|➔|➜|↳|//|メモ|感想|批注|按语|笔记)\W?\s*(?=\w)",
    re.IGNORECASE,
)
_RESUMED = re.compile(r"(?:quote|quotation|excerpt|text|zitat|citation|cita|citazione)\s*:", re.IGNORECASE)


class Token(msgspec.Struct, frozen=True):
    """A run of pieces with one role.

    ``gap`` counts the line ends between this token and the one before (0: the same line); ``work`` says how much a heading
    names a work; ``tail`` is the kind of an attribution on the line of its text; ``quoted`` says that a text stands in
    quotation marks, and ``headish`` that it stands alone and is no sentence, where nearly all others are: its place beside a
    citation proves nothing. ``remark`` says that a label calls a text the compiler's own.
    """

    role: Role
    start: int
    end: int
    words: str
    number: int
    block: int
    container: int = 0
    level: int = 0
    gap: int = 2
    likeness: float = 0.0
    work: float = 0.0
    tail: str = ""
    name: str = ""
    quoted: bool = False
    quotation: bool = False
    back: bool = False
    headish: bool = False
    remark: bool = False


def tokens(text: str, pieces: Sequence[Piece], skipped: frozenset[int] = frozenset()) -> list[Token]:
    """The tokens of a document, in order; furniture and the pieces numbered ``skipped`` give none. Linear."""
    kept = [piece for at, piece in enumerate(pieces) if at not in skipped and piece.kind not in ("furniture", "note")]
    kept = _with_wrapped(text, kept)
    looks = [likeness(piece.text) if piece.kind in TEXTUAL else 0.0 for piece in kept]
    tails = accepted_tails(text, kept, looks, frozenset(piece.name for piece in pieces if piece.kind == "note"))
    faint = [0.0 if at in tails or place_only(kept[at].text) else look for at, look in enumerate(looks)]
    adopted = _adopted(kept, faint)
    made = [
        token
        for at, piece in enumerate(kept)
        for token in _of_piece(text, piece, looks[at], tails.get(at), adopted=at in adopted)
    ]
    if not any(piece.level for piece in pieces):
        made = _with_plain_headings(made)
    return list(_with_gaps(text, _merged(made)))


def blocks_as_tokens(text: str, made: Sequence[Token]) -> list[Token]:
    """Tokens made elsewhere, with the gaps between them and their quotation marks looked at."""
    quoted = [
        replace(token, quoted=is_quoted(token.words), remark=is_remark(token.words)) if token.role == "text" else token
        for token in _with_gaps(text, made)
    ]
    below = [*(token.gap for token in quoted[1:]), _HIGH_GAP]
    alone = [token.role == "text" and token.gap > 1 and gap > 1 for token, gap in zip(quoted, below, strict=True)]
    return _with_headish(quoted, [_heading_style(token) if one else "" for token, one in zip(quoted, alone, strict=True)])


def _of_piece(text: str, piece: Piece, look: float, tail: Tail | None, *, adopted: bool) -> Iterator[Token]:
    if piece.kind == "delimiter":
        yield _token(piece, "boundary", level=9)
        return
    if piece.kind == "heading":
        yield _token(piece, "heading", work=heading_names_work(piece.text), level=piece.level)
        return
    if tail:
        yield from _of_tail(text, piece, tail)
        return
    if piece.kind in TEXTUAL and (field := place_field(piece.text)):
        yield replace(_token(piece, "place"), words=f"p. {field}")
    elif piece.kind in TEXTUAL and _place_of(piece.text):
        yield _token(piece, "place")
    elif piece.kind in TEXTUAL and is_back_reference(piece.text):
        yield _token(piece, "citation", likeness=LIKELY, back=True)
    elif piece.kind in TEXTUAL and (look >= LIKELY or adopted):
        yield _token(piece, "citation", likeness=look)
    else:
        yield _token(piece, "text", quoted=is_quoted(piece.text), remark=is_remark(piece.text))


def _of_tail(text: str, piece: Piece, tail: Tail) -> Iterator[Token]:
    """A text and the attribution or the page that ends, or begins, its line."""
    if tail.kind == "lead":
        yield replace(_token(piece, "place", tail="lead"), end=tail.end, words=f"p. {tail.name}")
        words = bare(text[tail.cut : piece.end])
        yield replace(_token(piece, "text", quoted=tail.quoted), start=tail.cut, words=words)
        return
    quoted = tail.quoted
    words = bare(text[piece.start : tail.cut])
    yield replace(_token(piece, "text", quoted=quoted), end=tail.cut, words=words)
    role: Role = "place" if tail.kind == "place" or (tail.kind == "link" and tail.likeness < WEAK) else "citation"
    words = bare(text[tail.start : tail.end])
    if role == "place" and place_only(words) is None and bare_page(words):
        words = f"p. {bare_page(words)}"
    yield replace(
        _token(piece, role, likeness=tail.likeness, tail=tail.kind, name=tail.name, back=is_back_reference(words)),
        start=tail.start,
        end=tail.end,
        words=words,
    )


def _token(piece: Piece, role: Role, **more: object) -> Token:
    token = Token(
        role, piece.start, piece.end, piece.text, piece.number, piece.block, piece.container, quotation=piece.kind == "quotation"
    )
    return replace(token, **more)


def _place_of(words: str) -> bool:
    if words.startswith(_CALLOUT):
        return True
    return place_only(words) is not None and style_of(words) != "capitals" and not words.lower().startswith("chapter")


def is_marked(text: Token) -> bool:
    """Whether its marks call a text a quotation."""
    return text.quotation or text.quoted


def is_remark(words: str) -> bool:
    """Whether a label calls a text a remark or a summary of the compiler's own."""
    return _REMARK.match(words) is not None


def _with_wrapped(text: str, pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces, a citation that takes up two or three lines made one: a block of its own, or the end of one."""
    made: list[Piece] = []
    for _, group in groupby(pieces, key=lambda piece: (piece.block, piece.kind if piece.kind not in TEXTUAL else "")):
        block = list(group)
        made += _joined_end(text, block) if len(block) > 1 and block[0].kind in TEXTUAL else block
    return made


def _joined_end(text: str, block: list[Piece]) -> list[Piece]:
    """Joins the last lines of a block where they read as a citation together and hardly apart."""
    best, count = LIKELY, 0
    alone = likeness(block[-1].text)
    if alone >= LIKELY or place_only(block[-1].text):
        return block
    for size in range(2, min(_LINES_OF_A_CITATION, len(block)) + 1):
        lines = block[-size:]
        if any(is_remark(line.text) for line in lines[1:]):
            break
        joined = (
            bare(text[lines[0].start : lines[-1].end]) if lines[0].kind != "quotation" else " ".join(each.text for each in lines)
        )
        look = likeness(joined) if len(joined) <= LONGEST and not ends_like_prose(lines[0].text) else 0.0
        if look > max(best, likeness(lines[0].text)) or (look >= best and lines[0].text[:1] in "—–-("):
            best, count = look, size
    if not count:
        return block
    first, last = block[-count], block[-1]
    words = " ".join(piece.text for piece in block[-count:])
    return [*block[:-count], replace(first, end=last.end, text=words, closes=last.closes)]


def _adopted(pieces: Sequence[Piece], looks: Sequence[float]) -> frozenset[int]:
    """Lines that look faintly like attributions, and stand where the document sets its attributions block after block."""
    slots: dict[tuple[str, bool], list[int]] = {}
    least = min((piece.indent for piece in pieces), default=0)
    for at, piece in enumerate(pieces):
        if piece.kind in TEXTUAL:
            slots.setdefault((_position(pieces, at), piece.indent > least), []).append(at)
    adopted: set[int] = set()
    for (position, _), places in slots.items():
        if position == "last" and _is_habit(names := [at for at in places if is_name(pieces[at].text)], places, position):
            adopted.update(names)
        likely = [at for at in places if looks[at] >= WEAK and _is_clear(looks, at, position)]
        likely = _in_manner(pieces, looks, likely)
        if position != "inner" and _is_habit(likely, places, position):
            adopted.update(likely)
    return frozenset(adopted)


def _in_manner(pieces: Sequence[Piece], looks: Sequence[float], likely: Sequence[int]) -> list[int]:
    """Without faint ones that begin otherwise than those beyond doubt do, where most are beyond doubt."""
    sure = Counter(form_of(pieces[at].text).opening for at in likely if looks[at] >= LIKELY)
    if sum(sure.values()) < _HALF * len(likely):
        return list(likely)
    return [at for at in likely if looks[at] >= LIKELY or sure[form_of(pieces[at].text).opening]]


def _position(pieces: Sequence[Piece], at: int) -> str:
    """Where a piece stands in its block; one alone in its block, in its quotation or list item."""
    piece = pieces[at]
    if not piece.alone:
        return "last" if piece.closes else "first" if piece.opens else "inner"
    if piece.container:
        above, below = (0 <= other < len(pieces) and pieces[other].container == piece.container for other in (at - 1, at + 1))
        if above != below:
            return "head" if below else "tail"
    return "alone"


def _is_clear(looks: Sequence[float], at: int, position: str) -> bool:
    """Whether the line beside it, which would be the text, is none itself."""
    beside = at - 1 if position in ("last", "tail") else at + 1 if position in ("first", "head") else -1
    return beside < 0 or beside >= len(looks) or looks[beside] < WEAK


def _is_habit(likely: Sequence[int], places: Sequence[int], position: str) -> bool:
    if len(likely) < _FEW or len(likely) < (_MOSTLY if position != "alone" else _RARELY) * len(places):
        return False
    if position != "alone":
        return True
    apart = sum(second - first > 1 for first, second in pairwise(likely))
    return len(likely) <= _MOSTLY * len(places) and apart >= _NEARLY_ALL * (len(likely) - 1)


def _with_plain_headings(made: Sequence[Token]) -> list[Token]:
    """Texts that are headings by their looks, in a document without marks for headings.

    A heading stands alone, is no sentence, and has a text below it, or a citation and then a text; capitals always, other styles
    only where nearly all other texts are sentences.
    """
    by_block = Counter(token.block for token in made)
    looks = [_heading_style(token) if by_block[token.block] == 1 else "" for token in made]
    others = _are_sentences(made, looks)
    tags = _are_tags(made, looks)
    headed = [
        replace(token, role="heading", level=_level(looks[at]), work=heading_names_work(token.words), likeness=0.0)
        if looks[at] and (looks[at] == "capitals" or (others and _heads(made, at, tags=tags)))
        else token
        for at, token in enumerate(made)
    ]
    return _with_headish(headed, looks)


def _with_headish(made: Sequence[Token], looks: Sequence[str]) -> list[Token]:
    if not _are_sentences(made, looks):
        return list(made)
    return [replace(token, headish=True) if looks[at] and token.role == "text" else token for at, token in enumerate(made)]


def _are_sentences(made: Sequence[Token], looks: Sequence[str]) -> bool:
    """Whether nearly all texts that do not look like headings are sentences, and there are some."""
    texts = [token for token, look in zip(made, looks, strict=True) if token.role == "text" and not look]
    proses = sum(ends_like_prose(token.words) or token.words.endswith((")", "]")) or token.quoted for token in texts)
    return bool(texts) and proses >= _NEARLY_ALL * len(texts)


def _level(style: str) -> int:
    return 1 if style == "capitals" else 2 if style == "title" else 3


def _heading_style(token: Token) -> str:
    """The style of a text or faint citation that could be a heading, "" for none."""
    if token.role not in ("text", "citation") or token.tail or len(token.words) > 2 * _LONGEST_HEADING or token.quoted:
        return ""
    style = style_of(token.words) or ""
    if style != "capitals" and ends_like_prose(token.words):
        return ""
    if token.role == "citation":
        return style if style == "capitals" and token.likeness < LIKELY else ""
    return style if style == "capitals" or len(token.words) <= _LONGEST_HEADING else ""


def _are_tags(made: Sequence[Token], looks: Sequence[str]) -> bool:
    """Whether heading-like lines stand right above citations that have their text below, as on debaters' cards."""
    order = [("heading" if looks[at] and looks[at] != "capitals" else token.role) for at, token in enumerate(made)]
    order = [role for role in order if role in ("heading", "text", "citation")]
    while order[:2] == ["heading", "heading"]:
        order.pop(0)
    above = sum(order[at : at + 3] == ["heading", "citation", "text"] for at in range(len(order)))
    cited = order.count("citation")
    return (
        above >= 2
        and above >= _MOSTLY * cited
        and order[:2] in (["heading", "citation"], ["citation", "text"])
        and order[-1] == "text"
    )


def _heads(made: Sequence[Token], at: int, *, tags: bool) -> bool:
    below = made[at + 1] if at + 1 < len(made) else None
    if below is None:
        return made[at].words.strip(":").casefold() in _OF_NOTES
    if at == 0:
        return below.role != "place"
    if below.role == "text":
        return True
    return tags and below.role == "citation"


def _merged(made: Sequence[Token]) -> list[Token]:
    """Texts of one block made one token; quotations are not, nor the lines of a document that cites at the end of most lines."""
    lines = sum(token.role == "text" for token in made)
    apart = lines > 0 and sum(bool(token.tail) for token in made) >= _MOSTLY * lines
    marked = sum(token.role == "text" and token.quoted for token in made) >= _FEW
    merged: list[Token] = []
    for token in made:
        last = merged[-1] if merged else None
        if (
            last
            and last.role == token.role == "text"
            and last.block == token.block
            and not (apart or (last.quoted and token.quoted))
            and not (token.remark or (last.remark and _RESUMED.match(token.words)))
            and not (marked and _are_unlike(last, token))
        ):
            words = f"{last.words} {token.words}"
            merged[-1] = replace(last, end=token.end, words=words, quoted=is_quoted(words) or (token.quoted and last.quoted))
        else:
            merged.append(token)
    return merged


def _are_unlike(first: Token, second: Token) -> bool:
    """Whether one of two texts on end is a whole quotation in its marks, and the other a sentence without them."""
    if first.quoted == second.quoted:
        return not first.quoted and second.words[:1] in _OPENING and first.words[-1:] in ".!?:" and not _is_open(first.words)
    return not second.words[:1].islower() and not _is_open(first.words)


def _is_open(words: str) -> bool:
    """Whether a quotation begins in a text that does not end there."""
    return words.count("“") > words.count("”") or words.count("«") > words.count("»") or words.count('"') % 2 == 1


def _with_gaps(text: str, made: Sequence[Token]) -> Iterator[Token]:
    at = 0
    for token in made:
        between = text[at : token.start]
        yield replace(token, gap=between.count("\n") + between.count("\r") - between.count("\r\n") if at else _HIGH_GAP)
        at = token.end


_HIGH_GAP = 9
