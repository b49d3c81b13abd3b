"""A citation line laid bare and cut into words, and what each word tells: the ground that the grammar and the tagger stand on.

Everything here returns slices of the squeezed line, so what is read from it stands in the source. Training and reading share
the features; the tagger's model is only right for these very ones.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

from index.records import CslItem

# Words that are evidence, never a gate: common given names, cities, states, words of publishers' and periodicals' names. A town
# that nobody listed is still read where the punctuation ("Title. Place: Publisher") says what it is. Nothing is looked up,
# completed or corrected.


class Lexicon(msgspec.Struct, frozen=True):
    """The lists of ``lexicon.json``; all but newspapers, magazines and words of prose in small letters."""

    given_names: frozenset[str]
    not_in_names: frozenset[str]
    heads_of_titles: frozenset[str]
    cities: frozenset[str]
    regions: frozenset[str]
    publishers: frozenset[str]
    newspapers: frozenset[str]
    magazines: frozenset[str]
    prose: frozenset[str]
    months: frozenset[str]
    labels: dict[str, str]
    read: frozenset[str]
    abbreviations: frozenset[str]
    locators: dict[str, str]


LEXICON = msgspec.json.decode((Path(__file__).parent / "lexicon.json").read_bytes(), type=Lexicon)


def _one_of(words: frozenset[str], more: str, flags: int = 0) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(sorted(words, reverse=True))}|{more})\b", flags)


_PUBLISHER = _one_of(LEXICON.publishers, "Allen & Unwin|Little, Brown|Izdatel.stvo", re.IGNORECASE)
_NEWSPAPER = _one_of(LEXICON.newspapers, "Plain Dealer")
_MAGAZINE = _one_of(LEXICON.magazines, "New Yorker|Harper[’']s|Foreign Affairs|New Republic")
_PLACE_WORD = re.compile(r"(?:[^\W\d_a-z][\w’'.-]*|am|an|der|del|de|la|le|les|upon|on|sur|do|dos|den|s\.l\.)$")
_LONGEST_PLACE = 4


def is_city(text: str) -> bool:
    """Whether a text names one of the listed cities."""
    return text.casefold() in LEXICON.cities


def is_region(text: str) -> bool:
    """Whether a text names a state, province or country, or abbreviates one."""
    return text.casefold() in LEXICON.regions or text.casefold() + "." in LEXICON.regions


def could_be_place(text: str) -> bool:
    """Whether a text is shaped like the name of a town nobody listed: one to four capitalised words, no digits."""
    words = text.split()
    return 0 < len(words) <= _LONGEST_PLACE and all(_PLACE_WORD.match(word) for word in words) and words[0][0].isupper()


def is_given(word: str) -> bool:
    """Whether a word is a common given name; most given names are on no list."""
    return word.casefold() in LEXICON.given_names


def is_publisher(text: str) -> bool:
    """Whether a text holds a word that publishers' names are made of."""
    return _PUBLISHER.search(text) is not None


def is_newspaper(name: str) -> bool:
    """Whether a periodical's name has a word that newspapers' names are made of."""
    return _NEWSPAPER.search(name) is not None


def is_periodical(name: str) -> bool:
    """Whether a name has a word that names of newspapers or magazines are made of."""
    return is_newspaper(name) or _MAGAZINE.search(name) is not None


# A line laid bare: white space squeezed, footnote numbers, dashes and enclosing brackets taken off.

LONGEST = 600
"""Longer lines are prose; no citation seen comes near (the longest has some 250 characters)."""

OPENING_QUOTES = '“"«„‘'
CLOSING_QUOTES = '”"»“’'

_LEADER = re.compile(
    r"(?:[\[(][0-9]{1,3}[\])]\s*|[0-9]{1,3}[.)]\s+|[¹²³⁰⁴-⁹]+\s*|[*†‡•·]{1,3}\s*|[—–―‒-]{1,3}[.,]?\s*)"
    r"|(?:(?:Sources?|Citation|Reference)\s*:\s*|(?:Quoted|Cited) (?:in|from):? |(?:See(?: also)?|Cf\.),? (?=[A-Z]))",
    re.IGNORECASE,
)
_BACK_REFERENCE = re.compile(
    r"(?:ibid|id|idem|op\. ?cit|loc\. ?cit)\b[.,]?(?:[,:;]?\s?(?:at |p|pp|ch|vol|n|§|[0-9ivxl])[^A-Z]{0,60})?$", re.IGNORECASE
)
_PAIRS = {"(": ")", "[": "]"}
_BREAK = re.compile(r"[.?!][\"”’»)\]]?(?=\s+\S)")


def squeeze(raw: str) -> str:
    """The line with every run of white space made one space and none at its ends."""
    return " ".join(raw.split())


def lay_bare(line: str) -> str:
    """A squeezed line without what introduces it ("12. ", "[3] ", "— ", "Source: ") or encloses it whole."""
    before = None
    while line != before:
        before = line
        leader = _LEADER.match(line)
        if leader and leader.end() < len(line):
            line = line[leader.end() :]
        line = _unwrap(line)
    return line


