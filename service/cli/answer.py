"""How an answer looks on a terminal."""

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from service.cli.terminal import out, printable
from service.cutting import Piece, View, around, pieces
from service.views import AnswerView, HitView


def show(answer: AnswerView, *, full: bool) -> None:
    """Writes an answer to standard output; a pipe gets plain text without highlights."""
    console = out()
    console.print(Text(_status(answer), style=_STYLES[answer.status]))
    for hit in answer.hits or answer.nearest:
        console.print()
        _show_hit(console, hit, full=full)


_STYLES = {"answered": "bold green", "weak": "bold yellow", "nothing_relevant": "bold red"}


def _status(answer: AnswerView) -> str:
    count = len(answer.hits)
    passages = "1 passage" if count == 1 else f"{count} passages"
    match answer.status:
        case "answered":
            return f"{passages}, from {_works(answer)} (confidence {answer.confidence:.2f})."
        case "weak":
            return f"Little speaks to that: {passages} may touch on it (confidence {answer.confidence:.2f}). Judge for yourself."
        case "nothing_relevant":
            nearest = " What follows comes closest, and is probably about something else." if answer.nearest else ""
            return f"Nothing in this collection answers that.{nearest}"


def _works(answer: AnswerView) -> str:
    return "1 work" if len(answer.works) == 1 else f"{len(answer.works)} works"


def _show_hit(console: Console, hit: HitView, *, full: bool) -> None:
    heading = f" {printable(' › '.join(hit.headings))}" if hit.headings else ""
    console.print(Text.assemble((f"{hit.rank}.", "bold"), (heading, "dim")))
    view = View(pieces(hit.text, hit.highlights), 0, 0) if full else around(hit.text, hit.highlights)
    indent = 3
    if view.before:
        console.print(Padding(Text(f"[… {view.before:,} characters]", "dim"), (0, 0, 0, indent)))
    console.print(Padding(_text(view.pieces), (0, 0, 0, indent)))
    if view.after:
        console.print(Padding(Text(f"[… {view.after:,} characters; --full shows them]", "dim"), (0, 0, 0, indent)))
    console.print(Padding(Text(f"— {printable(hit.citation.formatted)}"), (0, 0, 0, indent)))
    console.print(Padding(Text(hit.url, "blue"), (0, 0, 0, indent)))


def _text(runs: list[Piece]) -> Text:
    return Text.assemble(*((printable(run.text), "bold" if run.marked else "") for run in runs))
