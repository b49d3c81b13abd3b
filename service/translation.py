"""The page's words in the reader's language: English in the templates, other languages as tables in ``service/messages``.

A message is looked up by its English text: a language that lacks one shows English. Interfaces for programs speak English.
"""

import re
import tomllib
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "messages"
LANGUAGES = ("en", "de", "fr", "es", "ru")
"""Languages of the page, the one that is spoken where none of them is asked for first."""

FORMS: dict[str, Callable[[int], int]] = {
    "en": lambda count: int(count != 1),
    "de": lambda count: int(count != 1),
    "es": lambda count: int(count != 1),
    "fr": lambda count: int(count > 1),
    "ru": lambda count: (
        0 if count % 10 == 1 and count % 100 != 11 else 1 if 2 <= count % 10 <= 4 and not 12 <= count % 100 <= 14 else 2
    ),
}
"""Which form of a message goes with a count (Unicode CLDR, plural rules of whole numbers)."""

_GROUPS = {"en": ",", "de": ".", "es": ".", "fr": "\u202f", "ru": "\u00a0"}
"""What sets thousands apart."""

_RANGE = re.compile(r"\s*([A-Za-z]{1,8}|\*)(?:-[A-Za-z0-9]{1,8})*\s*(?:;\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*)?")

page_language: ContextVar[str] = ContextVar("page_language", default="en")
"""The language of the page that is being drawn."""


def preferred(accepted: str, always: str = "") -> str:
    """The language of the page for a browser that sends this Accept-Language (RFC 9110), or the one that is always used.

    Languages of equal weight go by their order; a browser that names none of ours gets English.
    """
    if always:
        return always
    ranges = [
        (match[1].lower(), float(match[2] or 1)) for each in accepted[:1000].split(",") if (match := _RANGE.fullmatch(each))
    ]
    wanted = sorted((each for each in ranges if each[1] > 0), key=lambda each: -each[1])
    return next((language for language, _ in wanted if language in LANGUAGES), LANGUAGES[0])


def say(message: str, **values: object) -> str:
    """A message in the language of the page, with its values filled in."""
    told = table(page_language.get()).get(message, message)
    return (told if isinstance(told, str) else told[-1]).format(**values)


def say_count(message: str, count: int) -> str:
    """A message about a count, in the form that goes with it; ``message`` has the English forms, parted by a bar."""
    language = page_language.get()
    told = table(language).get(message)
    if not isinstance(told, list):
        language, told = "en", message.split("|")
    return told[FORMS[language](count)].format(count=say_number(count))


def say_number(number: int) -> str:
    """A whole number with its thousands set apart."""
    return f"{number:,}".replace(",", _GROUPS[page_language.get()])


@cache
def table(language: str) -> Mapping[str, str | list[str]]:
    """The messages of a language by their English text; none for English."""
    if language == "en":
        return {}
    return tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8"))
