"""The official OpenAI client against the running service: chat completions, whole and streamed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openai
import pytest
from openai.types.chat import ChatCompletionChunk

from tests.running import QUESTION, running, scripted_backend
from tests.scripted_server import Turn, scripted_server

FOG_BELL = "The fog bell was rung by hand"
NOTHING = "zebra"


@pytest.fixture(scope="module")
def client(home: Path) -> Iterator[openai.OpenAI]:
    with running(home) as address, openai.OpenAI(base_url=f"{address}/v1", api_key="anything", max_retries=0) as client:
        yield client


def asked(client: openai.OpenAI, question: str = QUESTION, model: str = "ibid") -> str:
    """The text of a whole answer."""
    answer = client.chat.completions.create(model=model, messages=[{"role": "user", "content": question}])
    return answer.choices[0].message.content or ""


def streamed(client: openai.OpenAI, question: str = QUESTION, model: str = "ibid") -> list[ChatCompletionChunk]:
    return list(client.chat.completions.create(model=model, messages=[{"role": "user", "content": question}], stream=True))


def text_of(chunks: list[ChatCompletionChunk]) -> str:
    return "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)


def written(home: Path, *turns: Turn, question: str = QUESTION, **settings: Any) -> tuple[str, list[ChatCompletionChunk]]:
    """What a scripted model's words become, whole and streamed."""
    with (
        scripted_server(*turns) as script,
        running(home, scripted_backend(script), **settings) as address,
        openai.OpenAI(base_url=f"{address}/v1", api_key="x", max_retries=0) as client,
    ):
        return asked(client, question, "ibid/scripted"), streamed(client, question, "ibid/scripted")


def test_the_passages_are_a_model(client: openai.OpenAI) -> None:
    models = client.models.list().data

    assert [model.id for model in models] == ["ibid"]
    assert client.models.retrieve("ibid").id == "ibid"


def test_each_backend_is_a_model_too(home: Path) -> None:
    with (
        scripted_server(Turn("")) as script,
        running(home, scripted_backend(script)) as address,
        openai.OpenAI(base_url=f"{address}/v1", api_key="x") as client,
    ):
        assert [model.id for model in client.models.list().data] == ["ibid", "ibid/scripted"]
        assert client.models.retrieve("ibid/scripted").owned_by == "ibid"


def test_an_answer_quotes_the_best_passage_with_its_citation_and_its_page(client: openai.OpenAI) -> None:
    text = asked(client)

    first = text.split("\n\n[2]")[0]
    assert "[1] FOG SIGNALS" in first
    assert f"> {FOG_BELL}" in first
    assert "Tobias Quill, Bells of the Coast (Boston: Tern and Sons, 1951), 7, quoted in The Lighthouse Reader." in first
    assert "[Open the passage](http://127.0.0.1:" in first


