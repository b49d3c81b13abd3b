"""Request bodies: JSON in UTF-8, decoded in one pass into the Struct its route asks for, or a problem that says why not."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from functools import cache
from inspect import Parameter, Signature, signature
from typing import Annotated, Any, TypeVar, cast, get_args, get_origin
from urllib.parse import urlencode

import msgspec
from litestar import Request
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.params import QueryParameter
from litestar.typing import FieldDefinition
from msgspec import Meta
from msgspec.structs import FieldInfo

from index.filters import FILTERS, Filters
from service.errors import ContentTypeInvalid, RequestInvalid
from service.limits import filters_of, filters_within
from service.settings import Settings, nearest
from service.translation import page_language, preferred

_NUMBER = re.compile(r"-?[0-9]{1,30}")
UNKNOWN_FIELD = re.compile(r"Object contains unknown field `(?P<name>[^`]*)`(?: - at `\$\.?(?P<path>[^`]*)`)?")


class JsonRequest(Request[Any, Any, Any]):
    """A request whose ``data`` is what its handler's annotation says, decoded strictly and once.

    Litestar's own decoding says only that a body is invalid; ours names the field, the rule and the remedy.
    """

    async def json(self) -> Any:
        """The body as the handler's type. Raises ContentTypeInvalid or RequestInvalid."""
        declared = self.route_handler.parsed_data_field
        return read_json(self.content_type[0], await self.body(), Any if declared is None else declared.annotation)


def read_json(content_type: str, body: bytes, wanted: Any) -> Any:
    """Decodes ``body`` into ``wanted``.

    Raises:
        ContentTypeInvalid: the content type is not JSON.
        RequestInvalid: the JSON is malformed, or not of the shape wanted.
    """
    if content_type != "application/json":
        raise ContentTypeInvalid(
            f"the body is {content_type or 'of no declared type'}",
            rule="a body is application/json",
            remedy="send the header content-type: application/json",
        )
    try:
        return msgspec.json.decode(body, type=wanted)
    except msgspec.ValidationError as error:
        raise _misshapen(error, wanted) from error
    except RecursionError as error:
        raise RequestInvalid(
            "the body is nested too deeply to be read",
            rule="a body is nested some hundred levels deep at most",
            remedy="flatten it",
        ) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RequestInvalid(
            f"the body cannot be read ({error})", rule="a body is JSON in UTF-8", remedy="mend the JSON"
        ) from error


def _misshapen(error: msgspec.ValidationError, wanted: Any) -> RequestInvalid:
    if unknown := UNKNOWN_FIELD.search(str(error)):
        path, name = unknown["path"] or "", unknown["name"]
        where = f"{path}.{name}" if path else name
        return RequestInvalid(
            f"the body has a field {where}",
            rule="unknown fields are errors",
            remedy=nearest(name, known) if (known := _fields(wanted, path)) else "leave it out",
        )
    expected, _, where = str(error).replace("`", "").partition(" - at $")
    found = f"the body's {where.lstrip('.')}" if where.lstrip(".") else "the body"
    return RequestInvalid(
        f"{found} is not as it should be", rule=expected[0].lower() + expected[1:], remedy="change it; /schema tells its shape"
    )


def _fields(wanted: Any, path: str) -> list[str]:
    """The names of the fields at ``path``, such as ``history[...]``, within a Struct type; none where they cannot be told."""
    for name in re.findall(r"\w+|\[\.\.\.\]", path):
        if name == "[...]":
            wanted = next(iter(get_args(wanted)), None)
        else:
            wanted = next((field.type for field in _struct_fields(wanted) if field.encode_name == name), None)
    return [field.encode_name for field in _struct_fields(wanted)]


def _struct_fields(wanted: Any) -> Sequence[FieldInfo]:
    """The fields of a Struct, or of the first one among the types of a union; none of anything else."""
    if isinstance(wanted, type) and issubclass(wanted, msgspec.Struct):
        return msgspec.structs.fields(wanted)
    return next(filter(None, map(_struct_fields, get_args(wanted))), ())


# How a request gives its filters, and the guard against query parameters that nothing reads.

T = TypeVar("T", bound=msgspec.Struct)
Texts = str | list[str] | None
Years = int | float | str | list[int | float | str] | None
"""A number such as 1936.0 is a whole number to JSON Schema."""


def takes_filters(made: type[T]) -> type[T]:
    """A class decorator: the same Struct with one optional field for each filter, which may be a value or a list of them."""
    kinds = {"years": Years}
    fields = [
        (name, Annotated[kinds.get(each.kind, Texts), Meta(description=f"{each.about} Or a list: any of them.")], None)
        for name, each in FILTERS.items()
    ]
    whole = msgspec.defstruct(
        made.__name__,
        fields,
        bases=(made,),
        module=made.__module__,
        namespace={"__doc__": made.__doc__},
        frozen=True,
        forbid_unknown_fields=True,
        kw_only=True,
    )
    return cast("type[T]", whole)


