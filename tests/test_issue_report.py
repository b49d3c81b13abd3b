"""`ibid doctor --report` tells what a maintainer needs, and nothing that is somebody's own."""

from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from index.build import build_index
from index.doctor import examine
from index.verify import Finding
from service.cli import command
from service.issue_report import issue_report, without_own
from service.server_tables import Backend
from service.settings import Settings
from tests.fakes import HashEmbedder
from tests.passages import INDEXING, QUOTING, indexing, quoting

SECRET = "sk-0123456789abcdef0123456789abcdef"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "Jane Roe" / "My Thesis"
    folder.mkdir(parents=True)
    build_index(folder, [indexing(), quoting()], HashEmbedder())
    return folder


def private(home: Path) -> Settings:
    """Settings in which everything that can be is somebody's own."""
    return Settings(
        home=home,
        base_url="https://cite.roe-institute.example",
        hosts=("inner.roe-institute.example",),
        collections={"letters": str(home.parent / "letters")},
        backends={"institute": Backend(model="roe-7b", base_url="http://10.1.2.3/v1", headers={"x-key": SECRET})},
        trusted_header="X-Roe-User",
        proxy_secret=SECRET,
        styles_dir=str(home.parent / "styles"),
        limit=7,
        log_format="json",
    )


def test_the_report_tells_versions_counts_and_switches(home: Path) -> None:
    report = issue_report(examine(home), private(home))

    assert report.startswith("### ibid doctor --report\n\n```text\nibid ")
    assert report.endswith("\n```")
    assert "5 excerpts" in report
    assert "faiss-cpu" in report
    assert "limit = 7" in report
    assert "log_format = json" in report
    assert "wrong: embedding model: the index was built with (model) (fp32)" in report


def test_the_report_tells_nothing_of_anybodys_own(home: Path) -> None:
    report = issue_report(examine(home), private(home))

    own = ("Jane", "Roe", "roe", "Thesis", "letters", "institute", "10.1.2.3", SECRET, str(Path.cwd()), str(Path.home()) + "/")
    assert [name for name in own if name in report] == []
    texts = [text for text in (INDEXING + QUOTING).split("\n\n") if text.endswith(".")]
    assert len(texts) > 5
    assert [text for text in texts if text in report] == []


def test_what_is_wrong_is_told_without_paths_and_words(home: Path) -> None:
    told = examine(home)
    found = f"{home / 'catalog.sqlite3'} cannot be read ('private words' at /srv/data/notes.md); see https://roe.example/x"
    told = msgspec.structs.replace(told, findings=(Finding("catalog", found, ""),))

    (wrong,) = [line for line in issue_report(told, Settings(home=home)).splitlines() if line.startswith("wrong")]

    assert wrong == "wrong: catalog: (home)(path) cannot be read ((…) at (path)); see (path)"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("the index has generation 3; a generation is whole", "the index has generation 3; a generation is whole"),
        ("~/notes/a.txt is gone", "(path) is gone"),
        (r"C:\Users\jane\notes.txt is gone", "(path) is gone"),
        ("./no-such-model is no model", "(path) is no model"),
        ("it isn't 'so' but isn't “thus”", "it isn't (…) but isn't (…)"),
        ("a fence ``` and\na line", "a fence ''' and a line"),
    ],
)
def test_paths_and_quoted_words_are_left_out(text: str, left: str) -> None:
    assert without_own(text, {}) == left


def test_the_command_prints_the_report_and_keeps_its_exit_code(home: Path) -> None:
    ended = CliRunner().invoke(command, ["doctor", "--report", "--home", str(home)], prog_name="ibid")

    assert ended.exit_code == 1  # the index was built with a fake embedder
    assert "```text" in ended.output
    assert str(home) not in ended.output


def test_report_and_json_are_not_asked_for_together() -> None:
    ended = CliRunner().invoke(command, ["doctor", "--report", "--json"], prog_name="ibid")

    assert ended.exit_code == 2
    assert "use one of them" in ended.output
