"""The OpenAPI document told whole: the bounds that settings set, every refusal with its shape, and the types of what is sent.

Litestar writes what it can see of the handlers; the bounds are the settings' and the refusals the middleware's.
"""

from typing import Any

import msgspec

from index.filters import FILTERS
from service.bibliography import FORMS, MEDIA_TYPES
from service.limits import MAX_BESIDE, MAX_LISTED, known_styles
from service.problems import KINDS, PROBLEM_TYPE
from service.settings import Settings

Schema = dict[str, Any]

_NOT_BLANK = "[^\\s\\u001c-\\u001f\\u0085]"
_YEARS = "^[0-9]{1,4}( ?[-–] ?[0-9]{1,4})?$"
_STRICT = ("AskBody", "FiltersBody", "TurnBody", "VerifyBody")
_OPENAI = ("/v1/chat/", "/v1/embeddings", "/v1/models", "/v1/responses")
_WRITTEN = ("/v1/bibliography", "/v1/excerpts/{excerpt_id}/citation")
_STREAMED = ("/v1/ask", "/v1/chat/completions", "/v1/responses")
_ALWAYS, _WITH_BODY = (400, 401, 403, 421, 429), (413, 415)
_ERROR = "OpenAiError"
_ERROR_SHAPE: Schema = {
    "title": _ERROR,
    "type": "object",
    "description": "What went wrong, as OpenAI's clients expect it.",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["message", "type", "param", "code"],
            "properties": {
                "message": {"type": "string"},
                "type": {"type": "string"},
                "param": {"type": "null"},
                "code": {"type": "string"},
            },
        }
    },
}


_EVENT: Schema = {"type": "object", "properties": {"event": {"type": "string"}, "data": {"type": "string"}}}


_OFFSET: Schema = {"minimum": 0, "maximum": MAX_LISTED}
"""Where the hits of a page may begin; a list of works begins where it likes."""


def described(schema: Schema, settings: Settings) -> Schema:
    """The OpenAPI document of the service with these settings, made from what Litestar wrote."""
    told: Schema = msgspec.json.decode(msgspec.json.encode(schema))
    shapes = told["components"]["schemas"]
    shapes[_ERROR] = _ERROR_SHAPE
    parameters, limits = _parameters(settings), _limits(settings)
    for path, methods in told["paths"].items():
        for operation in methods.values():
            for parameter in operation.get("parameters", ()):
                if parameter["in"] == "query":
                    parameter["schema"] = _not_null(parameter["schema"]) | parameters.get(parameter["name"], {})
                    if parameter["name"] == "limit":
                        parameter["schema"] |= {"minimum": 1, "maximum": limits[path]}
                    elif parameter["name"] == "offset" and path == "/v1/search":
                        parameter["schema"] |= _OFFSET
            operation["responses"] |= _refusals(path, operation)
    for path in _WRITTEN:
        content = {kind: {"schema": {} if "json" in kind else {"type": "string"}} for kind in MEDIA_TYPES.values()}
        told["paths"][path]["get"]["responses"]["200"]["content"] = content
    for path in _STREAMED:
        told["paths"][path]["post"]["responses"]["200"]["content"]["text/event-stream"] = {"schema": _EVENT}
    for name in _STRICT:
        shapes[name]["additionalProperties"] = False
    for name, members in _members(settings).items():
        for member, bounds in members.items():
            _bound(shapes[name]["properties"][member], bounds)
    return told


def _parameters(settings: Settings) -> dict[str, Schema]:
    """What query parameters of these names may be."""
    text = {"type": "string", "pattern": _NOT_BLANK}
    styles = _styles(settings)
    beside = {"minimum": 0, "maximum": MAX_BESIDE}
    return _filter_parameters(settings, text) | {
        "q": text | {"minLength": 1, "maxLength": settings.max_question},
        "style": {"enum": styles},
        "format": {"enum": list(FORMS)},
        "before": beside,
        "after": beside,
        "related": beside,
        "per_work": {"minimum": 1},
        "offset": {"minimum": 0},
        "start": {"minimum": 0},
        "end": {"minimum": 0},
    }


