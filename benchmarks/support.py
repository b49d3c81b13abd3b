"""Sentence–passage pairs made from question sets, and how well ``judge_support`` tells which of them contradict.

``python -m benchmarks.support --squad xquad-en.json covid-qa-dev.json --text ibid-handbook.txt``. Pairs are made by rule from a
sentence of the passage: a paraphrase that keeps its meaning, one with another number, another name, with a negation put in or
taken out, and one with something added that the passage does not say. Every pair is first reworded as the paraphrases are.
"""

import argparse
import json
import random
import re
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from index.records import Excerpt, excerpt_id
from index.windows import split_sentences
from rag.quotes.match import negation_in
from rag.support import judge_support

_PAIRS = (
    "also=too many=numerous large=sizeable began=started begin=start ended=finished became=turned_into "
    "used=employed important=significant because=since however=though while=whereas shows=demonstrates "
    "show=demonstrate showed=demonstrated usually=normally often=frequently small=little help=aid helped=aided "
    "near=close_to built=constructed found=discovered children=kids people=persons several=a_few about=around "
    "almost=nearly made=produced main=principal major=big known=called such=like whole=entire reported=stated "
    "suggest=indicate suggests=indicates high=elevated increased=rose studies=investigations study=investigation"
)
SYNONYMS = dict(pair.split("=") for pair in _PAIRS.split())
LEADS = ("According to the passage, ", "The text says that ", "As the source has it, ", "We read that ", "It is told that ", "")
_NUMBER = re.compile(r"(?<![\w.,])\d[\d,]*(?:\.\d+)?(?![\w%])")
_NAME = re.compile(r"(?<=[a-z,] )(?:[A-Z][a-z]{2,}(?: [A-Z][a-z]{2,})*)")
_VERB = re.compile(r"\b(is|are|was|were|can|could|has|have|had|will|would|should|may|must)\b(?! not)")

Pair = tuple[str, str, str]
"""What kind it is, the sentence, and the passage."""


def reworded(sentence: str, chance: random.Random) -> str:
    """The same in part in other words, with somebody to say it, perhaps without a parenthesis."""
    words = [SYNONYMS.get(word, word).replace("_", " ") if chance.random() < 0.7 else word for word in sentence.split(" ")]
    text = re.sub(r" ?\([^()]*\)", "", " ".join(words)) if chance.random() < 0.6 else " ".join(words)
    lead = chance.choice(LEADS)
    keeps = text.split(" ", 1)[0] in ("I", "God") or text[1:2].isupper()
    return lead + (text[:1].lower() + text[1:] if lead and not keeps and text.split(" ", 1)[0] in _STARTS else text)


_STARTS = frozenset(
    "The A An In On At It This These Those There When While As For However Some Many Most After Before During".split()
)


def paraphrase(sentence: str, _: str, __: random.Random) -> str:
    """Means the same."""
    return sentence


def other_number(sentence: str, _: str, chance: random.Random) -> str:
    """One number is another."""
    found = [match for match in _NUMBER.finditer(sentence) if len(match[0]) > 1]
    match = chance.choice(found)
    digits = match[0].replace(",", "").split(".")[0]
    changed = str(
        int(digits) + chance.choice([-7, -3, 4, 9, 13, 20]) if int(digits) > 20 else int(digits) + chance.choice([4, 9, 13])
    )
    return sentence[: match.start()] + changed + sentence[match.end() :]


def other_name(sentence: str, other: str, chance: random.Random) -> str:
    """One name is another's."""
    match = chance.choice(list(_NAME.finditer(sentence)))
    names: list[str] = [name for name in _NAME.findall(other) if name not in sentence]
    changed: str = sentence[: match.start()] + chance.choice(names) + sentence[match.end() :]
    return changed


def negated(sentence: str, _: str, __: random.Random) -> str:
    """Says the opposite: a negation is taken out, or put in."""
    for taken in (" not ", "n't ", " never "):
        if taken in sentence:
            return sentence.replace(taken, " ", 1)
    return _VERB.sub(lambda match: f"{match[0]} not", sentence, count=1)


