"""One organization with known usage, asked through the command line, Python and MCP."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, date, datetime, tzinfo
from pathlib import Path
from typing import Any
from unittest import mock

import attrs
from mcp_types import CallToolResult

from openai_admin import AsyncOpenAIAdmin
from openai_admin.emulator import Emulator
from openai_admin.emulator.metering.endpoints import ENDPOINTS
from openai_admin.emulator.metering.meter import Meter
from openai_admin.insights import Review
from openai_admin.mcp import Settings, ToolSelection
from openai_admin.usage.queries import UsageQueries
from tests.cli.conftest import invoke
from tests.mcp.serving import connections_to, http_client, listening, texts
from tests.questions.ledger import DAY, Ledger, midnight
from tests.usage.times import NOW

QUIET = (date(2026, 10, 10), date(2026, 10, 11), date(2026, 10, 24))
"""Days on which nobody used anything."""

_ASK_THE_TIME = (
    "cli.usage_asked",
    "cli.usage_rows",
    "insights.gather.reviewing",
    "mcp.insight.costs",
    "mcp.insight.totals",
)


class _Clock(datetime):
    """A clock that stands still."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Any:
        return datetime.fromtimestamp(NOW, tz)


@attrs.frozen
class Told:
    """What a tool answers, as data and as text."""

    structured: dict[str, Any]
    text: str


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
        """What a question's tool answers, as data."""
        return (await self.tool(question, **arguments)).structured

    async def tool(self, question: str, **arguments: Any) -> Told:
        """What a question's tool answers."""
        asked = (question, repr(arguments))
        if asked not in self._asked:
            result = await self._call(question, arguments)
            assert not result.is_error, texts(result)
            self._asked[asked] = Told(result.structured_content, texts(result))
        told: Told = self._asked[asked]
        return told

    async def refusal(self, question: str, **arguments: Any) -> str:
        """What a question's tool says against its arguments."""
        result = await self._call(question, arguments)
        assert result.is_error
        return texts(result)

    async def _call(self, question: str, arguments: Mapping[str, Any]) -> CallToolResult:
        async with http_client(self._server) as assistant:
            return await assistant.call_tool(f"openai_admin_insight_{question}", dict(arguments))

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
        found: Review = self._asked[days]
        return found

    def names(self) -> Mapping[str | None, str]:
        """What projects, people, service accounts and keys are called, from the store."""
        store = self.emulator.store
        keys = [key for table in store.project_api_keys.values() for key in table]
        owners = [key["owner"][key["owner"]["type"]] for key in keys]
        found: dict[str | None, str] = {}
        named: list[Iterable[Any]] = [
            store.projects,
            store.users,
            *store.project_service_accounts.values(),
            keys,
            owners,  # who has left is named nowhere else
        ]
        for table in named:
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
        emulator.store.meter = _metered(emulator.store.meter, emulator.store.seed)
        with _clock():
            yield World(emulator, Ledger(emulator.store.meter, NOW), client, url)


def _metered(meter: Meter, seed: int) -> Meter:
    """A part of the demo's load that is enough: every kind of work, and every third consumer."""
    quiet = dict.fromkeys((midnight(day) // DAY for day in QUIET), 0)
    kinds: set[Any] = set()
    streams = []
    for number, stream in enumerate(meter.streams):
        of = stream.dimensions
        kind = (stream.endpoint, of.get("model"), of.get("batch"), of.get("service_tier"))
        if number % 3 == 0 or kind not in kinds:
            kinds.add(kind)
            streams.append(attrs.evolve(stream, surges={**stream.surges, **quiet}))
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
