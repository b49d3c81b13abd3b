"""How an answer looks on a terminal."""

from rich.text import Text

from service.cli.terminal import counted, printable, write
from service.explanations import told_filters
from service.schemas import AnswerView, HitView
from service.snippets import Piece, View, around, pieces

INDENT = 3
_STYLES = {"answered": "bold green", "weak": "bold yellow", "nothing_relevant": "bold red"}
_OTHER_STYLE = "bold yellow"
"""Of outcomes that the question's own limits explain."""


def show(answer: AnswerView, *, full: bool) -> None:
    """Writes an answer to standard output; a pipe gets plain text without highlights."""
    for correction in answer.question.corrections:
        write(Text(f"Read “{printable(correction.typed)}” as “{printable(correction.read)}”.", "dim"))
    if told := told_filters(answer.applied_filters, answer.suggested_filters):
        how = "" if answer.applied_filters else " Add --filters suggested."
        write(Text(printable(f"{told}{how}"), "dim"))
    write(Text(_status(answer), _STYLES.get(answer.status, _OTHER_STYLE)))
    for hit in answer.hits or answer.nearest:
        write(Text())
        _show_hit(hit, full=full)


def _status(answer: AnswerView) -> str:
    confidence = f"Confidence {answer.confidence:.2f}."
    if answer.status == "answered":
        return f"{counted(len(answer.hits), 'passage')} from {counted(len(answer.works), 'work')}. {confidence}"
    explanation = printable(answer.explanation)
    return f"{explanation} {confidence}" if answer.status == "weak" else explanation


def _show_hit(hit: HitView, *, full: bool) -> None:
    heading = f" {printable(' › '.join(hit.headings))}" if hit.headings else ""
    write(Text.assemble((f"{hit.rank}.", "bold"), (heading, "dim")))
    view = View(pieces(hit.text, hit.highlights), 0, 0) if full else around(hit.text, hit.highlights)
    if view.before:
        write(Text(f"[… {view.before:,} characters]", "dim"), INDENT)
    write(_text(view.pieces), INDENT)
    if view.after:
        write(Text(f"[… {view.after:,} characters; --full shows them]", "dim"), INDENT)
    write(Text(f"— {printable(hit.citation.formatted)}"), INDENT)
    write(Text(hit.url, "blue"), INDENT)


def _text(runs: list[Piece]) -> Text:
    return Text.assemble(*((printable(run.text), "bold" if run.marked else "") for run in runs))
