"""The frame that a publisher of free e-texts puts around a work: outside it is furniture, and it names the work."""

import re

import msgspec

from index.citations.people import parse_names
from index.records import Citation, CslItem

_START = re.compile(
    r"^\*{3} ?START OF (?:THE|THIS) PROJECT GUTENBERG [^\n\r]*?\*{3}[ \t]*\r?$|^\*END\*? ?THE SMALL PRINT![^\n\r]*$",
    re.MULTILINE | re.IGNORECASE,
)
_END = re.compile(
    r"^(?:\*{3} ?END OF (?:THE|THIS) PROJECT GUTENBERG |End of (?:the |this )?Project Gutenberg)", re.MULTILINE | re.IGNORECASE
)
_FIELD = re.compile(r"^(Title|Author|Editor|Translator|Release date|Language):[ \t]*(\S[^\n\r]*)", re.MULTILINE | re.IGNORECASE)
_NOBODY = frozenset({"various", "anonymous", "unknown"})
_ROLES = {"author": "author", "editor": "editor", "translator": "translator"}


class Frame(msgspec.Struct, frozen=True):
    """Where the work begins and ends in the text, and its citation where the frame gives one."""

    start: int
    end: int
    citation: Citation | None = None

    @property
    def csl(self) -> CslItem:
        """The item of the citation, {} for none."""
        return (self.citation.csl if self.citation else None) or {}


def find_frame(text: str) -> Frame:
    """The frame of a text; without one, the whole text is the work."""
    begun = _START.search(text)
    ended = _END.search(text, begun.end() if begun else 0)
    if begun is None:
        return Frame(0, len(text))
    return Frame(begun.end(), ended.start() if ended else len(text), _citation(text[: begun.start()]))


def _citation(head: str) -> Citation | None:
    fields = {name.lower(): value.strip() for name, value in _FIELD.findall(head)}
    if "title" not in fields:
        return None
    csl: CslItem = {"type": "book", "title": fields["title"]}
    for name, role in _ROLES.items():
        names = parse_names(fields[name]) if name in fields and fields[name].lower() not in _NOBODY else None
        if names:
            csl[role] = names.csl()
    people = ", ".join(fields[name] for name in _ROLES if name in fields and _ROLES[name] in csl)
    return Citation(f"{people}. {fields['title']}." if people else fields["title"], csl=csl)
