"""What is only likely is kept apart from what is certain: in works, exports, JSON and on the page."""

from pathlib import Path

import msgspec
import pytest

from index.build import build_index
from index.citations.exports import export_items, with_likely
from index.citations.works import merge_works
from index.collection import Collection
from index.readers.jsonl import export_line
from index.records import Citation, CslItem, Excerpt, SourceFile, excerpt_id
from tests.fakes import HashEmbedder

HARBOUR: CslItem = {
    "type": "book",
    "author": [{"family": "Holt", "given": "Ruth"}],
    "title": "The Harbour Book",
    "publisher": "Dock",
    "issued": {"date-parts": [[1985]]},
}


def citation(csl: CslItem, *likely: str, raw: str = "Holt, The Harbour Book") -> Citation:
    return Citation(raw, csl=csl, likely=likely)


def test_a_citation_whose_title_is_only_likely_is_no_spelling_of_a_work_with_another_title() -> None:
    other = {**HARBOUR, "title": "The Harbour Bok and Weirs"}
    near = {**HARBOUR, "title": "The Harbour Books"}

    certain, places = merge_works([citation(HARBOUR), citation(near)])
    doubtful, apart = merge_works([citation(HARBOUR), citation(near, "title"), citation(other, "title")])

    assert len(certain) == 1
    assert places == [0, 0]
    assert len(doubtful) == 3
    assert len(set(apart)) == 3


def test_a_certain_citation_of_the_same_title_confirms_one_that_is_only_likely() -> None:
    short = {name: value for name, value in HARBOUR.items() if name not in ("publisher", "issued")}

    works, places = merge_works([citation(HARBOUR), citation(short, "title", "author")])

    assert places == [0, 0]
    assert works[0].likely == ()


def test_a_likely_year_keeps_no_citation_from_its_work_and_is_named_only_where_it_is_shown() -> None:
    works, places = merge_works([citation(HARBOUR, "issued")])

    assert places == [0]
    assert works[0].likely == ("issued",)


def test_the_work_is_shown_in_its_most_certain_spelling() -> None:
    other = HARBOUR | {"publisher": "Dock Press"}

    works, _ = merge_works([citation(HARBOUR, "publisher", "issued"), citation(other)])

    assert works[0].csl["publisher"] == "Dock Press"
    assert works[0].likely == ()


def test_two_doubtful_readings_of_one_name_and_title_have_ids_of_their_own() -> None:
    near = {**HARBOUR, "title": "The Harbour Books"}

    works, _ = merge_works(
        [citation(HARBOUR, "author"), citation(near, "title"), citation(near, "author", raw="Holt, Harbour Books")]
    )

    assert len({work.id for work in works}) == len(works)


@pytest.mark.parametrize("form", ["bibtex", "ris", "csl-json"])
def test_no_export_hides_what_is_only_likely(form: str) -> None:
    marked = export_items([with_likely(HARBOUR, ("title", "issued"))], form)

    assert "Read by machine, please check: title, issued" in marked
    assert "please check" not in export_items([with_likely(HARBOUR, ())], form)


def test_an_excerpt_is_exported_and_read_again_with_what_is_likely(tmp_path: Path) -> None:
    text = "Nobody at the harbour had counted the barrels that winter."
    told = Citation("Holt, The Harbour Book", csl=HARBOUR, likely=("title",))
    document = "a" * 64
    excerpt = Excerpt(excerpt_id(text, told.raw), document[:16], 0, len(text), text, (), told)

    class Exported:
        name, sha256 = "harbour.txt", document

    line = export_line(excerpt, Exported())
    build_index(tmp_path / "index", [SourceFile("harbour.jsonl", f"{line}\n".encode())], HashEmbedder())

    collection = Collection.open(tmp_path / "index")
    (read,) = collection.excerpts(collection.excerpt_ids())
    (work,) = collection.works()
    collection.close()
    assert msgspec.json.decode(line)["citation"]["likely"] == ["title"]
    assert read.citation is not None
    assert read.citation.likely == ("title",)
    assert work.likely == ("title",)
