"""What a reference was found to say, and how sure its shape makes us."""

from collections.abc import Iterable
from typing import Any

import msgspec

from index.records import CslItem


class Reference(msgspec.Struct, frozen=True):
    """A reference read into a CSL item; ``left_over`` are parts that found no place in it.

    ``shape`` is that of the first name ("" without one), ``quoted`` says that the title stands in quotation
    marks, ``in_brackets`` that the date or the whole imprint does: evidence for a citation, not part of it.
    """

    csl: CslItem
    left_over: tuple[str, ...] = ()
    shape: str = ""
    in_brackets: bool = False
    quoted: bool = False


def given(*fields: tuple[str, Any]) -> CslItem:
    """The fields that the source gives: those with a value that is not empty."""
    return {name: value for name, value in fields if value}


def told(parts: Iterable[str]) -> tuple[str, ...]:
    """Left-over parts worth reporting: those with a letter or digit in them."""
    return tuple(part.strip(" ,.;:") for part in parts if any(letter.isalnum() for letter in part))
