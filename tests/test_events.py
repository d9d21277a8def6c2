"""The events of a client's calls, and two listeners."""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest

from openai_admin import (
    APIConnectionError,
    AsyncOpenAIAdmin,
    ConfigurationError,
    NotFoundError,
    OpenAIAdmin,
    OrganizationUser,
    Page,
)
from openai_admin.emulator import Emulator
from openai_admin.emulator.faults import Drop, Latency, Status
from openai_admin.events import (
    AnswerReceived,
    CallFailed,
    Dispatcher,
    Event,
    Paused,
    RequestFailed,
    RequestSent,
    Retried,
    Succeeded,
    write_log,
)


async def test_a_call_that_needs_a_second_try_has_an_event_for_each_step(
    emulator: Emulator,
) -> None:
    events: list[Event] = []
    emulator.faults.add(Status(status=503, match="projects.list", times=1))
    async with AsyncOpenAIAdmin(
        emulator.admin_key, base_url=emulator.base_url, on_event=events.append
    ) as client:
        await client.projects.list()
    assert [type(e) for e in events] == [
        RequestSent,
        AnswerReceived,
        Retried,
        RequestSent,
        AnswerReceived,
        Succeeded,
    ]
    assert {e.operation for e in events} == {"projects.list"}
    assert len({e.call for e in events}) == 1
    assert [e.attempt for e in events if isinstance(e, RequestSent)] == [1, 2]
    assert [e.status for e in events if isinstance(e, AnswerReceived)] == [503, 200]


async def test_a_request_without_an_answer_is_told_when_it_ends(emulator: Emulator) -> None:
    events: list[Event] = []
    emulator.faults.add(Drop(match="projects.list", times=1))
    async with AsyncOpenAIAdmin(
        emulator.admin_key, base_url=emulator.base_url, on_event=events.append
    ) as client:
        await client.projects.list(limit=3)
    sent, failed, retried, *others = events
    assert [type(e) for e in others] == [RequestSent, AnswerReceived, Succeeded]
    assert isinstance(failed, RequestFailed)
    assert isinstance(retried, Retried)
    assert isinstance(failed.error, APIConnectionError)
    assert isinstance(retried.error, APIConnectionError)
    assert failed.error.message == retried.error.message
    assert failed.seconds >= 0
    assert isinstance(sent, RequestSent)
    assert (sent.base_url, sent.target) == (emulator.base_url, "/organization/projects?limit=3")
    assert "limit=3" not in repr(sent)  # a value of extra_query may be secret


