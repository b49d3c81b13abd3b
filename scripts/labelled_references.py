"""References with known fields, for training and judging: the labelled set, references we set, items set by our own processor.

A ``Sample`` is a line, the label of each of its words (none where only fields are known), and its fields folded for comparison.
"""

import gzip
import json
import random
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from index.citations.combine import FIELDS, PAGES, fold
from index.citations.styles import format_bibliography, format_citation
from index.citations.tagger import Segment, fields_of
from index.citations.words import Word, words_of
from index.errors import CitationInvalid
from index.records import CslItem, Locator
from scripts.set_references import Part, Words, learn_words

_AS_NOTE = dict.fromkeys(("medium", "source", "director", "producer", "url", "doi", "isbn"), "note")
_STYLES = {
    "Chicago bibliography": "chicago-notes",
    "Chicago author-date": "chicago-author-date",
    "APA": "apa",
    "MLA": "mla",
}
_TYPES = frozenset("book chapter article-journal article-magazine article-newspaper thesis report paper-conference".split())
_MOST_LETTERS = 200
_LETTERS = re.compile(r"\w+")


class Sample(msgspec.Struct, frozen=True):
    """A reference with what is known of it; ``group`` names the set it belongs to."""

    group: str
    line: str
    words: tuple[Word, ...]
    labels: tuple[str, ...]
    fields: dict[str, str]


class Material(msgspec.Struct, frozen=True):
    """What the data folder holds for training: labelled references, CSL items, paragraphs and vocabulary by language."""

    labelled: list[list[Part]]
    items: list[CslItem]
    paragraphs: dict[str, list[str]]
    vocabulary: dict[str, list[str]]

    def words(self, seed: int) -> Words:
        """The words to set references with."""
        return learn_words(self.labelled, self.items, self.paragraphs, self.vocabulary, seed)


def read_labelled(folder: Path) -> list[list[Part]]:
    """The labelled references, in the order of the file."""
    with gzip.open(folder / "citation-labels.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [[(label, text) for label, text in json.loads(line)] for line in lines]


def read_material(folder: Path) -> Material:
    """Reads the data folder that docs/citation-lines.md describes; vocabulary is that of wordfreq."""
    from wordfreq import top_n_list

    labelled = read_labelled(folder)
    items = json.loads((folder / "csl-items-half.json").read_text(encoding="utf-8"))
    with gzip.open(folder / "squad-train.jsonl.gz", "rt", encoding="utf-8") as lines:
        english = list(dict.fromkeys(json.loads(line)["context"] for number, line in enumerate(lines) if number % 6 == 0))
    paragraphs = {"en": english} | {tongue: _paragraphs(folder / f"xquad-{tongue}.json") for tongue in ("de", "ru", "zh")}
    vocabulary = {
        tongue: [word for word in top_n_list(tongue, 9000)[250:] if len(word) > 4 and word.isalpha()]
        for tongue in ("fr", "it", "es")
    }
    shuffled = random.Random(1)
    shuffled.shuffle(labelled)
    shuffled.shuffle(items)
    return Material(labelled, items, paragraphs, vocabulary)


def _paragraphs(path: Path) -> list[str]:
    articles = json.loads(path.read_text(encoding="utf-8"))["data"]
    return [paragraph["context"] for article in articles for paragraph in article["paragraphs"]]


def labelled_sample(group: str, parts: Sequence[Part]) -> Sample:
    """A labelled reference as one line, without the number before it; a part that ends in a zero byte touches the next."""
    spans: list[tuple[int, int, str]] = []
    text = ""
    for label, part in parts:
        if label == "citation-number" and not text:
            continue
        bare = " ".join(part.rstrip("\0").split())
        if not bare:
            continue
        spans.append((len(text), len(text) + len(bare), _AS_NOTE.get(label, label)))
        text += bare + ("" if part.endswith("\0") else " ")
    line = text.rstrip()
    words = tuple(words_of(line))
    labels = tuple(next(label for start, end, label in spans if start < word.end and word.start < end) for word in words)
    return Sample(group, line, words, labels, _fields_of_labels(line, words, labels))


def _fields_of_labels(line: str, words: Sequence[Word], labels: Sequence[str]) -> dict[str, str]:
    segments: list[Segment] = []
    for word, label in zip(words, labels, strict=True):
        if segments and segments[-1].label == label:
            segments[-1] = Segment(label, segments[-1].start, word.end, 1.0)
        else:
            segments.append(Segment(label, word.start, word.end, 1.0))
    read = fields_of(line, tuple(segments))
    return folded(read.csl, read.pages)


def folded(csl: CslItem, pages: str = "") -> dict[str, str]:
    """The fields of an item that are judged, folded, with the pages (a locator or those of the article)."""
    told = {name: fold(name, csl[name]) for name in FIELDS if name != PAGES and name in csl}
    return {name: value for name, value in (told | {PAGES: fold(PAGES, pages)}).items() if value}


def formatted_samples(items: Iterable[CslItem], seed: int) -> list[Sample]:
    """Items set by our own processor: a note with a page, and an entry in each style; a field counts where the line shows it."""
    draw = random.Random(seed)
    samples: list[Sample] = []
    for given in items:
        item = {name: value for name, value in given.items() if not name.startswith("_")}
        if item["type"] not in _TYPES or not item.get("title") or len(item["title"]) > _MOST_LETTERS:
            continue
        first = draw.randint(2, 600)
        page = str(first) if draw.random() < 0.6 else f"{first}–{first + draw.randint(1, 9)}"
        try:
            lines = [("Chicago notes", format_citation(item, Locator("page", page), "chicago-notes"), page)]
            lines += [(name, format_bibliography([item], style)[0], str(item.get("page", ""))) for name, style in _STYLES.items()]
        except CitationInvalid:
            continue
        samples += [Sample(f"set: {name}", line, (), (), _shown(item, line, pages)) for name, line, pages in lines]
    return samples


def _shown(item: CslItem, line: str, pages: str) -> dict[str, str]:
    text = f" {' '.join(_LETTERS.findall(line.casefold()))} "
    told = folded(item, pages)
    shown: dict[str, str] = {}
    for name, value in told.items():
        names = value.split("|")
        if name in ("author", "editor", "translator"):
            if all(f" {one} " in text for one in names):
                shown[name] = value
            elif " et al " in text and f" {names[0]} " in text:
                shown[name] = f"{names[0]}|…"
        elif name in (PAGES, "edition") or f" {value} " in text:
            shown[name] = value
    return shown


def is_same(name: str, one: str, other: str) -> bool:
    """Whether two folded values say the same; "et al." stands for any further names."""
    if one != other and name in ("author", "editor", "translator") and (one.endswith("|…") or other.endswith("|…")):
        return one.partition("|")[0] == other.partition("|")[0]
    return one == other


def rows_of(folder: Path) -> list[str]:
    """The citation lines of the seed document, which the grammar reads right (tests/test_citations_of_the_real_file.py)."""
    from index.readers.excerpts import ExcerptReader
    from index.records import SourceFile

    (reading,) = ExcerptReader().read(SourceFile("seed.txt", next(folder.glob("000_*.txt")).read_bytes()))
    return [excerpt.citation.raw for excerpt in reading.excerpts if excerpt.citation]
