"""Variant spellings of one work become one source: author and title decide.

"Sample, Ada L." and "Sample, Ada Louise" wrote the same "The Paper Age"; Harris is not Harries, and
five books called "Voltaire" by five authors stay five. Places, publishers and years never decide: sources
misspell and omit them, and printings share their text.

Editions of different years are one work: who asks what a collection holds of a book wants all of it. Every
citation keeps the year, the edition and the volume its excerpt was taken from, so nothing about them is lost;
the work itself is shown in its most complete spelling.
"""

import hashlib
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

import msgspec

from index.citations.locators import cut_any_locator
from index.citations.people import PARTICLES
from index.citations.reference import lay_bare, squeeze
from index.records import Citation, CslItem, Work, WorkRules, issued_year

# One way of citing a work, folded for comparison: who is named, what it is called, and how like another it is.

Name = tuple[str, tuple[str, ...]]
"""The last word of a surname, and the words (or initials) before it but for particles, all folded: so Gabriel García Márquez
is the same in both orders, though nobody can tell where his surname begins."""

SAME, MAIN, TYPING_ERROR, SHORTENED, SAME_YEAR = 5, 4, 3, 2, 1
"""How two titles agree, best first; 0 is not at all."""

_CREATORS = ("author", "editor", "translator", "compiler")
_ARTICLES = frozenset("the a an he der die das le la les el los il".split())
_SUBTITLE = re.compile(r"[:;.?!,]\s|\s[–—-]\s|\s\(")
_ODD_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i", "&": " and "})
_SPLIT = re.compile(r"[\W_]+")
_NUMERAL = re.compile(r"[0-9]+|[ivxlc]+")
_FEWEST_LETTERS = 8
_FEWEST_LETTERS_OF_A_HINT = 4
_LONG_WORD, _VERY_LONG_WORD = 5, 7


class Folded(msgspec.Struct, frozen=True):
    """Names and title of a CSL item as they are compared; ``main`` is the title before any subtitle.

    ``year`` is None except where there is no title, ``short`` says that the item names no imprint, as short notes do.
    """

    names: tuple[Name, ...]
    title: tuple[str, ...]
    main: tuple[str, ...]
    year: int | None
    short: bool


class Variant(msgspec.Struct, frozen=True):
    """One CSL item: its key, the lines (without locators) that say it, and how many citations do."""

    key: bytes
    csl: CslItem
    raws: tuple[str, ...]
    citations: int
    likely: tuple[str, ...] = ()

    @property
    def rank(self) -> tuple[int, int, bytes]:
        """Sorts the item that says most first, of equals the most used."""
        return (len(self.likely) - len(self.csl), -self.citations, self.key)