class FilterFields(msgspec.Struct, frozen=True):
    """What a Struct that ``takes_filters`` can do."""

    def filters(self) -> Filters:
        """The filters meant. Raises FilterInvalid."""
        given = {name: value for name in FILTERS if (value := getattr(self, name)) is not None}
        return filters_of({name: _listed(value) for name, value in given.items()})


@takes_filters
class FiltersBody(FilterFields, frozen=True, forbid_unknown_fields=True):
    """Which part of the collection to search: all that are given must hold; within one, any value will do."""


def with_filter_parameters(provider: Callable[..., Any]) -> Callable[..., Any]:
    """A decorator: the same dependency with one repeatable query parameter for each filter, given as keyword arguments.

    Litestar reads the parameters from the signature; the function's own ``**filters`` stands for them.
    """
    kept = [each for each in signature(provider).parameters.values() if each.kind is not Parameter.VAR_KEYWORD]
    added = [
        Parameter(
            name,
            Parameter.KEYWORD_ONLY,
            default=None,
            annotation=Annotated[list[str] | None, QueryParameter(description=f"{each.about} May be repeated: any of them.")],
        )
        for name, each in FILTERS.items()
    ]
    provider.__signature__ = Signature([*kept, *added])  # type: ignore[attr-defined]
    provider.__annotations__ = {each.name: each.annotation for each in (*kept, *added)}
    return provider


@with_filter_parameters
async def filters_from_query(settings: NamedDependency[Settings], **given: list[str] | None) -> Filters:
    """The filters that a query string gives. Raises FilterInvalid."""
    return filters_within(settings, filters_of({name: values or () for name, values in given.items()}))


within_collections: ContextVar[str] = ContextVar("within_collections", default="")
"""The collections that a request names, as a query: a page's links lead to pages of the same."""


async def refuse_unknown_parameters(request: Request[Any, Any, Any]) -> None:
    """Before each request: a query parameter that nothing reads is a mistake, and ignoring it would hide it.

    A page is given its language here, too. One hook for all routes instead of a guard for each, for which Litestar copies the
    handler (see ``JsonResponse``).
    """
    handler = request.route_handler
    if not handler.include_in_schema:  # a page
        page_language.set(preferred(request.headers.get("accept-language", ""), request.app.state.page_language))
    if not request.scope["query_string"] or handler.opt.get("any_query"):
        return
    known = _known_parameters(handler)
    given = Counter(name for name, _ in request.query_params.multi_items())
    if "collection" in given:
        pairs = [("collection", name) for name in request.query_params.getall("collection")]
        within_collections.set(f"?{urlencode(pairs)}")
    for name, times in given.items():
        if name not in known:
            remedy = nearest(name, sorted(known)) if known else "leave it out"
            raise RequestInvalid(f"the query has a parameter {name!r}", rule="unknown parameters are errors", remedy=remedy)
        if known[name] is not Many and times > 1:
            raise RequestInvalid(
                f"the query gives {name} {times} times", rule="it takes one value", remedy="leave out the others"
            )
        if known[name] is int and not _NUMBER.fullmatch(request.query_params[name]):
            raise RequestInvalid(
                f"{name} is {request.query_params[name]!r}",
                rule="it is a whole number",
                remedy="write it in digits, or leave it out",
            )


class Many:
    """Stands for a query parameter that takes several values."""


@cache
def _known_parameters(handler: BaseRouteHandler) -> dict[str, type]:
    """The query parameters of a handler and of what is provided to it: Many, int, or str for what is read as it stands."""
    provided = {name: each.parsed_fn_signature for name, each in handler.resolve_dependencies().items()}
    signatures, waiting = [handler.parsed_fn_signature], [handler.parsed_fn_signature]
    while waiting:
        used = [provided.pop(name) for name in waiting.pop().parameters if name in provided]
        signatures += used
        waiting += used
    fields = [(name, field, field.kwarg_definition) for each in signatures for name, field in each.parameters.items()]
    return {kwarg.name or name: _kind_of(field) for name, field, kwarg in fields if isinstance(kwarg, QueryParameter)}


def _kind_of(field: FieldDefinition) -> type:
    kinds = {inner.annotation for inner in field.inner_types} if field.is_optional else {field.annotation}
    if any(get_origin(kind) is list for kind in kinds):
        return Many
    return int if int in kinds else str


def _listed(value: float | str | Sequence[float | str]) -> Sequence[float | str]:
    values = (value,) if isinstance(value, float | int | str) else value
    return [int(each) if isinstance(each, float) and each.is_integer() else each for each in values]
