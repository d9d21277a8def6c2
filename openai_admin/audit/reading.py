"""The events of a stretch of the audit log, the oldest first."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import datetime
from typing import Any

from .._declare.resource import Async
from ..resources.audit_logs import AuditLogs
from ..resources.audit_logs.items import Item, items_of

_PAGE = 100


async def read(
    audit_logs: AuditLogs[Async], since: datetime, until: datetime, **filters: Any
) -> AsyncGenerator[Item, None]:
    """Yield the events of a stretch of time, the oldest first, those that are odd among them.

    Args:
        audit_logs: the log.
        since: when it begins.
        until: when it ends, not included.
        filters: as `AuditLogs.list` takes them.
    """
    found: list[Item] = []
    pages = audit_logs.list(limit=_PAGE, effective_at=(since, until), **filters).pages()
    async with aclosing(pages):
        async for page in pages:
            found += items_of(page)
    for item in reversed(found):
        yield item
