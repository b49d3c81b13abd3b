"""The official OpenAI client against the running service: Responses, whole and streamed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openai
import pytest

from tests.running import QUESTION, running, scripted_backend
from tests.scripted_server import Turn, scripted_server
from tests.shelf import index_text


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[openai.OpenAI]:
    home = tmp_path_factory.mktemp("home")
    index_text(home)
    turn = Turn('According to Quill, "The fog bell was rung by hand" [1].')
    with (
        scripted_server(turn) as script,
        running(home, scripted_backend(script)) as address,
        openai.OpenAI(base_url=f"{address}/v1", api_key="anything", max_retries=0) as client,
    ):
        yield client


def test_a_response_holds_the_passages(client: openai.OpenAI) -> None:
    response = client.responses.create(model="ibid", input=QUESTION, instructions="Be brief.", metadata={"a": "b"})

    assert response.status == "completed"
    assert "> The fog bell was rung by hand" in response.output_text
    assert response.metadata == {"a": "b"}
    assert response.usage is not None
    assert response.usage.total_tokens == response.usage.input_tokens + response.usage.output_tokens


def test_its_annotations_point_at_the_passages_they_cite(client: openai.OpenAI) -> None:
    response = client.responses.create(model="ibid", input=QUESTION)

    (message,) = [item for item in response.output if item.type == "message"]
    (part,) = [part for part in message.content if part.type == "output_text"]
    cited: Any = part.annotations[0]
    assert (cited.type, cited.title) == ("url_citation", "Quill 1951, p. 7")
    assert cited.url in part.text[cited.start_index : cited.end_index]


def test_a_conversation_may_be_the_input(client: openai.OpenAI) -> None:
    response = client.responses.create(
        model="ibid",
        input=[
            {"role": "user", "content": "Which sirens replaced bells after the war?"},
            {"type": "message", "role": "assistant", "content": "Those."},
            {"type": "function_call_output", "call_id": "1", "output": "nothing to us"},
            {"role": "user", "content": [{"type": "input_text", "text": "And who hated them?"}]},
        ],
    )

    assert response.output_text.startswith("*Searched for: And who hated them?")


def test_a_language_models_answer_comes_checked(client: openai.OpenAI) -> None:
    response = client.responses.create(model="ibid/scripted", input=QUESTION)

    assert "“The fog bell was rung by hand” [1]." in response.output_text
    assert response.output_text.endswith("Checked by Ibid: 1 quotation stands in its source.⟧")
    assert response.usage is not None
    assert response.usage.input_tokens == 11


@pytest.mark.parametrize("model", ["ibid", "ibid/scripted"])
def test_a_stream_of_events_adds_up_to_the_response(client: openai.OpenAI, model: str) -> None:
    events = list(client.responses.create(model=model, input=QUESTION, stream=True))

    told = "".join(event.delta for event in events if event.type == "response.output_text.delta")
    last = events[-1]
    assert last.type == "response.completed"
    assert last.response.output_text == told == client.responses.create(model=model, input=QUESTION).output_text
    assert [event.sequence_number for event in events] == list(range(len(events)))
    kinds = list(dict.fromkeys(event.type for event in events))
    assert kinds == [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.content_part.added",
        "response.output_text.delta",
        "response.output_text.annotation.added",
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.completed",
    ]


def test_the_clients_own_accumulator_follows_the_stream(client: openai.OpenAI) -> None:
    with client.responses.stream(model="ibid", input=QUESTION) as stream:
        response = stream.get_final_response()

    assert "> The fog bell was rung by hand" in response.output_text


@pytest.mark.parametrize("member", [{"previous_response_id": "resp_1"}, {"background": True}, {"conversation": "conv_1"}])
def test_what_would_need_a_memory_is_refused(client: openai.OpenAI, member: dict[str, Any]) -> None:
    with pytest.raises(openai.BadRequestError, match="nothing is stored between requests"):
        client.responses.create(model="ibid", input=QUESTION, **member)


def test_errors_are_those_the_client_knows(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as unknown:
        client.responses.create(model="gpt-9", input=QUESTION)
    with pytest.raises(openai.BadRequestError) as empty:
        client.responses.create(model="ibid", input="", stream=True)

    assert (unknown.value.code, empty.value.code) == ("model_not_found", "question_invalid")


def test_an_answer_cut_off_at_its_longest_is_incomplete(tmp_path: Path) -> None:
    index_text(tmp_path)
    with (
        scripted_server(Turn("It was rung by hand [1].", finish="length")) as script,
        running(tmp_path, scripted_backend(script)) as address,
        openai.OpenAI(base_url=f"{address}/v1", api_key="x", max_retries=0) as client,
    ):
        response = client.responses.create(model="ibid/scripted", input=QUESTION)
        *_, last = client.responses.create(model="ibid/scripted", input=QUESTION, stream=True)

    assert response.status == "incomplete"
    assert response.incomplete_details is not None
    assert response.incomplete_details.reason == "max_output_tokens"
    assert last.type == "response.incomplete"
