"""The command line: what each command writes, and how it ends."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner, Result

from index.build import build_index
from index.collection import Collection
from index.embedders import Embedder
from index.records import SourceFile
from service.cli import COMMANDS, command
from service.settings import Settings
from tests.fakes import HashEmbedder
from tests.shelf import TEXT, index_text
from tests.test_sources import refuse

IBID = Path(sys.executable).parent / "ibid"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An index of the small collection, and a working directory of its own; models are fakes."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("ibid.asking_embedder", _fake)
    monkeypatch.setattr("service.building.indexing_embedder", _fake)
    index_text(tmp_path / ".ibid")
    return tmp_path / ".ibid"


def _fake(settings: Settings, built_with: object, *_home: object) -> Embedder:
    return HashEmbedder(seed=settings.model)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(command, list(arguments), prog_name="ibid")


def excerpt_ids(home: Path) -> list[str]:
    with closing(Collection.open(home)) as collection:
        return collection.excerpt_ids()


def test_help_is_there_at_once() -> None:
    started = time.perf_counter()
    subprocess.run([IBID, "--help"], check=True, capture_output=True)

    # Ten times what it takes on a quiet machine, and a tenth of what one heavy import would.
    assert time.perf_counter() - started < 1.0


def test_help_imports_nothing_heavy() -> None:
    told = "import sys; from service.cli import command; command(['--help'], standalone_mode=False); print(sorted(sys.modules))"
    output = subprocess.run([sys.executable, "-c", told], check=True, capture_output=True, text=True).stdout

    heavy = {"litestar", "torch", "faiss", "tantivy", "onnxruntime", "rich", "numpy", "uvicorn", "jinja2"}
    assert not {name for name in heavy if f"'{name}'" in output}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name: str) -> None:
    result = run(name, "--help")

    assert result.exit_code == 0
    assert (
        name in ("describe", "key") or "--home" in result.output
    )  # one reads files, and no index; the other has commands of its own


def test_an_unknown_command_is_a_mistake_of_typing() -> None:
    assert run("indx").exit_code == 2


def test_the_version_is_that_of_the_distribution() -> None:
    assert run("--version").output == "ibid 0.1.0\n"


def test_an_error_is_one_line_on_standard_error(tmp_path: Path) -> None:
    done = subprocess.run([IBID, "ask", "x", "--home", tmp_path / "none"], capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("error: there is no index in ")
    assert done.stderr.count("\n") == 1


def test_a_wrong_setting_is_an_error_too(tmp_path: Path) -> None:
    environment = os.environ | {"IBID_PROT": "1"}
    done = subprocess.run([IBID, "verify"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert "did you mean port?" in done.stderr


@pytest.mark.usefixtures("home")
def test_ask_shows_passage_citation_and_link() -> None:
    result = run("ask", "sirens replaced bells after the war", "--limit", "1")

    assert result.exit_code == 0, result.output
    assert (
        "   Sirens replaced bells after the war. They were heard four miles out at sea and hated by everyone ashore.\n"
        in result.output
    )
    assert "quoted in The Lighthouse Reader." in result.output
    assert "http://127.0.0.1:8000/x/" in result.output
    assert "\x1b" not in result.output


@pytest.mark.usefixtures("home")
def test_ask_writes_json_for_programs() -> None:
    answer: Any = json.loads(run("ask", "sirens replaced bells", "--json", "--limit", "2", "--author", "Quill").output)

    hits = answer["hits"] or answer["nearest"]
    assert hits[0]["citation"]["raw"].startswith("Quill, Tobias.")
    assert TEXT[hits[0]["document"]["start"] : hits[0]["document"]["end"]] == hits[0]["text"]
    assert answer["question"]["filters"]["author"] == ["Quill"]


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([""], "the question is empty"),
        (["x", "--limit", "51"], "limit is from 1 to 50"),
        (["x", "--year", "soon"], "year is 'soon'"),
        (["x", "--style", "vancouver"], "vancouver"),
    ],
)
def test_ask_says_what_is_wrong(arguments: list[str], told: str) -> None:
    result = run("ask", *arguments)

    assert result.exit_code == 1
    assert result.stderr.startswith("error: ")
    assert told in result.stderr


def test_no_text_of_a_collection_steers_a_terminal(home: Path) -> None:
    hostile = TEXT.replace("four miles out", "four \x1b]0;owned\x07 \x9b31m miles\u202e out")
    index_text(home, hostile)

    output = run("ask", "sirens replaced bells", "--limit", "1", "--full").output

    assert "four \N{REPLACEMENT CHARACTER}]0;owned\N{REPLACEMENT CHARACTER}" in output
    assert not set(output) & {"\x1b", "\x07", "\x9b", "\u202e"}


def test_cite_writes_citations_in_the_order_given(home: Path) -> None:
    first, *_, last = excerpt_ids(home)

    lines = run("cite", last, first, "--style", "mla").output.splitlines()

    assert ["Quill" in line for line in lines] == [True, False]
    assert all("qtd. in The Lighthouse Reader" in line for line in lines)


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("form", "begins"),
    [("text", "Marsh, Edith."), ("html", "<p>Marsh"), ("csl-json", "["), ("bibtex", "@book{"), ("ris", "TY  - BOOK")],
)
def test_cite_all_writes_the_bibliography(form: str, begins: str) -> None:
    result = run("cite", "--all", "--format", form)

    assert result.exit_code == 0, result.output
    assert result.output.startswith(begins)
    assert "Quill" in result.output


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("arguments", [[], ["--all", "abc"]])
def test_cite_wants_excerpts_or_all_of_them(arguments: list[str]) -> None:
    assert run("cite", *arguments).exit_code == 2


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("arguments", [["none"], ["--all", "--format", "docx"], ["--all", "--style", "vancouver"]])
def test_cite_names_what_does_not_exist(arguments: list[str]) -> None:
    result = run("cite", *arguments)

    assert result.exit_code == 1
    assert result.stderr.startswith("error: ")


def test_an_export_is_read_back_as_the_same_excerpts(home: Path, tmp_path: Path) -> None:
    exported = tmp_path / "all.jsonl"
    assert run("export", str(exported)).exit_code == 0

    build_index(tmp_path / "again", [SourceFile(exported.name, exported.read_bytes())], HashEmbedder())

    assert excerpt_ids(tmp_path / "again") == excerpt_ids(home)
    assert run("export", "--home", str(tmp_path / "again")).output == exported.read_text(encoding="utf-8")


@pytest.mark.usefixtures("home")
def test_verify_says_that_all_of_it_holds() -> None:
    result = run("verify")

    assert result.exit_code == 0
    assert "4 excerpts" in result.output
    assert "all of it holds" in result.output


def test_verify_fails_when_something_was_changed(home: Path) -> None:
    import sqlite3

    with sqlite3.connect(home / "catalog.sqlite3") as connection:
        connection.execute("UPDATE excerpts SET start = start + 1, end = end + 1 WHERE key = 1")
    connection.close()

    assert run("verify").exit_code == 1


@pytest.mark.usefixtures("home")
def test_doctor_tells_the_model_and_its_weights() -> None:
    output = run("doctor").output

    assert "ibid " in output
    assert "4 excerpts" in output


def test_doctor_is_not_content_without_an_index(tmp_path: Path) -> None:
    result = run("doctor", "--home", str(tmp_path / "none"))

    assert result.exit_code == 1
    assert "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db" in result.output
    assert "wrong: index: there is no index" in result.output


def test_index_reads_files_and_says_what_changed(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "more.txt"
    file.write_text(TEXT.replace("four miles", "five miles"), encoding="utf-8")

    first, again = run("index", str(file)), run("index", str(file))

    assert "1 added" in first.output
    assert f"{Path('.ibid')} holds 8 excerpts" in first.output
    assert "1 unchanged. 0 windows embedded" in again.output


def test_index_learns_how_scores_are_to_be_read(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "more.txt"
    file.write_text(TEXT.replace("four", "eight"), encoding="utf-8")

    run("index", str(file))

    with closing(Collection.open(home)) as collection:
        assert collection.note("calibration")


@pytest.mark.usefixtures("home")
def test_index_names_a_file_it_cannot_read_and_indexes_the_others(tmp_path: Path) -> None:
    folder = tmp_path / "mixed"
    folder.mkdir()
    (folder / "good.txt").write_text(TEXT.replace("four", "six"), encoding="utf-8")
    (folder / "picture.txt").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4)

    result = run("index", str(folder))

    assert result.exit_code == 0
    assert "error: " in result.stderr
    assert "picture.txt" in result.stderr
    assert "1 added, 1 unreadable" in result.output


@pytest.mark.usefixtures("home")
def test_index_fails_when_nothing_could_be_read(tmp_path: Path) -> None:
    file = tmp_path / "empty.txt"
    file.write_bytes(b"")

    assert run("index", str(file)).exit_code == 1


@pytest.mark.usefixtures("home")
def test_index_refuses_a_path_that_is_not_there() -> None:
    result = run("index", "nowhere.txt")

    assert result.exit_code == 1
    assert "nowhere.txt" in result.stderr


def test_index_does_not_drop_most_of_a_collection_without_yes(home: Path, tmp_path: Path) -> None:
    (tmp_path / "mounted").mkdir()
    for number in range(3):
        (tmp_path / "mounted" / f"{number}.txt").write_text(TEXT.replace("four", f"{number + 5}"), encoding="utf-8")
    assert run("index", "mounted").exit_code == 0
    before = excerpt_ids(home)
    for file in list((tmp_path / "mounted").iterdir()):
        file.unlink()

    refused = run("index", "mounted")
    after = excerpt_ids(home)
    agreed = run("index", "--yes", "mounted")

    assert refused.exit_code == 1
    assert "would drop 3 of 4 files" in refused.stderr
    assert after == before
    assert (agreed.exit_code, len(excerpt_ids(home))) == (0, 4)


@pytest.mark.usefixtures("home")
def test_index_fails_and_says_so_when_a_folder_cannot_be_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "papers" / "locked").mkdir(parents=True)
    (tmp_path / "papers" / "open.txt").write_text(TEXT.replace("four", "nine"), encoding="utf-8")
    refuse(monkeypatch, tmp_path / "papers" / "locked")

    result = run("index", "papers")

    assert result.exit_code == 1
    assert "papers/locked cannot be read: Permission denied" in result.stderr
    assert "1 added, 1 unreadable" in result.output


@pytest.mark.usefixtures("home")
def test_index_leaves_out_links_that_lead_elsewhere_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "papers").mkdir()
    (tmp_path / "secret.txt").write_text(TEXT.replace("four", "nine"), encoding="utf-8")
    (tmp_path / "papers" / "link.txt").symlink_to(tmp_path / "secret.txt")
    (tmp_path / "papers" / "open.txt").write_text(TEXT.replace("four", "eight"), encoding="utf-8")

    refused, followed = run("index", "papers"), run("index", "papers", "--follow-links")

    assert "papers/link.txt is a link to" in refused.stderr
    assert "1 added, 1 left out" in refused.output
    assert "1 added, 1 unchanged" in followed.output
    assert (refused.exit_code, followed.exit_code) == (0, 0)


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("arguments", [[], ["--sample", "some.txt"]])
def test_index_wants_paths_or_the_sample(arguments: list[str]) -> None:
    assert run("index", *arguments).exit_code == 2


def test_index_takes_another_model_only_with_rebuild(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "more.txt"
    file.write_text(TEXT.replace("four", "nine"), encoding="utf-8")

    refused, rebuilt = run("index", str(file), "--model", "other"), run("index", "--rebuild", "--model", "other")

    assert refused.exit_code == 1
    assert "ibid index --rebuild" in refused.stderr
    assert rebuilt.exit_code == 0, rebuilt.output
    with closing(Collection.open(home)) as collection:
        assert collection.embedder == HashEmbedder(seed="other").card


def test_a_report_shows_counts_and_line_numbers_and_a_dry_run_indexes_nothing(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "page.txt"
    file.write_text(f"{TEXT}\nShare this:\n", encoding="utf-8")

    output = run("index", str(file), "--dry-run").output

    assert "page.txt: The Lighthouse Reader" in output
    assert "4 excerpts" in output
    assert "Share this:" in output
    assert len(excerpt_ids(home)) == 4


def test_ctrl_c_leaves_a_usable_index_and_says_how_to_go_on(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Interrupted(HashEmbedder):
        def embed(self, *_: object) -> Any:
            raise KeyboardInterrupt

    monkeypatch.setattr("service.building.indexing_embedder", lambda *_: Interrupted())
    file = tmp_path / "more.txt"
    file.write_text(TEXT.replace("four", "seven"), encoding="utf-8")

    result = run("index", str(file))

    assert result.exit_code == 130
    assert "goes on from there" in result.stderr
    assert len(excerpt_ids(home)) == 4


def test_ctrl_c_ends_any_command_with_130(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("ibid.asking_embedder", interrupted)

    assert run("ask", "x").exit_code == 130


def test_a_port_in_use_is_a_clear_error(tmp_path: Path) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [IBID, "serve", "--port", port], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60
        )

    assert done.returncode == 1
    assert f"cannot listen on 127.0.0.1:{port}" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_reader_of_a_pipe_may_stop_early(home: Path) -> None:
    done = subprocess.run(f"{IBID} export --home {home} | head -c 1", shell=True, capture_output=True, text=True, check=False)

    assert done.stderr == ""


def test_docs_and_program_name_the_same_commands_and_options() -> None:
    import click

    told = (Path(__file__).parents[1] / "docs" / "cli.md").read_text(encoding="utf-8")
    sections = dict(re.findall(r"^## `ibid ([\w-]+)(.*?)(?=^## |\Z)", told, flags=re.MULTILINE | re.DOTALL))

    for name in COMMANDS:
        with click.Context(command) as context:
            found = command.get_command(context, name)
        assert found is not None
        assert found.get_short_help_str(200)
        options = {option for each in found.params if isinstance(each, click.Option) for option in each.opts} - {"--home"}
        assert {option for option in options if option not in sections[name]} == set()
    assert set(sections) == set(COMMANDS)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_sigterm_ends_the_service_in_peace_and_its_log_is_complete(tmp_path: Path, workers: str) -> None:
    with subprocess.Popen(
        [IBID, "serve", "--port", "0", "--workers", workers],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        told = process.stdout.readline()
        assert told.startswith("Ibid answers on http://127.0.0.1:")
        time.sleep(1.5)
        httpx.get(f"{told.split()[3]}/healthz", timeout=30)
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=30)

    assert process.returncode in {0, -signal.SIGTERM}
    assert "Traceback" not in errors
    assert "path=/healthz status=200" in errors
    assert errors.count("Finished server process") == int(workers)


def test_ctrl_c_ends_the_service_in_peace(tmp_path: Path) -> None:
    with subprocess.Popen(
        [IBID, "serve", "--port", "0"], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        address = process.stdout.readline().split()[3]
        # Whatever it answers, it has begun to serve.
        httpx.get(f"{address}/healthz", timeout=60)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)

    assert process.returncode == 130
    assert "Traceback" not in errors
