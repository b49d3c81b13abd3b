"""Passages as Markdown for a chat window: each a verbatim block quote with its citation and a link to its page."""

import re
from collections.abc import Iterator, Sequence

from service.chat.sources import Source
from service.schemas import AnswerView, HitView
from service.snippets import around

# Writes any text as Markdown that shows just that text: nothing in it becomes markup, a formula, a citation or a link.
#
# Signs stand behind a backslash, which every chat window understands; of character references Open WebUI 0.12 shows the code.
# An opening bracket needs none while no closing one can match it, and must have none: ``\[`` and ``\(`` begin a formula.

_SIGN = re.compile(
    r"(?P<before_bracket>\\(?=[\[(]))"
    r"|[\\`*_~|^={}\]<>$@]"
    r"|&(?=[#A-Za-z])"  # what would be a character reference
    r"|:(?=[A-Za-z:/])"  # directives, emoji, addresses
    r"|(?<=\bwww)\.",
    re.IGNORECASE,
)
_BEGINNING = re.compile(r"\A(?:[-+#]|(?P<number>\d{1,9})(?P<dot>[.)]))")
_LINE_BREAK = re.compile(r"\r\n|\r|\n")


def escape(text: str) -> str:
    """The text as Markdown within a paragraph; line breaks become spaces."""
    return " ".join(filter(None, map(_line, _LINE_BREAK.split(text))))


def paragraphs(text: str) -> str:
    """The text as Markdown, line for line; an empty line parts paragraphs, as it does in the text."""
    return "\n".join(map(_line, _LINE_BREAK.split(text.strip("\r\n"))))


def block_quote(text: str) -> str:
    """The text as a block quote, line for line."""
    return "\n".join(f"> {line}".rstrip(" ") for line in paragraphs(text).split("\n"))


def _line(line: str) -> str:
    """One line, without the white space around it, which Markdown would read as code or as a line break."""
    return _BEGINNING.sub(_disarmed, _SIGN.sub(_escaped, line.strip(" \t")))


def _escaped(sign: re.Match[str]) -> str:
    return "&#92;" if sign["before_bracket"] else f"\\{sign[0]}"


def _disarmed(beginning: re.Match[str]) -> str:
    return f"{beginning['number']}\\{beginning['dot']}" if beginning["number"] else f"\\{beginning[0]}"


def opening(answer: AnswerView) -> str:
    """What was found, in a line or two that promise nothing."""
    return f"{_searched(answer)}{_status(answer)}\n\n"


def passages(hits: Sequence[HitView]) -> Iterator[tuple[int, str]]:
    """Each passage with its number, as Markdown."""
    for number, hit in enumerate(hits, start=1):
        yield number, passage(number, hit)


def passage(number: int, hit: HitView) -> str:
    """One passage; of a long one the words around what answers best, and what is left out is said outside the quote."""
    headings = f" {escape(' › '.join(hit.headings))}" if hit.headings else ""
    view = around(hit.text, hit.highlights)
    before = f"*[… {view.before:,} characters before]*\n\n" if view.before else ""
    after = f"*[… {view.after:,} characters after]*\n\n" if view.after else ""
    quote = block_quote("".join(piece.text for piece in view.pieces))
    return f"[{number}]{headings}\n\n{before}{quote}\n\n{after}— {_cited(hit.citation.formatted, hit.url)}\n\n"


def source_list(sources: Sequence[Source], cited: Sequence[int]) -> str:
    """The sources that an answer cites, by number; no others, for those were not used."""
    used = [source for source in sources if source.number in cited]
    lines = [f"- [{source.number}] {_cited(source.citation, source.url)}" for source in used]
    return "\n".join(["**Sources**", "", *lines]) if lines else ""


def _searched(answer: AnswerView) -> str:
    rewritten = answer.rewritten
    return f"*Searched for: {escape(rewritten.text)}*\n\n" if rewritten and rewritten.how != "as_asked" else ""


def _status(answer: AnswerView) -> str:
    found, works = _counted(len(answer.hits), "passage"), _counted(len(answer.works), "work")
    match answer.status:
        case "answered":
            return f"{found} from {works}."
        case "weak":
            return f"Little in this collection speaks to that. {found} may touch on it; judge for yourself."
        case "nothing_relevant":
            nearest = " What follows comes closest, and is probably about something else." if answer.nearest else ""
            return f"Nothing in this collection answers that.{nearest}"


def _cited(citation: str, url: str) -> str:
    return f"{escape(citation)} [Open the passage]({url})"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
