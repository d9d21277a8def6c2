"""The one-time secret in an answer: found wherever it stands, and hidden but in its own field."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from .._text.secrets import redact
from ..errors import APIResponseValidationError
from .codec import decode, to_dict
from .fields import secret_paths, secrets_in
from .http import Response, redacted
from .types import Type

# A key as the API makes them. One that is redacted has dots or stars where most of it was.
_KEY = re.compile(r"(?<![\w-])sk-[A-Za-z0-9_-]{20,}+(?!\.\.|[*…])")
_SHORTEST = 8  # characters: a shorter text is within others by chance
_NOT_JSON: Any = object()


def may_lack_secret(arguments: Mapping[str, Any]) -> bool:
    """Whether a call has asked for a thing without the secret that usually comes with it."""
    return arguments.get("create_service_account_only") is True


def secret_in(body: bytes, described: Type) -> str | None:
    """The one-time secret in an answer, which may be odd or cut short; ``None`` without one.

    Where its own field has none, it is what has the form of a key, anywhere.

    Args:
        body: the answer's bytes.
        described: the type of the answer.
    """
    value = _parsed(body)
    return next(_secrets(value, body, described), None)


def _secrets(value: Any, body: bytes, described: Type) -> Iterator[str]:
    if value is not _NOT_JSON:
        yield from filter(None, secrets_in(value, described))
        yield from (key for text in _texts(value) for key in _KEY.findall(text))
    else:
        for path in secret_paths(described):
            yield from _texts_named(path[-1], body)
    # What ends with the bytes may be the beginning of a longer one.
    whole = body.decode("utf-8", "replace")
    yield from (match[0] for match in _KEY.finditer(whole) if match.end() < len(whole))


def holds(model: Any, secret: str, described: Type) -> bool:
    """Whether a model has the secret in its field."""
    return secret in secrets_in(to_dict(model, secrets=True), described)


def hidden_beside_its_field(response: Response, secret: str | None, described: Type) -> Response:
    """An answer whose secret is in its own field alone, if that is where it is.

    An empty text in that field becomes null, since it is not a secret.
    """
    value = _parsed(response.body)
    if value is _NOT_JSON:
        return response if secret is None else hidden(response, secret)
    clean = _clean(value, secret, [*secret_paths(described)])
    headers = response.headers if secret is None else redacted(response, secret).headers
    return Response(response.status, headers, response.body if clean == value else _json(clean))


def hidden(response: Response, secret: str) -> Response:
    """An answer without the secret."""
    value = _parsed(response.body)
    body = response.body if value is _NOT_JSON else _json(_clean(value, secret, []))
    return redacted(Response(response.status, response.headers, body), secret)


def _parsed(body: bytes) -> Any:
    try:
        value = decode(body, Any)
        _clean(value, None, [])  # what is nested too deeply for that is searched as text
    except (APIResponseValidationError, RecursionError):
        return _NOT_JSON
    return value


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()  # which takes whole numbers of any length


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)
    elif isinstance(value, dict):
        for name, each in value.items():
            yield name
            yield from _texts(each)


def _clean(value: Any, secret: str | None, places: list[tuple[str, ...]]) -> Any:
    """The value with the secret redacted but at its places, and no empty text there."""
    if isinstance(value, list):
        return [_clean(each, secret, places) for each in value]
    if isinstance(value, dict):
        cleaned = {}
        for name, each in value.items():
            within = [path[1:] for path in places if path[:1] == (name,)]
            cleaned[_redacted(name, secret)] = _clean(each, secret, within)
        return cleaned
    if isinstance(value, str):
        return (value or None) if () in places else _redacted(value, secret)
    return value


def _redacted(text: str, secret: str | None) -> str:
    if secret is None:
        return text
    if len(secret) < _SHORTEST:
        return redact(secret) if text == secret else text
    return text.replace(secret, redact(secret))


def _texts_named(name: str, body: bytes) -> Iterator[str]:
    """The texts under a name in what is not valid JSON; only those that are there to their end."""
    text = rb'"' + re.escape(name.encode()) + rb'"\s*:\s*("(?:[^"\\]|\\.)+")'
    for match in re.finditer(text, body):
        try:
            yield msgspec.json.decode(match[1], type=str)
        except (msgspec.DecodeError, UnicodeDecodeError):
            continue