def test_an_annotation_points_at_the_passage_it_cites(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(model="ibid", messages=[{"role": "user", "content": QUESTION}])
    message = answer.choices[0].message

    assert message.annotations
    cited = message.annotations[0].url_citation
    assert message.content is not None
    assert message.content[cited.start_index : cited.end_index].startswith("[1] FOG SIGNALS")
    assert cited.title == "Quill 1951, p. 7"
    assert cited.url in message.content[cited.start_index : cited.end_index]


def test_a_stream_is_the_same_text_with_one_id_and_one_end(client: openai.OpenAI) -> None:
    chunks = streamed(client)

    spoken = [chunk for chunk in chunks if chunk.choices]
    assert text_of(chunks) == asked(client)
    assert spoken[0].choices[0].delta.role == "assistant"
    assert [chunk.choices[0].finish_reason for chunk in spoken] == [None] * (len(spoken) - 1) + ["stop"]
    assert len({(chunk.id, chunk.created, chunk.model, chunk.object) for chunk in chunks}) == 1


def test_a_stream_ends_with_token_counts_where_they_are_wanted(client: openai.OpenAI) -> None:
    chunks = list(
        client.chat.completions.create(
            model="ibid",
            messages=[{"role": "user", "content": QUESTION}],
            stream=True,
            stream_options={"include_usage": True},
        )
    )
    whole = client.chat.completions.create(model="ibid", messages=[{"role": "user", "content": QUESTION}]).usage

    assert chunks[-1].choices == []
    assert chunks[-1].usage is not None
    assert chunks[-1].usage == whole
    assert chunks[-1].usage.total_tokens == chunks[-1].usage.prompt_tokens + chunks[-1].usage.completion_tokens > 100
    assert all(chunk.usage is None for chunk in chunks[:-1])


def test_what_is_not_known_is_ignored(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(
        model="ibid",
        messages=[{"role": "user", "content": QUESTION}],
        temperature=1.3,
        top_p=0.5,
        n=1,
        tools=[{"type": "function", "function": {"name": "lookup", "parameters": {"type": "object"}}}],
        tool_choice="auto",
        response_format={"type": "json_object"},
        extra_body={"chat_id": "c", "features": {"web_search": True}, "metadata": [1, 2]},
        extra_query={"v": "2"},
    )

    assert FOG_BELL in (answer.choices[0].message.content or "")


def test_the_question_may_come_in_parts(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(
        model="ibid",
        messages=[
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "Who rang the fog bell"},
                    {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}},
                    {"type": "text", "text": "by hand?"},
                ],
            }
        ],
    )

    assert (answer.choices[0].message.content or "").splitlines()[2] == "[1] FOG SIGNALS"


