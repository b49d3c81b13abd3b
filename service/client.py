"""Asks an Ibid that serves over HTTP, with the calls and records of ``ibid.Ibid``."""

import http.client
import secrets
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Literal, Self, TypeVar
from urllib.parse import quote, urlencode, urlsplit

import msgspec

from index.filters import FILTERS, Filters
from prompts import Message
from rag.records import Sort
from service.collection_schemas import JobView, UploadView
from service.errors import RequestFailed
from service.limits import MAX_LISTED
from service.proof_schemas import VerificationView
from service.schemas import AnswerView, ExcerptView, HitView, WorksView

View = TypeVar("View")


class _Told(msgspec.Struct, frozen=True):
    """What a problem document says (RFC 9457); the members that are ours."""

    detail: str = ""
    found: str = ""
    rule: str = ""
    remedy: str = ""


class IbidClient:
    """The calls of ``ibid.Ibid``, answered by a service.

    Args:
        url: where it serves, such as ``http://127.0.0.1:8000``.
        timeout_seconds: how long to wait for it to connect, and for each part of an answer.
        key: sent as ``Authorization: Bearer``; "" for none.

    Raises (each call):
        RequestFailed: the service cannot be reached, or refuses; ``status`` is its HTTP status, 0 where there was none.
    """

    def __init__(self, url: str, *, timeout_seconds: float = 60.0, key: str = "") -> None:
        self._url = urlsplit(url.rstrip("/"))
        if self._url.scheme not in {"http", "https"} or not self._url.hostname:
            raise RequestFailed(
                f"{url!r} is no address of a service",
                rule="an address begins with http:// or https:// and names a host",
                remedy="give for instance http://127.0.0.1:8000",
            )
        self._timeout = timeout_seconds
        self._headers = {"authorization": f"Bearer {key}"} if key else {}

    def ask(
        self,
        question: str,
        *,
        limit: int | None = None,
        filters: Filters | Literal["suggested"] = Filters(),  # noqa: B008 — frozen
        per_work: int | None = None,
        style: str | None = None,
        language_model: str | None = None,
        history: Sequence[Message] = (),
        closely: bool = False,
        offset: int = 0,
        sort: Sort = "relevance",
        facets: bool = False,
    ) -> AnswerView:
        """What the collection holds on a question; see ``ibid.Ibid.ask``."""
        body = {
            "question": question,
            "limit": limit,
            "filters": filters if filters == "suggested" else _filters(filters),
            "per_work": per_work,
            "style": style,
            "history": [{"role": turn.role, "content": turn.content} for turn in history],
            "mode": "passages" if language_model is None else "answer",
            "model": language_model or "",
            "closely": closely,
            "offset": offset,
            "sort": sort,
            "facets": facets,
        }
        return self._call("POST", "/v1/ask", AnswerView, body)

    def search(self, question: str, **options: Any) -> tuple[HitView, ...]:
        """The hits alone; options as for ``ask``."""
        return self.ask(question, **options).hits

    def verify_quote(self, quote: str, citation: str = "") -> VerificationView:
        """Whether words occur verbatim, and whether they stand where they were cited."""
        return self._call("POST", "/v1/verify", VerificationView, {"quote": quote, "citation": citation})

    def excerpt(self, excerpt_id: str, *, before: int = 1, after: int = 1, style: str | None = None) -> ExcerptView:
        """One excerpt between its neighbours."""
        asked = _query(before=before, after=after, style=style)
        return self._call("GET", f"/v1/excerpts/{quote(excerpt_id, safe='')}{asked}", ExcerptView)

    def cite(self, excerpts: Sequence[str] = (), *, form: str = "text", style: str | None = None) -> str:
        """Citations of excerpts by their ids, or, without any, all works of the collection."""
        asked = _query(format=form, style=style)
        if not excerpts:
            return self._text(f"/v1/bibliography{asked}")
        return "".join(self._text(f"/v1/excerpts/{quote(each, safe='')}/citation{asked}") for each in excerpts)

    def works(self, filters: Filters = Filters(), *, offset: int = 0, limit: int = MAX_LISTED) -> WorksView:  # noqa: B008
        """The works that excerpts cite, from ``offset`` on."""
        return self._call("GET", f"/v1/works{_query(offset=offset, limit=limit, **_filters(filters))}", WorksView)

    def upload(self, files: Sequence[tuple[str, bytes]]) -> UploadView:
        """Sends files by name, to be looked at; see ``accept`` and ``discard``."""
        boundary = secrets.token_hex(16)
        kind = f"multipart/form-data; boundary={boundary}"
        return self._decoded(self._send("POST", "/v1/uploads", _multipart(files, boundary), kind), UploadView)

    def accept(self, upload_id: str) -> JobView:
        """Keeps the files of an upload, and has them indexed."""
        return self._call("POST", f"/v1/uploads/{quote(upload_id, safe='')}/accept", JobView)

    def discard(self, upload_id: str) -> None:
        """Forgets the files of an upload."""
        self._request("DELETE", f"/v1/uploads/{quote(upload_id, safe='')}")

    def job(self, job_id: str) -> JobView:
        """A job as it stands."""
        return self._call("GET", f"/v1/jobs/{quote(job_id, safe='')}", JobView)

    def cancel(self, job_id: str) -> JobView:
        """Stops a job."""
        return self._call("POST", f"/v1/jobs/{quote(job_id, safe='')}/cancel", JobView)

    def close(self) -> None:
        """Nothing is held open between calls."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self.close()

    def _call(self, method: str, path: str, view: type[View], body: object = None) -> View:
        return self._decoded(self._request(method, path, body), view)

    def _decoded(self, answer: bytes, view: type[View]) -> View:
        try:
            return msgspec.json.decode(answer, type=view)
        except msgspec.DecodeError as error:
            raise self._failed(f"answered something else than expected ({error})") from error

    def _text(self, path: str) -> str:
        return self._request("GET", path).decode()

    def _request(self, method: str, path: str, body: object = None) -> bytes:
        return self._send(method, path, None if body is None else msgspec.json.encode(body), "application/json")

    def _send(self, method: str, path: str, sent: bytes | None, content_type: str) -> bytes:
        kind = http.client.HTTPSConnection if self._url.scheme == "https" else http.client.HTTPConnection
        connection = kind(self._url.hostname or "", self._url.port, timeout=self._timeout)
        headers = self._headers if sent is None else {**self._headers, "content-type": content_type}
        try:
            connection.request(method, self._url.path + path, sent, headers)
            response = connection.getresponse()
            answer = response.read()
        except (OSError, http.client.HTTPException) as error:
            raise self._failed(f"cannot be reached ({error})") from error
        finally:
            connection.close()
        if response.status >= http.client.BAD_REQUEST:
            raise self._refused(response.status, answer)
        return answer

    def _failed(self, what: str) -> RequestFailed:
        return RequestFailed(
            f"the service at {self._url.geturl()} {what}",
            rule="an Ibid answers there",
            remedy="start it with `ibid serve`, or correct the address",
        )

    def _refused(self, status: int, answer: bytes) -> RequestFailed:
        try:
            told = msgspec.json.decode(answer, type=_Told)
        except msgspec.DecodeError:
            told = _Told()
        found = told.found or told.detail or f"the service answered with status {status}"
        rule, remedy = told.rule or "it refused the request", told.remedy or "see the service's log"
        return RequestFailed(found, rule=rule, remedy=remedy, status=status)


def _filters(filters: Filters) -> dict[str, Any]:
    """Filters as the service reads them; years as ``1951-1953``."""
    given = ((name, each.kind, getattr(filters, name)) for name, each in FILTERS.items() if getattr(filters, name))
    return {
        name: [f"{first}-{last}" for first, last in values] if kind == "years" else list(values) for name, kind, values in given
    }


def _multipart(files: Sequence[tuple[str, bytes]], boundary: str) -> bytes:
    """The body of a form with these files (RFC 7578); names in UTF-8, quotation marks and line ends as %22, %0A and %0D."""
    parts = []
    for name, data in files:
        written = name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
        head = f'--{boundary}\r\ncontent-disposition: form-data; name="data"; filename="{written}"\r\n'
        parts.append(head.encode() + b"content-type: application/octet-stream\r\n\r\n" + data + b"\r\n")
    return b"".join(parts) + f"--{boundary}--\r\n".encode()


def _query(**given: Any) -> str:
    told = {name: value for name, value in given.items() if value is not None}
    return f"?{urlencode(told, doseq=True)}" if told else ""
