"""Writes every figure of docs/retrieval.md anew, from the benchmarks it names; some minutes.

python -m benchmarks.retrieval_page docs/retrieval.md
"""

from pathlib import Path

from benchmarks import ablation, abstention, misspelling, retrieval
from benchmarks.judged import judged_sets, options_of, table


def main() -> None:
    """The program."""
    parser = options_of(__doc__.splitlines()[0])
    parser.add_argument("page", type=Path)
    options = parser.parse_args()
    text = options.page.read_text(encoding="utf-8")
    for name, compared in {
        "retrieval": retrieval.compared,
        "ablation": ablation.compared,
        "misspelling": misspelling.compared,
    }.items():
        tables = [table(judged.name, compared(judged), markdown=True) for judged in judged_sets(options)]
        text = put(text, name, "\n\n".join("\n".join(lines) for lines in tables))
    text = put(text, "abstention", "\n".join(table("AUROC", abstention.fitted(options)[1], markdown=True)))
    options.page.write_text(text, encoding="utf-8")


def put(text: str, name: str, told: str) -> str:
    """The page with ``told`` between the markers of that name. Raises SystemExit where the page does not have them."""
    begins, ends = f"<!-- {name} -->", f"<!-- /{name} -->"
    before, found, rest = text.partition(begins)
    _, closed, after = rest.partition(ends)
    if not (found and closed):
        raise SystemExit(f"the page has no {begins} … {ends}")
    return f"{before}{begins}\n{told}\n{ends}{after}"


if __name__ == "__main__":
    main()
