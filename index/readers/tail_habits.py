"""Which attributions at the ends and beginnings of lines a document's habit, or quotation marks, prove to be such."""

from collections import Counter
from collections.abc import Mapping, Sequence

from index.readers.attributions import LIKELY
from index.readers.blocks import Piece
from index.readers.headings import ends_like_prose
from index.readers.tails import Tail, bare_page, find_lead, find_tail, is_quoted

TEXTUAL = frozenset({"paragraph", "quotation", "item"})
"""The kinds of pieces that may be text or citation."""

_FEW = 3
_HALF = 0.5
_MOSTLY = 0.6
_OWN_LINES = 0.5


def accepted_tails(text: str, pieces: Sequence[Piece], looks: Sequence[float], notes: frozenset[str]) -> dict[int, Tail]:
    """The attributions at the ends of lines that the document's habit, or quotation marks, prove to be such."""
    found = {
        at: tail for at, piece in enumerate(pieces) if piece.kind in TEXTUAL and (tail := find_tail(text, piece.start, piece.end))
    }
    found = {
        at: tail for at, tail in found.items() if not _placed(pieces[at], tail) and (tail.kind != "note" or tail.name in notes)
    }
    found = _without_counts(text, found)
    proses = sum(
        at in found or ends_like_prose(piece.text) or is_quoted(piece.text)
        for at, piece in enumerate(pieces)
        if piece.kind in TEXTUAL and piece.closes and looks[at] < LIKELY
    )
    own = sum(look >= LIKELY for at, look in enumerate(looks) if at not in found)
    textual = [at for at, piece in enumerate(pieces) if piece.kind in TEXTUAL]
    leading = bool(textual) and looks[textual[0]] >= LIKELY > looks[textual[-1]]
    leads = _accepted_leads(text, pieces, found)
    counts = Counter(tail.kind for tail in found.values())
    quoted = Counter(tail.kind for tail in found.values() if tail.quoted)
    return leads | {
        at: tail
        for at, tail in found.items()
        if (tail.kind == "place" and (tail.quoted or pieces[at].kind != "paragraph"))
        or (tail.kind == "citekey" and (tail.quoted or pieces[at].kind != "paragraph"))
        or _is_accepted(tail, counts[tail.kind], quoted[tail.kind], proses, 0 if leading and tail.kind == "place" else own)
    }


def _without_counts(text: str, tails: Mapping[int, Tail]) -> dict[int, Tail]:
    """Without numbers in brackets that count the texts, and say no page."""
    paged = [at for at, tail in tails.items() if tail.kind == "place" and bare_page(text[tail.start : tail.end])]
    counting = len(paged) > 1 and _count_up([bare_page(text[tails[at].start : tails[at].end]) for at in paged])
    return {at: tail for at, tail in tails.items() if not counting or at not in paged}


def _count_up(numbers: Sequence[str]) -> bool:
    """Whether they are 1, 2, 3 … and so count the texts, and say no page."""
    return [*numbers] == [str(at) for at in range(1, len(numbers) + 1)]


def _accepted_leads(text: str, pieces: Sequence[Piece], tails: Mapping[int, Tail]) -> dict[int, Tail]:
    """Pages at the beginnings of lines where several lines have one; those before quotations only where there are such."""
    leads = {
        at: lead
        for at, piece in enumerate(pieces)
        if piece.kind in TEXTUAL and at not in tails and (lead := find_lead(text, piece.start, piece.end))
    }
    if any(lead.quoted for lead in leads.values()):
        leads = {at: lead for at, lead in leads.items() if lead.quoted}
    return leads if len(leads) > 1 and not _count_up([lead.name for lead in leads.values()]) else {}


def _placed(piece: Piece, tail: Tail) -> bool:
    """A line that is a citation as a whole has no text before its bracket."""
    return tail.kind in ("bracket", "dash") and not tail.quoted and tail.start - piece.start < 4


def _is_accepted(tail: Tail, count: int, quoted: int, proses: int, own: int) -> bool:
    if tail.kind == "note":
        return True
    if tail.kind == "citekey":
        return False  # the writer of an essay refers so to what he has not quoted
    if tail.quoted and tail.likeness >= LIKELY:
        return True
    if own > _OWN_LINES * count:
        return False
    share = count / max(proses, 1)
    if tail.kind == "bracket":
        return count >= _FEW and share > _HALF and (tail.likeness >= LIKELY or quoted > _HALF * count or share > _MOSTLY)
    if tail.kind == "dash" or (tail.kind == "place" and count >= _FEW and share == _HALF):
        return count >= _FEW or share > _HALF
    return count > 1 and share > _HALF
