"""The figures of the Prometheus exporter, as OpenTelemetry's asynchronous instruments."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from opentelemetry import metrics
from opentelemetry.metrics import CallbackOptions, Observation

from ...version import __version__

if TYPE_CHECKING:
    from ..prometheus import Exporter, Family

_SECONDS = "_seconds"


def observe_figures(
    exporter: Exporter, *, meter_provider: metrics.MeterProvider | None = None
) -> None:
    """Offer everything that an exporter exposes as asynchronous instruments of the same names.

    An instrument is named as its metric for Prometheus, without `_seconds`, which is its unit, and
    `_total`: whoever brings it to Prometheus over OTLP gets the very names, and the alert rules and
    the dashboard fit. A reading asks the API nothing; what is not known has no observation. The
    exporter refreshes its figures in `Exporter.run`.

    ::

        exporter = Exporter(client, answers=answers)  # extra `metrics`
        observe_figures(exporter)
        await exporter.run()  # as a task, beside the application

    Args:
        exporter: what has the figures.
        meter_provider: by default the global one.
    """
    from ..prometheus import FAMILIES  # whoever has an exporter has its extra

    meter = metrics.get_meter("openai_admin", __version__, meter_provider)
    for family in FAMILIES:
        name, unit = _named(family)
        create: Callable[..., object] = (
            meter.create_observable_counter
            if family.kind == "counter"
            else meter.create_observable_gauge
        )
        create(name, [partial(_observations, exporter, family)], unit, family.help)


def _named(family: Family) -> tuple[str, str]:
    """The name of an instrument, and its unit."""
    if family.name.endswith(_SECONDS):
        return f"openai_admin.{family.name.removesuffix(_SECONDS)}", "s"
    # Not everybody adds `_ratio`; who does, does so once.
    return f"openai_admin.{family.name}", "1" if family.name.endswith("_ratio") else ""


def _observations(
    exporter: Exporter, family: Family, options: CallbackOptions
) -> Iterator[Observation]:
    for metric in exporter.collect():
        for sample in metric.samples:
            if sample.name == family.full_name:
                yield Observation(sample.value, sample.labels)
