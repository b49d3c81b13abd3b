"""Documents sent over HTTP: read, shown, accepted, indexed, deleted; by whom, and within which bounds."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from index.collection import Collection
from index.errors import Unknown
from service.collection_schemas import JobView
from service.errors import QuotaExceeded, RequestInvalid
from service.job_runner import run
from service.jobs import Jobs
from service.keys import KeyFile
from service.settings import Settings
from service.uploads import Uploads, name_of
from tests.shelf import TEXT, served

ESSAY = ("essays/lighthouses.txt", TEXT.encode())
GOOD = ["a.txt", "essays/doe.txt", "Ünicode – name.md", "a/b/c/d/e/f/g/h.txt", "a b.txt"]
BAD = [
    "", "/etc/passwd", "../a.txt", "a/../../b", "a/./b", "a//b", ".hidden", "a/.b/c", "a\\b", "a\0b", "a\nb", "x" * 241,
    "x" * 121, "a/b/c/d/e/f/g/h/i.txt", " a", "a ", "a/", "..", ".", "C:\\x", "\u202ea.txt",
]  # fmt: skip


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def client(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient[Litestar]]:
    """A service whose jobs wait: each test runs them itself."""
    monkeypatch.setattr(Jobs, "start", lambda _self, _settings: None)
    with served(home, uploads=True) as client:
        yield client


def send(client: TestClient[Litestar], *files: tuple[str, bytes], **headers: str) -> Any:
    return client.post("/v1/uploads", files=[("data", (name, data)) for name, data in files], headers=headers)


def done(home: Path) -> JobView:
    jobs = Jobs(home)
    (job,) = jobs.pending()
    run(jobs, job, Settings(home=home))
    return jobs.get(job.id)


@pytest.mark.parametrize("name", GOOD)
def test_names_are_paths_within_a_folder(name: str) -> None:
    assert name_of(name) == name


@pytest.mark.parametrize("name", BAD)
def test_names_that_lead_elsewhere_are_refused(home: Path, name: str) -> None:
    with pytest.raises(RequestInvalid):
        Uploads(home, Settings()).stage([(name, b"x")])
    assert not home.exists()


@pytest.mark.model
def test_a_document_is_read_shown_accepted_indexed_and_deleted(client: TestClient[Litestar], home: Path) -> None:
    answer = send(client, ESSAY)
    assert answer.status_code == 201, answer.text
    upload = answer.json()
    (file,) = upload["files"]
    (told,) = file["documents"]
    assert (file["name"], told["excerpts"], told["uncited"], told["sure"]) == ("essays/lighthouses.txt", 4, 0, True)
    assert client.get(f"/v1/uploads/{upload['id']}").json() == upload
    assert not (home / "catalog.sqlite3").exists()

    job = client.post(f"/v1/uploads/{upload['id']}/accept").json()
    assert job["state"] == "queued"
    assert client.get(f"/v1/uploads/{upload['id']}").status_code == 404
    ended = done(home)
    assert (ended.state, ended.message, ended.done == ended.total > 0) == ("done", "1 added", True)
    events = client.get(f"/v1/jobs/{job['id']}/events").text
    assert events.count("event: job") == 1
    assert '"state":"done"' in events
    collection = Collection.open(home)
    assert collection.counts.excerpts == 4
    collection.close()

    assert [each["name"] for each in client.get("/v1/files").json()["files"]] == ["essays/lighthouses.txt"]
    assert client.delete("/v1/files?name=essays/lighthouses.txt").status_code == 202
    assert done(home).message == "1 dropped"
    assert client.get("/v1/files").json()["files"] == []
    lines = (home / "audit.jsonl").read_text(encoding="utf-8").splitlines()
    assert [part for line in lines for part in ("upload held", "documents added", "document deleted") if part in line] == [
        "upload held", "documents added", "document deleted",
    ]  # fmt: skip


def test_what_cannot_be_read_is_shown_and_what_is_in_doubt_is_said(client: TestClient[Litestar]) -> None:
    files = send(client, ("empty.txt", b""), ("noise.bin", bytes(range(256)) * 20), ESSAY).json()["files"]

    assert [bool(file.get("problem")) for file in sorted(files, key=lambda each: each["name"])] == [True, False, True]


def test_what_cannot_be_read_is_not_kept(client: TestClient[Litestar]) -> None:
    upload = send(client, ("notes/noise.bin", bytes(range(256)) * 20), ESSAY).json()["id"]

    assert client.post(f"/v1/uploads/{upload}/accept").status_code == 202
    assert [each["name"] for each in client.get("/v1/files").json()["files"]] == ["essays/lighthouses.txt"]


@pytest.mark.parametrize(
    ("files", "status"),
    [
        ([], 415),
        ([("../x", b"x")], 400),
        ([("a", b"x"), ("a", b"y")], 400),
        ([("a", b"x" * 3000)], 413),
        ([(f"{n}", b"x") for n in range(4)], 413),
    ],
)
def test_what_may_not_be_sent_is_refused_and_leaves_nothing(
    home: Path, monkeypatch: pytest.MonkeyPatch, files: list[tuple[str, bytes]], status: int
) -> None:
    monkeypatch.setattr(Jobs, "start", lambda _self, _settings: None)
    with served(home, uploads=True, max_upload=2000, max_files=3, max_body=2000) as client:
        assert send(client, *files).status_code == status
        assert client.post("/v1/uploads", json={"data": "x"}).status_code in (400, 415)
        assert (
            client.post("/v1/uploads", content=b"--x", headers={"content-type": "multipart/form-data; boundary=x"}).status_code
            == 400
        )
    assert not (home / "uploads").exists()


def test_a_collection_has_a_quota(home: Path) -> None:
    uploads = Uploads(home, Settings(quota=3000))
    uploads.accept(uploads.stage([("a", b"x" * 2000)]))

    with pytest.raises(QuotaExceeded):
        uploads.stage([("b", b"x" * 2000)])


@pytest.mark.parametrize("upload", ["none", "..", "0" * 16, "0" * 15, "%2e%2e"])
def test_an_unknown_upload_or_job_or_file_is_unknown(client: TestClient[Litestar], upload: str) -> None:
    assert client.get(f"/v1/uploads/{upload}").status_code == 404
    assert client.post(f"/v1/uploads/{upload}/accept").status_code == 404
    assert client.delete(f"/v1/uploads/{upload}").status_code == 404
    assert client.get(f"/v1/jobs/{upload}").status_code == 404
    assert client.post(f"/v1/jobs/{upload}/cancel").status_code == 404
    assert client.get(f"/v1/jobs/{upload}/events").status_code == 404
    assert client.delete("/v1/files?name=none.txt").status_code == 404
    assert client.delete("/v1/files?name=../keys.json").status_code == 400
    assert client.post("/v1/jobs", json={"rebuild": 1}).status_code == 400


def test_nobody_changes_anything_without_leave(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Jobs, "start", lambda _self, _settings: None)
    keys = KeyFile(home / "keys.json")
    asking, indexing = ({"authorization": f"Bearer {keys.create('x', (scope,))[1]}"} for scope in ("ask", "index"))
    with served(home) as client:
        assert send(client, ESSAY).status_code == 403
        assert "uploads = true" in client.get("/v1/jobs").json()["remedy"]
    for settings in ({"require_key": True}, {"public": True, "uploads": True}):
        with served(home, **settings) as client:
            assert send(client, ESSAY).status_code == 401
            assert client.get("/manage", headers={"accept": "application/json"}).status_code == 401
            assert send(client, ESSAY, **asking).status_code == 403
            assert send(client, ESSAY, **indexing).status_code == 201
            evil = {"origin": "https://evil.example"}
            assert send(client, ESSAY, **indexing, **evil).status_code == 403


def test_an_upload_can_be_discarded(client: TestClient[Litestar], home: Path) -> None:
    upload = send(client, ESSAY).json()["id"]

    assert client.delete(f"/v1/uploads/{upload}").status_code == 204
    assert list((home / "uploads").iterdir()) == []


def test_a_job_that_waits_can_be_stopped_and_done_again(client: TestClient[Litestar], home: Path) -> None:
    job = client.post(f"/v1/uploads/{send(client, ESSAY).json()['id']}/accept").json()
    client.post(f"/v1/jobs/{job['id']}/cancel")
    assert done(home).state == "cancelled"
    assert client.get("/v1/files").json()["files"]

    again = client.post("/v1/jobs", json={}).json()
    assert {each["id"] for each in client.get("/v1/jobs").json()["jobs"]} == {again["id"], job["id"]}
    assert Jobs(home).pending()[0].id == again["id"]


@pytest.mark.model
def test_a_job_killed_in_the_middle_is_done_by_the_next_runner(home: Path) -> None:
    uploads, jobs, settings = Uploads(home, Settings()), Jobs(home), Settings(home=home)
    text = TEXT + "".join(
        f"\nThe keeper of tower {n} wrote of {n} ships that night.\n\nPell, Agnes. Ships. Leith: Press, 1940, p. {n}\n"
        for n in range(2, 400)
    )
    uploads.accept(uploads.stage([("many.txt", text.encode())]))
    job = jobs.create("test")
    jobs.start(settings)
    process = _runner(home)
    assert _until(lambda: jobs.get(job.id).state == "running")
    os.kill(process, signal.SIGKILL)
    assert _until(lambda: not Path(f"/proc/{process}").exists() or "Z" in Path(f"/proc/{process}/stat").read_text().split()[2])
    assert jobs.get(job.id).state == "running"

    jobs.start(settings)
    assert _until(lambda: jobs.get(job.id).state == "done"), jobs.get(job.id)
    collection = Collection.open(home)
    assert collection.counts.excerpts > 300
    collection.close()


@pytest.mark.model
def test_a_running_job_is_stopped_and_the_index_stays_as_it_was(home: Path) -> None:
    uploads, jobs = Uploads(home, Settings()), Jobs(home)
    uploads.accept(uploads.stage([ESSAY]))
    job = jobs.create("test")
    seen: list[int] = []

    def tell(self: Any, done: int, total: int) -> None:
        seen.append(done)
        jobs.cancel(job.id)
        for _ in range(1200):  # cut short by the cancelling
            time.sleep(0.1)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("service.job_runner._Shown.tell", tell)
        run(jobs, job, Settings(home=home))

    assert seen
    assert jobs.get(job.id).state == "cancelled"
    assert not (home / "catalog.sqlite3").exists() or not _has_generation(home)


def test_a_job_that_fails_says_why(home: Path) -> None:
    jobs = Jobs(home)
    job = jobs.create("test")
    run(jobs, job, Settings(home=home, model="/no/such/model"))

    assert jobs.get(job.id).state == "failed"
    assert jobs.get(job.id).message
    with pytest.raises(Unknown):
        jobs.get("../../etc")


def _has_generation(home: Path) -> bool:
    from index.errors import IndexMissing

    try:
        Collection.open(home).close()
    except IndexMissing:
        return False
    return True


def _runner(home: Path) -> int:
    def found() -> list[int]:
        wanted = str(home.resolve()).encode()
        processes = [
            path
            for path in Path("/proc").glob("[0-9]*/cmdline")
            if _told(path).endswith(b"service.job_runner\0" + wanted + b"\0")
        ]
        return [int(path.parent.name) for path in processes]

    assert _until(lambda: bool(found()))
    return found()[0]


def _told(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _until(condition: Any) -> bool:
    deadline = time.monotonic() + 120
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    return bool(condition())
