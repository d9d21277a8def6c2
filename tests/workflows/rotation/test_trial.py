"""What an answer to a call with a new key says of the key."""

from __future__ import annotations

import pytest

from openai_admin.errors import (
    APIConnectionError,
    APIError,
    AuthenticationError,
    InternalServerError,
    PermissionDeniedError,
    RateLimitError,
)
from openai_admin.workflows.rotation.trial import RejectedError, UntriedError, attempted

_UNKNOWN = AuthenticationError("Incorrect API key provided")


async def _tried(*answers: APIError | None) -> tuple[str | None, list[float]]:
    """What comes of some answers, of which the last one is repeated, and the pauses."""
    left, pauses = list(answers), []

    async def accepts() -> None:
        answer = left.pop(0) if len(left) > 1 else left[0]
        if answer is not None:
            raise answer

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    return await attempted(accepts, sleep), pauses


async def test_a_key_that_is_accepted_after_a_while() -> None:
    assert await _tried(_UNKNOWN, _UNKNOWN, None) == (None, [0.5, 1.0])


@pytest.mark.parametrize(
    "answer",
    [
        PermissionDeniedError("Missing scopes", missing_scopes=("api.model.read",), status=401),
        PermissionDeniedError("This project may not be used from here"),
        RateLimitError("Slow down"),
        RateLimitError("You exceeded your quota", code="insufficient_quota"),
        AuthenticationError("Your IP is not on the allowlist", code="ip_not_authorized"),
    ],
)
async def test_a_refusal_of_what_it_asks_for_knows_the_key(answer: APIError) -> None:
    note, pauses = await _tried(answer)
    assert note is not None
    assert answer.message.rstrip(".") in note
    assert not pauses


@pytest.mark.parametrize(
    "answer",
    [
        InternalServerError("The server had an error"),
        APIConnectionError("No answer"),
        PermissionDeniedError("<html>Blocked</html>", is_from_api=False),
        AuthenticationError("Log in to the proxy", is_from_api=False),
        PermissionDeniedError("Not here", code="unsupported_country_region_territory"),
        RateLimitError.unsent("Its turn would come too late", retry_after=60),
    ],
)
async def test_other_failures_say_nothing_about_the_key(answer: APIError) -> None:
    with pytest.raises(UntriedError, match=answer.message.split()[0]):
        await _tried(answer)


async def test_a_key_that_stays_unknown_is_rejected_after_a_minute() -> None:
    with pytest.raises(RejectedError):
        await _tried(_UNKNOWN)
