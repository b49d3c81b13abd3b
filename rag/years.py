"""Years as people write them: one, or a range."""

import re

from rag.errors import FilterInvalid

_YEARS = re.compile(r"\s*(\d{1,4})\s*(?:[-–]\s*(\d{1,4})\s*)?")


def parse_years(value: int | str) -> tuple[int, int]:
    """The first and last year of "1936", 1936 or "1936-1938" (hyphen or en dash).

    Raises:
        FilterInvalid: it is neither, or the range runs backwards.
    """
    found = _YEARS.fullmatch(str(value))
    first, last = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
    if first > last:
        raise FilterInvalid(
            f"year is {value!r}", rule="a year is a number or a range, the earlier year first", remedy="write 1936 or 1936-1938"
        )
    return first, last
