"""The exception tree, and the exceptions made of answers that are errors."""

from __future__ import annotations

import copy
import json
import pickle
import re
from collections.abc import Callable
from typing import Any

import pytest

from openai_admin import errors
from openai_admin._wire.http import Response, error_from
from openai_admin._wire.mistakes import StructureError
from openai_admin.errors import (
    APIConnectionError,
    APIError,
    APIResponseValidationError,
    APIStatusError,
    APITimeoutError,
    AuthenticationError,
    BadRequestError,
    ClientClosedError,
    ConfigurationError,
    ConflictError,
    InternalServerError,
    InvalidInputError,
    NotFoundError,
    OpenAIAdminError,
    OutcomeUnknownError,
    PaginationError,
    PermissionDeniedError,
    RateLimitError,
    UnprocessableEntityError,
    UsageWindowError,
    status_error_class,
)


def _drawn_tree() -> dict[str, str]:
    """Each class of the module's docstring with the class it is drawn under."""
    parents: dict[str, str] = {}
    above: list[tuple[int, str]] = []
    for line in (errors.__doc__ or "").splitlines():
        found = re.match(r"^([ │├└─]*)(\w+Error)\b", line)
        if found:
            depth = len(found[1])
            above = [(d, name) for d, name in above if d < depth]
            parents[found[2]] = above[-1][1] if above else ""
            above.append((depth, found[2]))
    return parents


def test_the_tree_is_as_the_docstring_draws_it() -> None:
    defined = {
        name: kind
        for name, kind in vars(errors).items()
        if isinstance(kind, type) and issubclass(kind, Exception)
    }
    drawn = _drawn_tree()
    assert drawn.keys() == defined.keys()
    for name, parent in drawn.items():
        above = defined[name].__mro__[1].__name__
        assert above == (parent or "Exception"), name
    assert issubclass(InvalidInputError, ValueError)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, BadRequestError),
        (401, AuthenticationError),
        (403, PermissionDeniedError),
        (404, NotFoundError),
        (409, ConflictError),
        (422, UnprocessableEntityError),
        (429, RateLimitError),
    ],
)
def test_a_status_has_its_class(status: int, kind: type[APIStatusError]) -> None:
    assert kind("Made in a test.").status == status
    assert status_error_class(status) is kind


@pytest.mark.parametrize("status", [500, 501, 502, 503, 504, 520, 529, 599, 999])
def test_500_and_above_is_the_servers_fault(status: int) -> None:
    assert status_error_class(status) is InternalServerError


@pytest.mark.parametrize("status", [300, 302, 402, 405, 408, 410, 413, 418, 451, 499])
def test_other_statuses_have_the_common_class(status: int) -> None:
    assert status_error_class(status) is APIStatusError


def _every_error() -> list[APIError]:
    return [
        APIError("a"),
        RateLimitError(
            "slow down",
            status=429,
            code="rate_limit_exceeded",
            type="requests",
            param="limit",
            request_id="req_1",
            body={"error": {"message": "slow down"}},
            headers={"retry-after": "3"},
        ),
        RateLimitError.unsent("later", retry_after=74.0, advice="Wait."),
        APIConnectionError("b"),
        APITimeoutError("c"),
        APIResponseValidationError(
            "d", body=b"[", place="$.data", status=200, request_id="req_2", is_json=False
        ),
        PaginationError("e", cursor="cur"),
        errors.NotVisibleError("h", id="key_1"),
        errors.UsageWindowError("g", endpoint="completions", start=1, end=2),
        OutcomeUnknownError(
            "f", operation="projects.create", arguments={"name": "x"}, listing="projects.list"
        ),
    ]


@pytest.mark.parametrize("error", _every_error(), ids=lambda e: type(e).__name__)
def test_errors_survive_pickling_whole(error: APIError) -> None:
    back = pickle.loads(pickle.dumps(error))
    assert type(back) is type(error)
    assert str(back) == str(error)
    assert back.args == error.args
    assert vars(back) == vars(error)


@pytest.mark.parametrize("error", _every_error(), ids=lambda e: type(e).__name__)
def test_errors_can_be_copied(error: APIError) -> None:
    back = copy.copy(error)
    assert type(back) is type(error)
    assert vars(back) == vars(error)


