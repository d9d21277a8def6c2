"""Failures: cancelled calls, wrong messages, clients that vanish, an API that is down."""

from __future__ import annotations

import asyncio
from typing import Any

import anyio
import httpx2
import pytest
from mcp import Client
from mcp.shared.exceptions import MCPError

from openai_admin import AsyncOpenAIAdmin
from openai_admin.emulator import Emulator
from openai_admin.emulator.faults import ClockSkew, Drop, Latency, Status
from openai_admin.mcp import Connections, Danger, Settings
from tests.directory.api import Said, lacks, refusal, serving
from tests.mcp.serving import (
    LEGACY,
    MODERN,
    SEED,
    call,
    connections_to,
    failed,
    http_client,
    listening,
    stdio_client,
    texts,
)

BOTH = pytest.mark.parametrize("mode", [LEGACY, MODERN])


async def until(what: Any) -> None:
    """Wait until something holds; the test's own time limit ends what never does."""
    with anyio.fail_after(20):
        while not what():
            await asyncio.sleep(0.01)


async def works(client: Client) -> None:
    assert (await call(client, "list_users"))["data"]


@BOTH
@pytest.mark.parametrize("transport", ["http", "stdio"])
async def test_a_cancelled_call_ends_its_request(
    transport: str, mode: str, url: str, emulator: Emulator
) -> None:
    environment = {"OPENAI_ADMIN_KEY": emulator.admin_key, "OPENAI_BASE_URL": emulator.base_url}
    opened = (
        http_client(url, mode)
        if transport == "http"
        else stdio_client(mode=mode, environment=environment)
    )
    async with opened as client:
        slow = emulator.faults.add(Latency(match="projects.list", seconds=3600))
        before = emulator.connections
        calling = asyncio.create_task(client.call_tool("openai_admin_list_projects", {}))
        await until(lambda: emulator.connections == before + 1 and emulator.in_flight == 1)
        calling.cancel()
        with pytest.raises(asyncio.CancelledError):
            await calling
        await until(lambda: emulator.connections == before)
        emulator.faults.remove(slow)
        await works(client)


@BOTH
async def test_a_cancelled_change_is_logged_with_what_it_leaves_in_doubt(
    mode: str, url: str, emulator: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    async with http_client(url, mode) as client:
        emulator.faults.add(Latency(match="projects.create", seconds=3600))
        calling = asyncio.create_task(
            client.call_tool("openai_admin_create_project", {"name": "Doubtful"})
        )
        await until(lambda: emulator.in_flight == 1)
        calling.cancel()
        with pytest.raises(asyncio.CancelledError):
            await calling
        await until(lambda: "may have taken effect: look in projects.list" in caplog.text)
    assert "projects.create(name='Doubtful') was sent" in caplog.text


@pytest.mark.parametrize("answer", [b"{}", b""])
async def test_a_deletion_that_is_not_confirmed_is_not_called_one(
    answer: bytes, emulator: Emulator
) -> None:
    emulator.faults.add(Status(match="users.delete", status=200, body=answer))
    async with (
        connections_to(emulator) as connections,
        listening(connections, Settings(choice=SEED, allowed=frozenset(Danger))) as url,
        http_client(url) as client,
    ):
        result = await client.call_tool("openai_admin_delete_user", {"user_id": "user-x"})
        structured = result.structured_content
        assert structured["id"] == "user-x"
        assert structured["deleted"] is None
        assert "deleted: null" in texts(result).splitlines()
        assert "did not confirm" in texts(result)
        assert "Do not say that it was deleted" in texts(result)
        assert "Done" not in texts(result)


@BOTH
async def test_a_client_that_vanishes_takes_its_request_along(
    mode: str, url: str, emulator: Emulator
) -> None:
    slow = emulator.faults.add(Latency(match="projects.list", seconds=3600))
    async with httpx2.AsyncClient(timeout=30) as http:
        session: dict[str, str] = {}
        if mode == LEGACY:
            session = {"Mcp-Session-Id": await opened_session(http, url)}
        asking = asyncio.create_task(ask(http, url, session))
        await until(lambda: emulator.in_flight == 1)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
    if mode == MODERN:  # with a session, the client may come back for its answer
        await until(lambda: emulator.connections == 0)
    emulator.faults.remove(slow)
    async with http_client(url, mode) as client:
        await works(client)


HEADERS = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}


