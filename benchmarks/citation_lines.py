"""Judges the two readers of citation lines on held-out references, and prints the tables of docs/citation-lines.md.

    python -m benchmarks.citation_lines .ibid-training/reads.json

The file is what ``scripts/train_citation_tagger.py`` leaves: references as read by a tagger that has not seen them. The
confidence is fitted anew without the references that it judges.
"""

import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from index.citations.combine import PAGES, Candidate, Confidence, probability_of
from scripts.train_citation_tagger import FOLDS, Read, fit, is_right

_READERS = {"grammar": ("both", "grammar"), "tagger": ("both", "tagger")}


class Tally(msgspec.Struct):
    """What became of the fields of a set of references."""

    references: int = 0
    whole: int = 0
    fields: int = 0
    right: int = 0
    wrong: int = 0
    invented: int = 0
    certain: int = 0
    certain_wrong: int = 0

    def row(self, name: str) -> str:
        """One row of the table, in per cent of the fields that the references give."""
        part = 100 / max(1, self.fields)
        empty = self.fields - self.right - self.wrong
        return (
            f"| {name} | {self.references} | {self.fields} | {self.certain * part:.0f} | "
            f"{100 * self.certain_wrong / max(1, self.certain):.2f} | "
            f"{self.right * part:.1f} | {(self.wrong + self.invented) * part:.1f} | {empty * part:.1f} | "
            f"{100 * self.whole / max(1, self.references):.0f} |"
        )


def judge(reads: Iterable[Read], confidence: Confidence) -> dict[str, Tally]:
    """Tallies by set when the readers are combined."""
    tallies: defaultdict[str, Tally] = defaultdict(Tally)
    for read in reads:
        best = dict(_labelled_pages(read))
        for candidate in read.candidates:
            probability = probability_of(candidate.evidence, confidence)
            if probability > best.get(candidate.field, (confidence.likely,))[0]:
                best[candidate.field] = (probability, candidate)
        _count(tallies[read.sample.group], read, best, confidence.certain)
    return dict(tallies)


def judge_alone(reads: Iterable[Read], reader: str) -> dict[str, Tally]:
    """Tallies by set for one reader, who shows whatever it reads."""
    tallies: defaultdict[str, Tally] = defaultdict(Tally)
    for read in reads:
        told = {each.field: (0.0, each) for each in read.candidates if each.reader in _READERS[reader]} | dict(
            _labelled_pages(read)
        )
        _count(tallies[read.sample.group], read, told, 1.0)
    return dict(tallies)


def _labelled_pages(read: Read) -> Iterator[tuple[str, tuple[float, Candidate]]]:
    """Pages that the grammar reads with their label: nobody else is asked for them."""
    if read.pages.labelled and read.pages.value:
        yield PAGES, (1.0, Candidate(PAGES, read.pages.value, "grammar", ()))


def _count(tally: Tally, read: Read, best: dict[str, tuple[float, Candidate]], certain: float) -> None:
    told = read.sample.fields
    tally.references += 1
    tally.fields += len(told)
    right = {name for name, (_, candidate) in best.items() if is_right(read, candidate)}
    sure = {name for name, (probability, _) in best.items() if probability >= certain}
    tally.right += len(right)
    tally.wrong += len((best.keys() & told.keys()) - right)
    tally.invented += len(best.keys() - told.keys())
    tally.certain += len(sure)
    tally.certain_wrong += len(sure - right)
    tally.whole += right == told.keys() == best.keys()


def tables(reads: list[Read]) -> Iterator[str]:
    """The tables, line by line: the readers combined, and each alone."""
    heading = "| set | references | fields | certain | wrong of certain | right | wrong or invented | empty | whole |"
    parts: defaultdict[str, list[Tally]] = defaultdict(list)
    for fold in range(FOLDS):
        confidence = fit(read for read in reads if read.fold != fold)
        for name, tally in judge((read for read in reads if read.fold == fold), confidence).items():
            parts[name].append(tally)
    combined = {name: _sum(tallies) for name, tallies in parts.items()}
    for title, tallies in (
        ("combined", combined),
        ("grammar alone", judge_alone(reads, "grammar")),
        ("tagger alone", judge_alone(reads, "tagger")),
    ):
        yield f"\n{title}\n\n{heading}\n|---|--:|--:|--:|--:|--:|--:|--:|--:|"
        yield from (tallies[name].row(name) for name in sorted(tallies))


def _sum(tallies: Iterable[Tally]) -> Tally:
    total: Counter[str] = Counter()
    for tally in tallies:
        total.update(msgspec.structs.asdict(tally))
    return Tally(**total)


if __name__ == "__main__":
    for line in tables(msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=list[Read])):
        print(line)
