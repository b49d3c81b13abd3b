"""Who may do what: keys in the Authorization header, cookies of browsers that have signed in, people whom a proxy names.

Litestar's authentication finds out who calls, its guards whether that is enough for the route, by ``opt["scope"]``.
"""

import hashlib
import hmac
import os
import secrets
import time
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.middleware.authentication import AbstractAuthenticationMiddleware, AuthenticationResult
from litestar.types import ASGIApp

from service.errors import CrossSite, KeyNeeded, ScopeMissing
from service.keys import Key, KeyFile, key_file
from service.origins import is_loopback
from service.rates import asks, too_many
from service.settings import Settings

OPEN = {"scope": "open"}
ASK, READ, ASK_AND_READ, INDEX = {"scope": "ask"}, {"scope": "read"}, {"scope": "ask read"}, {"scope": "index"}
"""What a route's ``opt`` says of the scopes that it needs; one that says nothing is for ``admin`` alone."""

COOKIE = "ibid_session"
SECRET_VARIABLE = "IBID_SESSION_SECRET"  # noqa: S105 — the name of a variable
PROXY_SECRET = "x-ibid-proxy-secret"  # noqa: S105 — the name of a header
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_DIGITS_OF_A_TIME = 12

Connection = ASGIConnection[Any, Any, Any, Any]


class Caller(msgspec.Struct, frozen=True):
    """Who sends a request, and what that allows; empty ``collections``: all of them."""

    name: str = ""
    scopes: frozenset[str] = frozenset()
    key_id: str = ""
    collections: frozenset[str] = frozenset()
    per_minute: int = 0
    by: Literal["nobody", "key", "cookie", "proxy"] = "nobody"

    def may(self, scope: str) -> bool:
        """Whether its scopes hold this one."""
        return scope in self.scopes or "admin" in self.scopes

    def may_use(self, collection: str) -> bool:
        """Whether it may use a collection."""
        return not self.collections or collection in self.collections


LOCAL = Caller("local", frozenset({"ask", "read"}))
"""Whoever calls a service that requires no key."""

signed_in: ContextVar[str] = ContextVar("signed_in", default="")
"""The name of who has signed in with the browser that a page is for."""


def is_guarded(settings: Settings) -> bool:
    """Whether every request is looked at: a key is required, or anybody may ask and keys do more."""
    return settings.require_key or settings.public or bool(settings.trusted_header) or reaches_others(settings)


def reaches_others(settings: Settings) -> bool:
    """Whether people beyond this machine can reach the service, as far as the settings tell."""
    public_host = urlsplit(settings.base_url).hostname or ""
    return not is_loopback(settings.host) or bool(public_host and not is_loopback(public_host))


class Access:
    """Tells who calls."""

    def __init__(self, settings: Settings, keys: KeyFile, secret: bytes, clock: Callable[[], float] = time.time) -> None:
        self.keys = keys
        self.settings = settings
        self._secret = secret
        self._clock = clock
        self._nobody = LOCAL if settings.public else Caller()

    def caller(self, connection: Connection) -> Caller:
        """Who sends a request; with a wrong key the same as without one. Raises KeysUnreadable, CrossSite."""
        headers = connection.headers
        kind, _, token = headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer":
            key = self.keys.find(token.strip())
            return self._nobody if key is None else _caller(key, "key")
        if named := self._named_by_proxy(connection):
            return Caller(named, frozenset({"ask", "read"}), by="proxy")
        if (cookie := connection.cookies.get(COOKIE)) and (key := self._key_of_session(cookie)):
            if connection.scope.get("method") not in _SAFE:
                _refuse_foreign_form(connection)
            return _caller(key, "cookie")
        return self._nobody

    def session(self, key: Key) -> str:
        """What a browser proves with that it has signed in with a key; it holds no key."""
        until = str(int(self._clock()) + self.settings.session_hours * 3600)
        return f"{key.id}.{until}.{self._signature(key, until)}"

    def _key_of_session(self, cookie: str) -> Key | None:
        key_id, _, rest = cookie.partition(".")
        until, _, signature = rest.partition(".")
        key = self.keys.by_id(key_id)
        if key is None or not (until.isascii() and until.isdecimal() and len(until) <= _DIGITS_OF_A_TIME):
            return None
        proved = hmac.compare_digest(signature.encode(), self._signature(key, until).encode())
        return key if proved and self._clock() < int(until) else None

    def _signature(self, key: Key, until: str) -> str:
        """Ends with the key: a new key with an old id would have another digest."""
        return hmac.digest(self._secret, f"{key.id}.{until}.{key.digest}".encode(), hashlib.sha256).hex()

    def _named_by_proxy(self, connection: Connection) -> str:
        """Whom the proxy has signed in; "" where there is none, or the request does not come from it."""
        if not self.settings.trusted_header:
            return ""
        proved = connection.headers.get(PROXY_SECRET, "").encode("utf-8", "replace")
        if not hmac.compare_digest(proved, self.settings.proxy_secret.encode()):
            return ""
        return connection.headers.get(self.settings.trusted_header, "").strip()


