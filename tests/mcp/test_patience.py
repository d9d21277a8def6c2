"""Calls that take longer than an assistant waits: what they say, and how to get at the answer."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import attrs
import httpx2
import pytest
from aiohttp import web
from mcp import Client
from mcp.shared.exceptions import MCPError
from mcp_types import (
    LoggingMessageNotificationParams,
)

from openai_admin import AsyncOpenAIAdmin
from openai_admin.emulator import Emulator
from openai_admin.emulator.faults import Status
from openai_admin.emulator.faults.fault import Exchange, Fault
from openai_admin.errors import ConfigurationError
from openai_admin.mcp import Danger, Settings, ToolSelection, build_server
from openai_admin.mcp.caller import Caller
from openai_admin.mcp.calls import owner_of
from openai_admin.mcp.insight import insight_tools
from openai_admin.mcp.operations import all_tools
from openai_admin.mcp.patience import KEPT, MOST, Work, Works
from openai_admin.mcp.progress import Progress, offer, reporting, say
from openai_admin.mcp.tool import Answer
from openai_admin.mcp.unfinished import unfinished
from tests.mcp.serving import (
    LEGACY,
    MODERN,
    call,
    connections_to,
    failed,
    http_client,
    listening,
    texts,
)
from tests.mcp.test_failures import HEADERS, opened_session

BOTH = pytest.mark.parametrize("mode", [LEGACY, MODERN])
PATIENCE = 0.3
KEYS = "projects.api_keys.list"
STALE = "insight_stale_keys"


@attrs.frozen(kw_only=True)
class Held(Fault):
    """Carried out, but not answered before the gate is opened."""

    gate: asyncio.Event = attrs.field(factory=asyncio.Event)

    async def apply(self, exchange: Exchange) -> web.Response:
        answer = await exchange.run()
        await self.gate.wait()
        return answer


@asynccontextmanager
async def impatient(*emulators: Emulator, patience: float = PATIENCE) -> AsyncIterator[str]:
    globs = ["list_*", "create_*", "insight_*"]
    choice = ToolSelection(toolsets=["all", "insight"], globs=globs)
    settings = Settings(choice=choice, allowed=frozenset(Danger), patience=patience)
    async with (
        connections_to(*emulators, max_retries=0) as connections,
        listening(connections, settings) as url,
    ):
        yield url


async def until(what: Any) -> None:
    with anyio.fail_after(20):
        while not what():
            await asyncio.sleep(0.01)


def sent(emulator: Emulator, operation: str) -> int:
    return [request.operation for request in emulator.requests].count(operation)


# --- reads ------------------------------------------------------------------------------------


@BOTH
async def test_a_slow_read_is_answered_in_time_and_fetched_by_the_same_call(
    mode: str, emulator: Emulator
) -> None:
    slow = Held(match="projects.list")
    emulator.faults.add(slow)
    async with impatient(emulator) as url, http_client(url, mode) as client:
        told = await failed(client, "list_projects", limit=7)
        assert "Not done after" in told
        assert "make the same call again, within 10 minutes" in told
        assert "continue" not in told
        slow.gate.set()
        await until(lambda: emulator.in_flight == 0)
        await works(client)
        answer = await call(client, "list_projects", limit=7)
        assert "data" in answer
        assert "This came of the same call " in answer["notes"][0]
        assert sent(emulator, "projects.list") == 1
        answer = await call(client, "list_projects", limit=7)  # which is a call of its own
        assert "This came of" not in str(answer)
    assert sent(emulator, "projects.list") == 2


@BOTH
async def test_a_question_tells_how_far_it_is_and_goes_on(mode: str, emulator: Emulator) -> None:
    slow = Held(match=KEYS)
    async with (
        AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as admin,
        impatient(emulator) as url,
        http_client(url, mode) as client,
    ):
        await admin.projects.create(name="Only")
        emulator.faults.add(slow)
        told = await failed(client, STALE)
        assert "projects.list 1" in told
        assert "Now: " in told
        (id,) = re.findall(
            r'call openai_admin_insight_stale_keys again with continue: "(.*?)"', told
        )

        wrong = await failed(client, STALE, **{"continue": "elsewhere"})
        assert "There is nothing to continue under 'elsewhere'" in wrong
        assert "nothing to continue" in await failed(client, "insight_spend", **{"continue": id})
        assert "has no parameter" in await failed(client, "list_users", **{"continue": id})

        assert "Not done after" in await failed(client, STALE, **{"continue": id})
        slow.gate.set()
        answer = await call(client, STALE, **{"continue": id})
        assert "not_known" in answer
        assert await call(client, STALE, **{"continue": id}) == answer
        assert sent(emulator, KEYS) == 1


async def test_continue_is_listed_for_questions_alone(emulator: Emulator) -> None:
    async with impatient(emulator) as url, http_client(url) as client:
        tools = (await client.list_tools()).tools
    takes = {tool.name for tool in tools if "continue" in tool.input_schema["properties"]}
    assert takes >= {tool.name for tool in tools if "_insight_" in tool.name}
    assert not takes & {tool.name for tool in all_tools()}


async def test_another_profile_does_not_get_it(emulator: Emulator) -> None:
    slow = Held(match="projects.list")
    async with Emulator(state="empty") as other, impatient(emulator, other) as url:
        emulator.faults.add(slow)
        async with http_client(url) as client:
            told = await failed(client, STALE, PCID="demo")
            id = told.split('continue: "')[1].split('"')[0]
            refused = await failed(client, STALE, PCID="demo2", **{"continue": id})
            assert "nothing to continue" in refused
            slow.gate.set()
            await call(client, STALE, PCID="demo", **{"continue": id})


async def test_another_key_is_another_owner() -> None:
    def owner(key: str, name: str = "one", port: int = 9, who: str = "") -> object:
        client = AsyncOpenAIAdmin(key, base_url=f"http://127.0.0.1:{port}/v1")
        return owner_of(name, client, Caller(identity=who))

    first, second = "sk-admin-first0123456789", "sk-admin-second0123456789"
    owners = {owner(first), owner(second), owner(first, "two"), owner(first, port=10)}
    owners.add(owner(first, who="somebody"))
    assert len(owners) == 5
    assert owner(first) in owners
    assert "first0123456789" not in repr(owners)


async def test_an_error_is_delivered_too(emulator: Emulator) -> None:
    slow = Held(match="users.list")
    emulator.faults.add(slow)
    emulator.faults.add(Status(match="users.list", status=403))
    async with impatient(emulator) as url, http_client(url) as client:
        assert "Not done after" in await failed(client, "list_users")
        slow.gate.set()
        assert "403" in await failed(client, "list_users")
    assert sent(emulator, "users.list") == 1


@BOTH
async def test_who_gives_up_does_not_take_it_from_others(mode: str, emulator: Emulator) -> None:
    slow = Held(match="projects.list")
    emulator.faults.add(slow)
    async with impatient(emulator, patience=20) as url, http_client(url, mode) as client:
        first, second = (
            asyncio.create_task(client.call_tool("openai_admin_list_projects", {}))
            for _ in range(2)
        )
        await until(lambda: emulator.in_flight == 1)
        await works(client)  # so that the second has joined the first
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        await works(client)
        slow.gate.set()
        assert not (await second).is_error
    assert sent(emulator, "projects.list") == 1


async def works(client: Client) -> None:
    assert (await call(client, "list_invites"))["data"] == []


# --- changes ----------------------------------------------------------------------------------


@BOTH
async def test_a_change_that_runs_is_joined_and_never_sent_twice(
    mode: str, emulator: Emulator
) -> None:
    slow = Held(match="projects.create")
    emulator.faults.add(slow)
    async with impatient(emulator) as url, http_client(url, mode) as client:
        told = await failed(client, "create_project", name="Once")
        assert "nothing is sent a second time" in told
        assert "Not done after" in await failed(client, "create_project", name="Once")
        slow.gate.set()
        project = await call(client, "create_project", name="Once")
    assert [p["id"] for p in emulator.store.projects if p["name"] == "Once"] == [project["id"]]


@BOTH
@pytest.mark.parametrize("how", ["waits", "cancels", "vanishes"])
async def test_a_created_secret_waits_for_who_asks_again(
    how: str, mode: str, emulator: Emulator
) -> None:
    slow = Held(match="admin_api_keys.create")
    emulator.faults.add(slow)
    name, arguments = "openai_admin_create_admin_api_key", {"name": "Late"}
    async with impatient(emulator, patience=PATIENCE if how == "waits" else 20) as url:
        async with http_client(url, mode) as client:
            calling = asyncio.create_task(client.call_tool(name, arguments))
            await until(lambda: emulator.in_flight == 1)
            if how == "waits":
                assert (await calling).is_error
            elif how == "cancels":
                calling.cancel()
                await asyncio.gather(calling, return_exceptions=True)
                await works(client)
        if how == "vanishes":
            await asyncio.gather(calling, return_exceptions=True)
        async with http_client(url, mode) as client:
            again = asyncio.create_task(client.call_tool(name, arguments))
            slow.gate.set()
            result = await again
            assert not result.is_error, texts(result)
            assert result.structured_content is not None
            secret = result.structured_content["secret"]
            assert secret in texts(result)
            assert secret not in str(await call(client, "create_admin_api_key", **arguments))
    made = [key for key in emulator.store.admin_api_keys if key["name"] == "Late"]
    assert len(made) == 2


async def test_a_change_that_is_cancelled_before_it_was_sent_is_not_sent(
    emulator: Emulator,
) -> None:
    emulator.faults.add(Status(match="projects.create", status=429, retry_after=1, times=1))
    async with impatient(emulator, patience=20) as url, http_client(url) as client:
        arguments = {"name": "Regretted"}
        calling = asyncio.create_task(client.call_tool("openai_admin_create_project", arguments))
        await until(lambda: sent(emulator, "projects.create") == 1)
        calling.cancel()
        await asyncio.gather(calling, return_exceptions=True)
        await works(client)
        await call(client, "create_project", name="Wanted")  # which waits for the same pace
    assert not [p for p in emulator.store.projects if p["name"] == "Regretted"]


async def test_a_secret_does_not_go_to_a_client_that_has_vanished(emulator: Emulator) -> None:
    """One with a session might come back for its answer, so the call goes on; it never does."""
    slow = Held(match="admin_api_keys.create")
    emulator.faults.add(slow)
    name, arguments = "openai_admin_create_admin_api_key", {"name": "Late"}
    params = {"name": name, "arguments": arguments}
    asked = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    async with impatient(emulator, patience=20) as url:
        async with httpx2.AsyncClient(timeout=30) as http:
            session = {"Mcp-Session-Id": await opened_session(http, url)}
            asking = asyncio.create_task(http.post(url, json=asked, headers=HEADERS | session))
            await until(lambda: emulator.in_flight == 1)
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)
        async with http_client(url) as client:
            await works(client)
            slow.gate.set()
            await until(lambda: emulator.in_flight == 0)
            await works(client)
            assert (await call(client, "create_admin_api_key", **arguments))["secret"]
    assert len([key for key in emulator.store.admin_api_keys if key["name"] == "Late"]) == 1


# --- its bounds --------------------------------------------------------------------------------


@pytest.mark.parametrize("patience", [0, -1, 601, float("nan"), float("inf")])
async def test_a_patience_out_of_range_is_refused(patience: float, emulator: Emulator) -> None:
    async with connections_to(emulator) as connections:
        with pytest.raises(ConfigurationError, match="more than 0 and at most 600 seconds"):
            build_server(connections, Settings(patience=patience))


async def test_a_resource_is_bounded_too(emulator: Emulator) -> None:
    emulator.faults.add(Held(match="projects.list"))
    async with impatient(emulator) as url, http_client(url) as client:
        with pytest.raises(MCPError, match=r"was not read within 0\.3 s: ask with a tool"):
            await client.read_resource("openai-admin://demo/projects")


# --- what is kept, and for how long -----------------------------------------------------------


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@asynccontextmanager
async def keeper(size: int = 0) -> AsyncIterator[tuple[Works, Clock]]:
    clock = Clock()
    works = Works(clock=clock, size_of=lambda result: size)
    async with works.running():
        yield works, clock


async def at_once() -> str:
    return "found"


async def test_a_result_is_kept_for_ten_minutes_after_it_was_last_asked_for() -> None:
    async with keeper() as (works, clock):
        work = works.begin("owner", ("tool", "arguments"), at_once)
        await work.ended.wait()
        clock.now += KEPT
        assert works.find("owner", ("tool", "arguments")) is work
        assert await works.wait(work, 0)
        clock.now += KEPT
        assert works.named("owner", "tool", work.id) is work
        assert works.named("other", "tool", work.id) is None
        clock.now += 1
        assert works.named("owner", "tool", work.id) is None
        assert works.find("owner", ("tool", "arguments")) is None


@pytest.mark.parametrize("changes", [False, True])
async def test_a_read_that_nobody_asks_for_ends_and_a_change_goes_on(changes: bool) -> None:
    async with keeper() as (works, clock):
        work = works.begin("owner", ("tool",), anyio.sleep_forever, changes=changes)
        assert not await works.wait(work, 0)
        clock.now += KEPT + 1
        works.sweep()
        assert work.scope.cancel_called is not changes
        assert (works.find("owner", ("tool",)) is work) is changes


async def test_a_secret_that_nobody_fetched_is_told_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with keeper() as (works, clock):
        fetched = works.begin("owner", ("one",), at_once, changes=True, gives_secret=True)
        lost = works.begin("owner", ("two",), at_once, changes=True, gives_secret=True)
        for work in (fetched, lost):
            await work.ended.wait()
        works.delivered(fetched)
        clock.now += KEPT + 1
        works.sweep()
    (record,) = [r for r in caplog.records if r.levelno == logging.WARNING]
    assert "Nobody came for the result of two, and a secret that it has is lost" in record.message
    assert "found" not in caplog.text


@pytest.mark.parametrize(("size", "left"), [(0, MOST), (1024 * 1024, 16)])
async def test_what_is_kept_is_bounded(size: int, left: int) -> None:
    async with keeper(size) as (works, clock):
        secret = works.begin("owner", ("secret",), at_once, changes=True, gives_secret=True)
        begun: list[Work] = []
        for number in range(2 * MOST):
            clock.now += 1
            begun.append(works.begin("owner", ("tool", str(number)), at_once))
            await begun[-1].ended.wait()
        kept = [work for work in begun if works.named("owner", "tool", work.id)]
        assert kept == begun[-left + 1 :]
        assert works.named("owner", "secret", secret.id) is secret


async def test_the_end_of_the_server_is_the_end_of_its_work() -> None:
    async with keeper() as (works, _):
        work = works.begin("owner", ("tool",), anyio.sleep_forever, changes=True)
        assert not await works.wait(work, 0)
    assert work.scope.cancel_called
    assert not work.has_ended


# --- what has come so far ---------------------------------------------------------------------


async def test_what_was_offered_is_given_as_incomplete() -> None:
    async def question() -> None:
        say("fetched the keys of 120 of 400 projects")
        offer(Answer({"keys": ["key_1"]}, "1 stale key."))
        await anyio.sleep_forever()

    tool = insight_tools()[0]
    async with keeper() as (works, clock):
        work = works.begin("owner", (tool.name,), question)
        await until(lambda: work.progress.offered)
        clock.now += 50
        result = unfinished(tool, work, works.age(work))
    assert not result.is_error
    assert result.structured_content is not None
    assert result.structured_content["keys"] == ["key_1"]
    note = result.structured_content["notes"][0]
    assert "Incomplete: this is what is known after 50 s" in note
    assert "fetched the keys of 120 of 400 projects" in note
    assert f'continue: "{work.id}"' in note
    assert note in texts(result)


# --- how it is told meanwhile -----------------------------------------------------------------


async def test_progress_is_told_at_most_once_in_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("openai_admin.mcp.progress.AT_MOST_EVERY", 3600)
    told: list[str] = []

    async def report(seconds: float, message: str) -> None:
        told.append(message)

    progress = Progress()

    async def work() -> str:
        for number in range(100):
            progress.say(f"{number} of 100")
            await asyncio.sleep(0)
        return "found"

    assert await reporting(work, progress, report) == "found"
    assert len(told) == 1


@pytest.mark.parametrize(
    ("mode", "level", "heard"),
    [
        (LEGACY, None, True),
        (LEGACY, "debug", True),
        (LEGACY, "warning", False),
        (MODERN, None, False),
        (MODERN, "info", True),
        (MODERN, "error", False),
    ],
)
async def test_without_a_token_it_is_told_as_log(
    mode: str, level: Any, heard: bool, emulator: Emulator
) -> None:
    slow = Held(match="projects.list")
    emulator.faults.add(slow)
    logged: list[LoggingMessageNotificationParams] = []

    async def hear(params: LoggingMessageNotificationParams) -> None:
        logged.append(params)

    options: dict[str, Any] = {"logging_callback": hear}
    if mode == MODERN:
        options["log_level"] = level
    async with impatient(emulator) as url, http_client(url, mode, **options) as client:
        if mode == LEGACY:
            assert client.server_capabilities.logging is not None
        if mode == LEGACY and level is not None:
            with pytest.warns(UserWarning, match="deprecated"):
                await client.set_logging_level(level)
        await failed(client, STALE)
        slow.gate.set()
    assert bool(logged) is heard
    for each in logged:
        assert (each.level, each.logger) == ("info", "openai-admin")
    assert heard is any("fetching projects" in str(each.data) for each in logged)


async def test_with_a_token_it_is_not_told_twice(emulator: Emulator) -> None:
    emulator.faults.add(Held(match="projects.list"))
    logged: list[object] = []
    told: list[str] = []

    async def hear(params: LoggingMessageNotificationParams) -> None:
        logged.append(params)

    async def progress(progress: float, total: float | None, message: str | None) -> None:
        told.append(message or "")

    async with (
        impatient(emulator) as url,
        http_client(url, LEGACY, logging_callback=hear) as client,
    ):
        await client.call_tool(f"openai_admin_{STALE}", {}, progress_callback=progress)
    assert told
    assert not logged