def test_a_follow_up_is_understood_and_says_what_was_searched_for(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(
        model="ibid",
        messages=[
            {"role": "system", "content": "You are a pirate."},
            {"role": "user", "content": "Which sirens replaced bells after the war?"},
            {"role": "assistant", "content": "Arr."},
            {"role": "user", "content": "And who hated them?"},
        ],
    )

    text = answer.choices[0].message.content or ""
    assert text.startswith("*Searched for: And who hated them?")
    assert "sirens" in text.splitlines()[0]
    assert "> Sirens replaced bells after the war." in text
    assert "Arr" not in text


def test_what_the_collection_does_not_answer_is_said_plainly(client: openai.OpenAI) -> None:
    assert asked(client, NOTHING).startswith("Nothing in this collection answers that.")


def test_a_model_that_is_not_there_is_not_found(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as refused:
        asked(client, model="gpt-9")

    assert refused.value.code == "model_not_found"
    assert "gpt-9" in refused.value.message


def test_a_question_that_cannot_be_asked_is_a_bad_request_even_in_a_stream(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        streamed(client, " ")

    assert refused.value.code == "question_invalid"
    assert refused.value.type == "invalid_request_error"


def test_a_language_models_answer_comes_checked_with_the_sources_it_cites(home: Path) -> None:
    whole, chunks = written(home, Turn(f'According to Quill, "{FOG_BELL}" [1]. It was loud.'))

    assert whole == text_of(chunks)
    assert f"“{FOG_BELL}” [1]. It was loud. ⟦cites nothing⟧\n\n---\n\n" in whole
    assert "**Sources**\n\n- [1] Tobias Quill" in whole
    assert "- [2]" not in whole
    assert whole.endswith("Checked by Ibid: 1 quotation stands in its source, 1 sentence cites nothing.⟧")


def test_an_invented_quotation_loses_its_marks_and_an_invented_citation_goes(home: Path) -> None:
    whole, chunks = written(home, Turn('Bells were rung by hand [1]. "The fog bell was never rung by hand" [1]. Owls [9].'))

    assert whole == text_of(chunks)
    assert '"The fog bell was never' not in whole
    assert "[9]" not in whole
    assert "1 quotation does not stand, and is not shown as one, 1 citation led nowhere and was removed" in whole


def test_an_answer_of_which_nothing_stands_gives_way_to_the_passages(home: Path) -> None:
    whole, chunks = written(home, Turn("Owls rang it, as everybody knows."))

    assert whole == text_of(chunks)
    assert "Owls" not in whole
    assert "The passages answer for themselves.⟧" in whole
    assert f"> {FOG_BELL}" in whole


def test_a_model_that_finds_no_answer_is_believed(home: Path) -> None:
    whole, _ = written(home, Turn("The collection does not answer this."))

    assert whole.startswith("The collection does not answer this.\n\n---\n\n⟦The language model found no answer")


@pytest.mark.parametrize("behaviour", ["status", "html", "drop", "broken_json", "odd_json", "error_midway", "no_stream"])
def test_a_model_that_fails_never_costs_the_passages(home: Path, behaviour: str) -> None:
    whole, chunks = written(home, Turn("Nothing of this. Stands at all. ", behaviour=behaviour))  # type: ignore[arg-type]

    assert "Language model 'scripted'" in whole
    for text in (whole, text_of(chunks)):
        assert f"> {FOG_BELL}" in text
        assert "The passages answer for themselves." in text


def test_an_answer_that_breaks_off_says_so_and_the_passages_follow(home: Path) -> None:
    turn = Turn("It was rung by hand [1]. It was rung by hand [1]. And then the keeper", behaviour="drop")

    whole, chunks = written(home, turn)

    assert whole == text_of(chunks)
    assert whole.startswith("It was rung by hand [1].")
    assert "What stands above is not all of an answer; here are the passages." in whole
    assert f"> {FOG_BELL}" in whole


def test_a_model_is_not_asked_about_what_was_not_found(home: Path) -> None:
    with (
        scripted_server(Turn("I know all about it.")) as script,
        running(home, scripted_backend(script)) as address,
        openai.OpenAI(base_url=f"{address}/v1", api_key="x", max_retries=0) as client,
    ):
        text = asked(client, NOTHING, "ibid/scripted")

        assert text.startswith("Nothing in this collection answers that.")
        assert script.bodies == []


def test_the_passages_are_never_shown_to_a_model_that_was_not_named(home: Path) -> None:
    with (
        scripted_server(Turn("Hello.")) as script,
        running(home, scripted_backend(script)) as address,
        openai.OpenAI(base_url=f"{address}/v1", api_key="x", max_retries=0) as client,
    ):
        asked(client)

        assert script.bodies == []


def test_a_model_rewrites_a_follow_up_where_one_was_named(home: Path) -> None:
    with (
        scripted_server(Turn("Who hated the sirens that replaced bells?"), Turn("They were hated ashore [1].")) as script,
        running(home, scripted_backend(script)) as address,
        openai.OpenAI(base_url=f"{address}/v1", api_key="x", max_retries=0) as client,
    ):
        client.chat.completions.create(
            model="ibid/scripted",
            messages=[
                {"role": "user", "content": "Which sirens replaced bells after the war?"},
                {"role": "assistant", "content": "Those."},
                {"role": "user", "content": "And who hated them?"},
            ],
        )

        assert "Question: Who hated the sirens that replaced bells?" in script.bodies[1]["messages"][-1]["content"]


@pytest.mark.parametrize(
    "turn", [Turn("It was rung by hand [1]. " * 9, behaviour="drop"), Turn("It was rung by hand [1]. So [2].")]
)
def test_passages_that_did_not_fit_the_models_context_are_sources_all_the_same(home: Path, turn: Turn) -> None:
    with (
        scripted_server(turn) as script,
        running(home, scripted_backend(script, context_tokens=780, answer_tokens=100)) as address,
        openai.OpenAI(base_url=f"{address}/v1", api_key="x", max_retries=0) as client,
    ):
        answer = client.chat.completions.create(model="ibid/scripted", messages=[{"role": "user", "content": QUESTION}])

    given = script.bodies[0]["messages"][-1]["content"].count("Source: ")
    told: Any = answer.model_dump()
    assert 0 < given < len(told["citations"]) == 4
    assert all(note["url_citation"]["url"] in told["citations"] for note in told["choices"][0]["message"]["annotations"])
