"""How many made-up excerpts are attributed rightly, not at all, or wrongly: ``python -m benchmarks.layouts [COUNT] [SEED]``.

Wrong is an excerpt shown under another work or page than its own, or under any where the document gives none. Exits 1 when one
is wrong.
"""

import sys
from collections import Counter

from benchmarks.layout_documents import Document, Entry, documents
from index.readers import read_file
from index.records import Excerpt, SourceFile


def judge(document: Document) -> Counter[str]:
    """The outcomes of a document's entries: right, unattributed, wrong, lost."""
    excerpts = [
        excerpt for reading in read_file(SourceFile(document.name, document.text.encode())) for excerpt in reading.excerpts
    ]
    words = [(" ".join(excerpt.text.replace("\n> ", "\n").split()), excerpt) for excerpt in excerpts]
    return Counter(outcome(entry, words, document) for entry in document.entries)


def outcome(entry: Entry, excerpts: list[tuple[str, Excerpt]], document: Document) -> str:
    """What became of one entry."""
    text = " ".join(entry.text.split())
    found = next(((words, excerpt) for words, excerpt in excerpts if text in words), None)
    if found is None:
        return "lost"
    words, excerpt = found
    others = [other for other in document.entries if other is not entry and " ".join(other.text.split()) in words]
    citation = excerpt.citation
    cited = (citation is not None and (citation.csl or {}).get("type") != "document") or (
        citation is not None and bool((citation.csl or {}).get("author") or citation.start is not None)
    )
    if not cited or citation is None:
        return "right" if not entry.family and not others else "unattributed"
    raw = citation.raw.replace("’", "'").lower()
    if citation.csl is None and not any(other.family.lower() in raw for other in document.entries if other.family):
        return "unattributed"
    own = bool(entry.family) and entry.family.replace("’", "'").lower() in raw
    if not own or any((other.family, other.page) != (entry.family, entry.page) for other in others):
        return "wrong"
    if entry.page and entry.page not in raw and (citation.locator is None or citation.locator.value != entry.page):
        return (
            "wrong"
            if any(other.page and f" {other.page}" in raw for other in document.entries if other is not entry)
            else "unattributed"
        )
    return "right"


def main() -> None:
    """Prints a table by layout, clean documents and others apart, and every document in which something is wrong."""
    count, seed = (int(sys.argv[1]) if len(sys.argv) > 1 else 300), (int(sys.argv[2]) if len(sys.argv) > 2 else 14)
    table: dict[tuple[str, bool], Counter[str]] = {}
    for number, document in enumerate(documents(count, seed)):
        outcomes = judge(document)
        table.setdefault((document.layout, document.clean), Counter()).update(outcomes)
        if outcomes["wrong"] or (document.clean and outcomes["right"] < 0.95 * len(document.entries)):
            print(
                f"document {number} ({document.name}, {document.layout}{', clean' if document.clean else ''}): {dict(outcomes)}"
            )
    total: Counter[str] = Counter()
    for (layout, clean), outcomes in sorted(table.items()):
        print(f"{layout:12} {'clean' if clean else 'slips':6} " + _told(outcomes))
        total.update(outcomes)
    clean_total = sum((outcomes for (_, clean), outcomes in table.items() if clean), Counter())
    print(f"{'all':12} {'clean':6} " + _told(clean_total))
    print(f"{'all':12} {'':6} " + _told(total))
    sys.exit(1 if total["wrong"] else 0)


def _told(outcomes: Counter[str]) -> str:
    size = sum(outcomes.values()) or 1
    parts = (f"{name} {outcomes[name]:5} ({outcomes[name] / size:.3f})" for name in ("right", "unattributed", "wrong", "lost"))
    return "  ".join(parts)


if __name__ == "__main__":
    main()
