"""What is said of a change that may have taken effect, though no answer says so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs

from .._declare.effect import Effect
from .._declare.operation import Call
from .._wire.fields import secret_paths
from .._wire.http import Response
from .._wire.one_time import (
    hidden,
    hidden_beside_its_field,
    holds,
    may_lack_secret,
    secret_in,
)
from .._wire.types import read
from ..errors import (
    APIError,
    APIResponseValidationError,
    APIStatusError,
    OneTimeSecret,
    OutcomeUnknownError,
)
from .reconcile import shown_in
from .retry import AttemptFailure

_LONGEST = 80  # characters of an argument that are shown


def note_on(call: Call) -> str:
    """What to know of a change that ended in flight: what it was, and where to look."""
    look = shown_in(call.name)
    where = f": look in {look.name}" if look is not None else ""
    # What an undeclared call sends is not known, and may be a secret.
    what = call.name if call.answer is Any else f"{call.name}({', '.join(_shown(call))})"
    told = f"{what} was sent and may have taken effect{where}."
    if has_secret(call) and not may_lack_secret(call.arguments):
        return f"{told} A key that it has made may be there, whose secret nobody got: delete it."
    return f"{told} Making it again does no harm." if call.repeatable else told


def with_doubt(call: Call, error: BaseException, *, may_act: bool, was_done: bool) -> BaseException:
    """How a change ended, and where it may have taken effect, that this is not known.

    Args:
        call: the change.
        error: what ended it.
        may_act: whether a request is on its way, or an earlier one may have taken effect.
        was_done: whether `error` says that what was asked is so already.
    """
    if isinstance(error, APIResponseValidationError) and not call.repeatable:
        return outcome_unknown(call, error)
    added = was_done and call.effect is Effect.ADDS  # it is read back, which says so
    told = added or isinstance(error, OutcomeUnknownError)
    if isinstance(error, APIResponseValidationError) or (may_act and not told):
        error.add_note(note_on(call))
    return error


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
        " unknown, so it was not repeated.",
        advice="reconcile() looks for what it would have created.",
        operation=call.name,
        arguments=call.arguments,
    )


def handing_over(call: Call, secret: str, error: APIError | None) -> OutcomeUnknownError:
    """The error of a creation whose result cannot be given, but whose one-time secret came.

    Args:
        call: the creation.
        secret: the secret.
        error: what is wrong with the answer; ``None`` if its secret is not where it should be.
    """
    return OutcomeUnknownError(
        f"{call.name} {_told_beside_a_secret(error).rstrip('.')}.",
        advice="The one-time secret that came is in this error's secret; reconcile() looks for"
        " what was created.",
        operation=call.name,
        arguments=call.arguments,
        secret=OneTimeSecret(secret),
    )


def _told_beside_a_secret(error: APIError | None) -> str:
    if error is None:
        return (
            "took effect, but the one-time secret in its response is not where the API puts it:"
            " the rest of the response is not used"
        )
    if isinstance(error, APIStatusError) and (error.status or 0) >= 300:
        return (
            "may have taken effect, since its response has a one-time secret, but is an error,"
            f" {error.status}: {error.message}"
        )
    if isinstance(error, APIStatusError):
        return f"took effect, but its response is an error: {error.message}"
    if isinstance(error, APIResponseValidationError):
        return f"took effect, but its response cannot be read: {error.message}"
    return f"took effect, but its response did not come whole: {error.message}"


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


def set_apart(
    call: Call, outcome: Response | AttemptFailure
) -> tuple[Response | AttemptFailure, str | None]:
    """The outcome of an attempt without its one-time secret, and the secret, if it has one.

    Where the outcome says that the call succeeded, the secret is still in its own field.
    """
    described = read(call.answer)
    if isinstance(outcome, AttemptFailure):
        secret = secret_in(outcome.received, described)
        outcome = attrs.evolve(outcome, received=b"")
        return outcome if secret is None else outcome.redacted(secret), secret
    secret = secret_in(outcome.body, described)
    if outcome.status < 300:
        return hidden_beside_its_field(outcome, secret, described), secret
    return outcome if secret is None else hidden(outcome, secret), secret


def has_handed_over(call: Call, result: Any, secret: str) -> bool:
    """Whether the result of a call has the secret in its field."""
    return holds(result, secret, read(call.answer))