@pytest.mark.parametrize("kind", [ConfigurationError, InvalidInputError, ClientClosedError])
def test_errors_without_a_request_survive_pickling(kind: type[OpenAIAdminError]) -> None:
    back = pickle.loads(pickle.dumps(kind("why")))
    assert type(back) is kind
    assert str(back) == "why"


def _doubt(find: Callable[[float], Any] | None) -> OutcomeUnknownError:
    return OutcomeUnknownError(
        "lost",
        operation="projects.create",
        arguments={"name": "x"},
        listing="projects.list",
        find=find,
    )


def test_a_doubt_looks_for_what_was_created() -> None:
    assert _doubt(lambda wait: f"found in {wait}").reconcile(wait=3) == "found in 3"


def test_a_doubt_that_has_left_its_client_says_so() -> None:
    back = pickle.loads(pickle.dumps(_doubt(lambda wait: "found")))
    assert (back.operation, back.listing) == ("projects.create", "projects.list")
    for error in (back, _doubt(None)):
        with pytest.raises(OpenAIAdminError, match="no longer connected to a client"):
            error.reconcile()


def test_notes_survive_pickling() -> None:
    error = APIConnectionError("lost")
    error.add_note("while rotating keys")
    assert pickle.loads(pickle.dumps(error)).__notes__ == ["while rotating keys"]


def test_the_cause_survives_pickling() -> None:
    error = UsageWindowError("a day is missing", endpoint="costs", start=0, end=1)
    for cause in (RateLimitError("slow down", status=429), ConfigurationError("why")):
        error.__cause__ = cause
        back = pickle.loads(pickle.dumps(error)).__cause__
        assert (type(back), str(back)) == (type(cause), str(cause))
    error.__cause__ = OSError("reset")
    assert pickle.loads(pickle.dumps(error)).__cause__ is None


def _answered(status: int, body: bytes, **headers: str) -> APIStatusError:
    return error_from(Response(status, headers, body))


def test_the_apis_own_shape_is_read_whole() -> None:
    body = {
        "error": {
            "message": "No such project.",
            "type": "invalid_request_error",
            "param": "project_id",
            "code": "not_found",
        }
    }
    response = Response(404, {"x-request-id": "req_9", "x-a": "b"}, json.dumps(body).encode())
    error = error_from(response)
    assert type(error) is NotFoundError
    assert error.message == "No such project."
    assert (error.code, error.type, error.param) == (
        "not_found",
        "invalid_request_error",
        "project_id",
    )
    assert error.body == body
    assert error.request_id == "req_9"
    assert error.headers == {"x-request-id": "req_9", "x-a": "b"}
    assert error.status == error.status_code == 404
    assert str(error) == "404: No such project (request req_9)."


@pytest.mark.parametrize(
    ("body", "message", "kept"),
    [
        (b"", "Not Found", ""),
        (b"[]", "Not Found", []),
        (b"[1, 2]", "Not Found", [1, 2]),
        (b'"nothing here"', "Not Found", "nothing here"),
        (b"null", "Not Found", None),
        (b"17", "Not Found", 17),
        (b"{}", "Not Found", {}),
        (b'{"error": null}', "Not Found", {"error": None}),
        (b'{"error": []}', "Not Found", {"error": []}),
        (b'{"error": {}}', "Not Found", {"error": {}}),
        (b'{"error": "gone"}', "gone", {"error": "gone"}),
        (b'{"message": "gone"}', "gone", {"message": "gone"}),
        (b'{"error": {"message": 5}}', "Not Found", {"error": {"message": 5}}),
        (b'{"error": {"message": ""}}', "Not Found", {"error": {"message": ""}}),
        (b'{"error": {"message": "cut', "Not Found", '{"error": {"message": "cut'),
        (b"\xff\xfe\x00", "Not Found", "\ufffd\ufffd\x00"),
        (b'{"error": "No\xff"}', "No\ufffd", {"error": "No\ufffd"}),
        (
            b'\xef\xbb\xbf{"error": {"message": "No", "x": NaN}}',
            "No",
            {"error": {"message": "No", "x": "NaN"}},
        ),
    ],
)
def test_a_body_of_any_shape_gives_the_class_and_a_short_message(
    body: bytes, message: str, kept: object
) -> None:
    error = _answered(404, body)
    assert type(error) is NotFoundError
    assert error.message == message
    assert error.body == kept
    assert error.code is None
    assert error.request_id is None


