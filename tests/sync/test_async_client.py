"""The asynchronous client's life in the same spirit: loops, closing, not closing."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import Coroutine, Iterator
from typing import Any

import pytest

from openai_admin import AsyncOpenAIAdmin, ClientClosedError, OpenAIAdmin
from openai_admin.emulator import Emulator
from openai_admin.emulator.faults import Latency

from .conftest import HOUR, Scripts, until


def client_of(emulator: Emulator) -> AsyncOpenAIAdmin:
    return AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url)


async def test_async_with_closes_the_connections(emulator: Emulator) -> None:
    async with client_of(emulator) as client:
        await client.projects.list()
        assert emulator.connections == 1
    await until(lambda: emulator.connections == 0)
    with pytest.raises(ClientClosedError, match="create a new one"):
        await client.projects.list()
    with pytest.raises(ClientClosedError, match="create a new one"):
        await client.with_options(timeout=1).projects.list()
    await client.close()


async def test_closing_ends_calls_in_flight(emulator: Emulator) -> None:
    emulator.faults.add(Latency(match="projects.retrieve", seconds=HOUR))
    client = client_of(emulator)
    calls = [asyncio.ensure_future(client.projects.retrieve(f"proj_{n}")) for n in range(2)]
    await until(lambda: emulator.in_flight == 2)
    await client.close()
    assert [type(e) for e in await asyncio.gather(*calls, return_exceptions=True)] == [
        ClientClosedError,
        ClientClosedError,
    ]
    await until(lambda: emulator.connections == 0)
    assert len(emulator.requests) == 2


async def test_closing_from_inside_a_listing(emulator: Emulator) -> None:
    async with client_of(emulator) as client:
        for n in range(4):
            await client.projects.create(name=f"Project {n}")
        projects = aiter(client.projects.list(limit=2))
        await anext(projects)
        await client.close()
        assert (await anext(projects)).name  # the rest of the page that is here
        with pytest.raises(ClientClosedError):
            await anext(projects)


@pytest.fixture
def beside() -> Iterator[Emulator]:
    """An emulator in a thread of its own, for tests that run loops themselves."""
    ready = threading.Event()
    emulator = Emulator(state="empty")
    loop = asyncio.new_event_loop()
    done = asyncio.Event()

    async def serve() -> None:
        async with emulator:
            ready.set()
            await done.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    ready.wait()
    yield emulator
    loop.call_soon_threadsafe(done.set)
    thread.join()
    loop.close()


def test_one_client_in_two_loops_one_after_the_other(beside: Emulator) -> None:
    client = client_of(beside)

    async def create(name: str) -> list[str | None]:
        await client.projects.create(name=name)
        return [project.name async for project in client.projects.list()]

    async def last() -> list[str | None]:
        async with client:
            return await create("Third")

    def use() -> None:
        assert asyncio.run(create("First")) == ["First"]
        assert len(asyncio.run(create("Second"))) == 2
        assert len(asyncio.run(last())) == 3
        gc.collect()

    # Each loop closes the connections that were opened in it: nothing is left to warn of.
    use()


async def test_two_loops_at_once_are_told_apart(emulator: Emulator) -> None:
    async with client_of(emulator) as client:
        await client.projects.list()

        def elsewhere() -> None:
            work: Coroutine[Any, Any, Any] = client.projects.retrieve("proj_1")
            asyncio.run(work)

        with pytest.raises(ClientClosedError, match="another running event loop"):
            await asyncio.to_thread(elsewhere)
        assert (await client.projects.list()).data == []


async def test_a_client_goes_from_one_stopped_loop_to_another(emulator: Emulator) -> None:
    client = client_of(emulator)

    async def waiting() -> None:
        await until(lambda: emulator.in_flight == 1)

    def use() -> None:
        first, second = asyncio.new_event_loop(), asyncio.new_event_loop()
        first.run_until_complete(client.projects.create(name="One"))
        second.run_until_complete(client.projects.create(name="Two"))
        emulator.faults.add(Latency(match="projects.retrieve", seconds=HOUR))
        call = first.create_task(client.projects.retrieve("proj_1"))
        first.run_until_complete(waiting())
        with pytest.raises(ClientClosedError, match="in another event loop, which is stopped; let"):
            second.run_until_complete(client.users.list())
        call.cancel()
        first.run_until_complete(asyncio.wait([call]))
        page = second.run_until_complete(client.projects.list())
        assert {project.name for project in page.data} == {"One", "Two"}
        second.run_until_complete(client.close())
        for loop in (first, second):  # in which what was left is closed
            loop.run_until_complete(asyncio.sleep(0.01))
            loop.close()

    await asyncio.to_thread(use)
    gc.collect()
    await until(lambda: emulator.connections == 0)


async def test_a_client_left_open_is_named_by_a_warning(emulator: Emulator) -> None:
    """And its connections are closed all the same, as their loop still runs."""

    async def use() -> None:
        client = client_of(emulator)
        await client.projects.list()
        assert emulator.connections == 1

    await use()
    with pytest.warns(ResourceWarning) as caught:
        gc.collect()
    (warning,) = caught
    assert str(warning.message) == (
        f"Unclosed AsyncOpenAIAdmin of {emulator.base_url};"
        " use `async with` or `await client.close()`."
    )
    await until(lambda: emulator.connections == 0)


async def test_a_script_that_leaves_its_clients_open_is_told_once_of_each(scripts: Scripts) -> None:
    """Also where the loop has closed their connections, and only of clients that were used."""
    ended = await scripts.run(
        """
        import asyncio, warnings
        from openai_admin import AsyncOpenAIAdmin
        warnings.simplefilter("default")
        class Mine(AsyncOpenAIAdmin):
            pass
        client, unused = AsyncOpenAIAdmin(), AsyncOpenAIAdmin()
        async def use():
            return len((await client.projects.list()).data)
        async def use_another():
            await Mine().projects.list()
        print(asyncio.run(use()) + asyncio.run(use()))
        asyncio.run(use_another())
        """
    )
    assert (ended.code, ended.out) == (0, "0\n")
    told = [line for line in ended.err.splitlines() if "Unclosed" in line]
    assert len(told) == 2, ended.err
    (mine,) = [line for line in told if "Unclosed Mine of http" in line]
    (other,) = [line for line in told if line != mine]
    assert "Unclosed AsyncOpenAIAdmin of http" in other
    assert all("use `async with` or `await client.close()`." in line for line in told)


async def test_a_loop_closed_in_its_own_way_leaves_the_warning_in_our_words(
    scripts: Scripts,
) -> None:
    ended = await scripts.run(
        """
        import asyncio, gc, warnings
        from openai_admin import AsyncOpenAIAdmin
        loop = asyncio.new_event_loop()
        client = AsyncOpenAIAdmin()
        loop.run_until_complete(client.projects.create(name="One"))
        loop.close()
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            del client
            gc.collect()
            gc.collect()  # and what the first one let go: asyncio's transports
        ours = [str(w.message) for w in caught if "transport" not in str(w.message)]
        assert len(ours) == 1 and ours[0].startswith("Unclosed AsyncOpenAIAdmin of http"), ours
        print(0)
        """
    )
    assert ended.said == 0


def test_it_tells_whether_it_is_closed_and_where_it_sends(emulator: Emulator) -> None:
    for kind in (AsyncOpenAIAdmin, OpenAIAdmin):
        client = kind(emulator.admin_key, base_url=f"{emulator.base_url}/")
        other = client.with_options(timeout=1)
        assert client.base_url == other.base_url == emulator.base_url
        assert not client.is_closed
        if isinstance(client, OpenAIAdmin):
            client.close()
        else:
            asyncio.run(client.aclose())
        assert client.is_closed
        assert other.is_closed
