"""All settings in one frozen object, read once from ``ibid.toml`` and ``IBID_*`` variables.

Nothing else of Ibid reads a file or a variable to learn how it should behave.
"""

import difflib
import os
import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version as installed
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from rag.answer_tree import Unproved
from rag.errors import SettingInvalid
from rag.prompting import OFFLINE
from service.server_tables import Backend, BackendName, EmbeddingServer

DEFAULT_COLLECTION = "default"
"""What the collection in ``home`` is called where there are others."""

SETTINGS_FILE = "ibid.toml"
PREFIX = "IBID_"
Dialect = Literal["open-webui", "annotations", "streamed-annotations", "citations", "search-results"]
"""The ways of chat windows to be told of sources, see docs/front-ends.md."""

HOST = re.compile(r"(?P<name>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::(?P<port>[0-9]{1,5}|\*))?")
"""A name or an address, and perhaps a port, as in a Host header."""

SHORTEST_SECRET = 32
SECRETS = frozenset({"proxy_secret"})
"""Settings that are never shown."""

OTHER_VARIABLES = frozenset({"IBID_CONFIG", "IBID_KEY", "IBID_LONG", "IBID_SESSION_SECRET", "IBID_TEST_DATA"})
"""``IBID_CONFIG`` says which settings file is read, ``IBID_KEY`` is a client's key, ``IBID_SESSION_SECRET`` signs the cookies of
browsers; ``IBID_LONG`` and ``IBID_TEST_DATA`` belong to the test suite."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """How this Ibid behaves. Each field is a key of ``ibid.toml`` and, as ``IBID_<FIELD>``, a variable."""

    home: Annotated[Path, Meta(description="Folder of the index; relative to the working directory.")] = Path(".ibid")
    collections: Annotated[
        dict[BackendName, str],
        Meta(
            description="More collections of this service: a name and the folder of its index each, `[collections]`; the one in "
            "`home` is called default. docs/collections.md. As a variable: JSON. Empty: one collection."
        ),
    ] = {}
    model: Annotated[
        str,
        Meta(
            description="Embedding model: a folder, a hub name, the NAME of a table `[embedders.NAME]`, or NAME:ARGUMENT for a "
            "plug-in. "
            "Empty: the model the index was built with, and for a new index the all-MiniLM-L6-v2 that travels with the "
            "installation."
        ),
    ] = ""
    embedders: Annotated[
        dict[BackendName, EmbeddingServer],
        Meta(
            description="Servers that embed, a table `[embedders.NAME]` each; docs/embedding-servers.md lists their keys. As a "
            "variable: JSON. Empty: texts are embedded here."
        ),
    ] = {}
    precision: Annotated[
        Literal["fp32", "int8"],
        Meta(
            description="What the encoder computes in; int8 is faster and a little less exact, where the model can be exported."
        ),
    ] = "fp32"
    devices: Annotated[
        tuple[str, ...],
        Meta(
            description="What sentence-transformers computes on while indexing, such as `cuda:0,cuda:1`: a process each. Empty: "
            "the model is exported and runs on processors."
        ),
    ] = ()
    vector_store: Annotated[
        str,
        Meta(description="What keeps the vectors: faiss, lance, lance:URL, or a plug-in. Empty: as before."),
    ] = ""
    reranker: Annotated[
        str,
        Meta(
            description="Cross-encoder that orders the best hits anew: a folder or a hub name. Empty: none. "
            "`ibid evaluate --reranker` shows what one gains and costs."
        ),
    ] = ""
    read: Annotated[
        Literal["auto", "always", "never"],
        Meta(
            description="When the passage reader reads the leading passages and says whether and where they answer (English; "
            "docs/reader-model.md); auto: for the page, `ibid ask`, chat windows and MCP, and where a request says so."
        ),
    ] = "auto"
    support_model: Annotated[
        str,
        Meta(
            description="Backend that is asked of each sentence of an answer whether its passage says so; the answer is then "
            "shown as a whole. Empty: none."
        ),
    ] = ""
    language: Annotated[
        str,
        Meta(
            description="Language of the documents for which `collection.toml` names none, as ISO 639-1 has it (`de`). "
            "Empty: each text tells its own."
        ),
    ] = ""
    page_language: Annotated[
        Literal["", "en", "de", "fr", "es", "ru"], Meta(description="Language of the page's words. Empty: as the browser asks.")
    ] = ""
    search: Annotated[
        Literal["auto", "exact"],
        Meta(
            description="exact: every excerpt is scored for every question; auto: from 50,000 windows on, candidates are chosen "
            "first and scored exactly."
        ),
    ] = "auto"
    late_interaction: Annotated[
        Literal["auto", "always", "never"],
        Meta(
            description="When the leading passages are compared with the question token by token; auto: for the page, "
            "`ibid ask`, chat windows and MCP, and where a request says so."
        ),
    ] = "auto"
    style: Annotated[
        str,
        Meta(
            description="Style of formatted citations where a request names none; `@de-DE` behind it gives its terms in German."
        ),
    ] = "chicago-notes"
    styles_dir: Annotated[
        str, Meta(description="Folder of CSL files; a style of this name may be asked for by the name of its file. Empty: none.")
    ] = ""
    limit: Annotated[int, Meta(ge=1, description="Hits returned where a request names no limit.")] = 5
    max_limit: Annotated[int, Meta(ge=1, description="Most hits a request may ask for.")] = 50
    max_question: Annotated[int, Meta(ge=1, description="Longest question, in characters.")] = 2000
    max_quote: Annotated[int, Meta(ge=1, description="Longest quotation to check, in characters.")] = 10_000
    max_citation: Annotated[int, Meta(ge=1, description="Longest citation to check a quotation against, in characters.")] = 2000
    max_filters: Annotated[
        int, Meta(ge=1, le=400, description="Most values that the filters of a request may have together.")
    ] = 100
    max_history: Annotated[
        int, Meta(ge=1, description="Most turns before a question; of a chat window's longer conversation the last are read.")
    ] = 200
    max_works: Annotated[int, Meta(ge=1, description="Most works in one part of a bibliography.")] = 1000
    host: Annotated[str, Meta(description="Address that `ibid serve` listens on; 0.0.0.0 for every interface.")] = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535, description="Port that `ibid serve` listens on; 0 lets the system choose.")] = 8000
    workers: Annotated[int, Meta(ge=1, description="Processes that `ibid serve` runs.")] = 1
    threads: Annotated[
        int, Meta(ge=0, description="Threads of the encoder in one process; 0: the physical cores, shared among the workers.")
    ] = 0
    base_url: Annotated[
        str,
        Meta(
            description="Public address before every link, such as https://ibid.example.org; empty: the address of the request."
        ),
    ] = ""
    hosts: Annotated[
        tuple[str, ...],
        Meta(
            description="Names under which clients may reach the service, as in the Host header (`name` or `name:port`), besides "
            "localhost, `host`, the host of `base_url` and, where it listens beyond loopback, any IP address; * for all names."
        ),
    ] = ()
    cors_origins: Annotated[
        tuple[str, ...], Meta(description="Origins whose pages may call the service from a browser; * for all. Empty: none.")
    ] = ()
    uploads: Annotated[
        bool, Meta(description="Let programs of this machine add and delete documents without a key; docs/uploads.md.")
    ] = False
    max_upload: Annotated[int, Meta(ge=1024, description="Bytes that one upload may have.")] = 67_108_864
    max_files: Annotated[int, Meta(ge=1, description="Files that one upload may have.")] = 500
    quota: Annotated[int, Meta(ge=1024, description="Bytes that all files sent to one collection may have.")] = 1_073_741_824
    public: Annotated[
        bool, Meta(description="Let everybody who reaches the service ask and read without a key; docs/access.md.")
    ] = False
    require_key: Annotated[
        bool, Meta(description="Require a key on loopback, too: where a proxy or other people's programs reach it there.")
    ] = False
    keys_file: Annotated[
        str, Meta(description="File of API keys, as `ibid key` writes it. Empty: `keys.json` in the folder of the index.")
    ] = ""
    session_hours: Annotated[int, Meta(ge=1, le=8760, description="How long a browser stays signed in.")] = 168
    trusted_header: Annotated[
        str,
        Meta(
            description="Header in which a proxy that has signed people in names them, such as X-Forwarded-User; believed only "
            "beside `proxy_secret`. Empty: none."
        ),
    ] = ""
    proxy_secret: Annotated[
        str, Meta(description="What the proxy proves itself with in X-Ibid-Proxy-Secret; 32 characters or more.")
    ] = ""
    backends: Annotated[
        dict[BackendName, Backend],
        Meta(
            description="Language models that may write answers, a table `[backends.NAME]` each; docs/backends.md lists their "
            "keys. As a variable: JSON. Empty: passages only."
        ),
    ] = {}
    unproved: Annotated[
        Unproved,
        Meta(
            description="What becomes of a quotation that its source does not bear out: `unquote` takes its marks away, "
            "`source` puts the source's own words in its place."
        ),
    ] = "unquote"
    encoding: Annotated[
        str,
        Meta(description="tiktoken encoding that prompts are measured with; any other must be cached: nothing is downloaded."),
    ] = OFFLINE
    dialects: Annotated[
        tuple[Dialect, ...],
        Meta(
            description="How sources are told to chat windows beside the list in the text, see docs/front-ends.md; "
            "any of `open-webui`, `annotations`, `streamed-annotations`, `citations`, `search-results`."
        ),
    ] = ("open-webui", "annotations", "citations", "search-results")
    keep_alive_seconds: Annotated[
        float, Meta(gt=0, description="Seconds after which an idle stream gets a keep-alive comment, so that no proxy closes it.")
    ] = 15.0
    mcp: Annotated[bool, Meta(description="Answer MCP clients at /mcp, where the extra `mcp` is installed.")] = True
    max_connections: Annotated[
        int, Meta(ge=8, description="Most connections of one process, as far as the system lets it have so many open files.")
    ] = 800
    max_head: Annotated[int, Meta(ge=1024, description="Largest request line and headers together, in bytes.")] = 65_536
    head_seconds: Annotated[float, Meta(gt=0, description="How long a client may take to send its headers.")] = 10.0
    body_seconds: Annotated[float, Meta(gt=0, description="How long it may take to send its body after them.")] = 60.0
    send_seconds: Annotated[float, Meta(gt=0, description="How long it may read nothing of an answer that is on its way.")] = 60.0
    idle_seconds: Annotated[int, Meta(ge=1, description="How long a connection is kept for a client's next request.")] = 75
    questions_per_minute: Annotated[
        int,
        Meta(ge=0, description="Questions and checks a minute that one client may send, to all workers together; 0: any number."),
    ] = 0
    max_body: Annotated[int, Meta(ge=1024, description="Largest request body, in bytes.")] = 1_048_576
    max_waiting: Annotated[int, Meta(ge=1, description="Questions that may wait for the encoder; one more is refused.")] = 256
    check_seconds: Annotated[
        float, Meta(gt=0, description="How long checking a quotation may take, waiting included; one that takes longer gets 503.")
    ] = 10.0
    processor_seconds: Annotated[
        float, Meta(gt=0, description="Processor time that one request may take besides its search; more is stopped with 503.")
    ] = 10.0
    answers_kept: Annotated[
        int,
        Meta(ge=0, description="Questions whose passages are kept, so that the same question is answered at once; 0: none."),
    ] = 256
    refresh_seconds: Annotated[float, Meta(ge=0, description="How long a running service may overlook a newer index.")] = 1.0
    shutdown_seconds: Annotated[int, Meta(ge=1, description="How long requests may finish after SIGTERM.")] = 15
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"], Meta(description="Least severe message that is logged.")
    ] = "info"
    log_format: Annotated[
        Literal["text", "json"],
        Meta(description="How lines of the log are written: text, or a JSON object each; docs/operating.md."),
    ] = "text"
    log_questions: Annotated[bool, Meta(description="Write questions into the access log.")] = False

    def __post_init__(self) -> None:
        if self.limit > self.max_limit:
            raise SettingInvalid(
                f"limit is {self.limit} and max_limit is {self.max_limit}",
                rule="limit is at most max_limit",
                remedy="lower limit or raise max_limit",
            )
        if self.base_url and not self.base_url.startswith(("http://", "https://")):
            raise SettingInvalid(
                f"base_url is {self.base_url!r}",
                rule="base_url is empty or begins with http:// or https://",
                remedy="write it as https://ibid.example.org",
            )
        self._validate_access()
        if taken := {DEFAULT_COLLECTION, *self.backends} & self.collections.keys():
            raise SettingInvalid(
                f"a collection is called {min(taken)}",
                rule=f"{DEFAULT_COLLECTION} is the one in home, and no collection is called like a language model",
                remedy="give it another name",
            )
        if self.support_model and self.support_model not in self.backends:
            raise SettingInvalid(
                f"support_model is {self.support_model!r}",
                rule="support_model is empty or names a table [backends.NAME]",
                remedy=nearest(self.support_model, list(self.backends)),
            )
        for name in self.hosts:
            if name != "*" and not HOST.fullmatch(name):
                raise SettingInvalid(
                    f"hosts names {name!r}", rule="a host is a name, or name:port", remedy="write it as ibid.example.org"
                )

    def _validate_access(self) -> None:
        if self.public and self.require_key:
            raise SettingInvalid(
                "public and require_key are both true", rule="everybody may ask, or who has a key", remedy="leave out one of them"
            )
        if self.trusted_header and len(self.proxy_secret) < SHORTEST_SECRET:
            raise SettingInvalid(
                f"trusted_header is {self.trusted_header!r} and proxy_secret has {len(self.proxy_secret)} characters",
                rule=f"a header is believed beside a secret of {SHORTEST_SECRET} characters or more, which only the proxy knows",
                remedy="set proxy_secret, for example to what `openssl rand -hex 32` prints",
            )


def read_settings(environment: Mapping[str, str] | None = None, file: Path | None = None, **overrides: Any) -> Settings:
    """The settings in force: overrides that are not None, then variables, then the file, then defaults.

    ``file`` is ``IBID_CONFIG`` or ``./ibid.toml`` where not given; only a file that was named must exist.

    Raises:
        SettingInvalid: a key that does not exist, a value it does not take, or an unreadable file.
    """
    environment = os.environ if environment is None else environment
    values = _from_file(file or _settings_file(environment)) | _from_environment(environment)
    values |= {key: _value(key, value, f"option {key}", strict=True) for key, value in overrides.items() if value is not None}
    return Settings(**values)


def variables(settings: Settings) -> dict[str, str]:
    """The settings as the variables that tell them to another process."""
    return {PREFIX + key.upper(): _written(value) for key, value in msgspec.structs.asdict(settings).items()}


def differing(settings: Settings) -> dict[str, Any]:
    """The settings that are not as they come, by name, to be shown."""
    defaults = msgspec.structs.asdict(Settings())
    told = {name: value for name, value in msgspec.structs.asdict(settings).items() if value != defaults[name]}
    return told | dict.fromkeys(SECRETS & told.keys(), "(not shown)")


def nearest(name: str, known: list[str]) -> str:
    """A remedy that names the nearest known name, or all of them when none is near."""
    near = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {near[0]}?" if near else f"use one of {', '.join(known)}"


def _settings_file(environment: Mapping[str, str]) -> Path | None:
    if named := environment.get("IBID_CONFIG"):
        return Path(named)
    usual = Path(SETTINGS_FILE)
    return usual if usual.exists() else None


def _from_file(file: Path | None) -> dict[str, Any]:
    if file is None:
        return {}
    try:
        written = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingInvalid(
            f"{file} cannot be read ({error})",
            rule="a settings file is TOML in UTF-8",
            remedy="mend it, or name another with IBID_CONFIG",
        ) from error
    return {key: _value(key, value, f"{key} in {file}", strict=True) for key, value in written.items()}


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    told = {name: text for name, text in environment.items() if name.startswith(PREFIX) and name not in OTHER_VARIABLES}
    values: dict[str, Any] = {}
    for name, text in told.items():
        key = name.removeprefix(PREFIX).lower()
        values[key] = _value(key, _read(key, text, name), name, strict=False)
    return values


def _read(key: str, text: str, where: str) -> Any:
    """A variable's text as the file would have it: lists are separated by commas, tables are JSON."""
    match getattr(Settings(), key, None):
        case tuple():
            return [part.strip() for part in text.split(",") if part.strip()]
        case dict():
            try:
                return msgspec.json.decode(text)
            except msgspec.DecodeError as error:
                raise SettingInvalid(
                    f"{where} cannot be read ({error})", rule="a table is written as JSON", remedy="mend it, or use ibid.toml"
                ) from None
        case _:
            return text


def _written(value: Any) -> str:
    match value:
        case tuple():
            return ",".join(value)
        case dict():
            return msgspec.json.encode(value).decode()
        case _:
            return str(value)


def _value(key: str, value: Any, where: str, *, strict: bool) -> Any:
    fields = {field.name: field for field in msgspec.structs.fields(Settings)}
    if key not in fields:
        raise SettingInvalid(f"{where} is not a setting", rule="unknown settings are errors", remedy=nearest(key, list(fields)))
    try:
        return msgspec.convert(value, fields[key].type, strict=strict, dec_hook=lambda kind, text: kind(text))
    except msgspec.ValidationError as error:
        rule = str(error).replace("`", "").removesuffix(" - at $")
        secret = isinstance(value, dict) or key in SECRETS  # a table may hold a key
        found = f"{where} cannot be used" if secret else f"{where} is {value!r}"
        raise SettingInvalid(found, rule=rule[0].lower() + rule[1:], remedy="see the table of settings in the README") from (
            None if secret else error
        )


# The version of this Ibid.

DISTRIBUTION = "ibid-rag"


@cache
def version() -> str:
    """The version of the installed distribution."""
    return installed(DISTRIBUTION)
