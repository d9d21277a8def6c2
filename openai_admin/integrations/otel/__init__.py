"""OpenTelemetry: a client's calls as traces and metrics, an organization's figures as gauges.

Extra ``otel``; the figures are those of the Prometheus exporter, extra ``metrics``.

::

    client = AsyncOpenAIAdmin(on_event=OpenTelemetryListener())
"""

from __future__ import annotations

from .gauges import observe_figures
from .listener import OpenTelemetryListener

__all__ = ["OpenTelemetryListener", "observe_figures"]
