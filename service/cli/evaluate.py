"""``ibid evaluate``: scores retrieval on a question set."""

from pathlib import Path

import click

from service.cli import options


@click.command()
@click.argument("questions", type=click.Path(path_type=Path))
@click.option(
    "--collection",
    type=click.Path(exists=True, path_type=Path),
    help="What to ask: a file or folder to index, or the folder of an index (default: what the questions bring, else the index).",
)
@click.option("--split", default="test", show_default=True, help="Judgements of a BEIR folder: qrels/SPLIT.tsv.")
@click.option(
    "--run", type=click.Path(dir_okay=False, path_type=Path), help="Write a TREC run file, and one for each stage beside it."
)
@click.option(
    "--compare",
    nargs=2,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="A B",
    help="Ask nothing; compare two run files of these questions, with a paired randomisation test.",
)
@click.option("--against", type=click.Choice(["exact"]), help="Only tell how much of the exact first ten the candidates hold.")
@click.option("--reranker", help="Cross-encoder to rerank with: a folder or a hub name (default: the setting).")
@click.option("--limit", type=click.IntRange(min=10), default=10, show_default=True, help="Hits of each run.")
@click.option("--failures", type=click.IntRange(min=0), default=10, show_default=True, help="How many failures to show.")
@options.as_json
@options.home
def command(
    questions: Path,
    collection: Path | None,
    split: str,
    run: Path | None,
    compare: tuple[Path, Path] | None,
    against: str | None,
    reranker: str | None,
    limit: int,
    failures: int,
    as_json: bool,
    home: Path | None,
) -> None:
    """Score retrieval on a question set: each stage apart, abstention, highlights.

    QUESTIONS is a .jsonl file of ours (answers by offsets and grade), a SQuAD-style .json file, or a BEIR folder. What the
    last two bring along is indexed once and kept below the home. A question whose answer is in no excerpt is an error.
    """
    import msgspec

    from rag.evaluation.against import against_exact
    from rag.evaluation.formats import read_questions
    from service.cli import evaluation, scores
    from service.settings import read_settings

    settings = read_settings(home=home, reranker=reranker)
    asked = read_questions(questions, split)
    with evaluation.opened(settings, asked, collection) as ready:
        if compare:
            compared = evaluation.compare_runs(ready, asked, *compare)
            shown: object = {"comparison": compared}
        elif against:
            shown = candidates = against_exact(ready.collection, ready.embedder, [each.text for each in asked.questions])
        else:
            report = evaluation.evaluate(settings, ready, asked, limit, run)
            shown = report
        if as_json:
            click.echo(msgspec.json.format(msgspec.json.encode(shown)))
        elif compare:
            scores.show_comparison(compare, compared)
        elif against:
            scores.show_against(candidates)
        else:
            scores.show_report(report, failures)
