"""Whether anything shows that a text is quoted from the work that is named above it, or only speaks of that work.

A heading, an entry of a bibliography or "Title by Somebody" above a paragraph may head a summary, a review or a remark of the
compiler's own. Quotation marks, a place in the work, or a form that only quotations are given prove that the text is quoted.
"""

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from index.readers.attributions import is_card, parse_attribution
from index.readers.candidates import is_marked
from index.readers.cited_lines import form_of
from index.readers.entries import Entry

UNQUOTED = "it stands below a line that names a work, and nothing shows that it is quoted from it"
_HALF = 0.5
_EXTENT = 2
"""Pages from which a range in a journal may be the article's whole extent, and no place in it."""

_DASHES = "—–―~"


def without_proof_in_doubt(entries: Sequence[Entry]) -> Iterator[Entry]:
    """The entries; those whose citation leads in a text that nothing shows to be quoted are in doubt.

    Where most citations that lead in texts prove by their form that these are quoted, the document quotes, and all are believed.
    """
    leading = [entry for entry in entries if _leads(entry)]
    proved = {id(entry.citation): _proves(entry) for entry in leading}
    if sum(proved.values()) >= _HALF * max(1, len(proved)):
        yield from entries
        return
    for entry in entries:
        if not _leads(entry) or proved[id(entry.citation)] or all(map(is_marked, entry.texts)):
            yield entry
            continue
        beside = (entry.citation,) if entry.citation else ()
        for part in entry.texts:
            if is_marked(part):
                yield replace(entry, texts=(part,))
            else:
                yield Entry((part,), doubt=UNQUOTED, beside=beside)


def _leads(entry: Entry) -> bool:
    """Whether an entry's citation stands right above its texts, or before them in their list item."""
    citation = entry.citation
    return citation is not None and not citation.tail and not entry.inferred and citation.start < entry.texts[0].start


def _proves(entry: Entry) -> bool:
    """Whether the form of a citation says that what follows is quoted: a place, a card, a label, a colon, a dash."""
    citation = entry.citation
    if citation is None or entry.place is not None or citation.back:
        return True
    words = citation.words
    if words[:1] in _DASHES or words.endswith(":") or is_card(words) or form_of(words).opening == "labelled":
        return True
    read = parse_attribution(words, None, None)
    if read.locator is None:
        return False
    extent = "container-title" in (read.csl or {}) and any(last - first >= _EXTENT for first, last in read.locator.pages)
    return not extent
