"""What came back for a call, as `with_response` gives it: the value, and what came beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Generic, TypeVar

import attrs

from . import http
from .portable import Portable

T = TypeVar("T")

# Characters of a value's repr that a response's shows.
_SHOWN = 300


class ResponseHeaders(Mapping[str, str]):
    """The headers of an answer: read-only, found by names in any letter case.

    A name that came several times has its values joined by commas, as HTTP has it.

    Args:
        headers: names and values, as pairs or as a mapping.
    """

    __slots__ = ("_values",)

    def __init__(self, headers: Iterable[tuple[str, str]] | Mapping[str, str] = ()) -> None:
        values: dict[str, str] = {}
        for name, value in headers.items() if isinstance(headers, Mapping) else headers:
            key = name.lower()
            values[key] = f"{values[key]}, {value}" if key in values else value
        self._values = values

    def __getitem__(self, name: str) -> str:
        return self._values[name.lower()]

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"ResponseHeaders({self._values!r})"


def _headers(given: Mapping[str, str]) -> ResponseHeaders:
    return given if isinstance(given, ResponseHeaders) else ResponseHeaders(given)


def _shortened(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


@attrs.frozen
class Response(Portable, Generic[T]):
    """What came back for a call.

    Attributes:
        value: what the method gives without `with_response`; of a listing, its first page.
        status: the HTTP status of the last answer. It is not always a success: a removal that is
            tried again, since its answer was lost, ends well with a 404.
        headers: the headers of that answer.
        request_id: its ``x-request-id`` header, which OpenAI's support asks for.
        attempts: how many requests were sent.
        seconds: how long the whole call took, with its retries and all waiting.
    """

    value: T = attrs.field(repr=_shortened)
    status: int
    headers: ResponseHeaders = attrs.field(repr=False, hash=False, converter=_headers)
    request_id: str | None
    attempts: int
    seconds: float


def response_of(value: T, answer: http.Response, *, attempts: int, seconds: float) -> Response[T]:
    """What came back for a call.

    Args:
        value: the result.
        answer: the last answer.
        attempts: how many requests were sent.
        seconds: how long the whole call took.
    """
    headers = ResponseHeaders(answer.headers.items())
    return Response(value, answer.status, headers, answer.request_id, attempts, seconds)