OLD = "2025-03-26"


async def opened_session(http: httpx2.AsyncClient, url: str, version: str = "2025-11-25") -> str:
    opening = {
        "jsonrpc": "2.0",
        "id": 0,
        "method": "initialize",
        "params": {
            "protocolVersion": version,
            "capabilities": {},
            "clientInfo": {"name": "test", "version": "1"},
        },
    }
    answer = await http.post(url, headers=HEADERS, json=opening)
    session: str = answer.headers["mcp-session-id"]
    done = {"jsonrpc": "2.0", "method": "notifications/initialized"}
    await http.post(url, headers={**HEADERS, "Mcp-Session-Id": session}, json=done)
    return session


async def ask(
    http: httpx2.AsyncClient, url: str, session: dict[str, str], params: Any = None
) -> httpx2.Response:
    asked: dict[str, Any] = {"name": "openai_admin_list_projects", "arguments": {}}
    headers = {**HEADERS, **session}
    if not session:
        asked["_meta"] = {
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {},
        }
        headers |= {
            "MCP-Protocol-Version": "2026-07-28",
            "Mcp-Method": "tools/call",
            "Mcp-Name": "openai_admin_list_projects",
        }
    asked |= params or {}
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": asked}
    return await http.post(url, headers=headers, json=body)


@BOTH
@pytest.mark.parametrize(
    "params",
    [
        {"arguments": 7},
        {"arguments": [1]},
        {"arguments": "{}"},
        {"name": 7},
        {"name": None},
        {"name": ""},
        {"_meta": 7},
    ],
)
async def test_a_malformed_call_is_refused_and_the_next_one_served(
    params: Any, mode: str, url: str
) -> None:
    async with httpx2.AsyncClient(timeout=30) as http:
        session = {"Mcp-Session-Id": await opened_session(http, url)} if mode == LEGACY else {}
        refused = await ask(http, url, session, params)
        assert '"error"' in refused.text or refused.status_code >= 400
        served = await ask(http, url, session)
        assert served.status_code == 200
        assert "structuredContent" in served.text


async def test_a_tool_that_shares_only_the_prefix_is_not_near(url: str) -> None:
    async with http_client(url) as client:
        with pytest.raises(MCPError, match=r"There is no tool 'openai_admin_nope'\.$"):
            await client.call_tool("openai_admin_nope", {})
        with pytest.raises(MCPError, match="did you mean 'openai_admin_list_users'"):
            await client.call_tool("list_users", {})


@BOTH
async def test_an_unknown_tool_is_an_error_that_names_the_nearest(mode: str, url: str) -> None:
    async with http_client(url, mode) as client:
        with pytest.raises(MCPError, match="did you mean 'openai_admin_list_users'"):
            await client.call_tool("openai_admin_list_user", {})
        await works(client)


@BOTH
@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    [
        ("list_users", {"limit": 500}, "limit must be from 1 to 100"),
        ("list_users", {"limit": "5"}, "limit must be a whole number"),
        ("list_users", {"limits": 5}, "did you mean 'limit'?"),
        ("retrieve_user", {}, "needs user_id"),
        ("retrieve_user", {"user_id": None}, "needs user_id"),
        ("retrieve_user", {"user_id": ".."}, "user_id"),
        ("retrieve_user", {"user_id": ["a"]}, "user_id"),
        ("retrieve_project_api_key", {"project_id": "p"}, "needs key_id"),
        ("upload_certificate", {"content": "nonsense"}, "content must be PEM text"),
        ("usage_costs", {"start_time": 1, "bucket_width": "1h"}, "bucket_width must be '1d'"),
        ("usage_costs", {"start_time": "yesterdya"}, "did you mean 'yesterday'?"),
        ("usage_costs", {"start_time": 1, "project_ids": []}, "project_ids must not be empty: the"),
        ("list_audit_logs", {"event_types[]": []}, "event_types must not be empty: the"),
        ("list_audit_logs", {"event_types[]": ["project.archive"]}, "project.archived"),
        ("list_audit_logs", {"effective_at": {"since": 1}}, "no bound 'since'"),
    ],
)
async def test_a_wrong_argument_is_reported_before_anything_is_sent(
    tool: str, arguments: dict[str, Any], said: str, mode: str, url: str, emulator: Emulator
) -> None:
    async with http_client(url, mode) as client:
        text = await failed(client, tool, **arguments)
    assert said in text
    assert "Nothing was sent" in text
    assert not emulator.requests


