"""Titles: quoted ones, the periodical or book that holds an article, and what the title is not."""

import re

import msgspec

_QUOTED = re.compile(r"[“\"«„‘']")
_CLOSING = {"“": "”", '"': '"', "«": "»", "„": "“”", "‘": "’", "'": "'"}
_NEWSPAPER = re.compile(
    r"\b(?:Times|Post|Herald|Tribune|Gazette|Gazeta|Daily|News|Telegraph|Pravda|Izvestii?a|Izvestiya|Worker|Guardian|Observer|Independent|Monde|Figaro|Zeitung"
    r"|Humanité|Sun|Mirror|Chronicle|Courier|Examiner|Globe|Inquirer|Standard|Star|Journal-American|Trud|Zvezda)\b"
)
_NUMBERS = re.compile(
    r"(?P<name>.+?)[,.]?\s+(?:vol(?:ume)?\.?\s*)?(?P<volume>[0-9]{1,4}|[IVXLC]{1,7})"
    r"(?:\s?\((?P<bracketed>[0-9]{1,4}(?:[-–/][0-9]{1,4})?)\)|[,:.]?\s*(?:nos?|nr|issue|number|#|№)\.?\s*(?P<issue>[0-9]{1,4}(?:[-–/][0-9]{1,4})?)|\s?[.:/]\s?(?P<dotted>[0-9]{1,3}))?"
    r"(?:,?\s(?P<season>spring|summer|autumn|fall|winter))?[,.:]?",
    re.IGNORECASE,
)
_ISSUE = re.compile(r"(?P<name>.+?)[,.]?\s+(?:nos?|nr|issue|number|#|№)\.?\s*(?P<issue>[0-9]{1,4}(?:[-–/][0-9]{1,4})?)[,.:]?", re.IGNORECASE)
_STRIP = " ,.;:"


class Quoted(msgspec.Struct, frozen=True):
    """A title in quotation marks: the text before it, the title without its closing comma or full stop, the text after it."""

    before: str
    title: str
    after: str


def cut_quoted(text: str) -> Quoted | None:
    """The first quotation that is a title: it opens a part and a separator closes it, inside or outside the marks.

    “Hot Autumn” in Italy is a title that starts with a quotation, not a quoted title.
    """
    for opened in _QUOTED.finditer(text):
        start = opened.start()
        if start and (text[start - 1] != " " or text[: start - 1][-1:] not in ".,:;)("):
            continue
        for end in range(start + 1, len(text)):
            if text[end] in _CLOSING[opened[0]] and _closes(text, start, end):
                return Quoted(text[:start].strip(), text[start + 1 : end].strip().rstrip(",.;"), text[end + 1 :].strip())
    return None


def _closes(text: str, start: int, end: int) -> bool:
    following = text[end + 1 : end + 2]
    if text[end] in "'’" and following.isalnum():
        return False
    return end > start + 1 and (text[end - 1] in ",.?!;" and following in ("", " ", ",", ".") or following in ("", ",", ".", ";", ":") or text[end + 1 : end + 3] == " (")


def is_newspaper(name: str) -> bool:
    """Whether a periodical's name is that of a newspaper, by its words."""
    return _NEWSPAPER.search(name) is not None


class Periodical(msgspec.Struct, frozen=True):
    """A periodical as cited: its name and, each "" where absent, volume and issue."""

    name: str
    volume: str = ""
    issue: str = ""


def parse_periodical(text: str) -> Periodical:
    """ "Slavic Review 44, no. 1" and its like; a text without numbers is a name."""
    text = text.strip(_STRIP)
    found = _NUMBERS.fullmatch(text)
    if found is not None:
        issue = found["bracketed"] or found["issue"] or found["dotted"] or ""
        return Periodical(found["name"].strip(_STRIP), found["volume"], issue)
    found = _ISSUE.fullmatch(text)
    if found is not None:
        return Periodical(found["name"].strip(_STRIP), "", found["issue"])
    return Periodical(text)


def trim_title(text: str) -> str:
    """A title without the separators around it; question and exclamation marks, and brackets, belong to it."""
    return text.strip().strip(",;:").rstrip(" .,;:").strip()
