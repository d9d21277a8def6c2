"""What a key reaches, on both clients, from servers that answer as the API has been seen to."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from openai_admin import AsyncOpenAIAdmin, KeyCheck, OpenAIAdmin
from openai_admin.directory.check import belongs
from openai_admin.emulator import Emulator
from openai_admin.errors import AuthenticationError

from .api import API, CUTS, EMPTY_PAGE, HANGS, Said, lacks, refusal

KEY = "sk-admin-canary0123456789abcdWXYZ"
PROJECT = {"object": "organization.project", "id": "proj_1", "name": "One", "status": "active"}
PROJECTS = Said(body={**EMPTY_PAGE, "data": [PROJECT]})
PATHS = {
    "projects": "/organization/projects",
    "users": "/organization/users",
    "invites": "/organization/invites",
    "admin keys": "/organization/admin_api_keys",
    "groups": "/organization/groups",
    "roles": "/organization/roles",
    "spend alerts": "/organization/spend_alerts",
    "data retention": "/organization/data_retention",
    "external storage": "/organization/external_storage",
    "certificates": "/organization/certificates",
    "audit log": "/organization/audit_logs",
    "usage": "/organization/usage/completions",
    "costs": "/organization/costs",
    "rate limits": "/organization/projects/proj_1/rate_limits",
}


async def _async(url: str, key: str, **settings: Any) -> KeyCheck:
    async with AsyncOpenAIAdmin(key, base_url=url, **settings) as client:
        return await client.check()


async def _blocking(url: str, key: str, **settings: Any) -> KeyCheck:
    def check() -> KeyCheck:
        with OpenAIAdmin(key, base_url=url, **settings) as client:
            return client.check()

    return await asyncio.to_thread(check)


@pytest.fixture(params=[_async, _blocking], ids=["async", "blocking"])
def check(request: pytest.FixtureRequest) -> Any:
    """The check of each client."""
    return request.param


async def test_a_key_that_may_read_everything(check: Any, demo: Emulator) -> None:
    found = await check(demo.base_url, demo.admin_key)
    assert [part.name for part in found.of("known")] == list(PATHS)
    assert found.of("refused") == found.of("not known") == []
    assert found.organization == demo.store.organization["id"]
    assert found.organization_name is None
    assert found.address == demo.base_url
    assert found.clock_difference is not None
    assert len(demo.requests) == len(PATHS)


@pytest.mark.parametrize(
    ("scope", "parts"),
    [
        ("api.usage.read", {"usage", "costs"}),
        ("api.audit_logs.read", {"audit log"}),
        ("api.mtls.read", {"certificates"}),
        ("api.management.read", set(PATHS) - {"usage", "costs", "audit log", "certificates"}),
    ],
)
async def test_a_key_of_one_scope(check: Any, demo: Emulator, scope: str, parts: set[str]) -> None:
    found = await check(demo.base_url, demo.add_key(scopes=[scope]))
    assert {part.name for part in found.of("known")} == parts
    assert found.of("not known") == []
    assert all(part.missing_scopes for part in found.of("refused"))
    assert found.organization == demo.store.organization["id"]


async def test_each_part_costs_one_request_and_fails_alone(check: Any, api: API) -> None:
    said = {
        "projects": PROJECTS,
        "users": lacks("api.management.read", status=401),
        "invites": Said(403, {"error": "Missing scopes: api.management.read"}),
        "admin keys": Said(403, {"error": "no"}),
        "groups": Said(500, {"error": {"message": "Sorry"}}),
        "roles": CUTS,
        "spend alerts": HANGS,
        "data retention": Said(body={"type": "zero_data_retention"}),
        "external storage": refusal("External storage is not enabled.", status=404),
        "certificates": Said(403, b"<html>Blocked</html>"),
        "audit log": refusal("Audit logging is not activated.", status=400),
        "usage": Said(429, {"error": {"message": "Slow down"}}),
        "costs": Said(200, b"<html>Sign in</html>"),
        "rate limits": Said(body={**EMPTY_PAGE, "data": [{"odd": 1}]}),
    }
    api.said = {PATHS[name]: answer for name, answer in said.items()}
    found = await check(api.url, KEY, timeout=5)
    assert {part.name for part in found.of("known")} == {
        "projects",
        "data retention",
        "rate limits",
    }
    refused = {part.name: part for part in found.of("refused")}
    assert {name: part.reason for name, part in refused.items() if not part.missing_scopes} == {
        "admin keys": "no",
        "external storage": "External storage is not enabled.",
        "audit log": "Audit logging is not activated.",
    }
    assert refused["users"].missing_scopes == ("api.management.read",)
    assert refused["invites"].missing_scopes == ("api.management.read",)
    unknown = {part.name: part.reason or "" for part in found.of("not known")}
    assert unknown.pop("groups") == "Sorry"
    assert unknown.pop("usage") == "Slow down"
    assert unknown.pop("roles").startswith("The connection was lost")
    assert unknown.pop("spend alerts").startswith("No response came in time")
    assert unknown.pop("certificates").startswith("The answer is a web page")
    assert "is a web page, not JSON" in unknown.pop("costs")
    assert unknown == {}
    assert api.asked == dict.fromkeys(PATHS.values(), 1)


async def test_no_project_to_look_at(check: Any, api: API) -> None:
    found = await check(api.url, KEY)
    assert [part.name for part in found.of("not known")] == ["rate limits"]


async def test_a_wrong_key(check: Any, api: API) -> None:
    api.otherwise = refusal("Incorrect API key provided.", status=401, code="invalid_api_key")
    with pytest.raises(AuthenticationError, match="Incorrect API key"):
        await check(api.url, KEY)


async def test_one_401_says_nothing_against_the_key(check: Any, api: API) -> None:
    api.said = {
        PATHS["projects"]: Said(401, {"error": "Not for you"}),
        PATHS["users"]: lacks("api.management.read"),
    }
    found = await check(api.url, KEY)
    assert [part.name for part in found.of("refused")] == ["projects", "users", "rate limits"]


async def test_a_key_that_lacks_every_scope_is_no_wrong_key(check: Any, api: API) -> None:
    api.otherwise = Said(401, {"error": "Not for you"})
    api.said = {PATHS["costs"]: lacks("api.usage.read", status=401)}
    found = await check(api.url, KEY)
    assert len(found.of("refused")) == len(PATHS)


async def test_the_organization_by_cost_rows(check: Any, api: API) -> None:
    row = {"amount": {"value": "1", "currency": "usd"}, "organization_id": "org-rows"}
    bucket = {"start_time": 0, "end_time": 86400, "results": [row]}
    api.said = {PATHS["costs"]: Said(body={**EMPTY_PAGE, "data": [bucket]})}
    found = await check(api.url, KEY)
    assert (found.organization, found.organization_name) == ("org-rows", None)
    api.headers = {"OpenAI-Organization": "acme-inc"}
    found = await check(api.url, KEY)
    assert (found.organization, found.organization_name) == ("org-rows", "acme-inc")
    api.headers = {"OpenAI-Organization": "org-header"}
    found = await check(api.url, KEY)
    assert (found.organization, found.organization_name) == ("org-header", None)
    assert (found.is_of("org-header"), found.is_of("org-rows")) == (True, False)


async def test_an_organization_that_nothing_tells(check: Any, api: API) -> None:
    found = await check(api.url, KEY)
    assert (found.organization, found.organization_name) == (None, None)
    assert found.is_of("org-any") is None


@pytest.mark.parametrize(
    ("expected", "id", "name", "so"),
    [
        ("org-1", "org-1", None, True),
        ("org-1", "org-2", None, False),
        ("org-1", None, "acme", None),
        ("org-1", None, None, None),
        ("acme", None, "acme", True),
        ("acme", "org-1", "acme", True),
        ("acme", None, "other", False),
        ("acme", "org-1", None, None),
    ],
)
def test_whether_it_is_the_expected_one(
    expected: str, id: str | None, name: str | None, so: bool | None
) -> None:
    assert belongs(expected, id, name) is so


async def test_the_difference_of_the_clocks(check: Any, api: API) -> None:
    ahead = datetime.now(UTC) + timedelta(days=6)
    api.headers = {"Date": format_datetime(ahead, usegmt=True)}
    found = await check(api.url, KEY)
    assert abs(timedelta(seconds=found.clock_difference) - timedelta(days=6)) < timedelta(hours=1)


async def test_a_server_that_does_not_tell_the_time(check: Any, api: API) -> None:
    api.headers = {"Date": "soon"}
    assert (await check(api.url, KEY)).clock_difference is None
