"""The page's commands and its sink do what it says of them."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

import openai_admin
from openai_admin import SinkError
from openai_admin.workflows.sinks.forms import sink_of
from openai_admin.workflows.sinks.sink import check, guarded, name_of
from tests.served import Served
from tests.workflows.sinks.programs import program

SECRET = "sk-svcacct-" + "abcDEF0123456789" * 8
HIDDEN = "sk-svcacct-…6789"
PAGE = Path(openai_admin.__file__).parent / "workflows" / "README.md"
SECTION = PAGE.read_text(encoding="utf-8").partition("## Sinks")[2].partition("\n## ")[0]
COMMANDS = [shlex.split(line)[1] for line in re.findall(r"^--to .*", SECTION, re.MULTILINE)]


@pytest.mark.parametrize("command", COMMANDS)
async def test_the_secret_is_the_input_of_a_command_and_nothing_else(
    command: str, programs: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    told = sorted(command.removeprefix("command:").split(" | "))
    name = told[0].partition(" ")[0]
    program(programs, name, f'echo "{name} $*" >> told; env >> environment; tee -a in < /dev/stdin')
    sink = sink_of(command)
    assert await check(sink) is None
    await sink.put(SECRET)
    assert sorted((programs / "told").read_text().splitlines()) == told
    assert (programs / "in").read_text() == SECRET * len(told)
    assert SECRET not in (programs / "environment").read_text()
    assert capfd.readouterr().err == f"{HIDDEN}\n"
    assert SECRET not in str(sink)


def test_all_three_commands_are_there() -> None:
    assert [re.split("[: ]", command)[1] for command in COMMANDS] == ["gh", "kubectl", "vault"]


class _Store(Served):
    """A key-value store with one key."""

    def __init__(self) -> None:
        self.value: str | None = None
        self.status = 200

    def application(self) -> web.Application:
        application = web.Application()
        application.router.add_get("/v1/kv/app", self._get)
        application.router.add_put("/v1/kv/app", self._put)
        return application

    async def _get(self, _: web.Request) -> web.Response:
        return web.Response(text=self.value, status=404 if self.value is None else self.status)

    async def _put(self, request: web.Request) -> web.Response:
        if self.status == 200:
            self.value = await request.text()
        return web.Response(status=self.status)


async def test_the_sink_of_the_example() -> None:
    (example,) = re.findall(r"^```python\n(.*?)^```", SECTION, re.MULTILINE | re.DOTALL)
    made: dict[str, Any] = {"aiohttp": aiohttp}
    exec(example, made)
    async with _Store() as store:
        sink = guarded(made["Consul"](f"{store.base_url}/kv/app"))
        assert await check(sink) is None
        await sink.put(SECRET)
        assert (store.value, await sink.get()) == (SECRET, SECRET)
        assert name_of(sink) == "Consul"
        store.status = 500
        for call, in_doubt in ((sink.get(), False), (sink.put(SECRET), True)):
            with pytest.raises(SinkError, match="Consul failed: 500") as caught:
                await call
            assert caught.value.in_doubt == in_doubt


class _Waiting:
    """A sink with stages that repeats what it was given."""

    def __str__(self) -> str:
        return "waiting"

    async def get(self) -> str | None:
        raise OSError

    async def put(self, secret: str) -> None:
        raise ValueError(f"{secret!r} is too long.")

    stage = put

    async def staged(self) -> str | None:
        return SECRET

    async def promote(self) -> None:
        raise KeyError("promote")


async def test_what_any_sink_raises_is_its_error_and_shows_no_secret() -> None:
    sink: Any = guarded(_Waiting())
    assert await sink.staged() == SECRET
    for call, why, in_doubt in (
        (sink.get(), "OSError", False),
        (sink.put(SECRET), f"'{HIDDEN}' is too long", True),
        (sink.stage(SECRET), f"'{HIDDEN}' is too long", False),
        (sink.promote(), "'promote'", True),
    ):
        with pytest.raises(SinkError) as caught:
            await call
        assert (str(caught.value), caught.value.in_doubt) == (f"waiting failed: {why}.", in_doubt)
