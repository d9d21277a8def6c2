"""The streamable HTTP transport: who may speak to the server, from where, and for how long.

A request passes, in this order: the bounds of its connection (`protocol`, under uvicorn), the door
(`door`: the names it was sent to and the page it comes from), what browsers ask first (CORS), the
entrance (`entrance`: a bearer token, an access token or a key of the caller's own) and the bounds
of its body (`bodies`). What is behind is the SDK's.
"""

from .address import PATH, TOKEN_VARIABLE, Address
from .app import HTTPApp, http_app
from .limits import Limits
from .oauth import OAuth
from .serving import opened_port, serve_http

__all__ = [
    "PATH",
    "TOKEN_VARIABLE",
    "Address",
    "HTTPApp",
    "Limits",
    "OAuth",
    "http_app",
    "opened_port",
    "serve_http",
]
