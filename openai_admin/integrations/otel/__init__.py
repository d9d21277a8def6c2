"""OpenTelemetry: a client's calls as traces and metrics (extra ``otel``).

::

    client = AsyncOpenAIAdmin(on_event=OpenTelemetryListener())
"""

from __future__ import annotations

from .listener import OpenTelemetryListener

__all__ = ["OpenTelemetryListener"]