@BOTH
async def test_null_is_the_same_as_nothing(mode: str, url: str) -> None:
    async with http_client(url, mode) as client:
        assert (await call(client, "list_users", limit=None, after=None, PCID=None))["data"]


async def test_an_old_client_gets_the_whole_result_as_text(url: str) -> None:
    """Before structured results, text was all there was."""
    async with httpx2.AsyncClient(timeout=30) as http:
        new = await ask(http, url, {"Mcp-Session-Id": await opened_session(http, url)})
        old = await ask(http, url, {"Mcp-Session-Id": await opened_session(http, url, OLD)})
    for answer in (new, old):
        assert r"data: []\nhas_more: false" in answer.text


@BOTH
async def test_brackets_may_be_left_out(mode: str, url: str, emulator: Emulator) -> None:
    async with http_client(url, mode) as client:
        types = {name: ["project.created"] for name in ("event_types[]", "event_types")}
        for name, value in types.items():
            await call(client, "list_audit_logs", **{name: value})
        assert "passed twice" in await failed(client, "list_audit_logs", **types)
    assert len({request.query_string for request in emulator.requests}) == 1


@BOTH
async def test_the_api_s_word_and_what_to_try(mode: str, url: str, emulator: Emulator) -> None:
    async with http_client(url, mode) as client:
        said = await failed(client, "retrieve_project", project_id="proj_none")
        assert "404" in said
        assert "proj_none" in said
        assert "list tool" in said
        assert "Traceback" not in said


async def test_a_wait_for_the_api_s_pace_goes_on_in_the_background(emulator: Emulator) -> None:
    environment = {"OPENAI_ADMIN_KEY": emulator.admin_key, "OPENAI_BASE_URL": emulator.base_url}
    async with stdio_client("--patience", "1", mode=MODERN, environment=environment) as client:
        emulator.faults.add(Status(match="users.list", status=429, retry_after=300, times=1))
        for _ in range(2):
            told = await failed(client, "list_users")
            assert "Not done after" in told
            assert "Now: waiting 300 s before GET /organization/users: " in told
            assert "make the same call again" in told
    assert len(emulator.requests) == 1


async def test_a_pace_that_nobody_waits_for_is_told_at_once(url: str, emulator: Emulator) -> None:
    emulator.faults.add(Status(match="users.list", status=429, retry_after=3600))
    async with http_client(url, MODERN) as client:
        assert "Call again in 3600 s, or ask for less." in await failed(client, "list_users")


async def test_an_api_that_is_down_and_comes_back(emulator: Emulator) -> None:
    async with (
        connections_to(emulator, max_retries=0, timeout=5) as connections,
        listening(connections) as url,
        http_client(url) as client,
    ):
        await works(client)
        await emulator.stop()
        assert "cannot be reached" in await failed(client, "list_users")
        result = await client.list_tools()
        assert len(result.tools) == 47
        await emulator.start()


@pytest.mark.parametrize("status", [500, 503])
async def test_the_api_s_own_faults(status: int, emulator: Emulator) -> None:
    emulator.faults.add(Status(match="users.list", status=status, times=1))
    async with (
        connections_to(emulator, max_retries=0) as connections,
        listening(connections) as url,
        http_client(url) as client,
    ):
        said = await failed(client, "list_users")
        assert str(status) in said
        assert "the API's" in said
        await works(client)


@BOTH
async def test_a_creation_whose_answer_was_lost_is_looked_up(
    mode: str, url: str, emulator: Emulator
) -> None:
    emulator.faults.add(Drop(match="projects.create", times=1, after_effect=True))
    # As if the change had taken the server three seconds.
    emulator.faults.add(ClockSkew(match="projects.list", seconds=-3))
    async with http_client(url, mode) as client:
        result = await client.call_tool("openai_admin_create_project", {"name": "Once"})
        assert not result.is_error
        assert "response was lost" in texts(result)
        projects = [p for p in emulator.store.projects if p["name"] == "Once"]
        assert [p["id"] for p in projects] == [result.structured_content["id"]]


