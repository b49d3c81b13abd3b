"""Who may call: names this service answers to, and pages of other sites, which may link to it but read nothing from it.

A page anywhere can make a browser on this machine call a service on this machine. Its own name pointed here (DNS rebinding)
is refused by the Host header; its requests under our name by Fetch Metadata (https://www.w3.org/TR/fetch-metadata/) and,
for browsers without it, by Origin.
"""

import ipaddress
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from litestar import Request, Response
from litestar.enums import ScopeType
from litestar.exceptions import NotFoundException
from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send

from service.errors import CrossSite, HostUnknown, RequestInvalid
from service.settings import HOST, Settings

LOCAL = ("127.0.0.1", "localhost", "[::1]")
_LAST_PORT = 65535
LONGEST_PATH = 200
"""Characters of a path; a file's name has 255 bytes at most on most systems."""

_HOSTS_KEPT = 256
_TRUSTED_SITES = (b"same-origin", b"none")

Answer = Callable[[Request[Any, Any, Any], Exception], Response[Any]]


class Hosts:
    """The names in a Host header that are this service's own.

    Any IP address is, where the service listens beyond loopback: a name can be pointed here by others, an address cannot.
    """

    def __init__(self, settings: Settings) -> None:
        named = [*LOCAL, _bracketed(settings.host), urlsplit(settings.base_url).netloc.rpartition("@")[2], *settings.hosts]
        self._any = "*" in named
        self._known = {_split(name) for name in named if name not in ("", "*")}
        self._addresses = not is_loopback(settings.host)
        self.allow = lru_cache(_HOSTS_KEPT)(self._allow)

    def _allow(self, host: str) -> bool:
        """Whether ``host``, a name with or without a port, is one of ours. Raises RequestInvalid where it is no host."""
        name, port = _split(host)
        if self._any or self._known & {(name, ""), (name, port)}:
            return True
        return self._addresses and _address(name) is not None


class OriginGuard:
    """Passes on what may call; ``answer`` turns a refusal into a response."""

    def __init__(self, app: ASGIApp, settings: Settings, answer: Answer) -> None:
        self._app = app
        self._hosts = Hosts(settings)
        self._origins = frozenset(settings.cors_origins)
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request, or refuses it."""
        app = self._app
        if scope["type"] == ScopeType.HTTP:
            try:
                self._check(scope)
            except (HostUnknown, CrossSite, RequestInvalid, NotFoundException) as error:
                request: Request[Any, Any, Any] = Request(scope)
                app = self._answer(request, error).to_asgi_response(None, request)
        await app(scope, receive, send)

    def _check(self, scope: HTTPScope) -> None:
        if "\0" in scope["path"] or len(scope["path"]) > LONGEST_PATH:
            raise NotFoundException  # no file has such a name, and asking for it would fail
        hosts = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
        if len(hosts) != 1:
            raise RequestInvalid(
                f"the request has {len(hosts)} Host headers", rule="a request has one", remedy="send the name it is meant for"
            )
        if not self._hosts.allow(hosts[0]):
            raise HostUnknown(
                f"the Host header is {hosts[0]!r}",
                rule="it is a name of this service",
                remedy="use the address that `ibid serve` shows, or add the name to the setting hosts",
            )
        self._check_site(scope["method"], dict(scope["headers"]))

    def _check_site(self, method: str, headers: Mapping[bytes, bytes]) -> None:
        origin = headers.get(b"origin", b"").decode("latin-1")
        site = headers.get(b"sec-fetch-site", b"")
        if site in _TRUSTED_SITES or (origin and self._origins & {"*", origin}):
            return
        foreign = bool(origin) and not self._is_own(origin)
        if site == b"cross-site":
            foreign = not _is_navigation(method, headers)
        if foreign:
            raise CrossSite(
                f"the request comes from a page of {origin or 'another site'}",
                rule="pages of other sites may link here, and no more",
                remedy="add its origin to the setting cors_origins, if it may read this collection",
            )

    def _is_own(self, origin: str) -> bool:
        try:
            return self._hosts.allow(origin.partition("://")[2])
        except RequestInvalid:
            return False


def _split(host: str) -> tuple[str, str]:
    """The name in lower case, and the port; "" for none or any. Raises RequestInvalid."""
    parts = HOST.fullmatch(host)
    if parts is None or ((parts["port"] or "").isdecimal() and int(parts["port"]) > _LAST_PORT):
        raise RequestInvalid(
            f"the host is {host!r}", rule="a host is a name or an address, and perhaps a port", remedy="write it as name:port"
        )
    port = parts["port"] or ""
    return parts["name"].lower().rstrip("."), "" if port == "*" else port


def _is_navigation(method: str, headers: Mapping[bytes, bytes]) -> bool:
    """Whether a reader follows a link to here: the page that links cannot see where it leads."""
    wanted = headers.get(b"sec-fetch-mode"), headers.get(b"sec-fetch-dest")
    return method in ("GET", "HEAD") and wanted == (b"navigate", b"document")


def _bracketed(host: str) -> str:
    return f"[{host.partition('%')[0]}]" if ":" in host else host


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches an address; of names only localhost does."""
    address = _address(host)
    return host == "localhost" if address is None else address.is_loopback


def _address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return None
