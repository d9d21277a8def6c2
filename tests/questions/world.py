"""One organization with known usage, asked through the command line, Python and MCP."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, date, datetime, tzinfo
from pathlib import Path
from typing import Any
from unittest import mock

import attrs

from openai_admin import AsyncOpenAIAdmin
from openai_admin.emulator import Emulator
from openai_admin.emulator.metering.endpoints import ENDPOINTS
from openai_admin.emulator.metering.meter import Meter
from openai_admin.insights import Review
from openai_admin.mcp import Settings, ToolSelection
from openai_admin.usage.queries import UsageQueries
from tests.cli.conftest import invoke
from tests.mcp.serving import call, connections_to, http_client, listening
from tests.questions.ledger import DAY, Ledger, midnight
from tests.usage.times import NOW

QUIET = (date(2026, 10, 10), date(2026, 10, 11), date(2026, 10, 24))
"""Days on which nobody used anything."""

_ASK_THE_TIME = (
    "cli.usage",
    "insights.gather",
    "mcp.insight.money",
    "mcp.insight.totals",
)


class _Clock(datetime):
    """A clock that stands still."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Any:
        return datetime.fromtimestamp(NOW, tz)


@attrs.define
class World:
    """The organization, and the ways to ask about it."""

    emulator: Emulator
    ledger: Ledger
    client: AsyncOpenAIAdmin
    _server: str
    _asked: dict[Any, Any] = attrs.field(factory=dict)

    async def cli(self, *words: str) -> Any:
        """What a command line writes as JSON."""
        if words not in self._asked:
            with mock.patch.dict(os.environ, self._settings()):
                self._asked[words] = (await invoke(*words)).json
        return self._asked[words]

    def _settings(self) -> dict[str, str]:
        return {
            "OPENAI_ADMIN_KEY": self.emulator.admin_key,
            "OPENAI_BASE_URL": self.emulator.base_url,
            "XDG_CONFIG_HOME": os.devnull,
        }

    async def mcp(self, question: str, **arguments: Any) -> dict[str, Any]:
        """What a question's tool answers."""
        async with http_client(self._server) as assistant:
            return await call(assistant, f"insight_{question}", **arguments)

    async def report(self, part: str, *, days: int) -> Any:
        """A part of what the command ``report`` writes as JSON."""
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "report.json"
            with mock.patch.dict(os.environ, self._settings()):
                ended = await invoke("report", "--days", str(days), "--out", str(file))
            assert ended.code == 0, ended.err
            return json.loads(file.read_text())[part]

    async def review(self, days: int) -> Review:
        """What Python's review finds."""
        if days not in self._asked:
            now = datetime.fromtimestamp(NOW, UTC)
            self._asked[days] = await self.client.insights.review(days=days, now=now)
        return self._asked[days]

    def names(self) -> Mapping[str | None, str]:
        """What projects, people, service accounts and keys are called, from the store."""
        store = self.emulator.store
        found: dict[str | None, str] = {}
        for table in (
            store.projects,
            store.users,
            *store.project_service_accounts.values(),
            *store.project_api_keys.values(),
        ):
            found |= {record["id"]: record["name"] for record in table}
        return found

    def limit(self) -> int:
        """The organization's spend limit, in cents."""
        return int(self.emulator.store.settings["spend_limit",]["threshold_amount"])


@asynccontextmanager
async def world() -> AsyncIterator[World]:
    """The demo organization at a moment that does not pass, with some days without any use."""
    settings = Settings(choice=ToolSelection(toolsets=["insight"], globs=["insight_*"]))
    async with (
        Emulator(now=lambda: NOW) as emulator,
        AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client,
        connections_to(emulator) as connections,
        listening(connections, settings) as url,
    ):
        emulator.store.meter = _with_quiet_days(emulator.store.meter, emulator.store.seed)
        with _clock():
            yield World(emulator, Ledger(emulator.store.meter, NOW), client, url)


def _with_quiet_days(meter: Meter, seed: int) -> Meter:
    quiet = dict.fromkeys((midnight(day) // DAY for day in QUIET), 0)
    streams = [attrs.evolve(s, surges={**s.surges, **quiet}) for s in meter.streams]
    return Meter(streams, endpoints=ENDPOINTS, seed=seed)


@contextmanager
def _clock() -> Iterator[None]:
    """Every surface reads the same time, whatever this machine's clock shows."""
    with mock.patch.object(UsageQueries, "_clock", staticmethod(lambda: NOW)):
        patches = [mock.patch(f"openai_admin.{name}.datetime", _Clock) for name in _ASK_THE_TIME]
        for patch in patches:
            patch.start()
        try:
            yield
        finally:
            for patch in patches:
                patch.stop()