async def test_a_listener_that_fails_does_not_affect_the_call(
    emulator: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(event: Event) -> None:
        raise ValueError(f"no {type(event).__name__}")

    async with AsyncOpenAIAdmin(
        emulator.admin_key, base_url=emulator.base_url, on_event=fail
    ) as client:
        project = await client.projects.create(name="Search")
    assert project.name == "Search"
    assert "ValueError: no AnswerReceived" in caplog.text
    assert "on_event failed at AnswerReceived of projects.create" in caplog.text


async def test_a_coroutine_function_runs_beside_the_calls_and_ends_before_the_client_does(
    emulator: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    gate, events = asyncio.Event(), list[Event]()

    async def listen(event: Event) -> None:
        await gate.wait()
        events.append(event)
        if isinstance(event, AnswerReceived):
            raise TypeError("no")

    client = AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url, on_event=listen)
    await client.projects.list()
    assert events == []
    asyncio.get_running_loop().call_soon(gate.set)
    gc.collect()  # nobody else holds the tasks
    await client.close()
    assert [type(e) for e in events] == [RequestSent, AnswerReceived, Succeeded]
    assert caplog.text.count("TypeError: no") == 1
    assert "on_event failed at AnswerReceived of projects.list" in caplog.text
    assert "never retrieved" not in caplog.text


async def test_closing_waits_only_so_long_for_a_listener(
    emulator: Emulator, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("openai_admin.events._LAST_WAIT", 0.0)
    ended: list[BaseException] = []

    async def hang(event: Event) -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError as error:
            ended.append(error)
            raise

    async with AsyncOpenAIAdmin(
        emulator.admin_key, base_url=emulator.base_url, on_event=hang
    ) as client:
        await client.projects.list()
    assert len(ended) == 3
    assert "on_event was still busy 0 s after the client was closed." in caplog.text


async def test_a_blocking_client_takes_a_coroutine_function_too(emulator: Emulator) -> None:
    kinds: list[type[Event]] = []

    async def listen(event: Event) -> None:
        await asyncio.sleep(0)
        kinds.append(type(event))

    def work() -> None:
        with OpenAIAdmin(emulator.admin_key, base_url=emulator.base_url, on_event=listen) as client:
            client.projects.list()

    await asyncio.to_thread(work)
    assert kinds == [RequestSent, AnswerReceived, Succeeded]


@pytest.mark.parametrize("client", [AsyncOpenAIAdmin, OpenAIAdmin])
def test_what_cannot_be_called_is_refused_when_the_client_is_made(client: Any) -> None:
    with pytest.raises(ConfigurationError) as caught:
        client("sk-admin-x", on_event="print")
    must = "on_event must be a function or a coroutine function that takes an event, not "
    assert str(caught.value) == f"{must}'print'."

    async def steps(event: Any) -> AsyncIterator[Any]:
        yield event

    with pytest.raises(ConfigurationError, match=must):
        client("sk-admin-x", on_event=steps)


async def test_the_log_names_the_request_of_each_answer_and_of_an_error(
    emulator: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, "openai_admin"):
        async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:
            with pytest.raises(NotFoundError) as caught:
                await client.projects.retrieve("proj_none")
    id = caught.value.request_id
    assert id is not None
    answered, failed = (message for message in caplog.messages if id in message)
    assert answered.startswith(f"projects.retrieve: 404 (request {id}) after ")
    assert failed.startswith("projects.retrieve: failed: NotFoundError: 404: ")


def test_a_servers_text_stays_on_its_line_of_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "openai_admin")
    error = APIConnectionError("away\r\nINFO forged \x1b[31mred")
    write_log(Retried(call=1, operation="projects.list", error=error, delay=0.5))
    (line,) = caplog.messages
    assert line == r"projects.list: away\r\nINFO forged \u001b[31mred Retrying in 0.5 s."


def test_waits_for_an_endpoint_are_logged_every_five_seconds(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "openai_admin")
    events: list[Event] = []
    now = [1000.0]
    dispatcher = Dispatcher(events.append, clock=lambda: now[0])
    for moment in (0.0, 4.9, 5.0, 9.9, 10.1):
        now[0] = 1000.0 + moment
        for endpoint in ("GET /a", "GET /b"):
            dispatcher.emit(
                Paused(call=1, operation="a.list", endpoint=endpoint, seconds=2, reason="held")
            )
    assert caplog.messages == ["GET /a waits 2.0 s: held", "GET /b waits 2.0 s: held"] * 3
    assert len(events) == 10


async def test_a_failed_and_a_cancelled_call_end_with_call_failed(emulator: Emulator) -> None:
    events: list[Event] = []
    async with AsyncOpenAIAdmin(
        emulator.admin_key, base_url=emulator.base_url, on_event=events.append
    ) as client:
        with pytest.raises(NotFoundError):
            await client.projects.retrieve("proj_none")
        emulator.faults.add(Latency(seconds=60, match="users.list"))

        async def first_page() -> Page[OrganizationUser]:
            return await client.users.list()

        call = asyncio.create_task(first_page())
        while not any(e.operation == "users.list" for e in events):
            await asyncio.sleep(0)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
    failed = [e.error for e in events if isinstance(e, CallFailed)]
    assert [type(e) for e in failed] == [NotFoundError, asyncio.CancelledError]


async def test_retries_are_logged_at_info(
    emulator: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    emulator.faults.add(Status(status=503, match="projects.list", times=1))
    with caplog.at_level(logging.INFO, "openai_admin"):
        async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:
            await client.projects.list()
    (record,) = [r for r in caplog.records if r.name == "openai_admin"]
    assert "projects.list" in record.getMessage()
    assert "Retrying" in record.getMessage()
