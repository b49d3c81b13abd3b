"""``/schema``: OpenAPI as JSON for programs, and as a plain page for people that needs nothing from outside."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from litestar import Request
from litestar.enums import OpenAPIMediaType
from litestar.openapi.plugins import OpenAPIRenderPlugin

from service.openapi import described
from service.pages import rendered
from service.settings import Settings

Schema = dict[str, Any]


class Row(NamedTuple):
    """A parameter of an operation, or a member of a JSON object."""

    name: str
    kind: str
    required: bool
    description: str


class Operation(NamedTuple):
    """One method of one path."""

    method: str
    path: str
    summary: str
    description: str
    parameters: list[Row]
    body: str
    answers: list[tuple[str, str]]


class Shape(NamedTuple):
    """One JSON object of the API."""

    name: str
    description: str
    members: list[Row]


class JsonSchema(OpenAPIRenderPlugin):
    """The OpenAPI document itself."""

    def __init__(self, path: str, settings: Settings) -> None:
        super().__init__(path=path, media_type=OpenAPIMediaType.OPENAPI_JSON)
        self._settings = settings

    def render(self, request: Request[Any, Any, Any], openapi_schema: Schema) -> bytes:
        """The document as JSON."""
        return self.render_json(request, described(openapi_schema, self._settings))


class ReferencePage(OpenAPIRenderPlugin):
    """A page of every path, its parameters and its answers."""

    def __init__(self, path: str, settings: Settings) -> None:
        super().__init__(path=path)
        self._settings = settings

    def render(self, request: Request[Any, Any, Any], openapi_schema: Schema) -> bytes:  # noqa: ARG002  # Litestar's signature
        """The reference as HTML."""
        openapi_schema = described(openapi_schema, self._settings)
        shapes = list(_shapes(openapi_schema))
        return rendered(
            "reference.html", info=openapi_schema["info"], operations=list(_operations(openapi_schema)), shapes=shapes
        ).encode()


def _operations(schema: Schema) -> Iterator[Operation]:
    for path, methods in schema["paths"].items():
        for method, told in methods.items():
            yield Operation(
                method=method.upper(),
                path=path,
                summary=told.get("summary", ""),
                description=_plain(told.get("description", "")),
                parameters=[
                    Row(each["name"], _kind(each["schema"]), each.get("required", False), each.get("description", ""))
                    for each in told.get("parameters", ())
                ],
                body=_content(told.get("requestBody", {})),
                answers=[(status, _content(answer)) for status, answer in sorted(told["responses"].items())],
            )


def _shapes(schema: Schema) -> Iterator[Shape]:
    for name, told in sorted(schema.get("components", {}).get("schemas", {}).items()):
        required = set(told.get("required", ()))
        rows = [
            Row(each, _kind(member), each in required, member.get("description", ""))
            for each, member in told.get("properties", {}).items()
        ]
        yield Shape(name, _plain(told.get("description", "")), rows)


def _content(told: Schema) -> str:
    kinds = (_kind(content.get("schema", {})) for content in told.get("content", {}).values())
    return " or ".join(kinds)


def _plain(docstring: str) -> str:
    """A docstring without its code marks, and without what is for readers of the code."""
    return docstring.partition("\n\nRaises:")[0].replace("``", "")


def _kind(schema: Schema) -> str:
    """A JSON Schema type in a few words, such as ``string or null`` or ``list of HitView``."""
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1]
    if "enum" in schema:
        return " or ".join(f'"{each}"' for each in schema["enum"])
    for many in ("oneOf", "anyOf"):
        if many in schema:
            return " or ".join(map(_kind, schema[many]))
    kind = schema.get("type", "any")
    if kind == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    return " or ".join(kind) if isinstance(kind, list) else str(kind)
