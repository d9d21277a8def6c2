"""The MCP server: the Admin API for assistants, over stdio or streamable HTTP.

::

    openai-admin mcp --demo                      # over stdio, on the embedded emulator
    openai-admin mcp --http --toolset all        # at http://127.0.0.1:8000/openai-admin

Tools are made from the declared operations (`operations`), by the names in `names`; a call goes
through `calls`. The extra ``mcp`` brings what it needs.
"""

from .assistant import Means, read_sinks
from .catalog import ToolSelection
from .connections import Connections
from .http import Address, HTTPApp, Limits, OAuth, http_app, opened_port, serve_http
from .keyed import KeyedConnections
from .patience import PATIENCE
from .progress import report_wait
from .server import AdminServer, Settings, build_server
from .stdio import serve_stdio
from .tool import Danger

__all__ = [
    "PATIENCE",
    "Address",
    "AdminServer",
    "Connections",
    "Danger",
    "HTTPApp",
    "KeyedConnections",
    "Limits",
    "Means",
    "OAuth",
    "Settings",
    "ToolSelection",
    "build_server",
    "http_app",
    "opened_port",
    "read_sinks",
    "report_wait",
    "serve_http",
    "serve_stdio",
]
