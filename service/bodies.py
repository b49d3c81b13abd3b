"""Request bodies: JSON in UTF-8, decoded in one pass into the Struct its route asks for, or a problem that says why not."""

import re
from collections.abc import Sequence
from typing import Any, get_args

import msgspec
from litestar import Request
from msgspec.structs import FieldInfo

from service.errors import ContentTypeInvalid, RequestInvalid
from service.settings import nearest

UNKNOWN_FIELD = re.compile(r"Object contains unknown field `(?P<name>[^`]*)`(?: - at `\$\.?(?P<path>[^`]*)`)?")


class JsonRequest(Request[Any, Any, Any]):
    """A request whose ``data`` is what its handler's annotation says, decoded strictly and once."""

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
    return msgspec.structs.fields(wanted) if isinstance(wanted, type) and issubclass(wanted, msgspec.Struct) else ()
