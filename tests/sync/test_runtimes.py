"""Other runtimes than plain threads and asyncio's own loop: gevent, uvloop, trio, none at all."""

from __future__ import annotations

import pytest
import trio

from openai_admin import AsyncOpenAIAdmin, OpenAIAdminError

from .conftest import DAY, EARLY, Scripts

# gevent warns whoever patches late.
QUIETLY = "import warnings; warnings.simplefilter('ignore')"

# What is looked at where eventlet has patched.
EVENTLET = """
import sys, types
sys.modules["eventlet.patcher"] = patcher = types.ModuleType("eventlet.patcher")
patcher.is_monkey_patched = lambda module: module == "thread"
"""


@pytest.mark.parametrize("order", ["patched first", "imported first"])
async def test_greenlets_share_a_client(order: str, scripts: Scripts) -> None:
    """They wait side by side, none of them seems to run in an event loop, and a fork works."""
    first = "from openai_admin import AsyncOpenAIAdmin, OpenAIAdmin; client = OpenAIAdmin()"
    patch = "from gevent import monkey; monkey.patch_all()"
    lines = [patch, first] if order == "patched first" else [QUIETLY, first, patch]
    ended = await scripts.run(
        "\n".join(lines)
        + """
import asyncio, gevent, os, sys
running = []
def look():
    while True:
        running.append(asyncio._get_running_loop())
        gevent.sleep(0.001)
def work(number):
    client.projects.create(name=f"Project {number}")
    return len(list(client.projects.list(limit=3)))
looking = gevent.spawn(look)
jobs = [gevent.spawn(work, n) for n in range(10)]
gevent.joinall(jobs, raise_error=True)
assert max(job.value for job in jobs) == 10
assert len(running) > 3 and set(running) == {None}
looking.kill()
async def loop_of_its_own():
    async with AsyncOpenAIAdmin() as other:
        return [project.name async for project in other.projects.list(limit=3)]
beside = gevent.spawn(lambda: [len(client.projects.list(limit=n).data) for n in range(1, 9)])
assert len(asyncio.run(loop_of_its_own())) == 10
assert beside.get() == list(range(1, 9))
child = os.fork()
if child == 0:
    assert len(list(client.projects.list())) == 10
    sys.exit(0)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
print(len(list(client.projects.list())))
"""
    )
    assert ended.said == 10


@pytest.mark.parametrize(
    ("patch", "said"),
    [
        ("from gevent import monkey; monkey.patch_all(select=False)", "call gevent.monkey.patch_a"),
        (EVENTLET, "eventlet"),
    ],
)
async def test_what_cannot_work_is_refused_at_construction(
    patch: str, said: str, scripts: Scripts
) -> None:
    ended = await scripts.run(f"{patch}\nfrom openai_admin import OpenAIAdmin\nOpenAIAdmin()")
    assert ended.code == 1
    last = ended.err.strip().splitlines()[-1]
    assert last.startswith("openai_admin.errors.ConfigurationError: ")
    assert said in last


async def test_gevents_patching_of_a_client_in_use_is_told(scripts: Scripts) -> None:
    ended = await scripts.run(
        QUIETLY
        + """
from openai_admin import OpenAIAdmin, OpenAIAdminError
used = OpenAIAdmin()
used.projects.list()
from gevent import monkey; monkey.patch_all()
said = set()
for client in (used, OpenAIAdmin()):
    try:
        client.projects.list()
    except OpenAIAdminError as error:
        said.add(str(error))
    client.close()
(sentence,) = said
assert sentence.endswith("call gevent.monkey.patch_all() before the first call."), sentence
print(0)
"""
    )
    assert ended.said == 0


async def test_uvloop(scripts: Scripts) -> None:
    ended = await scripts.run(
        """
        import asyncio, uvloop
        from openai_admin import AsyncOpenAIAdmin
        client = AsyncOpenAIAdmin()
        async def use(name):
            await client.projects.create(name=name)
            pages = await asyncio.gather(*(client.projects.list(limit=n) for n in range(1, 9)))
            return len(pages[-1].data)
        async def last():
            async with client:
                return await use("Third")
        print([uvloop.run(use("First")), uvloop.run(use("Second")), asyncio.run(last())])
        """
    )
    assert ended.said == [1, 2, 3]


