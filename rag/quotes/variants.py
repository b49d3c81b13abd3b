"""The readings of a quotation that editors allow: its final point, its edge ellipses, a capital in brackets, a "[sic]"."""

import msgspec
import regex

_EDGE = r"(?:\[\s?(?:…|\.\s?\.\s?\.)\s?\]|\(\s?(?:…|\.\s?\.\s?\.)\s?\)|…|\.(?:\s?\.){2,})"
_LEADING = regex.compile(_EDGE)
_TRAILING = regex.compile(rf"{_EDGE}\s?\.?\Z")
_LONGEST_EDGE = 16
_FINAL_POINT = regex.compile(r"(?<![.…\s])[.,](['\"’”»]?)\Z")
_CAPITAL = regex.compile(r"\[(\p{L})\](?=\p{L})")
_SIC = regex.compile(r"\s?\[sic[.!]?\]", regex.IGNORECASE)


class Variant(msgspec.Struct, frozen=True):
    """One reading of a quotation, what was set aside for it, and whether that was an ellipsis."""

    text: str
    note: str = ""
    elided: bool = False


def variants(quote: str) -> list[Variant]:
    """The quotation as it stands, then with ever more set aside; none twice."""
    readings = [Variant(quote.strip())]
    for change in (_without_edge_ellipses, _without_brackets, _without_final_point):
        readings += [changed for reading in readings if (changed := change(reading)).text != reading.text]
    unique = {reading.text: reading for reading in reversed(readings) if reading.text}
    return sorted(unique.values(), key=readings.index)


def _without_edge_ellipses(reading: Variant) -> Variant:
    text = reading.text
    if leading := _LEADING.match(text):
        text = text[leading.end() :].lstrip()
    if trailing := _TRAILING.search(text, max(0, len(text) - _LONGEST_EDGE)):
        text = text[: trailing.start()].rstrip()
    return Variant(text, _noted(reading, "an ellipsis at its edge"), elided=True)


def _without_brackets(reading: Variant) -> Variant:
    text = _SIC.sub("", _CAPITAL.sub(r"\1", reading.text))
    return Variant(text, _noted(reading, "an editor's brackets"), reading.elided)


def _without_final_point(reading: Variant) -> Variant:
    return Variant(_FINAL_POINT.sub(r"\1", reading.text), _noted(reading, "its final point or comma"), reading.elided)


def _noted(reading: Variant, aside: str) -> str:
    return f"{reading.note} and {aside}" if reading.note else f"set aside: {aside}"
