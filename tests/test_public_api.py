"""`from ibid import Ibid`: the same calls on a collection here and on one that is served."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import ibid
from ibid import Filters, Ibid, IndexMissing, QuestionInvalid, RequestFailed, Settings, Unknown
from index.embedders import Embedder
from service.client import IbidClient
from tests.fakes import HashEmbedder
from tests.running import running, scripted_backend
from tests.scripted_server import Turn, scripted_server
from tests.shelf import TEXT, index_text

ROOT = Path(__file__).parents[1]
BELL = "The fog bell was rung by hand;"


@pytest.fixture(autouse=True)
def _fake_embedders(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.node.get_closest_marker("model") is None:
        monkeypatch.setattr("ibid.asking_embedder", _fake)
        monkeypatch.setattr("service.wiring.asking_embedder", _fake)
        monkeypatch.setattr("service.building.indexing_embedder", _fake)


def _fake(_settings: Settings, _built_with: object, *_home: object) -> Embedder:
    return HashEmbedder()


@pytest.fixture(params=["here", "served"])
def collection(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ibid | IbidClient]:
    index_text(tmp_path)
    if request.param == "here":
        with Ibid.open(settings=Settings(home=tmp_path)) as opened:
            yield opened
        return
    with running(tmp_path) as url, Ibid.connect(url) as client:
        yield client


def test_every_name_that_is_promised_exists_and_is_documented() -> None:
    undocumented = [name for name in ibid.__all__ if not getattr(ibid, name).__doc__]

    assert undocumented == []
    assert ibid.__all__ == sorted(ibid.__all__)


def test_a_client_has_every_call_that_needs_no_files() -> None:
    calls = {name for name in vars(Ibid) if not name.startswith("_")}

    assert calls - {name for name in vars(IbidClient) if not name.startswith("_")} == {
        "build", "connect", "evaluate", "export", "open", "summary",
    }  # fmt: skip


def test_a_question_gives_passages_with_their_citations(collection: Ibid | IbidClient) -> None:
    answer = collection.ask("Who rang the fog bell by hand?", limit=2)

    assert answer.hits[0].text.startswith(BELL)
    assert answer.hits[0].citation.raw == "Quill, Tobias. Bells of the Coast. Boston: Tern and Sons, 1951, p. 7"
    assert len(answer.hits) <= 2


def test_search_gives_the_hits_of_an_answer(collection: Ibid | IbidClient) -> None:
    asked = collection.ask("lamp keeper", filters=Filters(author=("Marsh",), year=((1930, 1940),)))

    assert collection.search("lamp keeper", filters=Filters(author=("Marsh",), year=((1930, 1940),))) == asked.hits
    assert {hit.citation.csl["author"][0]["family"] for hit in asked.hits if hit.citation.csl} == {"Marsh"}


def test_a_quotation_is_checked_and_its_excerpt_read(collection: Ibid | IbidClient) -> None:
    checked = collection.verify_quote("They were heard four miles out at sea", "Quill, Bells of the Coast, p. 98")
    (place,) = checked.finding.places

    excerpt = collection.excerpt(place.excerpt, before=1, after=0)

    assert checked.verbatim
    assert excerpt.text[place.start : place.end] == "They were heard four miles out at sea"
    assert excerpt.before[0].text.startswith(BELL)


def test_excerpts_and_works_are_cited_in_styles_and_formats(collection: Ibid | IbidClient) -> None:
    hit = collection.ask("Who rang the fog bell by hand?").hits[0]

    assert "Quill, 1951, p. 7" in collection.cite([hit.id], style="apa")
    assert collection.cite(form="bibtex").count("@book") == 2
    assert collection.works().total == 2


def test_what_is_no_question_is_refused_with_rule_and_remedy(collection: Ibid | IbidClient) -> None:
    with pytest.raises((QuestionInvalid, RequestFailed), match=r"empty.*at least one word.*ask something"):
        collection.ask("  ")


def test_an_excerpt_that_is_not_there_is_unknown(collection: Ibid | IbidClient) -> None:
    with pytest.raises((Unknown, RequestFailed), match="0000000000000000"):
        collection.excerpt("0000000000000000")


def test_a_model_of_the_settings_writes_a_checked_answer(collection: Ibid | IbidClient, tmp_path: Path) -> None:
    if isinstance(collection, IbidClient):
        pytest.skip("the service was started without a language model")
    with scripted_server(Turn("The bell was rung by hand [1].")) as script:
        settings = Settings(home=tmp_path, backends=scripted_backend(script))
        with Ibid.open(settings=settings) as opened:
            answer = opened.ask("Who rang the fog bell by hand?", language_model="")

    assert answer.mode == "answer"
    assert answer.answer is not None


def test_files_are_built_into_a_collection_and_exported_whole(tmp_path: Path) -> None:
    (tmp_path / "lights.txt").write_text(TEXT, encoding="utf-8")

    with Ibid.build([tmp_path / "lights.txt"], tmp_path / "home") as built:
        lines = [json.loads(line) for line in built.export()]

    assert built.summary is not None
    assert built.summary.added == ("lights.txt",)
    assert [line["text"] for line in lines if line["text"].startswith(BELL)]
    assert len(lines) == 4


def test_questions_about_a_collection_score_it(tmp_path: Path) -> None:
    index_text(tmp_path / "home")
    asked = {"id": "1", "question": "Who rang the fog bell?", "type": "who", "answers": [{"start": TEXT.index(BELL), "grade": 3}]}
    (tmp_path / "questions.jsonl").write_text(json.dumps(asked), encoding="utf-8")

    with Ibid.open(tmp_path / "home") as opened:
        report = opened.evaluate(tmp_path / "questions.jsonl")

    assert report.stages["fused"]["hit@1"] == 1.0


def test_a_home_without_an_index_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(IndexMissing, match="ibid index"):
        Ibid.open(tmp_path)


@pytest.mark.parametrize("url", ["", "nowhere", "ftp://example.org", "http://"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(RequestFailed, match="http://"):
        Ibid.connect(url)


def test_a_service_that_is_not_there_is_told_with_the_command_to_start_it() -> None:
    client = Ibid.connect("http://127.0.0.1:9", timeout_seconds=2)

    with pytest.raises(RequestFailed, match="ibid serve") as failed:
        client.ask("Is anybody there?")

    assert failed.value.status == 0


def _examples() -> list[str]:
    page = (ROOT / "docs" / "python-api.md").read_text(encoding="utf-8")
    return re.findall(r"^```python\n(.*?)^```", page, flags=re.MULTILINE | re.DOTALL)


@pytest.mark.model
def test_the_examples_of_the_page_run_one_after_the_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    handbook = (ROOT / "index/sample/ibid-handbook.txt").read_text(encoding="utf-8")
    (tmp_path / "handbook.txt").write_text(handbook, encoding="utf-8")
    answers = [{"start": handbook.index("Oren Patashnik"), "grade": 3}]
    asked = {"id": "1", "question": "Who wrote BibTeX, and when?", "type": "who", "answers": answers}
    (tmp_path / "questions.jsonl").write_text(json.dumps(asked), encoding="utf-8")
    names: dict[str, object] = {}

    for example in _examples():
        exec(compile(example, "docs/python-api.md", "exec"), names)

    assert len(_examples()) >= 6
