"""Passages as Markdown for a chat window: each a verbatim block quote with its citation and a link to its page."""

from collections.abc import Iterator, Sequence

from rag.rendering import block_quote, escape
from service.chat.sources import Source
from service.explanations import told_filters
from service.schemas import AnswerView, HitView
from service.snippets import around


def opening(answer: AnswerView) -> str:
    """What was found, in a line or two that promise nothing."""
    return f"{searched(answer)}{_status(answer)}\n\n{_named(answer)}"


def searched(answer: AnswerView) -> str:
    """What was searched for, where that is not what was asked; "" where it is."""
    rewritten = answer.rewritten
    return f"*Searched for: {escape(rewritten.text)}*\n\n" if rewritten and rewritten.how != "as_asked" else ""


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


def _status(answer: AnswerView) -> str:
    if answer.status == "answered":
        return f"{_counted(len(answer.hits), 'passage')} from {_counted(len(answer.works), 'work')}."
    return escape(answer.explanation)


def _named(answer: AnswerView) -> str:
    """The sources that the question names, and how to ask them alone; "" where it names none."""
    told = told_filters(answer.applied_filters, answer.suggested_filters)
    how = "".join(f' Add {each.field}:"{each.value}" to the question to do so.' for each in answer.suggested_filters[:1])
    return f"*{escape(told + how)}*\n\n" if told else ""


def _cited(citation: str, url: str) -> str:
    return f"{escape(citation)} [Open the passage]({url})"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