def test_trio_is_told_of_the_blocking_client() -> None:
    client = AsyncOpenAIAdmin("sk-admin-canary0123456789", base_url="http://127.0.0.1:9/v1")

    async def listing() -> None:
        async for _project in client.projects.list():
            pass

    async def stream() -> None:
        async for _bucket in client.usage.stream("costs", start_time=0, end_time=DAY):
            pass

    async def use() -> None:
        for work in (
            listing,
            stream,
            client.check,
            lambda: client.users.retrieve("user_1"),
            lambda: client.projects.create(name="New"),
            lambda: client.usage.collect("costs", start_time=0, end_time=DAY),
        ):
            with pytest.raises(OpenAIAdminError, match=r"await trio\.to_thread\.run_sync\("):
                await work()
        await client.close()

    trio.run(use)


def test_no_event_loop_at_all_is_told() -> None:
    client = AsyncOpenAIAdmin("sk-admin-canary0123456789", base_url="http://127.0.0.1:9/v1")
    for call in (
        client.projects.create(name="New"),
        client.usage.collect("costs", start_time=0, end_time=86400),
    ):
        with pytest.raises(OpenAIAdminError, match=r"needs a running asyncio event loop; await"):
            call.send(None)


async def test_what_hinders_the_thread_is_told_and_the_next_call_tries_again(
    scripts: Scripts,
) -> None:
    ended = await scripts.run(
        """
        import os, resource, threading
        from openai_admin import OpenAIAdmin, OpenAIAdminError
        client = OpenAIAdmin()
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        client.projects
        said = []
        def call():
            try:
                client.projects.list()
            except OpenAIAdminError as error:
                said.append(str(error))
        resource.setrlimit(resource.RLIMIT_NOFILE, (len(os.listdir("/proc/self/fd")) - 1, hard))
        call()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        start = threading._start_new_thread
        def refuse(*_):
            raise RuntimeError("can't start new thread")
        threading._start_new_thread = refuse
        call()
        threading._start_new_thread = start
        begin = "The background thread of the blocking client did not start: "
        assert said == [f"{begin}Too many open files.", f"{begin}can't start new thread."], said
        print(len(client.projects.list().data))
        """
    )
    assert ended.said == 0


async def test_an_address_that_no_thread_can_look_up_is_told(scripts: Scripts) -> None:
    ended = await scripts.run(
        """
        import asyncio, os, threading
        from openai_admin import APIConnectionError, AsyncOpenAIAdmin
        def refuse(*_):
            raise RuntimeError("can't start new thread")
        by_name = os.environ["OPENAI_BASE_URL"].replace("127.0.0.1", "localhost")
        async def use():
            async with AsyncOpenAIAdmin(base_url=by_name, max_retries=0) as client:
                start, threading._start_new_thread = threading._start_new_thread, refuse
                try:
                    await client.projects.list()
                except APIConnectionError as error:
                    assert "Could not connect to localhost:" in str(error), error
                threading._start_new_thread = start
                print(len((await client.projects.list()).data))
        asyncio.run(use())
        """
    )
    assert ended.said == 0


async def test_a_call_at_import_time(scripts: Scripts) -> None:
    """The importing thread holds its module's lock, so nothing may be imported in the portal's."""
    ended = await scripts.run(
        f"""
        import sys, threading
        from openai_admin import OpenAIAdmin
        client = OpenAIAdmin()
        client.projects, client.usage
        class Finder:
            def find_spec(self, name, path=None, target=None):
                assert threading.current_thread().name != "openai-admin", name
        sys.meta_path.insert(0, Finder())
        client.projects.list()
        client.usage.collect(["completions", "costs"], start_time={EARLY}, end_time={EARLY + DAY})
        print(0)
        """
    )
    assert ended.said == 0


async def test_no_call_begins_while_the_interpreter_ends(scripts: Scripts) -> None:
    ended = await scripts.run(
        """
        from openai_admin import OpenAIAdmin, OpenAIAdminError
        class Last:
            def __del__(self, error=OpenAIAdminError, say=print):
                try:
                    self.list()
                except error as told:
                    say(told)
        last = Last()
        last.list = OpenAIAdmin().users.list
        """
    )
    assert ended.code == 0
    assert "while the interpreter ends" in ended.out
