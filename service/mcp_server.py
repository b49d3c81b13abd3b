"""The tools over the Model Context Protocol: within the HTTP service at ``/mcp``, or on standard input and output.

https://modelcontextprotocol.io/specification
"""

import json
from collections.abc import Awaitable, Callable
from typing import Any

import mcp_types
import msgspec
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from mcp.server.transport_security import TransportSecuritySettings

from index.errors import IbidError
from service.api import Session
from service.mcp_resources import handlers
from service.settings import Settings, version
from service.tools import TOOLS, Tool, call

Context = ServerRequestContext[Any, Any]
OpenDesk = Callable[[Context], Awaitable[Session]]

INSTRUCTIONS = (
    "Ibid holds a collection of cited passages. Everything it returns as text is verbatim from its sources: quote it exactly, "
    "cite the page it links to, and say who says it. Passages are what their authors wrote, not established fact. "
    "What it does not find, the collection does not answer."
)


def make_server(open_desk: OpenDesk) -> Server[Any]:
    """A server of the tools; each call is answered at a desk of its own."""

    async def list_tools(_context: Context, _params: object) -> mcp_types.ListToolsResult:
        return mcp_types.ListToolsResult(tools=list(map(_described, TOOLS)))

    async def call_tool(context: Context, params: mcp_types.CallToolRequestParams) -> mcp_types.CallToolResult:
        try:
            result = await call(params.name, params.arguments or {}, await open_desk(context))
        except IbidError as error:
            return mcp_types.CallToolResult(content=[_text(str(error))], is_error=True)
        told = msgspec.to_builtins(result)
        return mcp_types.CallToolResult(content=[_text(json.dumps(told, ensure_ascii=False))], structured_content=told)

    return Server(
        "ibid",
        version=version(),
        title="Ibid",
        instructions=INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
        **handlers(open_desk),
    )


async def serve_stdio(server: Server[Any]) -> None:
    """Serves one client on standard input and output, until it closes them."""
    async with stdio_server() as (incoming, outgoing):
        await server.run(incoming, outgoing, server.create_initialization_options())


def http_app(server: Server[Any], settings: Settings) -> Any:
    """The server as an ASGI application without sessions: any worker process may answer any request."""
    return server.streamable_http_app(
        streamable_http_path="/",
        stateless_http=True,
        json_response=True,
        max_request_body_size=settings.max_body,
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),  # service.origins does
    )


def address_of(context: Context) -> str:
    """The address under which the client has reached this service, without a final slash; "" where it is no web address."""
    request = context.request
    return "" if request is None else f"{request.url.scheme}://{request.headers['host']}"


def _described(tool: Tool) -> mcp_types.Tool:
    return mcp_types.Tool(
        name=tool.name,
        title=tool.title,
        description=tool.description,
        input_schema=_schema(tool.takes),
        output_schema=_schema(tool.gives),
        annotations=mcp_types.ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False),
    )


def _schema(kind: type[msgspec.Struct]) -> dict[str, Any]:
    """JSON Schema of a Struct; clients want the object itself at the root, not a reference to it."""
    schema = msgspec.json.schema(kind)
    definitions = schema.pop("$defs")
    root = definitions.pop(kind.__name__)
    return {**root, "$defs": definitions} if definitions else root


def _text(text: str) -> mcp_types.TextContent:
    return mcp_types.TextContent(type="text", text=text)
