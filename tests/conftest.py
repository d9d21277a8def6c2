"""What tests share: the emulator, the clients that are tried on it, answers without a socket."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from datetime import datetime
from types import ModuleType, SimpleNamespace
from typing import Any

import aiohttp
import openai
import pytest
from aioresponses import aioresponses
from hypothesis import HealthCheck, settings
from xdist.scheduler import WorkStealingScheduling

import openai_admin
import openai_admin.errors
from openai_admin import AsyncOpenAIAdmin, OpenAIAdmin
from openai_admin.emulator import Emulator
from tests.export.focus_file.validator import interpreter
from tests.integrations.promtool import tool as promtool
from tests.report.chromium import installed

# On a busy machine an example may take any time, which says nothing about what it shows.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

# Processes that tests start read what was compiled once, whatever the machine's settings.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# What a client or the official one reads; proxies also by their names in lower case.
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
_ENVIRONMENT = (
    *("OPENAI_ADMIN_KEY", "OPENAI_BASE_URL", "OPENAI_ORG_ID", "OPENAI_API_KEY"),
    *("OPENAI_MTLS_CLIENT_CERT_FILE", "OPENAI_MTLS_CLIENT_KEY_FILE"),
    "OPENAI_ADMIN_WEBHOOK_URL",
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE"),
    *_PROXIES,
    *map(str.lower, _PROXIES),
)

# Where pip installed everything there is no browser. CI has one, or fails.
_NO_BROWSER = installed() is None and not os.environ.get("CI")


def pytest_configure() -> None:
    """Tests press Ctrl-C, which a shell makes programs ignore that it starts in the background."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Keep the garbage collector from looking at 21,000 tests, which stay, again and again."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.set_threshold(10_000, 20, 20)  # what a test leaves is small beside what all tests keep
        gc.enable()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> WorkStealingScheduling:
    """Give each process one half of all tests, so that one of them makes what a module shares."""
    return WorkStealingScheduling(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without a browser, leave out what opens the report's page in one (and say so at the end)."""
    if _NO_BROWSER:
        needing = [item for item in items if "tab" in getattr(item, "fixturenames", ())]
        items[:] = [item for item in items if item not in needing]
        config.hook.pytest_deselected(items=needing)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was left out, or was held to less than elsewhere."""
    if _NO_BROWSER:
        terminalreporter.write_line(
            "Chromium is not installed: the report's page was not opened in a browser"
            " (Debian: apt-get install --no-install-recommends chromium).",
            yellow=True,
        )
    if interpreter() is None:
        terminalreporter.write_line(
            "focus-validator is not installed (see tests/export/focus_file/validator.py): FOCUS"
            " files were held to what tests/data/focus_1_2.json has of its rules.",
            yellow=True,
        )
    if promtool.installed() is None:
        terminalreporter.write_line(
            "promtool is not installed: alert rules, dashboard and metrics were compared with those"
            " that it has accepted (Debian: the package prometheus; PROMTOOL names the program).",
            yellow=True,
        )


@pytest.fixture(autouse=True)
def _own_log_level() -> Iterator[None]:
    """A command sets the level of this package's log, which no other test must meet."""
    log = logging.getLogger("openai_admin")
    level = log.level
    yield
    log.setLevel(level)


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine's own settings must not reach a test."""
    for name in _ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    """An organization that has only an owner and the admin key."""
    async with Emulator(state="empty") as emulator:
        yield emulator


@pytest.fixture
async def demo() -> AsyncIterator[Emulator]:
    """The demo organization."""
    async with Emulator(state="demo") as emulator:
        yield emulator


class _Response(aiohttp.ClientResponse):
    """aiohttp 3.14 needs a stream writer that aioresponses 0.7 does not pass."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("stream_writer", SimpleNamespace(output_size=0))
        super().__init__(*args, **kwargs)


@pytest.fixture
def wire() -> Iterator[aioresponses]:
    """Prepared answers without a socket."""
    with aioresponses() as prepared:
        original = prepared.add

        def add(*args: Any, **kwargs: Any) -> None:
            kwargs.setdefault("response_class", _Response)
            original(*args, **kwargs)

        prepared.add = add  # type: ignore[method-assign]
        yield prepared


class Surface:
    """One of the clients that a scenario runs on: ours, both ways, or the official one.

    Scenarios say what to call as a function of the client, whose tree is the same for all three.
    """

    ours: bool
    errors: ModuleType

    async def call(self, work: Callable[[Any], Any]) -> Any:
        """The result of one call."""
        raise AssertionError("for subclasses")

    async def items(self, work: Callable[[Any], Any]) -> list[Any]:
        """Every item of a listing, over all its pages."""
        raise AssertionError("for subclasses")

    async def close(self) -> None:
        """Close the client."""
        raise AssertionError("for subclasses")

    @staticmethod
    def seconds(moment: datetime | int | None) -> int | None:
        """A moment as Unix seconds: ours gives datetimes, the official client integers."""
        return int(moment.timestamp()) if isinstance(moment, datetime) else moment


class AsyncSurface(Surface):
    ours = True
    errors = openai_admin.errors

    def __init__(self, emulator: Emulator) -> None:
        self.client = AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url)

    async def call(self, work: Callable[[Any], Any]) -> Any:
        return await work(self.client)

    async def items(self, work: Callable[[Any], Any]) -> list[Any]:
        return [item async for item in work(self.client)]

    async def close(self) -> None:
        await self.client.close()


class BlockingSurface(Surface):
    ours = True
    errors = openai_admin.errors

    def __init__(self, emulator: Emulator) -> None:
        self.client = OpenAIAdmin(emulator.admin_key, base_url=emulator.base_url)

    async def call(self, work: Callable[[Any], Any]) -> Any:
        return await asyncio.to_thread(work, self.client)

    async def items(self, work: Callable[[Any], Any]) -> list[Any]:
        return await asyncio.to_thread(lambda: list(work(self.client)))

    async def close(self) -> None:
        await asyncio.to_thread(self.client.close)


class _OfficialTree:
    """The official client's resources as ours are named: `organization.` is left out."""

    def __init__(self, client: openai.AsyncOpenAI) -> None:
        self._client = client

    def __getattr__(self, name: str) -> Any:
        whole = name == "fine_tuning"
        return getattr(self._client if whole else self._client.admin.organization, name)


class OfficialSurface(Surface):
    """The official client, which refuses answers that do not fit its models."""

    ours = False
    errors = openai

    def __init__(self, emulator: Emulator) -> None:
        self._openai = openai.AsyncOpenAI(
            admin_api_key=emulator.admin_key,
            api_key=emulator.admin_key,  # it is the one sent outside `/organization`
            base_url=emulator.base_url,
            max_retries=0,
            _strict_response_validation=True,
        )
        self.client = _OfficialTree(self._openai)

    async def call(self, work: Callable[[Any], Any]) -> Any:
        return await work(self.client)

    async def items(self, work: Callable[[Any], Any]) -> list[Any]:
        return [item async for item in work(self.client)]

    async def close(self) -> None:
        await self._openai.close()


_SURFACES = {"async": AsyncSurface, "blocking": BlockingSurface, "official": OfficialSurface}


async def _surface(name: str, emulator: Emulator) -> AsyncIterator[Surface]:
    surface = _SURFACES[name](emulator)
    yield surface
    await surface.close()


@pytest.fixture(params=sorted(_SURFACES))
async def surface(request: pytest.FixtureRequest, emulator: Emulator) -> AsyncIterator[Surface]:
    """Each client in turn, on the `emulator`."""
    async for surface in _surface(request.param, emulator):
        yield surface


@pytest.fixture(params=sorted(_SURFACES))
async def demo_surface(request: pytest.FixtureRequest, demo: Emulator) -> AsyncIterator[Surface]:
    """Each client in turn, on the `demo` organization."""
    async for surface in _surface(request.param, demo):
        yield surface
