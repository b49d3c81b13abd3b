"""Variant spellings of one work become one source: author and title decide.

"Sample, Ada L." and "Sample, Ada Louise" wrote the same "The Paper Age"; Harris is not Harries, and
five books called "Voltaire" by five authors stay five. Places, publishers and years never decide: sources
misspell and omit them, and printings share their text.

Editions of different years are one work: who asks what a collection holds of a book wants all of it. Every
citation keeps the year, the edition and the volume its excerpt was taken from, so nothing about them is lost;
the work itself is shown in its most complete spelling.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache

import msgspec

from index.citations.lines import lay_bare, squeeze
from index.citations.locators import cut_any_locator
from index.citations.spellings import Folded, Spelling, Variant, fold_item, likeness, names_agree
from index.records import Citation, CslItem, Work

_IDENTITY = frozenset({"author", "editor", "translator", "compiler", "title", "container-title"})

NO_WORK = -1
"""Stands for the work of a citation without ``csl``: nobody can tell which work it names."""


def merge_works(citations: Sequence[Citation]) -> tuple[list[Work], list[int]]:
    """The works that citations name, ascending by id, and for each citation the place of its work or NO_WORK.

    Near-linear: a spelling is compared only with spellings of the same first surname and a like title. The
    order of the citations never matters; repeating one changes nothing but the counts.
    """
    keys = [_key(citation) for citation in citations]
    doubtful = {key for key, citation in zip(keys, citations, strict=True) if _is_doubtful(citation)}
    groups = list(_groups(_spellings(citations, keys, leaving_out=doubtful)))
    groups += [[spelling] for spelling in _spellings(citations, keys, leaving_out=set(keys) - doubtful)]
    ids = _ids(groups)
    order = sorted(range(len(groups)), key=ids.__getitem__)
    place_of = {key: place for place, index in enumerate(order) for spelling in groups[index] for key in spelling.keys}
    places = [place_of[key] if key else NO_WORK for key in keys]
    counts = Counter(places)
    return [_work(ids[index], groups[index], counts[place]) for place, index in enumerate(order)], places


def _key(citation: Citation) -> bytes:
    return msgspec.json.encode((citation.csl, citation.likely), order="sorted") if citation.csl else b""


def _is_doubtful(citation: Citation) -> bool:
    """Whether names or title are only likely: then the citation is joined with none that reads otherwise."""
    return not _IDENTITY.isdisjoint(citation.likely)


def _spellings(citations: Sequence[Citation], keys: Sequence[bytes], *, leaving_out: Collection[bytes]) -> list[Spelling]:
    """One spelling for each way of writing names and title, whatever the imprint."""
    heads: defaultdict[bytes, Counter[str]] = defaultdict(Counter)
    items: dict[bytes, CslItem] = {}
    likely: dict[bytes, tuple[str, ...]] = {}
    for citation, key in zip(citations, keys, strict=True):
        if citation.csl and key not in leaving_out:
            heads[key][_head(citation.raw)] += 1
            items[key] = citation.csl
            likely[key] = citation.likely
    alike: defaultdict[Folded, list[Variant]] = defaultdict(list)
    for key in sorted(items):
        alike[fold_item(items[key])].append(Variant(key, items[key], tuple(heads[key]), heads[key].total(), likely[key]))
    return [Spelling(folded, tuple(variants)) for folded, variants in alike.items()]


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


class _Block:
    """The spellings under one surname, grouped into works."""

    def __init__(self) -> None:
        self._groups: list[list[Spelling]] = []
        self._by_clue: defaultdict[object, set[int]] = defaultdict(set)

    def group(self, spellings: Iterable[Spelling]) -> list[list[Spelling]]:
        """Groups the fullest spellings first, so that a short one can tell whether it has one or several works to belong to."""
        for spelling in sorted(spellings, key=lambda spelling: spelling.fullness):
            place = self._place_of(spelling)
            if place is None:
                place = len(self._groups)
                self._groups.append([])
            self._groups[place].append(spelling)
            for clue in spelling.clues():
                self._by_clue[clue].add(place)
        return self._groups

    def _place_of(self, spelling: Spelling) -> int | None:
        """The group whose title is likest and whose names agree; None without one, and where two are equally like."""
        candidates = sorted({place for clue in spelling.hints() for place in self._by_clue.get(clue, ())})
        scored = [(self._likeness(spelling, self._groups[place]), place) for place in candidates]
        best = max((score for score, _ in scored), default=0)
        likest = [place for score, place in scored if score == best]
        return likest[0] if best and len(likest) == 1 else None

    def _likeness(self, spelling: Spelling, group: list[Spelling]) -> int:
        if not all(names_agree(spelling.folded.names, other.folded.names) for other in group):
            return 0
        return max(likeness(spelling, other) for other in group)


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
