"""Two readings of one line become one item: a field is certain, likely, or left out.

Each value that either reader gives is weighed by what was right on held-out references: whether the readers agree, how sure
the tagger is, what the rest of the line looks like. The weights (``vendor/citation-tagger/confidence.json``) are fitted by
``scripts/train_citation_tagger.py``; a value below the lower bound is left out, and its words are named as left over.
"""

import math
import re
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from index.citations.csl import DATE_FIELDS
from index.citations.locators import LABELS as LOCATOR_LABELS
from index.citations.locators import date_spans, expand_pages
from index.citations.tagger import Tagged
from index.citations.words import LEXICON, Reference, is_newspaper, is_periodical, words_of
from index.records import CslItem, Locator

CONFIDENCE = Path(__file__).parent / "vendor" / "citation-tagger" / "confidence.json"
PAGES = "page"
"""The pages as written, whether they are a locator or those of an article: combined like a field."""

FIELDS = (
    "author", "editor", "translator", "title", "container-title", "volume", "issue", PAGES, "publisher", "publisher-place",
    "issued", "edition", "genre", "collection-title", "collection-number", "number-of-volumes",
)  # fmt: skip
_NAMES = frozenset({"author", "editor", "translator", "compiler"})
_OF_TEXT, _OF_NAMES = 1, 2
_WORDS = re.compile(r"\w+")
_EDITION = re.compile(r"[0-9]+")
_RANGE_SIGN = re.compile(r"[^0-9a-z,]+")
_JOINING = frozenset("and & of the in und et for by on der die des du le la".split())
_SURE = (0.4, 0.6, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999)
_SMALL_WORDS = {
    "en": frozenset("the of and in on for to with from at by".split()),
    "de": frozenset("der die das und des dem den im zur zum von für über eine".split()),
    "romance": frozenset("le la les des du et une dans il lo gli della delle dei nel per el los las del y en una".split()),
}


class Confidence(msgspec.Struct, frozen=True):
    """Weights of the evidence, and the probabilities from which a field is certain and likely."""

    weights: dict[str, float]
    certain: float
    likely: float


class Candidate(msgspec.Struct, frozen=True):
    """A value for a field: who gives it ("both", "grammar" or "tagger") and the evidence for it."""

    field: str
    value: Any
    reader: str
    evidence: tuple[str, ...]


class LineEvidence(NamedTuple):
    """What a line as a whole tells: how sure the tagger is at its weakest, how the grammar found it laid out, and so on."""

    weakest: str
    layout: str
    order: str
    left_over: str
    spare: str
    tongue: str
    kind: str
    labelled: str
    imprint: str


class Combined(msgspec.Struct, frozen=True):
    """An item without a type, the names of its fields that are only likely, and of those that were left out."""

    csl: CslItem
    likely: tuple[str, ...]
    left_out: tuple[str, ...]


@cache
def shipped_confidence() -> Confidence:
    """The weights that travel with the package."""
    return msgspec.json.decode(CONFIDENCE.read_bytes(), type=Confidence)


class Pages(msgspec.Struct, frozen=True):
    """Pages as the grammar read them, "" where it read none.

    ``labelled`` says that their words leave no doubt, as "p." before a number does: then nobody else is asked. ``elsewhere`` is a
    locator of another label ("00:41:07"), whose words belong to nothing else.
    """

    value: str = ""
    labelled: bool = False
    elsewhere: str = ""


def combine(line: str, reference: Reference, pages: Pages, tagged: Tagged, confidence: Confidence) -> Combined:
    """For each field the likeliest value of either reader, if it is likely enough and its words are in no likelier field.

    Fields that only the grammar knows (links, archives) stay.
    """
    csl: CslItem = {name: value for name, value in reference.csl.items() if name not in FIELDS and name != "type"}
    if pages.labelled and pages.value:
        csl[PAGES] = pages.value
    weighed = [(probability_of(each.evidence, confidence), each) for each in candidates(reference, pages, tagged)]
    likely: list[str] = []
    taken = bytearray(len(line))
    if pages.elsewhere and (start := line.rfind(pages.elsewhere)) >= 0:
        taken[start : start + len(pages.elsewhere)] = bytes([_OF_TEXT]) * len(pages.elsewhere)
    for probability, candidate in sorted(weighed, key=lambda pair: -pair[0]):
        name = candidate.field
        if name in csl or probability < confidence.likely or not _take(line, name, candidate.value, taken):
            continue
        csl[name] = candidate.value
        if probability < confidence.certain:
            likely.append(name)
    left_out = dict.fromkeys(candidate.field for _, candidate in weighed if candidate.field not in csl)
    return Combined(csl, tuple(likely), tuple(left_out))


