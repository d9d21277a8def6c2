"""The HTTP of the Admin API, without any I/O: requests are encoded, answers read."""

from __future__ import annotations

import platform
import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from http import HTTPStatus
from pathlib import PurePath
from typing import Any, TypeVar
from urllib.parse import quote

import msgspec
from msgspec.structs import replace

from .._text.secrets import redact
from ..errors import (
    APIResponseValidationError,
    APIStatusError,
    InvalidInputError,
    PermissionDeniedError,
    status_error_class,
)
from ..version import __version__
from .codec import decode, to_json
from .foreign import foreign_answer

T = TypeVar("T")

USER_AGENT = f"openai-admin/{__version__} Python/{platform.python_version()}"

# What may appear in a query value unescaped. Not only RFC 3986's unreserved characters: the API
# compares cursors byte for byte and has refused one whose "=" was sent as %3D.
_QUERY_SAFE = "=/:,@!$*()'-._~"
# What quoting leaves as it is, as it does nearly every value; and it costs ten times as much.
_PLAIN = re.compile(r"[A-Za-z0-9_-]+")
_PLAIN_IN_QUERY = re.compile(rf"[A-Za-z0-9_{re.escape(_QUERY_SAFE)}]*")
_SENT_AS_TEXT = (str, int, float, Decimal)  # a tuple: a union would be made for each value
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]+")  # which a terminal or a log would obey
_MESSAGE_LIMIT = 500
_SCOPE = re.compile(r"[\w-]+(?:\.[\w-]+)+")
_SCOPES = re.compile(rf"missing scopes?:?((?:[\s,'\"]|\band\b|{_SCOPE.pattern})+)", re.IGNORECASE)


class Request(msgspec.Struct, frozen=True, gc=False):  # structs, as each call makes them
    """One request, ready to be sent.

    Attributes:
        method: the HTTP method, in upper case.
        endpoint: the path with its placeholders; one pace is learned for each.
        target: the encoded path with the query string, below the base address.
        body: JSON bytes, or ``None``.
    """

    method: str
    endpoint: str
    target: str
    body: bytes | None = None