@BOTH
async def test_what_may_have_been_there_before_is_named(
    mode: str, url: str, emulator: Emulator
) -> None:
    emulator.faults.add(Drop(match="projects.create", times=1, after_effect=True))
    async with http_client(url, mode) as client:
        said = await failed(client, "create_project", name="Once")
    (project,) = [p for p in emulator.store.projects if p["name"] == "Once"]
    assert project["id"] in said
    assert "may have been there before" in said


async def test_a_creation_that_did_not_happen_is_not_claimed(url: str, emulator: Emulator) -> None:
    emulator.faults.add(Drop(match="projects.create", times=1, after_effect=False))
    async with http_client(url, MODERN) as client:
        said = await failed(client, "create_project", name="Never")
    assert "Do not repeat it" in said
    assert not [p for p in emulator.store.projects if p["name"] == "Never"]


Notifications = list[tuple[float, str]]


async def call_with_progress(client: Client, tool: str) -> Notifications:
    """The progress notifications of a call, which must succeed."""
    notifications: Notifications = []

    async def on_progress(progress: float, total: float | None, message: str | None) -> None:
        notifications.append((progress, message or ""))

    name = f"openai_admin_{tool}"
    result = await client.call_tool(name, {}, progress_callback=on_progress)
    assert not result.is_error
    return notifications


@BOTH
async def test_of_many_calls_at_once_each_reports_its_own_waits(
    mode: str, url: str, emulator: Emulator
) -> None:
    tools = {"list_users": "/users", "list_projects": "/projects", "list_invites": "/invites"}
    for tool in tools:
        operation = f"{tool.removeprefix('list_')}.list"
        emulator.faults.add(Status(match=operation, status=429, times=1, retry_after=1.0))
    reported: dict[str, list[str]] = {tool: [] for tool in tools}

    async def call_often(client: Client, tool: str) -> None:
        for _ in range(3):
            notifications = await call_with_progress(client, tool)
            reported[tool] += [message for _, message in notifications]

    async with http_client(url, mode) as client, anyio.create_task_group() as tasks:
        for tool in tools:
            tasks.start_soon(call_often, client, tool)
    for tool, path in tools.items():
        assert reported[tool]
        assert all(f"{path}: " in message for message in reported[tool])


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (
            lacks("api.management.read", status=401),
            (
                "The key itself is valid, but lacks api.management.read. The server's admin key"
                " lacks permission for this: use another tool"
            ),
        ),
        (
            refusal("No credit.", status=429, code="insufficient_quota"),
            "Waiting does not help: credit or a spend limit is used up. Do not try again",
        ),
        (
            Said(404, b"<html>"),
            (
                "the base address must be the API's, which usually ends in /v1 (GET"
                " /organization/users). The person who runs the server must check its address"
            ),
        ),
        (
            Said(200, b"<html>Sign in</html>"),
            (
                "the base address is not the API's (GET /organization/users). The person who runs"
                " the server must check its address"
            ),
        ),
    ],
)
async def test_what_no_retry_mends(said: Said, words: str) -> None:
    async with (
        serving() as api,
        AsyncOpenAIAdmin("sk-admin-canary0123456789", base_url=api.url) as admin,
        listening(Connections({"only": admin})) as url,
        http_client(url) as client,
    ):
        api.said["/organization/users"] = said
        assert words in await failed(client, "list_users")


async def test_a_name_where_an_id_belongs_is_told_how_to_find_it(
    url: str, emulator: Emulator
) -> None:
    find = (
        "takes an id (proj_…), not a name, and 'Voice' does not look like one: look for it with"
        " openai_admin_list_projects."
    )
    async with http_client(url, MODERN) as client:
        assert f"project_id {find}" in await failed(client, "retrieve_project", project_id="Voice")
        start = emulator.store.now() // 86_400 * 86_400
        nothing = await call(client, "usage_costs", start_time=start, project_ids=["Voice"])
        assert f"project_ids {find}" in nothing["notes"]
        nothing = await call(client, "usage_costs", start_time=start, project_ids=["proj_none"])
        assert "No project has the id proj_none." in nothing["notes"]
        said = await client.call_tool("openai_admin_usage_costs", {"start_time": start})
        assert "1 bucket" in texts(said)
        assert "totals.amount: [0.00 usd]" in texts(said)