def is_back_reference(line: str) -> bool:
    """Whether a bare line only points at the citation before it ("Ibid., 58"); an author may be called Ibid."""
    return _BACK_REFERENCE.match(line) is not None


def _unwrap(line: str) -> str:
    body = line[:-1] if line.endswith((").", "].")) else line
    closing = _PAIRS.get(body[:1])
    if closing is None or not body.endswith(closing) or closing_bracket(body, 0) != len(body) - 1:
        return line
    return body[1:-1].strip()


def closing_bracket(text: str, start: int) -> int:
    """Where the bracket opened at ``start`` closes, or -1."""
    opening, closing = text[start], _PAIRS[text[start]]
    depth = 0
    for place in range(start, len(text)):
        depth += (text[place] == opening) - (text[place] == closing)
        if depth == 0:
            return place
    return -1


def opening_bracket(text: str) -> int:
    """Where the bracket that closes at the end of ``text`` opens, or -1."""
    closing = text[-1:]
    opening = {")": "(", "]": "["}.get(closing)
    if opening is None:
        return -1
    depth = 0
    for place in range(len(text) - 1, -1, -1):
        depth += (text[place] == closing) - (text[place] == opening)
        if depth == 0:
            return place
    return -1


def is_initial(word: str) -> bool:
    """Whether a word without its full stop is one letter, or letters with full stops ("J", "J.R", "Ju")."""
    return (len(word) == 1 and word.isalpha()) or (len(word) > 2 and word[1::2] == "." * len(word[1::2]) and word[0].isupper())


def sentence_breaks(text: str) -> Iterator[int]:
    """Offsets just after a full stop, question or exclamation mark that ends a part; initials and abbreviations do not."""
    for found in _BREAK.finditer(text):
        start = found.start()
        if text[start] == "." and found.end() == start + 1:
            word = text[text.rfind(" ", 0, start) + 1 : start].lstrip("(['\"“‘")
            if is_initial(word) or word.lower() in LEXICON.abbreviations:
                continue
        yield found.end()


# How much a line reads like running prose: finite verbs, pronouns and conjunctions in small letters.

_WORD = re.compile(r"[^\W\d_]+(?:[’'][^\W\d_]+)?")


def prose_weight(text: str) -> float:
    """The number of small-letter words that running prose is made of; titles hold one or two at most."""
    return sum(1.0 for word in _WORD.findall(text.replace("’", "'")) if word in LEXICON.prose)


# What a reference was found to say, and how sure its shape makes us.


class Reference(msgspec.Struct, frozen=True):
    """A reference read into a CSL item; ``left_over`` are parts that found no place in it.

    ``shape`` is that of the first name ("" without one), ``quoted`` says that the title stands in quotation
    marks, ``in_brackets`` that the date or the whole imprint does: evidence for a citation, not part of it.
    """

    csl: CslItem
    left_over: tuple[str, ...] = ()
    shape: str = ""
    in_brackets: bool = False
    quoted: bool = False


def given(*fields: tuple[str, Any]) -> CslItem:
    """The fields that the source gives: those with a value that is not empty."""
    return {name: value for name, value in fields if value}


def told(parts: Iterable[str]) -> tuple[str, ...]:
    """Left-over parts worth reporting: those with a letter or digit in them."""
    return tuple(part.strip(" ,.;:") for part in parts if any(letter.isalnum() for letter in part))


# The words of a line, and the features by which the tagger knows them.

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
_MARKS = tuple(",.:;?!)]”\"’'»>/–—-*_，。：、》」』")
_OPENING = tuple("([“\"«„‘'/–—-*_<《「『")
_ROLES = frozenset({"editor", "translator", "in"})


def is_set_off(before: str, word: str) -> bool:
    """Whether a mark stands between a word and the one before it."""
    return before.endswith(_MARKS) or word.startswith(_OPENING)


def names_a_role(word: str) -> bool:
    """Whether a word says what follows it: an editor, a translator, what holds the piece."""
    return LEXICON.labels.get(word.casefold().strip(".,:;()[]")) in _ROLES


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
    told = [LEXICON.labels[small]] if small in LEXICON.labels else []
    if small in LEXICON.months:
        told.append("month")
    if is_given(core):
        told.append("given")
    if is_city(core):
        told.append("city")
    if is_region(core):
        told.append("region")
    one = core.isalpha()  # one word is looked up; "Harper's" and "Smith-Press" are searched
    if small in LEXICON.publishers if one else core and is_publisher(core):
        told.append("publisher")
    if (core in LEXICON.newspapers or core in LEXICON.magazines) if one else core and is_periodical(core):
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
    return _bytes((f"at:{tenth}", f"n:{place}", f"m:{left}", f"in:{here}{line}", f"st:{stops}{line}", f"y:{years}{commas}", line))


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
