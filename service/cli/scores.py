"""How the figures of an evaluation look on a terminal."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table
from rich.text import Text

from rag.evaluation.against import AgainstExact
from rag.evaluation.report import Abstention, Failure, Report, Told
from rag.evaluation.statistics import MEASURES, Compared
from service.cli.terminal import counted, out, printable, write

_WIDTH = 140
_WITH_INTERVALS = tuple(name for name in MEASURES if not name.startswith("R@"))


def show_report(report: Report, failures: int) -> None:
    """All figures as tables, and the worst failures."""
    counts = report.collection
    asked = ", ".join(f"{count:,} {kind}" for kind, count in report.questions.items())
    write(
        Text(
            f"{counted(sum(report.questions.values()), 'question')} ({asked}) to {counted(counts.excerpts, 'excerpt')} "
            f"in {counted(counts.documents, 'document')}, {counted(counts.windows, 'window')}, embedded by {report.embedder}."
        )
    )
    if report.unplaced_answers:
        write(
            Text(
                f"{counted(report.unplaced_answers, 'answer')} beside others of the same question start in no excerpt.", "yellow"
            )
        )
    if report.stages:
        _show_table("Stages, with 95 % bootstrap intervals", ("stage", *_WITH_INTERVALS), _stage_rows(report))
    final = list(report.stages)[-1:]
    for stage in final if len(report.types) > 1 else ():
        rows = ((kind, str(report.questions[kind]), *_figures(stages[stage])) for kind, stages in report.types.items())
        _show_table(f"By type of question ({stage})", ("type", "questions", *_WITH_INTERVALS), rows)
    _show_table("Knowing when there is nothing", ("figure", "value", "95 %"), _abstention_rows(report.abstention))
    _show_reliability(report.abstention)
    _show_rest(report)
    _show_failures(report.failures, failures)


def show_comparison(files: tuple[Path, Path], compared: Mapping[str, Compared]) -> None:
    """Both runs' measures and the test."""
    rows = (
        (
            name,
            f"{each.first:.3f}",
            f"{each.second:.3f}",
            f"{each.second - each.first:+.3f}",
            str(each.better),
            str(each.worse),
            _p(each),
        )
        for name, each in compared.items()
    )
    _show_table(
        "Paired randomisation test, two-sided, 10,000 permutations",
        ("measure", files[0].name, files[1].name, "difference", "better", "worse", "p"),
        rows,
    )


def show_against(found: AgainstExact) -> None:
    """What candidates find of what scoring every excerpt finds."""
    rows = (
        ("recall of the exact first ten", f"{found.recall:.4f}"),
        ("the same first excerpt", f"{found.same_first:.4f}"),
        ("largest difference of a score", f"{found.largest_difference:.1e}"),
    )
    how = "Candidates" if found.candidates else "No candidates (the collection is small: every excerpt is scored)"
    _show_table(f"{how} against every excerpt, {counted(found.questions, 'question')}", ("figure", "value"), rows)


def _p(compared: Compared) -> str:
    return f"{compared.p:.4f}"


def _stage_rows(report: Report) -> Iterable[tuple[str, ...]]:
    for stage, figures in report.stages.items():
        between = report.intervals[stage]
        yield (stage, *(f"{figures[name]:.3f} [{between[name][0]:.3f}, {between[name][1]:.3f}]" for name in _WITH_INTERVALS))


def _figures(figures: Mapping[str, float]) -> tuple[str, ...]:
    return tuple(f"{figures[name]:.3f}" for name in _WITH_INTERVALS)


def _abstention_rows(abstention: Abstention) -> Iterable[tuple[str, ...]]:
    told = {
        "auroc_far": "AUROC against far misses",
        "auroc_near": "AUROC against near misses",
        "auroc_removed": "AUROC against the same questions without their right excerpts",
        "false_refusal": "answerable questions refused",
        "refused_far": "far misses refused",
        "refused_near": "near misses refused",
    }
    for name, meaning in told.items():
        value = getattr(abstention, name)
        between = abstention.intervals.get(name)
        if value is not None:
            yield meaning, f"{value:.3f}", f"[{between[0]:.3f}, {between[1]:.3f}]" if between else ""


def _show_reliability(abstention: Abstention) -> None:
    if abstention.calibration_error is None:
        return
    rows = ((f"{each.confidence:.2f}", f"{each.right:.2f}", f"{each.questions:,}") for each in abstention.reliability)
    asked = "all questions, and the answerable ones without their right excerpts"
    title = f"Confidence and what is right: {asked} (ECE {abstention.calibration_error:.3f})"
    _show_table(title, ("mean confidence", "right among the first 5", "questions"), rows)


def _show_rest(report: Report) -> None:
    highlight, timing = report.highlight, report.timing
    if highlight.share is not None:
        write(
            Text(
                f"Highlight: holds the answer's start in {highlight.share:.3f} of {highlight.hits:,} right first hits "
                f"(median length {highlight.length:.2f} of the excerpt)."
            )
        )
    further = {"late interaction": timing.late_ms, "reading": timing.read_ms, "reranking": timing.rerank_ms}
    told = "".join(f", {name} {taken:.1f}" for name, taken in further.items() if taken)
    write(
        Text(
            f"Milliseconds a question: encode {timing.encode_ms:.1f}, find {timing.find_ms:.1f} "
            f"(95th percentile {timing.find_p95_ms:.1f}){told}."
        )
    )


def _show_failures(failures: tuple[Failure, ...], most: int) -> None:
    if not failures:
        return
    kinds = list(dict.fromkeys(failure.failing for failure in failures))
    counts = ", ".join(f"{sum(failure.failing == kind for failure in failures)} {kind}" for kind in kinds)
    write(Text(f"\nFailures: {counts}. The worst {min(most, len(failures))}:", "bold"))
    for failure in failures[:most]:
        rank = f", right at rank {failure.rank}" if failure.rank else ""
        write(Text(printable(f"\n{failure.question} {failure.text} [{failure.type}: {failure.failing}{rank}]")))
        _show_told("found", failure.found)
        _show_told("right", failure.right)


def _show_told(what: str, told: Told | None) -> None:
    if told:
        cited = f" — {told.citation}" if told.citation else ""
        write(Text(printable(f"{what}: {told.text}{cited}"), "dim"), 4)


def _show_table(title: str, columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
    table = Table(title=title, title_justify="left", title_style="bold", box=SIMPLE)
    for column in columns:
        table.add_column(column, justify="left" if column == columns[0] else "right")
    for row in rows:
        table.add_row(*row)
    console = out()
    # A pipe has no width of its own, and nothing need be wrapped there.
    (console if console.is_terminal else Console(width=_WIDTH)).print(table)