def _take(line: str, name: str, value: Any, taken: bytearray) -> bool:
    """Takes the words of a value out of what other fields may hold; False, and nothing taken, where one of them is gone."""
    if name == "edition":
        return True
    if name == "issued":
        year = str(value["date-parts"][0][0])
        return year not in line or any(not all(taken[found.start() : found.end()]) for found in re.finditer(year, line))
    named = name in _NAMES
    texts = [person.get("family") or person.get("literal", "") for person in value] if named else [str(value)]
    places = [_free(line, text, taken, shared=_OF_NAMES if named and name != "author" else 0) for text in dict.fromkeys(texts)]
    if any(start < 0 for start, _ in places):
        return False
    for start, end in places:
        taken[start:end] = bytes([_OF_NAMES if named and name != "author" else _OF_TEXT]) * (end - start)
    return True


def _free(line: str, text: str, taken: bytearray, shared: int) -> tuple[int, int]:
    """Where a text stands with none of its words taken, but for other ``shared`` ones: one person may have two roles. Else -1."""
    for start, end in places_of(line, text):
        if all(mark in (0, shared) for mark in taken[start:end]):
            return start, end
    return -1, -1


def candidates(reference: Reference, pages: Pages, tagged: Tagged) -> Iterator[Candidate]:
    """The values that the readers give for each field, with the evidence for each."""
    ours = {name: value for name in FIELDS if name != PAGES and (value := reference.csl.get(name))}
    theirs = {name: value for name in FIELDS if (value := tagged.csl.get(name))}
    if not pages.labelled:
        ours |= {PAGES: pages.value} if pages.value else {}
        theirs |= {PAGES: tagged.pages} if tagged.pages else {}
    folded = {name: (fold(name, ours.get(name)), fold(name, theirs.get(name))) for name in ours.keys() | theirs.keys()}
    agreed = {name for name, (one, other) in folded.items() if one and one == other}
    line = _line_evidence(reference, pages, tagged)
    for name in FIELDS:
        if name not in folded:
            continue
        among_others = _share(len(agreed - {name}), len(folded) - 1)
        if name in agreed:
            yield _candidate(name, _fuller(name, ours[name], theirs[name]), "both", "same", tagged, among_others, line)
            continue
        if name in ours:
            yield _candidate(name, ours[name], "grammar", "differs" if name in theirs else "none", tagged, among_others, line)
        if name in theirs:
            yield _candidate(name, theirs[name], "tagger", "differs" if name in ours else "none", tagged, among_others, line)


def _candidate(name: str, value: Any, reader: str, other: str, tagged: Tagged, among: str, line: LineEvidence) -> Candidate:
    sure = _bin(tagged.sure[name]) if name in tagged.sure else "-"
    group = "names" if name in _NAMES else name
    told = [f"{group}|{reader}", f"{group}|{reader}|{other}", f"{reader}|{other}|{sure}", f"{group}|{reader}|{sure}"]
    told += [f"{reader}|{other}|{among}", f"{group}|{reader}|{among}", f"{reader}|{sure}|{among}"]
    told += [f"{reader}|{part}" for part in line] + [f"{group}|{reader}|{line.weakest}", f"{reader}|{line.weakest}|{among}"]
    told += [f"{group}|{reader}|{other}|{line.imprint}", f"{group}|{reader}|{line.layout}", f"{group}|{reader}|{line.labelled}"]
    told += [f"{reader}|{other}|{line.imprint}|{line.labelled}|{line.left_over}", f"{group}|{reader}|{other}|{line.kind}"]
    told += [f"{name}|{reader}|{other}|{sure}"] if name in _NAMES else []
    for form in _form(name, value):
        told.append(f"{group}|{reader}|{form}")
        if name in _NAMES:
            told.append(f"{name}|{reader}|{other}|{form}")
    return Candidate(name, value, reader, tuple(told))