def added_to(sentence: str, other: str, chance: random.Random) -> str:
    """Says something besides that the passage does not."""
    some = chance.choice([each for each in _sentences(other) if 5 <= len(each.split()) <= 25])
    return f"{sentence.rstrip('.')}, and {some[:1].lower() if some.split(' ', 1)[0] in _STARTS else some[:1]}{some[1:]}"


KINDS: dict[str, tuple[Callable[[str, str, random.Random], str], bool]] = {
    "paraphrase": (paraphrase, False),
    "other number": (other_number, True),
    "other name": (other_name, True),
    "negation": (negated, True),
    "addition": (added_to, False),
}
"""How each kind is made, and whether it contradicts."""


def make_pairs(passages: Sequence[str], each: int, chance: random.Random) -> list[Pair]:
    """So many pairs of every kind, from sentences of six to forty words."""
    pairs: list[Pair] = []
    for kind, (change, _) in KINDS.items():
        made = 0
        while made < each:
            passage, other = chance.sample(list(passages), 2)
            candidates = [text for text in _sentences(passage) if 6 <= len(text.split()) <= 40 and text.endswith(".")]
            try:
                sentence = chance.choice(candidates)
                changed = change(sentence, other, chance)
            except (IndexError, ValueError):
                continue  # nothing there that could be changed so
            if changed == sentence and kind != "paraphrase":
                continue
            if kind == "negation" and bool(negation_in(changed)) == bool(negation_in(sentence)):
                continue  # one of two negations is left
            pairs.append((kind, reworded(changed, chance), passage))
            made += 1
    return pairs


def _sentences(text: str) -> list[str]:
    return [" ".join(text[start:end].split()) for start, end in split_sentences(text)]


def main() -> None:
    """Prints what became of each kind, and precision and recall of ``contradicted``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--squad", type=Path, nargs="*", default=[])
    parser.add_argument("--text", type=Path, nargs="*", default=[])
    parser.add_argument("--each", type=int, default=120)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=0, help="how many wrong ones are shown")
    options = parser.parse_args()
    chance = random.Random(options.seed)  # noqa: S311 — no secret
    passages: list[str] = []
    for path in options.squad:
        articles = json.loads(path.read_text(encoding="utf-8"))["data"]
        texts = [paragraph["context"] for article in articles for paragraph in article["paragraphs"]]
        passages += [part for text in texts for part in _parts(text)]
    for path in options.text:
        passages += [part for part in path.read_text(encoding="utf-8").split("\n\n") if len(part.split()) > 30]
    counts: Counter[tuple[str, str]] = Counter()
    for kind, sentence, passage in make_pairs(passages, options.each, chance):
        support = judge_support(sentence, [Excerpt(excerpt_id(passage, ""), "made", 0, len(passage), passage)])
        counts[kind, support.verdict] += 1
        if options.show and (support.verdict == "contradicted") != KINDS[kind][1]:
            options.show -= 1
            print(f"{kind}: {sentence}\n   {support.verdict} {support.reasons}")
    for kind in KINDS:
        print(f"{kind:14}", {verdict: counts[kind, verdict] for verdict in ("supported", "contradicted", "unclear")})
    told = sum(count for (_, verdict), count in counts.items() if verdict == "contradicted")
    right = sum(count for (kind, verdict), count in counts.items() if verdict == "contradicted" and KINDS[kind][1])
    meant = sum(count for (kind, _), count in counts.items() if KINDS[kind][1])
    print(f"{sum(counts.values())} pairs, seed {options.seed}")
    print(f"contradicted: precision {right / told:.3f}, recall {right / meant:.3f}")


def _parts(text: str, longest: int = 1500) -> list[str]:
    """A long text in passages of whole sentences."""
    parts, start = [], 0
    for _, end in split_sentences(text):
        if end - start > longest:
            parts.append(text[start:end])
            start = end
    return [*parts, text[start:]] if len(text[start:].split()) > 30 else parts


if __name__ == "__main__":
    main()
