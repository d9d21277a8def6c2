"""The stdio transport: one client, which started the server as its child."""

from __future__ import annotations

from mcp.server import Server
from mcp.server.stdio import stdio_server


async def serve_stdio(server: Server[None]) -> None:
    """Serve the client at the other end of standard input and output until it closes them."""
    async with stdio_server() as (reading, writing):
        await server.run(reading, writing, server.create_initialization_options())
