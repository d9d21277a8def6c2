"""A client's answer to a request of the server, where it is no answer: the SDK would drop it.

Whoever waits for it would wait until their time is over; so they are told at once.
"""

from __future__ import annotations

import json
from typing import Any

from mcp_types import INTERNAL_ERROR

_MOST_CHARACTERS = 65_536  # answers to our questions have few


def readable(message: str) -> str:
    """A message of a client; an answer of a form that JSON-RPC does not have, as an error.

    Args:
        message: as it came.
    """
    if '"method"' in message or len(message) > _MOST_CHARACTERS:  # it is none, as most are
        return message
    try:
        answer: Any = json.loads(message)
    except (ValueError, RecursionError):  # the latter where it is nested deeply
        return message
    if not isinstance(answer, dict) or not isinstance(answer.get("id"), int | str):
        return message
    if isinstance(answer.get("result"), dict) or _is_error(answer.get("error")):
        return message
    error = {"code": INTERNAL_ERROR, "message": "not an answer"}
    return json.dumps({"jsonrpc": "2.0", "id": answer["id"], "error": error})


def _is_error(error: Any) -> bool:
    return (
        isinstance(error, dict)
        and isinstance(error.get("code"), int)
        and isinstance(error.get("message"), str)
    )
