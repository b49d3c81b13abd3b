"""Editions and volumes: "2nd ed.", "40th anniversary ed.", "vol. 13", "3 vols."."""

import re

import msgspec

_KIND = (
    r"rev(?:ised|\.)?|new|enl(?:arged|\.)|expanded|abridged|updated|reprint|international|paperback|student|anniversary|english"
    r"|critical|corrected|illustrated|centenary|american|british"
)
_EDITION = re.compile(
    rf"[,.;]?\s*[(\[]?(?<![^\W_])((?:[0-9]{{1,3}}(?:st|nd|rd|th|d)|first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|{_KIND})"
    rf"(?:[\s,]+(?:and\s|&\s)?(?:{_KIND}))*)\sed(?:ition|n|\.)?(?![^\W_])\.?[)\]]?$",
    re.IGNORECASE,
)
_VOLUMES = re.compile(r"[,.;]?\s*(?<![^\W_])([0-9]{1,3})\s+vols?\.?$", re.IGNORECASE)
_VOLUME = re.compile(
    r"[,.;]?\s*\(?(?<![^\W_])(?:vol(?:ume|s)?|bd|tome?)\.?\s*([0-9]{1,3}(?:[-–][0-9]{1,3})?|[IVXLC]{1,7})(?![^\W_])\.?\)?$",
    re.IGNORECASE,
)
_ANY = re.compile(r"(?<![^\W_])(?:ed|vol|bd|tome?)", re.IGNORECASE)
_PATTERNS = (("edition", _EDITION), ("volume", _VOLUME), ("number_of_volumes", _VOLUMES))
_ORDINAL = re.compile(r"([0-9]+)(?:st|nd|rd|th|d)$", re.IGNORECASE)
_REACH = 90


class Extent(msgspec.Struct, frozen=True):
    """A text without the edition and volume at its end; each "" where the source has none."""

    rest: str
    edition: str = ""
    volume: str = ""
    number_of_volumes: str = ""

    def joined(self, other: "Extent") -> "Extent":
        """This extent, completed from another; the text stays this one's."""
        return Extent(
            self.rest,
            self.edition or other.edition,
            self.volume or other.volume,
            self.number_of_volumes or other.number_of_volumes,
        )


def cut_extent(text: str) -> Extent:
    """Cuts edition and volume off the end of a text, in any order. A mere ordinal is given as its number: "2nd ed." is 2."""
    if not _ANY.search(text, max(0, len(text) - _REACH)):
        return Extent(text)
    found: dict[str, str] = {}
    rest = text.rstrip(" ,;")
    while True:
        for name, pattern in _PATTERNS:
            last = pattern.search(rest, max(0, len(rest) - _REACH)) if name not in found else None
            if last is not None and last.start():
                found[name] = last[1]
                rest = rest[: last.start()]
                break
        else:
            break
    ordinal = _ORDINAL.match(found.get("edition", ""))
    if ordinal:
        found["edition"] = ordinal[1]
    return Extent(rest if found else text, **found)
