"""A log that whoever connects cannot fill."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

SLOW = "A request did not come to its end in time."
_SILENCE = 60.0
_log = logging.getLogger("openai_admin.mcp.http")


class Quiet:
    """Logs one line of a kind a minute, and with the next how many there were meanwhile.

    Args:
        clock: monotonic seconds.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._told: dict[str, float] = {}
        self._more: dict[str, int] = {}

    def warn(self, kind: str, line: str) -> None:
        """Log a line, unless there was one of its kind within a minute.

        Args:
            kind: what it is about; one of few.
            line: what happened.
        """
        now = self._clock()
        if now < self._told.get(kind, now):
            self._more[kind] = self._more.get(kind, 0) + 1
            return
        self._told[kind] = now + _SILENCE
        more = self._more.pop(kind, 0)
        _log.warning("%s%s", line, f" ({more} more like it since the last line.)" if more else "")


class _Quietened(logging.Filter):
    """Passes what the SDK logs of a request on to a log that nobody can fill."""

    def __init__(self) -> None:
        super().__init__()
        self._quiet = Quiet()

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno < logging.WARNING:
            return True
        # Where it is logged is one of few; what is logged may be the client's own words.
        self._quiet.warn(f"{record.name}:{record.lineno}", record.getMessage())
        return False


_QUIETENED = _Quietened()
_TALKATIVE = (  # the SDK's loggers to which whoever sends requests can make it log
    "mcp.server._streamable_http_modern",
    "mcp.server.request_state",
    "mcp.server.runner",
    "mcp.server.streamable_http",
    "mcp.server.streamable_http_manager",
    "mcp.server.subscriptions",
    "mcp.shared.jsonrpc_dispatcher",
)


def quieten_sdk() -> None:
    """Have the SDK's loggers log one line of a kind a minute; again does nothing."""
    for name in _TALKATIVE:
        logging.getLogger(name).addFilter(_QUIETENED)