def _filter_parameters(settings: Settings, text: Schema) -> Schema:
    """What the query parameters of filters may be: together they have at most ``max_filters`` values."""
    words = {"type": "array", "items": text, "minItems": 1, "maxItems": settings.max_filters // len(FILTERS)}
    years = {"type": "array", "items": {"type": "string", "pattern": _YEARS}, "minItems": 1, "maxItems": 1}
    return {name: years if each.kind == "years" else words for name, each in FILTERS.items()}


def _styles(settings: Settings) -> list[str]:
    """Styles that may be named; "" is the one of the settings."""
    return ["", *(name for name, _ in known_styles(settings))]


def _limits(settings: Settings) -> dict[str, int]:
    """How long a list may be, by path."""
    return {
        "/v1/search": settings.max_limit,
        "/v1/works": MAX_LISTED,
        "/v1/bibliography": settings.max_works,
    }


def _members(settings: Settings) -> dict[str, dict[str, Schema]]:
    """What the members of bodies may be."""
    filled, styles = {"pattern": _NOT_BLANK}, _styles(settings)
    years = {"pattern": _YEARS, "minimum": 0, "maximum": 9999}
    question = filled | {"minLength": 1, "maxLength": settings.max_question}
    return {
        "AskBody": {
            "question": question,
            "limit": {"minimum": 1, "maximum": settings.max_limit},
            "per_work": {"minimum": 1},
            "offset": _OFFSET,
            "style": {"enum": styles},
            "history": {"maxItems": settings.max_history},
            # Without a language model there are passages only.
            **({} if settings.backends else {"mode": {"enum": ["passages"]}}),
        },
        "FiltersBody": {name: years if each.kind == "years" else filled for name, each in FILTERS.items()},
        "VerifyBody": {
            "quote": filled | {"minLength": 1, "maxLength": settings.max_quote},
            "citation": {"maxLength": settings.max_citation},
        },
    }


def _bound(schema: Schema, bounds: Schema) -> None:
    """Adds bounds to every type of a schema that they are for; one that may be null stays so."""
    if "oneOf" in schema:
        schema["oneOf"] = [branch for branch in schema["oneOf"] if branch.get("type") != "number"]
    for branch in schema.get("oneOf", ()):
        _bound(branch, bounds)
    if "items" in schema and "maxItems" not in bounds:
        _bound(schema["items"], bounds)
    kinds = {"string": ("pattern", "minLength", "maxLength", "enum"), "integer": ("minimum", "maximum"), "array": ("maxItems",)}
    schema |= {name: bounds[name] for name in kinds.get(str(schema.get("type")), ()) if name in bounds}


def _not_null(schema: Schema) -> Schema:
    """A parameter in an address is there or not; it cannot be null."""
    kinds = [kind for kind in schema.get("oneOf", ()) if kind.get("type") != "null"]
    rest = {name: value for name, value in schema.items() if name != "oneOf"}
    return rest | kinds[0] if len(kinds) == 1 else schema


def _refusals(path: str, operation: Schema) -> Schema:
    """How an operation may be refused, by status."""
    statuses = {*_ALWAYS, *(_WITH_BODY if "requestBody" in operation else ())}
    chooses = any(parameter["name"] == "collection" for parameter in operation.get("parameters", ()))
    statuses |= {404} if "{" in path or chooses else set()
    statuses |= {503} if path != "/healthz" else set()
    statuses |= {404, 502} if path == "/v1/ask" or path.startswith(_OPENAI) else set()
    kind, shape = ("application/json", _ERROR) if path.startswith(_OPENAI) else (PROBLEM_TYPE, "Problem")
    content = {kind: {"schema": {"$ref": f"#/components/schemas/{shape}"}}}
    return {str(status): {"description": _meaning(status), "content": content} for status in sorted(statuses)}


def _meaning(status: int) -> str:
    kinds = {kind.title for kind in KINDS.values() if kind.status == status}
    return "; or: ".join(sorted(kinds)) or {413: "The body is too large"}.get(status, "The request is refused")
