"""Tasks of an assistant that sees one half of each result: owners, a limit, certificates.

What is right comes from the emulator's own records, never from what the tools compute.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pytest_asyncio import fixture

from openai_admin import AsyncOpenAIAdmin
from openai_admin.emulator import Emulator
from openai_admin.mcp import Settings, ToolSelection
from tests.mcp.readers import HALVES, Half, Reader
from tests.mcp.serving import connections_to, http_client, listening

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.parametrize("half", HALVES)]

DAYS = 90
"""Days without a sign of activity, as the task says."""


@fixture(loop_scope="module", scope="module")
async def shared() -> AsyncIterator[tuple[Emulator, str]]:
    settings = Settings(choice=ToolSelection(toolsets=["assistant"]))
    async with (
        Emulator() as emulator,
        connections_to(emulator) as connections,
        listening(connections, settings) as url,
    ):
        yield emulator, url


def day(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()


async def test_inactive_owners(half: Half, shared: tuple[Emulator, str]) -> None:
    """“Which owners of our organization have not been active for three months?”"""
    emulator, url = shared
    async with http_client(url) as client:
        reader = Reader(client, half)
        await reader.ask("access_review", days=DAYS)
    assert reader.has_fitted()
    store, limit = emulator.store, datetime.now(UTC) - timedelta(days=DAYS)
    inactive = 0
    for owner in (user for user in store.users if user["role"] == "owner"):
        signs = [owner["added_at"], owner["api_key_last_used_at"] or 0]
        signs += [
            key["last_used_at"] or 0
            for key in store.admin_api_keys
            if key["owner"]["id"] == owner["id"]
        ]
        signs += [
            event["effective_at"]
            for event in store.audit_logs
            if owner["id"] in str(event["actor"])
        ]
        last = max(signs)
        is_inactive = last < limit.timestamp()
        inactive += is_inactive
        assert reader.sees(owner["id"], owner["name"], owner["email"])
        days = (datetime.now(UTC) - datetime.fromtimestamp(last, UTC)).days
        said = reader.sees(owner["name"], owner["email"], day(last), days)
        assert said is is_inactive, owner["name"]
    assert inactive == 1
    assert reader.sees("1 owner without a sign of activity for more than 90 days")


async def test_why_a_project_is_rate_limited(half: Half, shared: tuple[Emulator, str]) -> None:
    """“Mobile App gets 429s. Why, and what can we do?”"""
    emulator, url = shared
    expected = emulator.expected_findings
    assert expected is not None
    project_id, model = expected.near_limit
    async with http_client(url) as client:
        reader = Reader(client, half)
        await reader.ask("rate_limits", project="Mobile App")
    assert reader.has_fitted()
    (project,) = (p for p in emulator.store.projects if p["id"] == project_id)
    assert project["name"] == "Mobile App"
    (limit,) = (
        each["max_requests_per_1_minute"]
        for each in emulator.store.project_rate_limits[project_id]
        if each["model"] == model
    )
    peak, at = await busiest_minute(emulator, project_id, model)
    used = round(100 * peak / limit, 1)
    assert reader.sees(model, peak, limit, "requests a minute", limit - peak, at)
    assert reader.sees(model, used, "near")
    assert reader.count("near", "requests a minute", limit) == 1
    assert reader.sees("Raise the project's rate limit for the model")
    cents = emulator.store.settings["spend_limit",]["threshold_amount"]
    spend_limit = f"{cents // 100}.{cents % 100:02}"
    assert reader.sees("the organization", spend_limit, "clear")  # so that is not why


async def busiest_minute(emulator: Emulator, project_id: str, model: str) -> tuple[int, str]:
    """The most requests in a minute of the last week, by the API's own buckets, and when."""
    best = (0, "")
    start = datetime.now(UTC) - timedelta(days=7)
    async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as admin:
        query: dict[str, Any] = {
            "start_time": int(start.timestamp()),
            "bucket_width": "1m",
            "limit": 1440,
            "project_ids": [project_id],
            "models": [model],
        }
        while True:
            page = await admin.request("GET", "/organization/usage/completions", query=query)
            for bucket in page["data"]:
                number = sum(row["num_model_requests"] for row in bucket["results"])
                moment = datetime.fromtimestamp(bucket["start_time"], UTC)
                best = max(best, (number, f"{moment:%Y-%m-%dT%H:%M:00Z}"))
            if not page["has_more"]:
                return best
            query["page"] = page["next_page"]


async def test_which_certificates_end_soon(half: Half, shared: tuple[Emulator, str]) -> None:
    """“Which certificates end in the next 30 days, and where are they in use?”"""
    emulator, url = shared
    async with http_client(url) as client:
        reader = Reader(client, half)
        await reader.ask("certificates", days=30)
    assert reader.has_fitted()
    store, now = emulator.store, datetime.now(UTC)
    names = {project["id"]: project["name"] for project in store.projects}
    soon = 0
    for certificate in store.certificates:
        id, name = certificate["id"], certificate["name"]
        end = datetime.fromtimestamp(certificate["certificate_details"]["expires_at"], UTC)
        left = end - now
        state = "ended" if left < timedelta() else "valid"
        state = "ends soon" if timedelta() < left < timedelta(days=30) else state
        soon += state == "ends soon"
        assert reader.sees(id, name, f"{end:%Y-%m-%dT%H:%M:%SZ}", left.days, state)
        places = [
            names[project_id]
            for project_id, listed in store.project_certificates.items()
            for each in listed
            if each["id"] == id
        ]
        places += ["the organization"] if certificate["_active"] else []
        for place in places:
            assert reader.sees(id, place)
    assert soon == 1
    assert reader.count("ends soon") == 1
    assert reader.sees("1 certificate", "api-gateway", "active in the organization")
