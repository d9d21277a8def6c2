"""Forks: a client made before one is usable after it, in the parent and in the child."""

from __future__ import annotations

import pytest

from .conftest import Scripts

# A child that ends as a worker of a server does, by leaving the interpreter in good order.
FORK = """
import asyncio, os, sys, threading, time, warnings
from openai_admin import AsyncOpenAIAdmin, ClientClosedError, OpenAIAdmin, OpenAIAdminError

def forked(work):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Python 3.12 warns of any fork beside a thread
        child = os.fork()
    if child == 0:
        work()
        sys.exit(0)
    return child

def ports(client):
    # This side of each connection that the client keeps.
    connector = client._caller.session._transport._opened.http.connector
    kept = [protocol for pool in connector._conns.values() for protocol, _ in pool]
    return {protocol.transport.get_extra_info("sockname")[1] for protocol in kept}

def wait(child):
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
"""


@pytest.mark.parametrize("before", ["", "client.projects.list()", "fewer.projects.list()"])
async def test_a_blocking_client_works_in_parent_and_child(before: str, scripts: Scripts) -> None:
    ended = await scripts.run(
        FORK
        + f"""
client = OpenAIAdmin()
fewer = client.with_options(max_retries=0)
{before}
parents = ports(client) if {bool(before)} else set()
def work():
    for n in range(3):
        client.projects.create(name=f"of {{os.getpid()}}")
        fewer.projects.list()
    assert len(ports(client)) == 1 and ports(client).isdisjoint(parents)
children = [forked(work) for _ in range(2)]
for n in range(3):
    client.projects.create(name="of the parent")
for child in children:
    wait(child)
# The end of the children did not touch the parent's connection.
print(len(client.projects.list().data))
assert ports(client) == (parents or ports(client))
"""
    )
    assert ended.said == 9


async def test_an_async_client_works_in_parent_and_child(scripts: Scripts) -> None:
    """Here the parent's loop still runs, in a thread of its own, and has a connection open."""
    ended = await scripts.run(
        FORK
        + """
client = AsyncOpenAIAdmin()
loop = asyncio.new_event_loop()
thread = threading.Thread(target=loop.run_forever)
thread.start()
def call(work):
    return asyncio.run_coroutine_threadsafe(work, loop).result()
call(client.projects.create(name="Before"))
parents = ports(client)
def work():
    async def twice():
        await client.projects.create(name="In the child")
        assert ports(client).isdisjoint(parents)
        return len((await client.projects.list()).data)
    assert asyncio.run(twice()) == 2
    async def at_last():
        async with client:
            return await twice()
    assert asyncio.run(at_last()) == 3
wait(forked(work))
async def last():
    async with client:
        listing = await client.projects.list()
        assert ports(client) == parents
        return len(listing.data)
print(call(last()))
loop.call_soon_threadsafe(loop.stop)
thread.join()
loop.close()
"""
    )
    assert ended.said == 3


async def test_what_was_begun_before_a_fork_says_so_after_it(scripts: Scripts) -> None:
    ended = await scripts.run(
        FORK
        + """
client = OpenAIAdmin()
DAY = 86400
now = int(time.time()) // DAY * DAY
days = client.usage.stream("costs", start_time=now - 40 * DAY, end_time=now)
next(days)
listing = client.projects.list()
def work():
    try:
        list(days)
    except ClientClosedError as error:
        assert "before a fork" in str(error)
    else:
        sys.exit(3)
    assert list(listing) == []  # it makes each request anew
    client.close()
    assert client.is_closed
wait(forked(work))
assert len(list(days)) == 39
async def fork_inside():
    def work():
        call = AsyncOpenAIAdmin().projects.list().__await__()
        try:
            call.send(None)
        except OpenAIAdminError as error:
            assert "does not outlive a fork" in str(error)
            os._exit(0)
    wait(forked(work))
asyncio.run(fork_inside())
print(len(client.projects.list().data))
"""
    )
    assert ended.said == 0


async def test_a_fork_amid_first_calls_hangs_nothing(scripts: Scripts) -> None:
    """Threads begin to work, and hold whatever they hold; their process is forked meanwhile."""
    ended = await scripts.run(
        FORK
        + """
sys.setswitchinterval(1e-5)
def first_calls(delay):
    client = OpenAIAdmin()
    begin = threading.Barrier(4)
    def call():
        begin.wait()
        client.projects.list()
    threads = [threading.Thread(target=call) for _ in range(3)]
    for thread in threads:
        thread.start()
    begin.wait()
    time.sleep(delay)
    def work():
        client.projects.list()
        OpenAIAdmin().users.list()
    wait(forked(work))
    for thread in threads:
        thread.join()
for n in range(12):
    wait(forked(lambda: first_calls(n * 0.002)))
print(0)
"""
    )
    assert ended.said == 0


async def test_a_first_call_takes_no_lock_of_pythons(scripts: Scripts) -> None:
    """A thread of the parent may hold it for good; so nothing is imported, and no policy made."""
    ended = await scripts.run(
        """
        import asyncio, os, sys
        from openai_admin import AsyncOpenAIAdmin, OpenAIAdmin
        assert asyncio.events._lock.acquire(blocking=False)
        by_name = os.environ["OPENAI_BASE_URL"].replace("127.0.0.1", "localhost")
        client, other = OpenAIAdmin(base_url=by_name), AsyncOpenAIAdmin(base_url=by_name)
        client.projects, other.projects
        class Finder:
            def find_spec(self, name, path=None, target=None):
                raise AssertionError(name)
        sys.meta_path.insert(0, Finder())
        client.projects.list()
        async def use():
            async with other:
                return (await other.projects.list()).data
        print(asyncio.run(use()))
        """
    )
    assert ended.said == []


async def test_a_fork_waits_for_imports_and_they_for_it(scripts: Scripts) -> None:
    ended = await scripts.run(
        FORK
        + """
from openai_admin._forks import importing
said = []
imports, may_end = threading.Event(), threading.Event()
def outer():
    with importing(), importing():
        imports.set()
        may_end.wait()
        said.append("imported")
thread = threading.Thread(target=outer)
thread.start()
imports.wait()
def before():
    # It is told first, since it was registered last.
    threading.Timer(0.01, may_end.set).start()
os.register_at_fork(before=before, after_in_parent=lambda: said.append("forked"))
def work():
    with importing():
        assert said == ["imported"]
wait(forked(work))
thread.join()
assert said == ["imported", "forked"]
print(0)
"""
    )
    assert ended.said == 0
