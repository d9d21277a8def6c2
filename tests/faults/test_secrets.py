"""Secrets: a canary key is looked for in everything that a whole run under faults leaves behind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from functools import partial
from typing import Any

import attrs
import pytest

import openai_admin.client
from benchmarks import virtual_time
from openai_admin import APIError, AsyncOpenAIAdmin, OpenAIAdmin
from openai_admin._transport.connection import Timeout
from openai_admin._transport.rate_limiter import RateLimiter
from openai_admin._transport.session import Session
from openai_admin.emulator import Drop, Emulator, Fault, Latency, RateLimit, Status
from openai_admin.emulator import faults as f
from tests.faults.canary import Canary, Records, everything_about, reprs_below

# --- the run --------------------------------------------------------------------------------

ECHO_HEADERS = ("x-request-id", "x-echo", "location", "retry-after", "content-language")


def _faults(key: str) -> list[tuple[Fault, ...]]:
    """Every kind of fault, and a server that repeats the key wherever it can."""
    echo = dict.fromkeys(ECHO_HEADERS, key)
    echoing = Status(status=200, body={"object": "list", "data": [{"id": key}]}, headers=echo)
    single: list[Fault] = [
        Latency(seconds=100),
        RateLimit(limit=1),
        RateLimit(limit=1, headers=True, retry_after="seconds"),
        Status(status=429, retry_after=10_000),
        Status(status=500),
        Status(status=503, body=f.HTML, after_effect=True),
        Drop(),
        Drop(after_effect=True),
        f.Reset(),
        f.Reset(after_effect=True),
        f.Refuse(seconds=1_000),
        f.Truncate(),
        f.Stall(),
        f.BadChunks(),
        f.WrongLength(by=10),
        f.WrongLength(by=-10),
        f.BrokenGzip(),
        f.CutJSON(),
        f.OtherShape(),
        f.RepeatedCursor(),
        f.ExpiredCursor(),
        f.Redirect(),
        Status(status=401, body={"error": {"message": f"Incorrect key: {key}", "code": key}}),
        Status(status=403, body={"error": {"type": key, "param": key}}, headers=echo),
        Status(status=400, body={key: [key]}, headers=echo),
        Status(status=400, body={"message": f"Bearer {key}"}, headers=echo),
        Status(status=404, body=f"no {key}", headers=echo),
        Status(status=409, body=b"\xff" + key.encode(), headers=echo),
        Status(status=502, body=f"<html>{key}</html>", headers=echo),
        Status(status=307, headers=echo),
        echoing,
        Status(status=200, body={"data": key, "id": {key: key}}, headers=echo),
        Status(status=200, body=f"this is not JSON: {key}", headers=echo),
    ]
    # And answers with the key in their headers that break off after these.
    return [(fault,) for fault in single] + [
        (f.Stall(), echoing),
        (f.Truncate(), echoing),
        (f.BadChunks(), echoing),
    ]


Work = Callable[[AsyncOpenAIAdmin], Coroutine[Any, Any, Any]]


async def _walk(client: AsyncOpenAIAdmin) -> list[Any]:
    return [user async for user in client.users.list(limit=2)]


async def _create(client: AsyncOpenAIAdmin) -> Any:
    return await client.projects.create(name="made under a fault")


async def _delete(client: AsyncOpenAIAdmin) -> Any:
    return await client.users.delete("user-nobody")


async def _usage(client: AsyncOpenAIAdmin) -> Any:
    return await client.usage.completions(start_time=1_700_000_000, limit=2)


async def _undeclared(client: AsyncOpenAIAdmin) -> Any:
    return await client.request("POST", "/organization/anything", body={"a": 1})


WORKS: list[Work] = [_walk, _create, _delete, _usage, _undeclared]


@attrs.define(repr=False)  # tracebacks show it among the locals
class Leavings:
    """What a run left behind, by where it was found."""

    texts: list[tuple[str, str]] = attrs.field(factory=list)
    errors: set[str] = attrs.field(factory=set)

    def add(self, where: str, error: BaseException) -> None:
        self.errors.add(type(error).__name__)
        self.texts.append((where, everything_about(error)))

    def found(self, canary: Canary) -> list[str]:
        """Where the canary is to be seen."""
        return [where for where, text in self.texts if canary.is_in(text)]


async def _try(name: str, client: AsyncOpenAIAdmin, leavings: Leavings) -> None:
    """Call everything, to the end and not; no local variable here may have the key."""
    for number, work in enumerate(WORKS):
        try:
            result = await work(client)
        except Exception as error:  # noqa: BLE001 - it is looked at
            leavings.add(f"{name} {number}", error)
        else:
            leavings.texts.append((f"{name} {number} result", repr(result) + str(result)))
        for turns in (0, 1, 2, 4, 7, 12, 20):  # and cancelled in the middle of it
            task = asyncio.ensure_future(work(client))
            for _ in range(turns):
                await asyncio.sleep(0)
            task.cancel()
            try:
                await task
            except (asyncio.CancelledError, Exception) as error:  # noqa: BLE001 - as above
                leavings.add(f"{name} {number} cancelled", error)


async def _client(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[AsyncOpenAIAdmin]:
    """The client as anybody makes it, but with the loop's clock."""
    clock = asyncio.get_running_loop().time
    monkeypatch.setattr(
        openai_admin.client, "Session", partial(Session, clock=clock, rate_limiter=RateLimiter())
    )
    timeout = Timeout(attempt=5, read=2, total=100)
    async with AsyncOpenAIAdmin(
        emulator.admin_key, base_url=emulator.base_url, timeout=timeout
    ) as client:
        yield client


