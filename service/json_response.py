"""Answers in JSON, written in one step."""

from typing import Any

import msgspec
from litestar import Response
from litestar.types import ASGIApp, Receive, Scope, Send


class JsonResponse(Response[Any]):
    """Sends its content as JSON, with status 200 and no headers but its type and length.

    Litestar's own response joins the headers, cookies and encoders of every layer for each answer; ours have none.
    """

    def to_asgi_response(self, *_: Any, **__: Any) -> ASGIApp:  # type: ignore[override]  # any application is called alike
        """The application that sends it."""
        body = msgspec.json.encode(self.content)
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]

        async def send_it(_scope: Scope, _receive: Receive, send: Send) -> None:
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": body, "more_body": False})

        return send_it