def _form(name: str, value: Any) -> list[str]:
    """What a value looks like: how long, and whether it holds what a value of its kind seldom holds."""
    if name in _NAMES:
        whole = all("given" in person for person in value)
        initials = any("." in person.get("given", "") for person in value)
        literal = any("literal" in person for person in value)
        return [f"people{min(len(value), 4)}", f"whole{whole}", f"initials{initials}", f"literal{literal}"]
    if name == "issued":
        return [f"parts{len(value['date-parts'][0])}", f"dates{len(value['date-parts'])}"]
    text = str(value)
    size = len(text.split())
    told = [f"words{next(bound for bound in (1, 2, 4, 8, 16, 1000) if size <= bound)}"]
    told += [f"has{sign}" for sign in (". ", ", ", ": ", "(", ")", "?", '"') if sign in text]
    words = text.casefold().split()
    told += ["dangling"] if words[-1] in _JOINING or words[0] in _JOINING else []
    told += ["digit"] if any(sign.isdigit() for sign in text) else []
    return told + (["small"] if text[:1].islower() else []) + (["periodical"] if is_periodical(text) else [])


def _line_evidence(reference: Reference, pages: Pages, tagged: Tagged) -> LineEvidence:
    weakest = _bin(min((segment.sure for segment in tagged.segments), default=0.0))
    layout = f"{reference.shape}{'(' if reference.in_brackets else ''}{'q' if reference.quoted else ''}"
    order = "".join(segment.label[0] for segment in tagged.segments[:6] if segment.label not in ("note", "citation-number"))
    title = str(tagged.csl.get("title", "")) + " " + str(tagged.csl.get("container-title", ""))
    words = _WORDS.findall(title.casefold())
    counts = {tongue: sum(word in known for word in words) for tongue, known in _SMALL_WORDS.items()}
    tongue = max(counts, key=lambda name: counts[name]) if any(counts.values()) else "any"
    tongue = tongue if not words or words[0].isascii() or tongue != "any" else "other"
    return LineEvidence(
        f"weakest{weakest}",
        f"layout{layout}",
        f"order{order[:4]}",
        f"left{bool(reference.left_over)}",
        f"spare{bool(tagged.spare)}",
        f"tongue{tongue}",
        f"type{reference.csl['type']}",
        f"labelled{pages.labelled}",
        _imprint(reference),
    )


def _imprint(reference: Reference) -> str:
    parts = (name[-5:] for name in ("publisher-place", "publisher", "issued") if name in reference.csl)
    return f"imprint{'+'.join(parts)}{'(' if reference.in_brackets else ''}"


def _share(part: int, whole: int) -> str:
    if whole <= 0:
        return "alone"
    share = part / whole
    return "all" if part == whole else "most" if share >= 0.7 else "half" if share >= 0.4 else "few" if part else "none"


def _bin(probability: float) -> str:
    return str(sum(probability >= bound for bound in _SURE))


def probability_of(evidence: tuple[str, ...], confidence: Confidence) -> float:
    """How likely a value with this evidence is right, in (0, 1)."""
    weight = confidence.weights.get
    return 1 / (1 + math.exp(-(weight("") or 0.0) - sum(filter(None, map(weight, evidence)))))


def fold(name: str, value: Any) -> str:
    """A value as the readers' values are compared: what is said, not how it is written; "" for none."""
    if not value:
        return ""
    if name in _NAMES:
        return "|".join(
            " ".join(_WORDS.findall((person.get("family") or person.get("literal", "")).casefold())) for person in value
        )
    if name == "issued":
        parts = value.get("date-parts")
        return str(parts[0][0]) if parts else ""
    if name == PAGES:
        return str(expand_pages(str(value)) or _RANGE_SIGN.sub("-", str(value).casefold()).strip("-"))
    if name == "edition" and (number := _EDITION.search(str(value))):
        return number[0]
    return " ".join(_WORDS.findall(str(value).casefold()))


def _fuller(name: str, ours: Any, theirs: Any) -> Any:
    """Of two values that say the same, the date or the names that say more, else the grammar's."""
    if name in _NAMES:
        return max(ours, theirs, key=lambda people: sum("given" in person or "literal" in person for person in people))
    if name == "issued" and len(theirs["date-parts"][0]) > len(ours["date-parts"][0]):
        return theirs
    return ours


def type_of(csl: CslItem, tagged: Tagged, told: str) -> str:
    """The CSL type for combined fields; ``told`` is what the grammar made of the line."""
    labels = {segment.label for segment in tagged.segments}
    if told in ("webpage", "legal_case", "classic", "manuscript", "interview", "personal_communication"):
        return told
    genre = str(csl.get("genre", "")).casefold()
    if genre:
        return "thesis" if re.search(r"diss|thesis|thèse|tesi", genre) else "report"
    holder = str(csl.get("container-title", ""))
    if not holder:
        made = csl.keys() & {"author", "editor", "translator", "publisher", "publisher-place"}
        return told if told in ("book", "document") and (told == "book") == bool(made) else "book" if made else "document"
    if "title" not in csl and told in ("article-newspaper", "article-magazine"):
        return told
    numbered = bool(csl.keys() & {"volume", "issue"})
    if "journal" not in labels and (
        csl.keys() & {"editor", "publisher", "publisher-place"} or (told == "chapter" and not numbered)
    ):
        return "chapter"
    day = len(csl.get("issued", {}).get("date-parts", [[]])[0]) > 1
    if not numbered and is_newspaper(holder):
        return "article-newspaper"
    return "article-magazine" if day and not numbered else "article-journal"