async def _run(monkeypatch: pytest.MonkeyPatch) -> tuple[Canary, Leavings]:
    loop = asyncio.get_running_loop()
    loop.set_debug(True)
    loop.slow_callback_duration = -1.0  # so that it writes every step into its log
    leavings = Leavings()
    async with Emulator(state="demo", clock=loop.time) as emulator:
        canary = Canary(emulator.admin_key)
        for faults in _faults(emulator.admin_key):
            emulator.faults.clear()
            for fault in faults:
                emulator.faults.add(fault)
            async for client in _client(emulator, monkeypatch):
                await _try(type(faults[0]).__name__, client, leavings)
                leavings.texts += [("an object", text) for text in reprs_below(client)]
            await asyncio.sleep(1_000)  # until it no longer refuses, where it did
    return canary, leavings


def test_a_whole_run_under_faults_shows_the_key_nowhere(
    monkeypatch: pytest.MonkeyPatch, records: Records, capfd: pytest.CaptureFixture[str]
) -> None:
    canary, leavings = virtual_time.run(_run(monkeypatch))
    print_ = capfd.readouterr()
    assert leavings.found(canary) == []
    assert [line[:200] for line in records.lines if canary.is_in(line)] == []
    assert not canary.is_in(print_.out + print_.err)
    # The run was what it says: it met every kind of error, and the logs were open.
    assert {
        "APIConnectionError",
        "APIResponseValidationError",
        "APITimeoutError",
        "AuthenticationError",
        "CancelledError",
        "InternalServerError",
        "OutcomeUnknownError",
        "PaginationError",
        "RateLimitError",
    } <= leavings.errors
    assert {"openai_admin", "asyncio"} <= records.names
    assert len(leavings.texts) > 1_000
    assert any("/aiohttp/" in text for _, text in leavings.texts)


# --- other ways out -------------------------------------------------------------------------


async def test_no_object_of_a_client_shows_it(emulator: Emulator) -> None:
    canary = Canary(emulator.admin_key)
    async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:
        await client.users.list()
        reprs = list(reprs_below(client))
    assert len(reprs) > 100
    assert [text for text in reprs if canary.is_in(text)] == []
    assert not canary.is_in(repr(client) + str(client) + repr(vars(client)))


@pytest.mark.parametrize(
    "fault",
    [
        Drop(),
        f.Truncate(),
        f.CutJSON(),
        Status(status=503),
        Status(status=429, retry_after=10_000),
        f.OtherShape(),
    ],
    ids=lambda fault: type(fault).__name__,
)
async def test_the_blocking_client_shows_it_no_more(
    emulator: Emulator, records: Records, fault: Fault
) -> None:
    canary = Canary(emulator.admin_key)
    leavings = Leavings()

    def work() -> None:
        with OpenAIAdmin(emulator.admin_key, base_url=emulator.base_url, max_retries=0) as client:
            for call in (
                lambda: list(client.users.list()),
                lambda: client.projects.create(name="x"),
                lambda: client.request("GET", "/organization/projects"),
            ):
                try:
                    call()
                except APIError as error:
                    leavings.add("blocking", error)

    emulator.faults.add(fault)
    await asyncio.to_thread(work)
    assert len(leavings.texts) >= 2
    assert leavings.found(canary) == []
    assert [line for line in records.lines if canary.is_in(line)] == []


async def test_an_answer_that_is_not_http_does_not_show_it(
    emulator: Emulator, records: Records
) -> None:
    """aiohttp quotes the line that it cannot parse."""
    canary = Canary(emulator.admin_key)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        key = head.partition(b"Bearer ")[2].partition(b"\r\n")[0]
        writer.write(b"HTTP/1.1 200 OK\r\nx-\0" + key + b": " + key + b"\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with AsyncOpenAIAdmin(emulator.admin_key, base_url=address, max_retries=0) as client:
            with pytest.raises(APIError) as caught:
                await client.users.list()
    assert not canary.is_in(everything_about(caught.value))
    assert [line for line in records.lines if canary.is_in(line)] == []


# --- keys that are created ------------------------------------------------------------------


async def test_the_values_of_made_keys_stand_in_no_repr_and_no_log(
    emulator: Emulator, records: Records
) -> None:
    async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:
        project = await client.projects.create(name="p")
        key = await client.admin_api_keys.create(name="k")
        account = await client.projects.service_accounts.create(project.id, name="s")
        assert account.api_key is not None
        for made, secret in ((key, key.value), (account, account.api_key.value)):
            assert secret.startswith("sk-")
            canary = Canary(secret)
            assert not canary.is_in(f"{made!r} {made} {[made]}")
            assert [line for line in records.lines if canary.is_in(line)] == []


@pytest.mark.parametrize("fault", [f.CutJSON(), f.Truncate(), f.OtherShape(shape="array")], ids=str)
async def test_an_answer_with_a_made_key_that_cannot_be_read_does_not_show_it(
    emulator: Emulator, records: Records, fault: Fault
) -> None:
    emulator.faults.add(fault)
    async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:
        with pytest.raises(APIError) as caught:
            await client.admin_api_keys.create(name="k")
    made = [key for key in emulator.store.admin_api_keys if key["name"] == "k"]
    assert len(made) == 1
    canary = Canary(_value_of(emulator, made[0]["id"]))
    error: BaseException | None = caught.value
    while error is not None:
        assert not canary.is_in(f"{error!r} {error} {error.args!r}")
        error = error.__cause__ or error.__context__
    assert [line for line in records.lines if canary.is_in(line)] == []


def _value_of(emulator: Emulator, key_id: str) -> str:
    return next(c.value for c in emulator.store.keys._by_id.values() if c.id == key_id)
