"""Reading what a key may not be allowed to read: the rest is still valid without it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import aclosing
from datetime import datetime
from functools import partial
from typing import TypeVar

from .._declare.pagination import AsyncPager
from .._declare.resource import Async
from .._transport.tasks import TaskGroup
from .._tree import AdminResources
from ..errors import PermissionDeniedError

T = TypeVar("T")

PAGE = 100
"""The most items that a page of a listing has."""


async def every(what: str, pager: AsyncPager[T], unread: Counter[str]) -> list[T]:
    """All items of a listing that can be read.

    Args:
        what: what is listed: a kind in `unread.NOUNS`.
        pager: the listing.
        unread: the others are counted in it.
    """
    items: list[T] = []
    async with aclosing(pager.pages()) as pages:
        async for page in pages:
            items += page.data
            unread[what] += len(page.unreadable)
    return items


async def allowed(
    what: str, pager: AsyncPager[T], missing: list[str], unread: Counter[str]
) -> list[T]:
    """All items of a listing that can be read, or none where the key may not read them.

    Args:
        what: what is listed: a kind in `unread.NOUNS`.
        pager: the listing.
        missing: `what` is added to it, where the key may not read it.
        unread: items that cannot be read are counted in it.
    """
    try:
        return await every(what, pager, unread)
    except PermissionDeniedError:
        missing.append(what)
        return []


async def latest_events(
    client: AdminResources[Async],
    user_ids: Sequence[str],
    *,
    since: datetime,
    now: datetime,
    missing: list[str],
    unread: Counter[str],
) -> dict[str, datetime]:
    """When each of these users last did something that the audit log has recorded.

    Args:
        client: an asynchronous client.
        user_ids: the users; each takes a request.
        since: how far to look back.
        now: where to stop.
        missing: the audit log is added to it, where it may not be read.
        unread: events that cannot be read are counted in it.
    """

    async def latest(user_id: str) -> datetime | None:
        try:
            page = await client.audit_logs.list(
                limit=1, actor_ids=[user_id], effective_at={"gte": since, "lte": now}
            )
        except PermissionDeniedError:
            missing.append("the audit log")
            return None
        unread["the audit log"] += len(page.unreadable)
        return page.data[0].effective_at if page.data else None

    async with TaskGroup() as work:
        found = {id: work.start(partial(latest, id)) for id in user_ids}
    return {id: moment for id, later in found.items() if (moment := later.result)}