def _caller(key: Key, by: Literal["key", "cookie"]) -> Caller:
    return Caller(key.name, frozenset(key.scopes), key.id, frozenset(key.collections), key.per_minute, by)


def _refuse_foreign_form(connection: Connection) -> None:
    """Raises CrossSite unless the browser says that a page of ours sends this; the cookie's SameSite says it again."""
    site = connection.headers.get("sec-fetch-site")
    if site == "same-origin" or (site is None and "origin" in connection.headers):  # service.origins has compared it
        return
    raise CrossSite(
        "the request changes something, and no page of this service sends it",
        rule="with a cookie only its own pages may",
        remedy="send the key in the header Authorization: Bearer",
    )


class Authentication(AbstractAuthenticationMiddleware):
    """Puts the caller on each request, also on those that it will be refused."""

    def __init__(self, app: ASGIApp, access: Access, **options: Any) -> None:
        super().__init__(app, **options)
        self._access = access

    async def authenticate_request(self, connection: Connection) -> AuthenticationResult:
        """Who calls; on open routes nobody needs to know."""
        if _wanted(connection.scope["route_handler"]) == ["open"]:
            return AuthenticationResult(Caller(), None)
        caller = self._access.caller(connection)
        signed_in.set(caller.name if caller.by == "cookie" else "")
        return AuthenticationResult(caller, caller.key_id)


def guard(connection: Connection, handler: BaseRouteHandler) -> None:
    """Raises KeyNeeded, ScopeMissing, TooManyQuestions unless the caller may use the route."""
    wanted = _wanted(handler)
    if wanted == ["open"]:
        return
    caller: Caller = connection.scope["user"]
    if missing := [scope for scope in wanted if not caller.may(scope)]:
        raise refusal(caller, missing)
    if (buckets := connection.app.state.get("buckets")) is not None and asks(connection.scope):
        client = f"key {caller.key_id}" if caller.key_id else (caller.name if caller.by == "proxy" else _address(connection))
        if seconds := buckets.take(client, caller.per_minute):
            raise too_many(seconds, caller.per_minute or buckets.per_minute)


def guard_index(connection: Connection, _handler: BaseRouteHandler) -> None:
    """Raises KeyNeeded, ScopeMissing unless the caller may change a collection; without any key where ``uploads`` says so."""
    caller = caller_of(connection.scope)
    if caller is LOCAL and not connection.app.state.get("uploads"):
        raise ScopeMissing(
            "adding and deleting documents over HTTP is switched off here",
            rule="it needs a key of scope index, or uploads = true",
            remedy="set uploads = true, or require_key = true and make a key with `ibid key create NAME --scope index`",
        )
    if caller is not LOCAL and not caller.may("index"):
        raise refusal(caller, ["index"])


def refusal(caller: Caller, missing: list[str]) -> KeyNeeded | ScopeMissing:
    """Why a caller may not: a key that is unknown, wrong, expired or revoked is none."""
    if caller.by == "nobody":
        return KeyNeeded(
            "the request has no key that is valid here",
            rule="a key is sent as Authorization: Bearer KEY",
            remedy="ask whoever runs the service for one (`ibid key create`), or sign in at /login",
        )
    return ScopeMissing(
        f"{caller.name or 'the key'} has the scopes {', '.join(sorted(caller.scopes))}",
        rule=f"this needs {' and '.join(missing)}",
        remedy="ask for a key that has it",
    )


def access_of(settings: Settings) -> Access:
    """Who may do what, as the settings say. The secret of cookies is the supervisor's, else of this process alone."""
    secret = os.environ.get(SECRET_VARIABLE) or secrets.token_hex(32)
    return Access(settings, key_file(settings, settings.refresh_seconds), secret.encode())


def caller_of(scope: Any) -> Caller:
    """The caller of a request; ``LOCAL`` where nobody is asked for a key."""
    caller = scope.get("user")
    return caller if isinstance(caller, Caller) else LOCAL


def _address(connection: Connection) -> str:
    return connection.client.host if connection.client else ""


def _wanted(handler: BaseRouteHandler) -> list[str]:
    """The scopes that a route needs."""
    return str(handler.opt.get("scope", "admin")).split()


def status_of(settings: Settings, keys: int) -> str:
    """What the start of a service says of who may use it."""
    if not is_guarded(settings):
        return "no key is required: it listens on loopback, for programs of this machine"
    if settings.public:
        return "PUBLIC: everybody who reaches it may ask and read without a key"
    return f"a key is required ({keys} valid)"
