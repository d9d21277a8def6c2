"""Projects, served with any WSGI server: one blocking client for the module, as of many apps."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Any

from openai_admin import OpenAIAdmin

client = OpenAIAdmin()
if os.environ.get("USED_BEFORE_FORK"):
    client.projects.list()


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """The process that answers, and how many projects there are."""
    answer = f"{os.getpid()} {len(client.projects.list(limit=5).data)}".encode()
    start_response("200 OK", [("Content-Length", str(len(answer)))])
    return [answer]
