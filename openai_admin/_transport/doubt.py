"""What is said of a change that may have taken effect, though no answer says so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from .._declare.operation import Call
from .._wire.codec import decode
from .._wire.fields import secret_paths, secrets_in
from .._wire.types import read
from ..errors import (
    APIError,
    APIResponseValidationError,
    APIStatusError,
    OneTimeSecret,
    OutcomeUnknownError,
)
from .reconcile import shown_in

_LONGEST = 80  # characters of an argument that are shown


def note_on(call: Call) -> str:
    """What to know of a change that ended in flight: what it was, and where to look."""
    look = shown_in(call.name)
    where = f": look in {look.name}" if look is not None else ""
    # What an undeclared call sends is not known, and may be a secret.
    what = call.name if call.answer is Any else f"{call.name}({', '.join(_shown(call))})"
    told = f"{what} was sent and may have taken effect{where}."
    return f"{told} Making it again does no harm." if call.repeatable else told


def _shown(call: Call) -> Iterator[str]:
    """The arguments, without those that may have a secret or a whole document within."""
    for name, value in call.arguments.items():
        plain = isinstance(value, str | int | float) and len(str(value)) <= _LONGEST
        yield f"{name}={value!r}" if plain else f"{name}=…"


def outcome_unknown(call: Call, error: APIError) -> OutcomeUnknownError:
    """The error of a change that must not be repeated, whose answer was lost or cannot be read."""
    told = "was lost"
    if isinstance(error, APIResponseValidationError):
        told = "cannot be read"
    elif isinstance(error, APIStatusError):
        told = "is an error that does not say whether it was carried out"
    why = str(error).rstrip(".")
    return OutcomeUnknownError(
        f"{call.name} was sent, but its response {told}: {why}. Whether it took effect is"
        " unknown, so it was not repeated; reconcile() looks for what it would have created.",
        operation=call.name,
        arguments=call.arguments,
    )


def handing_over(call: Call, secret: str, error: APIError) -> OutcomeUnknownError:
    """The error of a creation whose answer cannot be read, but had a one-time secret."""
    return OutcomeUnknownError(
        f"{call.name} took effect, but its response cannot be read:"
        f" {error.message.rstrip('.')}. The one-time secret that it had is in this error's"
        " secret; reconcile() looks for what was created.",
        operation=call.name,
        arguments=call.arguments,
        secret=OneTimeSecret(secret),
    )


def without_body(error: APIResponseValidationError) -> APIResponseValidationError:
    """The same error without the answer's bytes, and no frame of its traceback has them."""
    return APIResponseValidationError(
        error.message,
        body=b"",
        place=error.place,
        status=error.status,
        request_id=error.request_id,
        is_json=error.is_json,
    )


def has_secret(call: Call) -> bool:
    """Whether the call's answer has a one-time secret in it."""
    return bool(secret_paths(read(call.answer)))


def secret_in(call: Call, body: bytes) -> str | None:
    """The one-time secret in an answer, also in one that was cut short; ``None`` without one."""
    described = read(call.answer)
    try:
        whole = decode(body, Any)
    except APIResponseValidationError:
        names = {path[-1] for path in secret_paths(described)}
        return next((text for name in names for text in _texts_named(name, body)), None)
    return next(secrets_in(whole, described), None)


def _texts_named(name: str, body: bytes) -> Iterator[str]:
    """The texts under a name in what is not valid JSON; only those that are there to their end."""
    text = rb'"' + re.escape(name.encode()) + rb'"\s*:\s*("(?:[^"\\]|\\.)+")'
    for match in re.finditer(text, body):
        try:
            yield msgspec.json.decode(match[1], type=str)
        except (msgspec.DecodeError, UnicodeDecodeError):
            continue
