"""What went wrong, for an assistant: the API's sentence, and what to try."""

from __future__ import annotations

import logging
import math

from .. import errors
from .._text.visible import spelled_out
from .._wire.foreign import is_web_page
from .about import about

_log = logging.getLogger("openai_admin.mcp")


def explain(error: Exception) -> str:
    """The text of a tool error; never a traceback, a header or a key."""
    if isinstance(error, errors.OpenAIAdminError):
        message = str(error).strip()
        if isinstance(error, errors.OutcomeUnknownError) or (
            isinstance(error, errors.RateLimitError) and not error.sent
        ):
            message = error.message  # its advice is for Python
        told = message if message.endswith((".", "!", "?")) else f"{message}."
        return spelled_out(" ".join([told, *getattr(error, "__notes__", ()), _try(error)]))
    # Its text is not shown: what it contains is not known.
    _log.error("A tool failed: %s", type(error).__name__)
    return (
        f"The tool failed with {type(error).__name__}, which is a bug in this server."
        " Do not repeat a change before checking whether it took effect."
    )


def log_doubt(cancellation: BaseException) -> None:
    """Log what a cancelled call leaves in doubt: the client that cancelled it gets no answer."""
    for note in getattr(cancellation, "__notes__", ()):
        _log.warning("A call was cancelled: %s", note)


def _try(error: errors.OpenAIAdminError) -> str:
    if isinstance(error, errors.RateLimitError) and error.retry_after and not error.is_exhausted:
        return f"Call again in {math.ceil(error.retry_after)} s, or ask for less."
    if (isinstance(error, errors.APIStatusError) and not error.is_from_api) or (
        isinstance(error, errors.APIResponseValidationError) and is_web_page(error.body)
    ):
        return "The person who runs the server must check its address and its network."
    if isinstance(error, errors.APIConnectionError) and error.is_lasting:
        return "Do not try again: the person who runs the server must set its network up first."
    if isinstance(error, errors.RateLimitError) and error.is_exhausted:
        return "Do not try again: the organization must add credit or raise its limit first."
    if isinstance(error, errors.InternalServerError) and error.retry_after:
        return f"Call again in {math.ceil(error.retry_after)} s."
    for kind, advice in (*(_OF_KEYS if about().brings_key else ()), *_ADVICE):
        if isinstance(error, kind):
            return advice
    return "Check the arguments and try again."


_ADVICE: tuple[tuple[type[errors.OpenAIAdminError], str], ...] = (
    (errors.InvalidInputError, "Nothing was sent; correct the argument and call again."),
    (
        errors.AuthenticationError,
        "The server's admin key is rejected: the person who runs the server must replace it.",
    ),
    (
        errors.PermissionDeniedError,
        (
            "The server's admin key lacks permission for this: use another tool, or ask the person"
            " who runs the server for a key with more scopes."
        ),
    ),
    (errors.NotFoundError, "Look up the id with the list tool; it may belong to another project."),
    (errors.BadRequestError, "Correct what the message names, and call again."),
    (errors.UnprocessableEntityError, "Correct what the message names, and call again."),
    (errors.ConflictError, "Look at the current state first, then decide whether to call again."),
    (
        errors.RateLimitError,
        "The API's rate limit still applies: wait a minute, ask for less, or use larger pages.",
    ),
    (errors.InternalServerError, "The fault is the API's: try again in a minute."),
    (
        errors.OutcomeUnknownError,
        "Do not repeat it: list what there is, and check whether it was created.",
    ),
    (errors.APITimeoutError, "Try again, or ask for less at a time."),
    (errors.APIConnectionError, "The API cannot be reached from the server: try again later."),
    (errors.RotationError, "Plan again to see how things are."),
    (errors.OffboardingError, "Plan again to see what is left."),
    (errors.SinkError, "No key was replaced: the person who runs the server must look at it."),
    (errors.ConfigurationError, "The person who runs the server must set it up."),
    (
        errors.ResponseTooLongError,
        "Ask for less at a time: a smaller limit, a shorter range, or fewer fields to group by.",
    ),
    (
        errors.APIResponseValidationError,
        "The API's response has a form that this server does not know; a newer version may.",
    ),
    (errors.ClientClosedError, "The server is shutting down."),
)
_OF_KEYS: tuple[
    tuple[type[errors.OpenAIAdminError], str], ...
] = (  # where each request brings its own
    (
        errors.AuthenticationError,
        "The admin key that the request brought in its header is rejected: send another.",
    ),
    (
        errors.PermissionDeniedError,
        (
            "The admin key that the request brought in its header lacks permission for this: use"
            " another tool, or send a key with more scopes."
        ),
    ),
)