class Response(msgspec.Struct, frozen=True):
    """One answer, read whole; its headers are found by names in lower case.

    Attributes:
        status: the HTTP status.
        headers: the headers.
        body: the body, unpacked.
        http_version: major and minor; ``None`` where it is not known.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    http_version: tuple[int, int] | None = None

    @property
    def request_id(self) -> str | None:
        """The id under which the server logged the request."""
        return self.headers.get("x-request-id")

    def __repr__(self) -> str:
        return f"Response(status={self.status}, headers={self.headers})"


def encode_path(template: str, arguments: Mapping[str, Any]) -> str:
    """Fill a path template, percent-encoding each argument whole.

    Raises:
        InvalidInputError: an argument is not text, is empty, or is ``.`` or ``..`` (which would
            name another path).
    """

    if not arguments:
        return template
    pieces = [*_pieces_of(template)]
    pieces[1::2] = [_segment(name, arguments[name]) for name in pieces[1::2]]
    return "".join(pieces)


@lru_cache(maxsize=256)  # the API has about a hundred
def _pieces_of(template: str) -> tuple[str, ...]:
    """A path template cut at its placeholders: every second piece is the name of one."""
    return tuple(_PLACEHOLDER.split(template))


def _segment(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise InvalidInputError(f"{name} must be text, not {type(value).__name__}.")
    if value in ("", ".", ".."):
        raise InvalidInputError(f"{name} must be an id, not {value!r}.")
    return value if _PLAIN.fullmatch(value) else _quoted(name, value, safe="")


def empty_filter(where: str) -> InvalidInputError:
    """The error of an empty list or mapping in a query, of which nothing would be sent."""
    return InvalidInputError(
        f"{where} must not be empty: the API would answer as if it were left out, for everything;"
        " leave it out if you mean that, or pass at least one value."
    )


def encode_query(pairs: Iterable[tuple[str, Any]]) -> str:
    """A query string: lists as repeated keys, mappings as bracketed keys, ``None`` left out.

    Raises:
        InvalidInputError: a value cannot be sent in a query, or is an empty list or mapping.
    """
    return "&".join([encode_parameter(name, value) for name, value in pairs if value is not None])


def encode_parameter(name: str, value: Any) -> str:
    """The part of a query string that one parameter becomes.

    Raises:
        InvalidInputError: the value cannot be sent in a query, or is an empty list or mapping.
    """
    if isinstance(value, _SENT_AS_TEXT):
        return f"{_query_key(name)}={_query_value(name, value)}"
    if type(value) is not list and isinstance(value, Mapping):
        inner = encode_query((f"{name}[{key}]", v) for key, v in value.items())
        if not inner:
            raise empty_filter(name)
        return inner
    single = isinstance(value, bytes) or not isinstance(value, Sequence)
    values = (value,) if single else value
    if not values:
        raise empty_filter(name)
    key = _query_key(name)
    return "&".join([f"{key}={_query_value(name, v)}" for v in values])


@lru_cache(maxsize=256)  # the API's parameters are a few dozen
def _query_key(name: str) -> str:
    return quote(name, safe="")


def _query_value(name: str, value: Any) -> str:
    if type(value) is int:
        return str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, _SENT_AS_TEXT):
        raise InvalidInputError(
            f"{name} must be text, a number, a boolean or a list of these in a query,"
            f" not {type(value).__name__}."
        )
    text = str(value)
    return text if _PLAIN_IN_QUERY.fullmatch(text) else _quoted(name, text, safe=_QUERY_SAFE)


def _quoted(name: str, text: str, *, safe: str) -> str:
    try:
        return quote(text, safe=safe)
    except UnicodeEncodeError as exc:
        raise InvalidInputError(f"{name} has characters that cannot be encoded as UTF-8.") from exc


def build_request(
    method: str,
    template: str,
    *,
    path: Mapping[str, Any],
    query: str = "",
    body: Any = None,
    has_body: bool = False,
) -> Request:
    """Make a request; ``has_body`` sends ``body`` as JSON even when it is empty."""
    target = encode_path(template, path)
    if query:
        target = f"{target}?{query}"
    return Request(method, template, target, to_json(body) if has_body else None)


def redacted(response: Response, secret: str) -> Response:
    """The answer without the admin key, should the server echo it anywhere.

    Done before anything looks at an answer, since any part of it may end up in an error.
    """
    raw = secret.encode()
    if not _has(response.body, raw) and secret not in "\n".join(response.headers.values()):
        return response
    hidden = redact(secret)
    headers = {
        name.lower(): value.replace(secret, hidden) for name, value in response.headers.items()
    }
    body = response.body.replace(raw, hidden.encode())
    return replace(response, headers=headers, body=body)


def _has(body: bytes, part: bytes) -> bool:
    """Whether a body has some bytes anywhere in it."""
    return body.rfind(part) >= 0  # from the end it takes a third of the time, in CPython


def error_within(response: Response, *, declared: bool) -> APIStatusError | None:
    """The exception for an answer 2xx whose body is an error, as gateways have sent; else ``None``.

    Args:
        response: the answer.
        declared: whether what the answer may have is known: no declared one has a field
            ``error``. Of the others, an object that names its kind may have one.
    """
    if not _has(response.body, b'"error"'):
        return None
    body = _parse(response.body)
    error = body.get("error") if isinstance(body, dict) else None
    if error is None:
        return None
    if declared:  # an empty one may stand beside an answer, but not in place of one
        is_one = bool(error) or len(body) == 1
    else:
        is_one = bool(error) and isinstance(error, dict | str) and "object" not in body
    return error_from(response) if is_one else None


def error_from(response: Response) -> APIStatusError:
    """The exception for an error answer, whatever its body looks like."""
    body = _parse(response.body)
    error = body.get("error") if isinstance(body, dict) else None
    fields: dict[str, Any] = error if isinstance(error, dict) else {}
    if isinstance(error, str):
        fields = {"message": error}
    elif not fields and isinstance(body, dict):
        fields = body
    said = _string(fields.get("message"))
    foreign = foreign_answer(response.status, response.headers, response.body, said)
    scopes = _missing_scopes(said or "") if response.status in (401, 403) else ()
    kind = PermissionDeniedError if scopes else status_error_class(response.status)
    message = foreign or said or _phrase(response)
    return kind(
        _CONTROLS.sub(" ", message[:_MESSAGE_LIMIT]),
        status=response.status,
        code=_string(fields.get("code")),
        type=_string(fields.get("type")),
        param=_string(fields.get("param")),
        request_id=response.request_id,
        body=body,
        headers={name.lower(): value for name, value in response.headers.items()},
        missing_scopes=scopes,
        is_from_api=foreign is None,
    )


def _missing_scopes(message: str) -> tuple[str, ...]:
    """The scopes that a refusal names: ``Missing scopes: api.usage.read, api.management.read.``"""
    found = _SCOPES.search(message)
    return tuple(dict.fromkeys(_SCOPE.findall(found[1]))) if found else ()


def _parse(raw: bytes) -> Any:
    try:
        return decode(raw, Any)
    except APIResponseValidationError:
        return raw.decode("utf-8", "replace")


def _string(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _phrase(response: Response) -> str:
    if response.status < 300:
        return "The response is an error without a message."
    try:
        return HTTPStatus(response.status).phrase
    except ValueError:
        return "The server answered with an unknown status."


class HiddenText(str):
    """Text that does not show itself in a repr, so that no traceback or log prints it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'…'"

    def __reduce__(self) -> str | tuple[Any, ...]:
        raise TypeError("an admin key or another secret cannot be pickled")


def is_pem(path: object) -> bool:
    """Whether what should be the path of a file is what such a file contains, maybe a key."""
    text = str(path) if isinstance(path, str | PurePath) else repr(path)
    return "-----BEGIN" in text


def hide(secret: T) -> T | HiddenText:
    """The same text, hidden; what is not text is left unchanged, to be rejected."""
    return HiddenText(secret) if isinstance(secret, str) else secret
