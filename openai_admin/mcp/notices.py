"""Where a client hears how far its call is: as progress if it asked for that, else as its log."""

from __future__ import annotations

from typing import Any, get_args

from mcp.server import ServerRequestContext
from mcp.server.connection import allowed_log_levels
from mcp.server.streamable_http import MCP_SESSION_ID_HEADER
from mcp_types import (
    EmptyResult,
    LoggingLevel,
    LoggingMessageNotification,
    LoggingMessageNotificationParams,
    SetLevelRequestParams,
)

from .progress import Report

LEVEL: LoggingLevel = "info"
LOGGER = "openai-admin"

_LEVELS: tuple[LoggingLevel, ...] = get_args(LoggingLevel)  # the least severe first
_MOST_SESSIONS = 1_000

Context = ServerRequestContext[Any, Any]


class Notices:
    """Tells clients how far their calls are, as each of them wants it."""

    def __init__(self) -> None:
        self._levels: dict[str | None, LoggingLevel] = {}  # of sessions; the latest last

    async def set_level(self, context: Context, params: SetLevelRequestParams) -> EmptyResult:
        """Take in the least level that a session wants to hear of (``logging/setLevel``)."""
        session = _session(context)
        self._levels.pop(session, None)
        self._levels[session] = params.level
        while len(self._levels) > _MOST_SESSIONS:
            del self._levels[next(iter(self._levels))]
        return EmptyResult()

    def reporter(self, context: Context) -> Report | None:
        """What tells the caller how far its call is; ``None`` where it does not want to hear."""
        session = context.session

        async def progress(seconds: float, message: str) -> None:
            await session.report_progress(seconds, None, message)

        async def log(_seconds: float, message: str) -> None:
            params = LoggingMessageNotificationParams(level=LEVEL, logger=LOGGER, data=message)
            notification = LoggingMessageNotification(params=params)
            await session.send_notification(notification, context.request_id)

        if (context.meta or {}).get("progress_token") is not None:
            return progress
        return log if self._wants_log(context) else None

    def _wants_log(self, context: Context) -> bool:
        # With a handshake a client sets a level, or hears all; without, each request says.
        least = self._levels.get(_session(context), LEVEL)
        is_loud = _LEVELS.index(LEVEL) >= _LEVELS.index(least)
        return is_loud and LEVEL in allowed_log_levels(context.protocol_version, context.meta)


async def is_gone(context: Context) -> bool:
    """Whether nobody is there any more to get the answer to a request over HTTP."""
    return context.request is not None and bool(await context.request.is_disconnected())


def _session(context: Context) -> str | None:
    """What tells a client's session from others; ``None`` where there is but one client."""
    if context.request is None:
        return None
    id: str | None = context.request.headers.get(MCP_SESSION_ID_HEADER)
    return id
