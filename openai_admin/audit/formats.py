"""The languages that events are written in."""

from __future__ import annotations

import json
from collections.abc import Callable

from .event import AuditEvent


def encoder(format: str) -> Callable[[AuditEvent], bytes]:
    """What writes an event in a language."""
    return lambda event: json.dumps(event.raw, separators=(",", ":")).encode()
