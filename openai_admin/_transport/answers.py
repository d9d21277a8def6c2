"""What the outcome of an attempt means, where it is not simply a result."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

import attrs
from msgspec.structs import replace

from .._declare.operation import Call
from .._wire.codec import decode, to_json
from .._wire.http import Response
from .._wire.models import Page
from .._wire.removal import held_against, removed_id, says_nothing, unconfirmed
from ..errors import (
    APIConnectionError,
    APIError,
    APIResponseValidationError,
    APIStatusError,
    APITimeoutError,
    OutcomeUnknownError,
)
from .doubt import handing_over, has_handed_over, has_secret, outcome_unknown, without_body
from .retry import AttemptFailure, FailureKind, server_delay


@attrs.frozen
class AttemptError:
    """A failed attempt, with the error that its caller gets if no other attempt follows.

    Attributes:
        failure: what decides whether another follows.
        error: the error.
        was_done: whether it says that what was asked is so already, after an attempt that may have
            done it.
    """

    failure: AttemptFailure
    error: APIError
    was_done: bool = False


@attrs.frozen
class Ended:
    """How a read ended.

    Attributes:
        outcome: that of its last attempt.
        attempts: how many requests were sent.
    """

    outcome: Response | AttemptFailure
    attempts: int


def unanswered(failure: AttemptFailure) -> AttemptError:
    """The error of an attempt without an answer."""
    kind = APITimeoutError if failure.kind is FailureKind.TIMED_OUT else APIConnectionError
    error = kind(f"{failure.message}.")
    error.is_lasting = failure.is_lasting
    return AttemptError(failure, error)


def refused(call: Call, answer: Response, refusal: APIStatusError, *, in_doubt: bool) -> Any:
    """The error of an attempt that was refused; a removal's result if it was done before.

    Args:
        call: what was sent.
        answer: the answer.
        refusal: what it says.
        in_doubt: whether an earlier attempt may have taken effect.
    """
    if answer.status >= 500:
        refusal.retry_after = server_delay(answer.headers)
    was_done = (
        in_doubt
        and refusal.is_from_api
        and call.effect.is_so_already(answer.status, f"{refusal.code} {refusal.message}")
    )
    if was_done and call.request.method == "DELETE":
        return _unconfirmed(call)
    failure = AttemptFailure(FailureKind.STATUS, status=answer.status, headers=answer.headers)
    return AttemptError(failure, refusal, was_done)


def removed(call: Call, answer: Response, decoded: Callable[[Response], Any]) -> Any:
    """The result of a DELETE, whose answer need not say anything.

    Args:
        call: what was sent.
        answer: the answer.
        decoded: decodes it.
    """
    if call.answer is Any:
        return None if says_nothing(answer.body) else decoded(answer)
    if says_nothing(answer.body):
        return _unconfirmed(call)
    id = removed_id(call.request.endpoint, call.arguments)
    if id is not None:
        answer = replace(answer, body=_with_id(answer.body, id))
    return held_against(decoded(answer), id)


def _unconfirmed(call: Call) -> Any:
    """The result of a removal that no answer confirmed."""
    return unconfirmed(call.answer, removed_id(call.request.endpoint, call.arguments))


def _with_id(body: bytes, id: str) -> bytes:
    """The answer to a removal with the id of what was removed, should it not say."""
    try:
        told = decode(body, Any)
    except APIResponseValidationError:
        return body  # which is told in the same words
    lacks = isinstance(told, dict) and told.get("id") is None
    return to_json(told | {"id": id}) if lacks else body


def unreadable(call: Call, error: APIResponseValidationError) -> AttemptError:
    """The error of an attempt whose answer cannot be read.

    Raises:
        APIResponseValidationError: nothing else would come of another attempt.
    """
    if has_secret(call):
        why = without_body(error)
        return AttemptError(AttemptFailure(FailureKind.LOST, cause=why), why)
    if error.is_json and call.repeatable:
        raise error
    return AttemptError(AttemptFailure(FailureKind.LOST, cause=error.__cause__), error)


def incomplete(call: Call, answer: Response, page: Page[Any]) -> APIResponseValidationError:
    """The error of a page with a part that cannot be read, for those who want none without it."""
    part = page.unreadable[0]
    return APIResponseValidationError(
        f"The response to {call.name} has a part that cannot be read, {part}.",
        body=answer.body,
        place=part.place,
        status=answer.status,
        request_id=answer.request_id,
    )


def with_secret(call: Call, result: Any, secret: str) -> Any:
    """The result of an attempt that has a one-time secret, or an `AttemptError` that has it."""
    error = None
    if isinstance(result, AttemptError):
        error = result.error
        if isinstance(error, APIStatusError):
            error.body = None
    elif has_handed_over(call, result, secret):
        return result
    told = handing_over(call, secret, error)
    return AttemptError(AttemptFailure(FailureKind.LOST, cause=error), told)


def say_where(error: BaseException, call: Call, attempts: int) -> None:
    """Say in an error which request it is about, and how often that was sent."""
    if isinstance(error, APIError):
        request = call.request
        error.operation, error.method = call.name, request.method
        error.path = request.target.partition("?")[0]
        error.attempts = attempts
        if error.request_id is None and isinstance(error.__cause__, APIError):
            error.request_id = error.__cause__.request_id


def raise_error(call: Call, failed: AttemptError) -> NoReturn:
    """Raise the error of a call's last attempt, or one that says that the outcome is unknown."""
    is_told = isinstance(failed.error, OutcomeUnknownError)
    if call.repeatable or is_told or not failed.failure.outcome_is_unknown:
        raise failed.error from failed.failure.cause
    raise outcome_unknown(call, failed.error) from failed.error
