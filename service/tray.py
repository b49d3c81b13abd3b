"""A tray of passages to take away: as Markdown with the quotations, or as the bibliography of their works."""

import re
from collections.abc import Sequence

from index.citations.styles import format_excerpt_citation
from index.collection import Collection
from index.records import Excerpt, Work
from service.citing import FORMS, Cited, cite, write_bibliography
from service.errors import RequestInvalid
from service.links import Links

TAKEAWAYS = ("markdown", *FORMS)
MOST_KEPT = 200

_SPECIAL = re.compile(r"([\\`*_\[\]<>#|~&])")
_AT_LINE_START = re.compile(r"^(\s*)([-+=]|\d+[.)])", re.MULTILINE)


def kept_within(ids: Sequence[str]) -> list[str]:
    """The ids of a tray, each once. Raises RequestInvalid for more than a tray holds."""
    kept = list(dict.fromkeys(ids))
    if len(kept) > MOST_KEPT:
        raise RequestInvalid(
            f"the tray has {len(kept)} passages", rule=f"a tray holds at most {MOST_KEPT}", remedy="take it away in parts"
        )
    return kept


def works_of(collection: Collection, excerpts: Sequence[Excerpt]) -> list[Work]:
    """The works that excerpts cite, once each; an excerpt whose citation could not be parsed has none."""
    return [collection.work(work) for work in dict.fromkeys(excerpt.work_id for excerpt in excerpts if excerpt.work_id)]


def takeaway(collection: Collection, excerpts: Sequence[Excerpt], form: str, style: str, links: Links) -> str:
    """The tray in one of ``TAKEAWAYS``. Raises CitationInvalid for a form or style that there is not."""
    if form == "markdown":
        return as_markdown([cite(collection, excerpt) for excerpt in excerpts], style, links)
    return write_bibliography(works_of(collection, excerpts), form, style)


def as_markdown(passages: Sequence[Cited], style: str, links: Links) -> str:
    """Each passage as a block quote, verbatim to whoever reads the rendered page, with its citation and its address."""
    return "\n".join(_block(passage, style, links) for passage in passages)


def _block(passage: Cited, style: str, links: Links) -> str:
    excerpt, quoted_in = passage
    quoted = "\n".join(f"> {line}".rstrip() for line in _plain(excerpt.text).splitlines())
    citation = _plain(format_excerpt_citation(excerpt.citation, style, quoted_in=quoted_in))
    return f"{quoted}\n>\n> — {citation} [Passage]({links.excerpt(excerpt.id)})\n"


def _plain(text: str) -> str:
    """Text that Markdown shows as it is."""
    return _AT_LINE_START.sub(_escape_marker, _SPECIAL.sub(r"\\\1", text))


def _escape_marker(marker: re.Match[str]) -> str:
    return f"{marker[1]}{marker[2][:-1]}\\{marker[2][-1]}"