class Spelling:
    """The items that write names and title alike, whatever else they say."""

    def __init__(self, folded: Folded, variants: tuple[Variant, ...], *, doubtful: bool = False) -> None:
        self.folded = folded
        self.doubtful = doubtful
        self.variants = variants
        self.best = min(variants, key=lambda variant: variant.rank)
        self.years = {year for variant in variants if (year := issued_year(variant.csl)) is not None}
        self.surname = folded.names[0][0] if folded.names else ""
        self.title_letters = "".join(folded.title)
        self.main_letters = "".join(folded.main)
        self.first_key = self.best.key.hex()
        self.first_raw = min(raw for variant in variants for raw in variant.raws)
        letters_of_names = sum(len(word) for _, given in folded.names for word in given) + 10 * len(folded.names)
        self.fullness = (not folded.title, folded.short, -len(self.title_letters), -letters_of_names, self.best.key)
        """Sorts the fullest spelling first; those without a title come last."""
        fields, citations = len(self.best.csl), sum(variant.citations for variant in variants)
        self.rank = (doubtful, -fields, -len(self.title_letters) - letters_of_names, -citations, self.best.key)
        """Sorts the most complete spelling first, of equals the longest, then the most used."""

    @property
    def keys(self) -> list[bytes]:
        """The keys of the items."""
        return [variant.key for variant in self.variants]

    @property
    def identity(self) -> str:
        """What tells this work from namesakes, as one string."""
        people = ";".join(f"{surname},{' '.join(given)}" for surname, given in self.folded.names)
        return f"{people}\0{self.title_letters}\0{self.folded.year or ''}"

    def clues(self) -> Iterator[object]:
        """Keys under which a spelling is found: of two spellings of one work, one has a clue that the other hints at."""
        yield from (("year", year) for year in self.years)
        yield from (("word", word) for word in set(self.folded.main) if len(word) >= _FEWEST_LETTERS_OF_A_HINT)
        yield "title", self.title_letters, self.folded.year
        if self.title_letters:
            yield "main", self.main_letters
        yield from self._halves()

    def hints(self) -> Iterator[object]:
        """Keys to look a spelling up by."""
        if not self.folded.title:
            yield ("year", self.folded.year)
        if self.folded.short and self.folded.title:
            yield ("word", max(self.folded.title, key=len))
        yield "title", self.title_letters, self.folded.year
        if self.title_letters:
            yield "main", self.title_letters
            yield "title", self.main_letters, None
        yield from self._halves()

    def _halves(self) -> Iterator[object]:
        """Of two titles that differ in one letter one half is the same."""
        letters = self.title_letters
        for half in {(len(letters) - 2) // 2, (len(letters) - 3) // 2} if len(letters) >= _FEWEST_LETTERS else ():
            yield "<", letters[:half]
            yield ">", letters[-half:]


def fold_item(csl: CslItem) -> Folded:
    """Folds a CSL item for comparison."""
    people: list[Mapping[str, str]] = next((csl[role] for role in _CREATORS if csl.get(role)), [])
    title, main = _fold_title(_title_of(csl))
    short = not csl.keys() & {"publisher", "publisher-place", "issued", "container-title", "URL"}
    return Folded(tuple(_fold_name(person) for person in people), title, main, None if title else issued_year(csl), short)


def surname_of(csl: CslItem) -> str:
    """The surname by which a CSL item is compared with others: items of two surnames are never one work."""
    names = fold_item(csl).names
    return names[0][0] if names else ""


def _title_of(csl: CslItem) -> str:
    """The title, or what stands for it: a newspaper and its day, an archive and its shelf."""
    if csl.get("title"):
        return str(csl["title"])
    parts = [str(csl[name]) for name in ("container-title", "archive", "archive_location", "volume", "issue") if csl.get(name)]
    if parts and csl.get("issued"):
        parts += [str(number) for date in csl["issued"].get("date-parts", []) for number in date]
    return " ".join(parts)


@lru_cache(maxsize=65536)
def fold(text: str) -> tuple[str, ...]:
    """The words of a text without case, accents and punctuation."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_ODD_LETTERS).replace("’", "").replace("'", ""))
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return tuple(word for word in _SPLIT.split(plain) if word)


def _fold_title(title: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    words = _without_article(fold(title))
    cut = _SUBTITLE.search(title, 1)
    main = _without_article(fold(title[: cut.start()])) if cut else ()
    return words, main or words


def _without_article(words: tuple[str, ...]) -> tuple[str, ...]:
    return words[1:] if len(words) > 1 and words[0] in _ARTICLES else words


def _fold_name(person: Mapping[str, str]) -> Name:
    if "literal" in person:
        return " ".join(fold(person["literal"])), ()
    family = fold(person.get("family", "")) or ("",)
    before = tuple(word for word in family[:-1] if word not in PARTICLES)
    return family[-1], (*fold(person.get("given", "").replace(".", ". ")), *before)


def names_agree(ours: tuple[Name, ...], theirs: tuple[Name, ...]) -> bool:
    """Whether two name lists may be of the same people, as far as both go: "A." is in "J. Arch", Jerome is not Joseph."""
    return all(
        surname == other and _given_agree(given, other_given)
        for (surname, given), (other, other_given) in zip(ours, theirs, strict=False)
    )


def _given_agree(ours: tuple[str, ...], theirs: tuple[str, ...]) -> bool:
    short, long = sorted((ours, theirs), key=len)
    rest = iter(long)
    return all(any(_same_given(word, other) for other in rest) for word in short)


def _same_given(word: str, other: str) -> bool:
    return word == other or ((len(word) == 1 or len(other) == 1) and word[0] == other[0])


def likeness(ours: Spelling, theirs: Spelling) -> int:
    """How two titles agree: one of SAME, MAIN, TYPING_ERROR, SHORTENED, SAME_YEAR, or 0.

    A title without its subtitle agrees with one that has it; two different subtitles do not agree. Without a
    title ("Sample 1956, 58") the year decides.
    """
    if not ours.folded.title or not theirs.folded.title:
        if not ours.folded.title and not theirs.folded.title:
            return SAME if ours.folded.year == theirs.folded.year else 0
        return SAME_YEAR if ours.surname and ours.years & theirs.years else 0
    if ours.title_letters == theirs.title_letters:
        return SAME
    if ours.title_letters == theirs.main_letters or ours.main_letters == theirs.title_letters:
        return MAIN
    if _is_typing_error(ours.folded.title, theirs.folded.title):
        return TYPING_ERROR
    if _is_shortened(ours.folded, theirs.folded) or _is_shortened(theirs.folded, ours.folded):
        return SHORTENED
    return 0


def _is_typing_error(ours: tuple[str, ...], theirs: tuple[str, ...]) -> bool:
    """Whether one letter is missing, doubled, swapped or (in a long word) wrong; numerals must agree."""
    if len(ours) != len(theirs) or sum(map(len, ours)) < _FEWEST_LETTERS:
        return False
    different = [pair for pair in zip(ours, theirs, strict=True) if pair[0] != pair[1]]
    if len(different) != 1 or any(_NUMERAL.fullmatch(word) for word in different[0]):
        return False
    short, long = sorted(different[0], key=len)
    start = next((place for place, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    if len(long) - len(short) == 1:
        return len(long) >= _LONG_WORD and short[start:] == long[start + 1 :]
    if len(long) != len(short):
        return False
    swapped = short[start : start + 2] == long[start : start + 2][::-1] and short[start + 2 :] == long[start + 2 :]
    replaced = short[start + 1 :] == long[start + 1 :] and start > 0 and len(long) >= _VERY_LONG_WORD
    return (swapped and len(long) >= _LONG_WORD) or replaced


def _is_shortened(short: Folded, full: Folded) -> bool:
    """Whether a short note's title is a run of whole words of a full one's ("Prophet Outcast")."""
    if not short.short or full.short or not any(len(word) >= _FEWEST_LETTERS_OF_A_HINT for word in short.title):
        return False
    size = len(short.title)
    return any(full.main[start : start + size] == short.title for start in range(len(full.main) - size + 1))


Group = list[Spelling]
"""The spellings of one work."""

_IDENTITY = frozenset({"author", "editor", "translator", "compiler", "title", "container-title"})

NO_WORK = -1
"""Stands for the work of a citation without ``csl``: nobody can tell which work it names."""


def merge_works(
    citations: Sequence[Citation], rules: Sequence[WorkRules] = (), *, warn: Callable[[str], object] | None = None
) -> tuple[list[Work], list[int]]:
    """The works that citations name, ascending by id, and for each citation the place of its work or NO_WORK.

    Near-linear: a spelling is compared only with spellings of the same first surname and a like title. The
    order of the citations never matters; repeating one changes nothing but the counts. ``rules`` say which works are the same,
    or are not, whatever their spellings tell; ``warn`` is told of each name in them that means no work here.
    """
    keys = [_key(citation) for citation in citations]
    groups = list(_groups(_spellings(citations, keys)))
    if rules:
        from index.citations.work_rules import names_of_nothing, rule_works

        ids = _ids(groups)
        tell = warn or (lambda _: None)
        for name in names_of_nothing(groups, ids, rules):
            tell(f"[works] in collection.toml names {name!r}, but no work of this collection is cited so, or has this id")
        groups = rule_works(groups, ids, rules)
    ids = _ids(groups)
    order = sorted(range(len(groups)), key=ids.__getitem__)
    place_of = {key: place for place, index in enumerate(order) for spelling in groups[index] for key in spelling.keys}
    places = [place_of[key] if key else NO_WORK for key in keys]
    counts = Counter(places)
    return [_work(ids[index], groups[index], counts[place]) for place, index in enumerate(order)], places


def _key(citation: Citation) -> bytes:
    return msgspec.json.encode((citation.csl, citation.likely), order="sorted") if citation.csl else b""


def _spellings(citations: Sequence[Citation], keys: Sequence[bytes]) -> list[Spelling]:
    """One spelling for each way of writing names and title, whatever the imprint."""
    heads: defaultdict[bytes, Counter[str]] = defaultdict(Counter)
    items: dict[bytes, CslItem] = {}
    likely: dict[bytes, tuple[str, ...]] = {}
    for citation, key in zip(citations, keys, strict=True):
        if citation.csl:
            heads[key][_head(citation.raw)] += 1
            items[key] = citation.csl
            likely[key] = citation.likely
    alike: defaultdict[tuple[Folded, bool], list[Variant]] = defaultdict(list)
    for key in sorted(items):
        variant = Variant(key, items[key], tuple(heads[key]), heads[key].total(), likely[key])
        alike[fold_item(items[key]), not _IDENTITY.isdisjoint(likely[key])].append(variant)
    return [Spelling(folded, tuple(variants), doubtful=doubtful) for (folded, doubtful), variants in alike.items()]


@lru_cache(maxsize=16384)
def _head(raw: str) -> str:
    """A citation as written, without its locator."""
    return cut_any_locator(lay_bare(squeeze(raw))).head.rstrip(" ,;:(")


def _groups(spellings: Iterable[Spelling]) -> Iterator[list[Spelling]]:
    blocks: defaultdict[str, list[Spelling]] = defaultdict(list)
    for spelling in spellings:
        blocks[spelling.surname].append(spelling)
    for surname in sorted(blocks):
        yield from _Block().group(blocks[surname])


_MOST_ALIKE = 128
"""Works under one surname that a clue may lead to. A clue that more works share, such as "Annual Report", tells none of them
apart, and comparing each spelling with all of them would take time that grows with the square of their number."""


class _Block:
    """The spellings under one surname, grouped into works."""

    def __init__(self) -> None:
        self._groups: list[list[Spelling]] = []
        self._by_clue: defaultdict[object, set[int]] = defaultdict(set)

    def group(self, spellings: Iterable[Spelling]) -> list[list[Spelling]]:
        """Groups the fullest spellings first, so that a short one can tell whether it has one or several works to belong to.

        One whose names or title are only likely comes last. It joins a work that a certain citation names by the very same
        title, which confirms it; else it stands alone, and nothing joins it.
        """
        for spelling in sorted(spellings, key=lambda spelling: (spelling.doubtful, spelling.fullness)):
            place = self._place_of(spelling)
            if place is None:
                place = len(self._groups)
                self._groups.append([])
            self._groups[place].append(spelling)
            for clue in () if spelling.doubtful else spelling.clues():
                self._by_clue[clue].add(place)
        return self._groups

    def _place_of(self, spelling: Spelling) -> int | None:
        """The group whose title is likest and whose names agree; None without one, and where two are equally like."""
        told = (self._by_clue.get(clue, set()) for clue in spelling.hints())
        candidates = sorted({place for places in told if len(places) <= _MOST_ALIKE for place in places})
        scored = [(self._likeness(spelling, self._groups[place]), place) for place in candidates]
        best = max((score for score, _ in scored), default=0)
        likest = [place for score, place in scored if score == best]
        least = MAIN if spelling.doubtful else SAME_YEAR
        return likest[0] if best >= least and len(likest) == 1 else None

    def _likeness(self, spelling: Spelling, group: list[Spelling]) -> int:
        if not all(names_agree(spelling.folded.names, names) for names in {other.folded.names: None for other in group}):
            return 0
        return max(likeness(spelling, other) for other in group[:_MOST_ALIKE])


def _ids(groups: Sequence[list[Spelling]]) -> list[str]:
    """A work's id comes from its first surname and main title; namesakes add all names, the whole title and the year."""
    canonical = [_canonical(group) for group in groups]
    names = [f"{spelling.surname}\0{spelling.main_letters}" for spelling in canonical]
    for further in ("identity", "first_raw", "first_key"):
        shared = Counter(names)
        names = [
            name if shared[name] == 1 else f"{name}\0{getattr(spelling, further)}"
            for name, spelling in zip(names, canonical, strict=True)
        ]
    return [hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:16] for name in names]


def _canonical(group: Sequence[Spelling]) -> Spelling:
    return min(group, key=lambda spelling: spelling.rank)


def _work(work_id: str, group: Sequence[Spelling], excerpts: int) -> Work:
    variants = [variant for spelling in group for variant in spelling.variants]
    best = _canonical(group).best
    csl = dict(best.csl)
    if len({variant.csl.get("volume") for variant in variants}) > 1:
        csl.pop("volume", None)
    spellings = tuple(sorted({raw for variant in variants for raw in variant.raws}))
    return Work(work_id, csl, excerpts, spellings, tuple(name for name in best.likely if name in csl))
