"""What may be asked for, over HTTP or on the command line: limits, lengths, spans, styles and filters, each within its bounds."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

from index.citations.styles import STYLES, find_style, folder_styles, plugin_styles, style_label
from index.filters import FILTERS, Filters
from prompts import Message
from rag.errors import FilterInvalid, QuestionInvalid
from rag.query import parse_years, within_words
from rag.records import ResultPage, Sort
from service.errors import RequestInvalid, SpanUnknown
from service.settings import Settings

MAX_BESIDE = 10
MAX_LISTED = 1000


def filters_of(given: Mapping[str, Sequence[float | str]]) -> Filters:
    """Filters from the values given for each. Raises FilterInvalid."""
    values: dict[str, Any] = {name: _values(name, values) for name, values in given.items()}
    return Filters(**values)


def filters_within(settings: Settings, filters: Filters) -> Filters:
    """The filters as given. Raises FilterInvalid where they have more than ``max_filters`` values together."""
    few_enough(settings, sum(len(getattr(filters, name)) for name in filters.__struct_fields__))
    return within_words(filters)


def few_enough(settings: Settings, count: int) -> None:
    """Whether filters may have so many values together. Raises FilterInvalid."""
    if count > settings.max_filters:
        raise FilterInvalid(
            f"the filters have {count} values", rule=f"they have at most {settings.max_filters}", remedy="search in several steps"
        )


def history_within(settings: Settings, turns: Sequence[Message]) -> tuple[Message, ...]:
    """The turns before a question. Raises RequestInvalid where there are more than ``max_history``."""
    if len(turns) > settings.max_history:
        raise RequestInvalid(
            f"the history has {len(turns)} turns", rule=f"it has at most {settings.max_history}", remedy="send the last of them"
        )
    return tuple(turns)


def validate_limit(settings: Settings, limit: int | None) -> int:
    """The number of hits to return. Raises RequestInvalid outside 1 … ``max_limit``."""
    if limit is None:
        return settings.limit
    if not 1 <= limit <= settings.max_limit:
        raise RequestInvalid(
            f"limit is {limit}",
            rule=f"limit is from 1 to {settings.max_limit}",
            remedy=f"ask for at most {settings.max_limit} hits",
        )
    return limit


def validate_per_work(per_work: int | None) -> int | None:
    """How many hits one work may give. Raises RequestInvalid below 1."""
    if per_work is not None and per_work < 1:
        raise RequestInvalid(f"per_work is {per_work}", rule="per_work is at least 1", remedy="leave it out for no limit")
    return per_work


def validate_result_page(page: ResultPage) -> ResultPage:
    """Where the hits begin and in which order they are. Raises RequestInvalid for others."""
    if not 0 <= page.offset <= MAX_LISTED:
        raise RequestInvalid(
            f"offset is {page.offset}",
            rule=f"offset is from 0 to {MAX_LISTED}",
            remedy="narrow the question down by filters, which reach every passage",
        )
    if page.sort not in get_args(Sort):
        raise RequestInvalid(
            f"sort is {page.sort!r}", rule=f"sort is {', '.join(get_args(Sort))}", remedy="leave it out to sort by relevance"
        )
    return page


def validate_question(settings: Settings, text: str) -> str:
    """The question as typed. Raises QuestionInvalid when it is empty or longer than ``max_question``."""
    return _words_within("question", text, settings.max_question, "ask something", "shorten it to what you want to know")


def validate_quote(settings: Settings, text: str) -> str:
    """A quotation as sent in. Raises QuestionInvalid when it is empty or longer than ``max_quote``."""
    return _words_within("quotation", text, settings.max_quote, "send its words", "check it in parts")


def citation_within(settings: Settings, text: str) -> str:
    """How a quotation was cited; may be empty. Raises QuestionInvalid when it is longer than ``max_citation``."""
    return text.strip() and _words_within("citation", text, settings.max_citation, "leave it out", "send its line alone")


def validate_page(offset: int, limit: int) -> tuple[int, int]:
    """Where a list begins and how long it is. Raises RequestInvalid outside what a list may be."""
    return part_within(offset, limit, MAX_LISTED)


def part_within(offset: int, limit: int | None, most: int) -> tuple[int, int]:
    """The same for a list of at most ``most``, which is its length where none is given. Raises RequestInvalid."""
    limit = most if limit is None else limit
    if offset < 0 or not 1 <= limit <= most:
        raise RequestInvalid(
            f"offset is {offset} and limit is {limit}",
            rule=f"offset is at least 0, and limit from 1 to {most}",
            remedy="read a long list in parts",
        )
    return offset, limit


def validate_count(name: str, count: int) -> int:
    """How many excerpts to show beside another. Raises RequestInvalid outside 0 … 10."""
    if not 0 <= count <= MAX_BESIDE:
        raise RequestInvalid(f"{name} is {count}", rule=f"{name} is from 0 to {MAX_BESIDE}", remedy="read on from the next page")
    return count


def validate_span(start: int, end: int | None, characters: int) -> tuple[int, int]:
    """A span of a document of so many characters. Raises RequestInvalid, SpanUnknown for one that is not within it."""
    last = characters if end is None else end
    if start < 0 or last < 0:
        raise RequestInvalid(f"the span is [{start}, {last})", rule="places are counted from 0", remedy="begin at 0")
    if not 0 <= start <= last <= characters:
        raise SpanUnknown(
            f"the span is [{start}, {last})",
            rule=f"a span lies within the document, [0, {characters}), and starts before it ends",
            remedy="take start and end from a hit's document",
        )
    return start, last


def style_of(settings: Settings, wanted: str | None = None, *, files_too: bool = False) -> str:
    """The style wanted, else the one that the settings name; only the settings may name a file, or with ``files_too`` the user.

    Raises:
        CitationInvalid: there is no such style.
    """
    folder = Path(settings.styles_dir) if settings.styles_dir else None
    return find_style(wanted or settings.style, folder, files_too=files_too or not wanted)


def known_styles(settings: Settings) -> list[tuple[str, str]]:
    """Name and label of every style that may be asked for by its name."""
    found = folder_styles(Path(settings.styles_dir)) if settings.styles_dir else ()
    return [(name, style_label(name)) for name in dict.fromkeys((*STYLES, *plugin_styles(), *found))]


def _words_within(what: str, text: str, most: int, remedy_of_none: str, remedy_of_many: str) -> str:
    if not text.strip():
        raise QuestionInvalid(f"the {what} is empty", rule=f"a {what} has at least one word", remedy=remedy_of_none)
    if len(text) > most:
        raise QuestionInvalid(
            f"the {what} has {len(text)} characters", rule=f"a {what} has at most {most}", remedy=remedy_of_many
        )
    return text


def _values(name: str, values: Sequence[float | str]) -> tuple[str, ...] | tuple[tuple[int, int], ...]:
    texts = tuple(map(str, values))
    if FILTERS[name].kind == "years":
        return tuple(map(parse_years, texts))
    if any(not text.strip() for text in texts):
        raise FilterInvalid(
            f"the filter {name} is empty", rule="a filter has a value", remedy="leave the filter out, or fill it in"
        )
    return texts
