"""Periodicals as cited: "Slavic Review 44, no. 1", "Past & Present, 50(1)", "Pravda"."""

import re

import msgspec

_NEWSPAPER = re.compile(
    r"\b(?:Times|Post|Herald|Tribune|Gazette|Gazeta|Daily|News|Telegraph|Pravda|Izvestii?a|Izvestiya|Worker|Guardian|Observer"
    r"|Independent|Monde|Figaro|Zeitung|Humanité|Sun|Mirror|Chronicle|Courier|Examiner|Globe|Inquirer|Standard|Star|American"
    r"|Trud|Zvezda|Intelligencer|Bee|Plain Dealer)\b"
)
_MAGAZINE = re.compile(
    r"\b(?:Review|Journal|Bulletin|Quarterly|Monthly|Weekly|Magazine|Economist|Nation|Spectator|Statesman|New Yorker|Atlantic"
    r"|Harper[’']s|Newsweek|Foreign Affairs|Spiegel|New Republic|Proceedings|Transactions|Annals|Zeitschrift|Revue|Archiv)\b"
)
_NUMBER = r"[0-9]{1,4}(?:[-–/][0-9]{1,4})?"
_ISSUE_LABEL = r"(?:nos?|nr|issue|number|#|№)\.?"
_ISSUE = re.compile(rf"(?P<name>.+?)[,.]?\s+{_ISSUE_LABEL}\s*(?P<issue>{_NUMBER})", re.IGNORECASE)
_NUMBERS = re.compile(
    rf"(?P<name>.+?)[,.]?\s+(?:vol(?:ume)?\.?\s*)?(?P<volume>[0-9]{{1,4}}|[IVXLC]{{1,7}})"
    rf"(?:\s?\((?P<bracketed>{_NUMBER})\)|[,:.;]?\s*{_ISSUE_LABEL}\s*(?P<issue>{_NUMBER})|\s?[.:/,]\s?(?P<dotted>[0-9]{{1,3}}))?"
    r"(?:,?\s(?:spring|summer|autumn|fall|winter))?",
    re.IGNORECASE,
)
_ENDS_IN_LABEL = re.compile(rf"[\s,]{_ISSUE_LABEL}$", re.IGNORECASE)
_STRIP = " ,.;:*_"


class Periodical(msgspec.Struct, frozen=True):
    """A periodical's name and, each "" where absent, volume and issue."""

    name: str
    volume: str = ""
    issue: str = ""


def parse_periodical(text: str) -> Periodical:
    """Tells name, volume and issue apart; a text without numbers is a name."""
    text = text.strip(_STRIP)
    found = _NUMBERS.fullmatch(text)
    if found is not None and not _ENDS_IN_LABEL.search(found["name"]):
        return Periodical(
            found["name"].strip(_STRIP), found["volume"], found["bracketed"] or found["issue"] or found["dotted"] or ""
        )
    found = _ISSUE.fullmatch(text)
    if found is not None:
        return Periodical(found["name"].strip(_STRIP), "", found["issue"])
    return Periodical(text)


def is_newspaper(name: str) -> bool:
    """Whether a periodical's name has a word that newspapers' names are made of."""
    return _NEWSPAPER.search(name) is not None


def is_periodical(name: str) -> bool:
    """Whether a name has a word that names of newspapers or magazines are made of."""
    return is_newspaper(name) or _MAGAZINE.search(name) is not None
