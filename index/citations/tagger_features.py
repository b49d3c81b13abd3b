"""What the citation tagger sees of a line: its words with their offsets, and the features of each word.

Training and reading share this module; the model in ``tagger.crfsuite`` is only right for these very features.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

import msgspec

from index.citations.imprints import PUBLISHERS_WORDS, is_city, is_publisher, is_region
from index.citations.people import is_given
from index.citations.publications import PERIODICALS_WORDS, is_periodical
from index.citations.reference import CLOSING_QUOTES, OPENING_QUOTES, prose_weight

Features = tuple[bytes, ...]

_CHUNK = re.compile(r"\S+")
_BREAKS = re.compile(
    r"(?<=[0-9\])])(?=\()|(?<=;)(?=\S)|(?<=[0-9)][:,])(?=[0-9])|(?<=[^\W\d_][,.:])(?=[0-9]{4}(?![0-9]))|(?<=[\])])(?=[^\W_])"
    r"|(?<=[，。：；、》」』])(?=\S)|(?<=[^\W_])(?=[《「『（])|(?<=\S)(?=[—][^\W_])"
)
_MAY_BREAK = re.compile(r"[0-9)\]]\(|;\S|[0-9)][:,][0-9]|[^\W\d_][,.:][0-9]|[)\]][^\W_]|[，。：；、》」』《「『（—]")
_ADDRESS = re.compile(r"https?:|www\.|doi:?|10\.[0-9]{4}", re.IGNORECASE)
_CORE = re.compile(r"\w(?:.*\w)?", re.DOTALL)
_YEAR = re.compile(r"(?:1[4-9]|20)[0-9]{2}[a-z]?")
_NUMBER_RANGE = re.compile(r"[0-9]+[a-z]?[-–—‐-][0-9]+[a-z]?")
_ROMAN = re.compile(r"[ivxlcIVXLC]+")
_INITIALS = re.compile(r"(?:[^\W\d_]\.-?)+[^\W\d_]?|[^\W\d_a-z]")
_MONTHS = frozenset(
    "january february march april may june july august september october november december jan feb mar apr jun jul aug sep"
    " sept oct nov dec spring summer autumn fall winter januar februar märz mai juni juli oktober dezember janvier février"
    " mars avril juin juillet août septembre octobre novembre décembre gennaio febbraio marzo aprile maggio giugno luglio"
    " agosto settembre ottobre dicembre enero febrero abril mayo junio julio septiembre octubre noviembre diciembre".split()
)
LABELS = {
    "ed": "editor", "eds": "editor", "editor": "editor", "editors": "editor", "edited": "editor", "hrsg": "editor",
    "hg": "editor",
    "hgg": "editor", "herausgegeben": "editor", "dir": "editor", "cura": "editor", "coord": "editor", "coords": "editor",
    "ред": "editor", "trans": "translator", "translated": "translator", "transl": "translator", "übers": "translator",
    "übersetzt": "translator", "trad": "translator", "traduit": "translator", "пер": "translator", "vol": "volume",
    "vols": "volume", "volume": "volume", "bd": "volume", "band": "volume", "jg": "volume", "tome": "volume", "t": "volume",
    "т": "volume", "no": "issue", "nos": "issue", "nr": "issue", "issue": "issue", "heft": "issue", "h": "issue", "№": "issue",
    "n°": "issue", "p": "page", "pp": "page", "page": "page", "pages": "page", "s": "page", "с": "page", "pág": "page",
    "ch": "page", "chap": "page", "fol": "page", "col": "page", "edition": "edition", "aufl": "edition", "auflage": "edition",
    "édition": "edition", "изд": "edition", "diss": "thesis", "dissertation": "thesis", "thesis": "thesis", "thèse": "thesis",
    "phd": "thesis", "report": "thesis", "paper": "thesis", "proceedings": "meeting", "proc": "meeting", "conference": "meeting",
    "symposium": "meeting", "workshop": "meeting", "in": "in", "dans": "in", "en": "in", "and": "and", "und": "and", "et": "and",
    "e": "and", "y": "and", "&": "and", "al": "and",
}  # fmt: skip


"""Words that say what stands beside them, in the languages of our references."""


_MARKS = tuple(",.:;?!)]”\"’'»>/–—-*_，。：、》」』")
_OPENING = tuple("([“\"«„‘'/–—-*_<《「『")
_ROLES = frozenset({"editor", "translator", "in"})


def is_set_off(before: str, word: str) -> bool:
    """Whether a mark stands between a word and the one before it."""
    return before.endswith(_MARKS) or word.startswith(_OPENING)


def names_a_role(word: str) -> bool:
    """Whether a word says what follows it: an editor, a translator, what holds the piece."""
    return LABELS.get(word.casefold().strip(".,:;()[]")) in _ROLES


class Word(msgspec.Struct, frozen=True):
    """A word of a line with what clings to it: ``line[start:end] == text``."""

    text: str
    start: int
    end: int


@lru_cache(maxsize=64)
def words_of(line: str) -> tuple[Word, ...]:
    """The words between white space; numbers that stand together ("65(5):611") are words of their own, addresses stay whole."""
    words = []
    cuts = [cut.start() for cut in _BREAKS.finditer(line)] if _MAY_BREAK.search(line) else []
    for chunk in _CHUNK.finditer(line):
        start, end = chunk.span()
        inner = [cut for cut in cuts if start < cut < end]
        if inner and not _ADDRESS.match(chunk[0].lstrip("<([")):
            for cut in inner:
                words.append(Word(line[start:cut], start, cut))
                start = cut
        words.append(Word(line[start:end], start, end))
    return tuple(words)


def features_of(words: Sequence[Word]) -> list[list[bytes]]:
    """The features of each word: its own, those of its neighbours, and where in the line it stands.

    They are bytes, as crfsuite wants them, so that a word's are encoded once.
    """
    own = [_own(word.text) for word in words]
    found = []
    for place, state in enumerate(_states(words)):
        here = own[place]
        features = [*here[0], *state]
        features += own[place - 1][1] if place else (b"<-1",)
        features += own[place + 1][2] if place < len(own) - 1 else (b">+1",)
        features += own[place - 2][3] if place > 1 else (b"<-2",)
        features += own[place + 2][4] if place < len(own) - 2 else (b">+2",)
        if place:
            features.append(b"-1+0:" + own[place - 1][5] + here[5])
        found.append(features)
    return found


@lru_cache(maxsize=16384)
def _own(text: str) -> tuple[Features, Features, Features, Features, Features, bytes]:
    """Features of a word at its own place, at the next word's, at the last one's, two on, two back; and its signature."""
    found = _CORE.search(text)
    before, core, after = (text[: found.start()][-2:], found[0], text[found.end() :][:3]) if found else (text[-2:], "", "")
    small = core.casefold()
    shape = _shape(core, text)
    kinds = _kinds(core, small)
    after = after.replace("”", '"').replace("»", '"').replace("’", "'")
    word = [f"w:{small}" if len(small) < 25 else "w:long", f"s:{shape}", f"b:{before}", f"a:{after}", f"s|a:{shape}{after}"]
    word += [f"p:{small[:3]}", f"x:{small[-3:]}", f"x2:{small[-2:]}", f"c:{core[:1] if not core[:1].isalnum() else ''}"]
    word += [f"k:{kind}" for kind in kinds] + [f"k|a:{kind}{after}" for kind in kinds] + [f"s|b:{shape}{before}"]
    around = (
        f"w:{small}" if len(small) < 12 else "",
        f"s:{shape}",
        f"a:{after}",
        f"b:{before}",
        *(f"k:{kind}" for kind in kinds),
    )
    near = tuple(feature for feature in around if feature)
    far = (f"s:{shape}", f"a:{after}", *(f"k:{kind}" for kind in kinds))
    return (
        _bytes(word),
        _bytes([f"-1{feature}" for feature in near]),
        _bytes([f"+1{feature}" for feature in near]),
        _bytes([f"-2{feature}" for feature in far]),
        _bytes([f"+2{feature}" for feature in far]),
        f"{shape}{after}{kinds[0] if kinds else ''}".encode(),
    )


def _bytes(features: Iterable[str]) -> tuple[bytes, ...]:
    return tuple([feature.encode() for feature in features])


def _shape(core: str, text: str) -> str:
    if not core:
        return "punctuation"
    if _ADDRESS.match(core):
        return "address"
    if any(letter.isdigit() for letter in core):
        return _shape_of_number(core)
    if _INITIALS.fullmatch(core) and core[:1].isupper() and (len(core) == 1 or "." in core):
        return "initials" if len(core) > 1 or "." in text else "letter"
    if _ROMAN.fullmatch(core):
        return "roman"
    if core.isupper():
        return "capitals2" if len(core) < 3 else "capitals"
    if core[:1].isupper():
        return "capital" if core[1:].islower() else "mixed"
    if ord(core[0]) > 0x2E80:
        return "cjk"
    return "small"


def _shape_of_number(core: str) -> str:
    if _YEAR.fullmatch(core):
        return "year"
    if _NUMBER_RANGE.fullmatch(core):
        return "range" if len(core) < 12 else "longrange"
    if core.isdigit():
        return f"digits{min(len(core), 5)}"
    return "ordinal" if core[0].isdigit() else "letterdigit"


def _kinds(core: str, small: str) -> tuple[str, ...]:
    told = [LABELS[small]] if small in LABELS else []
    if small in _MONTHS:
        told.append("month")
    if is_given(core):
        told.append("given")
    if is_city(core):
        told.append("city")
    if is_region(core):
        told.append("region")
    one = core.isalpha()  # one word is looked up; "Harper's" and "Smith-Press" are searched
    if small in PUBLISHERS_WORDS if one else core and is_publisher(core):
        told.append("publisher")
    if core in PERIODICALS_WORDS if one else core and is_periodical(core):
        told.append("periodical")
    if prose_weight(core):
        told.append("prose")
    return tuple(told)


def _states(words: Sequence[Word]) -> list[tuple[bytes, ...]]:
    """Where each word stands: how far on, inside what quotation, brackets or emphasis, and after how many full stops."""
    total = len(words)
    quoted = bracketed = emphasised = False
    stops = commas = years = 0
    ever_quoted = any(word.text[0] in OPENING_QUOTES for word in words)
    dated_early = any("(" in word.text and _YEAR.search(word.text) for word in words[: total // 2 + 1])
    line = f"line:{'q' if ever_quoted else ''}{'y' if dated_early else ''}"
    states = []
    for place, word in enumerate(words):
        seen = _signs_of(word.text)
        quoted, bracketed, emphasised = quoted or seen.quote, bracketed or seen.bracket, emphasised or seen.emphasis
        here = f"{'q' if quoted else ''}{'(' if bracketed else ''}{'*' if emphasised else ''}"
        states.append(_state(10 * place // total, place, total - place, here, stops, years, commas, line))
        quoted, bracketed, emphasised = (
            quoted and not seen.unquote,
            bracketed and not seen.unbracket,
            emphasised and not seen.plain,
        )
        stops += seen.stop
        commas = 0 if seen.full_stop else commas + seen.comma
        years += seen.year
    return states


def _state(tenth: int, place: int, left: int, here: str, stops: int, years: int, commas: int, line: str) -> Features:
    """Where a word stands, as features; what they tell apart is few, so most lines share them."""
    return _state_features(tenth, min(place, 6), min(left, 4), here, min(stops, 5), min(years, 2), min(commas, 3), line)


@lru_cache(maxsize=8192)
def _state_features(tenth: int, place: int, left: int, here: str, stops: int, years: int, commas: int, line: str) -> Features:
    return _bytes(
        (f"at:{tenth}", f"n:{place}", f"m:{left}", f"in:{here}{line}", f"st:{stops}{line}", f"y:{years}{commas}", line)
    )


class _Signs(msgspec.Struct, frozen=True):
    """What a word opens, closes and counts as on the way through a line."""

    quote: bool
    bracket: bool
    emphasis: bool
    unquote: bool
    unbracket: bool
    plain: bool
    stop: bool
    full_stop: bool
    comma: bool
    year: bool


@lru_cache(maxsize=16384)
def _signs_of(text: str) -> _Signs:
    bare = text.lstrip("([*_")
    opens = bool(bare) and bare[0] in OPENING_QUOTES
    closes = any(sign in text[1:] or (not opens and sign in text) for sign in CLOSING_QUOTES if sign != "’")
    return _Signs(
        quote=opens,
        bracket=text[0] in "([",
        emphasis=text[0] in "*_",
        unquote=closes or text.endswith(("’", "’,", "’.")),
        unbracket=")" in text or "]" in text,
        plain=text.rstrip(".,;:)").endswith(("*", "_")),
        stop=text.endswith((".", "?", "!")) and len(text) > 3 and not _INITIALS.fullmatch(text),
        full_stop=text.endswith("."),
        comma=text.endswith(","),
        year=_YEAR.search(text) is not None,
    )
