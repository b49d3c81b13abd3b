"""What the benchmarks read and ask: the sample that ships, Python's own docstrings, and collections somebody has."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import msgspec

import index
from benchmarks.standard_library import docstrings, json_lines, questions

DATA = Path(os.environ.get("IBID_TEST_DATA") or Path(__file__).parents[2] / "shared" / "data")
"""Where larger collections are looked for; they do not travel with the project."""

HANDBOOK_QUESTIONS = (
    "Who wrote BibTeX, and when?",
    "why is ibid. dangerous",
    "What does op. cit. stand for?",
    "Who complained about Gibbon's endnotes?",
    "Which marginal note took more than three centuries to prove?",
    "Who made the first concordance of the Bible?",
    "how did Gessner make an index",
    "What are Stephanus numbers?",
    "Which rules did Panizzi write for the catalogue?",
    "Why were playing cards used in libraries?",
    "What was the memex?",
    "Where does the verb to Shepardize come from?",
    "What is the Matthew effect?",
    "difference between Chicago notes and author-date",
    "What does c1996 mean in a citation?",
    "How many links in Supreme Court opinions are dead?",
    "When must a quotation be set as a block?",
    "Did Voltaire say he would defend to the death your right to say it?",
    "What does qtd. in mean?",
    "Why leave stop words in an index?",
    "Who introduced inverse document frequency?",
    "what do k1 and b do in BM25",
    "How much did the lawyers in the STAIRS study really find?",
    "What is nDCG good for?",
    "How many word pieces does BERT read?",
    "Why combine word search with vectors?",
    "What does HNSW stand for?",
    "How does reciprocal rank fusion work?",
    "What happened in Mata v. Avianca?",
    "Why keep the bytes of a file?",
)


class Corpus(msgspec.Struct, frozen=True):
    """Files to index and questions to ask about them."""

    name: str
    files: tuple[Path, ...]
    questions: tuple[str, ...]


def corpus(name: str, scratch: Path) -> Corpus:
    """The corpus of that name, converted into ``scratch`` where need be. Raises SystemExit where its data are missing."""
    made = CORPORA[name](scratch)
    missing = [str(file) for file in made.files if not file.exists()]
    if missing:
        raise SystemExit(f"no {', '.join(missing)}; set IBID_TEST_DATA to the folder that holds it, or use --on sample")
    return made


def _sample(_scratch: Path) -> Corpus:
    return Corpus("sample", (Path(index.__file__).parent / "sample" / "ibid-handbook.txt",), HANDBOOK_QUESTIONS)


def _xquad(scratch: Path) -> Corpus:
    """XQuAD's English paragraphs (Artetxe et al. 2020), each an excerpt below its article's title, and its questions."""
    source, target = DATA / "xquad-en.json", scratch / "xquad.jsonl"
    if not source.exists():
        return Corpus("xquad", (source,), ())
    articles = json.loads(source.read_text(encoding="utf-8"))["data"]
    paragraphs = [(article["title"], paragraph) for article in articles for paragraph in article["paragraphs"]]
    lines = [json.dumps({"text": paragraph["context"], "heading": title}) for title, paragraph in paragraphs]
    target.write_text("\n".join(lines) + "\n", encoding="utf-8")
    asked = tuple(question["question"] for _, paragraph in paragraphs for question in paragraph["qas"])
    return Corpus("xquad", (target,), asked)


def _fifth_column(_scratch: Path) -> Corpus:
    """The collection of cited excerpts that the format was learned from, and the questions written about it."""
    asked = DATA / "fifth-column-questions.jsonl"
    lines = asked.read_text(encoding="utf-8").splitlines() if asked.exists() else []
    return Corpus("fifth-column", (DATA / "000_74679c296b4caa77.txt",), tuple(json.loads(line)["question"] for line in lines))


def _stdlib(scratch: Path) -> Corpus:
    """Ten thousand windows that need no data, and questions about them; the handbook's they do not answer."""
    told, target = docstrings(), scratch / "stdlib.jsonl"
    target.write_text(json_lines(told), encoding="utf-8")
    return Corpus("stdlib", (target,), (*questions(told), *HANDBOOK_QUESTIONS))


CORPORA: dict[str, Callable[[Path], Corpus]] = {
    "sample": _sample,
    "stdlib": _stdlib,
    "xquad": _xquad,
    "fifth-column": _fifth_column,
}
