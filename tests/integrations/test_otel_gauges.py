"""The exporter's figures as OpenTelemetry's instruments."""

from __future__ import annotations

from typing import Any

from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader, Sum

from openai_admin import AsyncOpenAIAdmin
from openai_admin.emulator import Emulator
from openai_admin.integrations.otel import observe_figures
from openai_admin.integrations.prometheus import FAMILIES, Answers, Exporter

SUFFIXES = {"s": "_seconds", "1": "", "": ""}


def read(reader: InMemoryMetricReader) -> dict[tuple[str, frozenset[Any]], float]:
    """Values by the name that Prometheus would give over OTLP, and by attributes."""
    data = reader.get_metrics_data()
    found: dict[tuple[str, frozenset[Any]], float] = {}
    for resource in data.resource_metrics if data else []:
        for scope in resource.scope_metrics:
            for metric in scope.metrics:
                end = "_total" if isinstance(metric.data, Sum) else ""
                name = f"{metric.name.replace('.', '_')}{SUFFIXES[metric.unit or '']}{end}"
                for point in metric.data.data_points:
                    attributes = frozenset((point.attributes or {}).items())
                    found[name, attributes] = point.value  # type: ignore[union-attr]
    return found


def _spend(reader: InMemoryMetricReader) -> set[str]:
    """What is told of spend, and whether any of it is known."""
    told = read(reader)
    known = {value for (name, _), value in told.items() if name == "openai_admin_figure_known"}
    spend = {name for name, _ in told if name.startswith("openai_admin_spend_")}
    assert known == {float(bool(spend))}
    return spend


async def test_they_are_those_of_a_scrape_and_end_with_them(demo: Emulator) -> None:
    reader = InMemoryMetricReader()
    meters = MeterProvider(metric_readers=[reader])
    answers = Answers()
    async with AsyncOpenAIAdmin(demo.admin_key, base_url=demo.base_url, on_event=answers) as client:
        exporter = Exporter(client, only=["spend", "names"], answers=answers)
        observe_figures(exporter, meter_provider=meters)
        assert not _spend(reader)  # nothing is known yet
        await exporter.refresh()
        observed = read(reader)
        assert observed == {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for metric in exporter.collect()
            for sample in metric.samples
        }
        assert any(name == "openai_admin_api_answers_total" for name, _ in observed)
        assert {name for name, _ in observed} < {family.full_name for family in FAMILIES}
        assert _spend(reader)
        exporter._figures.clear()  # private: as when the day and the month are over
        exporter._make()
        assert not _spend(reader)
    meters.shutdown()
