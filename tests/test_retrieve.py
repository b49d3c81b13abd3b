"""What is found for a question in a small collection, with a fake embedder that goes by words."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from index.build import build_index
from index.collection import Collection
from index.records import Filters, SourceFile
from rag.calibration import Calibration, calibration_of, cosine_scale
from rag.learning import learn
from rag.query import parse_question
from rag.records import Findings, Hit
from rag.retrieve import Retriever
from tests.fakes import HashEmbedder
from tests.passages import indexing, quoting

EMBEDDER = HashEmbedder(dimension=256)
Find = Callable[..., Findings]


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Collection:
    home: Path = tmp_path_factory.mktemp("home")
    again = indexing().data.decode().replace("took years", "took ages")
    build_index(home, [indexing(), quoting(), SourceFile("again.txt", again.encode())], EMBEDDER)
    return Collection.open(home)


@pytest.fixture(scope="module")
def find(collection: Collection) -> Find:
    retriever = Retriever(collection)

    def ask(line: str, limit: int = 5, filters: Filters = Filters(), **wishes: Any) -> Findings:  # noqa: B008 — frozen
        question = parse_question(line, filters)
        return retriever.find(question, EMBEDDER.embed([question.words], "query")[0], limit, **wishes)

    return ask


def author(hit: Hit) -> str:
    """Family name of the first author cited."""
    assert hit.excerpt.citation
    assert hit.excerpt.citation.csl
    return str(hit.excerpt.citation.csl["author"][0]["family"])


def test_the_excerpt_with_the_words_of_the_question_comes_first(find: Find) -> None:
    findings = find("do rare words say more about a passage than common ones?")

    assert findings.hits[0].excerpt.text.startswith("Rare words say more")
    assert [hit.rank for hit in findings.hits] == list(range(1, len(findings.hits) + 1))


def test_hits_come_in_the_order_of_their_fused_scores(find: Find) -> None:
    scores = [hit.scores.fused for hit in find("which book lists every word with its places").hits]

    assert scores == sorted(scores, reverse=True)


def test_context_is_searched_with_the_text(find: Find) -> None:
    assert author(find("what does Oduya say of weights").hits[0]) == "Oduya"


def test_a_misspelt_word_finds_what_the_right_one_finds(find: Find) -> None:
    assert find("concordanse of every word").hits[0].excerpt.id == find("concordance of every word").hits[0].excerpt.id


def test_near_identical_excerpts_are_one_hit_that_names_all_places(find: Find) -> None:
    first = find("which concordance lists every word with its places").hits[0]

    assert len(first.duplicates) == 1
    assert first.duplicates[0].document_id != first.excerpt.document_id


def test_a_phrase_must_occur_whatever_else_the_question_says(find: Find) -> None:
    hits = find("rare words say more “the words stand there”").hits

    assert [hit.excerpt.text[:24] for hit in hits] == ["To quote is to promise t"]


def test_a_phrase_that_occurs_nowhere_finds_nothing(find: Find) -> None:
    findings = find('"words stand nowhere"')

    assert (findings.status, findings.hits, findings.nearest, findings.confidence) == ("nothing_relevant", (), (), 0.0)


@pytest.mark.parametrize(
    ("filters", "authors"),
    [
        (Filters(author=("dvorak",)), {"Dvořák"}),
        (Filters(year=((1970, 1979),)), {"Oduya"}),
        (Filters(heading=("counting",)), {"Oduya"}),
        (Filters(title=("patient indexer",)), {"Marlow"}),
    ],
)
def test_filters_limit_what_is_found(find: Find, filters: Filters, authors: set[str]) -> None:
    hits = find("words of a book and their places, quoted from memory", filters=filters)

    assert {author(hit) for hit in (*hits.hits, *hits.nearest)} == authors


def test_no_more_hits_than_asked_for_and_no_more_of_a_work(find: Find) -> None:
    assert len(find("words", limit=2).hits) <= 2
    works = [hit.excerpt.work_id for hit in find("words of an index in a book", per_work=1).hits]
    assert len(works) == len(set(works))


def test_works_tell_how_the_evidence_is_spread(find: Find) -> None:
    findings = find("words of an index in a book")

    assert sum(count.hits for count in findings.works) == len(findings.hits)


def test_what_the_collection_cannot_know_is_nothing_relevant_with_the_nearest_apart(find: Find) -> None:
    findings = find("kitchen scissors sharpening goldfish aquarium battery")

    assert findings.status == "nothing_relevant"
    assert findings.hits == () == findings.works
    assert findings.nearest


def test_the_highlight_holds_the_sentence_that_answers(find: Find) -> None:
    hit = find("can a reader hold you to a promise?").hits[0]

    shown = [hit.excerpt.text[span.start : span.end] for span in hit.highlights]
    assert any("A reader can hold you to it." in text for text in shown)


def test_function_words_alone_are_still_a_question(find: Find) -> None:
    assert find("to be or not to be").generation >= 1


@pytest.mark.parametrize("line", ["\0", "!?", "𝕬 ﷽ \ud800", "AND OR NOT ( ] ^2 ~", "w" * 5000])
def test_no_line_breaks_the_search(find: Find, line: str) -> None:
    assert find(line).question.text == line


def test_a_collection_without_calibration_is_read_with_usual_values(collection: Collection) -> None:
    assert calibration_of(collection) == Calibration()


def test_what_is_learned_is_kept_with_the_collection(tmp_path: Path) -> None:
    build_index(tmp_path, [indexing()], EMBEDDER)
    collection = Collection.open(tmp_path)

    learned = learn(collection, EMBEDDER)

    assert calibration_of(Collection.open(tmp_path)) == learned


def test_an_embedder_whose_cosines_are_squeezed_is_stretched_to_the_reference() -> None:
    class Squeezed(HashEmbedder):
        def embed(self, texts, kind):  # type: ignore[no-untyped-def]  # as the class it varies
            rows = np.concatenate([super().embed(texts, kind), np.full((len(texts), 1), 2.0, np.float32)], axis=1)
            return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    plain, squeezed = cosine_scale(HashEmbedder(256)), cosine_scale(Squeezed(256))

    assert squeezed[0] == pytest.approx(5 * plain[0], rel=0.05)
