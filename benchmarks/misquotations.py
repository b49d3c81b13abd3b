"""Mutated quotations, typographic variants, questions quoted as statements, ellipses that hide what matters: what is accepted?

``python -m benchmarks.misquotations --text collection.txt --runs 31000 --seed 2026``. Whether a mutated text stands in the source
by chance is told by a comparison of this module's own, so that no fault of the program's folding excuses itself.
"""

import argparse
import random
import re
import time
import unicodedata
from collections import Counter
from collections.abc import Sequence
from itertools import cycle
from pathlib import Path

from benchmarks.misquotation_kinds import KINDS
from rag.quotes.judge import accept, look_up
from rag.quotes.match import QuoteIndex
from tests.quotable import VARIANTS

_LITERAL = frozenset({"hyphen made a dash", "dash made a hyphen"})
"""Kinds of which only the exact characters stand by chance: elsewhere all dashes are alike."""

_PIECES = frozenset({"two places joined by an ellipsis", "pieces in another order", "single words joined"})
_UNFIT = re.compile(r"…|\.\s?\.|[\[\]{}*_\\]|^\W+$")
_MARKS = str.maketrans("“”„‟«»‘’‚‛‹›", "''''''''''''", "\u00ad\u200b")
_SENTENCE = re.compile(r"(?<=[.!?])[”\"’]?\s+(?=[“\"]?[A-Z])")
_HIDDEN = {
    "negation": (
        "not never no none nobody nothing nowhere neither nor without hardly scarcely unless refused denied failed cannot"
    ),
    "attribution": (
        "said says claimed claims alleged believed thought told reported argued denied wrote according asserted suggested "
        "declared maintained insisted explained admitted testified stated complained predicted announced"
    ),
    "hedge": (
        "almost nearly perhaps probably possibly allegedly apparently supposedly seemed seems might may could would often "
        "sometimes usually generally partly some few only about likely hardly if"
    ),
}


