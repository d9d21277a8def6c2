"""The portal thread: when it starts, who shares it, how it ends."""

from __future__ import annotations

import asyncio
import gc
import signal
import threading

import pytest

from openai_admin import ClientClosedError, OpenAIAdmin, OpenAIAdminError
from openai_admin._portal import lease as portal
from openai_admin.emulator import Emulator
from openai_admin.emulator.faults import Latency

from .conftest import EARLY, HOUR, Scripts, until


def portal_threads() -> int:
    return sum(thread.name == "openai-admin" for thread in threading.enumerate())


def client_of(emulator: Emulator) -> OpenAIAdmin:
    return OpenAIAdmin(emulator.admin_key, base_url=emulator.base_url)


async def test_the_thread_starts_at_the_first_call_and_ends_at_close(emulator: Emulator) -> None:
    client = client_of(emulator)
    assert portal_threads() == 0
    await asyncio.to_thread(client.projects.list)
    assert portal_threads() == 1
    await asyncio.to_thread(client.close)
    assert portal_threads() == 0
    await until(lambda: emulator.connections == 0)


async def test_with_starts_it_and_ends_it(emulator: Emulator) -> None:
    with client_of(emulator) as client:
        assert portal_threads() == 1
        await asyncio.to_thread(client.projects.list)
    assert portal_threads() == 0


async def test_clients_share_the_thread_until_the_last_is_closed(emulator: Emulator) -> None:
    first, second = client_of(emulator), client_of(emulator)
    with first, second:
        assert portal_threads() == 1
        first.close()
        assert portal_threads() == 1
        assert (await asyncio.to_thread(second.projects.list)).data == []
    assert portal_threads() == 0
    with client_of(emulator) as third:  # and a new one starts it again
        assert (await asyncio.to_thread(third.projects.list)).data == []
    assert portal_threads() == 0


async def test_a_collected_client_gives_the_thread_back(emulator: Emulator) -> None:
    client = client_of(emulator)
    await asyncio.to_thread(client.projects.list)
    del client
    gc.collect()
    await until(lambda: portal_threads() == 0 and emulator.connections == 0)


async def test_an_error_does_not_keep_its_client_alive(emulator: Emulator) -> None:
    client = client_of(emulator)
    gc.disable()
    try:
        with pytest.raises(OpenAIAdminError):
            await asyncio.to_thread(client.projects.retrieve, "proj_none")
        gc.collect()
        del client
        await until(lambda: portal_threads() == 0)
    finally:
        gc.enable()


async def test_a_closed_client_says_so(emulator: Emulator) -> None:
    client = client_of(emulator)
    other = client.with_options(timeout=5)
    listing = await asyncio.to_thread(client.projects.list)
    client.close()
    client.close()
    assert list(listing) == []
    for use in (
        client.projects.list,
        other.projects.list,
        client.__enter__,
        lambda: client.request("GET", "/organization/projects"),
        lambda: next(client.usage.stream("costs", start_time=0, end_time=86400)),
    ):
        with pytest.raises(ClientClosedError, match="closed; create a new one"):
            await asyncio.to_thread(use)
    assert portal_threads() == 0


async def test_a_client_never_used_closes_without_a_thread(emulator: Emulator) -> None:
    client = client_of(emulator)
    client.close()
    with pytest.raises(ClientClosedError):
        client.projects.list()
    assert portal_threads() == 0


async def test_closing_ends_the_calls_of_other_threads(emulator: Emulator) -> None:
    emulator.faults.add(Latency(match="projects.retrieve", seconds=HOUR))
    client = client_of(emulator)
    calls = [
        asyncio.ensure_future(asyncio.to_thread(client.projects.retrieve, f"proj_{n}"))
        for n in range(2)
    ]
    await until(lambda: emulator.in_flight == 2)
    await asyncio.to_thread(client.close)
    for call in calls:
        with pytest.raises(ClientClosedError, match="closed during the call"):
            await call
    assert portal_threads() == 0
    await until(lambda: emulator.connections == 0)


