"""A change that is ended in flight: whoever ended it is told what may have taken effect."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from openai_admin import AsyncOpenAIAdmin, ClientClosedError, OpenAIAdmin
from openai_admin.emulator import Emulator
from openai_admin.emulator.faults import Latency, Status
from openai_admin.errors import (
    APIError,
    APIResponseValidationError,
    OutcomeUnknownError,
)
from tests.cli.processes import environment
from tests.faults.scripted import LOST, Script, asking, running

HOUR = 3600.0
CREATED = "projects.create(name='x') was sent and may have taken effect: look in projects.list."
DELETED = (
    "groups.delete(group_id='group_x') was sent and may have taken effect: look in groups.list."
    " Making it again does no harm."
)

Work = Callable[[Any], Any]
CHANGES: list[tuple[Work, str]] = [
    (lambda client: client.projects.create(name="x"), CREATED),
    (lambda client: client.groups.delete("group_x"), DELETED),
    (
        lambda client: client.request("POST", "/organization/projects", body={"name": "secret"}),
        "POST /organization/projects was sent and may have taken effect.",
    ),
]


@pytest.fixture
async def slow(emulator: Emulator) -> Emulator:
    """An emulator whose answers would come in an hour."""
    emulator.faults.add(Latency(seconds=HOUR))
    return emulator


def notes(error: BaseException) -> list[str]:
    return list(getattr(error, "__notes__", []))


async def arrived(emulator: Emulator) -> None:
    while not emulator.in_flight:
        await asyncio.sleep(0.005)


@pytest.mark.parametrize(("change", "note"), CHANGES)
async def test_a_cancelled_change_says_so(slow: Emulator, change: Work, note: str) -> None:
    async with AsyncOpenAIAdmin(slow.admin_key, base_url=slow.base_url) as client:
        task = asyncio.ensure_future(change(client))
        await arrived(slow)
        task.cancel()
        with pytest.raises(asyncio.CancelledError) as caught:
            await task
    assert notes(caught.value) == [note]


async def test_a_cancelled_read_has_nothing_to_say(slow: Emulator) -> None:
    async with AsyncOpenAIAdmin(slow.admin_key, base_url=slow.base_url) as client:
        task = asyncio.ensure_future(client.projects.retrieve("proj_x"))
        await arrived(slow)
        task.cancel()
        with pytest.raises(asyncio.CancelledError) as caught:
            await task
    assert notes(caught.value) == []


async def test_a_change_that_waits_to_be_sent_has_nothing_to_say(slow: Emulator) -> None:
    """All places are taken, so that it has not been sent."""
    async with AsyncOpenAIAdmin(
        slow.admin_key, base_url=slow.base_url, max_concurrency=1
    ) as client:
        first = asyncio.ensure_future(client.projects.retrieve("proj_x"))
        await arrived(slow)
        second = asyncio.ensure_future(client.projects.create(name="x"))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        second.cancel()
        with pytest.raises(asyncio.CancelledError) as caught:
            await second
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
    assert notes(caught.value) == []
    assert [r.operation for r in slow.requests] == ["projects.retrieve"]


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (Status(status=503, retry_after=60), [DELETED]),
        (Status(status=429, retry_after=60), []),
    ],
    ids=["503", "429"],
)
async def test_a_change_that_waits_to_be_made_again(
    emulator: Emulator, fault: Status, told: list[str]
) -> None:
    """After an answer that leaves it open it is in doubt, after a refusal it is not."""
    emulator.faults.add(fault)
    async with AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client:
        waiting = asyncio.Event()
        client._caller.session._plain_sleep = lambda seconds: _hold(waiting)
        task = asyncio.ensure_future(client.groups.delete("group_x"))
        await waiting.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError) as caught:
            await task
    assert notes(caught.value) == told


async def _hold(reached: asyncio.Event) -> None:
    reached.set()
    await asyncio.Event().wait()


@pytest.mark.parametrize(("change", "note"), CHANGES)
async def test_closing_the_blocking_client_says_so(slow: Emulator, change: Work, note: str) -> None:
    client = OpenAIAdmin(slow.admin_key, base_url=slow.base_url)
    call = asyncio.ensure_future(asyncio.to_thread(change, client))
    await arrived(slow)
    await asyncio.to_thread(client.close)
    with pytest.raises(ClientClosedError) as caught:
        await call
    assert notes(caught.value) == [note]


@pytest.mark.parametrize(("change", "note"), CHANGES)
async def test_closing_the_asynchronous_client_says_so(
    slow: Emulator, change: Work, note: str
) -> None:
    client = AsyncOpenAIAdmin(slow.admin_key, base_url=slow.base_url)
    task = asyncio.ensure_future(change(client))
    await arrived(slow)
    await client.close()
    with pytest.raises((ClientClosedError, OutcomeUnknownError)) as caught:
        await task
    assert isinstance(caught.value, OutcomeUnknownError) or notes(caught.value) == [note]


Ended = tuple[int, str, str]


@pytest.fixture
async def stop(slow: Emulator, tmp_path: Path) -> AsyncIterator[Callable[..., Awaitable[Ended]]]:
    """Runs Python with arguments, stops it when its request has arrived, and waits for its end."""
    started: list[asyncio.subprocess.Process] = []

    async def stopped(number: int, *arguments: str) -> Ended:
        settings = {"OPENAI_ADMIN_KEY": slow.admin_key, "OPENAI_BASE_URL": slow.base_url}
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *arguments,
            env=environment({**settings, "XDG_CONFIG_HOME": str(tmp_path)}),
            cwd=tmp_path,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        started.append(process)
        await arrived(slow)
        process.send_signal(number)
        out, err = await process.communicate()
        assert process.returncode is not None
        return process.returncode, out.decode(), err.decode()

    yield stopped
    for process in started:
        if process.returncode is None:
            process.kill()
            await process.wait()


@pytest.mark.parametrize(("call", "note"), [("projects.create(name='x')", CREATED)])
async def test_ctrl_c_says_so_in_a_script(
    stop: Callable[..., Awaitable[Ended]], call: str, note: str
) -> None:
    code = f"from openai_admin import OpenAIAdmin\nOpenAIAdmin().{call}"
    ended = await stop(signal.SIGINT, "-c", code)
    assert ended[0] == -signal.SIGINT
    assert ended[2].rstrip().endswith(f"KeyboardInterrupt\n{note}")


COMMANDS = [
    (["projects", "create", "--name", "x", "--out", "made.json"], CREATED),
    (["groups", "delete", "group_x", "--yes"], DELETED),
    (
        ["admin-api-keys", "create", "--name", "k", "--secret-file", "secret"],
        (
            "admin_api_keys.create(name='k') was sent and may have taken effect:"
            " look in admin_api_keys.list. A key that it has made may be there, whose secret nobody"
            " got: delete it."
        ),
    ),
]


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, -signal.SIGTERM)]
)
@pytest.mark.parametrize(("line", "note"), COMMANDS, ids=["create", "delete", "secret"])
async def test_a_command_that_is_stopped_says_so_and_leaves_no_file(
    stop: Callable[..., Awaitable[Ended]],
    tmp_path: Path,
    number: int,
    code: int,
    line: list[str],
    note: str,
) -> None:
    stopped = "Stopped.\n" if code == 130 else ""
    ended = await stop(number, "-m", "openai_admin", *line)
    assert ended == (code, "", f"{note}\n{stopped}")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_listing_that_is_stopped_leaves_no_file(
    stop: Callable[..., Awaitable[Ended]], tmp_path: Path, number: int
) -> None:
    for name in ("list.csv", "list.parquet"):
        ended = await stop(number, "-m", "openai_admin", "projects", "list", "--out", name)
        assert ended[1:] == ("", "Stopped.\n" if number == signal.SIGINT else "")
        assert list(tmp_path.iterdir()) == []


# --- answers that cannot be used -----------------------------------------------------------


@pytest.fixture
async def script() -> AsyncIterator[Script]:
    async with running(Script()) as script:
        yield script


@pytest.mark.parametrize("kind", ["async", "blocking"])
@pytest.mark.parametrize("body", [b"[]", b'{"name":"x"}', b'"' + b"x" * 5000 + b'"'])
async def test_an_answer_that_cannot_be_read_leaves_a_change_in_doubt(
    script: Script, kind: str, body: bytes
) -> None:
    script.answers = {"POST": [(200, body)]}

    def call(name: str) -> Work:
        def work(client: Any, **arguments: Any) -> Any:
            client._caller.session._transport._max_bytes = 4000
            resource = client.projects
            return resource.create(name="x") if name == "create" else resource.archive("proj_x")

        return work

    ask = asking(kind, script)
    with pytest.raises(OutcomeUnknownError) as unknown:
        await ask(call("create"))
    assert unknown.value.operation == "projects.create"
    assert isinstance(unknown.value.__cause__, APIResponseValidationError)
    with pytest.raises(APIResponseValidationError) as caught:
        await ask(call("archive"))
    assert notes(caught.value) == [
        (
            "projects.archive(project_id='proj_x') was sent and may have taken effect:"
            " look in projects.list. Making it again does no harm."
        )
    ]
    assert len(script.requests) == 2


@pytest.mark.parametrize("kind", ["async", "blocking"])
async def test_a_change_whose_every_answer_was_lost_says_so(script: Script, kind: str) -> None:
    script.answers = {"DELETE": [LOST]}
    with pytest.raises(APIError) as caught:
        await asking(kind, script)("groups.delete", group_id="group_x")
    assert notes(caught.value) == [DELETED]


async def test_no_secret_and_no_document_stands_in_a_note(slow: Emulator) -> None:
    async with AsyncOpenAIAdmin(slow.admin_key, base_url=slow.base_url) as client:
        task = asyncio.ensure_future(
            client.with_options(check_inputs=False).certificates.create(
                certificate="-----BEGIN " + "x" * 900, name="ca"
            )
        )
        await arrived(slow)
        task.cancel()
        with pytest.raises(asyncio.CancelledError) as caught:
            await task
    assert notes(caught.value) == [
        (
            "certificates.create(certificate=…, name='ca') was sent and may have taken effect:"
            " look in certificates.list."
        )
    ]
