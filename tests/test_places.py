"""Every error says which request it is about, on both clients and over real sockets."""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from openai_admin import AsyncOpenAIAdmin, OpenAIAdmin
from openai_admin.errors import (
    APIConnectionError,
    APIError,
    APIResponseValidationError,
    APITimeoutError,
    InternalServerError,
    NotFoundError,
    OutcomeUnknownError,
    PermissionDeniedError,
    UsageWindowError,
)
from tests.directory.api import API, CUTS, HANGS, Said, lacks, refusal, serving

KEY = "sk-admin-canary0123456789abcdWXYZ"
USERS = "/organization/projects/proj_1/users"
Failed = Callable[..., Any]


@pytest.fixture
async def api() -> AsyncIterator[API]:
    """A server that says of each path what a test wants."""
    async with serving() as api:
        yield api


async def _async(api: API, work: Callable[[Any], Any], **settings: Any) -> APIError:
    async with AsyncOpenAIAdmin(KEY, base_url=api.url, **settings) as client:
        with pytest.raises(APIError) as caught:
            await work(client)
    return caught.value


async def _blocking(api: API, work: Callable[[Any], Any], **settings: Any) -> APIError:
    def run() -> APIError:
        with (
            OpenAIAdmin(KEY, base_url=api.url, **settings) as client,
            pytest.raises(APIError) as caught,
        ):
            work(client)
        return caught.value

    return await asyncio.to_thread(run)


@pytest.fixture(params=[_async, _blocking], ids=["async", "blocking"])
def failed(request: pytest.FixtureRequest) -> Failed:
    """Makes a call of each client that fails, and returns its error."""
    found: Failed = request.param
    return found


def _users(client: Any) -> Any:
    return client.projects.users.list("proj_1", limit=7, after="user_secret")


def _place(error: APIError) -> tuple[Any, ...]:
    back = pickle.loads(pickle.dumps(error))
    place = (error.operation, error.method, error.path, error.attempts, error.request_id)
    assert place == (back.operation, back.method, back.path, back.attempts, back.request_id)
    assert str(back) == str(error)
    assert "user_secret" not in str(error)
    return place


async def test_a_status(failed: Failed, api: API) -> None:
    api.said[USERS] = refusal("No such project.", status=404)
    api.headers = {"x-request-id": "req_1"}
    error = await failed(api, _users)
    assert type(error) is NotFoundError
    assert _place(error) == ("projects.users.list", "GET", USERS, 1, "req_1")
    assert str(error) == f"404: No such project (GET {USERS}, request req_1)."


async def test_the_attempts_are_counted(failed: Failed, api: API) -> None:
    api.said[USERS] = Said(500, {})
    error = await failed(api, _users, max_retries=2)
    assert type(error) is InternalServerError
    assert _place(error) == ("projects.users.list", "GET", USERS, 3, None)
    assert api.asked[USERS] == 3


async def test_a_connection_that_is_lost(failed: Failed, api: API) -> None:
    api.said[USERS] = CUTS
    error = await failed(api, _users, max_retries=0)
    assert type(error) is APIConnectionError
    assert _place(error) == ("projects.users.list", "GET", USERS, 1, None)
    assert str(error).endswith(f" (GET {USERS}).")


async def test_a_time_out(failed: Failed, api: API) -> None:
    api.said[USERS] = HANGS
    error = await failed(api, _users, max_retries=0, timeout=0.2)
    assert type(error) is APITimeoutError
    assert _place(error) == ("projects.users.list", "GET", USERS, 1, None)
    assert str(error) == f"No response came in time (GET {USERS})."


async def test_an_answer_that_cannot_be_read(failed: Failed, api: API) -> None:
    api.said[USERS] = Said(body=[])
    api.headers = {"x-request-id": "req_1"}
    error = await failed(api, _users, max_retries=0)
    assert type(error) is APIResponseValidationError
    assert _place(error) == ("projects.users.list", "GET", USERS, 1, "req_1")
    assert error.place == "$"


async def test_a_login_page(failed: Failed, api: API) -> None:
    api.said[USERS] = Said(body=b"<html>Sign in</html>")
    error = await failed(api, _users, max_retries=0)
    assert type(error) is APIResponseValidationError
    assert "is a web page, not JSON" in str(error)
    assert str(error).endswith(f" (GET {USERS}).")


async def test_a_change_whose_outcome_is_not_known(failed: Failed, api: API) -> None:
    api.said["/organization/projects"] = Said(500, {})
    api.headers = {"x-request-id": "req_1"}
    error = await failed(api, lambda client: client.projects.create(name="x"))
    assert type(error) is OutcomeUnknownError
    assert _place(error) == ("projects.create", "POST", "/organization/projects", 1, "req_1")


async def test_an_undeclared_call(failed: Failed, api: API) -> None:
    api.otherwise = refusal("No.", status=404)
    error = await failed(api, lambda client: client.request("GET", "/new?a=user_secret"))
    assert _place(error)[1:] == ("GET", "/new", 1, None)


async def test_a_window_of_usage(failed: Failed, api: API) -> None:
    path = "/organization/usage/completions"
    api.said[path] = lacks("api.usage.read", status=401)
    error = await failed(
        api, lambda client: client.usage.collect("completions", start_time=0, end_time=86400)
    )
    assert type(error) is UsageWindowError
    assert _place(error) == ("usage.completions", "GET", path, 1, None)
    assert isinstance(error.__cause__, PermissionDeniedError)
    assert f"(GET {path})" in str(error)
    assert "The key itself is valid, but lacks api.usage.read" in str(error)


async def test_one_project_of_a_fan_out_is_not_known(api: API) -> None:
    projects = [
        {"object": "organization.project", "id": f"proj_{n}", "name": "P", "status": "active"}
        for n in range(3)
    ]
    api.said["/organization/projects"] = Said(body={"data": projects, "has_more": False})
    refused = Said(500, {"error": {"message": "Sorry."}})
    api.said["/organization/projects/proj_1/rate_limits"] = refused
    async with AsyncOpenAIAdmin(KEY, base_url=api.url, max_retries=0) as client:
        found = (await client.insights.review()).not_known
    (part,) = [each for each in found if each.project_id == "proj_1"]
    assert (part.status, part.reason) == (500, "the API answered 500, “Sorry”")
