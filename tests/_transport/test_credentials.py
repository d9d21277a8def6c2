"""Admin keys that a function gives: asked before each attempt, and never shown."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest

from openai_admin import AsyncOpenAIAdmin, OpenAIAdmin
from openai_admin.emulator import Emulator
from openai_admin.emulator.faults import Status
from openai_admin.errors import (
    APITimeoutError,
    BadRequestError,
    ClientClosedError,
    ConfigurationError,
)
from tests.faults.canary import Canary, everything_about, reprs_below

SECRET = "sk-admin-canary0123456789abcdWXYZ"


class Vault:
    """Keys that rotate, one for each time it is asked."""

    def __init__(self, *keys: Any) -> None:
        self.keys: Iterator[Any] = iter(keys)
        self.asked = 0

    def give(self) -> Any:
        """The next key."""
        self.asked += 1
        key = next(self.keys)
        if isinstance(key, Exception):
            raise key
        return key

    async def give_later(self) -> Any:
        """The next key, after a turn of the loop."""
        await asyncio.sleep(0)
        return self.give()


FORMS: dict[str, Callable[[Vault], Callable[[], str | Awaitable[str]]]] = {
    "a function": lambda vault: vault.give,
    "an asynchronous function": lambda vault: vault.give_later,
    "what returns an awaitable": lambda vault: lambda: vault.give_later(),
    "a part of an asynchronous function": lambda vault: partial(Vault.give_later, vault),
}


def _sent(emulator: Emulator) -> list[str]:
    """The last four characters of the key of each request, in order."""
    return [request.headers["authorization"][-4:] for request in emulator.requests]


@pytest.mark.parametrize("form", FORMS)
async def test_asked_before_each_attempt(emulator: Emulator, form: str) -> None:
    """A retry has a key of its own, and so has the next call."""
    one, two = emulator.admin_key, emulator.add_key(name="Two")
    vault = Vault(one, two, one)
    async with AsyncOpenAIAdmin(FORMS[form](vault), base_url=emulator.base_url) as client:
        emulator.faults.add(Status(status=500, retry_after=0.01, times=1))
        await client.projects.list()
        await client.projects.list()
        assert repr(client) == f"<AsyncOpenAIAdmin {emulator.base_url} with a key from a function>"
    assert _sent(emulator) == [one[-4:], two[-4:], one[-4:]]


async def test_blocking_and_for_some_calls(emulator: Emulator) -> None:
    """The blocking client asks too; `with_options` gives some calls another key."""
    one, two = emulator.admin_key, emulator.add_key(name="Two")
    tenant = contextvars.ContextVar("tenant", default=one)

    def work() -> None:
        with OpenAIAdmin(tenant.get, base_url=emulator.base_url) as client:
            client.projects.list()
            tenant.set(two)
            client.projects.list()
            client.with_options(admin_key=one).projects.list()
            client.projects.list()

    await asyncio.to_thread(work)
    assert _sent(emulator) == [one[-4:], two[-4:], one[-4:], two[-4:]]


async def test_equal_reads_of_two_keys_are_two_requests(emulator: Emulator) -> None:
    """One tenant never gets what was read with another's key."""
    keys = [emulator.admin_key, emulator.add_key(name="Two")]
    async with AsyncOpenAIAdmin(Vault(*keys).give_later, base_url=emulator.base_url) as client:
        await asyncio.gather(client.projects.list(), client.projects.list())
        assert sorted(_sent(emulator)) == sorted(key[-4:] for key in keys)
        emulator.requests.clear()
        one, two = (client.with_options(admin_key=key) for key in keys)
        await asyncio.gather(one.projects.list(), two.projects.list())
    assert sorted(_sent(emulator)) == sorted(key[-4:] for key in keys)


UNUSABLE: dict[str, tuple[Any, str]] = {
    "it fails": (LookupError(SECRET[:3]), "The admin_key function failed: LookupError."),
    "nothing": (None, "The admin_key function must return a key, not NoneType."),
    "no text": (SECRET.encode(), "The admin_key function must return a key, not bytes."),
    "empty": ("", "The admin_key function must return a key, not an empty text."),
    "a line break": (
        f"{SECRET}\n",
        "The admin key must be plain ASCII text without spaces or line breaks.",
    ),
    "another kind": (
        SECRET.replace("admin", "proj"),
        (
            "The key is not an admin key: it begins with 'sk-proj-'. The Admin API accepts only"
            " keys that begin with 'sk-admin-'."
        ),
    ),
}


@pytest.mark.parametrize("case", UNUSABLE)
async def test_what_cannot_be_used_is_not_sent(emulator: Emulator, case: str) -> None:
    """It is asked once, the error is one sentence, and the key is nowhere in it."""
    vault = Vault(UNUSABLE[case][0])  # no local variable has what is looked for
    async with AsyncOpenAIAdmin(vault.give, base_url=emulator.base_url) as client:
        with pytest.raises(ConfigurationError) as caught:
            await client.projects.list()
    assert str(caught.value) == UNUSABLE[case][1]
    assert (vault.asked, len(emulator.requests)) == (1, 0)
    assert not Canary(SECRET).is_in(everything_about(caught.value))


async def test_a_key_that_is_echoed_is_hidden(emulator: Emulator) -> None:
    """What the server says is redacted by the key of its attempt, and no repr shows it."""
    key = emulator.add_key(name="Canary")
    canary = Canary(key)
    emulator.faults.add(Status(status=400, body={"error": {"message": f"bad {key}"}}))
    async with AsyncOpenAIAdmin(lambda: key, base_url=emulator.base_url) as client:
        with pytest.raises(BadRequestError) as caught:
            await client.projects.create(name="x")
        held = "\n".join(reprs_below(client))
    assert key[-4:] in str(caught.value)
    assert not canary.is_in(str(caught.value))
    assert not canary.is_in(held)


async def test_a_function_that_hangs_costs_its_call(emulator: Emulator) -> None:
    """The limit of an attempt holds for the asking, too; it takes no place."""

    async def hang() -> str:
        await asyncio.Event().wait()
        raise AssertionError

    plain = AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url, max_concurrency=1)
    async with plain:
        hanging = plain.with_options(admin_key=hang, timeout=0.2)
        refused = asyncio.ensure_future(hanging.projects.retrieve("proj_1"))
        await plain.projects.list()
        with pytest.raises(APITimeoutError, match="the admin_key function gave no key in time"):
            await refused


async def test_functions_that_hang_leave_the_loops_threads_alone(emulator: Emulator) -> None:
    """They look up names of hosts, and are the application's; nor does closing wait for them."""
    asked, answer = threading.Semaphore(0), threading.Event()

    def hang() -> str:
        asked.release()
        answer.wait()
        return emulator.admin_key

    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(1))
    client = AsyncOpenAIAdmin(hang, base_url=emulator.base_url)
    reading = [asyncio.ensure_future(_read(client)) for _ in range(3)]
    try:
        for _ in reading:
            assert await asyncio.to_thread(asked.acquire, timeout=30)
        async with AsyncOpenAIAdmin(
            emulator.admin_key, base_url=emulator.base_url.replace("127.0.0.1", "localhost")
        ) as other:
            await _read(other)
        await client.close()
        assert not answer.is_set()
    finally:
        answer.set()
        ended = await asyncio.gather(*reading, return_exceptions=True)
    assert {type(each) for each in ended} <= {ClientClosedError, asyncio.CancelledError}


async def _read(client: AsyncOpenAIAdmin) -> None:
    await client.projects.list()
