"""A book, or a newspaper cited as a whole: what stands between the author and the imprint."""

import re

from index.citations.authors import Authorship, cut_authors, leaves_title
from index.citations.extents import Extent, cut_extent
from index.citations.imprints import Imprint, cut_imprint, trim_publisher
from index.citations.locator_phrases import COARSE
from index.citations.locators import cut_locator
from index.citations.periodicals import is_newspaper, is_periodical, parse_periodical
from index.citations.reference import Reference, given, told
from index.citations.roles import inner_contributors
from index.citations.titles import trim_title
from index.records import CslItem

_TITLED_VOLUME = re.compile(r"[,.]\svol(?:ume|\.)\s?([0-9]{1,3}|[IVXLC]{1,7})(?:[:,.]|\sof)\s(?=[^\W\d_])", re.IGNORECASE)


def read_book(text: str) -> Reference:
    """Reads a whole reference without a quoted title."""
    imprint = cut_imprint(text, leaves_title)
    authorship = cut_authors(imprint.head)
    if _is_whole_newspaper(authorship, imprint):
        return _read_newspaper(imprint)
    return read_title(authorship.rest, authorship, imprint)


def read_title(text: str, authorship: Authorship, imprint: Imprint) -> Reference:
    """Reads what is left of a book's reference when its authors and imprint are known: title, contributors, edition, volume."""
    contributors, extent, left_over = _cut_contributors(text)
    publisher = cut_extent(imprint.publisher)
    title, volume_title = extent.rest, ""
    titled_volume = _TITLED_VOLUME.search(title)
    if titled_volume and not title[titled_volume.end()].islower():
        title, volume_title = title[: titled_volume.start()], title[titled_volume.end() :]
        extent = Extent(title, volume=titled_volume[1]).joined(extent)
    extent = extent.joined(publisher)
    passage = cut_locator(title)
    if passage.units and passage.head.strip() and passage.units[-1].label not in COARSE:
        left_over += [unit.text for unit in passage.units if unit.label != "volume"]
        extent = extent.joined(Extent("", volume=next((unit.value for unit in passage.units if unit.label == "volume"), "")))
        title = passage.head
    item = authorship.csl() | {role: names for role, names in contributors.items() if role not in authorship.roles}
    item |= given(
        ("title", trim_title(title)),
        ("genre", imprint.genre),
        ("edition", extent.edition),
        ("volume", extent.volume),
        ("volume-title", trim_title(volume_title)),
        ("number-of-volumes", extent.number_of_volumes),
        ("publisher-place", imprint.place),
        ("publisher", trim_publisher(publisher.rest)),
        ("issued", imprint.issued),
    )
    by_somebody = bool(authorship.names or contributors or imprint.place or imprint.publisher)
    item["type"] = "thesis" if imprint.genre else "book" if by_somebody else "document"
    return Reference(item, told([*left_over, *imprint.left_over]), authorship.shape, imprint.in_brackets)


def _cut_contributors(text: str) -> tuple[CslItem, Extent, list[str]]:
    """Takes clauses such as "translated by …" out of a title, with editions and volumes on either side of them."""
    roles: CslItem = {}
    left_over: list[str] = []
    extent = cut_extent(text.strip())
    while (clause := inner_contributors(extent.rest)) is not None and clause.start > 0:
        for role in clause.roles:
            roles.setdefault(role, clause.names.csl())
        after = cut_extent(" " + extent.rest[clause.end :].strip(" ,.;:)"))
        left_over.insert(0, after.rest)
        extent = cut_extent(extent.rest[: clause.start]).joined(extent).joined(after)
    return roles, extent, left_over


def _is_whole_newspaper(authorship: Authorship, imprint: Imprint) -> bool:
    """Whether only a name and a day are given ("Pravda, March 5, 1937")."""
    if not imprint.dated_to_day:
        return False
    return authorship.names is None or (is_periodical(imprint.head) and authorship.shape in ("surnames", "corporate"))


def _read_newspaper(imprint: Imprint) -> Reference:
    periodical = parse_periodical(imprint.head)
    known = is_periodical(periodical.name)
    numbered = bool(periodical.volume or periodical.issue)
    item = given(
        (
            "type",
            "article-newspaper" if is_newspaper(periodical.name) else "article-magazine" if known or numbered else "document",
        ),
        ("container-title" if known or numbered else "title", periodical.name),
        ("volume", periodical.volume),
        ("issue", periodical.issue),
        ("issued", imprint.issued),
    )
    return Reference(item, told(imprint.left_over), in_brackets=imprint.in_brackets)
