"""Links in a reference: URL, DOI and the day they were read, taken out so that the rest reads like print."""

import re

from index.citations.dates import parse_date
from index.records import CslItem

_LINK = re.compile(r"(?:https?://|www\.)[^\s<>“”\"]+|\bdoi:\s?(10\.[0-9]{4,9}/[^\s<>“”\"]+)", re.IGNORECASE)
_DOI = re.compile(r"doi\.org/(10\.[0-9]{4,9}/\S+)", re.IGNORECASE)
_DATABASE = re.compile(
    r"[.,]\s(JSTOR|Project MUSE|ProQuest|Google Books|EBSCOhost|HathiTrust|Internet Archive)[.,]?$", re.IGNORECASE
)
_ACCESSED = re.compile(
    r"[,.;]?\s*[(\[]?(?:last )?(?:accessed|retrieved|viewed|consulted|visited)(?: on)?:? "
    r"((?:[^,.()\[\]]|(?<=\b[a-z]{3})\.|(?<=\bsept)\.){3,20}(?:,? [0-9]{4})?)[)\]]?[.,;]*(?: from:?)?",
    re.IGNORECASE,
)
_WEB = re.compile(r"(?<=[.,”’\"]) Web\. ([^,()\[\]]{8,20}[0-9]{4})\.?$")
"""How the seventh edition of the MLA Handbook gives the medium and the day of access, with no address."""


def cut_links(text: str) -> tuple[str, CslItem]:
    """The text without its first link and the date of access, and what these say: URL, DOI, accessed."""
    link = _LINK.search(text)
    if link is None:
        return _without_address(text)
    address = link[0].rstrip(".,;:)>]’”'\"")
    item: CslItem = {}
    if link[1]:
        item["DOI"] = address[link.start(1) - link.start() :]
    else:
        item["URL"] = address
        doi = _DOI.search(address)
        if doi:
            item["DOI"] = doi[1]
    before = text[: link.start()].rstrip(" <([")
    after = text[link.start() + len(address) :].lstrip(" >)].,;")
    before, before_date = _cut_accessed(before)
    after, after_date = _cut_accessed(after)
    database = _DATABASE.search(before)
    if database:
        item["source"] = database[1]
        before = before[: database.start() + 1]
    if before_date or after_date:
        item["accessed"] = before_date or after_date
    return f"{before} {after}".strip() if after else before, item


def _without_address(text: str) -> tuple[str, CslItem]:
    on_the_web = _WEB.search(text)
    date = parse_date(on_the_web[1]) if on_the_web else None
    if on_the_web and date:
        return text[: on_the_web.start()], {"accessed": date}
    rest, date = _cut_accessed(text)
    return rest, {"accessed": date} if date else {}


def _cut_accessed(text: str) -> tuple[str, CslItem | None]:
    found = _ACCESSED.search(text)
    date = parse_date(found[1].strip(" ,")) if found else None
    if found is None or date is None:
        return text, None
    return (text[: found.start()] + text[found.end() :]).strip(), date
