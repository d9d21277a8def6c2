"""The API's error answers: one exception, one JSON shape, and a helper for each usual case.

A handler raises what these helpers return (`raise not_found("project", project_id)`); the
application turns it into the status and the body `{"error": {message, type, param, code}}`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

INVALID_REQUEST = "invalid_request_error"
_KEY_PREFIXES = ("sk-admin-", "sk-proj-", "sk-svcacct-", "sk-")


class EmulatedError(Exception):
    """An error answer of the API: an HTTP status, and the four fields of its JSON body."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        type: str = INVALID_REQUEST,
        param: str | None = None,
        code: str | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.type = type
        self.param = param
        self.code = code

    @property
    def body(self) -> dict[str, Any]:
        """The JSON body of the answer."""
        return error_body(self.message, type=self.type, param=self.param, code=self.code)


def error_body(
    message: str, *, type: str = INVALID_REQUEST, param: str | None = None, code: str | None = None
) -> dict[str, Any]:
    """The API's error object, for an answer that is made without raising."""
    return {"error": {"message": message, "type": type, "param": param, "code": code}}


def redact(secret: str, *, mask: str = "****") -> str:
    """A key as it may be shown: its prefix, the mask, and its last four characters.

    A secret too short to hide anything in is masked whole.
    """
    prefix = next((prefix for prefix in _KEY_PREFIXES if secret.startswith(prefix)), "")
    if len(secret) < len(prefix) + 8:
        return prefix + mask
    return f"{prefix}{mask}{secret[-4:]}"


def bad_request(
    message: str, *, param: str | None = None, code: str | None = None
) -> EmulatedError:
    """400 with the message as it is: the request cannot be carried out."""
    return EmulatedError(400, message, param=param, code=code)


def invalid(param: str, message: str, *, code: str = "invalid_value") -> EmulatedError:
    """400 for one parameter, `Invalid 'limit': <message>`."""
    return EmulatedError(400, f"Invalid '{param}': {message}", param=param, code=code)


def invalid_choice(param: str, value: object, choices: Iterable[object]) -> EmulatedError:
    """400 for a value that is not one of the choices, which the message lists."""
    *others, last = [f"'{choice}'" for choice in choices]
    allowed = f"{', '.join(others)} and {last}" if others else last
    return EmulatedError(
        400,
        f"Invalid value: '{value}'. Supported values are: {allowed}.",
        param=param,
        code="invalid_value",
    )


def below_minimum(param: str, value: int, minimum: int) -> EmulatedError:
    """400 for an integer that is too small."""
    message = f"integer below minimum value. Expected >= {minimum}, but got {value}."
    return invalid(param, message, code="integer_below_min_value")


def above_maximum(param: str, value: int, maximum: int) -> EmulatedError:
    """400 for an integer that is too large."""
    message = f"integer above maximum value. Expected <= {maximum}, but got {value}."
    return invalid(param, message, code="integer_above_max_value")


def invalid_type(param: str, expected: str, got: object) -> EmulatedError:
    """400 for a JSON value of the wrong type; `expected` reads like "a string"."""
    return EmulatedError(
        400,
        f"Invalid type for '{param}': expected {expected}, but got {json_type(got)} instead.",
        param=param,
        code="invalid_type",
    )


def missing(param: str) -> EmulatedError:
    """400 for a required parameter that was not sent."""
    message = f"Missing required parameter: '{param}'."
    return EmulatedError(400, message, param=param, code="missing_required_parameter")


def unknown_parameter(param: str) -> EmulatedError:
    """400 for a parameter that the operation does not have."""
    return EmulatedError(
        400, f"Unknown parameter: '{param}'.", param=param, code="unknown_parameter"
    )


def not_found(kind: str, id: str) -> EmulatedError:
    """404 for an id that does not exist, or no longer exists."""
    return EmulatedError(404, f"No {kind} found with id '{id}'.", code="not_found")


def conflict(message: str, *, param: str | None = None, code: str | None = None) -> EmulatedError:
    """409: it already exists, or its state forbids the change."""
    return EmulatedError(409, message, param=param, code=code)


def missing_key() -> EmulatedError:
    """401 for a request without an `Authorization: Bearer` header."""
    return EmulatedError(
        401,
        "You didn't provide an API key. You need to provide your API key in an Authorization "
        "header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY). You can obtain an API "
        "key from https://platform.openai.com/account/api-keys.",
    )


def unauthorized(key: str) -> EmulatedError:
    """401 for a key that the organization does not have, shown redacted."""
    return EmulatedError(
        401,
        f"Incorrect API key provided: {redact(key)}. You can find your API key at "
        "https://platform.openai.com/account/api-keys.",
        code="invalid_api_key",
    )


def wrong_organization() -> EmulatedError:
    """401 for an `OpenAI-Organization` header that names another organization than the key's."""
    return EmulatedError(
        401,
        "OpenAI-Organization header should match organization for API key",
        code="mismatched_organization",
    )


def wrong_project() -> EmulatedError:
    """401 for an `OpenAI-Project` header that names another project than the key's."""
    return EmulatedError(
        401, "OpenAI-Project header should match project for API key", code="mismatched_project"
    )


def no_access_to_project() -> EmulatedError:
    """401 for a key whose owner has no access to its project."""
    return EmulatedError(
        401,
        "You do not have access to the project tied to the API key.",
        code="invalid_project",
    )


def missing_scope(*scopes: str) -> EmulatedError:
    """403 for a key that may not do this: not an admin key, or restricted to other scopes."""
    return EmulatedError(
        403,
        "You have insufficient permissions for this operation. Missing scopes: "
        f"{', '.join(scopes)}. Check that you have the correct role in your organization "
        "(Reader, Writer, Owner) and project (Member, Owner), and if you're using a restricted "
        "API key, that it has the necessary scopes.",
        code="missing_scope",
    )


def json_type(value: object) -> str:
    """The JSON type of a decoded value with its article, as error messages name it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, int):
        return "an integer"
    if isinstance(value, float):
        return "a decimal"
    if isinstance(value, str):
        return "a string"
    return "an array" if isinstance(value, list) else "an object"
