"""A scrape of the exporter, recorded: what the dashboard's queries are tried on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal

from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from openai_admin import AsyncOpenAIAdmin
from openai_admin.allocation import Allocation
from openai_admin.emulator import Emulator
from openai_admin.emulator.faults import Drop, MissingScope
from openai_admin.insights.budgets import Budget, BudgetScope
from openai_admin.integrations.prometheus import Answers, Exporter
from tests.integrations.promtool.tool import SAMPLES

TEAMS = Allocation.from_text(
    """
[[rule]]
project = ["Search*", "Data*"]
team = "search"

[[rule]]
project = ["Voice*"]
team = "voice"
"""
)
BUDGETS = (
    Budget(name="organization", limit=Decimal(16_000)),
    Budget(
        name="voice",
        limit=Decimal(5_000),
        scope=BudgetScope(allocated={"team": ("voice",)}),
        on="forecast",
    ),
)
_MOST = 12  # series of a metric that are kept


async def record() -> None:
    """Scrape the exporter of the demo organization, and keep some series of each metric."""
    answers = Answers()
    async with Emulator(state="demo") as demo:
        _leak(demo)
        demo.faults.add(Drop(match="projects.list", times=1))  # so that a failure is counted
        demo.faults.add(MissingScope(match="projects.spend_alerts.list", times=1))
        async with AsyncOpenAIAdmin(
            demo.admin_key, base_url=demo.base_url, on_event=answers
        ) as client:
            exporter = Exporter(
                client, allocation=TEAMS, budgets=BUDGETS, guard=True, answers=answers
            )
            await exporter.refresh()
            exposition = exporter.exposition
            assert exposition is not None
            text = exposition.text.plain.decode()
    SAMPLES.write_text("".join(_some(text)), encoding="utf-8")


def _leak(demo: Emulator) -> None:
    """Let some keys be used far more than usual, whatever the time of the day."""
    for stream in demo.store.meter.streams:
        if stream.endpoint == "completions" and stream.daily > 30_000:
            key = str(stream.dimensions["api_key_id"])
            demo.burst(key, factor=100, minutes=60, start=demo.store.now() // 60 * 60 - 1800)


def _some(text: str) -> Iterator[str]:
    kept = 0
    for line in text.splitlines(keepends=True):
        kept = 0 if line.startswith("#") else kept + 1
        if kept <= _MOST:
            yield line


def samples() -> Iterator[Sample]:
    """The recorded samples."""
    for metric in text_string_to_metric_families(SAMPLES.read_text(encoding="utf-8")):
        yield from metric.samples


def series(sample: Sample) -> str:
    """A sample's series as promtool's files name it."""
    labels = {**sample.labels, "instance": "localhost:9464", "job": "openai"}
    told = (f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in labels.items())
    return f"{sample.name}{{{', '.join(told)}}}"