class Source:
    """The texts of a collection, and quotations of so many words from them."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = [text for text in texts if len(text.split()) > 40]
        self.index = QuoteIndex((str(number), text) for number, text in enumerate(self.texts))
        self._alike = [_alike(text) for text in self.texts]

    def words(self, chance: random.Random, longest: int = 40) -> list[str]:
        """A run of words without an ellipsis, brackets or emphasis in it."""
        while True:
            words = chance.choice(self.texts).split()
            length = min(len(words), chance.randrange(6, longest))
            start = chance.randrange(len(words) - length + 1)
            if not _UNFIT.search(" ".join(taken := words[start : start + length])):
                return taken

    def holds(self, quote: str, *, literally: bool = False) -> bool:
        """Whether the quotation stands somewhere as whole words, but for marks, dashes, spaces, case and a final point."""
        if literally:
            return any(quote in " ".join(text.split()) for text in self.texts)
        asked = _alike(quote).rstrip(".,")
        pattern = re.compile(rf"(?<!\w){re.escape(asked)}(?!\w)")
        return any(asked in text and pattern.search(text) for text in self._alike)

    def holds_in_order(self, pieces: Sequence[str]) -> bool:
        """Whether one text holds all pieces one after the other."""
        pattern = re.compile(".*".join(re.escape(_alike(piece)) for piece in pieces))
        return any(pattern.search(text) for text in self._alike)

    def accepts(self, quote: str) -> bool:
        """Whether Ibid says that this stands; why not is not looked for, which would take most of the time."""
        return accept(quote, self.index, None) is not None


def _alike(text: str) -> str:
    plain = unicodedata.normalize("NFC", text).casefold().translate(_MARKS).replace('"', "'")
    return " ".join(re.sub(r"\s*(?:--|[‐‑‒–—-])\s*", "-", plain).split())


def mutated(source: Source, runs: int, chance: random.Random, show: int) -> None:
    """Prints how many of so many mutated quotations are accepted, of all kinds alike."""
    judged: Counter[str] = Counter()
    accepted: list[tuple[str, str]] = []
    for name in cycle(KINDS):
        if judged.total() == runs:
            break
        for _ in range(200):
            quote = KINDS[name](source.words(chance), source.words(chance), chance)
            if quote is None or _stands(source, name, quote):
                continue
            judged[name] += 1
            accepted += [(name, quote)] if source.accepts(quote) else []
            break
    for name, quote in accepted[:show]:
        print(f"accepted, {name}: {quote!r}")
    print(f"{judged.total():,} mutated quotations of {len(judged)} kinds: {len(accepted)} accepted")


def _stands(source: Source, name: str, quote: str) -> bool:
    if name in _PIECES:
        return name != "single words joined" and source.holds_in_order(
            re.split(r" (?:…|\.\.\.|\[…\]|\[\.\.\.\]|\. \. \.) ", quote)
        )
    return source.holds(quote, literally=name in _LITERAL)


def typography(source: Source, runs: int, chance: random.Random, show: int) -> None:
    """Prints how many typographic variants of true quotations are accepted, one kind each and six at once."""
    refused: list[tuple[str, str]] = []
    for number in range(runs):
        quote = " ".join(source.words(chance))
        variants = [VARIANTS[number % len(VARIANTS)]] if number % 4 else chance.sample(VARIANTS, 6)
        changed = quote
        for variant in variants:
            changed = variant(changed, chance)
        refused += [] if source.accepts(changed) else [(" + ".join(variant.__name__ for variant in variants), changed)]
    for name, quote in refused[:show]:
        print(f"refused, {name}: {quote!r}")
    print(f"{runs:,} typographic variants: {runs - len(refused):,} accepted ({1 - len(refused) / runs:.2%})")


def questions(source: Source, runs: int, chance: random.Random, show: int) -> None:
    """Prints how many questions are accepted as statements, and of how many without any sign at their end it is told."""
    asked = [found for text in source.texts for found in re.findall(r"[^.!?…“”\"\[\]]{25,}\?(?![”\"’?!])", text)]
    accepted, untold = [], []
    for number in range(runs):
        words = chance.choice(asked).rstrip("?").split()
        quote = " ".join(words[-chance.randrange(min(5, len(words)), len(words) + 1) :])
        pointed = quote + ",."[number % 2]
        accepted += [pointed] if source.accepts(pointed) else []
        untold += [] if "question_as_statement" in look_up(quote, source.index).flags else [quote]
    for said, quotes in (("accepted, question", accepted), ("not told, question", untold)):
        for quote in quotes[:show]:
            print(f"{said}: {quote!r}")
    print(
        f"{runs} questions of {len(asked)} quoted as statements: {len(accepted)} accepted; "
        f"without a point: told of {runs - len(untold)}"
    )


def ellipses(source: Source, runs: int, chance: random.Random, show: int) -> None:
    """Prints of how many ellipses that hide a negation, an attribution or a hedge it is told, or which are refused."""
    sentences = [sentence.split() for text in source.texts for sentence in _SENTENCE.split(text) if not _UNFIT.search(sentence)]
    missed: list[tuple[str, str]] = []
    made: Counter[str] = Counter()
    for kind in cycle(_HIDDEN):
        if made.total() == runs:
            break
        hidden = {*_HIDDEN[kind].split()}
        places = [
            (words, at) for words in sentences for at in range(5, len(words) - 5) if words[at].strip(",;").lower() in hidden
        ]
        words, at = chance.choice(places)
        before, after = words[: at - chance.randrange(2)], words[at + 1 + chance.randrange(2) :]
        quote = f"{' '.join(before[-chance.randrange(4, 9) :])} … {' '.join(after[: chance.randrange(4, 9)])}"
        finding = look_up(quote, source.index)
        made[kind] += 1
        if finding.accepted and not {"cut_negation", "cut_attribution", "hedge_dropped"} & set(finding.flags):
            missed.append((kind, f"{quote} (hidden: {words[at]})"))
    for kind, quote in missed[:show]:
        print(f"not told, {kind}: {quote!r}")
    print(f"{runs} ellipses that hide {dict(made)}: {runs - len(missed)} flagged or refused ({1 - len(missed) / runs:.1%})")


def main() -> None:
    """Prints one line for each measure, and what broke it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--text", type=Path, required=True, help="a collection of excerpts, one a line or paragraph")
    parser.add_argument("--runs", type=int, default=31_000, help="mutated quotations; a tenth as many typographic variants")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=10)
    options = parser.parse_args()
    source = Source(options.text.read_text(encoding="utf-8").split("\n"))
    chance = random.Random(options.seed)  # noqa: S311 — no secret
    started = time.process_time()
    print(f"{len(source.texts)} texts, seed {options.seed}")
    mutated(source, options.runs, chance, options.show)
    typography(source, max(1, options.runs // 10), chance, options.show)
    questions(source, 150, chance, options.show)
    ellipses(source, 250, chance, options.show)
    print(f"{time.process_time() - started:.0f} s of processor")


if __name__ == "__main__":
    main()
