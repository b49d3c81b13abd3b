"""Tables of the settings that name servers: language models, and servers that embed. They say how one is reached."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

BackendName = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]


# What both kinds of server have.
_Model = Annotated[str, Meta(min_length=1, description="The model to ask for, as its server names it.")]
_KeyVariable = Annotated[str, Meta(description="Environment variable that holds the key.")]
_KeyFile = Annotated[str, Meta(description="File that holds the key, and nothing else.")]
_Headers = Annotated[
    dict[str, str], Meta(description="More headers; a value such as $NAME is taken from the environment variable NAME.")
]
_Query = Annotated[dict[str, str], Meta(description="Parameters for the address, such as Azure's api-version.")]
_ConnectSeconds = Annotated[float, Meta(gt=0, description="How long to wait for a connection.")]


class Backend(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How to reach one language model: a table ``[backends.NAME]`` of ``ibid.toml``. Holds no key."""

    model: _Model
    base_url: Annotated[str, Meta(description="Address of an OpenAI-compatible server, up to and with /v1.")] = (
        "https://api.openai.com/v1"
    )
    key_variable: _KeyVariable = ""
    key_file: _KeyFile = ""
    headers: _Headers = {}
    query: _Query = {}
    extra_body: Annotated[dict[str, Any], Meta(description="More members for the body of each request.")] = {}
    temperature: Annotated[
        float | Literal["default"],
        Meta(description='0 for the likeliest words, higher for more variety; "default" leaves it to the server.'),
    ] = 0.0
    answer_tokens: Annotated[int, Meta(ge=1, description="Tokens that an answer may have.")] = 800
    answer_tokens_field: Annotated[str, Meta(description="What the server calls that; newer OpenAI models want another.")] = (
        "max_tokens"
    )
    context_tokens: Annotated[int, Meta(ge=2, description="Tokens that prompt and answer may have together.")] = 8192
    usage_in_stream: Annotated[bool, Meta(description="Ask for token counts; false for servers that refuse the question.")] = True
    connect_seconds: _ConnectSeconds = 5.0
    timeout_seconds: Annotated[float, Meta(gt=0, description="How long to wait for the next words.")] = 60.0
    total_seconds: Annotated[float, Meta(gt=0, description="How long a whole answer may take.")] = 300.0
    retries: Annotated[int, Meta(ge=0, description="How often a request that failed is tried again.")] = 2
    places: Annotated[int, Meta(ge=1, description="Requests at a time; more wait.")] = 8
    wait_seconds: Annotated[float, Meta(ge=0, description="How long a request waits for its place.")] = 10.0
    failures: Annotated[int, Meta(ge=1, description="Failures in a row after which the server is left alone.")] = 3
    rest_seconds: Annotated[float, Meta(ge=0, description="How long it is left alone.")] = 30.0

    def __repr__(self) -> str:
        """Only what is no secret even where somebody pastes a key into the wrong place."""
        return f"<{self.model}>"


class EmbeddingServer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How to reach an embedding server: a table ``[embedders.NAME]`` of ``ibid.toml``. Holds no key."""

    url: Annotated[str, Meta(min_length=1, description="Address of an OpenAI-compatible server, up to and with /v1.")]
    model: _Model
    local: Annotated[
        str,
        Meta(
            description="A model here with the same weights, a folder or a hub name: the server's vectors are compared with its "
            "own, the index counts as built with it, and questions are embedded here. Empty: there is none."
        ),
    ] = ""
    revision: Annotated[
        str,
        Meta(description="Any text; change it when other weights are served under the same name. Another one: another index."),
    ] = ""
    key_variable: _KeyVariable = ""
    key_file: _KeyFile = ""
    headers: _Headers = {}
    query: _Query = {}
    query_prompt: Annotated[str, Meta(description="Text before each question, such as `query: ` for E5.")] = ""
    passage_prompt: Annotated[str, Meta(description="Text before each passage, such as `passage: ` for E5.")] = ""
    body: Annotated[
        dict[str, Any], Meta(description="More members for the body of each request, such as `dimensions`, or `truncate`.")
    ] = {}
    query_body: Annotated[dict[str, Any], Meta(description="The same for questions alone, such as `input_type`.")] = {}
    passage_body: Annotated[dict[str, Any], Meta(description="The same for passages alone.")] = {}
    dimension: Annotated[int, Meta(ge=0, description="Width of the vectors; 0: as the server gives them.")] = 0
    max_tokens: Annotated[
        int, Meta(ge=16, description="Word pieces that the model reads; longer questions are cut, windows are never longer.")
    ] = 256
    tokenizer: Annotated[
        str,
        Meta(
            description="A tokenizer.json, or a folder that holds one, to count word pieces with. Empty: that of the bundled "
            "model, which is near enough where max_tokens leaves room."
        ),
    ] = ""
    batch_texts: Annotated[int, Meta(ge=1, description="Most texts in one request.")] = 32
    batch_tokens: Annotated[int, Meta(ge=1, description="Most word pieces in one request, unless one text has more.")] = 8192
    batch_bytes: Annotated[int, Meta(ge=1, description="Most bytes of text in one request, unless one text has more.")] = 500_000
    requests: Annotated[int, Meta(ge=1, le=256, description="Requests at a time while indexing.")] = 4
    connect_seconds: _ConnectSeconds = 5.0
    timeout_seconds: Annotated[float, Meta(gt=0, description="How long to wait for the whole answer to one request.")] = 60.0
    question_seconds: Annotated[float, Meta(gt=0, description="How long embedding a question may take, retries included.")] = 10.0
    retries: Annotated[
        int, Meta(ge=0, description="How often a request that failed is sent again, after pauses that double.")
    ] = 5
    longest_wait_seconds: Annotated[
        float, Meta(gt=0, description="Longest pause before a retry; a server that asks for a longer one is not asked again.")
    ] = 60.0

    def __repr__(self) -> str:
        """Only what is no secret even where somebody pastes a key into the wrong place."""
        return f"<{self.model}>"
