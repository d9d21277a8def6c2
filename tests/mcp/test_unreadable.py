"""What cannot be read of an answer: results say so, and the official client takes them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from mcp_types import CallToolResult, TextResourceContents

from openai_admin import AsyncOpenAIAdmin
from openai_admin.mcp import Connections, Settings, ToolSelection
from tests.mcp.serving import http_client, listening, texts
from tests.odd import KEY, OddServer, odd_server

ANSWERS = json.loads((Path(__file__).parents[1] / "data" / "answers.json").read_text("utf-8"))
DAY = 86400
ALL = Settings(choice=ToolSelection(toolsets=["all", "insight"], globs=["*"]))


@pytest_asyncio.fixture
async def server() -> AsyncIterator[OddServer]:
    """The API."""
    async with odd_server() as server:
        yield server


@pytest_asyncio.fixture
async def url(server: OddServer) -> AsyncIterator[str]:
    """The address of an MCP server with every tool."""
    async with (
        AsyncOpenAIAdmin(KEY, base_url=server.base_url) as admin,
        listening(Connections({"odd": admin}), ALL) as address,
    ):
        yield address


async def result(url: str, tool: str, **arguments: Any) -> CallToolResult:
    """The result of a call, which must succeed, as the official client takes it."""
    async with http_client(url) as client:
        await client.list_tools()  # so that it knows the schema, which it validates results with
        found = await client.call_tool(f"openai_admin_{tool}", arguments)
    assert not found.is_error, texts(found)
    return found


async def test_items_stand_apart(url: str, server: OddServer) -> None:
    server.listings["users"] = [{"id": "user-1", "name": "A"}, {"name": "<odd>"}, 5]
    found = await result(url, "list_users")
    structured: Mapping[str, Any] = found.structured_content
    assert [user["id"] for user in structured["data"]] == ["user-1"]
    assert structured["unreadable"] == {
        "count": 2,
        "parts": [
            {
                "place": "$.data[1]",
                "reason": "required field missing at id",
                "raw": {"name": "<odd>"},
            },
            {"place": "$.data[2]", "reason": "expected an object, not a number", "raw": 5},
        ],
    }
    told = texts(found)
    assert told.startswith("1 item. There are no more.\n2 items could not be read; unreadable has")
    assert r'"$.data[1]"' in told
    assert '"required field missing at id"' in told
    assert r'"\u003codd\u003e"' in told


async def test_fields_stand_apart(url: str, server: OddServer) -> None:
    odd = {"id": "user-2", "name": {"first": "B"}, "added_at": "soon", "role": "owner"}
    server.listings["users"] = ["odd", {"id": "user-1", "added_at": 5}, odd]
    found = await result(url, "list_users")
    structured: Mapping[str, Any] = found.structured_content
    first, second = structured["data"]
    assert first["added_at"] == "1970-01-01T00:00:05Z"
    assert (second["name"], second["added_at"], second["role"]) == (None, None, "owner")
    parts = structured["unreadable"]["parts"]
    assert sorted((p["place"], p.get("id"), p["raw"]) for p in parts) == [
        ("$.data[0]", None, "odd"),
        ("$.data[2].added_at", "user-2", "soon"),
        ("$.data[2].name", "user-2", {"first": "B"}),
    ]
    assert "1 item and 2 fields could not be read" in texts(found)


async def test_a_single_thing_too(url: str, server: OddServer) -> None:
    server.things["users/user-1"] = {"id": "user-1", "added_at": ["soon"]}
    found = await result(url, "retrieve_user", user_id="user-1")
    structured: Mapping[str, Any] = found.structured_content
    assert structured["added_at"] is None
    (part,) = structured["unreadable"]["parts"]
    assert (part["place"], part["raw"]) == ("$.added_at", ["soon"])
    assert '"$.added_at"' in texts(found)
    assert "1 field could not be read" in texts(found)


@pytest.mark.parametrize("listing", ["users", "admin_api_keys"])
async def test_a_page_says_how_to_go_on_wherever_an_id_is(
    url: str, server: OddServer, listing: str
) -> None:
    server.more, tool = {listing}, f"list_{listing}"
    server.listings[listing] = [{"id": "a"}, {"id": "b"}, {"name": "odd"}, 5]
    found = await result(url, tool)
    assert found.structured_content["last_id"] == "b"
    assert "go on with after set to last_id" in texts(found)
    server.listings[listing] = [{"name": "odd"}]
    found = await result(url, tool)
    assert (found.structured_content["data"], found.structured_content["has_more"]) == ([], True)
    assert "last_id" not in found.structured_content
    assert "the API has not said how to go on" in texts(found)


async def test_many_are_counted_and_the_first_are_shown(url: str, server: OddServer) -> None:
    server.listings["users"] = [{"text": "x" * 300} for _ in range(60)]
    found = await result(url, "list_users")
    unreadable = found.structured_content["unreadable"]
    assert unreadable["count"] == 60
    shown = len(unreadable["parts"])
    assert 5 < shown < 60
    told = f"60 items could not be read; unreadable has the first {shown} as they came."
    assert told in texts(found)
    assert told in found.structured_content["notes"]


async def test_counts_of_usage(url: str, server: OddServer) -> None:
    server.rows = lambda endpoint, start: [{"input_tokens": "many", "output_tokens": 3}, "odd"]
    found = await result(url, "usage_completions", start_time=0, end_time=DAY)
    structured: Mapping[str, Any] = found.structured_content
    assert structured["data"][0]["results"] == [{"output_tokens": 3}]
    assert structured["totals"] == {"output_tokens": 3}
    assert [part["raw"] for part in structured["unreadable"]["parts"]] == ["many", "odd"]
    assert "1 item and 1 field could not be read" in texts(found)


@pytest.mark.parametrize("number", range(len(ANSWERS["listings"])))
async def test_listings_as_they_have_come(url: str, server: OddServer, number: int) -> None:
    listing = ANSWERS["listings"][number]
    tool = {
        "users.list": "list_users",
        "invites.list": "list_invites",
        "projects.users.list": "list_project_users",
        "projects.api_keys.list": "list_project_api_keys",
        "admin_api_keys.list": "list_admin_api_keys",
    }[listing["operation"]]
    in_project = listing["operation"].startswith("projects.")
    path = listing["operation"].removesuffix(".list").replace("projects.", "projects/proj_a/")
    server.listings[path] = listing["data"]
    arguments = {"project_id": "proj_a"} if in_project else {}
    found = await result(url, tool, **arguments)
    assert len(found.structured_content["data"]) == len(listing["data"])


async def test_events_as_they_have_come(url: str, server: OddServer) -> None:
    server.listings["audit_logs"] = ANSWERS["audit_events"]
    found = await result(url, "list_audit_logs")
    listed = [event["id"] for event in found.structured_content["data"]]
    assert listed == [event["id"] for event in ANSWERS["audit_events"]]


COSTS = ["insight_spend", "insight_movers", "insight_projection", "insight_anomalies"]


@pytest.mark.parametrize("tool", COSTS)
async def test_answers_about_money_say_it(url: str, server: OddServer, tool: str) -> None:
    server.rows = lambda endpoint, start: [{"amount": {"value": [], "currency": "usd"}}]
    server.buckets = lambda endpoint, buckets: buckets[:1] if endpoint == "costs" else buckets
    found = await result(url, tool)
    (told,) = (n for n in found.structured_content["not_known"] if "could not be read." in n)
    assert told.endswith("of the costs could not be read.")
    assert told in texts(found)


@pytest.mark.parametrize(
    ("tool", "listing", "told"),
    [
        ("insight_stale_keys", "admin_api_keys", "1 admin key"),
        ("insight_stale_keys", "projects/proj_1/api_keys", "1 key of a project"),
        ("insight_access_review", "users", "1 person"),
        ("insight_access_review", "invites", "1 invite"),
        ("insight_review", "admin_api_keys", "1 admin key"),
    ],
)
async def test_findings_say_it(
    url: str, server: OddServer, tool: str, listing: str, told: str
) -> None:
    server.listings["projects"] = [{"id": "proj_1"}]
    server.listings[listing] = ["odd"]
    found = await result(url, tool)
    assert f"{told} could not be read." in found.structured_content["not_known"]
    text = texts(found)
    assert f"{told} could not be read." in text
    assert "As far as could be read: " in text


async def test_resources_keep_it(url: str, server: OddServer) -> None:
    server.listings["users"] = [{"id": "user-1"}, "odd"]
    server.rows = lambda endpoint, start: [5]
    async with http_client(url) as client:
        people = await client.read_resource("openai-admin://odd/people")
        spend = await client.read_resource("openai-admin://odd/spend/month")
    (text,) = people.contents
    assert isinstance(text, TextResourceContents)
    content = json.loads(text.text)
    assert [user["id"] for user in content["data"]] == ["user-1"]
    assert content["unreadable"] == ["odd"]
    (text,) = spend.contents
    assert isinstance(text, TextResourceContents)
    assert json.loads(text.text)["could_not_be_read"] > 0
