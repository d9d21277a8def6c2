"""Bills written once for all tests that only look at them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import attrs
import pytest
import pytest_asyncio

from openai_admin import AsyncOpenAIAdmin
from openai_admin.emulator import Emulator
from openai_admin.export import FocusSummary, focus
from openai_admin.insights import Period
from openai_admin.usage.table import UsageTable
from tests.export.focus_file.biller import OCTOBER, Biller, odd_bill

MONTH = datetime.now(UTC).date().replace(day=1) - timedelta(days=1)
WEEK = Period(MONTH.replace(day=1) - timedelta(days=1), MONTH.replace(day=3))
"""The last day of the month before the last, and two of the last one."""


@attrs.frozen
class Written:
    """A bill in both forms.

    Attributes:
        csv: the file.
        parquet: the same.
        summary: what the run that wrote the CSV said.
        costs: the table of the same costs.
    """

    csv: Path
    parquet: Path
    summary: FocusSummary
    costs: UsageTable

    @property
    def total(self) -> Decimal:
        """What the costs come to, whatever currency is said."""
        return sum(self.costs.totals("currency")["amount"], Decimal(0))


async def written(client: AsyncOpenAIAdmin, folder: Path, period: Period) -> Written:
    """Write a bill in both forms."""
    csv, parquet = folder / "focus.csv", folder / "focus.parquet"
    summary = await focus(client, csv, period=period, details=["api_key_id"])
    await focus(client, parquet, period=period)
    costs = await client.usage.collect("costs", start_time=period.start, end_time=period.end)
    return Written(csv, parquet, summary, costs)


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def demo_bill(tmp_path_factory: pytest.TempPathFactory) -> Written:
    """A week of the demo organization, in two billing periods."""
    async with (
        Emulator() as emulator,
        AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url) as client,
    ):
        return await written(client, tmp_path_factory.mktemp("demo"), WEEK)


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def odd(tmp_path_factory: pytest.TempPathFactory) -> Written:
    """A bill with all that amounts have been seen as."""
    async with Biller(odd_bill()) as biller, biller.client() as client:
        return await written(client, tmp_path_factory.mktemp("odd"), OCTOBER)