def test_fields_of_another_type_are_left_out() -> None:
    error = _answered(400, b'{"error": {"message": "no", "code": 7, "type": [], "param": {}}}')
    assert error.message == "no"
    assert (error.code, error.type, error.param) == (None, None, None)


def test_a_huge_message_is_cut_and_its_body_kept() -> None:
    text = "x" * 100_000
    error = _answered(500, json.dumps({"error": {"message": text}}).encode())
    assert len(str(error)) < 600
    assert error.body == {"error": {"message": text}}


def test_a_huge_page_of_html_gives_a_short_message() -> None:
    error = _answered(502, b"<html>" + b"<p>sorry</p>" * 100_000)
    assert type(error) is InternalServerError
    assert error.message == "Bad Gateway"


def test_json_nested_without_end_gives_a_short_message() -> None:
    error = _answered(500, b"[" * 200_000)
    assert type(error) is InternalServerError
    assert error.message == "Internal Server Error"


def test_a_redirect_says_that_it_is_not_followed() -> None:
    error = _answered(302, b"", location="https://elsewhere.example/")
    assert type(error) is APIStatusError
    assert "not followed" in error.message


_NAMED = "You have insufficient permissions for this operation. Missing scopes: {}. Check that you"


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize(
    ("body", "scopes"),
    [
        ({"error": {"message": "Missing scopes: api.usage.read", "code": None}}, ["usage.read"]),
        ({"error": _NAMED.format("api.mtls.read")}, ["mtls.read"]),
        ({"error": "Missing scope: api.audit_logs.read"}, ["audit_logs.read"]),
        (
            {"error": {"message": _NAMED.format("api.management.read, api.mtls.read")}},
            ["management.read", "mtls.read"],
        ),
        (
            {"message": "Missing scopes: 'api.management.read' and 'api.usage.read'."},
            ["management.read", "usage.read"],
        ),
        ({"error": _NAMED.format("api.usage.read") + "x" * 600}, ["usage.read"]),
    ],
)
def test_a_missing_scope_says_that_the_key_is_valid(
    status: int, body: object, scopes: list[str]
) -> None:
    error = _answered(status, json.dumps(body).encode())
    assert type(error) is PermissionDeniedError
    assert error.status == status
    assert error.missing_scopes == tuple(f"api.{scope}" for scope in scopes)
    lacks = " and ".join(error.missing_scopes)
    assert str(error).endswith(f". The key itself is valid, but lacks {lacks}.")
    assert pickle.loads(pickle.dumps(error)).missing_scopes == error.missing_scopes


@pytest.mark.parametrize(
    ("status", "text", "kind"),
    [
        (401, "Incorrect API key provided: sk-admin-…WXYZ.", AuthenticationError),
        (401, "You have insufficient permissions for this operation.", AuthenticationError),
        (403, "The scopes of this key do not matter here.", PermissionDeniedError),
        (400, "Missing scopes: api.usage.read", BadRequestError),
    ],
)
def test_where_no_scope_is_missing_nothing_is_said_of_one(
    status: int, text: str, kind: type[APIStatusError]
) -> None:
    error = _answered(status, json.dumps({"error": {"message": text}}).encode())
    assert type(error) is kind
    assert error.missing_scopes == ()
    assert "valid" not in str(error)


def test_an_unknown_status_has_a_message() -> None:
    assert _answered(599, b"").message == "The server answered with an unknown status."


@pytest.mark.parametrize("unseen", ["\x1b[31m", "\x9b31m", "\u202e", "\r\n"])
@pytest.mark.parametrize("error", _every_error(), ids=lambda e: type(e).__name__)
def test_a_terminal_obeys_nothing_that_a_server_said(error: APIError, unseen: str) -> None:
    error.method, error.path = "GET", "/organization/projects"
    error.message, error.request_id = f"a{unseen}b", f"req_{unseen}"
    assert str(error).isprintable()


def test_a_place_in_an_answer_shows_the_names_that_it_came_with() -> None:
    mistake = StructureError("expected text", "a\x1b[2Jb", 3)
    assert str(mistake) == "expected text at $.a\\u001b[2Jb[3]"
