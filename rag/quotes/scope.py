"""Says what stands around a quotation and what was left out of it: its sentences, and what of them a reader has to know.

Words can be verbatim and mislead: "they approved the canal" stands in "It is not true that they approved the canal".
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import msgspec
import regex

from rag.quotes.findings import Finding, Flag, Omission, Place, Scope
from rag.quotes.fold import fold
from rag.quotes.match import SHORT_PIECE, hidden_negation, negation_in, sentence_ends, words

FAR = 600
"""Pieces more characters apart than this, or more sentences than ``FAR_SENTENCES``, are far apart."""

FAR_SENTENCES = 3
LONGEST = 2000
"""So many characters before and after a quotation are looked through for the ends of its sentences."""

_SAYING = (
    r"(?:sa(?:ys?|id|ying)|tells?|told|claim(?:s|ed|ing)?|alleg(?:es?|ed|ing|edly)|assert(?:s|ed|ing)?|believ(?:es?|ed|ing)|thinks?|thought|think"
    r"|suppos(?:es?|ed|ing|edly)|suggest(?:s|ed|ing)?|rumou?r(?:s|ed)?|report(?:s|ed|ing|edly)?|argu(?:es?|ed|ing)|maintain(?:s|ed|ing)?"
    r"|pretend(?:s|ed|ing)?|imagin(?:es?|ed|ing)|den(?:y|ies|ied|ying)|doubt(?:s|ed|ing)?|insist(?:s|ed|ing)?|declar(?:es?|ed|ing)"
    r"|stat(?:es?|ed|ing)|testif(?:y|ies|ied|ying)|admit(?:s|ted|ting)?|confess(?:es|ed)?|complain(?:s|ed)?|boast(?:s|ed)?|fear(?:s|ed)?"
    r"|hop(?:es?|ed)|swore|swears?|writes?|wrote|held|holds?|felt|feels?|announc(?:es?|ed)|warn(?:s|ed)|predict(?:s|ed)?|charg(?:es?|ed)"
    r"|accus(?:es?|ed)|contend(?:s|ed)?|remark(?:s|ed)?|explain(?:s|ed)?|repl(?:y|ies|ied)|answer(?:s|ed)?|ask(?:s|ed)?|wonder(?:s|ed)?|quoted|opinion|view|legend|story|myth|notion|idea|claim|impression)"
)
_SAID_BEFORE = regex.compile(
    rf"\b{_SAYING}\b(?:\s+(?!that\b|whether\b|if\b)[\w'’]+){{0,4}}"
    r"(?:[\s,:]*+\b(?:that|whether|how)\b|\s*+[:,][\s,:]*+[\"“‘']?)\s*+(?:\w++\s++){0,2}\Z",
    regex.IGNORECASE,
)
_ACCORDING = regex.compile(
    r"\baccording to\b[^.;:]{1,80},\s*\Z|\bin the (?:words|opinion|view|eyes) of\b[^.;:]{1,80},?\s*\Z", regex.IGNORECASE
)
_SAID_AFTER = regex.compile(
    rf"\A[\s\"”’']*+(?:,[\s\"”’']*+)?(?:(?:or )?so |as )?(?:[\w.'’-]+\s+){{0,4}}{_SAYING}\b|\A[\s,]*according to\b",
    regex.IGNORECASE,
)
_SAYING_WORD = regex.compile(rf"\b(?:{_SAYING}|according)\b", regex.IGNORECASE)
_HEDGE = regex.compile(
    r"\b(?:almost|nearly|practically|virtually|allegedly|alleged|perhaps|maybe|probably|possibly|reportedly|supposedly|supposed|presumably|seemingly"
    r"|apparently|so-called|not only|hardly|scarcely|might|may|could|would|should|if|as if|as though|unless|likely"
    r"|seems?|seemed|appears?|appeared"
    r"|sometimes|often|usually|generally|partly|in part|mostly|ostensibly|approximately|about|roughly|rumou?red|some"
    r"|few|unlikely|try|tried|hoped?|wanted|only)\b",
    regex.IGNORECASE,
)
_FALSE_AFTER = regex.compile(
    r"\A[\s\"”’',]*+(?:[\w'’-]++\s++){0,6}?(?:(?:is|was|were|are|be|been|proved|turned out)\s*+)?(?:\bnot\b|false|untrue"
    r"|a lie|lies|a myth|nonsense|wrong|never|impossible)\b",
    regex.IGNORECASE,
)
_CLAUSE = regex.compile(r"[,;:—–]|\b(?:and|but|although|though|while|because|when|after|before|since)\b", regex.IGNORECASE)
_QUESTION = regex.compile(r"[?？][\"'”’»)\]]*\s*\Z")
_ASKED = regex.compile(r"\A[\"'”’»)\]]*\s?[?？]")
_MEANT: dict[Flag, str] = {
    "cut_negation": "the sentence says “{}” outside of what is quoted",
    "cut_attribution": "in the source somebody says so: “{}”",
    "question_as_statement": "the source asks it: its sentence ends with a question mark",
    "hedge_dropped": "the sentence says “{}” outside of what is quoted",
    "far_apart": "its pieces stand far apart: {}",
    "single_words": "a piece of it is only a word or two: {}",
    "rejoined": "words that the source breaks over the end of a line were joined",
}


def scoped(finding: Finding, original: str, *, elided: bool = False) -> Finding:
    """The finding with the sentences that it was taken from, with what was left out, and with its flags.

    Args:
        finding: with its places; those of an ``elided`` one are its pieces in order, else the first place counts.
        original: the text of the excerpt of the first place.
        elided: whether the places are pieces.
    """
    pieces = finding.places if elided else finding.places[:1]
    start, end = _sentences_around(original, pieces[0].start, pieces[-1].end)
    omissions = tuple(_omission(original, left, right) for left, right in pairwise(pieces))
    told = [*_around(original, start, end, pieces), *_left_out(original, omissions), *_pieces(original, pieces)]
    flags = tuple(dict.fromkeys([*finding.flags, *(flag for flag, _ in told)]))
    warnings = tuple(dict.fromkeys(_MEANT[flag].format(what) for flag, what in [*((flag, "") for flag in finding.flags), *told]))
    scope = Scope(pieces[0].excerpt_id, start, end, original[start:end], omissions, warnings)
    return msgspec.structs.replace(finding, flags=flags, scope=scope)


def _sentences_around(text: str, start: int, end: int) -> tuple[int, int]:
    """The whole sentences that ``text[start:end]`` stands in, without white space at either end; at most LONGEST beyond it."""
    floor, ceiling = max(0, start - LONGEST), min(len(text), end + LONGEST)
    paragraph = text.rfind("\n\n", floor, start)
    begins = max(
        [floor, paragraph + 2 if paragraph >= 0 else floor, *(at for at in sentence_ends(text, floor, start) if at <= start)]
    )
    after = text.find("\n\n", end, ceiling)
    ceiling = after if after >= 0 else ceiling
    whole = (
        end > start
        and bool(regex.search(r"[.!?…。！？][\"'”’»)\]]*\s*\Z", text[max(start, end - 4) : end]))
        and bool(sentence_ends(text, end - 1, end))
    )
    ends = end if whole else min([at for at in sentence_ends(text, end, ceiling) if at >= end], default=ceiling)
    while begins < start and text[begins].isspace():
        begins += 1
    return begins, ends


def _omission(text: str, left: Place, right: Place) -> Omission:
    out = text[left.end : right.start]
    return Omission(left.end, right.start, out, len(words(fold(out).text)))


def _around(text: str, start: int, end: int, pieces: Sequence[Place]) -> Iterator[tuple[Flag, str]]:
    """What stands in the sentence before the first piece and after the last, and bears on them."""
    lead, tail = text[start : pieces[0].start], text[pieces[-1].end : end]
    clause = _last_clause(lead)
    if negation := negation_in(clause):
        yield "cut_negation", negation
    elif after := _FALSE_AFTER.match(_first_clause(tail)):
        yield "cut_negation", after[0].strip(" ,\"”’'")
    if said := _SAID_BEFORE.search(lead[-200:]) or _ACCORDING.search(lead[-200:]) or _SAID_AFTER.match(tail[:200]):
        yield "cut_attribution", said[0].strip(" ,:\"“”‘’'")
    if hedge := _HEDGE.search(" ".join(clause.split()[-6:])):
        yield "hedge_dropped", hedge[0]
    asked = _ASKED.match(tail) or (_QUESTION.search(text[start:end]) and "?" not in text[pieces[-1].end - 1 : pieces[-1].end])
    if asked:
        yield "question_as_statement", ""


def _left_out(text: str, omissions: Sequence[Omission]) -> Iterator[tuple[Flag, str]]:
    """What an ellipsis hides of the sentences that are quoted: a negation, who says it, a hedge."""
    for omission in omissions:
        if negation := hidden_negation(text, omission.start, omission.end):
            yield "cut_negation", negation
        touched = _touched(text, omission)
        if said := _SAYING_WORD.search(touched):
            yield "cut_attribution", said[0]
        if hedge := _HEDGE.search(touched):
            yield "hedge_dropped", hedge[0]


def _pieces(text: str, pieces: Sequence[Place]) -> Iterator[tuple[Flag, str]]:
    for left, right in pairwise(pieces):
        apart = len(sentence_ends(text, left.end, right.start))
        if right.start - left.end > FAR or apart > FAR_SENTENCES:
            yield "far_apart", f"{right.start - left.end:,} characters and {apart} ends of sentences lie between them"
    scraps = [
        text[piece.start : piece.end] for piece in pieces if len(words(fold(text[piece.start : piece.end]).text)) < SHORT_PIECE
    ]
    if scraps and len(pieces) > 1:
        yield "single_words", f"“{scraps[0]}”"


def _touched(text: str, omission: Omission) -> str:
    """Of what was left out, the rest of the sentence before it and the beginning of the one after it."""
    ends = sentence_ends(text, omission.start, omission.end)
    if not ends:
        return text[omission.start : omission.end]
    return f"{text[omission.start : ends[0]]} {text[ends[-1] : omission.end]}"


def _last_clause(lead: str) -> str:
    """What of the words before a quotation belongs to its clause: a saying verb or "that" reaches over commas."""
    if _SAID_BEFORE.search(lead[-200:]) or regex.search(r"\bthat\s*\Z", lead[-12:]):
        return lead[-200:]
    parts = _CLAUSE.split(lead[-200:])
    return parts[-1] if len(parts[-1].split()) > 1 or len(parts) == 1 else " ".join(parts[-2:])


def _first_clause(tail: str) -> str:
    return regex.split(r"[;:]", tail[:120], maxsplit=1)[0]