async def test_options_are_a_copy_on_the_same_session(emulator: Emulator) -> None:
    with client_of(emulator) as client:
        other = client.with_options(max_retries=0, timeout=3, check_inputs=False)
        assert type(other) is OpenAIAdmin
        assert (await asyncio.to_thread(other.projects.list)).data == []
        assert other._caller.session is client._caller.session
        assert other._caller.options.timeout.attempt == 3
        assert client._caller.options.timeout.attempt == 60
        assert client._caller.check_inputs
        assert not other._caller.check_inputs


async def test_a_hook_in_the_portal_cannot_wait_for_itself(emulator: Emulator) -> None:
    with client_of(emulator) as client:

        async def hook() -> None:
            client.projects.list()

        with pytest.raises(OpenAIAdminError, match="from its own thread"):
            await asyncio.to_thread(client._lease.call, hook)


@pytest.mark.parametrize(
    "ending",
    [
        "client.projects.list()",
        "(lambda: OpenAIAdmin().projects.list())()",
        "with client: client.projects.list()",
        "client.projects.list(); client.close()",
        "iterator = iter(client.projects.list()); next(iterator, None)",
        f"days = client.usage.stream('costs', start_time={EARLY}); next(days)",
        "import threading; threading.Thread(target=client.projects.list).start()",
        "client.self = client; client.projects.list(); del client",
        "del client\nfor _ in range(20): OpenAIAdmin().projects.list()",
        "try: OpenAIAdmin().projects.retrieve('proj_none')\nexcept Exception: pass",
    ],
)
async def test_a_script_ends_by_itself(ending: str, scripts: Scripts) -> None:
    """Closed or not, it ends with 0 and has nothing to say."""
    ended = await scripts.run(
        f"from openai_admin import OpenAIAdmin\nclient = OpenAIAdmin()\n{ending}"
    )
    assert (ended.code, ended.out, ended.err) == (0, "", "")


async def test_an_interrupted_client_that_nothing_holds_does_not_keep_its_script(
    emulator: Emulator, scripts: Scripts
) -> None:
    """It is collected as the interpreter ends: the two must not wait for one another."""
    emulator.faults.add(Latency(match="projects.retrieve", seconds=HOUR))
    process = await scripts.start(
        """
        from openai_admin import OpenAIAdmin
        try:
            OpenAIAdmin().projects.retrieve("proj_slow")
        except KeyboardInterrupt:
            pass
        """
    )
    await until(lambda: emulator.in_flight == 1)
    process.send_signal(signal.SIGINT)
    ended = await scripts.end(process)
    assert (ended.code, ended.out, ended.err) == (0, "", "")


async def test_threads_that_race_a_close_get_an_error(emulator: Emulator) -> None:
    """A call either begins before the close, and is ended by it, or does not begin."""

    def race() -> list[str]:
        client = client_of(emulator)
        client.projects.list()
        outcomes: list[str] = []

        def work(number: int) -> None:
            try:
                for n in range(1000):
                    client.audit_logs.list(actor_ids=[f"{number} {n}"])
            except ClientClosedError:
                outcomes.append("told")

        threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
        for thread in threads:
            thread.start()
        client.close()
        for thread in threads:
            thread.join(HOUR)
        return outcomes

    for _ in range(10):
        async with asyncio.timeout(60):
            assert await asyncio.to_thread(race) == ["told"] * 8


async def test_a_script_may_end_while_a_daemon_thread_waits(
    emulator: Emulator, scripts: Scripts
) -> None:
    emulator.faults.add(Latency(match="projects.retrieve", seconds=HOUR))
    process = await scripts.start(
        """
        import threading
        from openai_admin import ClientClosedError, OpenAIAdmin
        client = OpenAIAdmin()
        def work():
            try:
                client.projects.retrieve("proj_slow")
            except ClientClosedError:
                pass
        threading.Thread(target=work, daemon=True).start()
        client.projects.list()
        """
    )
    ended = await scripts.end(process)
    assert (ended.code, ended.err) == (0, "")


def test_the_module_keeps_no_lease(emulator: Emulator) -> None:
    assert list(portal._leases) == []
