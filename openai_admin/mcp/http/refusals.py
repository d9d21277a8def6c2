"""Answers to requests that are not let in."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import JSONResponse


def refusal(
    status: int, said: str, headers: Mapping[str, str] | None = None, *, closes: bool = False
) -> JSONResponse:
    """An answer that says why a request was not let in.

    Args:
        status: its status.
        said: the sentence.
        headers: further headers.
        closes: whether the connection ends with it. Not while the client still sends: it would
            find the connection broken, and never see the answer.
    """
    more = {"Connection": "close"} if closes else {}
    return JSONResponse({"error": said}, status_code=status, headers={**(headers or {}), **more})
