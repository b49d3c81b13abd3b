"""Signing in with a browser: ``/login`` takes a key and gives a cookie, ``/logout`` takes the cookie back."""

from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.params import Body, QueryParameter

from service.access import COOKIE, OPEN, Access
from service.pages import page
from service.requests import JsonRequest

_LONGEST_ADDRESS = 4000


class LoginForm(msgspec.Struct, frozen=True):
    """What the form sends."""

    key: str = ""
    next: str = "/"


@get("/login", include_in_schema=False, opt=OPEN)
async def login_page(
    access: NamedDependency[Access | None],
    next: Annotated[str, QueryParameter()] = "/",  # noqa: A002 — its name outside
) -> Response[Any]:
    """A form for the key; where no key is required, it says so."""
    return page("login.html", next=_own(next), wrong=False, required=access is not None)


@post("/login", include_in_schema=False, opt=OPEN, status_code=303)
async def log_in(
    request: JsonRequest,
    access: NamedDependency[Access | None],
    data: Annotated[LoginForm, Body(media_type=RequestEncodingType.URL_ENCODED)],
) -> Response[Any]:
    """Signs in, and goes on where the reader wanted to. A wrong key is answered like an expired or unknown one, with 401."""
    if access is None:
        return _to("/")
    key = access.keys.find(data.key.strip())
    if key is None:
        return page("login.html", 401, next=_own(data.next), wrong=True, required=True)
    response = _to(_own(data.next))
    response.set_cookie(_cookie(request, access.session(key), access.settings.session_hours * 3600))
    return response


@post("/logout", include_in_schema=False, opt=OPEN, status_code=303)
async def log_out(request: JsonRequest) -> Response[Any]:
    """Signs the browser out."""
    response = _to("/login")
    response.set_cookie(_cookie(request, "", 0))
    return response


def _to(address: str) -> Response[Any]:
    return Response(b"", status_code=303, headers={"location": address, "cache-control": "no-store"})


def _cookie(request: JsonRequest, value: str, seconds: int) -> Cookie:
    """Not for scripts, and not for what other sites' pages send, links to here excepted; over TLS only where there is TLS."""
    secure = request.url.scheme == "https" or request.app.state.get("https", False)
    return Cookie(COOKIE, value=value, max_age=seconds, httponly=True, samesite="lax", secure=secure)


def _own(address: str) -> str:
    """An address of this service; another's, such as //evil.example, becomes the first page."""
    harmless = address.startswith("/") and not address.startswith("//") and address.isprintable() and "\\" not in address
    return address if harmless and address.isascii() and len(address) <= _LONGEST_ADDRESS else "/"
