"""Asks an embedding server over HTTP: connections, time limits, retries; ``index.embedders.served`` reads what it answers.

No redirect is followed: a text goes to the host that the settings name, or nowhere.
"""

import http.client
import random
import socket
import ssl
import threading
import time
from contextlib import suppress
from email.message import Message
from email.utils import parsedate_to_datetime
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

import msgspec

from index.errors import EmbedderFailed, EmbedderUnusable
from index.secret import Secret, scrub

_LONGEST_ANSWER = 256 << 20
_LONGEST_REPORT = 300
_KEPT_SECONDS = 10.0
"""A connection that lay idle for longer is not used again: servers close theirs after 5 to 75 seconds."""

_FIRST_PAUSE = 0.5
_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
_REFUSED = frozenset({400, 413, 422})
"""The statuses of a request that is too large, or holds a text that is."""

_REMEDIES = {
    401: "set the right key; docs/embedding-servers.md says where",
    403: "set a key that may use this model",
    404: "mend url (up to and with /v1) or model",
    429: "index again later, which goes on from here, or lower requests",
}


class ServerSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How an embedding server is reached; ``url`` ends before ``/embeddings``. Headers may hold keys, ``query`` may not."""

    name: str
    url: str
    key: Secret = Secret("")
    headers: tuple[tuple[str, Secret], ...] = ()
    query: tuple[tuple[str, str], ...] = ()
    connect_seconds: float = 5.0
    timeout_seconds: float = 60.0
    retries: int = 5
    longest_wait_seconds: float = 60.0

    def __post_init__(self) -> None:
        address = urlsplit(self.url)
        if address.scheme not in ("http", "https") or not address.hostname or "@" in address.netloc or address.query:
            raise EmbedderUnusable(
                f"the embedding server {self.name!r} has a url that begins with neither http:// nor https://, or holds more",
                rule="url is a plain address such as http://localhost:8080/v1; keys go into key_variable, parameters into query",
                remedy="mend url",
            )


class Refusal(NamedTuple):
    """A request that the server will not answer as it is; a smaller one it may."""

    status: int
    told: str


class _Unanswered(NamedTuple):
    """What went wrong this time, and how long the server asks us to wait (0: it does not say)."""

    why: str
    wait: float = 0.0
    remedy: str = ""


class EmbeddingServer:
    """A server at an address; thread-safe. Opens no connection before it is asked."""

    def __init__(self, settings: ServerSettings) -> None:
        self.settings = settings
        self._address = urlsplit(settings.url)
        query = f"?{urlencode(settings.query)}" if settings.query else ""
        self._path = f"{self._address.path.rstrip('/')}/embeddings{query}"
        self._secrets = [settings.key, *(secret for _, secret in settings.headers)]
        self._idle: list[tuple[float, http.client.HTTPConnection]] = []
        self._lock = threading.Lock()
        self._stopped = threading.Event()

    def post(self, body: bytes, seconds: float | None = None) -> bytes | Refusal:
        """The body of the answer to a request. It is sent again while that may help, after pauses that double.

        Args:
            body: JSON.
            seconds: how long all of it may take; None for as long as the retries last.

        Raises:
            EmbedderFailed: there is no answer in time, or one that says no.
        """
        deadline = time.monotonic() + seconds if seconds else float("inf")
        pause, told = _FIRST_PAUSE, _Unanswered("was not asked")
        for left in range(self.settings.retries, -1, -1):
            answer = self._once(body, deadline)
            if not isinstance(answer, _Unanswered):
                return answer
            told = answer
            # Half of the pause by chance, so that many machines that were refused together do not come back together.
            wait = max(told.wait, pause * (0.5 + random.random() / 2))  # noqa: S311 — no secret
            too_long = told.wait > self.settings.longest_wait_seconds or time.monotonic() + wait > deadline
            if not left or too_long or self._stopped.wait(wait):
                break
            pause = min(2 * pause, self.settings.longest_wait_seconds)
        raise self.failed(told.why, told.remedy or "start it, or look into its log; what was embedded is kept")

    def failed(self, why: str, remedy: str) -> EmbedderFailed:
        """An error that names the server and shows no key."""
        return EmbedderFailed(
            f"the embedding server {self.settings.name!r} at {self.settings.url} {scrub(why, self._secrets)[:_LONGEST_REPORT]}",
            rule="an embedding server answers POST /embeddings as OpenAI's does, and in time",
            remedy=remedy,
        )

    def stop(self) -> None:
        """Has nobody wait for another try any more."""
        self._stopped.set()

    def close(self) -> None:
        """Closes the connections that lie idle; it may be asked again."""
        with self._lock:
            idle, self._idle = self._idle, []
        for _, connection in idle:
            connection.close()

    def __del__(self) -> None:
        if hasattr(self, "_idle"):
            self.close()

    def _once(self, body: bytes, deadline: float) -> bytes | Refusal | _Unanswered:
        until = min(deadline, time.monotonic() + self.settings.timeout_seconds)
        connection, used = self._connection(until)
        try:
            answer = self._exchange(connection, body, until)
        except TimeoutError:
            connection.close()
            return _Unanswered("did not answer in time", remedy="raise timeout_seconds, or lower batch_texts")
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            if used and not isinstance(error, http.client.IncompleteRead):  # it had been closed at the other end
                return self._once(body, deadline)
            if isinstance(error, ssl.SSLError):
                raise self.failed(f"has no certificate that is trusted here ({error})", "mend url or the certificate") from None
            return _Unanswered(f"cannot be reached or broke off ({type(error).__name__})")
        return answer

    def _exchange(self, connection: http.client.HTTPConnection, body: bytes, until: float) -> bytes | Refusal | _Unanswered:
        if connection.sock is None:
            connection.connect()
        sock = connection.sock
        sock.settimeout(max(0.001, until - time.monotonic()))
        connection.request("POST", self._path, body, self._headers())
        answer = connection.getresponse()
        content = _read(answer, sock, until)
        if answer.will_close or connection.sock is None:
            connection.close()
        else:
            with self._lock:
                self._idle.append((time.monotonic(), connection))
        return self._judged(answer.status, answer.headers, content)

    def _judged(self, status: int, headers: Message, content: bytes) -> bytes | Refusal | _Unanswered:
        if status == http.HTTPStatus.OK:
            return content
        told = f"says {status}: {_message(content)}"
        if status in _AGAIN:
            return _Unanswered(told, _seconds(headers.get("Retry-After", "")), _REMEDIES.get(status, ""))
        if status in _REFUSED:
            return Refusal(status, told)
        if 300 <= status < 400:
            told = f"sends on to {headers.get('Location', 'nowhere')!r} ({status}), where no text is sent"
            raise self.failed(told, "set url to the address itself")
        raise self.failed(told, _REMEDIES.get(status, "look into its log"))

    def _connection(self, until: float) -> tuple[http.client.HTTPConnection, bool]:
        """One that lay idle for a short while, else a new one; and whether it was used before."""
        with self._lock:
            while self._idle:
                since, connection = self._idle.pop()
                if time.monotonic() - since < _KEPT_SECONDS:
                    return connection, True
                connection.close()
        kind = http.client.HTTPSConnection if self._address.scheme == "https" else http.client.HTTPConnection
        seconds = max(0.001, min(self.settings.connect_seconds, until - time.monotonic()))
        return kind(self._address.hostname or "", self._address.port, timeout=seconds), False

    def _headers(self) -> dict[str, str]:
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self.settings.key:
            headers["Authorization"] = f"Bearer {self.settings.key.reveal()}"
        return headers | {name: value.reveal() for name, value in self.settings.headers}


def _read(answer: http.client.HTTPResponse, sock: socket.socket, until: float) -> bytes:
    """The body, as long as time is left: a server that sends a byte now and then does not hold us. Raises TimeoutError."""
    pieces: list[bytes] = []
    size = 0
    while not answer.isclosed():
        if (left := until - time.monotonic()) <= 0:
            raise TimeoutError
        with suppress(OSError):  # closed after its last byte
            sock.settimeout(left)
        piece = answer.read1(1 << 16)
        if not piece:
            break
        pieces.append(piece)
        size += len(piece)
        if size > _LONGEST_ANSWER:
            raise http.client.HTTPException("an answer of more than 256 MB")
    if answer.length:
        raise http.client.IncompleteRead(b"", answer.length)
    answer.close()  # its last byte does not, and the connection would not be free
    return b"".join(pieces)


def _message(content: bytes) -> str:
    """What an error says in the shapes of OpenAI, of text-embeddings-inference and of FastAPI; else the text itself."""
    with suppress(msgspec.MsgspecError, UnicodeDecodeError):
        told = msgspec.json.decode(content)
        if isinstance(told, dict):
            inner = told.get("error", told.get("detail", told.get("message")))
            inner = inner.get("message") if isinstance(inner, dict) else inner
            if inner:
                return str(inner)
    return content.decode("utf-8", "replace").strip()


def _seconds(retry_after: str) -> float:
    """How long ``Retry-After`` asks to wait: seconds, or until a date; 0 where it says nothing that can be read."""
    if retry_after.strip().isdecimal():
        return float(retry_after)
    with suppress(ValueError):
        return max(0.0, parsedate_to_datetime(retry_after).timestamp() - time.time())
    return 0.0
