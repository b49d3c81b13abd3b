"""Writes every figure of docs/retrieval.md anew, from the benchmarks it names; some minutes.

python -m benchmarks.retrieval_page docs/retrieval.md
"""

from pathlib import Path

from benchmarks import ablation, abstention, misspelling, retrieval
from benchmarks.judged import judged_sets, options_of, table
from scripts.doc_tables import put


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


if __name__ == "__main__":
    main()
