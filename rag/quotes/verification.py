"""Two questions about a quotation pasted in, answered apart: does it occur verbatim, and is it where the citation says."""

from collections.abc import Callable, Iterable, Sequence

from index.citations.parse import parse_citation
from index.citations.works import Name, fold_item, names_agree
from index.records import Citation, CslItem, Excerpt, issued_years
from index.text import words
from index.windows import full_names
from rag.quotes.findings import Agreement, FieldCheck, FieldName, PlaceCheck, Verification
from rag.quotes.judge import look_up
from rag.quotes.match import QuoteIndex


def verify_quotation(
    quote: str, citation: str, index: QuoteIndex, excerpts: Callable[[Sequence[str]], Sequence[Excerpt]]
) -> Verification:
    """Looks a quotation up and compares the citation with that of each excerpt found.

    Args:
        quote: the words, with or without quotation marks around them.
        citation: how they were cited, in any style; "" when they were not.
        index: the collection's quotations.
        excerpts: gives excerpts for ids, in their order.
    """
    finding = look_up(_bare(quote), index)
    if not citation.strip():
        return Verification(finding)
    read = parse_citation(citation.strip())
    ids = list(dict.fromkeys(place.excerpt_id for place in finding.places))
    places = tuple(_compare(read, excerpt) for excerpt in excerpts(ids))
    return Verification(finding, _best([place.agreement for place in places]), places, read)


def _bare(quote: str) -> str:
    """Without one pair of marks around the whole."""
    stripped = quote.strip()
    for opening, closing in ("“”", '""', "«»", "„“", "‘’", "''", "»«", "‹›", "「」"):
        if len(stripped) > 2 and stripped[0] == opening and stripped[-1] == closing and opening not in stripped[1:-1]:
            return stripped[1:-1]
    return stripped


def _compare(given: Citation, excerpt: Excerpt) -> PlaceCheck:
    source = excerpt.citation or Citation("")
    fields = tuple(
        check for compare in (_author, _title, _year, _volume, _publisher, _page) if (check := compare(given, source)) is not None
    )
    return PlaceCheck(excerpt.id, _worst([field.agreement for field in fields]), fields)


def _author(given: Citation, source: Citation) -> FieldCheck | None:
    """Every person named is one of the source's; initials stand for given names, particles and "ue" for "ü" do not count."""
    asked, known = _names(given.csl or {}), _names(source.csl or {})
    if not asked:
        return None
    agree = all(any(names_agree((name,), (other,)) for other in known) for name in asked)
    return _check("author", _told(given), _told(source), agree)


def _told(citation: Citation) -> str:
    return "; ".join(" ".join(name.split()) for name in full_names(citation.csl or {}))


def _names(csl: CslItem) -> list[Name]:
    return [(_contracted(surname), tuple(map(_contracted, first))) for surname, first in fold_item(csl).names]


def _contracted(name: str) -> str:
    """A folded name with "ue", "oe" and "ae" as "ü", "ö" and "ä" are folded."""
    for pair in ("ue", "oe", "ae"):
        name = name.replace(pair, pair[0])
    return name


def _title(given: Citation, source: Citation) -> FieldCheck | None:
    """One title may be the other shortened; a line that could not be parsed is compared with the whole of the source's."""
    csl = source.csl or {}
    asked = str((given.csl or {}).get("title", "")) or ("" if given.csl or given.locator else given.raw)
    known = [str(csl[field]) for field in ("title", "title-short", "container-title") if csl.get(field)] or [source.raw]
    if not words(asked):
        return None
    return _check("title", asked, known[0], any(_one_holds_other(words(asked), words(title)) for title in known if words(title)))


def _volume(given: Citation, source: Citation) -> FieldCheck | None:
    """A volume that the source's citation does not have is a difference, where that names a work at all."""
    asked, known = str((given.csl or {}).get("volume", "")), str((source.csl or {}).get("volume", ""))
    if not asked:
        return None
    told = known or ("none" if (source.csl or {}).get("title") else "")
    return _check("volume", asked, told, words(asked) == words(known))


def _publisher(given: Citation, source: Citation) -> FieldCheck | None:
    """One publisher's name may be the other shortened."""
    asked, known = str((given.csl or {}).get("publisher", "")), str((source.csl or {}).get("publisher", ""))
    if not words(asked):
        return None
    ours, theirs = (set(words(name)) - _FIRMS for name in (asked, known))
    return _check("publisher", asked, known, ours <= theirs or theirs <= ours)


_FIRMS = frozenset("press publishers publisher publishing verlag books company co inc ltd gmbh and the sons of".split())


def _year(given: Citation, source: Citation) -> FieldCheck | None:
    asked, known = issued_years(given.csl or {}), issued_years(source.csl or {})
    return None if asked is None else _check("year", _range(asked), _range(known) if known else "", asked == known)


def _page(given: Citation, source: Citation) -> FieldCheck | None:
    asked, known = given.locator, source.locator
    if asked is None:
        return None
    if known is None:
        return _check("page", asked.value, "", agree=False)
    if asked.pages and known.pages:
        agree = all(any(low <= first and last <= high for low, high in known.pages) for first, last in asked.pages)
    else:
        agree = asked.label == known.label and words(asked.value) == words(known.value)
    return _check("page", asked.value, known.value, agree)


def _check(field: FieldName, given: str, source: str, agree: bool) -> FieldCheck:
    return FieldCheck(field, given, source, "unknown" if not source else "agrees" if agree else "differs")


def _one_holds_other(left: list[str], right: list[str]) -> bool:
    shorter, longer = sorted((left, right), key=len)
    return any(longer[at : at + len(shorter)] == shorter for at in range(len(longer) - len(shorter) + 1))


def _range(years: tuple[int, int]) -> str:
    return str(years[0]) if years[0] == years[1] else f"{years[0]}-{years[1]}"


def _worst(agreements: Iterable[Agreement]) -> Agreement:
    """One difference is enough; agreement needs something that agrees and nothing left open."""
    found = set(agreements)
    return "differs" if "differs" in found else "agrees" if found == {"agrees"} else "unknown"


def _best(agreements: Iterable[Agreement]) -> Agreement | None:
    found = set(agreements)
    ranked: tuple[Agreement, ...] = ("agrees", "unknown", "differs")
    return next((agreement for agreement in ranked if agreement in found), None)
