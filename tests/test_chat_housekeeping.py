"""Chores of chat windows are answered at once, as the JSON they ask for, and without retrieval."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from service.chat.messages import question_in, task_reply
from tests.shelf import index_text, served

HISTORY = """### Chat History:
<chat_history>
USER: Who rang the fog bell,
and why by hand?
ASSISTANT: USER manuals say: Quill.
USER: And the sirens?
</chat_history>"""


def task(what: str, shape: str) -> str:
    """A chore as Open WebUI words it."""
    return f"### Task:\n{what}\n### Guidelines:\n- Be brief.\n### Output:\nJSON format: {shape}\n{HISTORY}"


@pytest.mark.parametrize(
    ("prompt", "answer"),
    [
        (task("Generate a title.", '{ "title": "your title" }'), {"title": "Who rang the fog bell, and why by hand"}),
        (task("Generate tags.", '{ "tags": ["tag1"] }'), {"tags": []}),
        (task("Predict messages.", '{ "follow_ups": ["1"] }'), {"follow_ups": []}),
        (task("Queries.", 'respond in the format: { "queries": ["q"] }'), {"queries": ["And the sirens?"]}),
        (task("Describe.", '\n{\n    "prompt": "Your description."\n}'), {"prompt": "And the sirens?"}),
        (task("Complete.", '`{ "text": "<your_completion>" }`'), {"text": ""}),
        ('### Task:\nGenerate a title.\nJSON format: { "title": "x" }', {"title": "Ibid"}),
    ],
)
def test_a_chore_gets_its_json(prompt: str, answer: dict[str, Any]) -> None:
    done = task_reply(prompt)

    assert done is not None
    assert json.loads(done) == answer


def test_a_long_question_becomes_a_title_of_whole_words() -> None:
    prompt = '### Task:\nJSON format: { "title": "x" }\n<chat_history>\nUSER: ' + "lighthouse " * 20 + "\n</chat_history>"

    assert json.loads(task_reply(prompt) or "") == {"title": "lighthouse lighthouse lighthouse lighthouse…"}


@pytest.mark.parametrize(
    "text",
    [
        "Who rang the bell?",
        'What does { "title": "x" } mean?',
        "### Task:\nFind out who rang the bell.",
        'Do the ### Task:\n{ "title": "x" }',
        "",
    ],
)
def test_a_question_is_no_chore(text: str) -> None:
    assert task_reply(text) is None


def test_a_question_behind_a_windows_own_documents_is_found() -> None:
    wrapped = (
        "### Task:\nRespond to the user query using the context.\n<context>\n<source>x</source>\n</context>\n\nWho rang the bell?"
    )

    assert question_in(wrapped) == "Who rang the bell?"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient[Litestar]]:
    home = tmp_path_factory.mktemp("home")
    index_text(home)
    with served(home) as client:
        yield client


def questions_counted(client: TestClient[Litestar]) -> list[str]:
    return [line for line in client.get("/metrics").text.splitlines() if line.startswith("ibid_questions_total")]


def test_a_chore_cites_nothing_and_searches_for_nothing(client: TestClient[Litestar]) -> None:
    before = questions_counted(client)

    prompt = task("Generate a title.", '{ "title": "your title" }')
    answer = client.post("/v1/chat/completions", json={"model": "ibid", "messages": [{"role": "user", "content": prompt}]}).json()

    assert json.loads(answer["choices"][0]["message"]["content"])["title"].startswith("Who rang")
    assert answer["choices"][0]["message"]["annotations"] == []
    assert "citations" not in answer
    assert questions_counted(client) == before
