"""What went wrong at AWS Secrets Manager, in one sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...errors import SinkError

_NOT_FOUND = "ResourceNotFoundException"
_REFUSED = frozenset(("AccessDeniedException", "AccessDenied"))
_BUSY = frozenset(("ThrottlingException", "Throttling", "TooManyRequestsException"))
_REMEDIES = {
    "NoCredentialsError": "there are no AWS credentials: set AWS_PROFILE or AWS_ACCESS_KEY_ID",
    "NoRegionError": "no AWS region is set: set AWS_REGION",
}
_LOST = frozenset(  # after the request was sent
    {
        "ConnectionClosedError",
        "HTTPClientError",
        "IncompleteReadError",
        "ReadTimeoutError",
        "ResponseStreamingError",
    }
)


def is_not_found(error: Any) -> bool:
    """Whether there is no such secret, or no version of it with the label asked for."""
    return _code(error) == _NOT_FOUND


def is_without_value(error: Any) -> bool:
    """Whether the secret is there, and no version of it has the label asked for."""
    return is_not_found(error) and "secret value" in _message(error)


def explained(error: Any, sink: str, *, is_change: bool) -> SinkError:
    """The error of a call that boto3 raised one for.

    Args:
        error: a ``ClientError`` or a ``BotoCoreError``.
        sink: the sink's name.
        is_change: whether the call was to change the secret; then it may have done so where its
            answer was lost.
    """
    code = _code(error)
    verb = "changed" if is_change else "read"
    said = _message(error).rstrip(".")
    if code == _NOT_FOUND:
        return SinkError(
            f"{sink} is not there, or in another region: create it with 'aws secretsmanager"
            " create-secret' first."
        )
    if code in _REFUSED:
        return SinkError(f"{sink} cannot be {verb}, since AWS denies access: {said}.")
    if code in _BUSY:
        return SinkError(f"{sink} cannot be {verb} now, since AWS is throttling: {said}.")
    if code:
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500)
        return SinkError(
            f"{sink} cannot be {verb}: AWS answered {code}: {said}.",
            in_doubt=is_change and status >= 500,
        )
    kind = type(error).__name__
    why = _REMEDIES.get(kind) or said
    is_sent = is_change and kind in _LOST
    return SinkError(f"{sink} cannot be {verb}: {why}.", in_doubt=is_sent)


def _code(error: Any) -> str:
    """AWS's code for an error that it answered with; empty where there was no such answer."""
    return str(_answered(error).get("Code", ""))


def _message(error: Any) -> str:
    return " ".join(str(_answered(error).get("Message") or error).split())


def _answered(error: Any) -> Mapping[str, Any]:
    answer = getattr(error, "response", None) or {}  # of a lost one it is None
    found: Mapping[str, Any] = answer.get("Error", {})
    return found
