"""How many citation lines are recognised, and how many others are taken for them, on lines that the second vote never saw.

    python -m benchmarks.line_recognition ../shared/data [--fold 0] [--references 1500] [--sentences 5000]

The vote is trained anew without every third labelled reference and item, and judged on those, on references that are set from
their words alone, and on prose of other texts. Needs the group ``train`` (``pip install --group train``).
"""

import argparse
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from index.citations import recognise
from index.citations.words import squeeze
from scripts.labelled_references import Material, formatted_samples, labelled_sample, read_material
from scripts.set_references import Setter, write_out
from scripts.train_citation_tagger import parts_of
from scripts.train_line_recogniser import SEED, fit, other_lines, sentences_of

JUDGED_REFERENCES, JUDGED_SENTENCES = 300, 1800
NO_VOTE = 2.0
"""A bound that no vote reaches: the grammar alone."""


def references(material: Material, seed: int, number: int) -> dict[str, list[str]]:
    """Labelled references, references set from the words of the material, and its items in our styles, as lines."""
    setter = Setter(material.words(seed), seed)
    lines = {"labelled references (AnyStyle), real": [labelled_sample("", parts).line for parts in material.labelled]}
    for kind, parts in setter.references(number):
        group = kind if len(kind) == 2 else "books, articles, chapters and others"
        lines.setdefault(f"set: {group}", []).append(squeeze(write_out(parts).replace("\0", "")))
    lines["items in our styles"] = [sample.line for sample in formatted_samples(material.items, seed)]
    return lines


def train(material: Material, texts: Iterable[str], number: int, sentences: int, path: Path) -> None:
    """Trains the vote on this material and makes the recogniser use it."""
    positive = [line for lines in references(material, SEED, number).values() for line in lines]
    path.write_bytes(fit(positive, other_lines(texts, SEED, sentences)))
    recognise.LINE_WEIGHTS = path
    recognise.line_weights.cache_clear()  # the weights that travel have seen these lines


def table(cited: dict[str, list[str]], others: list[str]) -> Iterator[str]:
    """A row for each set: how many lines, and the share taken for citations by the grammar alone and with the second vote."""
    yield "| set | lines | taken for citations, grammar alone | with the second vote |\n|---|--:|--:|--:|"
    for name, lines in [*cited.items(), ("prose, headings, signatures", others)]:
        shares = [_share(lines, bound) for bound in (NO_VOTE, recognise.VOTE)]
        yield f"| {name} | {len(lines)} | " + " | ".join(f"{share:.4f}" for share in shares) + " |"


def _share(lines: list[str], bound: float) -> float:
    shipped, recognise.VOTE = recognise.VOTE, bound
    try:
        return sum(map(recognise.is_citation, lines)) / max(1, len(lines))
    finally:
        recognise.VOTE = shipped


def main() -> None:
    """Trains, judges and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--fold", type=int, default=0, choices=(0, 1, 2))
    parser.add_argument("--references", type=int, default=1500)
    parser.add_argument("--sentences", type=int, default=5000)
    options = parser.parse_args()
    kept, held = parts_of(read_material(options.folder), options.fold)
    texts = sentences_of(options.folder)
    with tempfile.TemporaryDirectory() as scratch:
        train(kept, texts["train"], options.references, options.sentences, Path(scratch) / "lines.bin")
        others = other_lines(texts["judge"], SEED + 1, JUDGED_SENTENCES)
        for line in table(references(held, SEED + 9, JUDGED_REFERENCES), others):
            print(line)
        taken = [line for line in others if recognise.is_citation(line)]
    print(*(f"taken for a citation: {line}" for line in taken), sep="\n", file=sys.stderr)


if __name__ == "__main__":
    main()
