"""Trains the second vote on whether a line is a citation line: character n-grams and logistic regression.

    python scripts/train_line_recogniser.py ../shared/data

Citation lines are the labelled references and references set in many styles; other lines are sentences with numbers, with and
without in-text references, and headings. The weights are rounded to one byte. Same data and seed, same file.
"""

import gzip
import json
import random
import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from index.citations.recognise import GRAMS, LINE_WEIGHTS, line_grams
from index.citations.words import lay_bare, squeeze
from scripts.labelled_references import Material, formatted_samples, labelled_sample, read_material
from scripts.set_references import Setter, write_out

SEED = 5
SET_REFERENCES = 3000
SENTENCES = 10000
_SENTENCE_END = re.compile(r"(?<=[a-z0-9)”\"][.?!]) (?=[A-Z“\"])")
_SCALE = 6.0


def citation_lines(material: Material, seed: int) -> list[str]:
    """Labelled, set and formatted references as lines."""
    lines = [labelled_sample("labelled", parts).line for parts in material.labelled]
    setter = Setter(material.words(seed), seed)
    lines += [squeeze(write_out(parts).replace("\0", "")) for _, parts in setter.references(SET_REFERENCES)]
    return lines + [sample.line for sample in formatted_samples(material.items, seed)]


def other_lines(texts: Iterable[str], seed: int, number: int) -> list[str]:
    """Sentences and pairs of them, most with a number, some with an in-text reference; headings and dates."""
    draw = random.Random(seed)
    sentences = [s for text in texts for s in _SENTENCE_END.split(" ".join(text.split())) if 12 < len(s) < 400]
    draw.shuffle(sentences)
    numbered = [s for s in sentences if any(map(str.isdigit, s))]
    plain = [s for s in sentences if not any(map(str.isdigit, s))]
    lines = numbered[: number * 5 // 8] + plain[: number // 8]
    lines += [_with_reference(draw, s) for s in numbered[number * 5 // 8 :][: number // 8] + plain[number // 8 :][: number // 8]]
    names = [name for s in sentences for name in re.findall(r"(?<=[a-z] )[A-Z][a-z]{3,}", s)]
    lines += [_signature(draw, names) for _ in range(number // 10)]
    lines += [_heading(draw, s) for s in plain[number // 4 :][: number // 12]]
    return lines


def _with_reference(draw: random.Random, sentence: str) -> str:
    names = re.findall(r"(?<=[a-z] )[A-Z][a-z]{3,}", sentence) or ["Moreau"]
    year, page = draw.randint(1850, 2022), draw.randint(1, 500)
    form = draw.choice(
        (
            "({0} {1}, {2})",
            "({0}, {1}, p. {2})",
            "({0} {1}: {2})",
            "({0} et al., {1})",
            "(see {0}, p. {2})",
            "[{2}]",
            "(vol. 2, p. {2})",
        )
    )
    text = form.format(draw.choice(names), year, page)
    if draw.random() < 0.3:
        return f"{draw.choice(names)} ({year}, p. {page}) writes that {sentence[:1].lower()}{sentence[1:]}"
    return f"{sentence.rstrip('.')} {text}."


def _signature(draw: random.Random, names: Sequence[str]) -> str:
    """Who wrote where and when, and ends of sentences: what stands where citations stand and is none."""
    month = draw.choice("January March April May June July August October December".split())
    year, day = draw.randint(1850, 2015), draw.randint(1, 28)
    one, other, place = draw.choice(names), draw.choice(names), draw.choice(names)
    forms = (
        "{0} {1}, {2}, {3}", "{2}, {3}.", "{2}, {3}", "{0} {1}, {5} {4} {3}", "{2}, {4} {5}, {3}", "{0} {1}, {3}", "{0} {1} ({3}–{6})", "— {0} {1}, {2}",
        "He wrote so in his book ({2}: {1} Press, {3}), p. {5}.", "as he said in {2} ({3}), p. {5}.", "{0} {1}, {2}, {4} {3}.", "{4} {3}, {2}", "{0}, {5} {4} {3}",
    )  # fmt: skip
    return draw.choice(forms).format(one, other, place, year, month, day, year + 50)


def _heading(draw: random.Random, sentence: str) -> str:
    words = sentence.rstrip(".").split()[: draw.randint(2, 8)]
    text = " ".join(word[:1].upper() + word[1:] for word in words).rstrip(",;")
    return draw.choice(("{0}", "{1}. {0}", "{1}.{2} {0}", "Chapter {1}: {0}", "{0} ({3})", "{0}, {3}–{4}", "{0} . . . . {1}", "{3}: {0}", "Table {1}. {0}")).format(
        text, draw.randint(1, 40), draw.randint(1, 9), (year := draw.randint(1500, 2000)), year + draw.randint(1, 60)
    )  # fmt: skip


def sentences_of(folder: Path) -> dict[str, list[str]]:
    """Paragraphs to train on (SQuAD's training part) and to judge by (COVID-QA, SQuAD 2's development part)."""
    with gzip.open(folder / "squad-train.jsonl.gz", "rt", encoding="utf-8") as lines:
        train = list(dict.fromkeys(json.loads(line)["context"] for number, line in enumerate(lines) if number % 4 == 1))
    covid = json.loads((folder / "covid-qa-dev.json").read_text(encoding="utf-8"))["data"]
    held = [paragraph["context"] for article in covid for paragraph in article["paragraphs"]]
    with gzip.open(folder / "squad2-dev.jsonl.gz", "rt", encoding="utf-8") as lines:
        dev = list(dict.fromkeys(json.loads(line)["context"] for line in lines))
    return {"train": train + held[: len(held) // 2], "judge": dev + held[len(held) // 2 :]}


def fit(positive: Sequence[str], negative: Sequence[str]) -> bytes:
    """One weight a bucket as a byte (128 is none), then the intercept as four bytes."""
    import numpy as np
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import LogisticRegression

    rows = [sorted(set(line_grams(lay_bare(squeeze(line))))) for line in [*positive, *negative]]
    starts = np.cumsum([0, *map(len, rows)])
    columns = np.fromiter((gram for row in rows for gram in row), dtype=np.int32, count=int(starts[-1]))
    values = np.repeat([1 / max(1, len(row)) ** 0.5 for row in rows], [len(row) for row in rows])
    matrix = csr_matrix((values, columns, starts), shape=(len(rows), GRAMS))
    model = LogisticRegression(C=30, max_iter=300)
    model.fit(matrix, [1] * len(positive) + [0] * len(negative))
    weights = np.clip(np.round(model.coef_[0] * _SCALE), -127, 127).astype(int) + 128
    return bytes(weights.tolist()) + round(float(model.intercept_[0]) * 1000).to_bytes(4, "big", signed=True)


def main(folder: Path) -> None:
    """Trains and writes the weights into the package."""
    material = read_material(folder)
    LINE_WEIGHTS.write_bytes(fit(citation_lines(material, SEED), other_lines(sentences_of(folder)["train"], SEED, SENTENCES)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