# The words of a citation line that no field accounts for: what a reader of the report has to know was not read.

_CORE = re.compile(r"^\W*(.*?)\W*$", re.DOTALL)
_ORDINAL = re.compile(r"([0-9]{1,3})(?:st|nd|rd|th|d|e|er|re|ème|ª|º)")
_EDGES = " ,.;:()[]“”\"'«»„"
_ISBN = re.compile(r"ISBN(?:-1[03])?:?\s?[0-9][0-9Xx–-]{8,16}", re.IGNORECASE)


def unread(line: str, csl: CslItem, where: Locator | None, known: str = "") -> tuple[str, ...]:
    """Runs of words of a bare line that stand in no field of its item nor in ``known``, in order, each a slice of the line."""
    read = bytearray(len(line))
    _mark(line, known.strip(), read)
    for text in sorted({*_strings(csl), *((where.value, where.note) if where else ())}, key=len, reverse=True):
        _mark(line, text, read)
    for name in DATE_FIELDS & csl.keys():
        for part in csl[name].get("date-parts", []):
            for start, end in date_spans(line, part[0]):
                read[start:end] = b"\1" * (end - start)
    for found in _ISBN.finditer(line):
        read[found.start() : found.end()] = b"\1" * len(found[0])
    return tuple(_runs(line, read, csl))


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, part in value.items():
            if name != "type":
                yield from _strings(part)
    elif isinstance(value, list):
        for part in value:
            yield from _strings(part)


def places_of(line: str, text: str) -> Iterator[tuple[int, int]]:
    """Where a text stands in a line as whole words, from the left."""
    start = line.find(text) if text else -1
    while start >= 0:
        end = start + len(text)
        begins = start == 0 or not (line[start - 1].isalnum() and text[0].isalnum())
        ends = end == len(line) or not (line[end].isalnum() and text[-1].isalnum())
        if begins and ends:
            yield start, end
        start = line.find(text, start + 1)


def _mark(line: str, text: str, read: bytearray) -> None:
    """Marks the first place of a text that is not read yet."""
    for start, end in places_of(line, text):
        if 0 in read[start:end]:
            read[start:end] = b"\1" * len(text)
            return


def _runs(line: str, read: bytearray, csl: CslItem) -> Iterator[str]:
    """Unread words, with the known words between them; a label for pages is only known where a number follows that was read."""
    words = words_of(line)
    rest = "".join([" " if mark else sign for sign, mark in zip(line, read, strict=True)])
    start = end = -1
    for place, word in enumerate(words):
        left = rest[word.start : word.end]
        marked = left != word.text
        if not marked and _core(left).casefold() in LOCATOR_LABELS:
            following = words[place + 1] if place + 1 < len(words) else None
            known = following is not None and rest[following.start : following.end] != following.text
        else:
            known = _is_read(left.strip(), csl)
        if not known:
            start, end = (word.start if start < 0 else start), word.end
        elif marked and start >= 0:
            yield line[start:end].strip(_EDGES)
            start = -1
    if start >= 0:
        yield line[start:end].strip(_EDGES)


def _is_read(left: str, csl: CslItem) -> bool:
    """Whether what no field holds of a word says nothing that a field could hold, or the ordinal of the edition."""
    core = _core(left)
    if _is_known(core.casefold()):
        return True
    ordinal = _ORDINAL.fullmatch(core.casefold())
    return ordinal is not None and csl.get("edition") == ordinal[1]


@lru_cache(maxsize=8192)
def _core(word: str) -> str:
    """A word without the signs around it."""
    return _CORE.sub(r"\1", word)


@lru_cache(maxsize=8192)
def _is_known(small: str) -> bool:
    """Whether a word without the signs around it says nothing that a field could hold."""
    known = not small or small in LEXICON.labels or small in LOCATOR_LABELS or small in LEXICON.read
    return known or all(part in LEXICON.read for part in small.split(".")) or not any(sign.isalnum() for sign in small)
